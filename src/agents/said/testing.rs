//! What tests of agents need: what is told of lines, one text a message, and that lines cut anywhere are told, too.

use super::tell_line;
use crate::agents::known::agent;
use crate::message::{Message, Text};

/// Returns what the agent of this id tells of `lines`, one text a message: who, what, the tool's or event's name, the call in
/// brackets, how it ended, the marks, and behind a colon the text. Each line is told as well cut at every byte.
///
/// # Panics
///
/// If something is told that does not stand in its line.
pub(crate) fn told(id: &str, lines: &str) -> Vec<String> {
    let agent = agent(id).expect("an agent of this name");
    let mut messages = Vec::new();
    let mut at = 0;
    for (number, line) in lines.split('\n').enumerate() {
        let range = at..at + line.len();
        tell_line(Some(agent), lines.as_bytes(), range.clone(), number as u64 + 1, &mut messages);
        at = range.end + 1;
        for cut in 0..line.len() {
            check_cut(id, &line.as_bytes()[..cut]);
            check_cut(id, &line.as_bytes()[cut + 1..]);
        }
    }
    messages.iter().map(|message| line_of(message, lines.as_bytes())).collect()
}

/// Returns a message as one text; see [`told`].
pub(crate) fn line_of(message: &Message, bytes: &[u8]) -> String {
    let said = |text: &Text| text.of(bytes).into_owned();
    let mut line = format!("{} {}", message.role.name(), message.kind.name());
    if !message.name.is_empty() {
        line += &format!(" {}", said(&message.name));
    }
    if !message.call.is_empty() {
        line += &format!(" ({})", said(&message.call));
    }
    if !message.media.is_empty() {
        line += &format!(" {}", said(&message.media));
    }
    if !message.model.is_empty() {
        line += &format!(" by {}", said(&message.model));
    }
    if !message.part.is_empty() {
        line += &format!(" in {}", said(&message.part));
    }
    if message.outcome.is_error == Some(true) {
        line += " failed";
    }
    if let Some(code) = message.outcome.exit_code {
        line += &format!(" exit {code}");
    }
    if let Some(paid) = message.tokens {
        line += &format!(" {}+{}+{}+{}", paid.input, paid.output, paid.cache_read, paid.cache_write);
    }
    for mark in message.marks.iter() {
        line += &format!(" [{}]", mark.name());
    }
    line + &format!(": {}", said(&message.text))
}

fn check_cut(id: &str, line: &[u8]) {
    let mut messages = Vec::new();
    tell_line(agent(id), line, 0..line.len(), 1, &mut messages);
    check(line, &messages);
    let is_blank = line.iter().all(|byte| byte.is_ascii_whitespace());
    assert_eq!(messages.is_empty(), is_blank, "{}", String::from_utf8_lossy(line));
}

/// Checks that what `messages` say stands in the line, whole strings or values, and that they are numbered.
///
/// # Panics
///
/// If not.
pub(crate) fn check(line: &[u8], messages: &[Message]) {
    for (at, message) in messages.iter().enumerate() {
        assert_eq!((message.index.line, message.index.nth), (1, at as u32 + 1));
        for text in [
            &message.id,
            &message.parent,
            &message.name,
            &message.call,
            &message.model,
            &message.text,
            &message.media,
            &message.part,
        ] {
            let Some(range) = text.range() else { continue };
            assert!(range.start <= range.end && range.end <= line.len(), "{range:?} of {}", line.len());
            let _ = text.of(line);
        }
    }
}
