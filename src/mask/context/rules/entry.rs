//! How an entry of the table of context rules is written.

use crate::mask::rule::{Placeholder, Rule, Specificity};

/// A rule that labels by the name of its id and teaches the value it found.
pub(crate) const fn context(
    id: &'static str,
    provider: &'static str,
    about: &'static str,
    rotate: Option<&'static str>,
    hits: &'static [&'static str],
    misses: &'static [&'static str],
) -> Rule {
    Rule {
        id,
        provider,
        about,
        rotate,
        placeholder: Placeholder::RuleId,
        specificity: Specificity::Context,
        teaches: true,
        hits,
        misses,
    }
}

/// [`context`] for structures, which say more surely what the value is.
pub(crate) const fn structure(
    id: &'static str,
    provider: &'static str,
    about: &'static str,
    hits: &'static [&'static str],
    misses: &'static [&'static str],
) -> Rule {
    Rule { specificity: Specificity::Structure, ..context(id, provider, about, None, hits, misses) }
}
