//! What agents have in common whose sessions are told in lines of our making, a row or an element each: titles, sums of
//! tokens, texts that were kept as JSON or in pieces, and how commands ended. In comes a record or a value; out come messages.

use crate::agents::record::{Record, Value, timestamp};
use crate::agents::said::Telling;
use crate::message::{Kind, Role, Text, Tokens};

/// What stands before an exit code in what tools answer, as it is written.
const BEFORE_EXIT_CODES: [&[u8]; 8] = [
    br#""exit_code":"#,
    br#""exitCode":"#,
    br#""exitCodeV2":"#,
    br#"\"exit_code\":"#,
    br#"\"exitCode\":"#,
    br#"\"exitCodeV2\":"#,
    b"Exit code: ",
    b"Exit Code: ",
];

/// Returns the first of these members that is there and is something.
pub(super) fn first<'a>(record: &Record<'a>, names: &[&str]) -> Option<Value<'a>> {
    names.iter().filter_map(|name| record.get(name)).find(|value| is_something(*value))
}

/// Returns whether a value is neither null nor empty.
pub(super) fn is_something(value: Value<'_>) -> bool {
    !matches!(value.raw(), b"null" | b"\"\"" | b"[]" | b"{}")
}

/// Tells a title, if there is one.
pub(super) fn title(told: &mut Telling<'_>, title: Option<Value<'_>>) {
    let title = told.optional(title.filter(|title| is_something(*title)));
    if !title.is_empty() {
        told.event(Text::Named("title"), title);
    }
}

/// Tells an event of this name with what there is to know, if there is anything.
pub(super) fn event(told: &mut Telling<'_>, name: &'static str, value: Option<Value<'_>>) {
    let text = told.optional(value.filter(|value| is_something(*value)));
    if !text.is_empty() {
        told.event(Text::Named(name), text);
    }
}

/// Says when all was that was told since there were `before` messages, where that is known.
pub(super) fn at(told: &mut Telling<'_>, before: usize, time: Option<Value<'_>>) {
    if let Some(time) = time.and_then(timestamp) {
        told.since(before).iter_mut().for_each(|message| message.time = Some(time));
    }
}

/// Returns what columns say of tokens: read anew, written, read from a cache, written into it.
pub(super) fn sums(
    record: &Record<'_>,
    [input, output, cache_read, cache_write]: [&str; 4],
) -> Option<Tokens> {
    let number =
        |name: &str| record.get(name).and_then(Value::number).map_or(0, |number| number.max(0.0) as u64);
    let tokens = Tokens {
        input: number(input),
        output: number(output),
        cache_read: number(cache_read),
        cache_write: number(cache_write),
    };
    (!tokens.is_zero()).then_some(tokens)
}

/// Tells what somebody said: text, blocks, or what is neither as it is written. What was said may be JSON by itself, and
/// then stands in its line as such.
pub(super) fn say(told: &mut Telling<'_>, role: Role, kind: Kind, value: Option<Value<'_>>) {
    let Some(value) = value.map(plain).filter(|value| is_something(*value)) else { return };
    let before = told.count();
    if value.raw().starts_with(b"{") && value.member("type").is_none() && value.member("text").is_none() {
        return told.text(role, kind, Some(value));
    }
    told.content_of(role, kind, Some(value));
    if told.count() == before {
        told.text(role, kind, Some(value));
    }
}

/// Returns what an agent marked as JSON, as JSON.
pub(super) fn plain(value: Value<'_>) -> Value<'_> {
    match value.record() {
        Some(record) if record.first_key() == Some(b"json") => record.get("json").unwrap_or(value),
        _ => value,
    }
}

/// Finds an exit code near the beginning or the end of what a tool answered, as it is written, escapes and all.
pub(super) fn exit_code_in(raw: &[u8]) -> Option<i64> {
    const AROUND: usize = 400;
    let head = &raw[..raw.len().min(AROUND)];
    let tail = &raw[raw.len().saturating_sub(AROUND)..];
    [tail, head]
        .iter()
        .find_map(|piece| BEFORE_EXIT_CODES.iter().find_map(|before| number_behind(before, piece)))
}

/// Returns the number behind the last of these words.
pub(super) fn number_behind(before: &[u8], text: &[u8]) -> Option<i64> {
    let at = memchr::memmem::rfind(text, before)? + before.len();
    let rest = text[at..].trim_ascii_start();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'-').count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

/// Returns what an agent tells of `lines`, one message a line, for tests: role, kind, name, call, text and marks.
#[cfg(test)]
pub(super) fn told(agent: &dyn crate::agents::Agent, lines: &str) -> Vec<String> {
    let mut all = Vec::new();
    for line in lines.lines() {
        let mut messages = Vec::new();
        crate::agents::tell_line(Some(agent), line.as_bytes(), 0..line.len(), 1, &mut messages);
        for message in &messages {
            let text = message.text.of(line.as_bytes());
            // A whole line needs no repeating.
            let text = if text == line { "LINE".into() } else { text };
            let mut parts = vec![message.role.name().to_owned(), message.kind.name().to_owned()];
            for (before, what) in [("", &message.name), ("@", &message.call)] {
                let what = what.of(line.as_bytes());
                parts.extend((!what.is_empty()).then(|| format!("{before}{what}")));
            }
            parts.push(format!("\"{}\"", text.replace('\n', "\\n")));
            parts.extend(message.marks.iter().map(|mark| format!("+{}", mark.name())));
            parts.extend(message.outcome.is_error.map(|is_error| format!("error={is_error}")));
            parts.extend(message.outcome.exit_code.map(|code| format!("exit={code}")));
            all.push(parts.join(" "));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_found_however_they_are_written() {
        for (raw, code) in [
            (&br#"{"output":"x","exit_code":2}"#[..], Some(2)),
            (br#""{\"output\":\"x\",\"exitCodeV2\":0}""#, Some(0)),
            (b"\"Output: x\\nExit Code: 1\\nSignal: 0\"", Some(1)),
            (b"\"exit\"", None),
        ] {
            assert_eq!(exit_code_in(raw), code, "{}", String::from_utf8_lossy(raw));
        }
    }
}
