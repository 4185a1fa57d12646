//! Finds the records in one line of a transcript, and has each told. Behind a damaged one it goes on with the next that is
//! whole.

use std::ops::Range;

use super::any;
use super::telling::Telling;
use crate::agents::agent::Agent;
use crate::agents::record::{Record, Value, next_whole};
use crate::message::{Kind, Mark, Message, Role, Text};

/// The name of the event that tells what is not there any more, as the lines of our making have it.
pub(crate) const GONE: &str = "gone";

/// What stands before a record and means nothing: what a crash leaves, a byte order mark.
const BLANK: &[u8] = b" \t\r\0";

/// Appends the messages of the line in `range` of `bytes` to `messages`. Their texts are places in `bytes`, their indexes
/// have `line`. `agent` is whose the transcript is, if anybody's. An empty line has none; one that is damaged at least one.
pub(crate) fn tell_line(
    agent: Option<&dyn Agent>,
    bytes: &[u8],
    range: Range<usize>,
    line: u64,
    messages: &mut Vec<Message>,
) {
    let first = messages.len();
    let end = range.end;
    let mut at = range.start;
    loop {
        at += blank(&bytes[at..end]);
        if at >= end {
            break;
        }
        let rest = &bytes[at..end];
        let Some((record, length)) = next_whole(rest) else {
            let skipped = damage(rest);
            tell_damage(&rest[..skipped], bytes, at, messages);
            at += skipped;
            continue;
        };
        tell_record(agent, bytes, &record, Value::of(&rest[..length]), messages);
        at += length;
    }
    for (nth, message) in messages[first..].iter_mut().enumerate() {
        message.index.line = line;
        message.start = range.start;
        message.index.nth = nth as u32 + 1;
    }
}

fn blank(bytes: &[u8]) -> usize {
    let at = bytes.iter().position(|byte| !BLANK.contains(byte)).unwrap_or(bytes.len());
    if bytes[at..].starts_with(b"\xef\xbb\xbf") { at + 3 } else { at }
}

fn tell_record(
    agent: Option<&dyn Agent>,
    bytes: &[u8],
    record: &Record<'_>,
    whole: Value<'_>,
    messages: &mut Vec<Message>,
) {
    let mut telling = Telling::new(bytes, messages);
    if is_rendered(record) {
        let [table, id] = ["table", "document"]
            .iter()
            .find_map(|key| record.get(key))
            .map_or([&b""[..]; 2], |table| [table.raw(), record.get("id").map_or(&b"null"[..], Value::raw)]);
        telling.row(&[table, id]);
    }
    match agent {
        _ if record.first_key() == Some(b"sessionkeep") => {
            let text = telling.place(whole);
            telling.event(Text::Named(GONE), text);
        }
        Some(agent) => agent.messages(record, &mut telling),
        None => any::tell(record, &mut telling),
    }
    if !telling.is_told() {
        telling.record(record, whole);
    }
}

/// Returns whether a line is of our making: a row of a table or an element of a document.
fn is_rendered(record: &Record<'_>) -> bool {
    matches!(record.first_key(), Some(b"table" | b"document"))
}

/// Returns how many bytes of `rest`, which begins with no whole record, are to be passed over: up to the next object that is
/// whole and ends the line or is followed by another, else all.
fn damage(rest: &[u8]) -> usize {
    /// A hostile line may hold many beginnings, each of which costs a look at all that follows.
    const MOST_LOOKS: usize = 32;
    let mut looks = 0;
    for at in memchr::memmem::find_iter(rest, b"{\"") {
        if at == 0 {
            continue;
        }
        if looks == MOST_LOOKS {
            break;
        }
        looks += 1;
        let Some((_, length)) = next_whole(&rest[at..]) else { continue };
        let after = &rest[at + length..];
        let after = &after[blank(after)..];
        // A member that is an object is followed by what closes the record around it.
        if (after.is_empty() || after.starts_with(b"{\"")) && is_json(&rest[at..at + length]) {
            return at;
        }
    }
    rest.len()
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

fn tell_damage(damaged: &[u8], bytes: &[u8], at: usize, messages: &mut Vec<Message>) {
    let mut telling = Telling::new(bytes, messages);
    let message = telling.say(Role::System, Kind::Event, Text::Plain(at..at + damaged.len()));
    // A line that is no attempt at a record is text: a tool's saved output, notes beside a session.
    if damaged.first() == Some(&b'{') || damaged.contains(&0) {
        message.name = Text::Named("damaged");
        message.marks.set(Mark::Damaged);
    } else {
        message.name = Text::Named("line");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Vec<(Kind, bool, String)> {
        let mut messages = Vec::new();
        tell_line(None, line.as_bytes(), 0..line.len(), 7, &mut messages);
        let tell = |message: &Message| {
            let text = message.text.of(line.as_bytes()).into_owned();
            (message.kind, message.marks.has(Mark::Damaged), text)
        };
        messages.iter().map(tell).collect()
    }

    const WHOLE: &str = r#"{"role":"user","content":"hi"}"#;

    #[test]
    fn records_behind_nuls_and_glued_ones_are_all_told() {
        let said = (Kind::Text, false, "hi".to_owned());
        assert_eq!(told(WHOLE), std::slice::from_ref(&said));
        assert_eq!(told(&format!("\0\0{WHOLE}{WHOLE}\r")), [said.clone(), said]);
        assert_eq!(told(" "), []);
    }

    #[test]
    fn behind_a_record_that_is_cut_the_next_one_is_told() {
        for cut in [r#"{"role":"user","content":"h"#, r#"{"role":"#, r#"{"a":{"b":[1,"#, r#"{"a":"x\"#] {
            let all = told(&format!("{cut}{WHOLE}"));
            assert_eq!(all.last().unwrap(), &(Kind::Text, false, "hi".to_owned()), "{cut}");
            assert_eq!(all[0], (Kind::Event, true, cut.to_owned()), "{cut}");
        }
        let cut = r#"{"a":{"role":"user"},"b"#;
        assert_eq!(told(cut), [(Kind::Event, true, cut.to_owned())]);
    }

    #[test]
    fn a_line_that_is_no_record_is_an_event_with_its_text() {
        assert_eq!(told("plain words"), [(Kind::Event, false, "plain words".to_owned())]);
        assert_eq!(told("[1,2]"), [(Kind::Event, false, "[1,2]".to_owned())]);
    }
}
