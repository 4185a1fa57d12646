//! Mistral Vibe: `~/.vibe/logs/session/session_<date>_<time>_<id>/messages.jsonl`, with directory, times and title in
//! `meta.json`; the sessions of subagents below `agents/`.
//!
//! Its records carry no session id: the path is all there is.

use std::path::{Path, PathBuf};

use super::beside;
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::{PathTail, part_id, stem};
use crate::agents::record::{Record, Value};
use crate::agents::said::{Telling, tell_any};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::id_of_name;
use crate::message::Mark;

const ID: &str = "vibe";

pub(crate) struct Vibe;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Vibe {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Mistral Vibe"
    }

    /// `logs/session/` of `$VIBE_HOME`, else of `~/.vibe`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let homes = environment.paths_or_home("VIBE_HOME", ".vibe");
        homes.iter().map(|home| home.join("logs/session")).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".vibe", "logs", "session", "agents"]
    }

    /// And the names of the sessions' directories, which tell a time and an id.
    fn gives_name(&self, name: &str) -> bool {
        self.given_names().contains(&name) || is_session(name.as_bytes())
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let name = path.name();
        if name != b"messages.jsonl" && name != b"meta.json" {
            return None;
        }
        if is_session(path.above(1)) && path.above(2) == b"session" && path.above(3) == b"logs" {
            let session_id = id_of_name(path.above(1));
            return Some(match name {
                b"messages.jsonl" => Recognised::session(ID, Some(session_id)),
                _ => Recognised::part(ID, session_id, "meta".to_owned()),
            });
        }
        // `<session>/agents/<subagent>/messages.jsonl`
        let is_subagent = path.above(2) == b"agents" && is_session(path.above(3));
        is_subagent.then(|| {
            let part = match name {
                b"messages.jsonl" => id_of_name(path.above(1)),
                _ => part_id(&[path.above(1), stem(name)]),
            };
            Recognised::part(ID, id_of_name(path.above(3)), part)
        })
    }

    fn form(&self, path: &Path) -> Form {
        beside::form(path)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_named = stray.name() == "messages.jsonl" && stray.above(2) != "agents";
        let text = beside::read(&stray.path.with_file_name("meta.json")).filter(|_| is_named)?;
        let meta = Record::of_document(text.as_bytes())?;
        let (id, start) = (meta.text("session_id")?, meta.text("start_time")?);
        let session = match is_session(stray.above(1).as_bytes()) {
            true => stray.above(1).to_owned(),
            false => {
                let digits: String = start.chars().filter(char::is_ascii_digit).take(14).collect();
                let (date, time) = digits.split_at_checked(8)?;
                format!("session_{date}_{time}_{}", id.chars().take(8).collect::<String>())
            }
        };
        Some(PathBuf::from_iter([".vibe/logs/session", &session, stray.name()]))
    }

    /// None: nothing in its records is its own.
    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn is_named_by_path(&self) -> bool {
        true
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        told.otherwise(&[record.get("role")]);
        // Reminders and the like, in the user's words.
        if record.is("role", "system") || record.get("injected").is_some_and(Value::is_true) {
            told.mark(Mark::Injected);
        }
        tell_any(record, told);
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        notes.model(record.text("model"));
        if record.is("role", "user") {
            notes.prompt(record.get("content"));
        }
    }

    /// `meta.json`.
    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        let Some(text) = beside::read(&path.with_file_name("meta.json")) else { return };
        let Some(meta) = Record::of_document(text.as_bytes()) else { return };
        notes.cwd(meta.inside("environment", "working_directory").and_then(Value::filled_text));
        notes.git_branch(meta.text("git_branch"));
        notes.title(TitleRank::Generated, meta.text("title"));
        notes.model(meta.inside("config", "active_model").and_then(Value::filled_text));
        ["start_time", "end_time"]
            .iter()
            .filter_map(|member| meta.get(member))
            .for_each(|time| notes.time(time));
        notes.copied_from(meta.get("parent_session_id"));
    }
}

/// Returns whether a directory is called `session_<date>_<time>_<id>`.
fn is_session(name: &[u8]) -> bool {
    let rest = name.strip_prefix(b"session_");
    rest.is_some_and(|rest| rest.len() > 16 && rest[..8].iter().all(u8::is_ascii_digit) && rest[8] == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, describe_with_beside, guess_path, identify};
    use std::fs;

    #[test]
    fn a_session_is_called_as_its_directory_is() {
        let tree = "/h/.vibe/logs/session/session_20260102_030405_0a1b2c3d";
        let session = "session_20260102_030405_0a1b2c3d";
        let sub = "session_20260102_030406_1a1b2c3d";
        for (name, part) in [
            ("messages.jsonl".to_owned(), None),
            ("meta.json".to_owned(), Some("meta".to_owned())),
            (format!("agents/{sub}/messages.jsonl"), Some(sub.to_owned())),
            (format!("agents/{sub}/meta.json"), Some(format!("{sub}-meta"))),
        ] {
            let path = format!("{tree}/{name}");
            let found = identify(Path::new(&path), &guess_path(Path::new(&path)), b"{\"role\":\"user\"}");
            assert_eq!((found.agent, &*found.session_id, found.part_id), (ID, session, part), "{name}");
        }
        assert_eq!(guess_path(Path::new("/x/session_today/meta.json")).agent, None);
    }

    #[test]
    fn the_document_beside_the_records_tells_where_and_when() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("messages.jsonl");
        let description = describe(ID, br#"{"role":"user","content":"hi"}"#, b"");
        let meta = r#"{
  "session_id": "x", "start_time": "2026-01-02T03:04:05Z", "end_time": "2026-01-02T03:05:05Z",
  "git_branch": "dev", "title": "Hello", "environment": {"working_directory": "/w"}
}"#;
        fs::write(home.path().join("meta.json"), meta).unwrap();
        let told = describe_with_beside(ID, &path, description);
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w"), Some("Hello")));
        assert_eq!(told.git_branch.as_deref(), Some("dev"));
        assert_eq!(told.started_at, "2026-01-02T03:04:05Z".parse().ok());
        assert_eq!(told.ended_at, "2026-01-02T03:05:05Z".parse().ok());
    }

    #[test]
    fn messages_in_openais_form_are_told() {
        let lines = r#"{"role":"system","content":"You are"}
{"role":"user","content":"hi"}
{"role":"user","content":"be kind","injected":true}
{"role":"assistant","content":"Well","reasoning_content":"hm","tool_calls":[{"id":"c","function":{"name":"bash","arguments":"{\"command\":\"ls\"}"},"type":"function"}]}
{"role":"tool","content":"a","name":"bash","tool_call_id":"c"}
{"role":"assistant","content":null}"#;
        assert_eq!(
            crate::agents::said::testing::told(ID, lines),
            [
                "system text [injected]: You are",
                "user text: hi",
                "user text [injected]: be kind",
                "assistant thinking: hm",
                "assistant text: Well",
                r#"assistant tool_call bash (c): {"command":"ls"}"#,
                "tool tool_result bash (c): a",
                r#"system event assistant: {"role":"assistant","content":null}"#,
            ]
        );
    }
}
