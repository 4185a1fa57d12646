//! The reference for reading: libdeflate on all members of archives, whose places are known, with nothing kept.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use libdeflater::Decompressor;
use rayon::prelude::*;
use sessionkeep::testing::archive::Archive;

/// Reads and decompresses `archives` on all threads of `pool`; returns how many bytes that makes.
pub fn decompress(pool: &rayon::ThreadPool, archives: &[PathBuf]) -> usize {
    let read = |path: &PathBuf| {
        let archive = Archive::open(path).expect("it is an archive of this program");
        let mut at = archive.block_range(0..0).map_or(0, |range| range.start as usize);
        let members = archive.blocks().iter().filter(|block| block.compressed_bytes > 0).map(|block| {
            let start = at;
            at += block.compressed_bytes as usize;
            (start..at, block.masked_bytes as usize)
        });
        let members: Vec<(Range<usize>, usize)> = members.collect();
        (fs::read(path).expect("it was opened just now"), members)
    };
    pool.install(|| {
        archives
            .par_iter()
            .with_max_len(1)
            .map(|path| {
                let (bytes, members) = read(path);
                inflate(&bytes, &members)
            })
            .sum()
    })
}

fn inflate(bytes: &[u8], members: &[(Range<usize>, usize)]) -> usize {
    let state = || (Decompressor::new(), Vec::new());
    let one = |(decompressor, text): &mut (Decompressor, Vec<u8>),
               (place, length): &(Range<usize>, usize)| {
        text.resize(text.len().max(*length), 0);
        decompressor.gzip_decompress(&bytes[place.clone()], &mut text[..*length]).expect("a whole member")
    };
    members.par_iter().with_max_len(1).map_init(state, one).sum()
}
