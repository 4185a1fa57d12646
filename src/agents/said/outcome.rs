//! Reads how a command ended where an agent says so in the text of the result alone.

use crate::agents::record::Value;

/// Bytes at the beginning and at the end of a result in which its agent may say how it ended. What lies between is what the
/// command said.
const NEAR: usize = 400;

/// Finds the exit code in a result: the number behind one of `before`, which are texts as they are written in JSON.
pub(crate) fn exit_code(output: Value<'_>, before: &[&[u8]]) -> Option<i64> {
    let raw = output.raw();
    let (head, tail) = (&raw[..raw.len().min(NEAR)], &raw[raw.len().saturating_sub(NEAR)..]);
    before.iter().find_map(|before| code_in(head, before).or_else(|| code_in(tail, before)))
}

/// Finds the exit code in a result that begins with this text.
pub(crate) fn exit_code_at_start(output: Value<'_>, before: &[u8]) -> Option<i64> {
    let raw = output.raw();
    let raw = raw.strip_prefix(b"\"").unwrap_or(raw);
    raw.starts_with(before).then(|| code_in(raw, before)).flatten()
}

fn code_in(text: &[u8], before: &[u8]) -> Option<i64> {
    let at = memchr::memmem::find(text, before)? + before.len();
    // JSON may have a blank behind its colon.
    let at = at + text[at..].iter().take_while(|byte| **byte == b' ').count();
    let length = text[at..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'-').count();
    std::str::from_utf8(&text[at..at + length]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_code_is_found_near_the_beginning_and_the_end_only() {
        let code = |text: &str| exit_code(Value::of(text.as_bytes()), &[b"code: "]);
        assert_eq!(exit_code(Value::of(br#""{\"exit_code\": 7}""#), &[br#"\"exit_code\":"#]), Some(7));
        let long = "x".repeat(1000);
        assert_eq!(code(r#""code: -1\nrest""#), Some(-1));
        assert_eq!(code(&format!("\"{long}code: 3\"")), Some(3));
        assert_eq!(code(&format!("\"{long}code: 3{long}\"")), None);
        assert_eq!(code("\"code: none\""), None);
        assert_eq!(exit_code_at_start(Value::of(b"\"Exit code 2\\nx\""), b"Exit code "), Some(2));
        assert_eq!(exit_code_at_start(Value::of(b"\"An Exit code 2\""), b"Exit code "), None);
    }
}
