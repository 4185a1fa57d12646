//! The two scanners of built-in rules behind one interface: the table of all their rules, and their matches.
//! Owns how a scanner's own rule indices become indices of the masker's table; knows nothing of custom rules.

use crate::mask::context::{self, ContextScanner};
use crate::mask::rule::{ContextRule, Hit, Placeholder, Rule, RuleIndex, TokenRule};
use crate::mask::sweep::{Runs, Sweep};
use crate::mask::tokens::{self, TokenScanner, TokenScratch};
use crate::mask::window::{Counts, Window};

/// How many rules the scanners have.
pub(crate) const BUILT_IN: u16 = (tokens::rules::COUNT + context::rules::COUNT) as u16;

/// Returns the index of a token rule in the masker's table, where token rules come first.
fn index_of_token(rule: TokenRule) -> RuleIndex {
    RuleIndex(rule.0)
}

/// Returns the index of a context rule in the masker's table, where context rules come second.
fn index_of_context(rule: ContextRule) -> RuleIndex {
    RuleIndex(tokens::rules::COUNT as u16 + rule.0)
}

/// Returns the rules of all scanners, in the order of their indices.
pub(crate) fn rules() -> impl Iterator<Item = &'static Rule> {
    tokens::rules::all().map(|(_, token)| &token.rule).chain(context::rules::all())
}

/// Returns the literals that placeholders of rules keep.
pub(crate) fn kept_literals() -> Vec<&'static [u8]> {
    let keeping =
        tokens::rules::all().filter(|(_, token)| token.rule.placeholder == Placeholder::KeepLiteral);
    let patterns = keeping.flat_map(|(_, token)| token.patterns);
    patterns.flat_map(|pattern| pattern.literals).map(|literal| literal.as_bytes()).collect()
}

/// Returns how much of a match of `rule` its placeholder keeps, if it keeps the literal: only token rules have one.
pub(crate) fn kept_bytes(rule: RuleIndex, matched: &[u8]) -> usize {
    let is_token = usize::from(rule.0) < tokens::rules::COUNT;
    if is_token { tokens::rules::kept_literal(TokenRule(rule.0), matched).len() } else { 0 }
}

/// What the scanners reuse from window to window.
#[derive(Default)]
pub(crate) struct ScannerScratch {
    runs: Runs,
    tokens: TokenScratch,
    from_tokens: Vec<Hit<TokenRule>>,
    from_context: Vec<Hit<ContextRule>>,
}

/// All scanners of built-in rules.
pub(crate) struct Scanners {
    sweep: Sweep,
    tokens: TokenScanner,
    context: ContextScanner,
}

impl Scanners {
    /// Builds the scanners without the rules of these ids.
    pub(crate) fn new(disabled: &[String]) -> Scanners {
        let is_disabled = |id: &str| disabled.iter().any(|disabled| disabled == id);
        Scanners {
            sweep: Sweep::new(),
            tokens: TokenScanner::new(&is_disabled),
            context: ContextScanner::new(&is_disabled),
        }
    }

    /// Hands every match that starts in the window's wanted range to `found`, in no order. Returns what was counted
    /// in that range.
    pub(crate) fn scan(
        &self,
        window: &Window,
        scratch: &mut ScannerScratch,
        found: &mut dyn FnMut(Hit<RuleIndex>),
    ) -> Counts {
        let ScannerScratch { runs, tokens, from_tokens, from_context } = scratch;
        let counts = {
            let mut tokens = self.tokens.visitor(window, tokens, from_tokens);
            let mut context = self.context.visitor(window, from_context);
            self.sweep.each(window, runs, |sight| {
                tokens(&sight);
                context(&sight);
            })
        };
        for Hit { start, end, rule, open } in from_tokens.drain(..) {
            found(Hit { start, end, rule: index_of_token(rule), open });
        }
        for Hit { start, end, rule, open } in from_context.drain(..) {
            found(Hit { start, end, rule: index_of_context(rule), open });
        }
        counts
    }
}
