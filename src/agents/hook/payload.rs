//! Reads what agents hand to hooks: a JSON object on standard input, or Codex's `notify` argument.
//!
//! Nothing in a payload is trusted: ids are made safe, and paths are only what somebody says. They may lie anywhere, in an
//! agent's own tree or not: an agent may keep its sessions in any directory, and an import that comes upon a hook's
//! marker need not have the environment that says in which. So whoever can call the hook can have read and archived, with
//! its secrets masked, what the user can read and
//!
//! - is named as transcript: a regular file, no link itself (directories on the way may be links), called `*.jsonl` or
//!   `*.jsonl.zst`, and the user's own; root, too, takes nobody else's;
//! - lies in the directory that is named after that transcript, be the transcript there or not, and is by its place a part
//!   of that session: regular files, no links, the user's own;
//! - is a session's document in an agent's own tree, by its place and its name: some agents rewrite one document instead
//!   of appending to a transcript;
//! - has the session's id in an agent's own tree, where the payload names no such file: found as any import finds it, in
//!   the agent's databases where the payload says which agent it is;
//! - is Codex's note of the sessions that it took over, beside the `sessions/` that the transcript lies in: read for ids.
//!
//! The engine's `plan::marked` holds to that; here nothing is opened.

use serde_json::{Map, Value};
use std::path::PathBuf;

use super::input::complete_json_value;
use crate::agents::known;
use crate::agents::record::{Record, records};
use crate::error::{Error, Kind, Result};
use crate::identity::id_of_record;

/// What an agent tells about the session that it calls a hook for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// The agent, where the payload tells: Codex's notification by its form, our own plugins by the member `agent`.
    pub agent: Option<&'static str>,
    pub event: Event,
    /// Made safe as in archives. For Codex, the thread's id.
    pub session_id: Option<String>,
    /// The session's transcript. Codex may give none: find it by its id ([`locate`](crate::agents::locate)).
    pub transcript_path: Option<PathBuf>,
    /// With `SubagentStop`: the subagent's own transcript.
    pub agent_transcript_path: Option<PathBuf>,
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
        if self.event != Event::TurnComplete {
            add("agent", self.agent.map(str::to_owned));
        }
        add("transcript_path", text(&self.transcript_path));
        add("agent_transcript_path", text(&self.agent_transcript_path));
        object
    }
}

/// What happened. Events that mean nothing to an archive are `Other`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Event {
    /// A session begins: there is nothing of it to archive, but others may have ended unseen.
    SessionStart,
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

/// What agents call the member that holds the session's id, the commonest first: Claude Code and those that follow it;
/// Copilot CLI where an event's name begins with a small letter; Cursor, whose conversation is the session.
const SESSION_IDS: [&str; 3] = ["session_id", "sessionId", "conversation_id"];

/// What agents call the member that holds the transcript's path.
const TRANSCRIPT_PATHS: [&str; 2] = ["transcript_path", "transcriptPath"];

/// Reads a payload. Members of the wrong type count as absent; unknown ones are passed over. Of an object that is cut,
/// the members before the cut count: agents name the session before they repeat its last message.
///
/// # Errors
///
/// `Source` if `bytes` hold no JSON object, or one that names neither a session nor a transcript. The error
/// repeats nothing of the payload.
pub fn parse_payload(bytes: &[u8]) -> Result<Payload> {
    let refuse =
        |why: &str| Error::new(Kind::Source, "cannot use the hook's input").with_source(why.to_string());
    let start = bytes.iter().position(|byte| *byte == b'{').ok_or_else(|| refuse("it is no JSON object"))?;
    let end = complete_json_value(&bytes[start..]);
    // Records are lines: the line breaks of an indented object are white space like any other.
    let object = &bytes[start..end.map_or(bytes.len(), |end| start + end)];
    let object: Vec<u8> = object.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect();
    let record = records(&object).next().ok_or_else(|| refuse("it is no JSON object"))?;
    let payload = if record.is("type", "agent-turn-complete") {
        from_notification(&record)
    } else {
        from_hook(&record)
    };
    if payload.session_id.is_none() && payload.transcript_path.is_none() {
        return Err(refuse(if end.is_some() { "it names no session" } else { "it is cut short" }));
    }
    Ok(payload)
}

