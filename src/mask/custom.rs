//! Custom rules: `mask_patterns` and `mask_literals` of the configuration. Owns where they are searched (within
//! lines, and in pieces of lines that are too long to be held) and what replaces their matches.

use super::placeholder::{MASKED, Protected};
use super::rule::Specificity;
use super::template::{Escaping, Template, escape_json};
use super::union::Match;
use super::{CUT, LONG_LINE, LOOK_AHEAD, LOOK_BEHIND, RuleIndex, Window, custom_syntax};
use crate::error::{Error, Kind, Result};
use aho_corasick::{AhoCorasick, MatchKind};
use memchr::{memchr, memrchr};
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};
use std::ops::Range;

/// Literals are held in memory, in up to five spellings each.
const MAX_LITERALS: usize = 10_000;

/// The custom rules. Their indices follow those of the built-in rules: the patterns in order, then one rule for
/// all literals.
pub(crate) struct Custom {
    patterns: Vec<(Regex, Template)>,
    literals: Option<AhoCorasick>,
    first: u16,
}

impl Custom {
    /// Compiles the custom rules; the first gets the index `first`.
    pub(crate) fn new(patterns: &[(String, String)], literals: &[String], first: u16) -> Result<Custom> {
        custom_syntax::check_count("mask_patterns", patterns.len())?;
        let patterns = patterns
            .iter()
            .enumerate()
            .map(|(index, (pattern, replacement))| {
                let regex = custom_syntax::compile("mask_patterns", index + 1, pattern)?;
                let template = Template::parse(index + 1, replacement, &regex)?;
                Ok((regex, template))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Custom { patterns, literals: compile_literals(literals)?, first })
    }

    /// Returns how many rules there are in the table.
    pub(crate) fn len(&self) -> usize {
        self.patterns.len() + usize::from(self.literals.is_some())
    }

    /// Returns the index of the rule of all literals.
    fn literal_rule(&self) -> u16 {
        self.first + self.patterns.len() as u16
    }

    /// Hands every match that starts in the window's wanted range to `found`. Matches of one rule do not overlap
    /// in a line; in a line longer than [`LONG_LINE`] they are looked for in pieces that begin at multiples of
    /// [`CUT`] and see no further than any window must show.
    pub(crate) fn find(&self, window: &Window, protected: &Protected, found: &mut dyn FnMut(Match)) {
        if self.len() == 0 {
            return;
        }
        regions(window, &mut |region| self.find_in(window, &region, protected, found));
    }

    fn find_in(&self, window: &Window, region: &Region, protected: &Protected, found: &mut dyn FnMut(Match)) {
        let haystack = &window.bytes[region.view.clone()];
        let base = window.offset + region.view.start as u64;
        let (from, until) = (region.from - region.view.start, region.accept.end - region.view.start);
        let accept = region.accept.start - region.view.start..until;
        let mut push = |at: Range<usize>, rule: u16, replacement: &[u8]| {
            if !at.is_empty() && accept.contains(&at.start) && !protected.covers(haystack, &at, replacement) {
                found(Match {
                    start: base + at.start as u64,
                    end: base + at.end as u64,
                    rule: RuleIndex(rule),
                    specificity: Specificity::Value,
                });
            }
        };
        let mut replacement = Vec::new();
        for (index, (regex, template)) in self.patterns.iter().enumerate() {
            for one in regex.find_iter(Input::new(haystack).range(from..)) {
                if one.start() >= until {
                    break;
                }
                replacement.clear();
                expand(regex, template, haystack, one.start(), Escaping::None, &mut replacement);
                push(one.range(), self.first + index as u16, &replacement);
            }
        }
        if let Some(literals) = &self.literals {
            for one in literals.find_iter(aho_corasick::Input::new(haystack).range(from..)) {
                if one.start() >= until {
                    break;
                }
                push(one.range(), self.literal_rule(), MASKED);
            }
        }
    }

    /// Appends what replaces the match of `rule` that starts at `start` of `haystack`, which is the line (or what
    /// is at hand of it).
    pub(crate) fn replace(
        &self,
        rule: RuleIndex,
        haystack: &[u8],
        start: usize,
        escaping: Escaping,
        out: &mut Vec<u8>,
    ) {
        match self.patterns.get(usize::from(rule.0 - self.first)) {
            Some((regex, template)) => expand(regex, template, haystack, start, escaping, out),
            None => out.extend_from_slice(MASKED),
        }
    }

    /// Returns whether `rule` is a custom one.
    pub(crate) fn owns(&self, rule: RuleIndex) -> bool {
        (usize::from(self.first)..usize::from(self.first) + self.len()).contains(&usize::from(rule.0))
    }
}

fn expand(
    regex: &Regex,
    template: &Template,
    haystack: &[u8],
    start: usize,
    escaping: Escaping,
    out: &mut Vec<u8>,
) {
    if !template.has_groups() {
        return template.expand(None, escaping, out);
    }
    let mut captures = regex.create_captures();
    regex.search_captures(&Input::new(haystack).range(start..).anchored(Anchored::Yes), &mut captures);
    template.expand(Some((&captures, haystack)), escaping, out);
}

/// Compiles the literals with their spellings in JSON: escaped once and twice, with `\/`, and in ASCII only.
fn compile_literals(literals: &[String]) -> Result<Option<AhoCorasick>> {
    let config = |what: String| Error::new(Kind::Config, what);
    if literals.len() > MAX_LITERALS {
        let what =
            format!("mask_literals has {} entries, at most {MAX_LITERALS} are allowed", literals.len());
        return Err(config(what).with_hint("Use a pattern in mask_patterns for what they have in common."));
    }
    let mut spellings = Vec::new();
    for (index, literal) in literals.iter().enumerate() {
        if literal.is_empty() {
            let what = format!("cannot use mask_literals entry {}: it is empty", index + 1);
            return Err(config(what).with_hint("Remove the entry, or write the text to be masked."));
        }
        spellings.extend(spellings_of(literal));
    }
    if spellings.is_empty() {
        return Ok(None);
    }
    spellings.sort_unstable();
    spellings.dedup();
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&spellings).map(Some).map_err(|_| {
        config("cannot use mask_literals: together they are too long".into())
            .with_hint("Remove some entries.")
    })
}

