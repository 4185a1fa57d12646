//! Where keys begin and end.

use super::*;
use crate::mask::recipe::expand;

fn found(text: &str) -> Option<(usize, usize)> {
    let made = expand(text, 7).text;
    let at = made.windows(11).position(|w| w == b"PRIVATE KEY")?;
    let mut found = Vec::new();
    private_key(&made, at, &mut |range| found.push((range.start, made.len() - range.end)));
    assert!(found.len() < 2, "{found:?}");
    found.pop()
}

#[test]
fn a_key_is_taken_from_begin_to_end() {
    assert_eq!(
        found("x -----BEGIN PRIVATE KEY-----\n{base64:64}\n{alnum:9}==\n-----END PRIVATE KEY-----\n"),
        Some((2, 1))
    );
    assert_eq!(
        found("-----BEGIN PRIVATE KEY-----\\n{base64:64}\\n-----END PRIVATE KEY-----\\n"),
        Some((0, 2))
    );
}

#[test]
fn a_key_that_is_cut_off_is_taken_to_its_last_line() {
    assert_eq!(found("-----BEGIN PRIVATE KEY-----\\n{base64:64}\\n{alnum:9}\",\"b\":\"x\""), Some((0, 9)));
    assert_eq!(found("-----BEGIN PRIVATE KEY-----\n{base64:64}\nand so on"), Some((0, 10)));
    assert_eq!(found("-----BEGIN PRIVATE KEY-----\n{base64:64}\n-----EN\""), Some((0, 1)));
}

#[test]
fn a_key_stays_in_its_string() {
    assert_eq!(
        found("{\"a\":\"-----BEGIN PRIVATE KEY-----\",\"b\":\"{base64:64}\\n-----END PRIVATE KEY-----\"}"),
        None
    );
    assert_eq!(found("found -----BEGIN PRIVATE KEY----- in a.txt"), None);
    assert_eq!(found("grep -rn \\\"BEGIN OPENSSH PRIVATE KEY\\\" ."), None);
}

#[test]
fn a_lone_letter_before_the_end_of_a_key_is_no_escape() {
    for text in [&b"n-----END PRIVATE KEY-----"[..], b"r-----END PRIVATE KEY-----"] {
        private_key(text, 10, &mut |range| panic!("{range:?}"));
    }
}
