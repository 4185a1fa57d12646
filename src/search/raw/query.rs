//! What is searched for: a text in all the forms that JSON may have given it, or a regular expression.
//!
//! Owns how a query becomes a searcher. Knows nothing about archives.

use crate::error::{Error, Kind, Result};
use memchr::memmem::Finder;
use regex_automata::meta::{self, Regex};
use regex_automata::util::syntax;
use regex_automata::{Input, Span};
use std::fmt::Write;
use std::ops::Range;

/// A compiled query, shared by all threads.
#[derive(Debug)]
pub struct Query {
    searcher: Searcher,
}

#[derive(Debug)]
enum Searcher {
    /// One text, case matters: the fastest there is.
    Text(Box<Finder<'static>>),
    /// Several forms of a text, or any case. No match holds a newline, so a whole block is searched at once.
    Forms(Regex),
    /// An expression, which could match over line ends: searched line by line.
    Lines(Regex),
}

/// What a thread reuses from search to search.
#[derive(Debug)]
pub struct Scratch {
    cache: Option<meta::Cache>,
}

impl Query {
    /// Returns a query for `text` as it is stored: as typed, and escaped as a JSON string holds it (once, and twice
    /// for JSON within JSON), with characters beyond ASCII as they are or as `\u` escapes.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] when the text is too long to be searched for.
    pub fn of_text(text: &str, ignores_case: bool) -> Result<Query> {
        let forms = stored_forms(text);
        if let ([form], false, true) = (forms.as_slice(), ignores_case, text.is_ascii()) {
            let finder = Finder::new(form.as_bytes()).into_owned();
            return Ok(Query { searcher: Searcher::Text(Box::new(finder)) });
        }
        let patterns: Vec<String> = forms.iter().map(|form| pattern_of(form, ignores_case)).collect();
        Ok(Query { searcher: Searcher::Forms(compile(&patterns, ignores_case)?) })
    }

    /// Returns a query for a regular expression in Rust's syntax, matched within each line as it is stored.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] when it does not compile or grows too large.
    pub fn of_pattern(pattern: &str, ignores_case: bool) -> Result<Query> {
        Ok(Query { searcher: Searcher::Lines(compile(&[pattern.to_owned()], ignores_case)?) })
    }

    /// Returns what a thread needs to search.
    pub fn scratch(&self) -> Scratch {
        let cache = match &self.searcher {
            Searcher::Text(_) => None,
            Searcher::Forms(regex) | Searcher::Lines(regex) => Some(regex.create_cache()),
        };
        Scratch { cache }
    }

    /// Returns whether matches must be looked for line by line.
    pub fn is_by_line(&self) -> bool {
        matches!(self.searcher, Searcher::Lines(_))
    }

    /// Returns the first match in `bytes` that starts at or after `from`. Anchors see `bytes` as the whole text.
    pub fn find(&self, bytes: &[u8], from: usize, scratch: &mut Scratch) -> Option<Range<usize>> {
        match (&self.searcher, &mut scratch.cache) {
            (Searcher::Text(finder), _) => {
                let at = from + finder.find(bytes.get(from..)?)?;
                Some(at..at + finder.needle().len())
            }
            (Searcher::Forms(regex) | Searcher::Lines(regex), cache) => {
                if from > bytes.len() {
                    return None;
                }
                let input = Input::new(bytes).span(Span { start: from, end: bytes.len() });
                let cache = cache.get_or_insert_with(|| regex.create_cache());
                regex.search_with(cache, &input).map(|found| found.range())
            }
        }
    }
}

fn compile(patterns: &[String], ignores_case: bool) -> Result<Regex> {
    Regex::builder()
        .syntax(syntax::Config::new().utf8(false).case_insensitive(ignores_case))
        .configure(meta::Config::new().utf8_empty(false))
        .build_many(patterns)
        .map_err(|error| {
            let reason = match error.syntax_error() {
                Some(syntax) => last_line(&syntax.to_string()),
                None => "it is too large".to_owned(),
            };
            Error::new(Kind::Usage, format!("cannot use the query as a regular expression: {reason}"))
                .with_hint(
                    "the syntax is that of docs.rs/regex; without -e the query is searched as plain text",
                )
        })
}

/// Syntax errors come as a drawing of several lines; the last says what is wrong.
fn last_line(drawing: &str) -> String {
    let line = drawing.lines().rfind(|line| !line.trim().is_empty()).unwrap_or(drawing);
    line.trim().trim_start_matches("error: ").to_owned()
}

/// Returns the forms that `text` may have in a stored line, without doubles: as typed, and as a JSON string within
/// none or one other holds it. Characters beyond ASCII are left to [`pattern_of`].
fn stored_forms(text: &str) -> Vec<String> {
    let once = json_form(text);
    let twice = json_form(&once);
    let mut forms: Vec<String> = Vec::new();
    for form in [text.to_owned(), once, twice] {
        // A line holds no newline, so a form with one would match over line ends or never.
        if !form.contains('\n') && !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

/// Returns `text` as a JSON string holds it, with no more escapes than it needs.
fn json_form(text: &str) -> String {
    let mut form = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '"' => form.push_str("\\\""),
            '\\' => form.push_str("\\\\"),
            '\n' => form.push_str("\\n"),
            '\r' => form.push_str("\\r"),
            '\t' => form.push_str("\\t"),
            '\u{8}' => form.push_str("\\b"),
            '\u{c}' => form.push_str("\\f"),
            '\0'..='\x1f' => {
                let _ = write!(form, "\\u{:04x}", u32::from(character));
            }
            _ => form.push(character),
        }
    }
    form
}

/// Returns a pattern that matches `text` and nothing else, where a character beyond ASCII may also be a `\u` escape
/// (two for characters beyond the first plane), with one backslash or, in JSON within JSON, two.
fn pattern_of(text: &str, ignores_case: bool) -> String {
    let mut pattern = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if character.is_ascii() {
            if r"\.+*?()|[]{}^$#&-~".contains(character) {
                pattern.push('\\');
            }
            pattern.push(character);
            continue;
        }
        pattern.push_str("(?:");
        pattern.push(character);
        push_escapes(&mut pattern, character);
        if ignores_case {
            // The digits of an escape know no case, so each case of the character has an escape of its own.
            character.to_lowercase().chain(character.to_uppercase()).for_each(|other| {
                if other != character && !other.is_ascii() {
                    push_escapes(&mut pattern, other);
                }
            });
        }
        pattern.push(')');
    }
    pattern
}

