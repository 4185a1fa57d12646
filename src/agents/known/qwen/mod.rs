//! Qwen Code: `~/.qwen/projects/<project>/chats/<session>.jsonl` and `subagents/<session>/agent-*.jsonl`; rows like
//! Claude Code's with messages like Gemini's. Before, documents like those of Gemini CLI in `~/.qwen/tmp`.
//!
//! Here is what its paths and records tell of a session; `said` is what its records say, and
//! `settings` has its hooks.

mod said;
mod settings;

use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::found::Guess;
use crate::agents::known::claude_code::flattened;
use crate::agents::known::documents::gemini_chats;
use crate::agents::lost::{Lost, Resume, with_own_member};
use crate::agents::names::{PathTail, stem};
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::settings::{HookCall, Settings, Wanted};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid, uuid_in};

const ID: &str = "qwen";

pub(crate) struct Qwen;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Qwen {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Qwen Code"
    }

    /// `$QWEN_HOME`, else `~/.qwen`.
    fn homes(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.path("QWEN_HOME").map_or_else(|| environment.in_home(".qwen"), |home| vec![home])
    }

    /// `projects/` and `tmp/` of `$QWEN_RUNTIME_DIR`, else of `$QWEN_HOME`, else of `~/.qwen`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let set = ["QWEN_RUNTIME_DIR", "QWEN_HOME"].iter().find_map(|name| environment.path(name));
        let homes = set.map_or_else(|| environment.in_home(".qwen"), |home| vec![home]);
        homes.iter().flat_map(|home| [home.join("projects"), home.join("tmp")]).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".qwen", "projects", "chats", "subagents"]
    }

    fn project_name(&self, cwd: &str) -> Option<String> {
        Some(flattened(cwd))
    }

    fn settings(&self, home: &Path) -> Option<Settings> {
        Some(settings::of_home(home))
    }

    fn wanted_hooks(&self, home: &Path, call: &HookCall) -> Vec<Wanted> {
        settings::wanted_hooks(home, call)
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let ours =
            |session_id, part_id| Some(Recognised::Ours(Guess { agent: Some(ID), session_id, part_id }));
        let Some(stem_bytes) = path.jsonl_stem() else {
            let is_ours = path.components().contains(&&b".qwen"[..]);
            return gemini_chats::recognise(ID, path).filter(|_| is_ours);
        };
        if path.above(2) == b"subagents" && is_uuid(path.above(1)) && stem_bytes.starts_with(b"agent-") {
            return ours(uuid_in(path.above(1)), Some(id_of_name(stem(path.name()))));
        }
        let is_chat = path.above(1) == b"chats" || (path.above(1) == b"archive" && path.above(2) == b"chats");
        if is_chat && is_uuid(stem_bytes) { ours(uuid_in(stem_bytes), None) } else { None }
    }

    fn form(&self, path: &Path) -> Form {
        gemini_chats::form(path)
    }

    fn id_in_document(&self, head: &[u8]) -> Option<String> {
        gemini_chats::session_id(head)
    }

    /// Its old documents are Gemini CLI's, of which it was made.
    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let name = stray.name();
        let is_ours = stray.is_trusted && name.starts_with("session-") && name.ends_with(".json");
        is_ours.then(|| stray.in_root(".qwen/tmp/project/chats", 1))
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        let session_id = record.text("sessionId")?;
        let is_message = record.inside("message", "parts").is_some();
        let is_ours = record.has("uuid") && (is_message || record.has("systemPayload"));
        is_ours.then(|| Claim::session(session_id))
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        if !gemini_chats::tell(record, told) {
            said::tell(record, told);
        }
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        if gemini_chats::note(record, notes) {
            return;
        }
        notes.common(record);
        notes.lineage().first(record);
        notes.copied_by_header(record);
        if notes.wants_prompt() && record.is("type", "user") {
            notes.prompt(record.inside("message", "parts"));
        }
        if record.is("subtype", "custom_title") {
            let title = record.inside("systemPayload", "customTitle");
            notes.title(TitleRank::Given, title.and_then(Value::text));
        }
    }

    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[b"\"sessionId\":"]
    }

    fn home_variable(&self) -> Option<&'static str> {
        Some("QWEN_HOME")
    }

    fn session_path(&self, lost: &Lost<'_>) -> Option<PathBuf> {
        let name = format!("{}.jsonl", lost.session_id);
        (!lost.cwd.is_empty()).then(|| PathBuf::from_iter([&flattened(lost.cwd), "chats", &name]))
    }

    fn resume(&self, lost: &Lost<'_>, _path: &Path) -> Option<Resume> {
        Resume::in_directory(["qwen", "--resume", lost.session_id])
    }

    fn marked_copy(&self, line: &[u8], record: &Record<'_>, original: &str) -> Option<Vec<u8>> {
        let is_row = record.has("uuid") && record.has("sessionId");
        is_row.then(|| with_own_member(line, "forkedFrom", &format!("{{\"sessionId\":\"{original}\"}}")))?
    }
}
