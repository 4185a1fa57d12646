//! pi: `~/.pi/agent/sessions/--<cwd>--/<time>_<uuid>.jsonl`. OpenClaw writes the same records.
//!
//! Here is what its paths and records tell of a session; `said` is what its records say, and
//! `extension` is what of ours calls our hook.

mod extension;
mod said;

use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::found::Guess;
use crate::agents::lost::{Lost, Resume, path_word, with_own_member};
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

    fn home_variable(&self) -> Option<&'static str> {
        Some("PI_CODING_AGENT_DIR")
    }

    fn session_path(&self, lost: &Lost<'_>) -> Option<PathBuf> {
        let is_own = lost.file_name.ends_with(&format!("Z_{}.jsonl", lost.session_id));
        let name = match is_own {
            true => lost.file_name.to_owned(),
            false => {
                format!("{}_{}.jsonl", lost.started?.strftime("%Y-%m-%dT%H-%M-%S-%3fZ"), lost.session_id)
            }
        };
        let cwd = lost.cwd.strip_prefix(['/', '\\']).unwrap_or(lost.cwd).replace(['/', '\\', ':'], "-");
        (!cwd.is_empty()).then(|| PathBuf::from_iter([format!("--{cwd}--"), name]))
    }

    /// By its path, as an id is looked for among the sessions of the directory only.
    fn resume(&self, _lost: &Lost<'_>, path: &Path) -> Option<Resume> {
        Resume::in_directory(["pi", "--session", &path_word(path)])
    }

    fn marked_copy(&self, line: &[u8], record: &Record<'_>, original: &str) -> Option<Vec<u8>> {
        let is_header = record.is("type", "session") && record.has("cwd");
        is_header.then(|| with_own_member(line, "parentSession", &format!("\"{original}\"")))?
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
