//! Lists transcripts in any directory by a file name pattern: `import --from DIR --pattern GLOB`.
//!
//! A pattern means what Python's `Path.rglob` means by it: it is matched against the end of the path, component by
//! component, `*` and `?` match leading dots but no `/`, `**` matches any directories.

use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

use crate::agents::agent::Recognised;
use crate::agents::found::{Found, Guess};
use crate::agents::known::{recognise, registry};
use crate::agents::names::{PathTail, guess_name, is_companion_name, is_transcript_name};
use crate::agents::walk::{Root, Rules, WalkProblem, walk_roots};
use crate::error::{Error, Kind, Result};

/// The pattern of a plain `--from DIR`. With it, what belongs to an agent's transcripts is found too, as in a walk
/// of the agent's own tree: tool results, subagents' metadata, compressed rollouts.
pub(crate) const DEFAULT_PATTERN: &str = "*.jsonl";

/// Walks `directory` and calls `found` for every file whose path matches `pattern`, with the same guesses that a walk
/// of an agent's own tree gives. Symlinks are refused unless they lead to a file inside `directory`.
///
/// # Errors
///
/// `Usage` if the pattern is empty, absolute or leads upwards; `Source` if `directory` cannot be walked at all.
pub(crate) fn walk_directory(
    directory: &Path,
    pattern: &str,
    found: &mut dyn FnMut(Found),
) -> Result<Vec<WalkProblem>> {
    let rules = ByPattern::new(directory, pattern)?;
    let root =
        Root::new(directory).map_err(|error| Error::io(Kind::Source, "cannot read", directory, error))?;
    if !directory.is_dir() {
        return Err(Error::new(Kind::Source, "cannot walk")
            .with_path(directory)
            .with_source("not a directory")
            .with_hint("To archive one file, name it to \"sessionkeep archive\"."));
    }
    Ok(walk_roots(&rules, vec![root], found, None))
}

/// Files that match a pattern, and with the default pattern what belongs to them.
struct ByPattern<'a> {
    directory: &'a Path,
    /// Matches paths relative to `directory`.
    matcher: GlobMatcher,
    /// The pattern's last component alone: decides by the name before a path is built.
    name_matcher: GlobMatcher,
    is_default: bool,
}

impl ByPattern<'_> {
    fn new<'a>(directory: &'a Path, pattern: &str) -> Result<ByPattern<'a>> {
        let refuse = |why: &str| {
            Err(Error::new(Kind::Usage, format!("cannot use the pattern {pattern:?}: {why}"))
                .with_hint("A pattern is matched below the directory at any depth, such as '*.jsonl'."))
        };
        let components: Vec<&str> =
            pattern.split('/').filter(|component| !component.is_empty() && *component != ".").collect();
        if components.is_empty() {
            return refuse("it is empty");
        }
        if Path::new(pattern).is_absolute() || pattern.starts_with('/') {
            return refuse("it is absolute");
        }
        if components.contains(&"..") {
            return refuse("it leads upwards");
        }
        let translated: Vec<String> = components.iter().map(|component| translate(component)).collect();
        let last = translated.last().map_or("*", |last| if last == "**" { "*" } else { last });
        let whole = format!("**/{}", translated.join("/"));
        Ok(ByPattern {
            directory,
            matcher: compile(pattern, &whole)?,
            name_matcher: compile(pattern, last)?,
            is_default: pattern == DEFAULT_PATTERN,
        })
    }
}

impl Rules for ByPattern<'_> {
    fn is_candidate(&self, name: &[u8]) -> bool {
        if self.is_default {
            return is_transcript_name(name) || is_companion_name(name);
        }
        self.name_matcher.is_match(as_path(name))
    }

    fn takes_any_name(&self, directory: &Path) -> bool {
        let tail = PathTail::new(directory);
        self.is_default && registry().iter().any(|agent| agent.takes_any_name(&tail))
    }

    fn guess(&self, path: &Path) -> Option<Guess> {
        let placed = recognise(&PathTail::new(path));
        let matches = || {
            if self.is_default {
                return path.as_os_str().as_encoded_bytes().ends_with(b".jsonl");
            }
            path.strip_prefix(self.directory).is_ok_and(|relative| self.matcher.is_match(relative))
        };
        match placed {
            Some((_, Recognised::NotATranscript)) => None,
            Some((_, Recognised::Ours(guess))) => (self.is_default || matches()).then_some(guess),
            None => matches().then(|| guess_name(path)),
        }
    }
}