fn from_hook(record: &Record<'_>) -> Payload {
    let event = match record.text("hook_event_name").as_deref() {
        Some("SessionStart") => Event::SessionStart,
        Some("SessionEnd") => Event::SessionEnd,
        Some("PreCompact") => Event::PreCompact,
        Some("Stop") => Event::Stop,
        Some("SubagentStop") => Event::SubagentStop,
        _ => Event::Other,
    };
    Payload {
        agent: record.text("agent").and_then(|agent| known::agent(&agent)).map(|agent| agent.id()),
        event,
        session_id: SESSION_IDS.iter().find_map(|key| id(record, key)),
        transcript_path: TRANSCRIPT_PATHS.iter().find_map(|key| path(record, key)),
        agent_transcript_path: path(record, "agent_transcript_path"),
    }
}

fn from_notification(record: &Record<'_>) -> Payload {
    Payload {
        agent: Some("codex"),
        event: Event::TurnComplete,
        session_id: id(record, "thread-id"),
        ..Payload::default()
    }
}

fn id(record: &Record<'_>, key: &str) -> Option<String> {
    record.text(key).filter(|id| !id.is_empty()).map(|id| id_of_record(id.as_bytes()))
}

fn path(record: &Record<'_>, key: &str) -> Option<PathBuf> {
    let text = record.text(key)?;
    let is_path = !text.is_empty() && text.len() <= PATH_BYTES && !text.contains('\0');
    is_path.then(|| PathBuf::from(text.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::Path;

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
    fn what_each_agent_hands_over_tells_its_session() {
        for (input, agent, path) in [
            // Gemini CLI 0.61 and Qwen Code 0.24; Gemini CLI names no file before there is one.
            (
                r#"{"session_id":"s","transcript_path":"/a/b.jsonl","hook_event_name":"SessionEnd","reason":"exit"}"#,
                None,
                Some("/a/b.jsonl"),
            ),
            (
                r#"{"session_id":"s","transcript_path":"","hook_event_name":"PreCompress","trigger":"auto"}"#,
                None,
                None,
            ),
            // Copilot CLI 1.0, for events as others write them and as it does itself.
            (
                r#"{"hook_event_name":"SessionEnd","session_id":"s","timestamp":"2026-11-28T13:07:41Z","cwd":"/w","reason":"complete"}"#,
                None,
                None,
            ),
            (r#"{"sessionId":"s","timestamp":1795871189567,"cwd":"/w","reason":"complete"}"#, None, None),
            (
                r#"{"sessionId":"s","transcriptPath":"/a/events.jsonl","stopReason":"end_turn"}"#,
                None,
                Some("/a/events.jsonl"),
            ),
            // Cursor.
            (
                r#"{"conversation_id":"s","generation_id":"g","hook_event_name":"stop","transcript_path":null}"#,
                None,
                None,
            ),
            // Our own plugins.
            (
                r#"{"agent":"opencode","hook_event_name":"session.idle","session_id":"s"}"#,
                Some("opencode"),
                None,
            ),
            (r#"{"agent":"nobody","session_id":"s"}"#, None, None),
            (r#"{"agent":["opencode"],"session_id":"s"}"#, None, None),
        ] {
            let payload = parse_payload(input.as_bytes()).unwrap();
            assert_eq!(payload.session_id.as_deref(), Some("s"), "{input}");
            assert_eq!(
                (payload.agent, payload.transcript_path.as_deref()),
                (agent, path.map(Path::new)),
                "{input}"
            );
            // What a marker keeps of it leads to the same.
            let kept = serde_json::Value::Object(payload.members()).to_string();
            let again = parse_payload(kept.as_bytes()).unwrap();
            assert_eq!(
                (again.agent, again.session_id, again.transcript_path),
                (payload.agent, payload.session_id, payload.transcript_path)
            );
        }
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
            "{\"session_id\":\"\",\"transcript_path\":\"\"}",
            "{\"agent\":\"opencode\"}",
            "{\"session_id\":\"canary",
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
    fn of_a_payload_that_is_cut_the_members_before_the_cut_count() {
        let whole = br#"{"session_id":"s","transcript_path":"/a/b.jsonl","last_assistant_message":"said"}"#;
        let path = whole.windows(12).position(|at| at == b"\"/a/b.jsonl\"").unwrap() + 12;
        for cut in path..=whole.len() {
            let payload = parse_payload(&whole[..cut]).unwrap();
            assert_eq!(payload.session_id.as_deref(), Some("s"), "{cut}");
            assert_eq!(payload.transcript_path, Some(PathBuf::from("/a/b.jsonl")), "{cut}");
        }
        // Half a path leads elsewhere.
        assert_eq!(parse_payload(&whole[..path - 3]).unwrap().transcript_path, None);
    }

    proptest! {
        #[test]
        fn any_input_is_taken(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse_payload(&bytes);
        }
    }
}
