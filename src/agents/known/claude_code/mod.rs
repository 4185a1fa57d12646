//! Claude Code: `~/.claude/projects/<project>/<session>.jsonl`, with subagents and large tool results beside it.
//!
//! In come paths and records; out comes what an [`Agent`] answers. Met in this order: here is what its paths and records
//! say; `parts` tells what lies in a session's own directory, `desktop` what the desktop app keeps, `settings` reads its hooks and when it deletes,
//! and `said` what its rows say.

mod desktop;
mod parts;
mod said;
mod settings;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::beside;
use crate::agents::agent::{Agent, Attachments, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::lost::{Lost, Resume, with_own_member};
use crate::agents::names::PathTail;
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::settings::{HookCall, Settings, Wanted};
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid, uuid_in};
use parts::{ID, ours};

pub(crate) struct ClaudeCode;

/// Rows that tell about a session rather than belong to its conversation, and carry no `uuid`.
const STATE_ROWS: [&str; 24] = [
    "custom-title",
    "ai-title",
    "agent-name",
    "agent-color",
    "agent-setting",
    "tag",
    "mode",
    "permission-mode",
    "last-prompt",
    "queue-operation",
    "attribution-snapshot",
    "worktree-state",
    "pr-link",
    "frame-link",
    "relocated",
    "session-owner",
    "bridge-session",
    "content-replacement",
    "cost-state",
    "tools-used",
    "atis-latch",
    "derived-from",
    "continued-in",
    "file-history-delta",
];

/// Where a `derived-from` row may name the session.
const DERIVED_MEMBERS: [&str; 5] =
    ["derivedFromSessionId", "derivedFrom", "sourceSessionId", "source", "parentSessionId"];