fn push_escapes(pattern: &mut String, character: char) {
    pattern.push('|');
    for unit in character.encode_utf16(&mut [0; 2]) {
        let _ = write!(pattern, r"\\{{1,2}}u(?i:{unit:04x})");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(query: &Query, line: &str) -> bool {
        query.find(line.as_bytes(), 0, &mut query.scratch()).is_some()
    }

    #[test]
    fn a_plain_text_has_one_form_and_its_case_matters() {
        let query = Query::of_text("TypeError", false).unwrap();
        assert!(matches!(query.searcher, Searcher::Text(_)));
        assert!(finds(&query, r#"{"text":"a TypeError here"}"#));
        assert!(!finds(&query, r#"{"text":"a typeerror here"}"#));
    }

    #[test]
    fn case_is_ignored_beyond_ascii_too() {
        let query = Query::of_text("größe", true).unwrap();
        for line in ["die GRÖßE", "die Größe", r"die gr\u00f6\u00dfe", r"die GR\u00D6\u00dfE"] {
            assert!(finds(&query, line), "{line}");
        }
        assert!(!finds(&query, "die Grösse"));
    }

    #[test]
    fn quotes_backslashes_and_line_breaks_are_found_as_json_holds_them() {
        let query = Query::of_text("say \"hi\"", false).unwrap();
        for line in [r#"say "hi""#, r#"{"text":"say \"hi\""}"#, r#"{"text":"{\"a\":\"say \\\"hi\\\"\"}"}"#] {
            assert!(finds(&query, line), "{line}");
        }
        let query = Query::of_text("C:\\new\nline\tx", false).unwrap();
        assert!(finds(&query, r#"{"text":"C:\\new\nline\tx"}"#));
        assert!(!finds(&query, "C:\\new\nline\tx"), "no match goes over a line end");
        assert!(finds(&Query::of_text(r"\u0007", false).unwrap(), r"bell \u0007"));
    }

    #[test]
    fn a_pattern_of_a_text_with_two_cases_of_a_letter_of_two_letters_compiles() {
        // ß in upper case is SS, which is ASCII; İ in lower case is two characters.
        for text in ["ß", "İ", "ǆ", "ﬃ", "👍🏽"] {
            let query = Query::of_text(text, true).unwrap();
            assert!(finds(&query, &format!("a {text} b")), "{text}");
        }
    }

    #[test]
    fn characters_beyond_ascii_are_found_raw_and_escaped() {
        let query = Query::of_text("naïve 👍", false).unwrap();
        for line in
            ["a naïve 👍", r"a na\u00efve \ud83d\udc4d", r"a na\u00EFve \uD83D\udc4d", r"a na\\u00efve 👍"]
        {
            assert!(finds(&query, line), "{line}");
        }
    }

    #[test]
    fn pattern_characters_in_a_text_mean_themselves() {
        let query = Query::of_text("a.b*(c)[d]{2}^$|?+#&-~\\", true).unwrap();
        assert!(finds(&query, "A.B*(C)[D]{2}^$|?+#&-~\\"));
        assert!(!finds(&query, "axb"));
    }

    #[test]
    fn an_expression_matches_within_a_line() {
        let query = Query::of_pattern(r"^\{.*err(or)?\b.*\}$", true).unwrap();
        assert!(query.is_by_line());
        assert!(finds(&query, r#"{"text":"ERROR"}"#));
        assert!(!finds(&query, r#"{"text":"errors"}"#));
    }

    #[test]
    fn a_broken_expression_is_a_usage_error_on_one_line() {
        let error = Query::of_pattern("a(b", false).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.to_string().ends_with("unclosed group"), "{error}");
        let error = Query::of_pattern(r"\w{1000}{1000}", false).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
    }
}
