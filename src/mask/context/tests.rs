//! The context rules as a whole: every hit in every embedding, every miss, and what must hold for any bytes.

use super::rules::CONTEXT_RULES;
use super::*;
use crate::mask::recipe::{SURROUNDINGS, Surroundings, embed, expand};
use crate::mask::rule::Placeholder;

fn scanner() -> ContextScanner {
    ContextScanner::new(&|_| false)
}

/// The union of what was found, sorted.
fn spans(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    scanner().scan(&Window::of_whole(bytes, 0..bytes.len()), &mut out);
    unite(&out)
}

fn unite(found: &[RawSpan]) -> Vec<(usize, usize)> {
    let mut all: Vec<_> = found.iter().map(|span| (span.start, span.end)).collect();
    all.sort_unstable();
    let mut united: Vec<(usize, usize)> = Vec::new();
    for (start, end) in all {
        match united.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => united.push((start, end)),
        }
    }
    united
}

/// The text with every value replaced.
fn masked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    scanner().scan(&Window::of_whole(bytes, 0..bytes.len()), &mut out);
    let mut text = Vec::new();
    let mut at = 0;
    for (start, end) in unite(&out) {
        let span = out.iter().find(|span| span.start == start).expect("united from it");
        text.extend_from_slice(&bytes[at..start]);
        let rule = &CONTEXT_RULES[span.rule.0 as usize];
        match rule.placeholder {
            Placeholder::Fixed(fixed) => text.extend_from_slice(fixed.as_bytes()),
            _ => text.extend_from_slice(format!("***MASKED:{}***", rule.id).as_bytes()),
        }
        at = end;
    }
    text.extend_from_slice(&bytes[at..]);
    text
}

/// Surroundings that leave a context as it is: a sign or escape right before the name changes what it means.
fn is_fair(surroundings: Surroundings) -> bool {
    !matches!(
        surroundings,
        Surroundings::Percent
            | Surroundings::Quoted
            | Surroundings::EscapedEquals
            | Surroundings::EscapedSlash
            | Surroundings::Prose
    )
}

#[test]
fn every_hit_is_masked_in_every_embedding() {
    let mut failures = Vec::new();
    for rule in CONTEXT_RULES {
        for hit in rule.hits {
            for depth in 0..4 {
                for surroundings in SURROUNDINGS.into_iter().filter(|&kind| is_fair(kind)) {
                    for seed in 0..6 {
                        let made = embed(&expand(hit, seed), surroundings, depth);
                        let found = spans(&made.text);
                        let is_there = found
                            .iter()
                            .any(|&(start, end)| start <= made.secret.start && made.secret.end <= end);
                        let is_exact = found
                            .iter()
                            .all(|&(start, end)| made.secret.start <= start && end <= made.secret.end);
                        if !is_there || !is_exact {
                            failures.push(format!(
                                "{}: {hit} {surroundings:?} depth {depth}: {} -> {found:?}",
                                rule.id,
                                String::from_utf8_lossy(&made.text)
                            ));
                        }
                    }
                }
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    failures.retain(|failure| seen.insert(failure.split(" depth").next().expect("one").to_string()));
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn no_miss_is_touched_in_any_embedding() {
    for rule in CONTEXT_RULES {
        for miss in rule.misses {
            for depth in 0..4 {
                for surroundings in SURROUNDINGS {
                    for seed in 0..6 {
                        let made = embed(&expand(miss, seed), surroundings, depth);
                        let found = spans(&made.text);
                        assert!(
                            found.is_empty(),
                            "{}: {} -> {found:?}",
                            rule.id,
                            String::from_utf8_lossy(&made.text)
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn rule_ids_are_unique_and_stand_where_their_constants_say() {
    let ids: std::collections::BTreeSet<_> = CONTEXT_RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), CONTEXT_RULES.len());
    for (index, id) in [
        (rules::PASSWORD, "password"),
        (rules::BEARER, "bearer"),
        (rules::PROVIDER_WORD, "provider-word"),
        (rules::AZURE_CONNECTION, "azure-connection-string"),
        (rules::FIRST_NAMED, "heroku-by-name"),
    ] {
        assert_eq!(CONTEXT_RULES[index as usize].id, id);
    }
}
