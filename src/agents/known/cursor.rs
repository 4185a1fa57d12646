//! Cursor CLI: `~/.cursor/projects/<project>/agent-transcripts/<session>/<session>.jsonl`, its subagents in `subagents/`;
//! earlier `agent-transcripts/<session>.jsonl`.
//!
//! Its records carry no session id and no time: the path is all there is.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::agents::agent::{Agent, Recognised};
use crate::agents::facts::{Claim, Notes};
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::agents::said::{Telling, role_named};
use crate::agents::settings::{Change, HookCall, SETUP, Settings, Wanted};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::id_of_name;

const ID: &str = "cursor";

/// Directory of a project's sessions.
const TRANSCRIPTS: &[u8] = b"agent-transcripts";

/// When Cursor calls us: `stop` is the end of a turn, which older versions alone know.
const EVENTS: [&str; 3] = ["sessionEnd", "preCompact", "stop"];

/// Seconds that a hook may take.
const TIMEOUT: u64 = 10;

pub(crate) struct Cursor;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Cursor {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Cursor"
    }

    fn homes(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.in_home(".cursor")
    }

    /// `hooks.json`, of the editor as well as of the command line.
    fn settings(&self, home: &Path) -> Option<Settings> {
        let never = |_: &Value| None;
        Some(Settings::of_file(&home.join("hooks.json"), SETUP.to_owned(), &never))
    }

    fn wanted_hooks(&self, home: &Path, call: &HookCall) -> Vec<Wanted> {
        let wanted =
            |what: String, change| Wanted { file: home.join("hooks.json"), what, change, note: None };
        let version = Change::Member { path: vec!["version"], value: 1.into(), is_default: true };
        let hook = |event| Change::Hook {
            path: vec!["hooks", event],
            element: json!({"command": call.line, "timeout": TIMEOUT}),
        };
        let hooks = EVENTS.map(|event| wanted(format!("hook on {event}"), hook(event)));
        std::iter::once(wanted("version of the file's form".to_owned(), version)).chain(hooks).collect()
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.in_home(".cursor/projects")
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".cursor", "projects", "agent-transcripts", "subagents"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let stem = path.jsonl_stem()?;
        if path.above(1) == TRANSCRIPTS {
            return Some(Recognised::session(ID, Some(id_of_name(stem))));
        }
        if path.above(2) == TRANSCRIPTS {
            let session_id = id_of_name(path.above(1));
            return Some(match path.above(1) == stem {
                true => Recognised::session(ID, Some(session_id)),
                false => Recognised::part(ID, session_id, id_of_name(stem)),
            });
        }
        let is_subagent = path.above(1) == b"subagents" && path.above(3) == TRANSCRIPTS;
        is_subagent.then(|| Recognised::part(ID, id_of_name(path.above(2)), id_of_name(stem)))
    }

    /// Only where sessions are: a project's directory holds what tools and terminals said as well.
    fn enters(&self, path: &PathTail<'_>) -> bool {
        path.above(2) != b"projects" || path.name() == TRANSCRIPTS
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let stem = stray.name().strip_suffix(".jsonl").filter(|stem| !stem.is_empty())?;
        let is_ours = stray.begins_with(|record| {
            let others = ["type", "uuid", "sessionId", "timestamp", "id"];
            let is_plain = !others.iter().any(|other| record.has(other));
            is_plain && record.has("role") && record.inside("message", "content").is_some()
        });
        // A subagent's is a part of what lies above it.
        let above = stray.path.ancestors().nth(2).filter(|_| stray.above(1) == "subagents");
        let is_part = above.is_some_and(|above| {
            let entries = std::fs::read_dir(above).into_iter().flatten().flatten();
            entries.into_iter().any(|entry| entry.file_name().as_encoded_bytes().ends_with(b".jsonl"))
        });
        let directory = PathBuf::from_iter([".cursor/projects/project/agent-transcripts", stem]);
        (is_ours && !is_part).then(|| directory.join(stray.name()))
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
        told.model(record.get("model"));
        let Some(role) = record.get("role").and_then(role_named) else { return };
        let message = record.get("message").or_else(|| record.get("content"));
        let content = message.and_then(|message| message.member("content")).or(message);
        told.content(role, content);
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        notes.model(record.text("model"));
        if !record.is("role", "user") || !notes.wants_prompt() {
            return;
        }
        let Some(message) = record.record("message") else { return };
        let content = message.get("content");
        let text = content.and_then(|content| {
            let block = || content.elements().find_map(|block| block.member("text")?.filled_text());
            content.filled_text().or_else(block)
        });
        // Newer versions put marks around what the user typed.
        let typed = text.as_deref().and_then(|text| {
            let (_, after) = text.split_once("<user_query>")?;
            after.split("</user_query>").next()
        });
        match typed {
            Some(typed) => notes.typed(typed),
            None => notes.prompt(content),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path, identify};
    use std::path::Path;

    const SESSION: &str = "5a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    #[test]
    fn a_session_has_a_directory_and_its_subagents_are_parts() {
        let child = "6a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        for (path, part) in [
            (format!("{SESSION}/{SESSION}.jsonl"), None),
            (format!("{SESSION}.jsonl"), None),
            (format!("{SESSION}/subagents/{child}.jsonl"), Some(child)),
            (format!("{SESSION}/subagents/helper.jsonl"), Some("helper")),
        ] {
            let path = format!("/h/.cursor/projects/home-me-app/agent-transcripts/{path}");
            let path = Path::new(&path);
            let found = identify(path, &guess_path(path), br#"{"role":"user","message":{"content":[]}}"#);
            assert_eq!(
                (found.agent, &*found.session_id, found.part_id.as_deref()),
                (ID, SESSION, part),
                "{path:?}"
            );
        }
    }

    #[test]
    fn the_prompt_is_what_the_user_typed() {
        for text in ["sort it", "<user_query>\\nsort it\\n</user_query>"] {
            let head = format!(
                r#"{{"role":"user","message":{{"content":[{{"type":"text","text":"{text}"}}]}}}}
{{"role":"assistant","message":{{"content":[]}},"model":"auto"}}"#
            );
            let description = describe(ID, head.as_bytes(), b"");
            assert_eq!(description.title.as_deref().map(str::trim), Some("sort it"));
            assert_eq!(description.model.as_deref(), Some("auto"));
        }
    }

    #[test]
    fn messages_calls_and_answers_are_told() {
        let lines = r#"{"role":"user","message":{"content":[{"type":"text","text":"<user_query>\nsort it\n</user_query>"}]}}
{"role":"assistant","message":{"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"Well"},{"type":"tool_use","name":"Bash","input":{"command":"ls"}},{"type":"tool_call","name":"read_file","input":{"path":"a"}}]},"model":"auto"}
{"role":"user","message":{"content":[{"type":"tool-result","name":"read_file","content":[{"type":"text","text":"b"}]}]}}
{"type":"turn_ended","status":"success"}"#;
        assert_eq!(
            crate::agents::said::testing::told(ID, lines),
            [
                "user text: <user_query>\nsort it\n</user_query>",
                "assistant thinking by auto: hm",
                "assistant text by auto: Well",
                r#"assistant tool_call Bash by auto: {"command":"ls"}"#,
                r#"assistant tool_call read_file by auto: {"path":"a"}"#,
                "tool tool_result read_file: b",
                r#"system event turn_ended: {"type":"turn_ended","status":"success"}"#,
            ]
        );
    }
}
