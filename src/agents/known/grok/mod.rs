//! Grok CLI: `$GROK_HOME/sessions/<percent-encoded directory>/<uuid>/chat_history.jsonl`. Beside it `updates.jsonl` holds
//! what the screen showed, which alone has times and images, and `summary.json` what the session is about.
//!
//! Its records carry no session id: the path is all there is.
//!
//! Here is what its paths and records tell of a session; `said` is what its records say.

mod said;

use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::known::beside;
use crate::agents::names::{PathTail, stem};
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid, uuid_in};

const ID: &str = "grok";

/// Members of a record, one of which tells that it is Grok's.
const OWN_MEMBERS: [&str; 4] = ["prompt_index", "synthetic_reason", "model_fingerprint", "encrypted_content"];

pub(crate) struct Grok;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Grok {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Grok"
    }

    /// `sessions/` of `$GROK_HOME`, else of `~/.grok`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let homes = environment.paths_or_home("GROK_HOME", ".grok");
        homes.iter().map(|home| home.join("sessions")).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".grok", "sessions"]
    }

    fn project_name(&self, cwd: &str) -> Option<String> {
        Some(beside::percent_encoded(cwd))
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let session_id = uuid_in(path.above(1)).filter(|_| is_uuid(path.above(1)))?;
        let is_ours =
            path.above(3) == b"sessions" && (path.above(2).starts_with(b"%") || path.above(4) == b".grok");
        let name = path.name();
        if !is_ours || !(name.ends_with(b".jsonl") || name.ends_with(b".json")) {
            return None;
        }
        Some(match name {
            b"chat_history.jsonl" => Recognised::session(ID, Some(session_id)),
            _ => Recognised::part(ID, session_id, id_of_name(stem(name))),
        })
    }

    fn form(&self, path: &Path) -> Form {
        beside::form(path)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_ours = stray.name() == "chat_history.jsonl"
            && stray.begins_with(|record| self.claim(record).is_some() || stray.has_beside("updates.jsonl"));
        if !is_ours || is_uuid(stray.above(1).as_bytes()) {
            return is_ours.then(|| stray.in_root(".grok/sessions", 3));
        }
        let summary = beside::read(&stray.path.with_file_name("summary.json"))?;
        let id = Record::of_document(summary.as_bytes())?.inside("info", "id")?.filled_text()?;
        is_uuid(id.as_bytes())
            .then(|| PathBuf::from_iter([".grok/sessions", stray.above(2), &*id, stray.name()]))
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        let is_ours = record.has("type")
            && !record.has("payload")
            && OWN_MEMBERS.iter().any(|member| record.has(member))
            && !["uuid", "sessionId", "session_id", "timestamp", "message"]
                .iter()
                .any(|other| record.has(other));
        is_ours.then(Claim::agent_only)
    }

    fn is_named_by_path(&self) -> bool {
        true
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        said::tell(record, told);
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        notes.model(record.text("model_id"));
        if record.is("type", "user") && !record.has("synthetic_reason") {
            notes.prompt(record.get("content"));
        }
    }

    /// `summary.json`, and what the directory of the project is called.
    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        if let Some(text) = beside::read(&path.with_file_name("summary.json"))
            && let Some(summary) = Record::of_document(text.as_bytes())
        {
            notes.cwd(summary.inside("info", "cwd").and_then(Value::filled_text));
            notes.title(TitleRank::Summary, summary.text("session_summary"));
            notes.title(TitleRank::Generated, summary.text("generated_title"));
            notes.model(summary.text("current_model_id"));
            notes.git_branch(summary.text("head_branch"));
            ["created_at", "updated_at", "last_active_at"]
                .iter()
                .filter_map(|member| summary.get(member))
                .for_each(|time| notes.time(time));
        }
        let project = path.ancestors().nth(2).and_then(Path::file_name).and_then(|name| name.to_str());
        notes.cwd(project.and_then(beside::percent_decoded).filter(|cwd| Path::new(&**cwd).has_root()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, describe_with_beside, guess_path, identify};
    use std::fs;

    const SESSION: &str = "019f0000-4e5f-7061-8071-2a3b4c5d6e7f";

    #[test]
    fn two_views_and_a_summary_are_one_session() {
        let tree = "/h/.grok/sessions/%2Fhome%2Fme%2Fapp";
        for (name, part) in [
            ("chat_history.jsonl", None),
            ("updates.jsonl", Some("updates")),
            ("summary.json", Some("summary")),
            ("signals.json", Some("signals")),
        ] {
            let path = format!("{tree}/{SESSION}/{name}");
            let found = identify(Path::new(&path), &guess_path(Path::new(&path)), b"{\"type\":\"x\"}");
            assert_eq!(
                (found.agent, &*found.session_id, found.part_id.as_deref()),
                (ID, SESSION, part),
                "{name}"
            );
        }
        assert_eq!(guess_path(Path::new(&format!("/x/{SESSION}/summary.json"))).part_id, None);
    }

    #[test]
    fn the_first_prompt_is_what_the_user_typed() {
        let head = br#"{"type":"system","content":"You are"}
{"type":"user","content":[{"type":"text","text":"workspace: x"}],"synthetic_reason":"environment_context"}
{"type":"user","content":[{"type":"text","text":"sort the list"}],"prompt_index":0}
{"type":"assistant","content":"done","model_id":"grok-x","model_fingerprint":"f"}"#;
        let description = describe(ID, head, b"");
        assert_eq!(description.title.as_deref(), Some("sort the list"));
        assert_eq!(description.model.as_deref(), Some("grok-x"));
        assert_eq!(identify(Path::new("a.jsonl"), &guess_path(Path::new("a.jsonl")), head).agent, ID);
    }

    #[test]
    fn the_summary_tells_what_the_records_leave_open_and_else_the_path_does() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join(".grok/sessions/%2Fhome%2Fme%2Fmy%20app").join(SESSION);
        fs::create_dir_all(&directory).unwrap();
        let path = directory.join("chat_history.jsonl");
        let head = br#"{"type":"user","content":"hi","prompt_index":0}"#;
        let bare = describe_with_beside(ID, &path, describe(ID, head, b""));
        assert_eq!((bare.cwd.as_deref(), bare.title.as_deref()), (Some("/home/me/my app"), Some("hi")));
        let summary = r#"{
  "info": {"id": "x", "cwd": "/home/me/other"},
  "generated_title": "Say hello",
  "created_at": "2026-01-02T03:04:05Z",
  "last_active_at": "2026-01-02T03:05:05Z",
  "head_branch": "main"
}"#;
        fs::write(directory.join("summary.json"), summary).unwrap();
        let told = describe_with_beside(ID, &path, describe(ID, head, b""));
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/home/me/other"), Some("Say hello")));
        assert_eq!(told.git_branch.as_deref(), Some("main"));
        assert_eq!(told.started_at, "2026-01-02T03:04:05Z".parse().ok());
        assert_eq!(told.ended_at, "2026-01-02T03:05:05Z".parse().ok());
    }
}