/// Rows of the conversation.
const CONVERSATION_ROWS: [&str; 5] = ["user", "assistant", "system", "attachment", "progress"];

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for ClaudeCode {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Claude Code"
    }

    /// `$CLAUDE_CONFIG_DIR`, else `~/.claude`.
    fn homes(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.paths_or_home("CLAUDE_CONFIG_DIR", ".claude")
    }

    /// `$CLAUDE_CONFIG_DIR/projects`, else `~/.claude/projects`; and the trees of the same form that the desktop
    /// app keeps for its local agent mode.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let mut roots: Vec<PathBuf> =
            self.homes(environment).iter().map(|home| home.join("projects")).collect();
        roots.extend(desktop::roots(environment));
        roots
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".claude", "projects", "subagents"]
    }

    fn project_name(&self, cwd: &str) -> Option<String> {
        Some(flattened(cwd))
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let name = path.name();
        if let Some((main, milliseconds)) = superseded(name) {
            let session_id = uuid_in(main).unwrap_or_else(|| id_of_name(main));
            let part = [&b"superseded-"[..], milliseconds].concat();
            return Some(ours(Some(session_id), Some(id_of_name(&part))));
        }
        if let Some(place) = desktop::recognise(path) {
            return Some(place);
        }
        if let Some(place) = parts::below_session(path) {
            return place;
        }
        let stem = path.jsonl_stem()?;
        // Qwen Code keeps its subagents two levels below a directory of this name.
        if is_old_subagent(stem) && path.above(2) != b"subagents" {
            return Some(ours(None, Some(id_of_name(stem))));
        }
        (is_uuid(stem) && path.above(2) == b"projects").then(|| ours(uuid_in(stem), None))
    }

    /// `memory/` in a project's directory is the agent's notebook, not a session.
    fn enters(&self, path: &PathTail<'_>) -> bool {
        path.name() != b"memory"
    }

    /// The scripts of workflows are in any language.
    fn takes_any_name(&self, directory: &PathTail<'_>) -> bool {
        parts::takes_any_name(directory)
    }

    /// Documents of runs are kept as they are: older archives have them so.
    fn form(&self, path: &Path) -> Form {
        match desktop::is_document(path) {
            true => beside::form(path),
            false => Form::Text,
        }
    }

    fn is_foreign_part(&self, part_id: &str) -> bool {
        parts::is_foreign(part_id)
    }

    fn former_part_id(&self, path: &PathTail<'_>) -> Option<String> {
        parts::former_id(path)
    }

    fn stands_alone(&self, part_id: &str) -> bool {
        desktop::stands_alone(part_id)
    }

    fn tells_of_session(&self, part_id: &str) -> bool {
        desktop::tells_of_session(part_id)
    }

    fn id_in_document(&self, head: &[u8]) -> Option<String> {
        desktop::session_id(head)
    }

    fn prompt_history(&self) -> Option<&'static str> {
        Some("history.jsonl")
    }

    fn is_prompt_history(&self, first: &Record<'_>) -> bool {
        ["display", "timestamp", "project"].iter().all(|key| first.has(key)) && !first.has("type")
    }

    fn attachments(&self) -> Option<Attachments> {
        Some(Attachments {
            pastes: "paste-cache",
            edits: "file-history",
            before_paste_hash: b"\"contentHash\":\"",
        })
    }

    fn settings(&self, home: &Path) -> Option<Settings> {
        Some(settings::read(home).0)
    }

    fn wanted_hooks(&self, home: &Path, call: &HookCall) -> Vec<Wanted> {
        settings::wanted_hooks(home, call)
    }

    fn wanted_days(&self, home: &Path, days: u64) -> Vec<Wanted> {
        settings::wanted_days(home, days)
    }

    fn cleanup_days(&self, environment: &Environment) -> Option<u64> {
        self.homes(environment).iter().map(|home| settings::read(home).1).min()
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        if let Some(session) = desktop::audited(record) {
            return Some(Claim::session(session));
        }
        let row = record.text("type")?;
        let row = row.as_ref();
        let session_id = record.text("sessionId");
        let is_conversation = CONVERSATION_ROWS.contains(&row)
            && (record.has("uuid") || record.has("message"))
            // Qwen Code's rows look alike but for their messages, and the SDK's output stream but for its ids.
            && !record.has("systemPayload")
            && !record.has("session_id")
            && record.inside("message", "parts").is_none();
        let is_state = (STATE_ROWS.contains(&row) && session_id.is_some())
            || (row == "summary" && record.has("leafUuid"))
            || (row == "file-history-snapshot" && record.has("snapshot"))
            || (row.starts_with("api-request") && session_id.is_some());
        if !is_conversation && !is_state {
            return None;
        }
        let is_sidechain = record.get("isSidechain").is_some_and(|value| value.is_true());
        let part_id = record.text("agentId").filter(|_| is_sidechain).map(|agent| format!("agent-{agent}"));
        Some(Claim { session_id: session_id.map(|id| id.into_owned()), part_id })
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        if desktop::note(record, notes) {
            return;
        }
        notes.common(record);
        notes.lineage().first(record);
        notes.copied_from(record.get("forkedFrom"));
        // `/background` copies a session and does not say which.
        if record.is("sessionKind", "bg") {
            notes.lineage().is_marked = true;
        }
        let Some(row) = record.text("type") else { return };
        let is_true = |key| record.get(key).is_some_and(|value| value.is_true());
        match row.as_ref() {
            "assistant" => notes.model(record.inside("message", "model").and_then(Value::filled_text)),
            "user" if notes.wants_prompt() && !is_true("isMeta") && !is_true("isCompactSummary") => {
                notes.prompt(record.inside("message", "content"));
            }
            "summary" => notes.title(TitleRank::Summary, record.text("summary")),
            "ai-title" => notes.title(TitleRank::Generated, record.text("aiTitle")),
            "agent-name" => notes.title(TitleRank::AgentName, record.text("agentName")),
            "derived-from" => {
                let named = DERIVED_MEMBERS.iter().find_map(|key| record.get(key));
                notes.copied_from(named);
            }
            "custom-title" => notes.title(TitleRank::Given, record.text("customTitle")),
            _ => {}
        }
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        said::tell(record, told);
    }

    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        desktop::note_beside(path, notes);
    }

    /// What the desktop app writes of its local agent mode has its members in snake case.
    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[b"\"sessionId\":", b"\"session_id\":"]
    }

    fn recorded_id(&self, record: &Record<'_>) -> Option<String> {
        let claimed = self.claim(record).and_then(|claim| claim.session_id);
        claimed.or_else(|| record.text("session_id").filter(|_| record.has("type")).map(Cow::into_owned))
    }

    fn home_variable(&self) -> Option<&'static str> {
        Some("CLAUDE_CONFIG_DIR")
    }

    /// In the directory of the project, by whose name alone it finds sessions.
    fn session_path(&self, lost: &Lost<'_>) -> Option<PathBuf> {
        let directory = project_directory(lost.cwd)?;
        Some(PathBuf::from_iter([directory, format!("{}.jsonl", lost.session_id)]))
    }

    fn part_path(&self, lost: &Lost<'_>, part_id: &str) -> Option<PathBuf> {
        Some(Path::new(lost.session_id).join(parts::path_of(part_id)?))
    }

    fn resume(&self, lost: &Lost<'_>, _path: &Path) -> Option<Resume> {
        Resume::in_directory(["claude", "--resume", lost.session_id])
    }

    /// What its own forks have in each row.
    fn marked_copy(&self, line: &[u8], record: &Record<'_>, original: &str) -> Option<Vec<u8>> {
        let uuid = record.text("uuid").filter(|uuid| is_uuid(uuid.as_bytes()))?;
        let original = format!("{{\"sessionId\":\"{original}\",\"messageUuid\":\"{uuid}\"}}");
        with_own_member(line, "forkedFrom", &original)
    }
}

