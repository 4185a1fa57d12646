//! DeepSeek Harness: `~/.dsh/sessions/<project>/<session>/session.jsonl`, or packed to `session.jsonl.zstd`.

use std::path::PathBuf;

use crate::agents::agent::{Agent, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::agents::said::{Telling, tell_any};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::id_of_name;
use crate::message::Mark;

const ID: &str = "deepseek-harness";

pub(crate) struct Dsh;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Dsh {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "DeepSeek Harness"
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.in_home(".dsh/sessions")
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".dsh", "sessions"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let is_transcript =
            [&b"session.jsonl"[..], b"session.jsonl.zstd", b"session.jsonl.zst"].contains(&path.name());
        let is_ours = is_transcript && path.above(3) == b"sessions" && path.above(4) == b".dsh";
        is_ours.then(|| Recognised::session(ID, Some(id_of_name(path.above(1)))))
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_ours = match stray.name() {
            "session.jsonl" => {
                stray.begins_with(|record| record.is("type", "session") && !record.has("version"))
            }
            name => name == "session.jsonl.zstd",
        };
        is_ours.then(|| stray.in_root(".dsh/sessions", 3))
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
        notes.model(message.text("model"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path, identify};
    use std::path::Path;

    #[test]
    fn a_session_is_called_as_its_directory_is_packed_or_not() {
        let head =
            br#"{"role":"user","content":"hi","cwd":"/w","timestamp":"2026-01-02T03:04:05Z","model":"m"}"#;
        for name in ["session.jsonl", "session.jsonl.zstd"] {
            let path = format!("/h/.dsh/sessions/app/run-1/{name}");
            let found = identify(Path::new(&path), &guess_path(Path::new(&path)), head);
            assert_eq!((found.agent, &*found.session_id, found.part_id), (ID, "run-1", None), "{name}");
        }
        let description = describe(ID, head, b"");
        assert_eq!((description.cwd.as_deref(), description.title.as_deref()), (Some("/w"), Some("hi")));
        assert_eq!(description.model.as_deref(), Some("m"));
        assert_eq!(guess_path(Path::new("/h/x/app/run-1/session.jsonl")).agent, None);
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
