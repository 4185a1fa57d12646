//! Says which lines may hold what is asked for, from their bytes alone: only these are decoded.
//!
//! It may say yes for nothing, and never no for a line that holds it. The one thing that it takes for granted is that no
//! program escapes ASCII letters and digits.

use std::fmt::Write;

use aho_corasick::{AhoCorasick, packed};
use memchr::memmem::Finder;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_automata::{Input, Span};

use super::any_case::AnyCase;
use super::literals::{Needle, cases};

/// Characters of a term that are looked for in all the forms that they may be stored in: enough to be rare.
const MOST_FORMS: usize = 16;

/// What a needle is worth with which nothing better is looked for: about two letters.
const ENOUGH_WORTH: u32 = 6;

/// Finds lines that may match. Shared by all threads.
#[derive(Debug)]
pub(crate) struct Prefilter {
    /// What is looked for first; `None`: every line may match.
    first: Option<Searcher>,
    /// What must stand in the line as well.
    others: Vec<Searcher>,
}

#[derive(Debug)]
enum Searcher {
    Exact(Box<Finder<'static>>),
    AnyCase(AnyCase),
    /// What may stand where a letter of the literal should is a hit as well.
    AnyCaseOrOdd(AnyCase, Box<Searcher>),
    Packed(Box<packed::Searcher>),
    Several(AhoCorasick),
    Forms(Box<Regex>),
}

impl Prefilter {
    /// Returns what finds lines in which all of `needles` stand, and each of `terms`, which tell cases apart or not, in any
    /// form.
    pub(super) fn new(mut needles: Vec<Needle>, terms: &[(&str, bool)]) -> Prefilter {
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.worth()));
        let is_enough = needles.first().is_some_and(|needle| needle.worth() >= ENOUGH_WORTH);
        let mut searchers: Vec<Searcher> = Vec::new();
        if !is_enough && let Some((term, is_any_case)) = terms.iter().max_by_key(|(term, _)| term.len()) {
            searchers.extend(Searcher::of_forms(term, *is_any_case));
        }
        searchers.extend(needles.iter().filter_map(Searcher::new));
        let mut searchers = searchers.into_iter();
        Prefilter { first: searchers.next(), others: searchers.collect() }
    }

    /// Returns the first place in `bytes` at or behind `from` where a line that may match holds what it must.
    pub(crate) fn next(&self, bytes: &[u8], from: usize) -> Option<usize> {
        match &self.first {
            Some(searcher) => searcher.find(bytes, from),
            None => (from < bytes.len()).then_some(from),
        }
    }

    /// Returns whether a line in which [`next`](Prefilter::next) found something may match after all, or the raw text of one
    /// of its messages.
    pub(crate) fn accepts(&self, line: &[u8]) -> bool {
        self.others.iter().all(|searcher| searcher.find(line, 0).is_some())
    }

    /// Returns whether the raw text of a message may match.
    pub(crate) fn accepts_text(&self, raw: &[u8]) -> bool {
        self.first.as_ref().is_none_or(|searcher| searcher.find(raw, 0).is_some()) && self.accepts(raw)
    }
}

impl Searcher {
    fn new(needle: &Needle) -> Option<Searcher> {
        let odd_forms = needle.odd_forms();
        let [literal] = needle.alternatives.as_slice() else {
            let all: Vec<&String> = needle.alternatives.iter().chain(&odd_forms).collect();
            return Searcher::of_several(&all, needle.is_any_case);
        };
        if !needle.is_any_case || !literal.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            return Some(Searcher::Exact(Box::new(Finder::new(literal.as_bytes()).into_owned())));
        }
        if odd_forms.is_empty() {
            return Some(Searcher::AnyCase(AnyCase::new(literal)));
        }
        let odd = Searcher::of_several(&odd_forms.iter().collect::<Vec<_>>(), false)?;
        Some(Searcher::AnyCaseOrOdd(AnyCase::new(literal), Box::new(odd)))
    }

    /// Returns what finds one of `literals`; `None` where they are too many to be looked for: then it does not help.
    fn of_several(literals: &[&String], is_any_case: bool) -> Option<Searcher> {
        if !is_any_case && let Some(searcher) = packed::Searcher::new(literals) {
            return Some(Searcher::Packed(Box::new(searcher)));
        }
        let built = AhoCorasick::builder().ascii_case_insensitive(is_any_case).build(literals);
        built.ok().map(Searcher::Several)
    }

    fn of_forms(term: &str, is_any_case: bool) -> Option<Searcher> {
        let regex = compile(&stored_forms(term, is_any_case, MOST_FORMS))?;
        Some(Searcher::Forms(Box::new(regex)))
    }

    fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        match self {
            Searcher::Exact(finder) => finder.find(bytes.get(from..)?).map(|at| from + at),
            Searcher::AnyCase(finder) => finder.find(bytes, from),
            Searcher::AnyCaseOrOdd(finder, odd) => {
                let found = finder.find(bytes, from);
                // No further than it was looked at, so that all is looked at once.
                let end = found.unwrap_or(bytes.len());
                odd.find(bytes.get(..end)?, from).or(found)
            }
            Searcher::Packed(searcher) => {
                let span = aho_corasick::Span { start: from.min(bytes.len()), end: bytes.len() };
                searcher.find_in(bytes, span).map(|found| found.start())
            }
            Searcher::Several(automaton) => {
                let found = automaton
                    .find(aho_corasick::Input::new(bytes).span(from.min(bytes.len())..bytes.len()))?;
                Some(found.start())
            }
            Searcher::Forms(regex) => {
                let input = Input::new(bytes).span(Span { start: from.min(bytes.len()), end: bytes.len() });
                regex.find(input).map(|found| found.start())
            }
        }
    }
}