/// Splits `<name>.jsonl.superseded-<ms>`, the old copy that is set aside when a session moves to another project.
fn superseded(name: &[u8]) -> Option<(&[u8], &[u8])> {
    const MARK: &[u8] = b".jsonl.superseded-";
    let at = memchr::memmem::find(name, MARK)?;
    let milliseconds = &name[at + MARK.len()..];
    let is_number = !milliseconds.is_empty() && milliseconds.iter().all(u8::is_ascii_digit);
    (is_number && at > 0).then_some((&name[..at], milliseconds))
}

/// Each character but letters and digits of ASCII becomes a dash.
pub(super) fn flattened(cwd: &str) -> String {
    cwd.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect()
}

/// Names of the directories of projects are cut to so many characters, and marked with a hash.
const NAME_UNITS: usize = 200;

/// Returns the name of the directory for the sessions of a project in `cwd`, as Claude Code 2.1 makes it: of each unit of
/// UTF-16 but letters and digits of ASCII a dash. `None` where nothing is known of the project.
fn project_directory(cwd: &str) -> Option<String> {
    let plain =
        |unit: u16| char::from_u32(u32::from(unit)).filter(char::is_ascii_alphanumeric).unwrap_or('-');
    let mut name: String = cwd.encode_utf16().map(plain).collect();
    if name.is_empty() {
        return None;
    }
    if name.len() > NAME_UNITS {
        let hash = cwd
            .encode_utf16()
            .fold(0i32, |hash, unit| hash.wrapping_shl(5).wrapping_sub(hash).wrapping_add(i32::from(unit)));
        name.truncate(NAME_UNITS);
        name.push('-');
        name.push_str(&base_36(hash.unsigned_abs()));
    }
    Some(name)
}

