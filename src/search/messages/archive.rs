//! An archive that is open, as the threads that search it share it: whose it is, how its blocks end, and what its calls and
//! speakers are called once somebody has to know.

use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use memchr::{memchr_iter, memrchr};

use crate::agents::{Agent, agent, tell_line};
use crate::message::Message;
use crate::message::known::Known;
use crate::search::opened::{Inflater, OpenArchive};

/// A line of more bytes is not decoded: no record of an agent's is as long, and memory has an end.
pub(super) const MAX_LINE_BYTES: usize = 32 << 20;

/// How a block ends, as far as it was read.
const UNREAD: u8 = 0;
const ENDS_LINE: u8 = 1;
const WITHIN_LINE: u8 = 2;

/// An open archive; shared by the threads that search its blocks.
pub(super) struct Opened {
    pub archive: OpenArchive,
    /// Whose it is by its header; of another program's file, ask its first records.
    pub agent: Option<&'static dyn Agent>,
    ends: Vec<AtomicU8>,
    known: OnceLock<Known>,
}

impl Opened {
    pub(super) fn new(archive: OpenArchive) -> Opened {
        let owner = archive.owner();
        let count = archive.block_count().unwrap_or(0);
        Opened {
            agent: owner.and_then(|owner| agent(&owner.agent)),
            ends: (0..count).map(|_| AtomicU8::new(UNREAD)).collect(),
            known: OnceLock::new(),
            archive,
        }
    }

    /// Notes how the text of a block ends.
    pub(super) fn note_end(&self, block: usize, text: &[u8]) {
        let end = if text.last().is_none_or(|byte| *byte == b'\n') { ENDS_LINE } else { WITHIN_LINE };
        self.ends[block].store(end, Ordering::Relaxed);
    }

    /// Returns whether a block begins within a line. Where nobody has read the block before it, that is read to `space`; what
    /// cannot be read ends no line that matters here.
    pub(super) fn begins_within_line(
        &self,
        block: usize,
        inflater: &mut Inflater,
        space: &mut Vec<u8>,
    ) -> bool {
        let Some(before) = block.checked_sub(1) else { return false };
        if self.ends[before].load(Ordering::Relaxed) == UNREAD
            && let Ok(bytes) = self.archive.read_block(before, inflater, space)
        {
            self.note_end(before, &space[..bytes]);
        }
        self.ends[before].load(Ordering::Relaxed) == WITHIN_LINE
    }

    /// Returns what all messages of the archive tell of others, which takes reading all of it, once. `agent` is whose it is.
    pub(super) fn known(&self, agent: Option<&dyn Agent>) -> &Known {
        self.known.get_or_init(|| {
            let mut learner =
                Learner { agent, known: Known::default(), messages: Vec::new(), begun: Vec::new() };
            let mut inflater = Inflater::new();
            match self.archive.block_count() {
                Some(count) => {
                    let mut text = Vec::new();
                    for block in 0..count {
                        match self.archive.read_block(block, &mut inflater, &mut text) {
                            Ok(bytes) => learner.take(&text[..bytes]),
                            Err(_) => learner.begun.clear(),
                        }
                    }
                }
                None => {
                    // What is damaged was said when it was searched.
                    let _ = self.archive.stream(&mut inflater, &mut |text| {
                        learner.take(text);
                        ControlFlow::Continue(())
                    });
                }
            }
            learner.take(b"\n");
            learner.known
        })
    }
}

/// Learns what messages tell of others.
struct Learner<'a> {
    agent: Option<&'a dyn Agent>,
    known: Known,
    messages: Vec<Message>,
    /// A line that has no end yet.
    begun: Vec<u8>,
}

impl Learner<'_> {
    fn take(&mut self, text: &[u8]) {
        let Some(last) = memrchr(b'\n', text) else {
            if self.begun.len() + text.len() <= MAX_LINE_BYTES {
                self.begun.extend_from_slice(text);
            }
            return;
        };
        let mut start = 0;
        for end in memchr_iter(b'\n', &text[..=last]) {
            if self.begun.is_empty() {
                self.line(&text[start..end]);
            } else {
                let mut line = std::mem::take(&mut self.begun);
                line.extend_from_slice(&text[start..end]);
                self.line(&line);
            }
            start = end + 1;
        }
        self.begun.extend_from_slice(&text[last + 1..]);
    }

    fn line(&mut self, line: &[u8]) {
        self.messages.clear();
        tell_line(self.agent, line, 0..line.len(), 0, &mut self.messages);
        for message in &self.messages {
            self.known.take(message, line);
        }
    }
}
