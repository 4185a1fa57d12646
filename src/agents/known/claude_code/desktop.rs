//! Claude's desktop application: trees of Claude Code's form in its local agent mode, and beside each of them
//! `local_<uuid>/audit.jsonl`, the session as the application saw it, in snake case, and `local_<uuid>.json`, its title and
//! directory; such documents, too, of the sessions of Claude Code that it began, in `claude-code-sessions`.
//!
//! The application's own id in these names is not the session's: records and documents say which session they are of.

use std::fs;
use std::path::{Path, PathBuf};

use super::parts::ours;
use crate::agents::agent::Recognised;
use crate::agents::facts::{Notes, TitleRank};
use crate::agents::known::beside;
use crate::agents::names::PathTail;
use crate::agents::record::{Record, Value};
use crate::environment::Environment;
use crate::identity::{is_uuid, uuid_in};

/// Directory of the local agent mode's sessions.
const SESSIONS: &str = "local-agent-mode-sessions";

/// Directory of documents on sessions that lie in Claude Code's own tree.
const OUTSIDE: &str = "claude-code-sessions";

/// What the application's directory begins with where the Windows store installed it, before the publisher's id.
const STORE_PACKAGE: &str = "Claude_";

/// The session as the application saw it, and the part that this is of one that has a transcript.
const AUDIT: (&str, &str) = ("audit.jsonl", "audit");

/// The part that a document is.
const DOCUMENT: &str = "desktop";

/// So many digits of the application's id tell two documents on one session apart.
const DIGITS: usize = 8;

/// Returns the directories of sessions and documents, as each system and each way to install has them.
pub(super) fn roots(environment: &Environment) -> Vec<PathBuf> {
    let mut applications = environment.in_home("Library/Application Support/Claude");
    applications.extend(environment.in_home(".config/Claude"));
    applications.extend(environment.path("APPDATA").map(|data| data.join("Claude")));
    let packages = environment.path("LOCALAPPDATA").map(|data| data.join("Packages"));
    let installed = packages.and_then(|packages| fs::read_dir(packages).ok()).into_iter().flatten().flatten();
    let mut installed: Vec<PathBuf> = installed
        .filter(|entry| entry.file_name().as_encoded_bytes().starts_with(STORE_PACKAGE.as_bytes()))
        .map(|entry| entry.path().join("LocalCache/Roaming/Claude"))
        .collect();
    installed.sort();
    applications.extend(installed);
    applications.iter().flat_map(|directory| [SESSIONS, OUTSIDE].map(|name| directory.join(name))).collect()
}

/// Places what the application itself writes of a session. Which session that is, its content tells.
pub(super) fn recognise(path: &PathTail<'_>) -> Option<Recognised> {
    if path.name() == AUDIT.0.as_bytes() {
        return local_id(path.above(1)).map(|_| ours(None, Some(AUDIT.1.to_owned())));
    }
    let id = local_id(path.name().strip_suffix(b".json")?)?;
    let part = match path.above(3) {
        name if name == SESSIONS.as_bytes() => DOCUMENT.to_owned(),
        name if name == OUTSIDE.as_bytes() => format!("{DOCUMENT}-{}", &id[..DIGITS]),
        _ => return None,
    };
    Some(ours(None, Some(part)))
}

/// Returns whether a part is the session's transcript where there is no other.
pub(super) fn stands_alone(part_id: &str) -> bool {
    part_id == AUDIT.1
}

/// Returns whether a part is a document of the application's.
pub(super) fn tells_of_session(part_id: &str) -> bool {
    part_id.starts_with(DOCUMENT)
}

/// Returns whether the file at `path` is `local_<uuid>.json`.
pub(super) fn is_document(path: &Path) -> bool {
    let name = path.file_name().map_or(&b""[..], |name| name.as_encoded_bytes());
    name.strip_suffix(b".json").and_then(local_id).is_some()
}

/// Returns the application's id in `local_<uuid>`.
fn local_id(name: &[u8]) -> Option<String> {
    name.strip_prefix(b"local_").filter(|id| is_uuid(id)).and_then(uuid_in)
}

/// Returns the id of the session that a document is on, not cleaned. Some lost it, and have the application's alone.
pub(super) fn session_id(head: &[u8]) -> Option<String> {
    let document = Record::of_document(head)?;
    let own = || document.text("sessionId").and_then(|id| local_id(id.as_bytes()));
    document.text("cliSessionId").map(|id| id.into_owned()).or_else(own)
}

/// Returns the session that a record of an audit is of.
pub(super) fn audited(record: &Record<'_>) -> Option<String> {
    record.text("session_id").filter(|_| record.has("_audit_timestamp")).map(|id| id.into_owned())
}

