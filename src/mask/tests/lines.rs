//! Generates transcript lines with secrets planted in them, and the masker that the property tests share.

use crate::mask::masker::Masker;
use crate::mask::masker::options::Options;
use crate::mask::masker::table::built_in;
use crate::mask::recipe::expand;
use crate::mask::values::{KnownValues, outside};
use proptest::prelude::*;
use std::ffi::OsString;
use std::sync::LazyLock;

/// The value that the tests' masker knows from outside.
pub(crate) fn known_value() -> String {
    ["vX9w\"", "Kq2/Lm7z"].concat()
}

/// Returns a masker with custom rules, and a value that it knows from outside.
pub(crate) fn masker() -> (&'static Masker, &'static KnownValues) {
    static BOTH: LazyLock<(Masker, KnownValues)> = LazyLock::new(|| {
        let options = Options {
            patterns: vec![
                (r"CUSTOMER-\d{6}".into(), "***MASKED***".into()),
                (r"(?P<user>\w+)@corp\.example".into(), r#"<\g<user>> "at" corp"#.into()),
            ],
            literals: vec!["project \"tulip\"".into()],
            ..Options::default()
        };
        let masker = Masker::new(&options).unwrap();
        let outside =
            outside::collect(None, None, [(OsString::from("A_TOKEN"), OsString::from(known_value()))]);
        let known = masker.known(outside).unwrap();
        (masker, known)
    });
    (&BOTH.0, &BOTH.1)
}

/// A text with a secret that a built-in rule finds, or a near-miss.
pub(crate) fn recipe() -> impl Strategy<Value = String> {
    let recipes: Vec<&'static str> =
        built_in().flat_map(|rule| rule.hits.iter().chain(rule.misses)).copied().collect();
    let before = prop::sample::select(vec!["", "", " ", "\n", "\t", "\"", "=", "\n-", "\u{1b}[32m"]);
    (before, prop::sample::select(recipes), any::<u64>()).prop_map(|(before, recipe, seed)| {
        format!("{before}{}", String::from_utf8_lossy(&expand(recipe, seed).text))
    })
}

/// A piece of text as a tool may print it, secrets included.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9 .,:=/_-]{0,30}",
        1 => "\\PC{0,8}",
        1 => "[\"\\\\\n\t\r]{1,4}",
        1 => (0u32..1_000_000).prop_map(|number| format!("CUSTOMER-{number:06}")),
        1 => "[a-z]{1,8}".prop_map(|user| format!("{user}@corp.example")),
        1 => Just("project \"tulip\"".to_owned()),
        1 => Just(known_value()),
        3 => recipe(),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// A line of JSON with the text at some depth, or not quite JSON.
pub(crate) fn line() -> impl Strategy<Value = Vec<u8>> {
    (text(), "[a-z_]{1,10}", 0usize..4, 0u8..12).prop_map(|(text, key, depth, fault)| {
        let mut value = serde_json::json!({ key: [text.clone(), 1, null], "content": text });
        for _ in 0..depth {
            value = serde_json::json!({ "type": "tool_result", "arguments": value.to_string(), "n": -0.5 });
        }
        let mut line = value.to_string().into_bytes();
        match fault {
            0 => line.truncate(line.len() / 2),
            1 => line.insert(line.len() / 2, 0),
            2 => line.insert(line.len() / 2, 0xff),
            3 => line = text.replace('\n', " ").into_bytes(),
            4 => line.extend_from_slice(b"\r"),
            5 => {
                let at = line.len() - 2;
                line.splice(at..at, *b",\"\\ud800\":\"\\udc00\"");
            }
            _ => {}
        }
        line
    })
}

/// A few lines, some of plain text that goes on over lines, with or without a last newline.
pub(crate) fn transcript() -> impl Strategy<Value = Vec<u8>> {
    let lines = prop_oneof![
        4 => line(),
        1 => text().prop_map(String::into_bytes),
        1 => recipe().prop_map(String::into_bytes),
    ];
    (prop::collection::vec(lines, 0..12), any::<bool>()).prop_map(|(lines, ends)| {
        let mut bytes = lines.join(&b'\n');
        if ends && !bytes.is_empty() {
            bytes.push(b'\n');
        }
        bytes
    })
}
