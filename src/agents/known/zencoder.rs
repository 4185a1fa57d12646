//! Zencoder: `~/.zencoder/sessions/<session>.jsonl`: a header, then messages, one of which names the directory.

use std::path::PathBuf;

use crate::agents::agent::{Agent, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::found::Guess;
use crate::agents::names::{PathTail, guess_tail};
use crate::agents::record::Record;
use crate::agents::said::{Telling, tell_any};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::message::Mark;

const ID: &str = "zencoder";

/// What stands before the directory in a message of the system.
const BEFORE_DIRECTORY: [&str; 4] =
    ["Working directory: ", "Current working directory: ", "working directory: ", "cwd: "];

pub(crate) struct Zencoder;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Zencoder {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Zencoder"
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.in_home(".zencoder/sessions")
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".zencoder", "sessions"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        path.jsonl_stem()?;
        let is_ours = [(1, 2), (2, 3)].iter().any(|(sessions, home)| {
            path.above(*sessions) == b"sessions" && path.above(*home) == b".zencoder"
        });
        is_ours.then(|| Recognised::Ours(Guess { agent: Some(ID), ..guess_tail(path) }))
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_ours = stray.name().ends_with(".jsonl")
            && stray.begins_with(|record| {
                let is_header = record.has("sessionId") && record.has("createdAt");
                is_header && !["type", "kind", "role"].iter().any(|other| record.has(other))
            });
        is_ours.then(|| stray.in_root(".zencoder/sessions", 1))
    }

    /// None: nothing in its records is its own.
    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn is_named_by_path(&self) -> bool {
        true
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        let message = record.record("message");
        if message.as_ref().unwrap_or(record).is("role", "system") {
            told.mark(Mark::Injected);
        }
        told.title(record.get("title"));
        tell_any(record, told);
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        notes.common(record);
        notes.title(TitleRank::Generated, record.text("title"));
        let message = record.record("message");
        let message = message.as_ref().unwrap_or(record);
        if message.is("role", "user") {
            notes.prompt(message.get("content"));
        }
        if message.is("role", "system") && notes.description().cwd.is_none() {
            let content = message.get("content");
            let text = content.and_then(|content| {
                let block = || content.elements().find_map(|block| block.member("text")?.filled_text());
                content.filled_text().or_else(block)
            });
            notes.cwd(text.and_then(|text| directory_in(&text).map(|directory| directory.to_owned().into())));
        }
    }
}

/// Returns the directory that a message of the system names.
fn directory_in(text: &str) -> Option<&str> {
    let at = BEFORE_DIRECTORY.iter().find_map(|before| Some(text.find(before)? + before.len()))?;
    let directory = text[at..].lines().next()?.trim().trim_matches(['`', '"', '\'']);
    directory.starts_with('/').then_some(directory).or_else(|| {
        // `C:\x`
        let drive = directory.as_bytes().get(..2)?;
        (drive[0].is_ascii_alphabetic() && drive[1] == b':').then_some(directory)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path, identify};
    use std::path::Path;

    const SESSION: &str = "2a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    #[test]
    fn a_message_of_the_system_names_the_directory() {
        let head = br#"{"version":1,"createdAt":"2026-01-02T03:04:05Z","title":"Tests"}
{"role":"system","content":"OS: linux\nWorking directory: /home/me/app\nShell: sh"}
{"role":"user","content":[{"type":"text","text":"write tests"}]}"#;
        let path = format!("/h/.zencoder/sessions/{SESSION}.jsonl");
        let found = identify(Path::new(&path), &guess_path(Path::new(&path)), head);
        assert_eq!((found.agent, &*found.session_id), (ID, SESSION));
        let description = describe(ID, head, b"");
        assert_eq!(
            (description.cwd.as_deref(), description.title.as_deref()),
            (Some("/home/me/app"), Some("Tests"))
        );
        assert_eq!(description.started_at, "2026-01-02T03:04:05Z".parse().ok());
        assert_eq!(directory_in("cwd: relative"), None);
        assert_eq!(directory_in("cwd: C:\\x\ny"), Some("C:\\x"));
    }

    #[test]
    fn messages_are_told() {
        let lines = r#"{"version":1,"title":"Tests"}
{"role":"system","content":"cwd: /w"}
{"role":"user","content":[{"type":"text","text":"hi"}],"timestamp":"2026-01-02T03:04:05Z"}
{"message":{"role":"assistant","model":"m","content":"Well","usage":{"prompt_tokens":3,"completion_tokens":2},"tool_calls":[{"id":"c","function":{"name":"run","arguments":"{}"}}]}}
{"role":"tool","tool_call_id":"c","content":"a"}
{"type":"status","text":"x"}"#;
        assert_eq!(
            crate::agents::said::testing::told(ID, lines),
            [
                "system event title: Tests",
                "system text [injected]: cwd: /w",
                "user text: hi",
                "assistant text by m 3+2+0+0: Well",
                "assistant tool_call run (c) by m: {}",
                "tool tool_result (c): a",
                r#"system event status: {"type":"status","text":"x"}"#,
            ]
        );
    }
}
