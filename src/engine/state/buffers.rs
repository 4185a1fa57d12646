//! Memory that small sources are read into, lent and given back, so that a source costs no fresh pages.

use crate::platform::sync::lock;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

/// Buffers that lie idle at most, over all threads: more than are in use at once unless sessions have many parts.
const IDLE_BUFFERS: usize = 16;

/// A larger buffer is not kept when it is given back: it was for a decompressed source, which are few.
const KEPT_BYTES: usize = 2 << 20;

/// Idle buffers, shared by all threads.
#[derive(Default)]
pub(crate) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

/// Bytes of a source, in memory that goes back to where it was lent when they are dropped.
pub(crate) struct Lent {
    /// Longer than `length` where it was used before: that it stays initialised is what makes lending cheap.
    memory: Vec<u8>,
    length: usize,
    home: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Buffers {
    /// Lends a buffer of `length` bytes, whose content is whatever it was last used for.
    pub(crate) fn lend(&self, length: usize) -> Lent {
        let idle = lock(&self.0).pop();
        let mut memory = idle.unwrap_or_default();
        if memory.len() < length {
            memory.resize(length, 0);
        }
        Lent { memory, length, home: Arc::clone(&self.0) }
    }

    /// Takes bytes that were read elsewhere.
    pub(crate) fn adopt(&self, memory: Vec<u8>) -> Lent {
        Lent { length: memory.len(), memory, home: Arc::clone(&self.0) }
    }
}

impl Lent {
    /// Returns the memory to read into.
    pub(crate) fn space(&mut self) -> &mut [u8] {
        &mut self.memory[..self.length]
    }

    /// Leaves out everything after the first `length` bytes.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }
}

impl Deref for Lent {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[..self.length]
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut idle = lock(&self.home);
        if idle.len() < IDLE_BUFFERS && self.memory.len() <= KEPT_BYTES {
            idle.push(std::mem::take(&mut self.memory));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_lent_again_and_shows_only_what_was_asked_for() {
        let buffers = Buffers::default();
        let mut first = buffers.lend(1000);
        first.space().fill(7);
        let address = first.as_ptr();
        drop(first);
        let mut second = buffers.lend(10);
        assert_eq!((second.as_ptr(), second.len()), (address, 10));
        second.truncate(4);
        assert_eq!(second.len(), 4);
        assert_eq!(buffers.lend(5).len(), 5, "another one while the first is out");
    }

    #[test]
    fn a_huge_buffer_is_not_kept() {
        let buffers = Buffers::default();
        drop(buffers.adopt(vec![1; KEPT_BYTES + 1]));
        assert!(buffers.0.lock().unwrap().is_empty());
    }
}
