//! The reference: libdeflate alone, on bytes that are in memory, in blocks like ours, with nothing kept.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use libdeflater::{CompressionLvl, Compressor};
use rayon::prelude::*;

/// A compressor and its buffer, reused from block to block as anyone would.
pub struct Deflate {
    compressor: Compressor,
    out: Vec<u8>,
}

impl Deflate {
    pub fn new(level: u8) -> Deflate {
        let level = CompressionLvl::new(i32::from(level)).expect("a level of libdeflate");
        Deflate { compressor: Compressor::new(level), out: Vec::new() }
    }

    /// Compresses `block` and returns how many bytes that makes.
    pub fn block(&mut self, block: &[u8]) -> usize {
        self.out.resize(self.compressor.gzip_compress_bound(block.len()), 0);
        self.compressor.gzip_compress(block, &mut self.out).expect("the bound leaves room")
    }

    /// Compresses all blocks one after the other; returns how many bytes that makes.
    pub fn blocks(&mut self, bytes: &[u8], blocks: &[Range<usize>]) -> usize {
        blocks.iter().map(|block| self.block(&bytes[block.clone()])).sum()
    }
}

/// Compresses `blocks` on all threads of `pool`; returns how many bytes that makes.
pub fn on_threads<B: AsRef<[u8]> + Sync>(pool: &rayon::ThreadPool, level: u8, blocks: &[B]) -> usize {
    thread_local!(static DEFLATE: RefCell<Option<(u8, Deflate)>> = const { RefCell::new(None) });
    let total = AtomicUsize::new(0);
    pool.install(|| {
        blocks.par_iter().with_max_len(1).for_each(|block| {
            DEFLATE.with_borrow_mut(|kept| {
                if kept.as_ref().is_none_or(|(kept_level, _)| *kept_level != level) {
                    *kept = Some((level, Deflate::new(level)));
                }
                if let Some((_, deflate)) = kept {
                    total.fetch_add(deflate.block(block.as_ref()), Ordering::Relaxed);
                }
            });
        });
    });
    total.into_inner()
}

/// Returns a pool of so many threads.
pub fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started")
}

/// Returns all blocks of all `files`.
pub fn blocks_of(files: &[Vec<u8>]) -> Vec<&[u8]> {
    files.iter().flat_map(|file| super::blocks::cut(file).into_iter().map(|block| &file[block])).collect()
}
