//! Kimi Code: `~/.kimi-code/sessions/wd_*/session_<uuid>/agents/<agent>/wire.jsonl`; before it
//! `~/.kimi/sessions/<directory hash>/<uuid>/wire.jsonl` and `context.jsonl`.
//!
//! Its records carry no session id: the path is all there is.

use std::path::PathBuf;

use crate::agents::agent::{Agent, Recognised};
use crate::agents::facts::{Claim, Notes};
use crate::agents::found::Guess;
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid, uuid_in};

const ID: &str = "kimi";

pub(crate) struct Kimi;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Kimi {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Kimi Code"
    }

    /// `sessions/` of `$KIMI_CODE_HOME`, else of `~/.kimi-code`; and the older `~/.kimi/sessions`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let home = environment.path("KIMI_CODE_HOME");
        let mut homes = home.map_or_else(|| environment.in_home(".kimi-code"), |home| vec![home]);
        homes.extend(environment.in_home(".kimi"));
        homes.iter().map(|home| home.join("sessions")).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".kimi-code", ".kimi", "sessions", "agents"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let ours =
            |session_id, part_id| Some(Recognised::Ours(Guess { agent: Some(ID), session_id, part_id }));
        let name = path.name();
        if name == b"wire.jsonl" && path.above(2) == b"agents" && path.above(3).starts_with(b"session_") {
            let part = (path.above(1) != b"main").then(|| id_of_name(path.above(1)));
            return ours(Some(session_id(path.above(3))), part);
        }
        if is_uuid(path.above(1)) {
            match name {
                b"wire.jsonl" => return ours(uuid_in(path.above(1)), None),
                b"context.jsonl" => return ours(uuid_in(path.above(1)), Some("context".to_string())),
                _ => {}
            }
        }
        None
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        let is_header = record.is("type", "metadata") && record.has("protocol_version");
        is_header.then(Claim::agent_only)
    }

    fn is_named_by_path(&self) -> bool {
        true
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        match record.text("type").as_deref() {
            Some("metadata") => notes.copied_by_header(record),
            Some("config.update") => notes.cwd(record.text("cwd")),
            Some("llm.request") => notes.model(record.text("model")),
            Some("turn.prompt") => notes.prompt(record.get("input")),
            _ => {}
        }
    }
}

/// Returns the id in a session's directory name: `session_<uuid>`.
fn session_id(directory: &[u8]) -> String {
    uuid_in(directory).unwrap_or_else(|| id_of_name(directory))
}
