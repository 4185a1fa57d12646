//! What is asked of an agent when a session is put back: whether a path is one that it finds the session by, and how a
//! copy says whose it is.

use std::path::Path;

use super::agent::{Agent, Recognised};
use super::names::PathTail;
use super::record::records;

/// Returns whether the agent takes a file at `path` for the transcript, or the part of this id, of a session.
pub(crate) fn is_place(agent: &dyn Agent, path: &Path, session_id: &str, part_id: Option<&str>) -> bool {
    let tail = PathTail::new(path);
    match agent.recognise(&tail) {
        Some(Recognised::Ours(guess)) => {
            let is_part = guess.part_id.as_deref() == part_id
                || part_id.is_some_and(|part_id| agent.former_part_id(&tail).as_deref() == Some(part_id));
            is_part && guess.session_id.is_none_or(|guessed| guessed == session_id)
        }
        Some(Recognised::NotATranscript) => false,
        // A name that says nothing is a transcript's where its records say all.
        None => part_id.is_none() && tail.jsonl_stem().is_some(),
    }
}

/// Returns a line of a transcript changed so that it says whose copy its session is, if it is one that can.
pub(crate) fn marked_copy(agent: &dyn Agent, line: &[u8], original: &str) -> Option<Vec<u8>> {
    agent.marked_copy(line, &records(line).next()?, original)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::agent;

    #[test]
    fn a_session_lies_only_where_its_agent_finds_it() {
        let claude = agent("claude-code").unwrap();
        let id = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        let is_place = |path: &str, part_id| {
            let path = path.replace("SID", id);
            super::is_place(claude, Path::new(&path), id, part_id)
        };
        assert!(is_place("/h/projects/-p/SID.jsonl", None));
        assert!(is_place("/h/projects/-p/SID/subagents/agent-a1b2c3d.jsonl", Some("agent-a1b2c3d")));
        for (path, part_id) in [
            ("/h/projects/-p/11111111-4e5f-4061-8071-2a3b4c5d6e7f.jsonl", None),
            ("/h/projects/-p/SID/subagents/agent-a1b2c3d.jsonl", None),
            ("/h/projects/-p/SID/subagents/agent-a1b2c3d.jsonl", Some("agent-ffffffff")),
            ("/h/projects/-p/SID/resume-head.jsonl", None),
            ("/h/settings.json", None),
            ("/h/settings.json", Some("settings")),
        ] {
            assert!(!is_place(path, part_id), "{path}");
        }
    }
}
