//! DeepSeek TUI, later called CodeWhale: `~/.deepseek/sessions/<session>.json`, one document each.

use std::path::{Path, PathBuf};

use super::told::{guess, note_message, note_times};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::known::rendered::{say, title};
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::id_of_name;
use crate::message::{Kind, Mark, Role, Text};
use crate::recipe::Shape;

const ID: &str = "deepseek-tui";

/// Its directory in the home, and what that is called since the program has another name.
const HOMES: [&str; 2] = [".deepseek", ".codewhale"];

pub(crate) struct DeepSeek;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for DeepSeek {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "DeepSeek TUI"
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let homes = HOMES.iter().flat_map(|home| environment.in_home(home));
        homes.map(|home| home.join("sessions")).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".deepseek", ".codewhale"]
    }

    /// What lies deeper (`checkpoints/latest.json`) is the session that goes on, once more.
    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let stem = path.name().strip_suffix(b".json").filter(|stem| !stem.is_empty())?;
        let is_own =
            path.above(1) == b"sessions" && HOMES.iter().any(|home| home.as_bytes() == path.above(2));
        is_own.then(|| Recognised::Ours(guess(ID, Some(id_of_name(stem)), None)))
    }

    fn form(&self, path: &Path) -> Form {
        Form::Documents(vec![(path.to_path_buf(), Shape::Lists(&["messages"]))])
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_document = stray.name().ends_with(".json");
        let is_ours = is_document
            && stray.is_document(|document| {
                document.has("schema_version")
                    && document.has("messages")
                    && document.inside("metadata", "id").is_some()
            });
        is_ours.then(|| stray.in_root(".deepseek/sessions", 1))
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        let Some(data) = record.record("data") else { return };
        note_message(&data, notes);
        let Some(metadata) = data.record("metadata") else { return };
        note_times(&metadata, notes);
        notes.cwd(metadata.text("workspace"));
        notes.model(metadata.text("model"));
        notes.title(TitleRank::Generated, metadata.text("title"));
        notes.copied_from(metadata.get("parent_session_id"));
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        let Some(data) = record.record("data") else { return };
        let content = data.get("content");
        match data.text("role").as_deref() {
            Some("user") => say(told, Role::User, Kind::Text, content),
            Some("assistant") => say(told, Role::Assistant, Kind::Text, content),
            Some("tool") => say(told, Role::Tool, Kind::ToolResult, content),
            Some("system") => {
                told.mark(Mark::Injected);
                say(told, Role::System, Kind::Text, content);
            }
            _ => {
                told.time(data.inside("metadata", "created_at"));
                title(told, data.inside("metadata", "title"));
                return told.state(Text::Named("session"));
            }
        }
        told.state_otherwise(Text::Named("message"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_session_is_one_document_and_a_checkpoint_none() {
        let found = guess_path(Path::new("/h/.deepseek/sessions/a1.json"));
        assert_eq!((found.agent, found.session_id.as_deref()), (Some(ID), Some("a1")));
        assert_eq!(guess_path(Path::new("/h/.deepseek/sessions/checkpoints/latest.json")).agent, None);
    }

    #[test]
    fn its_metadata_tell_what_it_was_about() {
        let head = br#"{"document":"a1.json","id":"messages/0","data":{"role":"user","content":[{"type":"text","text":"fix it"}]}}
{"document":"a1.json","id":null,"data":{"schema_version":1,"metadata":{"id":"a1","title":"Fix","created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:05:05Z","model":"m","workspace":"/w/app"},"messages":[]}}
"#;
        let told = describe(ID, head, b"");
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w/app"), Some("Fix")));
        assert_eq!(told.model.as_deref(), Some("m"));
        assert_eq!(told.started_at, "2026-01-02T03:04:05Z".parse().ok());
        assert_eq!(told.ended_at, "2026-01-02T03:05:05Z".parse().ok());
    }

    #[test]
    fn messages_are_told_block_by_block() {
        let lines = r#"{"document":"a1.json","id":"messages/0","data":{"role":"user","content":[{"type":"text","text":"fix it"}]}}
{"document":"a1.json","id":"messages/1","data":{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"tool_use","id":"c1","name":"exec_shell","input":{"command":"ls"}}]}}
{"document":"a1.json","id":"messages/2","data":{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"a","is_error":true}]}}
{"document":"a1.json","id":null,"data":{"metadata":{"title":"Fix"},"messages":[]}}"#;
        assert_eq!(
            told(&DeepSeek, lines),
            [
                r#"user text "fix it""#,
                r#"assistant thinking "hm""#,
                r#"assistant tool_call exec_shell @c1 "{"command":"ls"}""#,
                r#"tool tool_result @c1 "a" error=true"#,
                r#"system event title "Fix""#,
                r#"system event session "LINE""#,
            ]
        );
    }
}