/// Turns one component of a Python pattern into globset's syntax. Python knows no braces and no backslash escapes,
/// takes a bracket that is never closed as itself, and negates with `!` only.
fn translate(component: &str) -> String {
    if component == "**" {
        return component.to_string();
    }
    let mut glob = String::with_capacity(component.len() + 8);
    let mut rest = component;
    while let Some(first) = rest.chars().next() {
        let class = if first == '[' { class_end(rest) } else { None };
        match (first, class) {
            ('[', Some(end)) => {
                // `[^a]` is the two characters in Python: a caret that is not first says the same in globset.
                match rest[1..end - 1].strip_prefix('^') {
                    Some("") => glob.push('^'),
                    Some(after) => glob.push_str(&format!("[{after}^]")),
                    None => glob.push_str(&rest[..end]),
                }
                rest = &rest[end..];
                continue;
            }
            ('[', None) => glob.push_str("[[]"),
            ('{' | '}', _) => glob.push_str(&format!("[{first}]")),
            // Two stars inside of a name are one.
            ('*', _) if glob.ends_with('*') => {}
            _ => glob.push(first),
        }
        rest = &rest[first.len_utf8()..];
    }
    glob
}

/// Returns the position after the bracket that closes the class at the start of `text`: a `]` right after `[` or `[!`
/// is a member.
fn class_end(text: &str) -> Option<usize> {
    let mut start = 1;
    if text[start..].starts_with('!') {
        start += 1;
    }
    let skip = usize::from(text[start..].starts_with(']'));
    text[start + skip..].find(']').map(|at| start + skip + at + 1)
}

fn compile(pattern: &str, glob: &str) -> Result<GlobMatcher> {
    let built = GlobBuilder::new(glob).literal_separator(true).backslash_escape(false).build();
    built.map(|glob| glob.compile_matcher()).map_err(|error| {
        Error::new(Kind::Usage, format!("cannot use the pattern {pattern:?}"))
            .with_source(error.kind().to_string())
    })
}

fn as_path(name: &[u8]) -> &Path {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Path::new(std::ffi::OsStr::from_bytes(name))
    }
    #[cfg(not(unix))]
    {
        // A name that is not Unicode matches no pattern here but `*`.
        Path::new(std::str::from_utf8(name).unwrap_or("\u{fffd}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn matched(paths: &[&str], pattern: &str) -> Vec<String> {
        let directory = tempfile::tempdir().unwrap();
        for path in paths {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let mut found = Vec::new();
        let problems = walk_directory(directory.path(), pattern, &mut |one| {
            found.push(
                one.locator.path().strip_prefix(directory.path()).unwrap().to_str().unwrap().to_string(),
            );
        })
        .unwrap();
        assert!(problems.is_empty());
        found.sort();
        found
    }

    #[test]
    fn a_pattern_means_what_it_means_to_python() {
        let paths = [
            ".hidden/.d.jsonl",
            "a.jsonl",
            "a.log",
            "x/a.jsonl",
            "x/y/b.jsonl",
            "x/y/c{1,2}.txt",
            "x/y/d[1.txt",
            "x/y/e\\f.txt",
        ];
        let cases: [(&str, &[&str]); 15] = [
            ("*.jsonl", &[".hidden/.d.jsonl", "a.jsonl", "x/a.jsonl", "x/y/b.jsonl"]),
            ("?.jsonl", &["a.jsonl", "x/a.jsonl", "x/y/b.jsonl"]),
            ("[!a].jsonl", &["x/y/b.jsonl"]),
            ("[a^].jsonl", &["a.jsonl", "x/a.jsonl"]),
            ("[^b].jsonl", &["x/y/b.jsonl"]),
            ("y/*.jsonl", &["x/y/b.jsonl"]),
            ("x/**/*.jsonl", &["x/a.jsonl", "x/y/b.jsonl"]),
            ("**/b.jsonl", &["x/y/b.jsonl"]),
            ("./a.*", &["a.jsonl", "a.log", "x/a.jsonl"]),
            ("c{1,2}.txt", &["x/y/c{1,2}.txt"]),
            ("d[1.txt", &["x/y/d[1.txt"]),
            ("e\\f*", &["x/y/e\\f.txt"]),
            ("*.JSONL", &[]),
            ("x*y*", &[]),
            ("**.log", &["a.log"]),
        ];
        for (pattern, expected) in cases {
            assert_eq!(matched(&paths, pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_cannot_be_meant_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        for pattern in ["", ".", "/", "/a/*.jsonl", "../*.jsonl", "a/../b"] {
            let error = walk_directory(directory.path(), pattern, &mut |_| {}).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{pattern}");
        }
        for pattern in ["[", "[]", "[!]", "[z-a]", "[^]", "{", "}", "***", "a[[b]", "[!^]"] {
            // Whatever they mean, they mean it quietly.
            let _ = walk_directory(directory.path(), pattern, &mut |_| {});
        }
    }

    #[test]
    fn a_missing_directory_or_a_file_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.jsonl");
        fs::write(&file, "x").unwrap();
        for path in [directory.path().join("missing"), file] {
            let error = walk_directory(&path, "*.jsonl", &mut |_| {}).unwrap_err();
            assert_eq!(error.kind(), Kind::Source);
        }
    }
}