/// Compiles a pattern of [`stored_forms`]; `None` when it is too large.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    Regex::builder().syntax(syntax::Config::new().utf8(false)).build(pattern).ok()
}

/// Returns a pattern of all forms in which the beginning of `term`, so many characters of it, may be stored: as it is read,
/// or with whatever may be escaped escaped, once or more often.
pub(super) fn stored_forms(term: &str, is_any_case: bool, most: usize) -> String {
    let mut pattern = String::new();
    for character in term.chars().take(most) {
        push_forms(&mut pattern, character, is_any_case);
    }
    pattern
}

fn push_forms(pattern: &mut String, character: char, is_any_case: bool) {
    let all = if is_any_case { cases(character) } else { vec![character] };
    if all.iter().all(char::is_ascii_alphanumeric) {
        pattern.push('[');
        pattern.extend(all);
        pattern.push(']');
        return;
    }
    pattern.push_str("(?:");
    match character {
        '\\' => pattern.push_str(r"\\+"),
        '"' | '/' => {
            let _ = write!(pattern, r"\\*{character}");
        }
        '\n' => pattern.push_str(r"\\+n"),
        '\r' => pattern.push_str(r"\\+r"),
        '\t' => pattern.push_str(r"\t|\\+t"),
        '\u{8}' => pattern.push_str(r"\\+b"),
        '\u{c}' => pattern.push_str(r"\\+f"),
        _ => {
            let plain: Vec<String> =
                all.iter().map(|one| regex_syntax::escape(one.encode_utf8(&mut [0; 4]))).collect();
            pattern.push_str(&plain.join("|"));
        }
    }
    for one in all.iter().filter(|one| !one.is_ascii_alphanumeric()) {
        pattern.push('|');
        for unit in one.encode_utf16(&mut [0; 2]) {
            let _ = write!(pattern, r"\\+u(?i:{unit:04x})");
        }
    }
    pattern.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::messages::query::literals::of_term;

    fn is_found(term: &str, is_any_case: bool, line: &str) -> bool {
        let prefilter = Prefilter::new(of_term(term, is_any_case), &[(term, is_any_case)]);
        prefilter.next(line.as_bytes(), 0).is_some() && prefilter.accepts(line.as_bytes())
    }

    #[test]
    fn a_text_is_found_in_all_forms_that_json_has_for_it() {
        for (term, line) in [
            ("say \"hello\"", r#"{"text":"say \"hello\""}"#),
            ("\"q\"", r#"{"a":"{\"b\":\"\\\"q\\\"\"}"}"#),
            ("привет", r#"{"text":"привет"}"#),
            ("привет", r#"{"text":"\u043f\u0440\u0438\u0432\u0435\u0442"}"#),
            ("привет", r#"{"text":"{\"a\":\"\\u043F\\u0440\\u0438\\u0432\\u0435\\u0442\"}"}"#),
            ("👍", r#"{"text":"\ud83d\udc4d"}"#),
            (r"C:\a", r#"{"text":"C:\\a"}"#),
            (r"C:\a", r#"{"text":"{\"p\":\"C:\\\\a\"}"}"#),
            ("a/b", r#"{"text":"a\/b"}"#),
            ("<b>", r#"{"text":"\u003cb\u003e"}"#),
            ("a\tb", r#"{"text":"a\tb"}"#),
        ] {
            assert!(is_found(term, false, line), "{term} in {line}");
            assert!(is_found(term, true, line), "{term} in {line}, any case");
        }
        assert!(is_found("ПРИВЕТ", true, r"\u043f\u0440\u0438\u0432\u0435\u0442"));
        assert!(is_found("ὀδυσσεύς", true, "ὈΔΥΣΣΕΎΣ"));
        assert!(is_found("ask", true, "A\u{17f}\u{212a}"));
        assert!(!is_found("ask", false, "ASK"));
    }

    #[test]
    fn a_line_must_hold_all_that_is_needed() {
        let needles = ["alpha", "beta"].iter().flat_map(|term| of_term(term, false)).collect();
        let prefilter = Prefilter::new(needles, &[("alpha", false), ("beta", false)]);
        assert!(
            prefilter.accepts_text(b"beta alpha")
                && !prefilter.accepts_text(b"alpha")
                && !prefilter.accepts_text(b"beta")
        );
        let everything = Prefilter::new(Vec::new(), &[]);
        assert_eq!((everything.next(b"x", 0), everything.next(b"x", 1)), (Some(0), None));
    }
}
