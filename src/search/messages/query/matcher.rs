//! Finds one word, phrase or expression in text that is decoded.

use std::ops::Range;

use regex_automata::meta::Regex;
use regex_automata::util::syntax;

use super::terms::{pattern_tells_case, tells_case};
use crate::error::{Error, Kind, Result};

/// How words and expressions are matched.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct How {
    /// Letters match in any case, even where one of them is upper case.
    pub ignores_case: bool,
    /// What stands before and behind a match is no part of a word.
    pub is_whole_words: bool,
}

/// Finds one thing. Shared by all threads.
#[derive(Debug)]
pub(super) struct Matcher {
    regex: Regex,
    /// The term, or the expression, as it was typed.
    pub typed: String,
    pub is_any_case: bool,
}

impl Matcher {
    /// Returns what finds `term` as it stands.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] when it is too long.
    pub(super) fn of_term(term: &str, how: How) -> Result<Matcher> {
        let is_any_case = how.ignores_case || !tells_case(term);
        Matcher::new(term, &regex_syntax::escape(term), is_any_case, how)
    }

    /// Returns what finds what `pattern`, in Rust's syntax, matches. `^` and `$` are the ends of lines.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] when it does not compile or grows too large.
    pub(super) fn of_pattern(pattern: &str, how: How) -> Result<Matcher> {
        // Alone, so that what is wrong is said of what was typed.
        compile(pattern, false)?;
        Matcher::new(pattern, pattern, how.ignores_case || !pattern_tells_case(pattern), how)
    }

    fn new(typed: &str, pattern: &str, is_any_case: bool, how: How) -> Result<Matcher> {
        let regex = match how.is_whole_words {
            true => compile(&format!("\\b{{start-half}}(?:{pattern})\\b{{end-half}}"), is_any_case)?,
            false => compile(pattern, is_any_case)?,
        };
        Ok(Matcher { regex, typed: typed.to_owned(), is_any_case })
    }

    /// Returns whether it matches anywhere in `text`.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Appends where it matches in `text`, at most so many places, to `places`.
    pub(super) fn places(&self, text: &str, most: usize, places: &mut Vec<Range<usize>>) {
        places.extend(self.regex.find_iter(text).take(most).map(|found| found.range()));
    }
}

pub(super) fn compile(pattern: &str, is_any_case: bool) -> Result<Regex> {
    let syntax = syntax::Config::new().case_insensitive(is_any_case).multi_line(true);
    Regex::builder().syntax(syntax).build(pattern).map_err(|error| {
        let reason = match error.syntax_error() {
            Some(syntax) => last_line(&syntax.to_string()),
            None => "it is too large".to_owned(),
        };
        Error::new(Kind::Usage, format!("cannot use the query as a regular expression: {reason}"))
            .with_hint("the syntax is that of docs.rs/regex; without -e the query is words and \"phrases\"")
    })
}

/// Syntax errors come as a drawing of several lines; the last says what is wrong.
fn last_line(drawing: &str) -> String {
    let line = drawing.lines().rfind(|line| !line.trim().is_empty()).unwrap_or(drawing);
    line.trim().trim_start_matches("error: ").to_owned()
}
