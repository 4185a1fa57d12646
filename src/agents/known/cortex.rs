//! Snowflake Cortex Code: `~/.snowflake/cortex/conversations/<session>.history.jsonl`, and beside it one document of the
//! conversation, `<session>.json`.

use std::path::{Path, PathBuf};

use super::beside;
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::environment::Environment;
use crate::identity::id_of_name;
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

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.in_home(".snowflake/cortex/conversations")
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".snowflake", "cortex", "conversations"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        if path.above(1) != b"conversations" || path.above(2) != b"cortex" {
            return None;
        }
        let name = path.name();
        if let Some(stem) = name.strip_suffix(b".history.jsonl") {
            return Some(Recognised::session(ID, Some(id_of_name(stem))));
        }
        let stem = name.strip_suffix(b".json").filter(|stem| !stem.contains(&b'.'))?;
        Some(Recognised::part(ID, id_of_name(stem), "conversation".to_owned()))
    }

    /// The document is written anew at each turn.
    fn form(&self, path: &Path) -> Form {
        match path.extension().is_some_and(|extension| extension == "json") {
            true => Form::Documents(vec![(path.to_path_buf(), Shape::Lists(&["history", "messages"]))]),
            false => Form::Text,
        }
    }

    /// None: nothing in its records is its own.
    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn is_named_by_path(&self) -> bool {
        true
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        notes.common(record);
        if record.is("role", "user") {
            notes.prompt(record.get("content"));
        }
    }

    /// `<session>.json`.
    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(stem) = name.strip_suffix(".history.jsonl") else { return };
        let Some(text) = beside::read(&path.with_file_name(format!("{stem}.json"))) else { return };
        let Some(document) = Record::of_document(text.as_bytes()) else { return };
        notes.cwd(document.text("working_directory").or_else(|| document.text("cwd")));
        notes.title(TitleRank::Generated, document.text("title"));
        ["created_at", "last_updated"]
            .iter()
            .filter_map(|member| document.get(member))
            .for_each(|time| notes.time(time));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, describe_with_beside, guess_path, identify};
    use std::fs;

    const SESSION: &str = "7a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    #[test]
    fn the_history_is_the_session_and_the_document_a_part() {
        for (end, part) in [("history.jsonl", None), ("json", Some("conversation"))] {
            let path = format!("/h/.snowflake/cortex/conversations/{SESSION}.{end}");
            let path = Path::new(&path);
            let found = identify(path, &guess_path(path), b"{\"role\":\"user\"}");
            assert_eq!((found.agent, &*found.session_id, found.part_id.as_deref()), (ID, SESSION, part));
        }
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("a.json"), "{\n\"title\": \"Sales\",\n\"working_directory\": \"/w\"}")
            .unwrap();
        let description = describe(ID, br#"{"role":"user","content":"sum it"}"#, b"");
        assert_eq!(description.title.as_deref(), Some("sum it"));
        let told = describe_with_beside(ID, &home.path().join("a.history.jsonl"), description);
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w"), Some("Sales")));
    }
}
