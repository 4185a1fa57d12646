//! The whole of what is asked for: what must be in a message, and what must not.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use memchr::memchr;
use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_syntax::ParserBuilder;

use super::literals::{self, Needle};
use super::matcher::{How, Matcher};
use super::prefilter::{self, Prefilter};
use super::terms::terms;
use crate::error::Result;
use crate::message::{Text, resolved};

/// Matches of a message that are told of, at most.
const MOST_MATCHES: usize = 1000;

/// What was typed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked<'a> {
    /// Words and phrases each, or expressions; all must be in the message.
    pub queries: &'a [String],
    /// Words and phrases of which none may be in it.
    pub excluded: &'a [String],
    pub is_regex: bool,
    pub ignores_case: bool,
    pub is_whole_words: bool,
}

/// What is asked for, compiled. Shared by all threads.
#[derive(Debug)]
pub(crate) struct Query {
    wanted: Vec<Matcher>,
    excluded: Vec<Matcher>,
    prefilter: Prefilter,
    is_regex: bool,
    stored: OnceLock<Vec<Option<Regex>>>,
}

/// Where a message matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found<'a> {
    /// What it says: decoded, or decoded once more where only that matches.
    pub text: Cow<'a, str>,
    /// In order, not overlapping; not all of them where there are very many.
    pub matches: Vec<Range<usize>>,
}

impl Query {
    /// Compiles what was typed.
    ///
    /// # Errors
    ///
    /// [`crate::error::Kind::Usage`] when an expression is none, or something is too long.
    pub(crate) fn new(asked: &Asked) -> Result<Query> {
        let how = How { ignores_case: asked.ignores_case, is_whole_words: asked.is_whole_words };
        let all = |queries: &[String]| queries.iter().flat_map(|query| terms(query)).collect::<Vec<_>>();
        let of_terms = |terms: &[String]| -> Result<Vec<Matcher>> {
            terms.iter().map(|term| Matcher::of_term(term, how)).collect()
        };
        let excluded = of_terms(&all(asked.excluded))?;
        let (wanted, prefilter) = if asked.is_regex {
            let patterns: Vec<&String> = asked.queries.iter().filter(|query| !query.is_empty()).collect();
            let wanted: Vec<Matcher> =
                patterns.iter().map(|pattern| Matcher::of_pattern(pattern, how)).collect::<Result<_>>()?;
            let needles = wanted.iter().filter_map(needle_of).collect();
            (wanted, Prefilter::new(needles, &[]))
        } else {
            let terms = all(asked.queries);
            let wanted = of_terms(&terms)?;
            let told: Vec<(&str, bool)> = terms
                .iter()
                .zip(&wanted)
                .map(|(term, matcher)| (term.as_str(), matcher.is_any_case))
                .collect();
            let needles = told.iter().flat_map(|(term, is_any_case)| literals::of_term(term, *is_any_case));
            let prefilter = Prefilter::new(needles.collect(), &told);
            (wanted, prefilter)
        };
        Ok(Query { wanted, excluded, prefilter, is_regex: asked.is_regex, stored: OnceLock::new() })
    }

    /// Returns what says which lines are worth decoding.
    pub(crate) fn prefilter(&self) -> &Prefilter {
        &self.prefilter
    }

    /// Returns where the message matches whose text is `text` in `bytes`; `None` where it does not.
    ///
    /// A text that still holds escapes, such as JSON within JSON, matches as well where it does once they are resolved.
    pub(crate) fn find<'a>(&self, text: &'a Text, bytes: &'a [u8]) -> Option<Found<'a>> {
        if !self.prefilter.accepts_text(text.raw(bytes)) {
            return None;
        }
        let text = text.of(bytes);
        let is_resolvable = memchr(b'\\', text.as_bytes()).is_some();
        let missing = self.wanted.iter().any(|matcher| !matcher.is_in(&text));
        let excluded = |text: &str| self.excluded.iter().any(|matcher| matcher.is_in(text));
        if missing && !is_resolvable || excluded(&text) {
            return None;
        }
        let mut shown = text;
        if is_resolvable && (missing || !self.excluded.is_empty()) {
            let further = resolved(shown.as_bytes()).into_owned();
            let is_in_one = |matcher: &Matcher| matcher.is_in(&shown) || matcher.is_in(&further);
            if missing && !self.wanted.iter().all(is_in_one) || excluded(&further) {
                return None;
            }
            if missing {
                shown = Cow::Owned(further);
            }
        }
        let matches = self.places(&shown);
        Some(Found { text: shown, matches })
    }

