//! The two scanners of built-in rules behind one interface: the table of all their rules, and their matches.
//! Owns how a scanner's own rule indices become indices of the masker's table; knows nothing of custom rules.

use super::context::{ContextScanner, rules::CONTEXT_RULES};
use super::rule::{ByteClass, Placeholder, RawSpan, Rule};
use super::scan::runs::Runs;
use super::scan::sweep::Sweep;
use super::scan::{TokenScanner, TokenScratch};
use super::{Counts, Window};
use super::{RuleIndex, rules};

/// One match of a built-in rule, in offsets of the window's bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BuiltIn {
    pub start: usize,
    pub end: usize,
    /// Index in [`Scanners::rules`].
    pub rule: u16,
    /// What the match goes on with when the window ends before it does.
    pub open: Option<ByteClass>,
}

/// What the scanners reuse from window to window.
#[derive(Default)]
pub(crate) struct ScannerScratch {
    runs: Runs,
    tokens: TokenScratch,
    from_tokens: Vec<RawSpan>,
    from_context: Vec<RawSpan>,
}

/// All scanners of built-in rules.
pub(crate) struct Scanners {
    sweep: Sweep,
    tokens: TokenScanner,
    context: ContextScanner,
    /// Index of the first context rule: they come after the token rules.
    first_context: u16,
}

impl Scanners {
    /// Builds the scanners without the rules of these ids.
    pub(crate) fn new(disabled: &[String]) -> Scanners {
        let is_disabled = |id: &str| disabled.iter().any(|disabled| disabled == id);
        Scanners {
            sweep: Sweep::new(),
            tokens: TokenScanner::new(&is_disabled),
            context: ContextScanner::new(&is_disabled),
            first_context: rules::all().len() as u16,
        }
    }

    /// Returns the rules of all scanners, in the order of their indices.
    pub(crate) fn rules() -> impl Iterator<Item = &'static Rule> {
        rules::all().iter().chain(CONTEXT_RULES)
    }

    /// Returns the literals that placeholders of rules keep.
    pub(crate) fn kept_literals() -> Vec<&'static [u8]> {
        let keeping = rules::tokens().filter(|(_, token)| token.rule.placeholder == Placeholder::KeepLiteral);
        let patterns = keeping.flat_map(|(_, token)| token.patterns);
        patterns.flat_map(|pattern| pattern.literals).map(|literal| literal.as_bytes()).collect()
    }

    /// Returns how much of a match of `rule` its placeholder keeps, if it keeps the literal.
    pub(crate) fn kept_bytes(rule: u16, matched: &[u8]) -> usize {
        rules::kept_literal(RuleIndex(rule), matched).len()
    }

    /// Hands every match that starts in the window's wanted range to `found`, in no order. Returns what was counted
    /// in that range.
    pub(crate) fn scan(
        &self,
        window: &Window,
        scratch: &mut ScannerScratch,
        found: &mut dyn FnMut(BuiltIn),
    ) -> Counts {
        let ScannerScratch { runs, tokens, from_tokens, from_context } = scratch;
        let counts = {
            let mut tokens = self.tokens.looker(window, tokens, from_tokens);
            let mut context = self.context.looker(window, from_context);
            self.sweep.each(window, runs, |sight| {
                tokens(&sight);
                context(&sight);
            })
        };
        for (spans, first) in [(from_tokens, 0), (from_context, self.first_context)] {
            for RawSpan { start, end, rule, open } in spans.drain(..) {
                found(BuiltIn { start, end, rule: first + rule.0, open });
            }
        }
        counts
    }
}
