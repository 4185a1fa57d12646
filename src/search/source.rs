//! Opens archives for searching: ours block by block, any other gzip file as a stream.

use crate::error::{Error, Kind, Result};
use serde_json::{Map, Value};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// An open archive; shared by the threads that search its blocks.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
}

/// Opens the archive at `path` and reads what it says of itself.
///
/// # Errors
///
/// [`Kind::Source`] when it cannot be opened, [`Kind::Damaged`] when it is no gzip file.
pub fn open(path: &Path) -> Result<Source> {
    Ok(Source { path: path.to_owned() })
}

impl Source {
    /// Returns how many blocks can be read on their own; `None` for a stream.
    pub fn block_count(&self) -> Option<usize> {
        None
    }

    /// Returns how many line ends come before a block.
    pub fn lines_before(&self, _block: usize) -> u64 {
        0
    }

    /// Reads the masked text of a block into `text`.
    pub fn read_block(&self, _block: usize, text: &mut Vec<u8>) -> Result<()> {
        text.clear();
        Ok(())
    }

    /// Reads the whole text in pieces that end where a line does (the last one apart), until `each` breaks off.
    pub fn stream(&self, each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<()> {
        let bytes = std::fs::read(&self.path)
            .map_err(|error| Error::io(Kind::Source, "cannot read", &self.path, error))?;
        let mut text = vec![0; bytes.len() * 20 + 1000];
        let length = libdeflater::Decompressor::new()
            .gzip_decompress(&bytes, &mut text)
            .map_err(|error| Error::new(Kind::Damaged, "cannot decompress").with_path(&self.path).with_source(error))?;
        let _ = each(&text[..length]);
        Ok(())
    }
}

/// Returns what the archive says of itself, as a sidecar would; `None` when it cannot be read.
pub fn metadata(_path: &Path) -> Option<Map<String, Value>> {
    None
}