    fn places(&self, text: &str) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        self.wanted.iter().for_each(|matcher| matcher.places(text, MOST_MATCHES, &mut places));
        places.sort_unstable_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
        let mut end = 0;
        places.retain(|place| {
            let is_kept = place.start >= end && !place.is_empty();
            end = if is_kept { place.end } else { end };
            is_kept
        });
        places.truncate(MOST_MATCHES);
        places
    }

    /// Says which of the things that must be in a message are in `bytes`, a piece of a line as it is stored, by setting their
    /// places in `found`, which there are [`count`](Query::count) of.
    pub(crate) fn find_stored(&self, bytes: &[u8], found: &mut [bool]) {
        let stored =
            self.stored.get_or_init(|| self.wanted.iter().map(|one| self.stored_form(one)).collect());
        for (is_found, regex) in found.iter_mut().zip(stored) {
            // What cannot be looked for as it is stored is not there as far as anybody can tell.
            *is_found = *is_found || regex.as_ref().is_some_and(|regex| regex.is_match(Input::new(bytes)));
        }
    }

    /// Returns how many things must be in a message.
    pub(crate) fn count(&self) -> usize {
        self.wanted.len()
    }

    fn stored_form(&self, matcher: &Matcher) -> Option<Regex> {
        if !self.is_regex {
            let forms = prefilter::stored_forms(&matcher.typed, matcher.is_any_case, usize::MAX);
            return prefilter::compile(&forms);
        }
        let syntax = syntax::Config::new().utf8(false).case_insensitive(matcher.is_any_case);
        Regex::builder().syntax(syntax).build(&matcher.typed).ok()
    }
}

