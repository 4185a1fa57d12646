//! What lies in a session's own directory: subagents, results of tools, and what workflows leave.
//!
//! | path below `<session>/` | part |
//! |---|---|
//! | `subagents/**/agent-<id>.jsonl` | `agent-<id>` |
//! | `subagents/**/agent-<id>.meta.json` | `agent-<id>-meta` |
//! | `subagents/workflows/<run>/journal.jsonl` | `subagents-workflows-<run>-journal` |
//! | `workflows/<run>.json`: how a run went, one document that is written again as it goes on | `workflow-<run>` |
//! | `workflows/scripts/<name>.<extension>`: what was run | `script-<name>-<extension>` |
//! | `tool-results/<id>.txt` | `tool-result-<id>` |
//!
//! Ids stay as they are for ever: archives carry them.

use super::super::Place;
use super::super::names::{PathTail, clean_id, is_uuid, part_id, stem, uuid_in};
use super::ours;

/// Directories below a session's that may hold parts.
const DIRECTORIES: [&[u8]; 4] = [b"subagents", b"tool-results", WORKFLOWS, b"remote-agents"];

const WORKFLOWS: &[u8] = b"workflows";

/// Directory below [`WORKFLOWS`] whose files have the extension of whatever language they are in.
const SCRIPTS: &[u8] = b"scripts";

/// Places a file in a session's directory. The outer `None`: the path is not below one. The inner: nothing to say about
/// this file.
pub(super) fn below_session(path: &PathTail<'_>) -> Option<Option<Place>> {
    let (session, below) = split(path.components())?;
    let name = path.name();
    if name == b"resume-head.jsonl" {
        return Some(Some(Place::NotATranscript));
    }
    // A directory of that name is nothing.
    if below.len() < 2 {
        return Some(None);
    }
    let is_agent = name.starts_with(b"agent-");
    let part = match below[0] {
        b"tool-results" if name.ends_with(b".txt") => Some(part_id(&[b"tool-result", stem(name)])),
        b"tool-results" if name.ends_with(b".json") => Some(part_id(&[b"tool-result", stem(name), b"json"])),
        b"tool-results" => None,
        _ if is_agent && name.ends_with(b".meta.json") => {
            Some(part_id(&[name.strip_suffix(b".meta.json").unwrap_or(name), b"meta"]))
        }
        _ if is_agent && name.ends_with(b".jsonl") => Some(clean_id(stem(name))),
        _ if is_scripts(&below[..below.len() - 1]) => script(below),
        _ if name.ends_with(b".jsonl") => {
            let mut relative = below.to_vec();
            relative.pop();
            relative.push(stem(name));
            Some(part_id(&relative))
        }
        _ if below.contains(&WORKFLOWS) && name.ends_with(b".json") => document(below),
        _ => None,
    };
    Some(part.map(|part| ours(uuid_in(session), Some(part))))
}

/// Returns whether the directory at `path` is one for scripts, in which a file may be called anything.
pub(super) fn takes_any_name(path: &PathTail<'_>) -> bool {
    split(path.components()).is_some_and(|(_, below)| is_scripts(below))
}

