//! The vocabulary in which the entries of the table of token rules are written: what a token begins with, what follows,
//! what must hold; or, where that does not say it, a function. How entries are searched for is [`super::scanner`]'s
//! business.

use crate::mask::rule::{Placeholder, Rule, Specificity, TokenRule};
use crate::mask::tokens::search::Search;

pub(crate) use crate::mask::text::class::*;
pub(crate) use crate::mask::tokens::checks::{
    CASES, Checks, DENSE, DIGIT, ENDS, ENDS_ALNUM, MIXED, NO_EXAMPLE, SURE,
};
pub(crate) use crate::mask::tokens::parts::*;

/// One way in which a rule's tokens look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern {
    /// What such a token begins with, one of these.
    pub literals: &'static [&'static str],
    /// What follows the literal. After the last part, all bytes of its class and of `[A-Za-z0-9_-]` belong to it.
    pub body: &'static [Part],
    pub checks: Checks,
    /// A lowercase word that must stand within some hundred bytes, in any case; empty: none.
    pub near: &'static str,
    /// The literal is no part of the secret and stays: `https://hooks.slack.com/services/`.
    pub keeps_literal: bool,
}

impl Pattern {
    pub(crate) const fn near(mut self, near: &'static str) -> Pattern {
        self.near = near;
        self
    }
    pub(crate) const fn keeps_literal(mut self) -> Pattern {
        self.keeps_literal = true;
        self
    }
}

/// Tokens that begin with one of `literals` and go on with `body`.
pub(crate) const fn begins(
    literals: &'static [&'static str],
    body: &'static [Part],
    checks: Checks,
) -> Pattern {
    Pattern { literals, body, checks, near: "", keeps_literal: false }
}

/// Looks at the run of word bytes `start..end`; longer ones than [`crate::mask::sweep::RUN_SEEN`] are perhaps not given to
/// their ends.
pub(crate) type RunFunction = fn(search: &mut Search, rule: TokenRule, start: usize, end: usize);

/// Looks at what stands at a place.
pub(crate) type PlaceFunction = fn(search: &mut Search, rule: TokenRule, at: usize);

/// How tokens are recognised that no literal at their start gives away: what is seen of them, and the function that looks
/// at what is around it and adds a match if there is one. To add such a rule, write the function and name it here.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// By a run of word bytes.
    Run(Glance, RunFunction),
    /// By a `~`.
    Tilde(PlaceFunction),
    /// By one of these literals. The sweep has to look for them: each is in `BUCKETS` of `mask::sweep`, too.
    Literals(&'static [&'static str], PlaceFunction),
}

/// What is seen of a run at a glance. Most runs are names, ids and parts of paths: what costs a few instructions and tells
/// nearly all of them is asked before a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glance {
    /// A full stop before it.
    AfterStop,
    /// A colon before it.
    AfterColon,
    /// An exclamation mark before it.
    AfterExclamation,
    /// A slash before it, and before that a capital, a digit or a backslash.
    AfterId,
    /// `"` before it, and it has 20 bytes or more.
    InDoubleQuotes,
    /// `"` or `'` before it, and it has 20 to 64 bytes.
    InQuotes,
    /// It has 36 to 48 bytes, `-us` and one or two bytes at its end among them; perhaps more before the token.
    EndsInRegion,
    /// It has 36 to 48 bytes, `_mmk` at its end among them; perhaps more before the token.
    EndsInMmk,
    /// It has 76 bytes or more; perhaps more before the token.
    Long,
    /// `{` right after it.
    BeforeBrace,
}

/// How many of these there are.
pub(crate) const GLANCES: usize = Glance::BeforeBrace as usize + 1;

/// One entry of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub rule: Rule,
    pub patterns: &'static [Pattern],
    pub shape: Option<Shape>,
}

/// Begins an entry; see [`Rule`] for the fields.
pub(crate) const fn token(id: &'static str, provider: &'static str, about: &'static str) -> Token {
    Token {
        rule: Rule {
            id,
            provider,
            about,
            rotate: None,
            placeholder: Placeholder::RuleId,
            specificity: Specificity::Provider,
            teaches: false,
            hits: &[],
            misses: &[],
        },
        patterns: &[],
        shape: None,
    }
}

impl Token {
    pub(crate) const fn rotate(mut self, page: &'static str) -> Token {
        self.rule.rotate = Some(page);
        self
    }
    pub(crate) const fn patterns(mut self, patterns: &'static [Pattern]) -> Token {
        self.patterns = patterns;
        self
    }
    pub(crate) const fn shape(mut self, shape: Shape) -> Token {
        self.shape = Some(shape);
        self
    }
    pub(crate) const fn placeholder(mut self, text: &'static str) -> Token {
        self.rule.placeholder = Placeholder::Fixed(text);
        self
    }
    pub(crate) const fn keeps_literal(mut self) -> Token {
        self.rule.placeholder = Placeholder::KeepLiteral;
        self
    }
    pub(crate) const fn specificity(mut self, specificity: Specificity) -> Token {
        self.rule.specificity = specificity;
        self
    }
    pub(crate) const fn hits(mut self, recipes: &'static [&'static str]) -> Token {
        self.rule.hits = recipes;
        self
    }
    pub(crate) const fn misses(mut self, recipes: &'static [&'static str]) -> Token {
        self.rule.misses = recipes;
        self
    }
}
