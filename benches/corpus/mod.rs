//! Makes transcripts that look like real ones to a masker and to a compressor: any number of megabytes, the same for
//! the same seed. For benches and tests (`#[path = "corpus/mod.rs"] mod corpus;`).
//!
//! What "like real ones" means was counted on public Claude Code and Codex transcripts: sizes of files and lines,
//! which rows there are and what they weigh, how often a byte belongs to an escape, how much is not ASCII, how much
//! is base64, how often one output stands two or three times in a file, and what is broken now and then.
//!
//! [`plan`] says which files there will be; each [`Planned`] file is made on its own, so in any order and on any
//! number of threads.

#![allow(dead_code, reason = "each bench uses what it needs")]

mod claude_code;
mod codex;
mod random;
mod row;
mod text;

use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use random::Random;

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub seed: u64,
    /// Bytes of all files together; the last file may pass it by a line.
    pub bytes: u64,
    /// Secrets planted in each 2^20 bytes, on average. Real transcripts have far less than one.
    pub secrets_per_mebibyte: f64,
}

impl Options {
    /// Returns options for `bytes` of transcripts without a secret.
    pub fn new(bytes: u64) -> Options {
        Options { seed: 1, bytes, secrets_per_mebibyte: 0.0 }
    }
}

/// Whose transcript a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    ClaudeCode,
    /// A subagent's file in its session's directory.
    ClaudeSubagent,
    Codex,
}

/// One file that is still to be made.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    pub kind: Kind,
    pub seed: u64,
    /// What the file will hold, but for the last line; 0 for an empty file.
    pub bytes: usize,
    pub secrets_per_mebibyte: f64,
}

/// A file that was made.
pub struct File {
    /// Relative: `claude/projects/...` or `codex/sessions/...`, as in the agents' homes.
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    /// The secrets in it, as their bytes stand in the file (they hold none that any escape changes). Each stands there
    /// at least once, most twice.
    pub secrets: Vec<Vec<u8>>,
}

/// Median and spread (sigma of the logarithm) of file sizes, fitted by eye to counts whose upper end is cut off.
const FILE_BYTES_MEDIAN: f64 = 600_000.0;
const FILE_BYTES_SIGMA: f64 = 1.4;

/// Largest file. Files of 200 MB exist, one in thousands.
const FILE_BYTES_MAX: f64 = 100e6;

/// Lists the files that hold `options.bytes` together. No file takes more than a quarter of all, so that a small corpus
/// has more than one.
pub fn plan(options: &Options) -> Vec<Planned> {
    let mut random = Random::new(options.seed);
    let mut left = options.bytes as f64;
    let largest = FILE_BYTES_MAX.min((options.bytes as f64 / 4.0).max(4096.0));
    let mut files = Vec::new();
    while left > 0.0 {
        let seed = random.next();
        let (kind, bytes) = match random.below(100) {
            0..4 => (Kind::ClaudeCode, 0.0),
            4..14 => (Kind::ClaudeSubagent, random.log_normal(6_000.0, 1.8)),
            14..34 => (Kind::Codex, random.log_normal(FILE_BYTES_MEDIAN, FILE_BYTES_SIGMA)),
            _ => (Kind::ClaudeCode, random.log_normal(FILE_BYTES_MEDIAN, FILE_BYTES_SIGMA)),
        };
        let bytes = bytes.min(largest).min(left);
        left -= bytes;
        let secrets_per_mebibyte = options.secrets_per_mebibyte;
        files.push(Planned { kind, seed, bytes: bytes as usize, secrets_per_mebibyte });
        if left < 1.0 {
            break;
        }
    }
    files
}

impl Planned {
    /// Makes the file.
    pub fn make(&self) -> File {
        let mut random = Random::new(self.seed);
        let mut text = text::Writer::new(random.next(), self.secrets_per_mebibyte);
        let (path, mut bytes) = match self.kind {
            Kind::ClaudeCode => claude_code::session(&mut random, &mut text, self.bytes),
            Kind::ClaudeSubagent => claude_code::subagent(&mut random, &mut text, self.bytes),
            Kind::Codex => codex::session(&mut random, &mut text, self.bytes),
        };
        if !bytes.is_empty() {
            break_end(&mut random, &mut bytes);
        }
        let mut secrets = text.into_planted();
        // A torn last line may have taken the last one with it.
        secrets.retain(|secret| memchr::memmem::find(&bytes, secret).is_some());
        File { path, bytes, secrets }
    }
}

/// Ends a file as crashes do now and then: without its last newline, or in the middle of a line.
fn break_end(random: &mut Random, bytes: &mut Vec<u8>) {
    match random.below(100) {
        0..5 => {
            bytes.pop();
        }
        5..8 => {
            let start = memchr::memrchr(b'\n', &bytes[..bytes.len() - 1]).map_or(0, |at| at + 1);
            let cut = start + 1 + random.below(bytes.len() - start - 1);
            bytes.truncate(cut);
        }
        _ => {}
    }
}

/// Makes all files in memory, in the plan's order.
pub fn in_memory(options: &Options) -> Vec<File> {
    plan(options).par_iter().map(Planned::make).collect()
}

/// Makes one Claude Code transcript of at least `bytes`: for benches of a single stage.
pub fn one_transcript(seed: u64, bytes: usize, secrets_per_mebibyte: f64) -> File {
    Planned { kind: Kind::ClaudeCode, seed, bytes, secrets_per_mebibyte }.make()
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    pub files: u64,
    pub bytes: u64,
    pub secrets: u64,
}

/// Writes all files below `directory`. Existing files of the same name are overwritten.
///
/// # Errors
///
/// The first error of the file system; what was written before it stays.
pub fn into_directory(options: &Options, directory: &Path) -> io::Result<Summary> {
    let add = |one: Summary, other: Summary| Summary {
        files: one.files + other.files,
        bytes: one.bytes + other.bytes,
        secrets: one.secrets + other.secrets,
    };
    plan(options)
        .par_iter()
        .map(|planned| {
            let file = planned.make();
            let path = directory.join(&file.path);
            std::fs::create_dir_all(path.parent().unwrap_or(directory))?;
            std::fs::write(&path, &file.bytes)?;
            Ok(Summary { files: 1, bytes: file.bytes.len() as u64, secrets: file.secrets.len() as u64 })
        })
        .try_reduce(Summary::default, |one, other| Ok(add(one, other)))
}
