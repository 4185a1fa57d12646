//! The table of token rules: secrets that are recognised by their own bytes, wherever they stand. One file a family
//! of providers; this file owns the vocabulary in which entries are written. How entries are searched for is
//! [`crate::mask::scan`]'s business. Rules that need a key name or a header live elsewhere.
//!
//! To add a rule, add one entry to the file of its family: what its tokens begin with, what follows, recipes of texts
//! that must be masked and of near-misses that must not. Tests walk the table.

mod ai;
mod chat;
mod cloud;
mod data;
mod observability;
mod payment;
mod saas;
mod source_control;
mod structure;

use crate::mask::RuleIndex;
use crate::mask::rule::{ByteClass, Placeholder, Rule, Specificity};
use std::sync::OnceLock;

/// No upper limit to a run.
pub(crate) const MANY: usize = usize::MAX;

pub(crate) const WORD: ByteClass = ByteClass::of("A-Za-z0-9_-");
pub(crate) const ALNUM: ByteClass = ByteClass::of("A-Za-z0-9");
pub(crate) const LOWER: ByteClass = ByteClass::of("a-z0-9");
pub(crate) const UPPER: ByteClass = ByteClass::of("A-Z0-9");
pub(crate) const DIGITS: ByteClass = ByteClass::of("0-9");
pub(crate) const HEX: ByteClass = ByteClass::of("0-9a-f");
pub(crate) const ANY_HEX: ByteClass = ByteClass::of("0-9A-Fa-f");
pub(crate) const BASE32: ByteClass = ByteClass::of("A-Z2-7");
pub(crate) const BASE64: ByteClass = ByteClass::of("A-Za-z0-9+/=");

/// A piece of what follows a literal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// This text.
    Text(&'static str),
    /// So many bytes of a class: at least, at most; as many as there are.
    Run(ByteClass, usize, usize),
    /// This sequence, if it is there.
    Maybe(&'static [Part]),
}

/// At least `least` letters and digits.
pub(crate) const fn alnum(least: usize) -> Part {
    Part::Run(ALNUM, least, MANY)
}
/// At least `least` bytes of `[A-Za-z0-9_-]`.
pub(crate) const fn word(least: usize) -> Part {
    Part::Run(WORD, least, MANY)
}
/// At least `least` lowercase letters and digits.
pub(crate) const fn lower(least: usize) -> Part {
    Part::Run(LOWER, least, MANY)
}
/// At least `least` lowercase hexadecimal digits.
pub(crate) const fn hex(least: usize) -> Part {
    Part::Run(HEX, least, MANY)
}
/// At least `least` bytes of standard base64, padding included.
pub(crate) const fn base64(least: usize) -> Part {
    Part::Run(BASE64, least, MANY)
}
/// Exactly `count` bytes of `class` at this place (more may follow, see [`ENDS`]).
pub(crate) const fn exactly(class: ByteClass, count: usize) -> Part {
    Part::Run(class, count, count)
}
/// This text.
pub(crate) const fn text(text: &'static str) -> Part {
    Part::Text(text)
}
/// A UUID in either case.
pub(crate) const UUID: &[Part] = &[
    exactly(ANY_HEX, 8),
    text("-"),
    exactly(ANY_HEX, 4),
    text("-"),
    exactly(ANY_HEX, 4),
    text("-"),
    exactly(ANY_HEX, 4),
    text("-"),
    exactly(ANY_HEX, 12),
];

/// What else must hold of the bytes after the literal; a sum of the constants below.
pub(crate) type Checks = u16;
/// Nothing else.
pub(crate) const SURE: Checks = 0;
/// Holds a digit.
pub(crate) const DIGIT: Checks = 1;
/// Holds an uppercase letter, a lowercase letter and a digit.
pub(crate) const MIXED: Checks = 2;
/// Holds an uppercase and a lowercase letter.
pub(crate) const CASES: Checks = 4;
/// Holds a run of 16 letters and digits with a digit in it, or of 24 without: no name in kebab or snake case does.
pub(crate) const DENSE: Checks = 8;
/// Does not end in `EXAMPLE`.
pub(crate) const NO_EXAMPLE: Checks = 16;
/// No byte of `[A-Za-z0-9_-]` follows: the length decides between a secret and, say, a hash.
pub(crate) const ENDS: Checks = 32;
/// No letter or digit follows.
pub(crate) const ENDS_ALNUM: Checks = 64;

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

/// Shapes that no literal at their start gives away; the scanner knows them one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    None,
    AzureAi,
    AzureClientSecret,
    AzureDevops,
    AzureStorage,
    DiscordBot,
    Doppler,
    FirebaseFcm,
    Jwk,
    Mailchimp,
    Maxmind,
    Minisign,
    NamedByProvider,
    Pem,
    Putty,
    Salesforce,
    SlackHook,
    SlackCookie,
    Snyk,
    Telegram,
    Terraform,
    TornToken,
    WebhookSecret,
    Wireguard,
    ZapierHook,
}

/// How many specials there are, `None` included.
pub(crate) const SPECIALS: usize = Special::ZapierHook as usize + 1;

/// One entry of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub rule: Rule,
    pub patterns: &'static [Pattern],
    pub special: Special,
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
        special: Special::None,
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
    pub(crate) const fn special(mut self, special: Special) -> Token {
        self.special = special;
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

/// The families, in the order of the rule indices.
const FAMILIES: [&[Token]; 9] = [
    ai::TOKENS,
    cloud::TOKENS,
    source_control::TOKENS,
    data::TOKENS,
    observability::TOKENS,
    chat::TOKENS,
    saas::TOKENS,
    payment::TOKENS,
    structure::TOKENS,
];

/// Returns all entries, in the order of their indices.
pub(crate) fn tokens() -> impl Iterator<Item = (RuleIndex, &'static Token)> {
    FAMILIES
        .iter()
        .flat_map(|family| family.iter())
        .enumerate()
        .map(|(at, token)| (RuleIndex(at as u16), token))
}

/// Returns the descriptions of all token rules; [`crate::mask::rule::RawSpan::rule`] is an index into them.
pub(crate) fn all() -> &'static [Rule] {
    static ALL: OnceLock<Vec<Rule>> = OnceLock::new();
    ALL.get_or_init(|| tokens().map(|(_, token)| token.rule).collect())
}

/// Returns the literal of a [`Placeholder::KeepLiteral`] rule that `matched` begins with: what the placeholder keeps.
pub(crate) fn kept_literal(rule: RuleIndex, matched: &[u8]) -> &'static str {
    let Some((_, token)) = tokens().nth(usize::from(rule.0)) else { return "" };
    let literals = token.patterns.iter().flat_map(|pattern| pattern.literals.iter());
    literals
        .filter(|literal| matched.starts_with(literal.as_bytes()))
        .max_by_key(|literal| literal.len())
        .unwrap_or(&"")
}
