//! Where agents keep once more what sessions say: which databases and lists lie beside transcripts, and which tables and
//! columns of a database hold it.

use std::path::{Path, PathBuf};

/// The column that says of which thread of Codex a row is.
pub(super) const THREAD: &str = "thread_id";

/// Databases and lists beside the directory of sessions of one agent.
struct Beside {
    /// Names of directories of sessions.
    sessions: &'static [&'static str],
    /// Directories beside these, or "" for where they are themselves.
    directories: &'static [&'static str],
    /// Names of databases, without a number and an ending.
    names: &'static [&'static str],
    /// Names of files of JSON, or JSON Lines: of threads with their names, of prompts.
    lists: &'static [&'static str],
}

/// Seen in Codex 0.171, Copilot CLI 1.0, Cline 3.0, and Gemini CLI and those made of it.
const BESIDE: [Beside; 4] = [
    Beside {
        sessions: &["sessions", "archived_sessions"],
        directories: &["", "sqlite"],
        names: &["state", "thread_history", "logs", "memories", "goals", "queue"],
        lists: &["session_index.jsonl"],
    },
    Beside { sessions: &["session-state"], directories: &[""], names: &["session-store"], lists: &[] },
    Beside {
        sessions: &["sessions"],
        directories: &["db", "cache"],
        names: &["sessions"],
        lists: &["user_input_history.jsonl"],
    },
    Beside { sessions: &["chats"], directories: &[""], names: &[], lists: &["logs.json"] },
];

/// Returns the databases and lists that lie beside a transcript.
pub(super) fn beside_transcript(transcript: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for directory in transcript.ancestors().skip(1) {
        let Some(name) = directory.file_name().and_then(|name| name.to_str()) else { continue };
        for kind in BESIDE.iter().filter(|kind| kind.sessions.contains(&name)) {
            for beside in kind.directories {
                let Some(home) = directory.parent() else { continue };
                let entries = std::fs::read_dir(home.join(beside)).into_iter().flatten().flatten();
                let paths = entries.map(|entry| entry.path());
                found.extend(paths.filter(|path| is_called(path, kind.names) || is_list(path, kind.lists)));
            }
        }
    }
    found
}

/// Returns whether a file is a database of one of these names, as in `state_5.sqlite`.
fn is_called(path: &Path, names: &[&str]) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let name = stem.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end_matches('_');
    matches!(ending, Some("sqlite" | "db")) && names.contains(&name) && path.is_file()
}

fn is_list(path: &Path, names: &[&str]) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| names.contains(&name)) && path.is_file()
}

/// Returns whether a file beside a transcript is a list, and no database.
pub(super) fn is_text(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json" || ending == "jsonl")
}

/// Returns whether a table holds what sessions say, by its name and its columns. Those with what an agent signs in by do not.
pub(super) fn is_copy<'a>(table: &str, mut columns: impl Iterator<Item = &'a str>) -> bool {
    let table = table.to_ascii_lowercase();
    let is_private = ["share", "account", "credential", "auth", "token", "enroll", "secret"];
    if is_private.iter().any(|word| table.contains(word)) {
        return false;
    }
    let of_session = ["sessionid", "rootsessionid", "threadid", "conversationid", "aggregateid"];
    ["sessions", "threads"].contains(&&*table)
        || columns.any(|column| {
            let column = column.to_ascii_lowercase();
            of_session.contains(&&*column.replace('_', ""))
        })
}

/// Returns whether a column of such a table holds what is said, not what leads elsewhere.
pub(super) fn is_said(column: &str) -> bool {
    let column = column.to_ascii_lowercase();
    let leads = ["path", "url", "cwd", "directory", "secret", "token", "key"];
    column != "id" && !column.ends_with("_id") && !leads.iter().any(|word| column.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_sessions_are_told_from_those_by_which_an_agent_signs_in() {
        assert!(is_copy("event", ["id", "aggregate_id", "data"].into_iter()));
        assert!(is_copy("threads", ["id", "title"].into_iter()));
        assert!(is_copy("turns", ["sessionId"].into_iter()));
        assert!(!is_copy("session_share", ["session_id", "secret"].into_iter()));
        assert!(!is_copy("account", ["id", "token"].into_iter()));
        assert!(!is_copy("migration", ["id"].into_iter()));
        assert!(is_said("first_user_message") && is_said("data"));
        assert!(!is_said("rollout_path") && !is_said("cwd") && !is_said("project_id"));
    }

    #[test]
    fn databases_beside_transcripts_are_found_by_their_names() {
        let home = tempfile::tempdir().unwrap();
        let sessions = home.path().join("sessions/2026/01/02");
        std::fs::create_dir_all(&sessions).unwrap();
        for name in ["state_5.sqlite", "state_5.sqlite-wal", "thread_history_1.sqlite", "other.sqlite"] {
            std::fs::write(home.path().join(name), "").unwrap();
        }
        let mut found = beside_transcript(&sessions.join("rollout-x.jsonl"));
        found.sort();
        assert_eq!(found, ["state_5.sqlite", "thread_history_1.sqlite"].map(|name| home.path().join(name)));
        assert!(beside_transcript(&home.path().join("elsewhere/x.jsonl")).is_empty());
    }
}
