//! Custom rules end to end: what is masked, that JSON stays JSON, and that masking twice changes nothing.

use crate::mask::masker::Masker;
use crate::mask::masker::options::Options;
use crate::mask::output::mask_whole;

fn masked_with(patterns: &[(&str, &str)], literals: &[&str], text: &str) -> String {
    let options = Options {
        patterns: patterns.iter().map(|(pattern, text)| (pattern.to_string(), text.to_string())).collect(),
        literals: literals.iter().map(|literal| literal.to_string()).collect(),
        ..Options::default()
    };
    let masker = Masker::new(&options).unwrap();
    let (once, tally) = mask_whole(&masker, None, text.as_bytes());
    let (twice, second) = mask_whole(&masker, None, &once);
    assert_eq!(String::from_utf8_lossy(&once), String::from_utf8_lossy(&twice));
    assert_eq!(second.masked_lines, 0, "a second run found something in {}", String::from_utf8_lossy(&once));
    assert_eq!(tally.masked_lines == 0, once == text.as_bytes());
    String::from_utf8(once).unwrap()
}

#[test]
fn matches_are_replaced_by_their_templates() {
    let patterns = [(r"ACME-([0-9]{2})[0-9]{4}", r"ACME-\1***MASKED***")];
    assert_eq!(
        masked_with(&patterns, &["host.corp"], "a ACME-123456 b\nhost.corp, ACME-1\n"),
        "a ACME-12***MASKED*** b\n***MASKED***, ACME-1\n"
    );
}

#[test]
fn a_pattern_that_matches_its_own_replacement_settles() {
    assert_eq!(masked_with(&[("ACME-.*", "ACME-***MASKED***")], &[], "x ACME-1 2"), "x ACME-***MASKED***");
    assert_eq!(masked_with(&[(r"\w+", "***MASKED***")], &[], "one two"), "***MASKED*** ***MASKED***");
    assert_eq!(masked_with(&[(r"\d", "<1>")], &[], "a2"), "a<1>");
    masked_with(&[(r"user=(\w+)", r"user=x\1")], &[], "user=bob");
    assert_eq!(masked_with(&[("abc", "")], &[], "aabcbc x"), "***MASKED*** x");
}

#[test]
fn json_stays_json_of_the_same_shape() {
    let line = r#"{"id":"ACME-1","k":4111111111111111,"t":"say \"ACME-2\"\n","ok":true}"#;
    let shape = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let object = value.as_object().unwrap();
        assert_eq!(object.keys().collect::<Vec<_>>(), ["id", "k", "t", "ok"], "{text}");
        assert!(object["k"].is_number() && object["ok"].is_boolean() && object["t"].is_string());
    };
    for (pattern, template) in [
        ("ACME-.*", "***MASKED***"),
        ("ACME-", r#"a "quote" \\ and a tab\t"#),
        (r#""ACME-1","k":\d+"#, "gone"),
        (r"\d{16}", "***MASKED***"),
        (r"n", "***"),
        (r".+", "x"),
        (r#"""#, "'"),
        (r"(true|\d+)", r#"{"a":"\1"}"#),
        (r#"\\""#, "quote"),
        (r"\{", "["),
    ] {
        shape(&masked_with(&[(pattern, template)], &[], line));
    }
}

#[test]
fn a_literal_is_found_however_it_is_escaped() {
    let literal = "a/b \"é\"";
    let once = serde_json::to_string(literal).unwrap();
    let twice = serde_json::to_string(&once).unwrap();
    let text = format!("{literal}\n{{\"x\":{once},\"y\":{twice}}}\n{{\"x\":\"a\\/b \\\"\\u00e9\\\"\"}}\n");
    let masked = masked_with(&[], &[literal, "\\u00e9\\\""], &text);
    assert!(!masked.contains('é') && !masked.contains("u00e9"), "{masked}");
}

#[test]
fn newlines_stay_whatever_a_pattern_says() {
    assert_eq!(masked_with(&[(r"[^x]+", "y")], &[], "ab\r\ncd\n\nx"), "y\ny\n\nx");
}
