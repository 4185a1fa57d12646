//! What masking promises for any line: JSON stays JSON of the same shape, masked text stays as it is, and what is
//! not masked is not touched.

use super::lines::{known_value, line, masker};
use crate::mask::reference::mask_whole;
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_masked_line_keeps_its_shape_and_masking_it_again_changes_nothing(line in line()) {
        let (masker, known) = masker();
        let (out, tally) = mask_whole(masker, Some(known), &line);
        let (again, second) = mask_whole(masker, Some(known), &out);
        prop_assert!(again == out);
        prop_assert_eq!(second.masked_lines, 0);
        prop_assert_eq!(tally.masked_lines > 0, out != line);
        prop_assert_eq!(tally.by_rule.is_empty(), tally.masked_lines == 0);
        if let Ok(before) = serde_json::from_slice::<Value>(&line) {
            let after: Value = serde_json::from_slice(&out).expect("a JSON line stays JSON");
            prop_assert!(same_shape(&before, &after));
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
}
