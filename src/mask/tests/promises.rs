//! What masking promises for any line: JSON stays JSON of the same shape, masked text stays as it is, and what is
//! not masked is not touched.

use crate::mask::masker::Masker;
use crate::mask::masker::options::Options;
use crate::mask::masker::table::built_in;
use crate::mask::output::mask_whole;
use crate::mask::recipe::{Surroundings, embed, expand};
use crate::mask::rule::Placeholder;
use crate::mask::tests::lines::{known_value, line, masker};
use proptest::prelude::*;
use serde_json::Value;

/// Whether two values differ only in what strings and numbers say.
fn same_shape(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            before.len() == after.len()
                && before.iter().zip(after).all(|((key, one), (other_key, other))| {
                    (key == other_key || other_key.contains("***")) && same_shape(one, other)
                })
        }
        (Value::Array(before), Value::Array(after)) => {
            before.len() == after.len() && before.iter().zip(after).all(|(one, other)| same_shape(one, other))
        }
        (Value::String(_), Value::String(_)) => true,
        (before, after) => before == after,
    }
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    memchr::memmem::find(bytes, needle.as_bytes()).is_some()
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_masked_line_keeps_its_shape_and_masking_it_again_changes_nothing(line in line()) {
        let (masker, known) = masker();
        let (out, tally) = mask_whole(masker, Some(known), &line);
        let (again, second) = mask_whole(masker, Some(known), &out);
        prop_assert!(again == out, "{}\nonce:  {}\ntwice: {}", shown(&line), shown(&out), shown(&again));
        prop_assert_eq!(second.masked_lines, 0);
        prop_assert_eq!(tally.masked_lines > 0, out != line);
        prop_assert_eq!(tally.by_rule.is_empty(), tally.masked_lines == 0);
        if let Ok(before) = serde_json::from_slice::<Value>(&line) {
            let after: Option<Value> = serde_json::from_slice(&out).ok();
            let is_kept = after.is_some_and(|after| same_shape(&before, &after));
            prop_assert!(is_kept, "{}\nbecame {}", shown(&line), shown(&out));
        }
    }

    #[test]
    fn planted_secrets_are_gone(line in line()) {
        let (masker, known) = masker();
        let (out, _) = mask_whole(masker, Some(known), &line);
        let custom = memchr::memmem::find_iter(&out, b"CUSTOMER-")
            .any(|at| out[at + 9..].len() >= 6 && out[at + 9..at + 15].iter().all(u8::is_ascii_digit));
        prop_assert!(!custom);
        prop_assert!(!holds(&out, &known_value()));
        prop_assert!(!holds(&out, &known_value().replace('"', "\\\"")));
    }

    #[test]
    fn what_is_clean_stays_byte_for_byte(line in line()) {
        let (masker, known) = masker();
        let (out, tally) = mask_whole(masker, Some(known), &line);
        if tally.by_rule.is_empty() {
            prop_assert!(out == line);
        }
        let newlines = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'\n').count();
        prop_assert_eq!(newlines(&out), newlines(&line));
    }

    #[test]
    fn a_line_is_masked_alike_whatever_lines_stand_beside_it(lines in prop::collection::vec(line(), 2..6)) {
        let (masker, known) = masker();
        // A private key in plain text is the one thing that goes on over lines.
        prop_assume!(!lines.iter().any(|line| holds(line, "-----BEGIN") || holds(line, "PuTTY")));
        let together = mask_whole(masker, Some(known), &lines.join(&b'\n')).0;
        let alone: Vec<Vec<u8>> = lines.iter().map(|line| mask_whole(masker, Some(known), line).0).collect();
        let alone = alone.join(&b'\n');
        prop_assert_eq!(shown(&together), shown(&alone));
    }
}

#[test]
fn every_rule_masks_its_examples_at_every_depth_and_leaves_its_near_misses() {
    let masker = Masker::new(&Options::default()).unwrap();
    let mut failures = Vec::new();
    for rule in built_in() {
        for (number, recipe) in rule.hits.iter().enumerate() {
            for depth in 0..4 {
                let text = embed(&expand(recipe, number as u64), Surroundings::Alone, depth);
                let secret = &text.text[text.secret.clone()];
                let (out, _) = mask_whole(&masker, None, &text.text);
                let is_gone = memchr::memmem::find(&out, secret).is_none() && out != text.text;
                let is_settled = mask_whole(&masker, None, &out).0 == out;
                let is_json = depth == 0 || serde_json::from_slice::<Value>(&out).is_ok();
                if !(is_gone && is_settled && is_json) {
                    failures.push(format!(
                        "{} {recipe} at depth {depth}: gone {is_gone}, settled {is_settled}, JSON {is_json}: {}",
                        rule.id,
                        String::from_utf8_lossy(&out)
                    ));
                }
            }
        }
        for (number, recipe) in rule.misses.iter().enumerate() {
            for depth in 0..4 {
                let text = embed(&expand(recipe, number as u64), Surroundings::Alone, depth).text;
                // Another rule may well find something there.
                let tally = mask_whole(&masker, None, &text).1;
                if tally.by_rule.keys().any(|found| masker.rule_id(*found) == rule.id) {
                    failures.push(format!("{} {recipe} at depth {depth} was masked", rule.id));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn all_ids_are_unique_and_all_placeholders_are_safe() {
    let mut ids = std::collections::HashSet::new();
    let twice: Vec<&str> = built_in().map(|rule| rule.id).filter(|id| !ids.insert(*id)).collect();
    assert!(twice.is_empty(), "{twice:?}");
    for rule in built_in() {
        if let Placeholder::Fixed(text) = rule.placeholder {
            assert!(text.contains("***") && text.ends_with("MASKED***"), "{}", rule.id);
            assert!(text.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\'));
        }
        assert!(
            rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        );
    }
}
