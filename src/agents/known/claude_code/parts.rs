//! What lies in a session's own directory: subagents, results of tools, and what workflows leave.
//!
//! | path below `<session>/` | part |
//! |---|---|
//! | `subagents/agent-<id>.jsonl` | `agent-<id>` |
//! | `subagents/agent-<id>.meta.json` | `agent-<id>-meta` |
//! | `subagents/workflows/<run>/journal.jsonl` | `subagents-workflows-<run>-journal` |
//! | `workflows/<run>.json`: how a run went, one document that is written again as it goes on | `workflow-<run>` |
//! | `workflows/scripts/<name>.<extension>`: what was run | `script-<name>-<extension>` |
//! | `tool-results/<id>.txt`, `.json` | `tool-result-<id>`, `tool-result-<id>-json` |
//! | `<name>.jsonl` in one of these directories | `<directory>-<name>` |
//! | `journal.jsonl`, in the agent's own tree | `journal` |
//! | the same elsewhere, and scripts anywhere in `workflows` | that, and a hash of the path |
//!
//! Ids stay as they are for ever: archives carry them. In older archives a part has the same id wherever it lay, so that
//! two could share one; what is archived under such an id stays there ([`former_id`]).

use crate::agents::agent::Recognised;
use crate::agents::found::Guess;
use crate::agents::names::{PathTail, is_common_name, part_id, stem};
use crate::identity::{id_of_name, is_uuid, uuid_in, with_hash};

/// The agent that all this is of.
pub(super) const ID: &str = "claude-code";

/// Directories below a session's that may hold parts.
const DIRECTORIES: [&[u8]; 4] = [b"subagents", b"tool-results", WORKFLOWS, b"remote-agents"];

const WORKFLOWS: &[u8] = b"workflows";

/// Directory below [`WORKFLOWS`] whose files have the extension of whatever language they are in.
const SCRIPTS: &[u8] = b"scripts";

/// What the names of scripts end with, wherever in [`WORKFLOWS`] they lie.
const SCRIPT_EXTENSIONS: [&[u8]; 26] = [
    b"js", b"mjs", b"cjs", b"jsx", b"ts", b"mts", b"cts", b"tsx", b"py", b"sh", b"bash", b"zsh", b"fish",
    b"rb", b"lua", b"pl", b"php", b"ps1", b"bat", b"cmd", b"awk", b"tcl", b"r", b"R", b"jl", b"sql",
];

/// What steps and runs are noted in.
const JOURNAL: &[u8] = b"journal";

/// Returns the place of a session or part in the form that is handed on.
pub(super) fn ours(session_id: Option<String>, part_id: Option<String>) -> Recognised {
    Recognised::Ours(Guess { agent: Some(ID), session_id, part_id })
}

/// What the ids of parts begin with in which somebody else's words stand, whatever they look like: results of tools,
/// scripts, and what the user pasted or edited.
const FOREIGN: [&str; 5] = ["tool-result-", "script-", "script_", "file-history-", "paste-"];

/// Returns whether somebody else's words stand in the part of this id.
pub(crate) fn is_foreign(part_id: &str) -> bool {
    FOREIGN.iter().any(|kind| part_id.starts_with(kind))
}

/// Places a file in a session's directory. The outer `None`: the path is not below one. The inner: nothing to say about
/// this file.
pub(crate) fn below_session(path: &PathTail<'_>) -> Option<Option<Recognised>> {
    let Some((session, below)) = split(path.components()) else {
        return own(path).map(Some);
    };
    if path.name() == b"resume-head.jsonl" {
        return Some(Some(Recognised::NotATranscript));
    }
    let part = id_of(below).map(|id| match id.is_plain {
        true => id.text,
        false => with_hash(&id.text, &below.join(&b'/')),
    });
    Some(part.map(|part| ours(uuid_in(session), Some(part))))
}

/// Returns the id that the part at `path` was archived under before parts of one name were told apart; `None` where it
/// is the same.
pub(crate) fn former_id(path: &PathTail<'_>) -> Option<String> {
    let (_, below) = split(path.components())?;
    id_of(below).filter(|id| !id.is_plain).map(|id| id.text)
}

/// Returns where below its session's directory a part lies whose id alone is known: the most frequent sorts of them.
pub(super) fn path_of(part_id: &str) -> Option<String> {
    if let Some(agent) = part_id.strip_suffix("-meta").filter(|id| id.starts_with("agent-")) {
        return Some(format!("subagents/{agent}.meta.json"));
    }
    if part_id.starts_with("agent-") {
        return Some(format!("subagents/{part_id}.jsonl"));
    }
    let result = part_id.strip_prefix("tool-result-")?;
    Some(match result.strip_suffix("-json") {
        Some(result) => format!("tool-results/{result}.json"),
        None => format!("tool-results/{result}.txt"),
    })
}

