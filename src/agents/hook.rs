//! Reads what agents hand to hooks: a JSON object on standard input, or Codex's `notify` argument.
//!
//! Nothing in a payload is trusted: ids are made safe, paths are only what somebody says. The caller checks that a
//! path is a regular file of the user's inside an agent's root before anything is read.

use serde_json::{Map, Value};
use std::path::PathBuf;

use super::json::{Record, records};
use super::names::clean_recorded_id;
use crate::error::{Error, Kind, Result};

/// What an agent tells about the session that it calls a hook for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// The agent, where the payload's form tells: only Codex's notification does.
    pub agent: Option<&'static str>,
    pub event: Event,
    /// Made safe as in archives. For Codex, the thread's id.
    pub session_id: Option<String>,
    /// The session's transcript. Codex may give none: find it by its id ([`locate`](super::locate)).
    pub transcript_path: Option<PathBuf>,
    /// With `SubagentStop`: the subagent's own transcript.
    pub agent_transcript_path: Option<PathBuf>,
    pub cwd: Option<PathBuf>,
    /// Why a session ended (`clear`, `logout`, `other`...), or what set a compaction off.
    pub reason: Option<String>,
}

impl Payload {
    /// Returns what it takes to find the session's files again, no more, as members of an object that
    /// [`parse_payload`] reads.
    pub fn members(&self) -> Map<String, Value> {
        let text = |path: &Option<PathBuf>| path.as_ref().and_then(|path| path.to_str().map(str::to_owned));
        let mut object = Map::new();
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                object.insert(name.to_owned(), value.into());
            }
        };
        match self.event {
            Event::TurnComplete => {
                add("type", Some("agent-turn-complete".to_owned()));
                add("thread-id", self.session_id.clone());
            }
            _ => add("session_id", self.session_id.clone()),
        }
        add("transcript_path", text(&self.transcript_path));
        add("agent_transcript_path", text(&self.agent_transcript_path));
        object
    }
}

/// What happened. Events that mean nothing to an archive are `Other`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Event {
    SessionEnd,
    PreCompact,
    Stop,
    SubagentStop,
    /// Codex's `agent-turn-complete`.
    TurnComplete,
    #[default]
    Other,
}

/// Longest path taken from a payload; longer ones are no paths anywhere.
const PATH_BYTES: usize = 32 << 10;

/// Reads a payload. Members of the wrong type count as absent; unknown ones are passed over.
///
/// # Errors
///
/// `Source` if `bytes` hold no whole JSON object, or one that names neither a session nor a transcript. The error
/// repeats nothing of the payload.
pub fn parse_payload(bytes: &[u8]) -> Result<Payload> {
    let refuse =
        |why: &str| Error::new(Kind::Source, "cannot use the hook's input").with_source(why.to_string());
    let start = bytes.iter().position(|byte| *byte == b'{').ok_or_else(|| refuse("it is no JSON object"))?;
    let end = complete_json_value(&bytes[start..]).ok_or_else(|| refuse("it is cut short"))?;
    // Records are lines: the line breaks of an indented object are white space like any other.
    let object: Vec<u8> =
        bytes[start..start + end].iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect();
    let record = records(&object).next().ok_or_else(|| refuse("it is no JSON object"))?;
    let payload = if record.is("type", "agent-turn-complete") {
        from_notification(&record)
    } else {
        from_hook(&record)
    };
    if payload.session_id.is_none() && payload.transcript_path.is_none() {
        return Err(refuse("it names no session"));
    }
    Ok(payload)
}

fn from_hook(record: &Record<'_>) -> Payload {
    let event = match record.text("hook_event_name").as_deref() {
        Some("SessionEnd") => Event::SessionEnd,
        Some("PreCompact") => Event::PreCompact,
        Some("Stop") => Event::Stop,
        Some("SubagentStop") => Event::SubagentStop,
        _ => Event::Other,
    };
    Payload {
        agent: None,
        event,
        session_id: id(record, "session_id"),
        transcript_path: path(record, "transcript_path"),
        agent_transcript_path: path(record, "agent_transcript_path"),
        cwd: path(record, "cwd"),
        reason: record
            .text("reason")
            .or_else(|| record.text("trigger"))
            .map(|reason| clean_recorded_id(reason.as_bytes())),
    }
}

fn from_notification(record: &Record<'_>) -> Payload {
    Payload {
        agent: Some("codex"),
        event: Event::TurnComplete,
        session_id: id(record, "thread-id"),
        cwd: path(record, "cwd"),
        ..Payload::default()
    }
}

fn id(record: &Record<'_>, key: &str) -> Option<String> {
    record.text(key).map(|id| clean_recorded_id(id.as_bytes()))
}

fn path(record: &Record<'_>, key: &str) -> Option<PathBuf> {
    let text = record.text(key)?;
    let is_path = text.len() <= PATH_BYTES && !text.contains('\0');
    is_path.then(|| PathBuf::from(text.as_ref()))
}