/// Splits a path into the name of a session's directory and the components below it.
fn split<'a, 'p>(components: &'a [&'p [u8]]) -> Option<(&'p [u8], &'a [&'p [u8]])> {
    let at = components.windows(2).rposition(|pair| {
        is_uuid(pair[0]) && (DIRECTORIES.contains(&pair[1]) || pair[1] == b"resume-head.jsonl")
    })?;
    Some((components[at], &components[at + 1..]))
}

/// Returns whether the directory with these components below a session's own is one for scripts, or in one.
fn is_scripts(directory: &[&[u8]]) -> bool {
    let workflows = directory.iter().position(|component| *component == WORKFLOWS);
    workflows.is_some_and(|at| directory[at + 1..].contains(&SCRIPTS))
}

/// Returns the id of a script. Where it lies elsewhere than they do, or is not called what they are, a hash of its path
/// keeps it apart from others that read the same without their dots and slashes.
fn script(below: &[&[u8]]) -> Option<String> {
    let name = *below.last()?;
    // An editor's or a writer's own file, which will be renamed or removed.
    let is_temporary = name.starts_with(b".")
        || name.ends_with(b"~")
        || name.ends_with(b".swp")
        || memchr::memmem::find(name, b".tmp").is_some();
    if is_temporary {
        return None;
    }
    let dot = memchr::memrchr(b'.', name).filter(|dot| *dot > 0);
    let plain = dot.map(|dot| (&name[..dot], &name[dot + 1..]));
    Some(match plain {
        Some((stem, extension)) if below.len() == 3 && is_safe(stem) && is_extension(extension) => {
            part_id(&[b"script", stem, extension])
        }
        _ => clean_id(&[b"script/", &below.join(&b'/')[..]].concat()),
    })
}

/// Returns the id of a document about a run.
fn document(below: &[&[u8]]) -> Option<String> {
    let run = below.last()?.strip_suffix(b".json").filter(|run| !run.is_empty() && !run.starts_with(b"."))?;
    Some(match below.len() == 2 && is_safe(run) {
        true => part_id(&[b"workflow", run]),
        false => clean_id(&[b"workflow/", &below.join(&b'/')[..]].concat()),
    })
}

fn is_safe(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Without a hyphen, so that it can be told where it begins.
fn is_extension(extension: &[u8]) -> bool {
    !extension.is_empty() && extension.iter().all(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::super::super::guess_path;
    use std::collections::HashSet;
    use std::path::Path;

    const SESSION: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    fn part(below: &str) -> Option<String> {
        let guess = guess_path(&Path::new("/p").join(SESSION).join(below));
        assert!(guess.part_id.is_none() || guess.session_id.as_deref() == Some(SESSION), "{below}");
        guess.part_id
    }

    #[test]
    fn what_a_workflow_leaves_belongs_to_its_session() {
        for (below, id) in [
            ("workflows/wf_demo1.json", "workflow-wf_demo1"),
            ("workflows/scripts/review-wf_demo1.js", "script-review-wf_demo1-js"),
            ("workflows/scripts/check.py", "script-check-py"),
            ("subagents/workflows/wf_demo1/agent-a0.jsonl", "agent-a0"),
            ("subagents/workflows/wf_demo1/agent-a0.meta.json", "agent-a0-meta"),
            ("subagents/workflows/wf_demo1/journal.jsonl", "subagents-workflows-wf_demo1-journal"),
        ] {
            assert_eq!(part(below).as_deref(), Some(id), "{below}");
        }
    }

    #[test]
    fn no_two_files_of_a_session_share_an_id() {
        let files = [
            "workflows/a-b.json",
            "workflows/a/b.json",
            "workflows/a.b.json",
            "workflows/a-b.jsonl",
            "subagents/workflows/a/b.json",
            "workflows/scripts/a-b.js",
            "workflows/scripts/a.b.js",
            "workflows/scripts/a/b.js",
            "workflows/scripts/a-b-js",
            "workflows/scripts/a-b.ts",
            "workflows/scripts/a-b.json",
            "workflows/scripts/a-b.meta.json",
            "workflows/scripts/Makefile",
            "workflows/scripts/é.sh",
        ];
        let ids: HashSet<String> = files.iter().map(|file| part(file).expect(file)).collect();
        assert_eq!(ids.len(), files.len(), "{ids:?}");
        let is_safe =
            |id: &String| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        assert!(ids.iter().all(is_safe), "{ids:?}");
    }

    #[test]
    fn temporary_files_are_no_parts() {
        for below in ["workflows/scripts/.x.js.swp", "workflows/scripts/x.js.tmp.12", "workflows/.x.json"] {
            assert_eq!(part(below), None, "{below}");
        }
    }
}
