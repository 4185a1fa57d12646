//! Compiles the regexes of the configuration. Owns their limits, how they are kept within a line, and the errors
//! that tell a user what to write instead; does not search.

use crate::error::{Error, Kind, Result};
use regex_automata::meta::{self, Regex};
use regex_syntax::ast::ErrorKind;
use regex_syntax::hir::{
    Capture, Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look,
    Repetition,
};

/// More patterns than anyone keeps by hand; each costs one pass over the input.
const MAX_PATTERNS: usize = 256;

/// Longer patterns come from generators, and belong into `mask_literals`.
const MAX_PATTERN_BYTES: usize = 4 << 10;

/// The compiled size of one pattern, which bounds the time and memory that a search takes.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// The lazy automaton's cache of one pattern, a thread.
const MAX_CACHE_BYTES: usize = 4 << 20;

/// Checks how many patterns there are in `list`.
pub(crate) fn check_count(list: &str, count: usize) -> Result<()> {
    if count <= MAX_PATTERNS {
        return Ok(());
    }
    Err(Error::new(Kind::Config, format!("{list} has {count} entries, at most {MAX_PATTERNS} are allowed"))
        .with_hint("Join patterns with `|`, or move plain texts to mask_literals, which has no such limit."))
}

/// Compiles entry `number` (from 1) of `list`. The regex matches within lines only: no class, literal or dot of
/// it takes a newline, and `^`, `$`, `\A` and `\z` mean a line's start and end.
pub(crate) fn compile(list: &str, number: usize, pattern: &str) -> Result<Regex> {
    let fail = |reason: &str, hint: &str| {
        Err(Error::new(Kind::Config, format!("cannot use {list} entry {number}: {reason}")).with_hint(hint))
    };
    if pattern.is_empty() {
        return fail("it is empty", "Remove the entry, or write what it should match.");
    }
    if pattern.len() > MAX_PATTERN_BYTES {
        return fail(
            &format!("it is longer than {MAX_PATTERN_BYTES} bytes"),
            "Split the pattern, or move plain texts to mask_literals.",
        );
    }
    let parsed = regex_syntax::ParserBuilder::new().utf8(false).multi_line(true).build().parse(pattern);
    let hir = match parsed {
        Ok(hir) => within_lines(&hir),
        Err(error) => {
            let (position, reason, hint) = explain(pattern, &error);
            return fail(&format!("at character {position}, {reason}"), hint);
        }
    };
    let config = meta::Config::new()
        .utf8_empty(false)
        .nfa_size_limit(Some(MAX_COMPILED_BYTES))
        .onepass_size_limit(Some(MAX_COMPILED_BYTES))
        .hybrid_cache_capacity(MAX_CACHE_BYTES);
    match Regex::builder().configure(config).build_from_hir(&hir) {
        Ok(regex) => Ok(regex),
        Err(error) if error.size_limit().is_some() => fail(
            &format!("it compiles to more than {MAX_COMPILED_BYTES} bytes"),
            "Make counted repetitions smaller, or write [0-9A-Za-z_] instead of \\w, which holds all of Unicode.",
        ),
        Err(_) => fail("it does not compile", "Write it in the syntax of Rust's regex crate."),
    }
}

/// Returns the position (in characters, from 1), the reason and the way out for a pattern that does not parse.
fn explain(pattern: &str, error: &regex_syntax::Error) -> (usize, String, &'static str) {
    const LOOK_AROUND: &str = "Match the surroundings as part of the pattern, and put them back with a group: \
                               `(token=)\\S+` with the replacement `\\1***MASKED***`.";
    const BACK_REFERENCE: &str =
        "Write out the alternatives: `\"[^\"]*\"|'[^']*'` instead of `([\"'])[^\"']*\\1`.";
    const SYNTAX: &str = "Patterns have the syntax of Rust's regex crate (docs.rs/regex/#syntax).";
    let (span, mut reason) = match error {
        regex_syntax::Error::Parse(error) => (*error.span(), error.kind().to_string()),
        regex_syntax::Error::Translate(error) => (*error.span(), error.kind().to_string()),
        _ => return (1, "it does not parse".to_owned(), SYNTAX),
    };
    let from = &pattern[span.start.offset.min(pattern.len())..];
    let mut hint = SYNTAX;
    if let regex_syntax::Error::Parse(error) = error {
        match error.kind() {
            ErrorKind::UnsupportedLookAround => {
                reason =
                    "look-around is not supported, because it cannot be searched for in linear time".into();
                hint = LOOK_AROUND;
            }
            ErrorKind::UnsupportedBackreference => {
                reason =
                    "back-references are not supported, because they cannot be searched for in linear time"
                        .into();
                hint = BACK_REFERENCE;
            }
            _ if from.starts_with("(?P=")
                || from.starts_with("?P=")
                || from.starts_with("P=")
                || from.starts_with('=') && pattern.contains("(?P=") =>
            {
                reason =
                    "back-references are not supported, because they cannot be searched for in linear time"
                        .into();
                hint = BACK_REFERENCE;
            }
            ErrorKind::EscapeUnrecognized if from.starts_with("\\Z") => {
                reason = "`\\Z` is Python's syntax only".into();
                hint = "Write `$` (the end of a line) instead.";
            }
            _ => {}
        }
    }
    let position = pattern[..span.start.offset.min(pattern.len())].chars().count() + 1;
    (position, reason, hint)
}

