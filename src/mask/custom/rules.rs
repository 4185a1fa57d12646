//! Custom rules: `mask_patterns` and `mask_literals` of the configuration. Owns where they match and what replaces their
//! matches.

use crate::error::{Error, Kind, Result};
use crate::mask::custom::regions::{Region, regions};
use crate::mask::custom::spellings::spellings_of;
use crate::mask::custom::syntax;
use crate::mask::custom::template::Template;
use crate::mask::findings::Match;
use crate::mask::placeholder::{MASKED, Protected};
use crate::mask::rule::{CustomRule, RuleIndex, Specificity};
use crate::mask::text::json_string::Escaping;
use crate::mask::window::Window;
use aho_corasick::{AhoCorasick, MatchKind};
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
    /// Where the custom rules begin in the masker's table.
    first: RuleIndex,
}

impl Custom {
    /// Compiles the custom rules; the first gets the index `first`.
    pub(crate) fn new(
        patterns: &[(String, String)],
        literals: &[String],
        first: RuleIndex,
    ) -> Result<Custom> {
        syntax::check_count("mask_patterns", patterns.len())?;
        let patterns = patterns
            .iter()
            .enumerate()
            .map(|(index, (pattern, replacement))| {
                let regex = syntax::compile("mask_patterns", index + 1, pattern)?;
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

    /// Returns the rule of all literals.
    fn literal_rule(&self) -> CustomRule {
        CustomRule(self.patterns.len() as u16)
    }

    /// Returns the index of one of these rules in the masker's table.
    fn index_of(&self, rule: CustomRule) -> RuleIndex {
        RuleIndex(self.first.0 + rule.0)
    }

    /// Returns which of these rules has the index in the masker's table, if one has.
    fn rule_at(&self, index: RuleIndex) -> Option<CustomRule> {
        let rule = index.0.checked_sub(self.first.0)?;
        (usize::from(rule) < self.len()).then_some(CustomRule(rule))
    }

    /// Hands every match that starts in the window's wanted range to `found`. Matches of one rule do not overlap
    /// in a line; in a line longer than [`crate::mask::window::LONG_LINE`] they are looked for in parts that begin at multiples of
    /// [`crate::mask::window::CUT`] and see no further than any window must show.
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
        let mut push = |at: Range<usize>, rule: CustomRule, replacement: &[u8]| {
            if !at.is_empty() && accept.contains(&at.start) && !protected.covers(haystack, &at, replacement) {
                found(Match {
                    start: base + at.start as u64,
                    end: base + at.end as u64,
                    rule: self.index_of(rule),
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
                push(one.range(), CustomRule(index as u16), &replacement);
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
        let pattern = self.rule_at(rule).and_then(|rule| self.patterns.get(usize::from(rule.0)));
        match pattern {
            Some((regex, template)) => expand(regex, template, haystack, start, escaping, out),
            None => out.extend_from_slice(MASKED),
        }
    }

    /// Returns whether `rule` is a custom one.
    pub(crate) fn owns(&self, rule: RuleIndex) -> bool {
        self.rule_at(rule).is_some()
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
