//! The version of a masker's rules: what masked text that is there is compared by with what would be masked today.

use crate::mask::masker::options::Options;
use crate::mask::masker::table::built_in;
use crate::mask::tokens;

/// Changes with every change of what the scanners find that shows in no rule.
const REVISION: &str = "11";

/// Returns a hash over everything that decides what masked text looks like, the tags' key aside.
pub(crate) fn version(options: &Options) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    add(env!("CARGO_PKG_VERSION"));
    add(REVISION);
    for rule in built_in() {
        add(rule.id);
        add(&format!("{:?} {:?} {}", rule.placeholder, rule.specificity, rule.teaches));
        rule.hits.iter().chain(rule.misses).for_each(|example| add(example));
    }
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
