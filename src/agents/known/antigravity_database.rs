//! Antigravity CLI's databases: `~/.gemini/antigravity-cli/conversations/<session>.db`, one a session, whose steps are messages
//! of protobuf. Each is a part of the session that the readable transcript tells, told table by table.
//!
//! The agent's records in lines are not this file's business: it says what the agent that has both needs.

use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes};
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid};
use crate::recipe::Schema;

const ID: &str = "antigravity";

static SCHEMAS: [Schema; 1] = [Schema {
    together: &[],
    sessions: &["SELECT '', NULL, NULL FROM sqlite_master LIMIT 1"],
    marks: &[],
    tables: &[],
}];

/// Returns the directories that hold databases.
pub(crate) fn roots(environment: &Environment) -> Vec<PathBuf> {
    environment.in_home(".gemini/antigravity-cli/conversations")
}

/// Recognises a database.
pub(crate) fn recognise(path: &PathTail<'_>) -> Option<Recognised> {
    let stem = path.name().strip_suffix(b".db").filter(|stem| is_uuid(stem))?;
    let is_own = path.above(1) == b"conversations" && path.above(2).starts_with(b"antigravity");
    is_own.then(|| Recognised::part(ID, id_of_name(stem), "conversation".to_owned()))
}

/// Returns what a database is; `None` for other files.
pub(crate) fn form(path: &Path) -> Option<Form> {
    path.extension().is_some_and(|extension| extension == "db").then_some(Form::Database(&SCHEMAS))
}

/// Antigravity CLI as far as its databases go.
pub(crate) struct AntigravityDatabase;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for AntigravityDatabase {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Antigravity CLI"
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        roots(environment)
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["antigravity-cli", "conversations"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        recognise(path)
    }

    fn form(&self, path: &Path) -> Form {
        form(path).unwrap_or(Form::Text)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let stem = stray.name().strip_suffix(".db").filter(|stem| is_uuid(stem.as_bytes()));
        let is_ours = stem.is_some() && stray.has_columns(&["steps.idx"]);
        is_ours.then(|| stray.in_root(".gemini/antigravity-cli/conversations", 1))
    }

    fn stands_alone(&self, part_id: &str) -> bool {
        part_id == "conversation"
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    /// What the steps say is in protobuf.
    fn note(&self, _record: &Record<'_>, _notes: &mut Notes) {}

    /// What is said is said by the transcript; each row is an event that is called as its table is.
    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        let table = told.optional(record.get("table"));
        told.state(table);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::guess_path;
    use crate::agents::known::rendered::told;

    #[test]
    fn a_database_is_a_part_of_the_session_that_it_is_named_after() {
        let session = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        let guess = |path: String| guess_path(Path::new(&path));
        let found = guess(format!("/h/.gemini/antigravity-cli/conversations/{session}.db"));
        assert_eq!((found.agent, found.session_id.as_deref()), (Some(ID), Some(session)));
        assert_eq!(found.part_id.as_deref(), Some("conversation"));
        assert_eq!(guess(format!("/h/.other/conversations/{session}.db")).agent, None);
    }

    #[test]
    fn a_step_is_an_event() {
        let row = r#"{"table":"steps","id":0,"idx":0,"type":"user","step_payload":{"bytes":["do it",{"base64":"/w=="}]}}"#;
        assert_eq!(told(&AntigravityDatabase, row), [r#"system event steps "LINE""#]);
    }
}
