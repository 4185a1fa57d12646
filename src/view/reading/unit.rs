//! Some whole lines of a transcript with what they say.

use memchr::memchr_iter;

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
