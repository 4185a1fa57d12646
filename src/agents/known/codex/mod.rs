//! Codex CLI: `$CODEX_HOME/sessions/YYYY/MM/DD/rollout-<local time>-<thread id>.jsonl`, archived ones flat in
//! `archived_sessions/`, old ones compressed to `.jsonl.zst`.
//!
//! In come paths and records; out comes what an [`Agent`] answers. Here is what its paths and records say; `settings` reads
//! its hooks, and `said` tells what its lines say.

mod said;
mod settings;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::found::Guess;
use crate::agents::lost::{Lost, Resume, with_member};
use crate::agents::names::{PathTail, stem};
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::settings::{HookCall, Settings, Wanted};
use crate::environment::Environment;
use crate::identity::{is_uuid, uuid_in};
use jiff::tz::TimeZone;

const ID: &str = "codex";

pub(crate) struct Codex;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Codex {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Codex"
    }

    /// Each of `$CODEX_HOME` (a list, separated by commas), else `~/.codex`.
    fn homes(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.paths_or_home("CODEX_HOME", ".codex")
    }

    /// Both directories of each home.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        self.homes(environment)
            .iter()
            .flat_map(|home| [home.join("sessions"), home.join("archived_sessions")])
            .collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".codex", "sessions", "archived_sessions"]
    }

    /// And the names of its rollouts, which tell a time and a thread's id.
    fn gives_name(&self, name: &str) -> bool {
        self.given_names().contains(&name) || is_rollout_name(name)
    }

    fn prompt_history(&self) -> Option<&'static str> {
        Some("history.jsonl")
    }

    fn is_prompt_history(&self, first: &Record<'_>) -> bool {
        ["session_id", "ts", "text"].iter().all(|key| first.has(key)) && !first.has("type")
    }

    fn settings(&self, home: &Path) -> Option<Settings> {
        Some(settings::of_home(home))
    }

    fn wanted_hooks(&self, home: &Path, call: &HookCall) -> Vec<Wanted> {
        settings::wanted_hooks(home, call)
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let name = path.name();
        if name.starts_with(b".rollout-") || name.starts_with(b"rollout-compress-") {
            return Some(Recognised::NotATranscript);
        }
        let is_rollout =
            name.starts_with(b"rollout-") && (name.ends_with(b".jsonl") || name.ends_with(b".jsonl.zst"));
        let session_id = if is_rollout { uuid_in(stem(name))? } else { return None };
        Some(Recognised::Ours(Guess { agent: Some(ID), session_id: Some(session_id), part_id: None }))
    }

    /// The thread's own id, not `session_id`: that is the root of a subagent's thread.
    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        let payload = record.record("payload");
        match record.text("type").as_deref() {
            Some("session_meta") => {
                let id = payload?.text("id");
                Some(Claim { session_id: id.map(|id| id.into_owned()), part_id: None })
            }
            Some("response_item" | "event_msg" | "turn_context" | "world_state" | "compacted") => {
                payload.map(|_| Claim::agent_only())
            }
            // Files of 2025 begin with a header without type or payload.
            None if record.has("instructions") && record.has("timestamp") => {
                record.text("id").map(Claim::session)
            }
            _ => None,
        }
    }

    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[b"\"session_meta\""]
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        let Some(payload) = record.record("payload") else {
            notes.git_branch(record.inside("git", "branch").and_then(Value::filled_text));
            notes.copied_by_header(record);
            return;
        };
        match record.text("type").as_deref() {
            Some("session_meta") => {
                note_lineage(&payload, notes);
                notes.cwd(payload.text("cwd"));
                notes.git_branch(payload.inside("git", "branch").and_then(Value::filled_text));
                if !record.has("timestamp")
                    && let Some(time) = payload.get("timestamp")
                {
                    notes.time(time);
                }
            }
            Some("turn_context") => {
                notes.cwd(payload.text("cwd"));
                notes.model(payload.text("model"));
            }
            Some("event_msg") => note_event(&payload, notes),
            Some("response_item") if payload.is("type", "message") && payload.is("role", "user") => {
                notes.prompt(payload.get("content"));
            }
            _ => {}
        }
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        said::tell(record, told);
    }

    /// Beside `sessions/` and `archived_sessions/`.
    fn imports_file(&self, path: &Path) -> Option<PathBuf> {
        let is_root = |name: &OsStr| name == "sessions" || name == "archived_sessions";
        let root = path.ancestors().skip(1).find(|directory| directory.file_name().is_some_and(is_root))?;
        Some(root.with_file_name("external_agent_session_imports.json"))
    }

    fn home_variable(&self) -> Option<&'static str> {
        Some("CODEX_HOME")
    }

    /// By the day in its name, which is local time where it was recorded; else by when it began, here. (0.171 finds a
    /// thread by its id in the name, whatever its databases know.)
    fn session_path(&self, lost: &Lost<'_>) -> Option<PathBuf> {
        let name = lost.file_name.strip_suffix(".zst").unwrap_or(lost.file_name);
        let is_own = is_rollout_name(name) && name.ends_with(&format!("{}.jsonl", lost.session_id));
        let name = match is_own {
            true => name.to_owned(),
            false => {
                let local = lost.started?.to_zoned(TimeZone::system());
                format!("rollout-{}-{}.jsonl", local.strftime("%Y-%m-%dT%H-%M-%S"), lost.session_id)
            }
        };
        let day: Vec<&str> = name.get("rollout-".len()..)?.splitn(3, '-').collect();
        let day = [day.first()?, day.get(1)?, day.get(2)?.get(..2)?];
        Some(PathBuf::from_iter(day).join(name))
    }

    /// One that was archived is not gone on with before it is no longer (0.171).
    fn resume(&self, lost: &Lost<'_>, path: &Path) -> Option<Resume> {
        let resume = Resume::anywhere(["codex", "resume", lost.session_id])?;
        let is_archived = path.iter().any(|name| name == "archived_sessions");
        let before = ["codex", "unarchive", lost.session_id].map(str::to_owned).to_vec();
        Some(if is_archived { Resume { before, ..resume } } else { resume })
    }

    fn marked_copy(&self, line: &[u8], record: &Record<'_>, original: &str) -> Option<Vec<u8>> {
        let payload = record.get("payload").filter(|_| record.is("type", "session_meta"))?;
        with_member(line, payload.raw(), "forked_from_id", &format!("\"{original}\""))
    }
}

