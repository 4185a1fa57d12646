//! GitHub Copilot CLI: `~/.copilot/session-state/<session>/events.jsonl`, earlier `session-state/<session>.jsonl`.

use std::path::{Path, PathBuf};

use super::documents::copilot_history;
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes};
use crate::agents::found::Guess;
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid, uuid_in};

const ID: &str = "copilot";

pub(crate) struct Copilot;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Copilot {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "GitHub Copilot CLI"
    }

    /// `session-state/`, and that of its first version, of `$COPILOT_HOME`, else of `~/.copilot`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let home = environment.path("COPILOT_HOME");
        let homes = home.map_or_else(|| environment.in_home(".copilot"), |home| vec![home]);
        let all = |home: &PathBuf| [home.join("session-state"), home.join(copilot_history::DIRECTORY)];
        homes.iter().flat_map(all).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".copilot"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let ours = |session_id| Some(Recognised::Ours(Guess { agent: Some(ID), session_id, part_id: None }));
        let directory = path.above(1);
        if path.name() == b"events.jsonl" && (path.above(2) == b"session-state" || is_uuid(directory)) {
            return ours((!directory.is_empty()).then(|| id_of_name(directory)));
        }
        let Some(stem) = path.jsonl_stem() else { return copilot_history::recognise(ID, path) };
        if directory == b"session-state" { ours(uuid_in(stem)) } else { None }
    }

    fn form(&self, path: &Path) -> Form {
        copilot_history::form(path)
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        let data = record.record("data").filter(|_| record.is("type", "session.start"))?;
        data.text("sessionId").map(Claim::session)
    }

    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[b"\"session.start\""]
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        if copilot_history::note(record, notes) {
            return;
        }
        let Some(data) = record.record("data") else { return };
        match record.text("type").as_deref() {
            Some("session.start" | "session.resume") => {
                notes.copied_by_header(&data);
                notes.lineage().id(data.text("sessionId"));
                let context = data.record("context");
                notes.cwd(context.as_ref().and_then(|context| context.text("cwd")));
                notes.git_branch(context.as_ref().and_then(|context| context.text("branch")));
                notes.model(data.text("selectedModel"));
            }
            Some("session.model_change") => notes.model(data.text("newModel")),
            Some("user.message") => notes.prompt(data.get("content")),
            _ => {}
        }
    }
}
