//! What a rule is: the fields that every table entry has, whatever machine finds its matches.

use crate::mask::text::class::ByteClass;

/// What stands in the masked text in place of the secret. Never holds `"`, `\`, a control byte or non-ASCII, and
/// always holds `***`, which no rule accepts as part of a secret: that is what makes masking idempotent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// This text, as sessionkeep 0.4 has it: `sk-ant-***MASKED***`.
    Fixed(&'static str),
    /// The literal that the match began with, then `***MASKED***`: `gho_***MASKED***`.
    KeepLiteral,
    /// `***MASKED:rule-id***`.
    RuleId,
}

/// How much a rule's label says; where matches overlap, the union is labelled by the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Specificity {
    /// A known or learned value, a custom rule.
    Value,
    /// A key name with a value, a bare `Bearer`.
    Context,
    /// A structure: URL credentials, headers, JWT, PEM.
    Structure,
    /// A shape that several providers share: `sk-` and 20 more.
    Family,
    /// One provider's own format.
    Provider,
}

/// The description of a rule, the same for token, structure and key-name rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// `github-classic`; unique, lowercase, stable: it stands in sidecars.
    pub id: &'static str,
    /// `GitHub`.
    pub provider: &'static str,
    /// What it is, a phrase: `personal access token (classic), OAuth, user or refresh token`.
    pub about: &'static str,
    /// The page of the provider where it is revoked or rotated, if there is one.
    pub rotate: Option<&'static str>,
    pub placeholder: Placeholder,
    pub specificity: Specificity,
    /// Whether a value found by this rule is to be masked everywhere in its session, also where it stands bare.
    /// True for rules that find by context; pointless for those that find the value wherever it stands.
    pub teaches: bool,
    /// Recipes (see `recipe`) of texts in which something must be masked. The part that must vanish stands
    /// between `⟦` and `⟧`; the rest must stay.
    pub hits: &'static [&'static str],
    /// Recipes of texts that must stay as they are.
    pub misses: &'static [&'static str],
}

/// Index of a rule in the masker's table: token rules first, then context rules, then what is found by other means, then
/// custom rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleIndex(pub u16);

/// Index of a rule in the table of token rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TokenRule(pub u16);

/// Index of a rule in the table of context rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ContextRule(pub u16);

/// Index of a custom rule: the patterns in the order of the configuration, then one rule for all literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CustomRule(pub u16);

/// What a scanner found in one window, before the masker sorts it, unites what overlaps and labels it. `R` says in which
/// table the rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit<R> {
    /// Offset in the window's bytes.
    pub start: usize,
    /// Offset in the window's bytes.
    pub end: usize,
    pub rule: R,
    /// The span reaches the end of the window's bytes, the stream goes on, and every following byte of this class
    /// belongs to the span.
    pub open: Option<ByteClass>,
}
