//! The version of a masker's rules: by it, masked text that is there is compared with what would be masked today. Owns
//! what counts as a change: what decides, and never an example.

use crate::mask::masker::options::Options;
use crate::mask::masker::table;
use crate::mask::rule::Rule;
use crate::mask::tokens::rules;
use crate::mask::tokens::vocabulary::{Shape, Token};

/// To be raised with every change of what is masked: of a parser, a check, a word list, and of what shows in the table,
/// too. A test compares what is masked with what was, and says when that was forgotten.
pub(crate) const REVISION: &str = "11";

/// Returns a hash over everything that decides what masked text looks like, the tags' key aside. What only the code says
/// stands in it by [`REVISION`], and by the program's version, which no release shares with another.
pub(crate) fn version(options: &Options) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    add(env!("CARGO_PKG_VERSION"));
    add(REVISION);
    each_decision(&mut add);
    for (pattern, replacement) in &options.patterns {
        add(pattern);
        add(replacement);
    }
    for list in [&options.literals, &options.allow_literals, &options.allow_patterns, &options.disable_rules]
    {
        add(&list.len().to_string());
        list.iter().for_each(|entry| add(entry));
    }
    add(if options.tag_key.is_some() { "tagged" } else { "plain" });
    hasher.finalize().to_hex()[..12].to_owned()
}

/// Hands out, text by text, all that the table of built-in rules says but their examples and their descriptions.
pub(crate) fn each_decision(add: &mut dyn FnMut(&str)) {
    for rule in table::built_in() {
        // Named one by one, so that a new field has to be put on one side or the other.
        let Rule {
            id,
            provider: _,
            about: _,
            rotate: _,
            placeholder,
            specificity,
            teaches,
            hits: _,
            misses: _,
        } = rule;
        add(id);
        add(&format!("{placeholder:?} {specificity:?} {teaches}"));
    }
    for (_, Token { rule, patterns, shape }) in rules::all() {
        add(rule.id);
        add(&format!("{patterns:?}"));
        match shape {
            Some(Shape::Run(glance, _)) => add(&format!("{glance:?}")),
            Some(Shape::Tilde(_)) => add("Tilde"),
            Some(Shape::Literals(literals, _)) => add(&format!("{literals:?}")),
            None => add(""),
        }
    }
}
