//! What a rule is: the fields that every table entry has, whatever machine finds its matches.

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

/// A set of ASCII bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteClass(pub u128);

impl ByteClass {
    /// Returns the set of the bytes of `members`, in which `a-z` stands for a range (so a `-` comes first or last).
    pub(crate) const fn of(members: &str) -> ByteClass {
        let members = members.as_bytes();
        let (mut bits, mut at) = (0u128, 0);
        while at < members.len() {
            let first = members[at];
            let is_range = at + 2 < members.len() && members[at + 1] == b'-';
            let last = if is_range { members[at + 2] } else { first };
            let mut byte = first;
            while byte <= last {
                bits |= 1 << byte;
                byte += 1;
            }
            at += if is_range { 3 } else { 1 };
        }
        ByteClass(bits)
    }

    /// Returns the bytes of either set.
    pub(crate) const fn or(self, other: ByteClass) -> ByteClass {
        ByteClass(self.0 | other.0)
    }

    /// Whether `byte` is in the set.
    #[inline]
    pub(crate) const fn contains(self, byte: u8) -> bool {
        byte < 128 && (self.0 >> byte) & 1 == 1
    }
}

/// What a scanner found in one window, before the masker sorts it, unites what overlaps and labels it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawSpan {
    /// Offset in the window's bytes.
    pub start: usize,
    /// Offset in the window's bytes.
    pub end: usize,
    /// Index into the table of the scanner that found it.
    pub rule: super::RuleIndex,
    /// The span reaches the end of the window's bytes, the stream goes on, and every following byte of this class
    /// belongs to the span.
    pub open: Option<ByteClass>,
}
