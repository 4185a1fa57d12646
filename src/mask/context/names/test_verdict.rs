//! Tells by where a word stands that it is what a test's verdict is about (`PASS: logs_in2`), and no password behind its
//! name.

use crate::mask::context::found::Join;
use crate::mask::context::keys::key_name::Key;
use crate::mask::context::names::line::{LONG, MOST_BEFORE, is_test, line_before};
use crate::mask::context::values::value::Value;
use crate::mask::name_shape;
use crate::mask::text::escape::is_left_boundary;

/// `PASS: LoginWorks2`, `--- PASS: TestLogin2 (0.01s)`, `✓ pass: logs_in2`: what a test's verdict is about. Alone on its
/// line, `PASS: hunter2` may be a password, and `Pass: ` still more so: there only what is surely a name is one.
pub(crate) fn is_verdict(bytes: &[u8], key: &Key, join: Join, value: &Value) -> bool {
    let text = value.text();
    let name_bytes = bytes[key.start..key.end].iter().rev().take_while(|byte| is_word_byte(**byte)).count();
    let name_at = key.end - name_bytes;
    let name = &bytes[name_at..key.end];
    let is_verdict = join.is_colon() && matches!(name, b"PASS" | b"Pass" | b"pass");
    if !is_verdict || is_among_credentials(bytes, name_at) {
        return false;
    }
    let before = line_before(bytes, name_at);
    let after = &bytes[value.end..];
    if name == b"PASS" && before.ends_with(b"--- ") {
        // Go's tests are called so; after a slash anything may stand.
        if [&b"Test"[..], b"Benchmark", b"Example", b"Fuzz"].iter().any(|begin| text.starts_with(begin)) {
            return true;
        }
        // `TestLogin/pass=correct,id=2`.
        let mut words = text.split(|byte| b"/=+,@%#".contains(byte)).filter(|word| !word.is_empty());
        return name_shape::is_path_name(text)
            || words.all(|word| word[0].is_ascii_digit() || name_shape::is_reported_word(word, LONG));
    }
    if is_reported(before) || name != b"pass" && (has_run_time(after) || ends_with_colour(before)) {
        return name_shape::is_reported_word(text, LONGEST) || name_shape::is_test_file(text);
    }
    let is_named = name_shape::is_long_name(text)
        || name_shape::is_path_name(text)
        || name == b"PASS"
            && (name_shape::is_compound(text) || is_test(text) || name_shape::is_test_file(text))
        || name_shape::is_reported_word(text, LONG) && is_among_verdicts(bytes, name_at, value.end);
    name != b"pass" && is_named && begins_report(before)
}

/// In what surely is a report, only tokens are longer than names.
const LONGEST: usize = 24;

/// Whether the line is a reporter's: `✓ `, `ok 3 - `.
fn is_reported(before: &[u8]) -> bool {
    let line = in_string(before);
    let signs = ["✓", "✕", "✔", "✗", "×", "√", "\\u2713", "\\u2715", "\\u2714", "\\u2717"];
    let rest = line.strip_prefix(b"not ").unwrap_or(line).strip_prefix(b"ok ");
    signs.iter().any(|sign| line.ends_with(sign.as_bytes()))
        || rest.and_then(<[u8]>::first).is_some_and(u8::is_ascii_digit)
}

/// Whether a time follows that a test ran for (` (0.01s)`, ` (12 ms)`), or what it was for.
fn has_run_time(after: &[u8]) -> bool {
    let Some(rest) = after.strip_prefix(b" (") else { return false };
    let digits = rest.iter().take(12).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let unit = rest[digits..].trim_ascii_start();
    let units: [&[u8]; 6] = [b"s)", b"ms)", b"m)", b"sec", b"ns)", "µs)".as_bytes()];
    rest.starts_with(b"test for ") || digits > 0 && units.iter().any(|one| unit.starts_with(one))
}

/// Returns what of a line is in the string that goes on behind it.
fn in_string(before: &[u8]) -> &[u8] {
    before.rsplit(|byte| *byte == b'"').next().unwrap_or(before).trim_ascii()
}

/// Whether nothing but blanks, a colour, a counter in brackets or a time stands before a verdict in its line.
fn begins_report(before: &[u8]) -> bool {
    let line = in_string(before);
    line.is_empty()
        || ends_with_colour(line)
        || line.ends_with(b"]")
        || line.ends_with(b"\\t")
        || is_time(line)
}

/// Whether a terminal colour ends a text, as runners write it before a verdict and nobody before a password.
fn ends_with_colour(text: &[u8]) -> bool {
    let Some(text) = text.strip_suffix(b"m") else { return false };
    let parameters = text.iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    text[..text.len() - parameters].ends_with(b"[")
}

/// `2026-01-02T10:00:00Z INFO`: a time, and perhaps a level behind it.
fn is_time(line: &[u8]) -> bool {
    line.iter().take(4).all(u8::is_ascii_digit)
        && line.len() >= 8
        && line.iter().filter(|b| **b == b':').count() >= 2
}

/// Verdicts as test runners and makefiles print them at the start of a line.
const VERDICTS: [&[u8]; 10] =
    [b"PASS", b"FAIL", b"XFAIL", b"XPASS", b"SKIP", b"ERROR", b"Pass", b"Fail", b"Skip", b"ok "];

