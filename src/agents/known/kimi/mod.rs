//! Kimi Code: `~/.kimi-code/sessions/wd_*/session_<uuid>/agents/<agent>/wire.jsonl`, with directory and title in the
//! session's `state.json`; before it `~/.kimi/sessions/<directory hash>/<uuid>/context.jsonl`, the conversation, and beside
//! that `wire.jsonl`, what its screen showed.
//!
//! Its records carry no session id: the path is all there is.
//!
//! Here is what its paths and records tell of a session; `said` is what its records say.

mod said;

use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::found::Guess;
use crate::agents::known::{beside, md5};
use crate::agents::lost::{Lost, Resume};
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
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

    /// And the names of the older generation's directories of projects, which are hashes.
    fn gives_name(&self, name: &str) -> bool {
        self.given_names().contains(&name) || is_hash(name)
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let ours =
            |session_id, part_id| Some(Recognised::Ours(Guess { agent: Some(ID), session_id, part_id }));
        let name = path.name();
        if name == b"wire.jsonl" && path.above(2) == b"agents" && path.above(3).starts_with(b"session_") {
            let part = (path.above(1) != b"main").then(|| id_of_name(path.above(1)));
            return ours(Some(session_id(path.above(3))), part);
        }
        if name == b"state.json"
            && path.above(1).starts_with(b"session_")
            && path.above(2).starts_with(b"wd_")
        {
            return ours(Some(session_id(path.above(1))), Some("state".to_owned()));
        }
        let is_old = |levels: usize| {
            path.above(levels + 2) == b"sessions"
                && path.above(levels + 3) == b".kimi"
                && !path.above(levels).is_empty()
        };
        match name {
            b"context.jsonl" if is_old(1) => ours(Some(session_id(path.above(1))), None),
            b"wire.jsonl" if is_old(1) => ours(Some(session_id(path.above(1))), Some("wire".to_owned())),
            b"context.jsonl" if is_uuid(path.above(1)) => ours(uuid_in(path.above(1)), None),
            b"wire.jsonl" if is_uuid(path.above(1)) => ours(uuid_in(path.above(1)), Some("wire".to_owned())),
            _ => None,
        }
    }

    fn form(&self, path: &Path) -> Form {
        beside::form(path)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_wire = stray.name() == "wire.jsonl";
        if stray.name() == "context.jsonl" || (is_wire && stray.has_beside("context.jsonl")) {
            let is_ours = stray.begins_with(|record| record.has("role") || record.is("type", "metadata"))
                || (is_wire && stray.has_beside("context.jsonl"));
            return is_ours.then(|| stray.in_root(".kimi/sessions", 3));
        }
        let is_ours = is_wire
            && stray.begins_with(|record| {
                let is_header = record.is("type", "metadata") && record.has("protocol_version");
                is_header
                    || (record.has("time") && record.text("type").is_some_and(|kind| kind.contains('.')))
            });
        if !is_ours {
            return None;
        }
        let agent = stray.above(1);
        let is_named = agent == "main" || agent.starts_with("agent-");
        let session = match () {
            () if !is_named => agent,
            () if stray.above(2) == "agents" => stray.above(3),
            () => stray.above(2),
        };
        let session = session.strip_prefix("session_").unwrap_or(session);
        let agent = if is_named { agent } else { "main" };
        let session = format!("session_{session}");
        Some(PathBuf::from_iter([
            ".kimi-code/sessions/wd_project_0",
            &session,
            "agents",
            agent,
            "wire.jsonl",
        ]))
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        let is_header = record.is("type", "metadata") && record.has("protocol_version");
        is_header.then(Claim::agent_only)
    }

    fn home_variable(&self) -> Option<&'static str> {
        Some("KIMI_CODE_HOME")
    }

    fn resume(&self, lost: &Lost<'_>, _path: &Path) -> Option<Resume> {
        Resume::in_directory(["kimi", "--session", lost.session_id])
    }

    fn is_named_by_path(&self) -> bool {
        true
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        said::tell(record, told);
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        match record.text("type").as_deref() {
            Some("metadata") => notes.copied_by_header(record),
            Some("config.update") => notes.cwd(record.text("cwd")),
            Some("llm.request") => notes.model(record.text("model")),
            Some("turn.prompt") => notes.prompt(record.get("input")),
            // Of the older generation.
            None if record.is("role", "user") => notes.prompt(record.get("content")),
            _ => {}
        }
    }

    /// `state.json`, three directories above the transcript of the session's first agent.
    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        notes.cwd(old_directory(path).map(Into::into));
        let Some(session) = path.ancestors().nth(3) else { return };
        let Some(text) = beside::read(&session.join("state.json")) else { return };
        let Some(state) = Record::of_document(text.as_bytes()) else { return };
        notes.cwd(state.text("workDir"));
        notes.title(TitleRank::Generated, state.text("title"));
        ["createdAt", "updatedAt"].iter().filter_map(|key| state.get(key)).for_each(|time| notes.time(time));
    }
}

