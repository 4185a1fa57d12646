//! A line that is too long to be decoded: searched piece by piece as it is stored, and told as an event.

use std::sync::Arc;

use super::archive::MAX_LINE_BYTES;
use super::query::Query;
use super::request::{Chosen, Hit, LONG_LINE};
use super::snippet::Snippet;
use crate::message::{Index, Kind, Message, Role, Text};

/// Bytes of a piece that the next one is searched with: enough for a match to be found whole.
const OVERLAP_BYTES: usize = 64 << 10;

/// Bytes that are searched at a time.
const PIECE_BYTES: usize = 1 << 20;

/// Bytes of its beginning that are told.
const HEAD_BYTES: usize = 4096;

/// What is known of such a line so far.
#[derive(Debug)]
pub(super) struct LongLine {
    number: u64,
    head: Vec<u8>,
    end: Vec<u8>,
    found: Vec<bool>,
}

impl LongLine {
    /// Returns the line with this number, of which nothing was searched.
    pub(super) fn new(number: u64, query: &Query) -> LongLine {
        LongLine { number, head: Vec::new(), end: Vec::new(), found: vec![false; query.count()] }
    }

    /// Searches what comes next of it.
    pub(super) fn take(&mut self, text: &[u8], query: &Query) {
        if self.head.is_empty() {
            self.head.extend_from_slice(&text[..text.len().min(HEAD_BYTES)]);
        }
        text.chunks(PIECE_BYTES).for_each(|piece| self.search(piece, query));
    }

    fn search(&mut self, piece: &[u8], query: &Query) {
        self.end.extend_from_slice(piece);
        query.find_stored(&self.end, &mut self.found);
        let overlap = self.end.len().saturating_sub(OVERLAP_BYTES);
        self.end.drain(..overlap);
    }

    /// Returns the event that says what was found, if all of it was.
    pub(super) fn hit(self, chosen: &Chosen) -> Option<Hit> {
        let mut message = Message::new(Role::System, Kind::Event, Text::Plain(0..self.head.len()));
        message.index = Index { line: self.number, nth: 1 };
        message.name = Text::Named(LONG_LINE);
        let is_chosen =
            chosen.takes_kind(&message) && chosen.takes_role(message.role) && chosen.tools.is_empty();
        if !is_chosen || self.found.contains(&false) {
            return None;
        }
        let text = format!(
            "a line of more than {} MiB: {}",
            MAX_LINE_BYTES >> 20,
            String::from_utf8_lossy(&self.head)
        );
        let snippet = Snippet::of(&text, &[]);
        Some(Hit {
            message,
            line: Arc::from(self.head),
            said: 0,
            snippet,
            before: Vec::new(),
            after: Vec::new(),
        })
    }
}
