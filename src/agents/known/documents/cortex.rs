//! Cortex Code of Snowflake: `~/.snowflake/cortex/conversations/<uuid>.json`; `<uuid>.history.jsonl` beside it is a part.

use std::path::{Path, PathBuf};

use super::told::{guess, note_message};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::{is_uuid, uuid_in};
use crate::recipe::Shape;

const ID: &str = "cortex";

pub(crate) struct Cortex;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Cortex {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Cortex Code"
    }

    /// `cortex/conversations` in `$SNOWFLAKE_HOME`, else in `~/.snowflake`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let home = environment.path("SNOWFLAKE_HOME");
        let homes = home.map_or_else(|| environment.in_home(".snowflake"), |home| vec![home]);
        homes.iter().map(|home| home.join("cortex/conversations")).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["cortex", ".snowflake", "conversations"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        if path.above(1) != b"conversations" || path.above(2) != b"cortex" {
            return None;
        }
        let ours = |stem: &[u8], part: Option<String>| {
            is_uuid(stem).then(|| Recognised::Ours(guess(ID, uuid_in(stem), part)))
        };
        match path.name().strip_suffix(b".history.jsonl") {
            Some(stem) => ours(stem, Some("history".to_owned())),
            None => ours(path.name().strip_suffix(b".json")?, None),
        }
    }

    fn form(&self, path: &Path) -> Form {
        Form::Documents(vec![(path.to_path_buf(), Shape::Lists(&["history", "messages"]))])
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let stem = stray.name().strip_suffix(".json").filter(|stem| is_uuid(stem.as_bytes()))?;
        let is_ours = stray.is_document(|document| {
            let is_told =
                document.has("working_directory") || stray.has_beside(&format!("{stem}.history.jsonl"));
            document.has("session_id") && is_told
        });
        is_ours.then(|| stray.in_root(".snowflake/cortex/conversations", 1))
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        // The part's records are the agent's own, without anything around them.
        let Some(data) = record.record("data") else { return note_message(record, notes) };
        note_message(&data, notes);
        notes.cwd(data.text("working_directory").or_else(|| data.text("cwd")));
        notes.git_branch(data.text("git_branch"));
        notes.title(TitleRank::Given, data.text("title"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_conversation_has_its_history_for_a_part() {
        let id = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        for (ending, part) in [("json", None), ("history.jsonl", Some("history"))] {
            let found = guess_path(Path::new(&format!("/x/cortex/conversations/{id}.{ending}")));
            let told = (found.agent, found.session_id.as_deref(), found.part_id.as_deref());
            assert_eq!(told, (Some("cortex"), Some(id), part));
        }
    }

    #[test]
    fn what_stands_around_the_messages_tells_where_it_was() {
        let head = br#"{"document":"x.json","id":"history/0","data":{"role":"user","content":[{"type":"text","text":"count"}]}}
{"document":"x.json","id":null,"data":{"session_id":"x","title":"Rows","working_directory":"/w/app","created_at":"2026-01-02T03:04:05Z","last_updated":"2026-01-02T03:05:05Z","history":[]}}
"#;
        let told = describe("cortex", head, b"");
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w/app"), Some("Rows")));
        assert_eq!(
            told.ended_at.unwrap() - told.started_at.unwrap(),
            jiff::Span::new().seconds(60).fieldwise()
        );
    }
}