/// Takes what a document tells; returns whether a line is one.
pub(super) fn note(record: &Record<'_>, notes: &mut Notes) -> bool {
    let data = record.record("data").filter(|_| record.has("document"));
    data.iter().for_each(|document| note_document(document, notes));
    data.is_some()
}

/// Takes what `local_<uuid>.json` tells of the session at `local_<uuid>/audit.jsonl`, or of that in the tree of the same
/// directory.
pub(super) fn note_beside(path: &Path, notes: &mut Notes) {
    let is_local = |directory: &&Path| {
        directory.file_name().is_some_and(|name| local_id(name.as_encoded_bytes()).is_some())
    };
    let Some(directory) = path.ancestors().skip(1).take(5).find(is_local) else { return };
    let text = beside::read(&directory.with_extension("json"));
    let Some(document) = text.as_deref().and_then(|text| Record::of_document(text.as_bytes())) else {
        return;
    };
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let is_audit = path.file_name().is_some_and(|name| name == AUDIT.0);
    // Another session of the same directory is not what the document is on.
    let named = document.get("cliSessionId").and_then(Value::filled_text);
    if is_audit || named.is_none_or(|named| stem == Some(&*named)) {
        note_document(&document, notes);
    }
}

fn note_document(document: &Record<'_>, notes: &mut Notes) {
    notes.cwd(document.text("cwd"));
    notes.title(TitleRank::Generated, document.text("title"));
    notes.model(document.text("model"));
    for time in ["createdAt", "lastActivityAt"].iter().filter_map(|member| document.get(member)) {
        notes.time(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, describe_with_beside, guess_path};

    const LOCAL: &str = "8a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    #[test]
    fn what_the_application_writes_is_of_the_session_that_its_content_names() {
        for (tree, name, part) in [
            ("local-agent-mode-sessions", "/audit.jsonl", "audit"),
            ("local-agent-mode-sessions", ".json", "desktop"),
            ("claude-code-sessions", ".json", "desktop-8a1b2c3d"),
        ] {
            let path = format!("/h/.config/Claude/{tree}/org/account/local_{LOCAL}{name}");
            let guess = guess_path(Path::new(&path));
            let told = (guess.agent, guess.session_id.as_deref(), guess.part_id.as_deref());
            assert_eq!(told, (Some("claude-code"), None, Some(part)), "{path}");
        }
        let named = format!("{{\"sessionId\":\"local_{LOCAL}\",\"cliSessionId\":\"s1\"}}");
        assert_eq!(session_id(named.as_bytes()).as_deref(), Some("s1"));
        assert_eq!(session_id(named.replace("cli", "lost").as_bytes()).as_deref(), Some(LOCAL));
        assert_eq!(guess_path(Path::new(&format!("/h/x/local_{LOCAL}.json"))).agent, None);
    }

    #[test]
    fn its_records_and_its_document_describe_it() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join(format!("local_{LOCAL}"));
        fs::create_dir(&directory).unwrap();
        let head = br#"{"type":"user","uuid":"e","session_id":"s","message":{"role":"user","content":"sort it"},"_audit_timestamp":"2026-01-02T03:04:05Z"}
{"type":"system","subtype":"init","session_id":"s","cwd":"/sessions/a","model":"m","_audit_timestamp":"2026-01-02T03:04:06Z"}"#;
        let description = describe("claude-code", head, b"");
        assert_eq!(description.title.as_deref(), Some("sort it"));
        assert_eq!(
            (description.cwd.as_deref(), description.model.as_deref()),
            (Some("/sessions/a"), Some("m"))
        );
        fs::write(directory.with_extension("json"), "{\n  \"title\": \"Sorting\",\n  \"cwd\": \"/w\"\n}")
            .unwrap();
        let told = describe_with_beside("claude-code", &directory.join("audit.jsonl"), description);
        assert_eq!(told.title.as_deref(), Some("Sorting"));
        assert_eq!(told.ended_at, "2026-01-02T03:04:06Z".parse().ok());
    }

    #[test]
    fn the_windows_store_installs_it_under_a_publishers_id() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("AppData/Local");
        fs::create_dir_all(data.join("Packages/Claude_x1y2")).unwrap();
        fs::create_dir_all(data.join("Packages/Other_x1y2")).unwrap();
        let environment = Environment::new([("LOCALAPPDATA".into(), data.clone().into_os_string())]);
        let application = data.join("Packages/Claude_x1y2/LocalCache/Roaming/Claude");
        let expected =
            ["local-agent-mode-sessions", "claude-code-sessions"].map(|name| application.join(name));
        assert_eq!(roots(&environment), expected);
    }
}
