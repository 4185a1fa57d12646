//! Walks of small trees that hold what real ones do, and what hostile ones might.

use std::fs;
use std::path::Path;

use super::list::FILES_AT_ONCE;
use super::*;
use crate::agents::names::is_packed;
use crate::agents::{agent, walk_directory};
use crate::locator::Stamp;

const SESSION: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
const OTHER: &str = "11111111-4e5f-4061-8071-2a3b4c5d6e7f";

/// Writes one byte to each path below a new directory.
fn tree(paths: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for path in paths {
        let path = directory.path().join(path.replace("SID", SESSION).replace("OTHER", OTHER));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    directory
}

/// Walks `roots` of the agent `id` below `directory`; returns relative paths, sorted, and the problems.
fn walked(id: &str, directory: &Path, roots: &[&str]) -> (Vec<String>, Vec<WalkProblem>) {
    let roots: Vec<PathBuf> = roots.iter().map(|root| directory.join(root)).collect();
    let mut paths = Vec::new();
    let problems =
        walk(agent(id).unwrap(), &roots, &mut |found| paths.push(found.locator.path().to_path_buf()));
    (relative(directory, paths), problems)
}

fn relative(directory: &Path, paths: Vec<PathBuf>) -> Vec<String> {
    let real = fs::canonicalize(directory).unwrap();
    let mut paths: Vec<String> = paths
        .iter()
        .map(|path| path.strip_prefix(directory).or_else(|_| path.strip_prefix(&real)).unwrap())
        .map(|path| path.to_str().unwrap().replace(SESSION, "SID").replace(OTHER, "OTHER"))
        .collect();
    paths.sort();
    paths
}

const CLAUDE_TREE: [&str; 9] = [
    "projects/-p/SID.jsonl",
    "projects/-p/SID.jsonl.superseded-12",
    "projects/-p/SID/subagents/agent-a0ad4f44468bdf20d.jsonl",
    "projects/-p/SID/subagents/agent-a0ad4f44468bdf20d.meta.json",
    "projects/-p/SID/subagents/workflows/run/agent-a1.jsonl",
    "projects/-p/SID/subagents/workflows/run/journal.jsonl",
    "projects/-p/SID/tool-results/toolu_1.txt",
    "projects/-p/agent-0123abcd.jsonl",
    "projects/-p/notes.jsonl",
];

const CLAUDE_BOOKKEEPING: [&str; 7] = [
    "projects/-p/SID/resume-head.jsonl",
    "projects/-p/SID/custom-title.json",
    "projects/-p/SID/1.cast",
    "projects/-p/SID.jsonl.compact.tmp.1",
    "projects/-p/SID.desktop-released.json",
    "projects/-p/memory/MEMORY.md",
    "projects/-p/.ccr-tip.json",
];

#[test]
fn a_claude_tree_gives_transcripts_and_parts_and_no_bookkeeping() {
    let directory = tree(&[&CLAUDE_TREE[..], &CLAUDE_BOOKKEEPING].concat());
    let (paths, problems) = walked("claude-code", directory.path(), &["projects"]);
    assert_eq!(paths, CLAUDE_TREE);
    assert!(problems.is_empty());
}

#[test]
fn a_directory_named_by_the_user_gives_the_same_files_and_guesses() {
    let directory = tree(&[&CLAUDE_TREE[..], &CLAUDE_BOOKKEEPING].concat());
    let root = directory.path().join("projects");
    let (mut by_agent, mut by_name) = (Vec::new(), Vec::new());
    walk(agent("claude-code").unwrap(), std::slice::from_ref(&root), &mut |found| by_agent.push(found));
    walk_directory(&root, "*.jsonl", &mut |found| by_name.push(found)).unwrap();
    let identities = |all: Vec<Found>| {
        let mut all: Vec<_> = all
            .into_iter()
            .map(|found| {
                (
                    crate::agents::identify(found.locator.path(), &found.guess, b""),
                    found.stamp,
                    found.locator.path().to_path_buf(),
                )
            })
            .collect();
        all.sort_by(|one, other| one.2.cmp(&other.2));
        // A name that says nothing belongs to whom the root belongs, if to anybody.
        all.retain(|(_, _, path)| !path.ends_with("notes.jsonl"));
        all
    };
    let by_name = identities(by_name);
    assert_eq!(by_name.len(), 8);
    assert_eq!(identities(by_agent), by_name);
}

#[test]
fn all_codex_homes_are_walked_and_plain_rollouts_win() {
    let directory = tree(&[
        "a/sessions/2026/01/02/rollout-2026-01-02T03-04-05-SID.jsonl.zst",
        "a/sessions/2026/01/02/rollout-compress-1.tmp",
        "a/sessions/2026/01/02/.rollout-materialize-1.jsonl",
        "a/archived_sessions/rollout-2026-01-02T03-04-05-OTHER.jsonl.zst",
        "b/sessions/2026/01/02/rollout-2026-01-02T03-04-05-SID.jsonl",
        "b/history.jsonl",
    ]);
    let homes = format!("{0}/a,{0}/b", directory.path().display());
    let environment = Environment::new([("CODEX_HOME".into(), homes.into())]);
    let codex = agent("codex").unwrap();
    let mut paths = Vec::new();
    let problems =
        walk(codex, &codex.roots(&environment), &mut |found| paths.push(found.locator.path().to_path_buf()));
    let expected = [
        "a/archived_sessions/rollout-2026-01-02T03-04-05-OTHER.jsonl.zst",
        "b/sessions/2026/01/02/rollout-2026-01-02T03-04-05-SID.jsonl",
    ];
    assert_eq!(relative(directory.path(), paths), expected);
    assert!(problems.is_empty());
    let located = locate(codex, &environment, &|id| id == OTHER);
    assert!(is_packed(located.main.unwrap().locator.path()));
    assert!(locate(codex, &environment, &|id| id == "unknown").main.is_none());
}

#[test]
fn a_session_is_located_with_its_parts_and_with_the_databases_that_it_may_be_in() {
    let directory = tree(&[
        ".copilot/session-state/SID/events.jsonl",
        ".copilot/session-state/SID/plan.md",
        ".copilot/session-state/OTHER/events.jsonl",
        ".local/share/opencode/opencode.db",
        ".local/share/opencode/storage/session/p/ses_1.json",
        ".local/share/opencode/storage/session/p/ses_2.json",
    ]);
    let environment = Environment::with_home(directory.path());
    let names = |found: &[Found]| {
        relative(directory.path(), found.iter().map(|found| found.locator.path().to_path_buf()).collect())
    };
    let located = locate(agent("copilot").unwrap(), &environment, &|id| id == SESSION);
    assert_eq!(names(&Vec::from_iter(located.main)), [".copilot/session-state/SID/events.jsonl"]);
    assert_eq!(names(&located.parts), [".copilot/session-state/SID/plan.md"]);
    let located = locate(agent("opencode").unwrap(), &environment, &|id| id == "ses_2");
    assert_eq!(names(&Vec::from_iter(located.main)), [".local/share/opencode/storage/session/p/ses_2.json"]);
    assert_eq!(names(&located.databases), [".local/share/opencode/opencode.db"]);
}

#[test]
fn roots_that_overlap_are_walked_once() {
    let directory = tree(&["a/-p/SID.jsonl", "b/-p/OTHER.jsonl"]);
    let (paths, _) = walked("claude-code", directory.path(), &["a/-p", "a", "a/", "missing", "b", "b"]);
    assert_eq!(paths, ["a/-p/SID.jsonl", "b/-p/OTHER.jsonl"]);
}

#[test]
fn a_stat_says_what_the_file_system_says() {
    let directory = tree(&["r/-p/SID.jsonl"]);
    let path = directory.path().join("r/-p").join(format!("{SESSION}.jsonl"));
    fs::write(&path, "twelve bytes").unwrap();
    let mut stats = Vec::new();
    walk(agent("claude-code").unwrap(), &[directory.path().join("r")], &mut |found| stats.push(found.stamp));
    assert_eq!(stats, [Stamp::of(&fs::metadata(&path).unwrap())]);
    assert_eq!(stats[0].bytes(), 12);
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(i128::from(stats[0].modified_ns()), since.as_nanos() as i128);
}

#[test]
fn a_large_directory_is_listed_whole() {
    let names: Vec<String> = (0..3 * FILES_AT_ONCE + 7).map(|at| format!("r/p/{at}.jsonl")).collect();
    let directory = tree(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let (paths, _) = walked("claude-code", directory.path(), &["r"]);
    assert_eq!(paths.len(), names.len());
}

#[cfg(unix)]
mod unix {
    use super::*;
    use crate::error::{Error, Kind};
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_symlink_out_of_the_tree_is_refused_and_one_inside_is_found_once() {
        let directory = tree(&["r/-p/SID.jsonl", "r/-p/stray.data", "secret"]);
        let project = directory.path().join("r/-p");
        symlink("../../secret", project.join("out.jsonl")).unwrap();
        symlink("nowhere", project.join("dangling.jsonl")).unwrap();
        symlink(format!("{SESSION}.jsonl"), project.join("again.jsonl")).unwrap();
        symlink("stray.data", project.join("stray.jsonl")).unwrap();
        symlink("loop.jsonl", project.join("loop.jsonl")).unwrap();
        symlink("..", project.join("up")).unwrap();
        let (paths, mut problems) = walked("claude-code", directory.path(), &["r"]);
        assert_eq!(paths, ["r/-p/SID.jsonl", "r/-p/stray.data"]);
        problems.sort_by(|one, other| one.path.cmp(&other.path));
        let [dangling, cycle, out, up] = &problems[..] else { panic!("{problems:?}") };
        assert!(matches!(dangling.reason, WalkReason::SymlinkDangling));
        assert!(matches!(cycle.reason, WalkReason::SymlinkCycle));
        assert!(matches!(up.reason, WalkReason::SymlinkLoop));
        assert!(matches!(out.reason, WalkReason::SymlinkOutside) && out.path.ends_with("out.jsonl"));
    }

    #[test]
    fn a_root_that_cannot_be_followed_is_named() {
        let directory = tree(&["r/-p/SID.jsonl"]);
        symlink("loop", directory.path().join("loop")).unwrap();
        let (paths, problems) = walked("claude-code", directory.path(), &["loop", "r"]);
        assert_eq!(paths, ["r/-p/SID.jsonl"]);
        assert!(problems.len() == 1 && problems[0].path.ends_with("loop"), "{problems:?}");
    }

    #[test]
    fn a_root_that_a_link_leads_nowhere_from_is_named_and_one_that_never_was_is_not() {
        let directory = tree(&["there/projects/-p/SID.jsonl"]);
        symlink("unmounted", directory.path().join("home")).unwrap();
        symlink("there", directory.path().join("linked")).unwrap();
        let roots = ["home/projects", "linked/none/projects", "none/projects", "linked/projects"];
        let (paths, problems) = walked("claude-code", directory.path(), &roots);
        assert_eq!(paths, ["linked/projects/-p/SID.jsonl"]);
        let [problem] = &problems[..] else { panic!("{problems:?}") };
        assert!(problem.path.ends_with("home/projects"), "{problem:?}");
        assert!(matches!(problem.reason, WalkReason::SymlinkDangling), "{problem:?}");
    }

    #[test]
    fn what_lies_in_a_root_is_found_there_and_of_several_links_the_first_by_name_and_the_widest_count() {
        let directory = tree(&["r/-z/SID.jsonl", "wide/deep/OTHER.jsonl", "single/1.jsonl"]);
        let link = |target: &str, name: &str| symlink(target, directory.path().join("r").join(name)).unwrap();
        link("-z", "-a");
        for name in ["-c", "-b", "-d"] {
            link("../single", name);
        }
        link("../wide/deep", "-e");
        link("../wide", "-f");
        link("../wide/deep", "-g");
        let (paths, problems) = walked("claude-code", directory.path(), &["r"]);
        assert_eq!(paths, ["r/-b/1.jsonl", "r/-f/deep/OTHER.jsonl", "r/-z/SID.jsonl"]);
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn a_packed_transcript_that_is_there_unpacked_too_is_told() {
        let rollout = "a/rollout-2026-01-02T03-04-05-SID.jsonl";
        let packed = format!("{rollout}.zst");
        let directory = tree(&[rollout, &packed]);
        let told = std::sync::Mutex::new(Vec::new());
        let tell = |path: &Path, why| told.lock().unwrap().push((path.to_path_buf(), why));
        let roots = [directory.path().join("a")];
        walk_telling(agent("codex").unwrap(), &roots, &mut |_| {}, Some(&tell));
        let packed = directory.path().join(packed.replace("SID", SESSION));
        assert_eq!(told.into_inner().unwrap(), [(packed, LeftAlone::PlainBeside)]);
    }

    #[test]
    fn a_root_may_be_a_symlink() {
        let directory = tree(&["real/-p/SID.jsonl"]);
        symlink("real", directory.path().join("projects")).unwrap();
        let (paths, problems) = walked("claude-code", directory.path(), &["projects"]);
        assert_eq!(paths, ["projects/-p/SID.jsonl"]);
        assert!(problems.is_empty());
    }

    #[test]
    fn what_is_no_regular_file_is_named_and_the_walk_goes_on() {
        let directory = tree(&["r/-p/SID.jsonl", "r/-p/dir.jsonl/OTHER.jsonl"]);
        let fifo = directory.path().join("r/-p/fifo.jsonl");
        let _socket = std::os::unix::net::UnixListener::bind(&fifo).unwrap();
        let (paths, problems) = walked("claude-code", directory.path(), &["r"]);
        assert_eq!(paths, ["r/-p/SID.jsonl", "r/-p/dir.jsonl/OTHER.jsonl"]);
        assert_eq!(problems.len(), 2);
        assert!(problems.iter().all(|problem| matches!(problem.reason, WalkReason::NotRegular)));
        let error = Error::from(problems.into_iter().find(|problem| problem.path == fifo).unwrap());
        assert_eq!(error.kind(), Kind::Source);
        assert!(error.to_string().ends_with("fifo.jsonl: not a regular file"), "{error}");
    }

    #[test]
    fn names_that_are_not_text_are_found() {
        let directory = tree(&["r/-p/SID.jsonl"]);
        let name = OsStr::from_bytes(b"\xff\xfe.jsonl");
        fs::write(directory.path().join("r/-p").join(name), "x").unwrap();
        for pattern in ["*.jsonl", "*.json?"] {
            let mut names = Vec::new();
            walk_directory(directory.path(), pattern, &mut |found| {
                names.push(found.locator.path().to_path_buf())
            })
            .unwrap();
            assert!(names.iter().any(|path| path.file_name() == Some(name)), "{pattern}");
            assert_eq!(names.len(), 2);
        }
    }
}
