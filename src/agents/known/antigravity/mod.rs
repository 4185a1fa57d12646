//! Antigravity CLI: `~/.gemini/antigravity-cli/brain/<uuid>/.system_generated/logs/transcript.jsonl`, and beside it the
//! same steps at full length in `transcript_full.jsonl`.
//!
//! Its records carry no session id: the path is all there is.
//!
//! Here is what its paths and records tell of a session; `said` is what its records say.

mod said;

use std::borrow::Cow;
use std::path::PathBuf;

use crate::agents::agent::{Agent, Recognised};
use crate::agents::facts::{Claim, Notes};
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::id_of_name;

const ID: &str = "antigravity";

/// What stands around that which the user typed.
const REQUEST: (&str, &str) = ("<USER_REQUEST>", "</USER_REQUEST>");

/// What stands before the name of a model that the user chose, and after the one that was in use.
const MODEL: (&str, &str) = ("`Model Selection` from ", " to ");

pub(crate) struct Antigravity;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Antigravity {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Antigravity CLI"
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let homes = environment.path("GEMINI_CLI_HOME").map(|home| home.join(".gemini"));
        let homes = homes.map_or_else(|| environment.in_home(".gemini"), |home| vec![home]);
        homes
            .iter()
            .flat_map(|home| ["antigravity-cli", "antigravity"].map(|name| home.join(name).join("brain")))
            .collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["antigravity-cli", "antigravity", "brain", ".system_generated", "logs"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let stem = path.jsonl_stem()?;
        if path.above(2) != b".system_generated" || path.above(1) != b"logs" || path.above(4) != b"brain" {
            return None;
        }
        let session_id = id_of_name(path.above(3));
        Some(match stem {
            b"transcript" => Recognised::session(ID, Some(session_id)),
            _ => Recognised::part(ID, session_id, id_of_name(stem)),
        })
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_named = matches!(stray.name(), "transcript.jsonl" | "transcript_full.jsonl");
        if !is_named || !stray.begins_with(|record| self.claim(record).is_some()) {
            return None;
        }
        let between = [".system_generated", "logs"];
        let above = (1..=2).take_while(|level| between.contains(&stray.above(*level))).count();
        let session = stray.above(above + 1);
        let brain = ".gemini/antigravity-cli/brain";
        Some(PathBuf::from_iter([brain, session, between[0], between[1], stray.name()]))
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        let is_ours = record.has("source") && record.has("created_at") && record.has("step_index");
        is_ours.then(Claim::agent_only)
    }

    fn is_named_by_path(&self) -> bool {
        true
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        said::tell(record, told);
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        if !record.is("source", "USER_EXPLICIT") {
            return;
        }
        let Some(content) = record.text("content") else { return };
        if let Some((_, after)) = content.split_once(MODEL.0)
            && let Some((_, model)) = after.lines().next().and_then(|line| line.split_once(MODEL.1))
        {
            notes.model(Some(Cow::Owned(model.trim_end_matches('.').to_owned())));
        }
        let typed =
            content.split_once(REQUEST.0).map(|(_, after)| after.split(REQUEST.1).next().unwrap_or(after));
        match typed {
            Some(typed) => notes.typed(typed),
            None => notes.prompt(record.get("content")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path, identify};
    use std::path::Path;

    const SESSION: &str = "4a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    #[test]
    fn two_logs_of_one_directory_are_one_session() {
        for home in ["antigravity-cli", "antigravity"] {
            for (name, part) in
                [("transcript.jsonl", None), ("transcript_full.jsonl", Some("transcript_full"))]
            {
                let path = format!("/h/.gemini/{home}/brain/{SESSION}/.system_generated/logs/{name}");
                let path = Path::new(&path);
                let found = identify(path, &guess_path(path), b"{\"source\":\"MODEL\"}");
                assert_eq!((found.agent, &*found.session_id, found.part_id.as_deref()), (ID, SESSION, part));
            }
        }
    }

    #[test]
    fn the_request_is_what_stands_between_its_marks() {
        let head = br#"{"step_index":0,"source":"USER_EXPLICIT","created_at":"2026-01-02T03:04:05Z","content":"<USER_REQUEST>\nsort it\n</USER_REQUEST>\n<X>\nThe user changed setting `Model Selection` from None to Fast 3 (Low).\n</X>"}
{"step_index":1,"source":"MODEL","created_at":"2026-01-02T03:04:06Z","content":"done"}"#;
        let description = describe(ID, head, b"");
        assert_eq!(description.title.as_deref(), Some("sort it"));
        assert_eq!(description.model.as_deref(), Some("Fast 3 (Low)"));
        assert_eq!(description.ended_at, "2026-01-02T03:04:06Z".parse().ok());
        assert_eq!(identify(Path::new("a.jsonl"), &guess_path(Path::new("a.jsonl")), head).agent, ID);
    }
}
