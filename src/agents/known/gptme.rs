//! gptme: `~/.local/share/gptme/logs/<conversation>/conversation.jsonl`, other branches of it in `branches/`, and its
//! settings in `config.toml`.
//!
//! Its records carry no session id: the path is all there is.

use std::path::{Path, PathBuf};

use super::beside;
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::{PathTail, part_id, stem};
use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, role_named, tokens};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::id_of_name;
use crate::message::{Mark, Outcome, Role};

const ID: &str = "gptme";

pub(crate) struct Gptme;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Gptme {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "gptme"
    }

    /// `$GPTME_LOGS_HOME`, else `gptme/logs/` of `$XDG_DATA_HOME`, else of `~/.local/share`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        if let Some(logs) = environment.path("GPTME_LOGS_HOME") {
            return vec![logs];
        }
        let data = environment.path("XDG_DATA_HOME");
        let data = data.map_or_else(|| environment.in_home(".local/share"), |data| vec![data]);
        data.iter().map(|data| data.join("gptme/logs")).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["gptme", "logs", "branches"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let name = path.name();
        if path.above(2) == b"logs" && (name == b"conversation.jsonl" || path.above(3) == b"gptme") {
            let session_id = id_of_name(path.above(1));
            return match name {
                b"conversation.jsonl" => Some(Recognised::session(ID, Some(session_id))),
                b"config.toml" => Some(Recognised::part(ID, session_id, "config".to_owned())),
                // What happened, which says all of it again, and what else is noted of the conversation.
                name if name.ends_with(b".jsonl") => {
                    Some(Recognised::part(ID, session_id, part_id(&[stem(name)])))
                }
                _ => None,
            };
        }
        let is_branch = path.above(1) == b"branches" && path.above(3) == b"logs" && name.ends_with(b".jsonl");
        is_branch.then(|| Recognised::part(ID, id_of_name(path.above(2)), part_id(&[b"branch", stem(name)])))
    }

    /// For `config.toml`.
    fn takes_any_name(&self, directory: &PathTail<'_>) -> bool {
        directory.above(1) == b"logs" && directory.above(2) == b"gptme"
    }

    /// `workspace` is a link to the user's project.
    fn enters(&self, path: &PathTail<'_>) -> bool {
        !(path.name() == b"workspace" && path.above(2) == b"logs")
    }

    fn form(&self, path: &Path) -> Form {
        beside::form(path)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_ours = stray.name() == "conversation.jsonl"
            && stray
                .begins_with(|record| record.has("role") && record.has("content") && record.has("timestamp"));
        is_ours.then(|| stray.in_root(".local/share/gptme/logs", 2))
    }

    /// None: nothing in its records is its own.
    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn is_named_by_path(&self) -> bool {
        true
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        told.time(record.get("timestamp"));
        let metadata = record.record("metadata");
        let of_metadata = |key: &str| metadata.as_ref()?.get(key);
        told.model(of_metadata("model"));
        told.tokens(tokens(of_metadata("usage"), Cached::Apart));
        let content = record.get("content");
        match record.get("role").and_then(role_named) {
            // What a tool answered is a message of the system that names the call.
            Some(Role::System) if record.text("call_id").is_some() => {
                told.result(record.get("call_id"), None, content, Outcome::default());
            }
            Some(role) => {
                let is_given =
                    ["hide", "pinned"].iter().any(|key| record.get(key).is_some_and(Value::is_true));
                if role == Role::System && is_given {
                    told.mark(Mark::Injected);
                }
                told.content(role, content);
            }
            None => {}
        }
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        notes.model(record.inside("metadata", "model").and_then(|model| model.filled_text()));
        if record.is("role", "user") {
            notes.prompt(record.get("content"));
        }
    }

    /// `config.toml`: lines such as `workspace = "/home/me/app"`.
    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        let Some(text) = beside::read(&path.with_file_name("config.toml")) else { return };
        for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
            let value = value.trim().trim_matches('"').to_owned();
            match key.trim() {
                "workspace" if Path::new(&value).has_root() => notes.cwd(Some(value.into())),
                "model" => notes.model(Some(value.into())),
                "name" => notes.title(TitleRank::Given, Some(value.into())),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, describe_with_beside, guess_path, identify};
    use std::fs;

    #[test]
    fn a_conversation_and_its_branches_are_called_as_its_directory_is() {
        for (name, part) in [
            ("conversation.jsonl", None),
            ("branches/try-2.jsonl", Some("branch-try-2")),
            ("config.toml", Some("config")),
            ("events.jsonl", Some("events")),
        ] {
            let path = format!("/h/.local/share/gptme/logs/2026-01-02-sorting-things/{name}");
            let found = identify(Path::new(&path), &guess_path(Path::new(&path)), b"{\"role\":\"user\"}");
            let told = (found.agent, &*found.session_id, found.part_id.as_deref());
            assert_eq!(told, (ID, "2026-01-02-sorting-things", part), "{name}");
        }
    }

    #[test]
    fn records_tell_when_and_the_settings_where() {
        let home = tempfile::tempdir().unwrap();
        let head = br#"{"role":"system","content":"You are","timestamp":"2026-01-02T03:04:05"}
{"role":"user","content":"sort it","timestamp":"2026-01-02T03:04:06"}"#;
        let description = describe(ID, head, b"");
        assert_eq!(description.title.as_deref(), Some("sort it"));
        assert_eq!(description.started_at, "2026-01-02T03:04:05Z".parse().ok());
        fs::write(home.path().join("config.toml"), "[chat]\nmodel = \"m/1\"\nworkspace = \"/w\"\n").unwrap();
        let told = describe_with_beside(ID, &home.path().join("conversation.jsonl"), description);
        assert_eq!((told.cwd.as_deref(), told.model.as_deref()), (Some("/w"), Some("m/1")));
    }

    #[test]
    fn messages_and_what_tools_answered_are_told() {
        let lines = r#"{"role":"system","content":"You are","hide":true,"pinned":true,"timestamp":"2026-01-02T03:04:05"}
{"role":"user","content":"hi","timestamp":"2026-01-02T03:04:06"}
{"role":"assistant","content":"Well","metadata":{"model":"m","usage":{"input_tokens":3,"output_tokens":2}}}
{"role":"system","content":"Ran `ls`","call_id":"c"}
{"role":"system","content":"Ran `pwd`"}
{"type":"step","name":"x"}"#;
        assert_eq!(
            crate::agents::said::testing::told(ID, lines),
            [
                "system text [injected]: You are",
                "user text: hi",
                "assistant text by m 3+2+0+0: Well",
                "tool tool_result (c): Ran `ls`",
                "system text: Ran `pwd`",
                r#"system event step: {"type":"step","name":"x"}"#,
            ]
        );
    }
}
