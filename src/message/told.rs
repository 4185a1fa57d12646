//! A message with the bytes that its texts stand in: what readers hand to whoever shows, finds or counts.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use super::{Message, Text};

/// One message, with the bytes that its texts stand in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    pub message: &'a Message,
    pub bytes: &'a [u8],
}

impl<'a> Told<'a> {
    /// Returns what was said.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        self.message.text.of(self.bytes)
    }

    /// Returns what `text`, one of the message's, says; `None` where it is empty.
    pub(crate) fn said(&self, text: &'a Text) -> Option<Cow<'a, str>> {
        (!text.is_empty()).then(|| text.of(self.bytes))
    }

    /// Returns the tool of a call or a result, or the name of an event.
    pub(crate) fn name(&self) -> Cow<'a, str> {
        self.message.name.of(self.bytes)
    }

    /// Returns the line that the message stands on, without its end, and where in the bytes it is.
    pub(crate) fn line(&self) -> (&'a [u8], Range<usize>) {
        let start = self.message.start.min(self.bytes.len());
        let end = memchr(b'\n', &self.bytes[start..]).map_or(self.bytes.len(), |length| start + length);
        (&self.bytes[start..end], start..end)
    }

    /// Returns where the text stands in its line, in bytes from the line's start.
    pub(crate) fn range(&self) -> Option<Range<usize>> {
        let range = self.message.text.range()?;
        let (_, line) = self.line();
        Some(range.start.checked_sub(line.start)?..range.end.checked_sub(line.start)?)
    }
}
