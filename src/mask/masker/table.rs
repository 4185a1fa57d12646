//! The table of all rules: the scanners' own, then what is found by other means, then custom ones. Owns what the table says
//! of each, and which index stands for which.

use crate::error::{Error, Kind, Result};
use crate::mask::built_in::{self, BUILT_IN};
use crate::mask::rule::{Placeholder, Rule, RuleIndex, Specificity};
use crate::report::nearest::nearest;
use std::borrow::Cow;

/// What the masker finds by other means than patterns.
const BY_OTHER_MEANS: Rule = Rule {
    id: "",
    provider: "any",
    about: "",
    rotate: None,
    placeholder: Placeholder::Fixed("***MASKED***"),
    specificity: Specificity::Value,
    teaches: false,
    hits: &[],
    misses: &[],
};

/// Values known from outside the session, or learned from it.
static KNOWN_VALUE: Rule = Rule {
    id: "known-value",
    about: "value of the environment, of a .env file, or learned elsewhere in the session",
    ..BY_OTHER_MEANS
};

/// Strings in which something is found only when their escapes are undone.
static SECOND_LOOK: Rule = Rule {
    id: "second-look",
    about: "string of a masked line in which a rule still matches once its escapes are undone",
    ..BY_OTHER_MEANS
};

/// Messages that were recorded as they streamed.
static IN_PIECES: Rule = Rule {
    id: "secret-in-pieces",
    about: "secret in a message that was recorded piece by piece",
    ..BY_OTHER_MEANS
};

/// The second and all further pieces of such a secret, in place of which nothing stands: the placeholder is in the first.
static PIECE_AFTER: Rule = Rule {
    id: "secret-in-pieces-after",
    about: "further pieces of a secret that was recorded piece by piece",
    ..BY_OTHER_MEANS
};

/// What is found by other means than scanners, behind the scanners' rules.
static OTHER_MEANS: [&Rule; 4] = [&IN_PIECES, &PIECE_AFTER, &KNOWN_VALUE, &SECOND_LOOK];

/// Index of the rule for messages in pieces: the first piece.
pub(crate) const IN_PIECES_RULE: RuleIndex = RuleIndex(BUILT_IN);

/// Index of the rule for messages in pieces: the other pieces.
pub(crate) const PIECE_AFTER_RULE: RuleIndex = RuleIndex(BUILT_IN + 1);

/// Index of the rule for known values.
pub(crate) const KNOWN_RULE: RuleIndex = RuleIndex(BUILT_IN + 2);

/// Index of the rule for what the second look finds.
pub(crate) const SECOND_LOOK_RULE: RuleIndex = RuleIndex(BUILT_IN + 3);

/// Index of the first custom rule.
pub(crate) const FIRST_CUSTOM: RuleIndex = RuleIndex(BUILT_IN + OTHER_MEANS.len() as u16);

/// A rule as the table shows it; custom ones have no examples.
#[derive(Clone, Debug)]
pub struct RuleInfo {
    /// `github-classic`, `custom-pattern-1`, `custom-literal`.
    pub id: Cow<'static, str>,
    /// The provider's name; `custom` for custom rules.
    pub provider: &'static str,
    /// What it is, a phrase.
    pub about: &'static str,
    /// Where it is revoked or rotated.
    pub rotate: Option<&'static str>,
    /// What replaces a match; custom patterns have their own replacement texts instead.
    pub placeholder: Placeholder,
    pub specificity: Specificity,
    pub teaches: bool,
    /// Whether the configuration has switched it off.
    pub disabled: bool,
}

impl RuleInfo {
    pub(crate) fn of(rule: &'static Rule) -> RuleInfo {
        RuleInfo {
            id: Cow::Borrowed(rule.id),
            provider: rule.provider,
            about: rule.about,
            rotate: rule.rotate,
            placeholder: rule.placeholder,
            specificity: rule.specificity,
            teaches: rule.teaches,
            disabled: false,
        }
    }

    pub(crate) fn custom(id: String) -> RuleInfo {
        RuleInfo {
            id: Cow::Owned(id),
            provider: "custom",
            about: "rule of the configuration",
            rotate: None,
            placeholder: Placeholder::Fixed("***MASKED***"),
            specificity: Specificity::Value,
            teaches: false,
            disabled: false,
        }
    }
}

/// Returns all built-in rules in the order of their indices; those that are not in the scanners come last.
pub(crate) fn built_in() -> impl Iterator<Item = &'static Rule> {
    built_in::rules().chain(OTHER_MEANS)
}

/// Switches the rules of these ids off.
///
/// # Errors
///
/// [`Kind::Config`] where no rule has an id.
pub(crate) fn disable(rules: &mut [RuleInfo], ids: &[String]) -> Result<()> {
    for (index, id) in ids.iter().enumerate() {
        let mut any = false;
        for rule in rules.iter_mut().filter(|rule| rule.id == id.as_str()) {
            rule.disabled = true;
            any = true;
        }
        if !any {
            let what =
                format!("cannot use disable_rules entry {}: there is no rule `{}`", index + 1, shown(id));
            let meant = nearest(id, rules.iter().map(|rule| &*rule.id));
            let meant = meant.map(|meant| format!("Did you mean `{meant}`? ")).unwrap_or_default();
            return Err(Error::new(Kind::Config, what)
                .with_hint(format!("{meant}`sessionkeep rules` lists the ids.")));
        }
    }
    Ok(())
}

/// Returns the place of a built-in rule in the table.
pub(crate) fn index_of(rules: &[RuleInfo], id: &str) -> RuleIndex {
    let index = rules.iter().position(|rule| rule.id == id);
    debug_assert!(index.is_some(), "no rule is called {id}");
    RuleIndex(index.unwrap_or(rules.len()) as u16)
}

/// Returns what may be shown of a text that should be an id and is not: nothing that could be a secret.
fn shown(id: &str) -> &str {
    let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    if id.len() <= 40 && id.bytes().all(is_id) { id } else { "..." }
}
