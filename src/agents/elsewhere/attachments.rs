//! Text of the user's that agents keep beside their sessions: what was pasted into prompts, and files as they were before
//! each edit. Claude Code does:
//!
//! | path below the agent's directory | whose part it is | part |
//! |---|---|---|
//! | `file-history/<session>/<hash>@v<number>` | of the session that edited the file | `file-history-<hash>-v<number>` |
//! | `paste-cache/<hash>.txt` | of the prompt history, if that names the hash | `paste-<hash>` |
//!
//! Prompts name a long paste by its hash alone (`"contentHash":"..."`); sessions hold it as it was sent.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::Path;
use std::{fs, io};

use super::directory::walk_directory;
use crate::agents::agent::{Agent, Attachments};
use crate::agents::found::{Found, Guess};
use crate::agents::known::registry;
use crate::agents::names::{HISTORY_ID, is_history_id, part_id, stem};
use crate::agents::walk::{WalkProblem, WalkReason, check_link};
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid};
use crate::locator::Stamp;

/// A prompt history that is larger is not looked through for pastes.
const MOST_HISTORY_BYTES: u64 = 256 << 20;

/// Calls `found` for each file of text that users pasted or edited, whoever names it: to be looked through.
pub(crate) fn pastes(environment: &Environment, found: &mut dyn FnMut(Found)) -> Vec<WalkProblem> {
    let mut problems = Vec::new();
    for agent in registry() {
        let Some(Attachments { pastes, edits, .. }) = agent.attachments() else { continue };
        for home in agent.homes(environment) {
            walk_all(&home.join(pastes), &mut problems, found);
            walk_all(&home.join(edits), &mut problems, found);
        }
    }
    problems
}

/// Calls `found` for each of these files of an agent, if it keeps such, that a session names, as a part of that session. `histories` are the prompt
/// histories that there are, each with its own session's id. `is_known` is asked whether there is a session of this id,
/// and `is_unchanged` whether a file is archived as it is: then nothing is opened to learn who names it. `leave` is told
/// of the others.
pub(crate) fn attachments(
    agent: &dyn Agent,
    environment: &Environment,
    histories: &[Found],
    is_known: &dyn Fn(&str) -> bool,
    is_unchanged: &dyn Fn(&Found) -> bool,
    found: &mut dyn FnMut(Found),
    leave: &mut dyn FnMut(&Path),
) -> Vec<WalkProblem> {
    let mut problems = Vec::new();
    let Some(kept) = agent.attachments() else { return problems };
    for home in agent.homes(environment) {
        walk_all(&home.join(kept.edits), &mut problems, &mut |one| match session_of(one.locator.path()) {
            Some(session) if is_known(&session) => {
                let name = file_name(one.locator.path()).as_encoded_bytes();
                let part = part_id(&[b"file-history", name]);
                found(as_part(agent, one.stamp, one.locator.path(), session, part));
            }
            _ => leave(one.locator.path()),
        });
        let history = home.join(agent.prompt_history().unwrap_or_default());
        let listed = histories.iter().find(|found| found.locator.path() == history);
        let history_id = listed.and_then(|found| found.guess.session_id.clone());
        let history_id = history_id.filter(|id| is_history_id(id)).unwrap_or_else(|| HISTORY_ID.to_owned());
        let mut named: Option<HashSet<Vec<u8>>> = None;
        walk_all(&home.join(kept.pastes), &mut problems, &mut |one| {
            let hash = stem(file_name(one.locator.path()).as_encoded_bytes()).to_vec();
            let part = part_id(&[b"paste", &hash]);
            let part = as_part(agent, one.stamp, one.locator.path(), history_id.clone(), part);
            // A history that is not taken has a word in nothing, either.
            let mut is_named = || {
                listed.is_some()
                    && named
                        .get_or_insert_with(|| named_pastes(&history, kept.before_paste_hash))
                        .contains(&hash)
            };
            if is_unchanged(&part) || is_named() { found(part) } else { leave(one.locator.path()) }
        });
    }
    problems
}

/// Calls `found` for all files in a directory, if it is there.
fn walk_all(directory: &Path, problems: &mut Vec<WalkProblem>, found: &mut dyn FnMut(Found)) {
    if let Some(reason) = check_link(directory) {
        return problems.push(WalkProblem { path: directory.to_owned(), reason });
    }
    if !directory.exists() {
        return;
    }
    match walk_directory(directory, "*", found) {
        Ok(more) => problems.extend(more),
        Err(error) => {
            let reason = WalkReason::Unreadable(io::Error::other(error.to_string()));
            problems.push(WalkProblem { path: directory.to_owned(), reason });
        }
    }
}

fn file_name(path: &Path) -> &OsStr {
    path.file_name().unwrap_or_default()
}

/// Returns the id of the session in whose directory a file lies.
fn session_of(path: &Path) -> Option<String> {
    let directory = file_name(path.parent()?).as_encoded_bytes();
    is_uuid(directory).then(|| id_of_name(directory))
}

fn as_part(agent: &dyn Agent, stamp: Stamp, path: &Path, session_id: String, part_id: String) -> Found {
    let guess = Guess { agent: Some(agent.id()), session_id: Some(session_id), part_id: Some(part_id) };
    Found { locator: path.into(), stamp, guess }
}

/// Returns the hashes that a prompt history names. One that cannot be read names none: that it cannot be read is said
/// where it is archived.
fn named_pastes(history: &Path, before_hash: &[u8]) -> HashSet<Vec<u8>> {
    let is_small = fs::metadata(history).is_ok_and(|metadata| metadata.len() <= MOST_HISTORY_BYTES);
    let text = if is_small { fs::read(history).unwrap_or_default() } else { Vec::new() };
    let hash = |at: usize| {
        let rest = &text[at + before_hash.len()..];
        memchr::memchr(b'"', &rest[..rest.len().min(256)]).map(|end| rest[..end].to_vec())
    };
    memchr::memmem::find_iter(&text, before_hash).filter_map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_names_pastes_by_their_hashes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("history.jsonl");
        let one =
            r#"{"display":"x","pastedContents":{"1":{"id":1,"contentHash":"ab12"},"2":{"contentHash":"cd"#;
        fs::write(&path, one).unwrap();
        assert_eq!(named_pastes(&path, b"\"contentHash\":\""), HashSet::from([b"ab12".to_vec()]));
        assert_eq!(named_pastes(&directory.path().join("none"), b"x"), HashSet::new());
    }

    #[test]
    fn a_file_from_before_an_edit_lies_in_its_sessions_directory() {
        let id = "0dd99e31-0000-4000-8000-000000000001";
        let path = format!("/h/.claude/file-history/{id}/ab12@v2");
        assert_eq!(session_of(Path::new(&path)).as_deref(), Some(id));
        assert_eq!(session_of(Path::new("/h/.claude/file-history/ab12@v2")), None);
    }
}