/// Whether the line before or after is a verdict as well, with a name behind it: then this one is no credential.
fn is_among_verdicts(bytes: &[u8], name_at: usize, value_end: usize) -> bool {
    const LINE: usize = 256;
    let own = line_before(bytes, name_at);
    let own_start = name_at - own.len();
    let before = &bytes[own_start.saturating_sub(LINE)..own_start];
    let after = &bytes[value_end..bytes.len().min(value_end + LINE)];
    // A line that has a quote in it begins within a string, whose first it is: other strings are none of its report.
    let last = if own.contains(&b'"') { None } else { last_line(before) };
    last.is_some_and(is_verdict_of_name) || next_line(after).is_some_and(is_verdict_of_name)
}

/// Whether the line says of something that has a name how its test went.
fn is_verdict_of_name(line: &[u8]) -> bool {
    let named = VERDICTS.iter().find_map(|verdict| {
        let at = memchr::memmem::find(line, verdict).filter(|at| *at <= 48)?;
        let rest = &line[at + verdict.len()..];
        if verdict.ends_with(b" ") { Some(rest).filter(|_| at == 0) } else { rest.strip_prefix(b": ") }
    });
    let Some(named) = named else { return false };
    let end = named.iter().position(|byte| byte.is_ascii_whitespace() || b"\"\\\x1b".contains(byte));
    let name = &named[..end.unwrap_or(named.len())];
    let has_digit = name.iter().any(u8::is_ascii_digit);
    !name.is_empty()
        && (!has_digit
            || name_shape::is_name(name)
            || name_shape::is_path_name(name)
            || name_shape::is_test_file(name))
}

/// Returns the last line of a text that ends with a line end, raw or escaped.
fn last_line(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_suffix(b"\n").or_else(|| text.strip_suffix(b"\\n"))?;
    let line = line_before(text, text.len());
    // What is left of it in its own string.
    line.rsplit(|byte| *byte == b'"').next()
}

/// Returns the line after the first line end, unless the string ends before it.
fn next_line(text: &[u8]) -> Option<&[u8]> {
    let end = text.iter().position(|byte| b"\n\"".contains(byte)).unwrap_or(text.len());
    let start = match memchr::memmem::find(&text[..end], b"\\n") {
        Some(escape) => escape + 2,
        None if text.get(end) == Some(&b'\n') => end + 1,
        None => return None,
    };
    let line = &text[start..];
    let end = line.iter().position(|byte| b"\n\"".contains(byte)).unwrap_or(line.len());
    let end = memchr::memmem::find(&line[..end], b"\\n").unwrap_or(end);
    Some(&line[..end])
}

/// Whether a user or a host is named just before, as where a login is written down.
fn is_among_credentials(bytes: &[u8], name_at: usize) -> bool {
    const NAMES: [&[u8]; 7] = [b"user", b"username", b"login", b"email", b"host", b"account", b"server"];
    let near = bytes[name_at.saturating_sub(MOST_BEFORE)..name_at].to_ascii_lowercase();
    NAMES.iter().any(|name| {
        memchr::memmem::find_iter(&near, name).any(|at| {
            let rest = &near[at + name.len()..];
            let quotes = rest.iter().take(8).take_while(|byte| b"\\\" ".contains(byte)).count();
            matches!(rest.get(quotes), Some(b':' | b'='))
        })
    })
}

/// Whether `PASS: `, `Pass: ` or `pass: ` as a word of its own stands right before a value: reports of tests write it
/// before names of all kinds, so that it teaches nothing.
pub(crate) fn is_after_verdict(bytes: &[u8], value_start: usize) -> bool {
    let before = &bytes[value_start.saturating_sub(16)..value_start];
    let before = before.trim_ascii_end();
    let Some(before) = before.strip_suffix(b":") else { return false };
    ["PASS", "Pass", "pass"].iter().any(|word| before.ends_with(word.as_bytes())) && {
        let at = value_start - value_start.min(16) + before.len() - 4;
        is_left_boundary(bytes, at) && !matches!(at.checked_sub(1).map(|last| bytes[last]), Some(b'.'))
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::context::names::in_code::tests::is_masked;

    #[test]
    fn the_word_after_a_verdict_is_a_test() {
        for text in [
            "PASS: logs_in\nPASS: X86Cr4La57Bit\n",
            "PASS: X86Cr4La57Bit\nXFAIL: tests/t1.sh\n",
            "\\u001b[32mPASS: D3d12CsThreadGroupMaxZ\\u001b[0m",
            "--- PASS: TestRestart2/WHvX64RegisterMsrMtrrPhysBase9 (0.01s)\n",
            "\\u001b[31mFAIL: a.t\\u001b[0m\\n\\u001b[32mPASS: Memrchr3Raw\\u001b[0m",
            "[833] PASS: opens\n[834] PASS: Test1435x\n",
            "{\"stdout\":\"PASS: hunter2x\\nFAIL: b\"}",
            "PASS: LoginWorks2\n",
            "PASS: g++.dg/cpp0x/lambda-ice14.C  -std=c++17 (test for excess errors)\n",
            "PASS: 01-sha256sum.t\n",
            "ok 5 - PASS: xor_int16_0\n",
            "  \u{2715} pass: combine2x\n",
            "--- PASS: TestD0_f2i64p (7.10s)\n",
        ] {
            assert!(!is_masked(text), "{text}");
        }
    }

    #[test]
    fn what_follows_a_verdict_teaches_nothing() {
        for (text, is_verdict) in [
            ("Pass: x", true),
            ("\\nPASS: x", true),
            ("--- PASS: x", true),
            ("DB_PASS: x", false),
            ("bypass: x", false),
            ("PASS=x", false),
        ] {
            assert_eq!(is_after_verdict(text.as_bytes(), text.len() - 1), is_verdict, "{text}");
        }
    }
}