/// Returns the ways in which `literal` may stand in a line. None holds a newline.
fn spellings_of(literal: &str) -> Vec<Vec<u8>> {
    let escaped = |text: &[u8]| {
        let mut out = Vec::new();
        escape_json(text, &mut out);
        out
    };
    let ascii = |text: &[u8]| {
        let mut out = Vec::new();
        for character in String::from_utf8_lossy(text).chars() {
            if character.is_ascii() {
                out.push(character as u8);
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
        out
    };
    let slashes = |text: &[u8]| String::from_utf8_lossy(text).replace('/', "\\/").into_bytes();
    let plain = literal.as_bytes().to_vec();
    let once = escaped(&plain);
    let mut spellings = vec![ascii(&once), slashes(&once), escaped(&once), escaped(&ascii(&once)), once];
    if !plain.contains(&b'\n') {
        spellings.push(plain);
    }
    spellings
}

/// A part of a window in which custom rules search: whole lines, or a piece of a long one.
struct Region {
    /// What the search may see.
    view: Range<usize>,
    /// Where the search begins.
    from: usize,
    /// Where matches may start.
    accept: Range<usize>,
}

/// Cuts the lines that the window's wanted range touches into regions, the same whatever the window.
fn regions(window: &Window, each: &mut dyn FnMut(Region)) {
    let bytes = window.bytes;
    let wanted = window.wanted.clone();
    if wanted.is_empty() {
        return;
    }
    let Some(mut position) = line_start(window) else {
        let next = memchr(b'\n', &bytes[wanted.clone()]).map_or(wanted.end, |at| wanted.start + at + 1);
        pieces(window, wanted.start..next, each);
        return lines(window, next, each);
    };
    if position < wanted.start && line_end(window, position).is_none() {
        position = memchr(b'\n', &bytes[wanted.clone()]).map_or(wanted.end, |at| wanted.start + at + 1);
        pieces(window, wanted.start..position, each);
    }
    lines(window, position, each);
}

/// Returns the start of the line that the wanted range begins in, unless that is too far off (or unknown).
fn line_start(window: &Window) -> Option<usize> {
    let start = window.wanted.start;
    let first = start.saturating_sub(LONG_LINE);
    match memrchr(b'\n', &window.bytes[first..start]) {
        Some(at) => Some(first + at + 1),
        None => (first == 0 && window.offset == 0).then_some(0),
    }
}

/// Returns where the line that starts at `position` ends (after its newline), unless it is a long one.
fn line_end(window: &Window, position: usize) -> Option<usize> {
    let last = window.bytes.len().min(position + LONG_LINE + 1);
    match memchr(b'\n', &window.bytes[position..last]) {
        Some(at) => Some(position + at + 1),
        None => (window.is_end && window.bytes.len() - position <= LONG_LINE).then_some(window.bytes.len()),
    }
}

/// Hands out the regions from the start of a line on.
fn lines(window: &Window, mut position: usize, each: &mut dyn FnMut(Region)) {
    let bytes = window.bytes;
    let wanted = window.wanted.clone();
    while position < wanted.end {
        // As many whole lines as cannot hold a long one.
        let near = wanted.end.min(position + LONG_LINE);
        let end = match memrchr(b'\n', &bytes[position..near]) {
            Some(at) if position + at + 1 == wanted.end => Some(wanted.end),
            Some(at) => Some(position + at + 1),
            None => line_end(window, position),
        };
        let next = match end {
            Some(end) => {
                each(Region {
                    view: position..end,
                    from: position,
                    accept: position.max(wanted.start)..end.min(wanted.end),
                });
                end
            }
            None => {
                let end =
                    memchr(b'\n', &bytes[position..wanted.end]).map_or(wanted.end, |at| position + at + 1);
                pieces(window, position.max(wanted.start)..end, each);
                end
            }
        };
        position = next;
    }
}

/// Hands out the pieces of a long line that `range` touches.
fn pieces(window: &Window, range: Range<usize>, each: &mut dyn FnMut(Region)) {
    let bytes = window.bytes;
    let mut position = range.start;
    while position < range.end {
        let offset = window.offset + position as u64;
        let into = (offset % CUT as u64) as usize;
        let end = position + (CUT - into);
        let start = position.saturating_sub(into);
        let behind = start.saturating_sub(LOOK_BEHIND);
        let ahead = bytes.len().min(end + LOOK_AHEAD);
        // The piece in which the line starts begins there, and not at the multiple before.
        let view_start = memrchr(b'\n', &bytes[behind..position]).map_or(behind, |at| behind + at + 1);
        let view_end = memchr(b'\n', &bytes[position..ahead]).map_or(ahead, |at| position + at);
        let accept = position..end.min(range.end).min(view_end.max(position));
        if !accept.is_empty() {
            each(Region { view: view_start..view_end, from: start.max(view_start), accept });
        }
        position = end;
    }
}