/// Returns a number as JavaScript's `toString(36)` writes it.
fn base_36(mut number: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(number % 36, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

/// `agent-<8 hex digits>` beside the session's file: the layout of 2025.
fn is_old_subagent(stem: &[u8]) -> bool {
    stem.strip_prefix(b"agent-").is_some_and(|id| id.len() >= 8 && id.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{guess_path, identify};
    use std::path::Path;

    const SESSION: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
    const OTHER: &str = "11111111-4e5f-4061-8071-2a3b4c5d6e7f";

    fn guess(path: &str) -> (Option<&'static str>, Option<String>, Option<String>) {
        let guess = guess_path(Path::new(&path.replace("SID", SESSION)));
        (guess.agent, guess.session_id, guess.part_id)
    }

    fn part(id: &str) -> (Option<&'static str>, Option<String>, Option<String>) {
        (Some(ID), Some(SESSION.into()), Some(id.into()))
    }

    #[test]
    fn each_file_of_a_session_is_recognised_by_its_path_wherever_the_tree_lies() {
        assert_eq!(guess("/h/.claude/projects/-p/SID.jsonl"), (Some(ID), Some(SESSION.into()), None));
        assert_eq!(guess("backup/SID.jsonl"), (None, Some(SESSION.into()), None));
        assert_eq!(guess("x/SID/subagents/agent-a0ad4f44468bdf20d.jsonl"), part("agent-a0ad4f44468bdf20d"));
        let deep = guess("x/SID/subagents/w/r/agent-a0.jsonl").2;
        assert!(deep.as_ref().is_some_and(|id| id.starts_with("agent-a0-")), "{deep:?}");
        assert_eq!(guess("x/SID/subagents/agent-a0.meta.json"), part("agent-a0-meta"));
        assert_eq!(guess("x/SID/tool-results/toolu_1.txt"), part("tool-result-toolu_1"));
        assert_eq!(
            guess("x/SID/subagents/workflows/run1/journal.jsonl"),
            part("subagents-workflows-run1-journal")
        );
        assert_eq!(guess("x/agent-0123abcd.jsonl"), (Some(ID), None, Some("agent-0123abcd".into())));
        assert_eq!(guess("x/SID.jsonl.superseded-1763681581544"), part("superseded-1763681581544"));
        assert_eq!(guess("x/subagents/child.jsonl"), (None, None, None));
    }

    #[test]
    fn a_lost_session_lies_in_the_directory_that_its_project_names() {
        let path = |cwd: &str| {
            let lost = Lost { session_id: SESSION, cwd, file_name: "", started: None };
            ClaudeCode.session_path(&lost).map(|path| path.to_str().unwrap().replace(SESSION, "SID"))
        };
        assert_eq!(path("/home/me/my.app_1").as_deref(), Some("-home-me-my-app-1/SID.jsonl"));
        // Two units of UTF-16.
        assert_eq!(path("/w/\u{1f600}").as_deref(), Some("-w---/SID.jsonl"));
        assert_eq!(path(""), None);
        let long = path(&format!("/{}", "a".repeat(200))).unwrap();
        assert!(long.starts_with(&format!("-{}-", "a".repeat(199))), "{long}");
        assert_eq!((base_36(0), base_36(35), base_36(36 * 36 + 1)), ("0".into(), "z".into(), "101".into()));
    }

    #[test]
    fn bookkeeping_is_no_transcript() {
        let path = format!("/h/.claude/projects/-p/{SESSION}/resume-head.jsonl");
        assert_eq!(ClaudeCode.recognise(&PathTail::new(Path::new(&path))), Some(Recognised::NotATranscript));
        for name in
            [".ccr-tip.json", "a.jsonl.compact.tmp.12", "a.jsonl.superseded-", "x.desktop-released.json"]
        {
            assert_eq!(ClaudeCode.recognise(&PathTail::new(&Path::new("/p").join(name))), None, "{name}");
        }
    }

    fn identified(path: &str, head: &str) -> (&'static str, String, Option<String>) {
        let path = path.replace("SID", SESSION);
        let head = head.replace("SID", SESSION).replace("OTHER", OTHER);
        let found = identify(Path::new(&path), &guess_path(Path::new(&path)), head.as_bytes());
        (found.agent, found.session_id, found.part_id)
    }

    #[test]
    fn a_copy_under_any_name_is_the_same_session() {
        let head = r#"{"type":"summary","summary":"x","leafUuid":"u"}
{"parentUuid":null,"isSidechain":false,"sessionId":"SID","type":"user","message":{"role":"user","content":"hi"},"uuid":"u"}"#;
        for path in [
            "/h/.claude/projects/-p/SID.jsonl",
            "SID (1).jsonl",
            "notes.jsonl",
            "11111111-4e5f-4061-8071-2a3b4c5d6e7f.jsonl",
        ] {
            assert_eq!(identified(path, head), (ID, SESSION.into(), None), "{path}");
        }
    }

    #[test]
    fn a_resumed_session_that_begins_with_anothers_rows_keeps_the_id_of_its_name() {
        let head = r#"{"sessionId":"OTHER","type":"user","uuid":"u"}
{"sessionId":"SID","type":"user","uuid":"v"}"#;
        assert_eq!(identified("SID.jsonl", head), (ID, SESSION.into(), None));
        assert_eq!(identified("x.jsonl", head), (ID, OTHER.into(), None));
    }

    #[test]
    fn a_subagent_of_the_old_layout_learns_its_session_from_the_records() {
        let head = r#"{"isSidechain":true,"sessionId":"SID","agentId":"0123abcd","type":"user","message":{},"uuid":"u"}"#;
        let expected = (ID, SESSION.to_string(), Some("agent-0123abcd".to_string()));
        assert_eq!(identified("/p/agent-0123abcd.jsonl", head), expected);
        assert_eq!(identified("/p/renamed.jsonl", head), expected);
        assert_eq!(identified("/p/SID/subagents/agent-0123abcd.jsonl", head), expected);
        assert_eq!(identified("/p/SID/subagents/agent-0123abcd.jsonl", ""), expected);
        assert_eq!(identified("/p/agent-0123abcd.jsonl", ""), (ID, "agent-0123abcd".into(), None));
    }

    #[test]
    fn a_tool_result_belongs_where_it_lies_whatever_it_says() {
        let head = r#"{"sessionId":"OTHER","type":"user","uuid":"u"}"#;
        let expected = (ID, SESSION.to_string(), Some("tool-result-b1".to_string()));
        assert_eq!(identified("/p/SID/tool-results/b1.txt", head), expected);
    }

    #[test]
    fn a_hostile_session_id_is_made_safe() {
        let (_, id, _) = identified("x.jsonl", r#"{"sessionId":"../../etc/x","type":"user","uuid":"u"}"#);
        assert!(!id.contains(['/', '.']), "{id}");
    }

    #[test]
    fn the_title_is_the_best_one_and_of_equals_the_last() {
        let describe = |head: &str| crate::agents::describe(ID, head.as_bytes(), b"").title.unwrap();
        let prompt = r#"{"type":"user","isMeta":true,"message":{"content":"meta"}}
{"type":"user","message":{"content":"<command-name>/clear</command-name>"}}
{"type":"user","message":{"content":[{"type":"tool_result","content":"out"}]}}
{"type":"user","message":{"content":[{"type":"text","text":"fix the bug"}]}}
{"type":"user","message":{"content":"second"}}"#;
        assert_eq!(describe(prompt), "fix the bug");
        let titles = format!(
            "{{\"type\":\"custom-title\",\"customTitle\":\"one\"}}\n{prompt}\n{}",
            r#"{"type":"custom-title","customTitle":"two"}{"type":"ai-title","aiTitle":"three"}"#
        );
        assert_eq!(describe(&titles), "two");
    }
}