/// The id that a part's name gives it.
struct Id {
    text: String,
    /// No other path of the session gives this id.
    is_plain: bool,
}

/// Returns the id of the part whose path below its session's directory has these components.
fn id_of(below: &[&[u8]]) -> Option<Id> {
    // A directory of that name is nothing.
    if below.len() < 2 {
        return None;
    }
    let name = *below.last()?;
    let (is_agent, is_direct) = (name.starts_with(b"agent-"), below.len() == 2);
    let is_subagent = is_direct && below[0] == b"subagents";
    let id = |text, is_plain| Some(Id { text, is_plain });
    match below[0] {
        // `<id>-json.txt` would read like `<id>.json`, here and below.
        b"tool-results" if name.ends_with(b".txt") => {
            let stem = stem(name);
            id(part_id(&[b"tool-result", stem]), is_direct && !stem.ends_with(b"-json"))
        }
        b"tool-results" if name.ends_with(b".json") => {
            id(part_id(&[b"tool-result", stem(name), b"json"]), is_direct)
        }
        b"tool-results" => None,
        _ if is_agent && name.ends_with(b".meta.json") => {
            id(part_id(&[name.strip_suffix(b".meta.json").unwrap_or(name), b"meta"]), is_subagent)
        }
        _ if is_agent && name.ends_with(b".jsonl") => {
            let stem = stem(name);
            id(id_of_name(stem), is_subagent && !stem.ends_with(b"-meta"))
        }
        _ if is_scripts(&below[..below.len() - 1]) || is_script(below) => id(script(below)?, true),
        _ if name.ends_with(b".jsonl") => {
            let mut relative = below.to_vec();
            relative.pop();
            relative.push(stem(name));
            id(part_id(&relative), is_plain_record(below, stem(name)))
        }
        _ if below.contains(&WORKFLOWS) && name.ends_with(b".json") => id(document(below)?, true),
        _ => None,
    }
}

/// Returns whether a transcript at this path is the only one whose components, joined, read like that: the journal of a
/// run, or one directly in a directory that does not read like one.
fn is_plain_record(below: &[&[u8]], stem: &[u8]) -> bool {
    match below {
        [b"subagents", b"workflows", run, _] => stem == JOURNAL && is_safe(run),
        [_, _] => is_safe(stem) && !stem.starts_with(b"workflows-"),
        _ => false,
    }
}

/// Places a transcript that lies in a session's directory itself: its journal, or any other. Elsewhere than in the agent's
/// tree a log in a directory of such a name may be anybody's.
fn own(path: &PathTail<'_>) -> Option<Recognised> {
    let (session, stem) = (path.above(1), path.jsonl_stem()?);
    let is_named_otherwise = is_uuid(stem) || is_common_name(stem) || stem.starts_with(b"agent-");
    if !is_uuid(session) || path.above(3) != b"projects" || is_named_otherwise {
        return None;
    }
    let part = if stem == JOURNAL { id_of_name(stem) } else { with_hash(&id_of_name(stem), path.name()) };
    Some(ours(uuid_in(session), Some(part)))
}

/// Returns whether the directory at `path` is one in which a file may be called anything: it holds scripts.
pub(crate) fn takes_any_name(path: &PathTail<'_>) -> bool {
    split(path.components()).is_some_and(|(_, below)| below.contains(&WORKFLOWS))
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

/// Returns whether the file is a script by its name, and lies where workflows do.
fn is_script(below: &[&[u8]]) -> bool {
    let Some((name, directory)) = below.split_last() else { return false };
    let extension = memchr::memrchr(b'.', name).map(|dot| &name[dot + 1..]);
    directory.contains(&WORKFLOWS)
        && extension.is_some_and(|extension| SCRIPT_EXTENSIONS.contains(&extension))
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
        Some((stem, extension))
            if below.len() == 3 && below[1] == SCRIPTS && is_safe(stem) && is_extension(extension) =>
        {
            part_id(&[b"script", stem, extension])
        }
        _ => id_of_name(&[b"script/", &below.join(&b'/')[..]].concat()),
    })
}

