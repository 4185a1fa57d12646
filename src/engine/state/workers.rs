//! What each worker thread keeps from block to block, so that the steady state allocates nothing.

use crate::archive::gzip::Compressor;
use crate::archive::reader::BlockReader;
use crate::error::Result;
use crate::mask::{Findings, Scratch};
use crate::platform::sync::lock;
use std::sync::{Mutex, MutexGuard};

/// Buffers and machines of one worker thread.
pub(crate) struct Worker {
    pub mask: Scratch,
    pub findings: Findings,
    pub compressor: Compressor,
    /// Bytes of a source, with surroundings, where they are read rather than mapped.
    pub input: Vec<u8>,
    /// Masked text of a block.
    pub masked: Vec<u8>,
    /// Compressed form of a block.
    pub member: Vec<u8>,
    /// Reads blocks of old archives, to compare.
    pub reader: BlockReader,
    pub old_text: Vec<u8>,
}

/// One [`Worker`] a thread. The locks are never contended: a thread only takes its own.
pub(crate) struct Workers(Vec<Mutex<Worker>>);

impl Workers {
    /// Makes workers for `threads` threads that compress at `level`.
    ///
    /// # Errors
    ///
    /// When there is no such level.
    pub(crate) fn new(threads: usize, level: u8) -> Result<Workers> {
        let worker = || -> Result<_> {
            Ok(Mutex::new(Worker {
                mask: Scratch::default(),
                findings: Findings::default(),
                compressor: Compressor::new(level)?,
                input: Vec::new(),
                masked: Vec::new(),
                member: Vec::new(),
                reader: BlockReader::new(),
                old_text: Vec::new(),
            }))
        };
        Ok(Workers((0..threads.max(1)).map(|_| worker()).collect::<Result<_>>()?))
    }

    /// Returns the worker of the calling thread of the pool. What a panic left in it is overwritten by its next use.
    pub(crate) fn mine(&self) -> MutexGuard<'_, Worker> {
        let index = rayon::current_thread_index().unwrap_or(0) % self.0.len();
        lock(&self.0[index])
    }
}
