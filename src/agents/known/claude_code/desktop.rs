//! Claude's desktop application: trees of Claude Code's form in its local agent mode, and beside each of them
//! `local_<uuid>/audit.jsonl`, the session as the application saw it, in snake case, and `local_<uuid>.json`, its title and
//! directory.

use std::fs;
use std::path::{Path, PathBuf};

use super::parts::ours;
use crate::agents::agent::Recognised;
use crate::agents::facts::{Notes, TitleRank};
use crate::agents::known::beside;
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::environment::Environment;
use crate::identity::{is_uuid, uuid_in};

/// Directory of the local agent mode's sessions.
const SESSIONS: &str = "local-agent-mode-sessions";

/// What the application's directory begins with where the Windows store installed it, before the publisher's id.
const STORE_PACKAGE: &str = "Claude_";

/// Returns the directories of the local agent mode's sessions, as each system and each way to install has them.
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
    applications.iter().map(|directory| directory.join(SESSIONS)).collect()
}

/// Places what the application itself writes of a session.
pub(super) fn recognise(path: &PathTail<'_>) -> Option<Recognised> {
    match path.name() {
        b"audit.jsonl" => Some(ours(Some(session(path.above(1))?), None)),
        name if path.above(3) == SESSIONS.as_bytes() => {
            let session = session(name.strip_suffix(b".json")?)?;
            Some(ours(Some(session), Some("desktop".to_owned())))
        }
        _ => None,
    }
}

/// Returns whether the file at `path` is `local_<uuid>.json`.
pub(super) fn is_document(path: &Path) -> bool {
    let name = path.file_name().map_or(&b""[..], |name| name.as_encoded_bytes());
    name.strip_suffix(b".json").and_then(session).is_some()
}

/// Returns the id in `local_<uuid>`.
fn session(name: &[u8]) -> Option<String> {
    name.strip_prefix(b"local_").filter(|id| is_uuid(id)).and_then(uuid_in)
}

/// Takes what `local_<uuid>.json` tells of the session at `local_<uuid>/audit.jsonl`.
pub(super) fn note_beside(path: &Path, notes: &mut Notes) {
    if path.file_name().is_none_or(|name| name != "audit.jsonl") {
        return;
    }
    let text = path.parent().and_then(|directory| beside::read(&directory.with_extension("json")));
    let Some(document) = text.as_deref().and_then(|text| Record::of_document(text.as_bytes())) else {
        return;
    };
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
    fn what_the_application_saw_is_a_session_with_a_document() {
        let tree = "/h/.config/Claude/local-agent-mode-sessions/org/account";
        for (name, part) in [("/audit.jsonl", None), (".json", Some("desktop"))] {
            let guess = guess_path(Path::new(&format!("{tree}/local_{LOCAL}{name}")));
            let told = (guess.agent, guess.session_id.as_deref(), guess.part_id.as_deref());
            assert_eq!(told, (Some("claude-code"), Some(LOCAL), part), "{name}");
        }
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
        let root = data.join("Packages/Claude_x1y2/LocalCache/Roaming/Claude/local-agent-mode-sessions");
        assert_eq!(roots(&environment), [root]);
    }
}