/// Returns the id of a document about a run.
fn document(below: &[&[u8]]) -> Option<String> {
    let run = below.last()?.strip_suffix(b".json").filter(|run| !run.is_empty() && !run.starts_with(b"."))?;
    Some(match below.len() == 2 && is_safe(run) {
        true => part_id(&[b"workflow", run]),
        false => id_of_name(&[b"workflow/", &below.join(&b'/')[..]].concat()),
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
    use crate::agents::guess_path;
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
            ("subagents/agent-a0.jsonl", "agent-a0"),
            ("subagents/agent-a0.meta.json", "agent-a0-meta"),
            ("subagents/workflows/wf_demo1/journal.jsonl", "subagents-workflows-wf_demo1-journal"),
            ("subagents/child.jsonl", "subagents-child"),
        ] {
            assert_eq!(part(below).as_deref(), Some(id), "{below}");
        }
    }

    #[test]
    fn a_part_lies_where_its_id_says() {
        for id in ["agent-a0", "agent-a0-meta", "tool-result-toolu_1", "tool-result-x-json"] {
            assert_eq!(part(&super::path_of(id).unwrap()).as_deref(), Some(id));
        }
        assert_eq!(super::path_of("workflow-wf_1"), None);
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
            "workflows/a-b.js",
            "workflows/a/b.js",
            "subagents/workflows/scripts.py",
            "subagents/workflows/wf_1/script.js",
            "subagents/workflows/wf_9/script.js",
            "subagents/agent-x.jsonl",
            "subagents/agent-x-meta.jsonl",
            "subagents/agent-x.meta.json",
            "subagents/workflows/wf_1/agent-x.jsonl",
            "subagents/workflows/wf_9/agent-x.jsonl",
            "subagents/workflows/wf_9/agent-x.meta.json",
            "remote-agents/agent-x.jsonl",
            "subagents/workflows/a-b/journal.jsonl",
            "subagents/workflows/a/b/journal.jsonl",
            "subagents/workflows/a/b-journal.jsonl",
            "subagents/workflows-a-b-journal.jsonl",
            "tool-results/t.txt",
            "tool-results/t.json",
            "tool-results/t-json.txt",
            "tool-results/sub/t.txt",
            "tool-results/other/t.txt",
            "tool-results/sub/t.json",
        ];
        let ids: HashSet<String> = files.iter().map(|file| part(file).expect(file)).collect();
        assert_eq!(ids.len(), files.len(), "{ids:?}");
        let is_safe =
            |id: &String| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        assert!(ids.iter().all(is_safe), "{ids:?}");
    }

    #[test]
    fn a_part_whose_name_another_may_have_was_archived_under_that_name() {
        use crate::agents::former_part_id;
        let former = |below: &str| former_part_id("claude-code", &Path::new("/p").join(SESSION).join(below));
        for (below, id) in [
            ("subagents/workflows/wf_1/agent-x.jsonl", Some("agent-x")),
            ("subagents/workflows/wf_1/agent-x.meta.json", Some("agent-x-meta")),
            ("tool-results/sub/t.txt", Some("tool-result-t")),
            ("subagents/a/child.jsonl", Some("subagents-a-child")),
            ("subagents/agent-x.jsonl", None),
            ("tool-results/t.txt", None),
            ("subagents/workflows/wf_1/journal.jsonl", None),
            ("workflows/a/b.js", None),
            ("journal.jsonl", None),
        ] {
            assert_eq!(former(below).as_deref(), id, "{below}");
        }
        let id = part("tool-results/sub/t.txt").unwrap();
        assert!(id.starts_with("tool-result-t-") && crate::identity::is_made_over(&id), "{id}");
    }

    #[test]
    fn logs_in_a_sessions_directory_are_parts_in_the_agents_tree() {
        let tree = |name: &str| format!("/h/.claude/projects/-w/{SESSION}/{name}");
        let guess = |path: String| guess_path(Path::new(&path));
        assert_eq!(guess(tree("journal.jsonl")).part_id.as_deref(), Some("journal"));
        assert!(guess(tree("steps.jsonl")).part_id.is_some_and(|id| id.starts_with("steps-")));
        assert_eq!(guess(tree(&format!("{}.jsonl", SESSION.replace('0', "1")))).part_id, None);
        assert_eq!(guess(tree("messages.jsonl")).part_id, None);
        assert_eq!(guess(format!("/h/.copilot/session-state/{SESSION}/events.jsonl")).agent, Some("copilot"));
        assert_eq!(guess(format!("/h/data/{SESSION}/journal.jsonl")).part_id, None);
    }

    #[test]
    fn what_tools_and_scripts_say_is_not_said_of_the_session_wherever_they_lie() {
        for (below, is_own) in [
            ("workflows/scripts/x.py", false),
            ("workflows/x.py", false),
            ("subagents/workflows/wf_1/script.js", false),
            ("tool-results/sub/t.txt", false),
            ("tool-results/t.json", false),
            ("workflows/wf_1.json", true),
            ("subagents/workflows/wf_1/agent-x.jsonl", true),
        ] {
            let path = Path::new("/p").join(SESSION).join(below);
            assert_eq!(crate::agents::is_own_text(&path, &guess_path(&path)), is_own, "{below}");
        }
    }

    #[test]
    fn temporary_files_are_no_parts() {
        for below in ["workflows/scripts/.x.js.swp", "workflows/scripts/x.js.tmp.12", "workflows/.x.json"] {
            assert_eq!(part(below), None, "{below}");
        }
    }
}