/// Returns what must stand in a line for an expression to match in what it says.
fn needle_of(matcher: &Matcher) -> Option<Needle> {
    let mut parser = ParserBuilder::new().case_insensitive(matcher.is_any_case).multi_line(true).build();
    literals::of_expression(&parser.parse(&matcher.typed).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(queries: &[&str], change: impl FnOnce(&mut Asked)) -> Query {
        let queries: Vec<String> = queries.iter().map(|query| (*query).to_owned()).collect();
        let mut asked = Asked { queries: &queries, ..Asked::default() };
        change(&mut asked);
        Query::new(&asked).unwrap()
    }

    fn is_in(query: &Query, text: &str) -> bool {
        let json = serde_json::to_string(text).unwrap();
        let place = Text::Escaped(1..json.len() - 1);
        query.find(&place, json.as_bytes()).is_some()
    }

    fn finds(queries: &[&str], text: &str) -> bool {
        is_in(&query(queries, |_| ()), text)
    }

    #[test]
    fn all_words_must_be_in_the_message_in_whatever_order() {
        assert!(finds(&["one two"], "two and one") && finds(&["one", "two"], "twoone"));
        assert!(!finds(&["one two"], "only one"));
        assert!(finds(&["\"one two\""], "one two") && !finds(&["\"one two\""], "two one"));
        assert!(finds(&[""], "anything"));
    }

    #[test]
    fn case_matters_once_there_is_an_upper_case_letter() {
        assert!(finds(&["typeerror"], "TypeError") && finds(&["TypeError"], "a TypeError"));
        assert!(!finds(&["TypeError"], "typeerror"));
        assert!(finds(&["typeError größe"], "a typeError of GRÖßE"), "each word for itself");
        assert!(is_in(&query(&["TypeError"], |asked| asked.ignores_case = true), "TYPEERROR"));
        assert!(is_in(&query(&["ΣΊΣΥΦΟΣ"], |asked| asked.ignores_case = true), "σίσυφος"));
        assert!(is_in(&query(&["Err[a-z]+"], |asked| asked.is_regex = true), "Error"));
        assert!(!is_in(&query(&["Err[a-z]+"], |asked| asked.is_regex = true), "error"));
        assert!(is_in(&query(&[r"err\w+\S"], |asked| asked.is_regex = true), "ERROR!"));
    }

    #[test]
    fn whole_words_have_no_letters_around_them() {
        let whole =
            |queries: &[&str], text: &str| is_in(&query(queries, |asked| asked.is_whole_words = true), text);
        assert!(whole(&["error"], "an error.") && whole(&["ошибка"], "«ошибка»"));
        assert!(
            !whole(&["error"], "errors") && !whole(&["error"], "my_error") && !whole(&["шибка"], "ошибка")
        );
        assert!(whole(&["--all"], "with --all"), "what begins with no letter");
        let regex = query(&["foo|bar"], |asked| {
            asked.is_whole_words = true;
            asked.is_regex = true;
        });
        assert!(is_in(&regex, "a bar") && !is_in(&regex, "foobar"));
    }

    #[test]
    fn excluded_words_may_not_be_in_it_escaped_or_not() {
        let excluded = ["привет".to_owned()];
        let query = |text: &str| {
            let queries = ["one".to_owned()];
            let asked = Asked { queries: &queries, excluded: &excluded, ..Asked::default() };
            is_in(&Query::new(&asked).unwrap(), text)
        };
        assert!(query("one") && !query("one Привет") && !query(r"one \u043f\u0440\u0438\u0432\u0435\u0442"));
    }

    #[test]
    fn what_still_holds_escapes_matches_once_they_are_resolved() {
        let json = r#"{"command":"say \"hello\" C:\\new \u043f\u0440\u0438\u0432\u0435\u0442"}"#;
        assert!(finds(&["\"say \\\"hello\\\"\""], json));
        assert!(finds(&[r"C:\new"], json) && finds(&["привет"], json) && finds(&["command say"], json));
        let one = query(&["привет"], |_| ());
        let place = Text::Plain(0..json.len());
        let found = one.find(&place, json.as_bytes()).unwrap();
        assert_eq!(&found.text[found.matches[0].clone()], "привет");
    }

    #[test]
    fn places_are_in_order_and_do_not_overlap() {
        let one = query(&["ab abc b"], |_| ());
        let text = "b abc ab";
        let place = Text::Plain(0..text.len());
        let found = one.find(&place, text.as_bytes());
        let places: Vec<_> = found.unwrap().matches.into_iter().map(|place| text[place].to_owned()).collect();
        assert_eq!(places, ["b", "abc", "ab"]);
    }

    #[test]
    fn a_regex_sees_lines_of_the_text() {
        let regex = |pattern: &str| query(&[pattern], |asked| asked.is_regex = true);
        assert!(is_in(&regex("^b.*c$"), "a\nb and c\nd") && !is_in(&regex("a.b"), "a\nb"));
        let error = Query::new(&Asked { queries: &["a(b".to_owned()], is_regex: true, ..Asked::default() });
        assert!(error.unwrap_err().to_string().ends_with("unclosed group"));
    }

    #[test]
    fn a_line_too_long_to_be_decoded_is_searched_as_it_is_stored() {
        let one = query(&["hello \"say \\\"x\\\"\""], |_| ());
        let mut found = vec![false; one.count()];
        one.find_stored(br#"{"text":"say \"x\" "#, &mut found);
        assert_eq!(found, [false, true]);
        one.find_stored(b"HELLO", &mut found);
        assert_eq!(found, [true, true]);
    }
}