/// Returns whether a name is `rollout-<time>-<thread id>`, the time like `2026-01-02T03-04-05`.
fn is_rollout_name(name: &str) -> bool {
    let stem = name.strip_suffix(".zst").unwrap_or(name);
    let stem = stem.strip_suffix(".jsonl").unwrap_or(stem);
    let is_time = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || b"-T".contains(&byte));
    let parts = stem.strip_prefix("rollout-").and_then(|rest| rest.split_at_checked(20));
    parts.is_some_and(|(time, id)| is_time(time) && is_uuid(id.as_bytes()))
}

/// The first header is the thread's own. Forks that hold the history of the other thread have that one's header, too;
/// newer ones only say where it is.
fn note_lineage(payload: &Record<'_>, notes: &mut Notes) {
    let id = payload.text("id");
    if !notes.lineage().ids.is_empty() && id.as_deref().is_some_and(|id| notes.lineage().ids[0] != id) {
        notes.perhaps_copied_from(payload.get("id"));
    }
    if notes.lineage().ids.is_empty() {
        notes.copied_by_header(payload);
        notes.copied_from(payload.inside("history_base", "thread_id"));
    }
    notes.lineage().id(id);
}

fn note_event(payload: &Record<'_>, notes: &mut Notes) {
    match payload.text("type").as_deref() {
        Some("user_message") => notes.prompt(payload.get("message")),
        Some("thread_name_updated") => notes.title(TitleRank::Given, payload.text("thread_name")),
        Some("item_completed") => {
            let item = payload.record("item").filter(|item| item.is("type", "UserMessage"));
            notes.prompt(item.and_then(|item| item.get("content")));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path, identify};

    const THREAD: &str = "01a204f9-4e0b-7c61-aa63-10970996f82a";
    const ROOT: &str = "01a204f8-7252-7bb3-904f-ea4bec74465d";

    fn session(name: &str, head: &str) -> (&'static str, String) {
        let path = Path::new("/x").join(name.replace("THREAD", THREAD));
        let head = head.replace("THREAD", THREAD).replace("ROOT", ROOT);
        let found = identify(&path, &guess_path(&path), head.as_bytes());
        assert_eq!(found.part_id, None);
        (found.agent, found.session_id)
    }

    #[test]
    fn plain_and_compressed_rollouts_of_a_thread_are_one_session() {
        for name in
            ["rollout-2026-11-22T20-36-17-THREAD.jsonl", "rollout-2026-11-22T20-36-17-THREAD.jsonl.zst"]
        {
            assert_eq!(session(name, ""), (ID, THREAD.into()), "{name}");
        }
    }

    #[test]
    fn a_subagents_thread_is_a_session_of_its_own_and_a_forks_copied_header_is_not() {
        let head = r#"{"timestamp":"t","type":"session_meta","payload":{"session_id":"ROOT","id":"THREAD","cwd":"/w"}}
{"timestamp":"t","type":"session_meta","payload":{"id":"ROOT"}}"#;
        for name in ["rollout-2026-11-22T20-36-17-THREAD.jsonl", "copy.jsonl"] {
            assert_eq!(session(name, head), (ID, THREAD.into()), "{name}");
        }
    }

    #[test]
    fn files_of_2025_begin_with_a_bare_header() {
        let head = r#"{"id":"THREAD","timestamp":"2025-06-01T10:00:00.000Z","instructions":null,"git":{"branch":"main"}}
{"type":"message","role":"user","content":[]}"#;
        assert_eq!(session("old.jsonl", head), (ID, THREAD.into()));
        assert_eq!(describe(ID, head.as_bytes(), b"").git_branch.as_deref(), Some("main"));
    }

    #[test]
    fn temporary_files_are_no_transcripts() {
        for name in [".rollout-materialize-1.jsonl", "rollout-compress-1.tmp"] {
            assert_eq!(
                Codex.recognise(&PathTail::new(Path::new(name))),
                Some(Recognised::NotATranscript),
                "{name}"
            );
        }
    }

    #[test]
    fn a_rollout_is_described_from_its_header_turns_and_events() {
        let head = r##"{"timestamp":"2026-01-22T20:36:17.074Z","type":"session_meta","payload":{"id":"x","timestamp":"2026-01-22T20:36:17.052Z","cwd":"/w/p","git":{"branch":"dev"}}}
{"timestamp":"2026-01-22T20:36:18Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"# AGENTS.md instructions"},{"type":"input_text","text":"<environment_context>"}]}}
{"timestamp":"2026-01-22T20:36:19Z","type":"turn_context","payload":{"cwd":"/other","model":"gpt-5"}}
{"timestamp":"2026-01-22T20:36:20Z","type":"event_msg","payload":{"type":"item_completed","item":{"type":"UserMessage","content":[{"type":"text","text":"do it"}]}}}"##;
        let description = describe(ID, head.as_bytes(), b"");
        assert_eq!(description.cwd.as_deref(), Some("/w/p"));
        assert_eq!(description.model.as_deref(), Some("gpt-5"));
        assert_eq!(description.git_branch.as_deref(), Some("dev"));
        assert_eq!(description.title.as_deref(), Some("do it"));
        assert_eq!(description.started_at, "2026-01-22T20:36:17.074Z".parse().ok());
    }
}
