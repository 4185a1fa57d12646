//! Replaces what differs from run to run or from machine to machine in what the program printed.

use super::DAY;
use crate::home::PROGRAM;
use regex_automata::meta::Regex;
use std::path::Path;

/// Patterns, and what stands for their matches. Where a pattern has a group, only that is replaced.
const PATTERNS: [(&str, &str); 12] = [
    (r"\d+(?:\.\d+)?(?:[KMGT]i)?B -> \d+(?:\.\d+)?(?:[KMGT]i)?B \([0-9.]+x\)", "[SIZE] -> [SIZE] ([RATIO])"),
    (r"\d+\.\ds \(\d+(?:\.\d+)?(?:[KMGT]i)?B/s\)", "[SECONDS] ([SPEED])"),
    (r"\d+\.\ds over all threads", "[SECONDS] over all threads"),
    // With the spaces that align a column.
    (r"  +\d+(?:\.\d+)?(?:[KMGT]i)?B\b", "  [SIZE]"),
    (r"\b\d+(?:\.\d+)?(?:[KMGT]i)?B\b", "[SIZE]"),
    (r#""(?:archived|unarchived)_bytes": (\d+)"#, "[SIZE]"),
    (r#""rules_version": "([^"]+)""#, "[RULES]"),
    (r"rules: all compile, version (\S+)", "[RULES]"),
    (r", rules ([0-9a-f]{12}),", "[RULES]"),
    // Two of one second are told apart by a further number.
    (r"\.damaged-(\d+(?:\.\d+)?)", "[TIME]"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?", "[TIME]"),
    (r"\b\d{4}-\d\d-\d\d(?: \d\d:\d\d)?\b", "[DATE]"),
];

/// Returns a text that is the same wherever and whenever the program was run in the home directory `home`.
pub fn redacted(text: &str, home: &Path) -> String {
    let mut text = text.to_owned();
    for (path, name) in [(home, "[HOME]"), (Path::new(PROGRAM), "[PROGRAM]")] {
        // The program may name a path with its links resolved.
        for path in [path.canonicalize().unwrap_or_default(), path.to_owned()] {
            let path = path.to_string_lossy();
            if !path.is_empty() {
                text = text.replace(path.trim_end_matches('/'), name);
            }
        }
    }
    // Commands quote a path where its characters need it, which depends on the directory for temporary files.
    let quoted = Regex::new(r"'(\[HOME\][A-Za-z0-9_./-]*)'").unwrap();
    while let Some(captures) = quoted.captures_iter(&text).next() {
        let [whole, path] = [0, 1].map(|group| captures.get_group(group).unwrap().range());
        let path = text[path].to_owned();
        text.replace_range(whole, &path);
    }
    text = text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
    for (pattern, replacement) in PATTERNS {
        text = replaced(&text, pattern, replacement);
    }
    text
}

fn replaced(text: &str, pattern: &str, replacement: &str) -> String {
    let regex = Regex::new(pattern).unwrap();
    let mut out = String::new();
    let mut written = 0;
    for captures in regex.captures_iter(text) {
        let range = captures.get_group(1).or(captures.get_group(0)).unwrap().range();
        if text[range.clone()].starts_with(DAY) {
            continue;
        }
        out.push_str(&text[written..range.start]);
        out.push_str(replacement);
        written = range.end;
    }
    out + &text[written..]
}

#[test]
fn what_a_run_chose_is_replaced_and_what_was_archived_is_not() {
    let text = "2021-02-03T04:05:06+00:00  708B  /tmp/x/a.gz.damaged-1612325106.1 E2B 2020-01-02T14:30:00Z";
    let expected = "[TIME]  [SIZE]  [HOME]/a.gz.damaged-[TIME] E2B 2020-01-02T14:30:00Z";
    assert_eq!(redacted(text, Path::new("/tmp/x")), expected);
}
