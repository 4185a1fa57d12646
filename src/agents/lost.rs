//! A session of which only the archive is left: what an agent is asked when it is to be put back, and what it answers. And
//! how a record, and a document that was told in lines, are written again.

use std::path::Path;

use jiff::Timestamp;

use super::record::{Record, Value, records};

/// What is known of a session that is to be put back.
pub(crate) struct Lost<'a> {
    pub session_id: &'a str,
    /// Directory that it worked in; empty where that is not known.
    pub cwd: &'a str,
    /// What its transcript was called; empty where that is not known.
    pub file_name: &'a str,
    pub started: Option<Timestamp>,
}

/// How an agent is told to go on with a session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Resume {
    /// A program and its arguments that have to run before; empty for none.
    pub before: Vec<String>,
    /// The program and its arguments.
    pub words: Vec<String>,
    /// The agent finds the session only in the directory that it worked in.
    pub needs_directory: bool,
}

impl Resume {
    /// Returns the command line of these words, for an agent that looks for sessions of the directory it runs in.
    pub(crate) fn in_directory<const COUNT: usize>(words: [&str; COUNT]) -> Option<Resume> {
        Some(Resume { before: Vec::new(), words: words.map(str::to_owned).to_vec(), needs_directory: true })
    }

    /// Returns the command line of these words, for an agent that finds each of its sessions from anywhere.
    pub(crate) fn anywhere<const COUNT: usize>(words: [&str; COUNT]) -> Option<Resume> {
        Some(Resume { before: Vec::new(), words: words.map(str::to_owned).to_vec(), needs_directory: false })
    }
}

/// Returns the path as the words of a command line have it.
pub(super) fn path_word(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Returns `line` with `"key":value` in the object that begins at `object`, a piece of it: in the place of the member of
/// that name, else before all others. `value` is JSON.
pub(super) fn with_member(line: &[u8], object: &[u8], key: &str, value: &str) -> Option<Vec<u8>> {
    let offset_of = |piece: &[u8]| (piece.as_ptr() as usize).checked_sub(line.as_ptr() as usize);
    let written = Value::of(object).member(key).map(Value::raw);
    let (range, member) = match written {
        Some(written) => {
            let start = offset_of(written)?;
            (start..start + written.len(), value.to_owned())
        }
        None => {
            let start = offset_of(object)? + 1;
            let is_empty = object.get(1..)?.trim_ascii_start().starts_with(b"}");
            (start..start, format!("\"{key}\":{value}{}", if is_empty { "" } else { "," }))
        }
    };
    let (before, after) = (line.get(..range.start)?, line.get(range.end..)?);
    Some([before, member.as_bytes(), after].concat())
}

/// Returns a line that is an object with `"key":value` in it: see [`with_member`].
pub(super) fn with_own_member(line: &[u8], key: &str, value: &str) -> Option<Vec<u8>> {
    let start = line.iter().position(|byte| *byte == b'{')?;
    with_member(line, &line[start..], key, value)
}

/// Returns a document that was told whole, each of its states in a line, as the last of these lines has it. But for blanks
/// between the tokens of JSON it is the document byte for byte. `None` where it was told otherwise, or not at all.
pub(crate) fn whole_document(lines: &[u8]) -> Option<Vec<u8>> {
    let is_told = |record: &Record<'_>| record.first_key() == Some(b"document");
    let last = records(lines).filter(is_told).last()?;
    if last.get("id")?.raw() != b"null" {
        return None;
    }
    let data = last.get("data")?;
    if let Some(text) = data.text() {
        return Some(text.into_owned().into_bytes());
    }
    // What was no text, or too long for a line, is told as one of these.
    let is_told_otherwise = data.record().is_some_and(|data| {
        let keys: Vec<&[u8]> = data.members().map(|(key, _)| key).collect();
        matches!(keys[..], [b"base64"] | [b"bytes"])
    });
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(data.raw()).is_ok();
    (is_json && !is_told_otherwise).then(|| data.raw().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_takes_the_place_of_the_one_of_its_name_or_stands_before_the_others() {
        let with = |line: &str| with_own_member(line.as_bytes(), "of", "\"x\"");
        let text = |line: &str| with(line).map(|line| String::from_utf8(line).unwrap());
        assert_eq!(text("{\"a\":1}\n").as_deref(), Some("{\"of\":\"x\",\"a\":1}\n"));
        assert_eq!(text("{\"a\":1,\"of\":{\"b\":2}}").as_deref(), Some("{\"a\":1,\"of\":\"x\"}"));
        assert_eq!(text("{ }").as_deref(), Some("{\"of\":\"x\" }"));
        assert_eq!(text("no record"), None);
    }

    #[test]
    fn a_document_is_its_last_state_and_what_was_told_otherwise_is_none() {
        let document =
            |lines: &str| whole_document(lines.as_bytes()).map(|it| String::from_utf8(it).unwrap());
        let lines = "{\"document\":\"a\",\"id\":null,\"data\":{\"n\":1.50}}\n{\"document\":\"a\",\"id\":null,\"data\":{\"n\":2.50}}\n";
        assert_eq!(document(lines).as_deref(), Some("{\"n\":2.50}"));
        let text = "{\"document\":\"a.yaml\",\"id\":null,\"data\":\"a: 1\\nb: é\\n\"}\n";
        assert_eq!(document(text).as_deref(), Some("a: 1\nb: é\n"));
        for other in [
            "",
            "{\"a\":1}\n",
            "{\"document\":\"a\",\"id\":\"piece 1\",\"data\":\"x\"}\n",
            "{\"document\":\"a\",\"id\":null,\"data\":{\"base64\":\"AA==\"}}\n",
            "{\"document\":\"a\",\"id\":null,\"data\":{\"bytes\":[\"x\"]}}\n",
        ] {
            assert_eq!(document(other), None, "{other}");
        }
    }
}