/// Returns the directory whose MD5 the older generation's directory of a project is called after, as `kimi.json` beside
/// those of all projects lists it.
fn old_directory(path: &Path) -> Option<String> {
    let (project, home) = (path.ancestors().nth(2)?, path.ancestors().nth(4)?);
    let name = project.file_name()?.to_str().filter(|name| is_hash(name))?;
    let text = beside::read(&home.join("kimi.json"))?;
    let list = Record::of_document(text.as_bytes())?.get("work_dirs")?;
    let mut paths = list.elements().filter_map(|entry| entry.member("path")?.filled_text());
    paths.find(|path| md5::hex(path.as_bytes()) == name).map(|path| path.into_owned())
}

/// Returns whether a name is an MD5.
fn is_hash(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns the id in a session's directory name: `session_<uuid>`.
fn session_id(directory: &[u8]) -> String {
    uuid_in(directory).unwrap_or_else(|| id_of_name(directory))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, describe_with_beside, guess_path};
    use std::fs;

    const SESSION: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    #[test]
    fn both_generations_have_one_transcript_and_parts() {
        for (path, part) in [
            ("/h/.kimi-code/sessions/wd_w_0/session_SID/agents/main/wire.jsonl", None),
            ("/h/.kimi-code/sessions/wd_w_0/session_SID/agents/agent-0/wire.jsonl", Some("agent-0")),
            ("/h/.kimi-code/sessions/wd_w_0/session_SID/state.json", Some("state")),
            ("/h/.kimi/sessions/0cc175b9c0f1b6a831c399e269772661/SID/context.jsonl", None),
            ("/h/.kimi/sessions/0cc175b9c0f1b6a831c399e269772661/SID/wire.jsonl", Some("wire")),
        ] {
            let guess = guess_path(Path::new(&path.replace("SID", SESSION)));
            let told = (guess.agent, guess.session_id.as_deref(), guess.part_id.as_deref());
            assert_eq!(told, (Some(ID), Some(SESSION), part), "{path}");
        }
    }

    #[test]
    fn the_state_tells_directory_and_title() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("session_x/agents/main");
        fs::create_dir_all(&directory).unwrap();
        let state = "{\n  \"createdAt\": \"2026-01-02T03:04:05Z\",\n  \"title\": \"Hello\",\n  \"workDir\": \"/w\"\n}";
        fs::write(home.path().join("session_x/state.json"), state).unwrap();
        let told = describe_with_beside(ID, &directory.join("wire.jsonl"), describe(ID, b"", b""));
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w"), Some("Hello")));
        assert_eq!(told.started_at, "2026-01-02T03:04:05Z".parse().ok());
        let old = describe(ID, br#"{"role":"user","content":"sort it"}"#, b"");
        assert_eq!(old.title.as_deref(), Some("sort it"));
    }
}
