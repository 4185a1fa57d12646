//! Some whole lines of a transcript with what they say, and one message among them.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter};

use crate::agents::{Agent, tell_line};
use crate::message::{Index, Kind, Mark, Message, Role, Text};

/// Whole lines, and their messages.
#[derive(Debug, Default)]
pub(crate) struct Unit {
    pub bytes: Vec<u8>,
    pub messages: Vec<Message>,
    /// Line ends in it.
    pub newlines: u64,
}

impl Unit {
    /// Returns the unit of these whole lines, the first of which has this number.
    pub(crate) fn tell(agent: Option<&dyn Agent>, bytes: Vec<u8>, first_line: u64) -> Unit {
        let mut unit = Unit { bytes, messages: Vec::new(), newlines: 0 };
        let mut start = 0;
        for end in memchr_iter(b'\n', &unit.bytes) {
            tell_line(agent, &unit.bytes, start..end, first_line + unit.newlines, &mut unit.messages);
            unit.newlines += 1;
            start = end + 1;
        }
        if start < unit.bytes.len() {
            tell_line(
                agent,
                &unit.bytes,
                start..unit.bytes.len(),
                first_line + unit.newlines,
                &mut unit.messages,
            );
        }
        unit
    }

    /// Returns a unit that says what is wrong where its lines should be.
    pub(crate) fn of_damage(reason: &str, line: u64) -> Unit {
        let bytes = reason.as_bytes().to_vec();
        let mut message = Message::new(Role::System, Kind::Event, Text::Plain(0..bytes.len()));
        message.index = Index { line, nth: 1 };
        message.name = Text::Named("damaged");
        message.marks.set(Mark::Damaged);
        Unit { bytes, messages: vec![message], newlines: 0 }
    }
}

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
        let texts = [&self.message.text, &self.message.id, &self.message.call, &self.message.name];
        let at =
            texts.iter().find_map(|text| text.range()).map_or(0, |range| range.start.min(self.bytes.len()));
        let start = memchr::memrchr(b'\n', &self.bytes[..at]).map_or(0, |newline| newline + 1);
        let end = memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length);
        (&self.bytes[start..end], start..end)
    }

    /// Returns where the text stands in its line, in bytes from the line's start.
    pub(crate) fn range(&self) -> Option<Range<usize>> {
        let range = self.message.text.range()?;
        let (_, line) = self.line();
        Some(range.start.checked_sub(line.start)?..range.end.checked_sub(line.start)?)
    }
}