/// Returns the same expression, unable to match a newline, with the edges of the text meaning those of a line.
fn within_lines(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) if literal.0.contains(&b'\n') => Hir::fail(),
        HirKind::Literal(literal) => Hir::literal(literal.0.clone()),
        HirKind::Class(Class::Unicode(class)) => {
            let mut class = class.clone();
            class.difference(&ClassUnicode::new([ClassUnicodeRange::new('\n', '\n')]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Class(Class::Bytes(class)) => {
            let mut class = class.clone();
            class.difference(&ClassBytes::new([ClassBytesRange::new(b'\n', b'\n')]));
            Hir::class(Class::Bytes(class))
        }
        HirKind::Look(Look::Start) => Hir::look(Look::StartLF),
        HirKind::Look(Look::End) => Hir::look(Look::EndLF),
        HirKind::Look(look) => Hir::look(*look),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            min: repetition.min,
            max: repetition.max,
            greedy: repetition.greedy,
            sub: Box::new(within_lines(&repetition.sub)),
        }),
        HirKind::Capture(capture) => Hir::capture(Capture {
            index: capture.index,
            name: capture.name.clone(),
            sub: Box::new(within_lines(&capture.sub)),
        }),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(within_lines).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(within_lines).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(pattern: &str) -> (String, String) {
        let error = compile("mask_patterns", 3, pattern).expect_err("the pattern cannot be used");
        assert_eq!(error.kind(), Kind::Config);
        (error.to_string(), error.hint().unwrap_or_default().to_owned())
    }

    #[test]
    fn what_cannot_be_used_is_named_with_position_reason_and_way_out() {
        let (text, hint) = message(r"abc(?<=x)\d");
        assert!(text.starts_with("cannot use mask_patterns entry 3: at character 4, look-around"), "{text}");
        assert!(hint.contains(r"\1"));
        for look_around in ["(?!x)y", "(?=x)y", "(?<!x)y"] {
            assert!(message(look_around).0.contains("look-around"), "{look_around}");
        }
        assert!(message(r"(a)\1").0.contains("at character 4, back-references"));
        assert!(message(r"(?P<q>a)(?P=q)").0.contains("back-references"));
        assert!(message(r"a\Z").1.contains('$'));
        assert!(message("a{1000}{1000}").0.contains("compiles to more than"));
        assert!(message("").0.contains("empty"));
        assert!(message(&"a".repeat(5000)).0.contains("longer"));
        assert!(message("é(").0.contains("at character 2"));
    }

    #[test]
    fn python_names_of_groups_are_understood() {
        assert!(compile("mask_patterns", 1, r"(?P<name>\d+)").is_ok());
    }

    #[test]
    fn no_pattern_leaves_its_line() {
        let text = b"key\nabc  \n  def\n";
        for pattern in [r"key\s+abc", r"(?s)key.abc", "key\nabc", r"[^x]+def\n", r"key[\x00-\xff]abc"] {
            let regex = compile("mask_patterns", 1, pattern).unwrap();
            assert!(regex.find(text.as_slice()).is_none(), "{pattern}");
        }
        for pattern in [r"\Aabc", r"^abc\s+$", r"(?-m)^abc", r"def\z", r"(?-m)def$"] {
            let regex = compile("mask_patterns", 1, pattern).unwrap();
            assert!(regex.find(text.as_slice()).is_some(), "{pattern}");
        }
    }
}
