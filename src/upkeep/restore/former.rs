//! What the path that a file had when it was archived tells of where it goes now. Paths alone: nothing is looked up.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::agents::Agent;
use crate::environment::Environment;

/// Characters with which what is masked in a path begins and ends.
const MASKED: &str = "MASKED";

/// A place below one of an agent's roots.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Below {
    /// The root, or the names that it ends with.
    pub root: PathBuf,
    /// Path below it.
    pub relative: PathBuf,
}

/// Returns the path of a source, if all of it is known: nothing in it is masked, and none of it was cut.
pub(super) fn source_path(source: &str) -> Option<PathBuf> {
    let is_cut = source.len() >= crate::archive::header::fields::MAX_PATH_BYTES;
    // What stands behind a `#` says what of a file it is.
    let is_known = !source.is_empty() && !is_cut && !source.contains(MASKED) && !source.contains('\0');
    is_known.then(|| PathBuf::from(source.replace("%25", "%")))
}

/// Returns where below one of an agent's roots a file lay: the roots that it has here, or those that it has by default in
/// any home.
pub(super) fn below_root(agent: &dyn Agent, environment: &Environment, source: &Path) -> Option<Below> {
    let of = |root: &Path, relative: &Path| {
        is_plain(relative).then(|| Below { root: root.to_owned(), relative: relative.to_owned() })
    };
    for root in agent.roots(environment) {
        if let Ok(relative) = source.strip_prefix(&root) {
            return of(&root, relative);
        }
    }
    let names: Vec<&OsStr> = source.iter().collect();
    for root in agent.roots(&Environment::with_home("/")) {
        let marks: Vec<&OsStr> = root.iter().skip(1).collect();
        let found = names.windows(marks.len().max(1)).rposition(|window| window == marks);
        if let Some(at) = found {
            return of(&root, &names[at + marks.len()..].iter().collect::<PathBuf>());
        }
    }
    None
}

/// Returns where below a root that is called as one of the agent's a file lay, wherever that was.
pub(super) fn below_name(agent: &dyn Agent, environment: &Environment, source: &Path) -> Option<Below> {
    let names: Vec<&OsStr> = source.iter().collect();
    let found = agent.roots(environment).into_iter().find_map(|root| {
        let name = root.file_name()?;
        let at = names.iter().rposition(|one| *one == name)?;
        Some(Below { root: name.into(), relative: names[at + 1..].iter().collect() })
    })?;
    is_plain(&found.relative).then_some(found)
}

/// Returns the path that lies to `new` as `file` lies to `old`: as many levels up, and down again. `None` where nothing but
/// the root of the file system leads to both.
pub(super) fn rebased(old: &Path, file: &Path, new: &Path) -> Option<PathBuf> {
    let shared = old.components().zip(file.components()).take_while(|(one, other)| one == other).count();
    let is_telling = old.components().take(shared).any(|one| matches!(one, Component::Normal(_)));
    let levels = old.components().count().checked_sub(shared)?;
    let mut rebased = new.ancestors().nth(levels).filter(|_| is_telling)?.to_owned();
    rebased.extend(file.components().skip(shared));
    Some(rebased)
}

/// Returns the path of the transcript beside the directory that is called as the session is, in which the file at `part`
/// lies.
pub(super) fn transcript_beside(part: &Path, session_id: &str) -> Option<PathBuf> {
    let directory =
        part.ancestors().skip(1).find(|above| above.file_name() == Some(OsStr::new(session_id)))?;
    Some(directory.with_file_name(format!("{session_id}.jsonl")))
}

/// Returns whether a path leads down and nowhere else, and its names are ones that every system takes.
pub(super) fn is_plain(relative: &Path) -> bool {
    let is_name = |component: Component<'_>| match component {
        Component::Normal(name) => {
            name.to_str().is_some_and(|name| !name.chars().any(|it| it.is_control() || it == '\\'))
        }
        _ => false,
    };
    // `a//b`, `a/.` and `a/` are read as `a/b` and `a`.
    relative.components().next().is_some() && relative.components().all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::agent;

    fn below(source: &str, variables: &[(&str, &str)]) -> Option<(String, String)> {
        let variables = [("HOME", "/home/me")].iter().chain(variables);
        let environment = Environment::new(variables.map(|(name, value)| (name.into(), value.into())));
        let found = below_root(agent("claude-code").unwrap(), &environment, Path::new(source))?;
        let root = found.root.file_name()?.to_str().unwrap().to_owned();
        Some((root, found.relative.to_str().unwrap().to_owned()))
    }

    #[test]
    fn a_file_lay_below_a_root_of_this_home_or_of_any() {
        let expected = |relative: &str| Some(("projects".to_owned(), relative.to_owned()));
        assert_eq!(below("/home/me/.claude/projects/-p/s.jsonl", &[]), expected("-p/s.jsonl"));
        assert_eq!(below("/Users/you/.claude/projects/-p/s.jsonl", &[]), expected("-p/s.jsonl"));
        let own = [("CLAUDE_CONFIG_DIR", "/data/claude")];
        assert_eq!(below("/data/claude/projects/-p/s.jsonl", &own), expected("-p/s.jsonl"));
        assert_eq!(below("/home/me/.claude/projects/-p/s.jsonl", &own), expected("-p/s.jsonl"));
        for other in [
            "/backup/s.jsonl",
            "/home/me/.claude/projects",
            "/home/me/.claude/projects/../../x.jsonl",
            "/home/me/.claude/projects/-p/a\u{1b}b.jsonl",
            "relative/s.jsonl",
            "",
        ] {
            assert_eq!(below(other, &[]), None, "{other}");
        }
    }

    #[test]
    fn a_part_lies_to_its_transcript_as_it_did() {
        let new = Path::new("projects/-q/s.jsonl");
        let rebased = |old: &str, part: &str| {
            rebased(Path::new(old), Path::new(part), new).map(|path| path.to_str().unwrap().to_owned())
        };
        let old = "/h/.claude/projects/-p/s.jsonl";
        let part = rebased(old, "/h/.claude/projects/-p/s/subagents/a.jsonl");
        assert_eq!(part.as_deref(), Some("projects/-q/s/subagents/a.jsonl"));
        assert_eq!(rebased(old, "/h/.claude/paste-cache/x.txt").as_deref(), Some("paste-cache/x.txt"));
        assert_eq!(rebased(old, "/elsewhere/x.txt"), None);
        assert_eq!(rebased(old, "/h/x.txt"), None);
    }

    #[test]
    fn a_path_of_which_something_is_masked_or_cut_is_not_known() {
        assert!(source_path("/h/a.jsonl").is_some());
        assert!(source_path(&format!("/h/***{MASKED}***/a.jsonl")).is_none());
        assert!(source_path(&"a/".repeat(600)).is_none());
        assert!(source_path("").is_none());
    }
}