/// Returns the length of the first whole JSON value in `bytes`, white space before it included, or `None` if more
/// bytes are needed. For a pipe that stays open after its one value. Checks nesting, not grammar.
pub fn complete_json_value(bytes: &[u8]) -> Option<usize> {
    let mut end = ValueEnd::default();
    end.push(bytes)
}

/// Finds the end of a JSON value in bytes that come piece by piece; looks at each byte once.
#[derive(Clone, Debug, Default)]
pub struct ValueEnd {
    depth: usize,
    is_in_string: bool,
    is_escaped: bool,
    has_begun: bool,
    seen_bytes: usize,
}

impl ValueEnd {
    /// Takes the next piece. Returns the length of the value counted from the first piece's first byte, once it is
    /// whole. A number is whole at the white space after it. A closing bracket that nothing opened ends the value:
    /// what cannot become JSON need not be waited for.
    pub fn push(&mut self, piece: &[u8]) -> Option<usize> {
        for byte in piece {
            self.seen_bytes += 1;
            if self.ends_at(*byte) {
                return Some(self.seen_bytes);
            }
        }
        None
    }

    fn ends_at(&mut self, byte: u8) -> bool {
        if self.is_in_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => {
                    self.is_in_string = false;
                    return self.depth == 0;
                }
                _ => {}
            }
            return false;
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => return self.has_begun && self.depth == 0,
            b'"' => self.is_in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        self.has_begun = true;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SESSION: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    #[test]
    fn a_session_end_is_read() {
        let input = format!(
            "{{\n \"session_id\": \"{SESSION}\",\n \"transcript_path\": \"C:\\\\a\\\\b.jsonl\", \"cwd\":\"/w\",\n\
             \"hook_event_name\":\"SessionEnd\",\"reason\":\"clear\",\"more\":[{{}}]}}\n"
        );
        let payload = parse_payload(input.as_bytes()).unwrap();
        assert_eq!(payload.event, Event::SessionEnd);
        assert_eq!(payload.session_id.as_deref(), Some(SESSION));
        assert_eq!(payload.transcript_path, Some(PathBuf::from("C:\\a\\b.jsonl")));
        assert_eq!(payload.reason.as_deref(), Some("clear"));
    }

    #[test]
    fn a_subagent_stop_names_its_own_transcript() {
        let input = br#"{"session_id":"s","transcript_path":"/a","agent_transcript_path":"/b","hook_event_name":"SubagentStop"}"#;
        let payload = parse_payload(input).unwrap();
        assert_eq!(payload.event, Event::SubagentStop);
        assert_eq!(payload.agent_transcript_path, Some(PathBuf::from("/b")));
    }

    #[test]
    fn codex_may_give_no_path() {
        let input =
            br#"{"session_id":"s","transcript_path":null,"hook_event_name":"SessionEnd","reason":"other"}"#;
        assert_eq!(parse_payload(input).unwrap().transcript_path, None);
        let input = br#"{"type":"agent-turn-complete","thread-id":"t","turn-id":"1","cwd":"/w","input-messages":["x"]}"#;
        let payload = parse_payload(input).unwrap();
        assert_eq!((payload.agent, payload.event), (Some("codex"), Event::TurnComplete));
        assert_eq!(payload.session_id.as_deref(), Some("t"));
    }

    #[test]
    fn what_names_no_session_is_refused_without_being_repeated() {
        for input in [
            "",
            "  ",
            "[]",
            "null",
            "{}",
            "{\"session_id\":7}",
            "{\"session_id\":\"s\"",
            "canary",
            "{\"cwd\":\"canary\"}",
        ] {
            let error = parse_payload(input.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), Kind::Source, "{input}");
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
    }

    #[test]
    fn hostile_ids_and_paths_are_made_safe() {
        let input = br#"{"session_id":"../../x\u0000","transcript_path":"/a\u0000b"}"#;
        let payload = parse_payload(input).unwrap();
        assert!(!payload.session_id.unwrap().contains(['/', '.', '\0']));
        assert_eq!(payload.transcript_path, None);
    }

    #[test]
    fn a_value_is_whole_at_its_last_bracket() {
        assert_eq!(complete_json_value(br#" {"a":"}\"]","b":[1,{}]} {"#), Some(24));
        assert_eq!(complete_json_value(br#"{"a":"}"#), None);
        assert_eq!(complete_json_value(br#""a\"b" "#), Some(6));
        assert_eq!(complete_json_value(b"12"), None);
        assert_eq!(complete_json_value(b"12\n"), Some(3));
        assert_eq!(complete_json_value(b"}"), Some(1));
        assert_eq!(complete_json_value(b" \n"), None);
        assert_eq!(complete_json_value(&[b'['; 1 << 20]), None);
    }

    proptest! {
        #[test]
        fn any_input_is_taken_in_any_pieces(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..300) {
            let _ = parse_payload(&bytes);
            let cut = cut.min(bytes.len());
            let mut end = ValueEnd::default();
            let pieces = end.push(&bytes[..cut]).or_else(|| end.push(&bytes[cut..]));
            prop_assert_eq!(pieces, complete_json_value(&bytes));
        }
    }
}
