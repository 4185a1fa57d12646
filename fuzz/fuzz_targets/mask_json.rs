//! A valid JSON line stays valid JSON with the same keys, types and shape.

#![no_main]

mod secrets;

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use sessionkeep::testing::mask::mask_whole;
use sessionkeep::testing::mask::{Masker, Options};
use std::sync::LazyLock;

static MASKER: LazyLock<Masker> =
    LazyLock::new(|| Masker::new(&Options::default()).expect("the built-in rules compile"));

const KEYS: [&str; 8] = ["text", "content", "password", "token", "api_key", "a", "Authorization", "x\ny"];

/// Takes a JSON value out of bytes: any bytes make one.
fn value(data: &mut &[u8], depth: usize) -> Value {
    let Some((&kind, rest)) = data.split_first() else { return Value::Null };
    *data = rest;
    let count = usize::from(kind >> 4);
    match kind % 8 {
        0 if depth < 6 => Value::Array((0..count).map(|_| value(data, depth + 1)).collect()),
        1 | 2 if depth < 6 => {
            let member =
                |index: usize| (KEYS[(index + count) % KEYS.len()].to_owned(), value(data, depth + 1));
            Value::Object((0..count.min(KEYS.len())).map(member).collect::<Map<_, _>>())
        }
        3 => Value::from(u64::from(kind) * 0x1234_5678_9abc),
        4 => Value::Bool(kind > 127),
        // JSON in a string, as tools' outputs have it.
        5 if depth < 4 => Value::String(value(data, depth + 2).to_string()),
        _ => {
            let (text, rest) = data.split_at(data.len().min(count * 8));
            *data = rest;
            Value::String(String::from_utf8_lossy(&secrets::expand(text)).into_owned())
        }
    }
}

fn assert_same_shape(one: &Value, other: &Value) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            assert!(one.keys().eq(other.keys()), "other keys");
            one.values().zip(other.values()).for_each(|(one, other)| assert_same_shape(one, other));
        }
        (Value::Array(one), Value::Array(other)) => {
            assert_eq!(one.len(), other.len(), "another number of values");
            one.iter().zip(other).for_each(|(one, other)| assert_same_shape(one, other));
        }
        (Value::String(_), Value::String(_)) => {}
        (one, other) => assert_eq!(one, other, "another type or number"),
    }
}

fuzz_target!(|data: &[u8]| {
    let mut data = data;
    let mut lines = Vec::new();
    while !data.is_empty() && lines.len() < 20 {
        lines.push(value(&mut data, 0));
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let (masked, _) = mask_whole(&MASKER, None, text.as_bytes());
    let masked = std::str::from_utf8(&masked).expect("UTF-8 stays UTF-8");
    assert_eq!(masked.lines().count(), lines.len(), "lines");
    for (before, after) in lines.iter().zip(masked.lines()) {
        let after: Value = serde_json::from_str(after).expect("JSON stays JSON");
        assert_same_shape(before, &after);
    }
});
