//! Gemini CLI: `~/.gemini/tmp/<project>/chats/session-<time>-<id8>.jsonl`, subagents in `chats/<session>/<id>.jsonl`.
//!
//! Its older `.json` files are one document each, written whole at each turn; they are not kept.

use std::path::PathBuf;

use super::describe::Notes;
use super::identify::Claim;
use super::json::Record;
use super::names::PathTail;
use super::{Agent, Guess, Place};
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid, uuid_in};

const ID: &str = "gemini";

pub(super) struct Gemini;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Gemini {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Gemini CLI"
    }

    /// `.gemini/tmp` in `$GEMINI_CLI_HOME`, else in the user's home.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let home = environment.path("GEMINI_CLI_HOME").map(|home| home.join(".gemini"));
        let homes = home.map_or_else(|| environment.in_home(".gemini"), |home| vec![home]);
        homes.iter().map(|home| home.join("tmp")).collect()
    }

    fn place(&self, path: &PathTail<'_>) -> Option<Place> {
        let ours = |session_id, part_id| Some(Place::Ours(Guess { agent: Some(ID), session_id, part_id }));
        let stem = path.jsonl_stem()?;
        if path.above(1) == b"chats" && stem.starts_with(b"session-") {
            return ours(None, None);
        }
        if path.above(2) == b"chats" && is_uuid(path.above(1)) {
            return ours(uuid_in(path.above(1)), Some(id_of_name(stem)));
        }
        None
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        record.text("sessionId").filter(|_| record.has("projectHash")).map(Claim::session)
    }

    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[b"\"projectHash\""]
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        notes.model(record.text("model"));
        if record.has("projectHash") {
            notes.lineage().header(record);
            notes.lineage().id(record.text("sessionId"));
        }
        if record.is("type", "user") {
            notes.prompt(record.get("content"));
        }
        if let Some(directories) = record.record("$set").and_then(|set| set.get("directories")) {
            notes.cwd(directories.elements().next().and_then(|directory| directory.text()));
        }
    }
}
