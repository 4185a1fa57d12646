//! pi: `~/.pi/agent/sessions/--<cwd>--/<time>_<uuid>.jsonl`. OpenClaw writes the same records.
//!
//! Here is what its paths and records tell of a session; `said` is what its records say.

mod extension;
mod said;

use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::found::Guess;
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::agents::said::Telling;
use crate::agents::settings::{HookCall, Settings, Wanted};
use crate::environment::Environment;
use crate::identity::{is_uuid, uuid_in};

const ID: &str = "pi";

pub(crate) struct Pi;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Pi {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "pi"
    }

    /// `$PI_CODING_AGENT_DIR`, else `~/.pi/agent`.
    fn homes(&self, environment: &Environment) -> Vec<PathBuf> {
        let home = environment.path("PI_CODING_AGENT_DIR");
        home.map_or_else(|| environment.in_home(".pi/agent"), |home| vec![home])
    }

    fn settings(&self, home: &Path) -> Option<Settings> {
        Some(extension::of_home(home))
    }

    fn wanted_hooks(&self, home: &Path, call: &HookCall) -> Vec<Wanted> {
        vec![extension::wanted(home, call)]
    }

    /// `$PI_CODING_AGENT_SESSION_DIR`, else `sessions/` of its home.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        if let Some(sessions) = environment.path("PI_CODING_AGENT_SESSION_DIR") {
            return vec![sessions];
        }
        self.homes(environment).iter().map(|home| home.join("sessions")).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".pi", "agent", "sessions"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let stem = path.jsonl_stem()?;
        let underscore = memchr::memrchr(b'_', stem)?;
        let is_ours = is_uuid(&stem[underscore + 1..])
            && stem[..underscore].ends_with(b"Z")
            && stem.first().is_some_and(u8::is_ascii_digit);
        let session_id = uuid_in(&stem[underscore..]);
        is_ours.then_some(Recognised::Ours(Guess { agent: Some(ID), session_id, part_id: None }))
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        let is_header = record.is("type", "session") && record.has("timestamp") && record.has("cwd");
        record.text("id").filter(|_| is_header).map(Claim::session)
    }

    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[b"\"session\""]
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        said::tell(record, told);
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        match record.text("type").as_deref() {
            Some("session") => {
                notes.copied_by_header(record);
                notes.lineage().id(record.text("id"));
                notes.copied_from(record.get("parentSession"));
                notes.cwd(record.text("cwd"));
                notes.model(record.text("modelId"));
            }
            Some("model_change") => notes.model(record.text("modelId")),
            Some("session_info") => notes.title(TitleRank::Given, record.text("name")),
            Some("message") => {
                let Some(message) = record.record("message") else { return };
                notes.model(message.text("model"));
                if message.is("role", "user") {
                    notes.prompt(message.get("content"));
                }
            }
            _ => {}
        }
    }
}
