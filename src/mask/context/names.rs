//! Tells by where a value stands that it is a name and no secret: the type in a declaration, an expression in code,
//! the test that a verdict is about. Owns the places; what a name looks like is in `name_shape`.

use super::key_name::{Family, Key};
use super::value::Value;
use crate::mask::escape::is_left_boundary;
use crate::mask::name_shape;

/// How key and value are joined.
#[derive(Clone, Copy)]
pub struct Place {
    pub is_colon: bool,
    /// `=`, and no comparison.
    pub is_assigned: bool,
    /// A blank before the operator.
    pub is_spaced: bool,
}

/// So far before a key its line is looked at.
const MOST_BEFORE: usize = 96;

/// Words that declarations begin with. Behind one of them a value without quotes can only be a name: languages have no
/// literals that look like one.
const DECLARING: [&[u8]; 11] =
    [b"fn", b"def", b"fun", b"func", b"pub", b"val", b"var", b"let", b"mut", b"const", b"struct"];

/// The same, but words of prose as well (`the final password: `): believed where code goes on behind the value.
const DECLARING_OR_PROSE: [&[u8]; 7] =
    [b"static", b"final", b"private", b"public", b"protected", b"internal", b"readonly"];

/// Words that may stand between the word that declares something and its name.
const MODIFIERS: [&[u8]; 9] =
    [b"mut", b"static", b"final", b"readonly", b"async", b"lateinit", b"override", b"ref", b""];

/// What types are joined with: `password: Argon2Hash | null`.
const OTHER_TYPES: [&[u8]; 5] = [b" | null", b" | undefined", b" | None", b" | string", b" | str"];

/// `password: Argon2Hash,`, `hasher = Argon2PasswordHasher`, `f(token=next_token_2)`: a value without quotes that code
/// refers to by its name.
pub fn is_name_in_code(bytes: &[u8], key: &Key, place: Place, value: &Value) -> bool {
    let text = value.text();
    if let Some(name) = text.strip_prefix(b"$") {
        return is_variable(name);
    }
    if is_in_test_name(line_before(bytes, key.start)) {
        return name_shape::is_reported_word(text, LONG);
    }
    let is_declared = place.is_colon || place.is_spaced;
    let name = text.strip_prefix(b"&").or_else(|| text.strip_prefix(b"*")).unwrap_or(text);
    if key.is_all_caps || !name_shape::is_identifier(name) {
        return is_declared && !key.is_all_caps && goes_on(bytes, value) && name_shape::is_long_name(text);
    }
    if is_declared {
        return match key.family {
            Family::Password => is_password_name(bytes, key, place, value),
            _ => is_token_name(bytes, key, place, value),
        };
    }
    let is_password = key.family == Family::Password;
    let after = &bytes[value.end..];
    // An argument by name. Programs print objects like this, with the values in them: the shape has to say it.
    place.is_assigned
        && matches!(after, [b',' | b')', ..])
        && is_in_call(bytes, key.start)
        && (name_shape::is_joined_name(text)
            || name_shape::is_long_camel_name(text)
            || name_shape::is_telling_variable(text)
            || !is_password && name_shape::is_identifier(text) && name_shape::could_be_name(text))
}

/// Whether a bare value behind the name of a password is a name all the same. Passwords are made of words, too, so that
/// it takes a type, a path, or code around it.
fn is_password_name(bytes: &[u8], key: &Key, place: Place, value: &Value) -> bool {
    let (text, after) = (value.text(), &bytes[value.end..]);
    let goes_on = goes_on(bytes, value);
    let is_member = bytes[..key.start].ends_with(b".") && place.is_assigned;
    // In prose, a comma may follow.
    let ends_statement = goes_on && !after.starts_with(b",");
    name_shape::is_type_name(text)
        || OTHER_TYPES.iter().any(|other| after.starts_with(other))
        || after.starts_with(b" `json:")
        || after.starts_with(b") ->")
        || is_declaration(bytes, key.start, ends_statement)
        || name_shape::is_joined_name(text) && (goes_on || text.iter().any(|byte| b".:".contains(byte)))
        || is_test(text)
        || goes_on && (name_shape::is_long_name(text) || name_shape::is_telling_variable(text))
        || (goes_on || is_member) && name_shape::is_long_camel_name(text)
}

/// The same behind the name of a token or key, which services draw by lot: whatever reads like a name is one.
fn is_token_name(bytes: &[u8], key: &Key, place: Place, value: &Value) -> bool {
    let (text, after) = (value.text(), &bytes[value.end..]);
    let goes_on = goes_on(bytes, value);
    let is_member = place.is_colon && after.starts_with(b";") && text[0].is_ascii_uppercase();
    name_shape::is_type_name(text)
        || is_member
        || after.starts_with(b" | ")
        || after.starts_with(b" `json:")
        || after.starts_with(b") ->")
        || is_declaration(bytes, key.start, goes_on)
        || goes_on
            && (name_shape::is_long_name(text)
                || is_variable_name(text)
                || name_shape::is_telling_variable(text))
        || matches!(after, [b';' | b')', ..]) && name_shape::is_numbered_word(text)
        || name_shape::is_joined_name(text)
        || is_test(text)
        || name_shape::is_long_camel_name(text)
}

/// `"auth.login.step2.label"`, `"v1Token"`: names that stand in quotes, too.
pub fn is_quoted_name(key: &Key, text: &[u8]) -> bool {
    let is_path = text.iter().filter(|byte| **byte == b'.').count() >= 1 && !text.contains(&b'@');
    let is_plain = matches!(key.family, Family::Token | Family::Key | Family::Other);
    is_path && name_shape::is_joined_name(text)
        || is_plain && text.len() <= 12 && text.ends_with(b"Token") && name_shape::is_name(text)
        || key.family != Family::Password && name_shape::is_type_name(text)
        || is_validation(text)
}

/// `required|string|min:8`: what a form's field must be, as web frameworks write it.
fn is_validation(text: &[u8]) -> bool {
    const CHECKS: [&[u8]; 12] = [
        b"required",
        b"nullable",
        b"sometimes",
        b"string",
        b"min",
        b"max",
        b"confirmed",
        b"filled",
        b"present",
        b"bail",
        b"between",
        b"regex",
    ];
    let names = || {
        text.split(|byte| *byte == b'|')
            .map(|check| check.split(|byte| *byte == b':').next().unwrap_or(check))
    };
    let is_name = |name: &[u8]| name.len() >= 2 && name.iter().all(|b| b.is_ascii_lowercase() || *b == b'_');
    names().count() >= 2 && names().all(is_name) && names().any(|name| CHECKS.contains(&name))
}

/// `$OpAMD64Store`, `$password1`: what a shell or a template puts something else in place of.
fn is_variable(name: &[u8]) -> bool {
    name.len() >= 4
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && name_shape::is_identifier(name)
        && (name.contains(&b'_') || name_shape::could_be_name(name))
}

/// `TestIssue17697`, `BenchmarkAdd64multiple`.
fn is_test(text: &[u8]) -> bool {
    let name = text.strip_prefix(b"Test").or_else(|| text.strip_prefix(b"Benchmark"));
    name.is_some_and(|name| {
        name.first().is_some_and(u8::is_ascii_uppercase) && name_shape::could_be_name(name)
    })
}

/// Whether code follows in which a literal would be in quotes.
fn goes_on(bytes: &[u8], value: &Value) -> bool {
    let after = &bytes[value.end..];
    matches!(after, [b';' | b',' | b')' | b'?', ..]) || after.starts_with(b" |") || after.starts_with(b" {")
}

/// `nextToken2`, `retry_key_3`: two words, the first one small, as languages name variables.
fn is_variable_name(text: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text[0].is_ascii_lowercase()
        && text.iter().all(is_word)
        && name_shape::is_compound(text)
        && name_shape::is_identifier(text)
}

/// What of the key's line stands before it, back to [`MOST_BEFORE`] bytes. Line ends are also those written as escapes.
fn line_before(bytes: &[u8], key_start: usize) -> &[u8] {
    let before = &bytes[key_start.saturating_sub(MOST_BEFORE)..key_start];
    let newline = before.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
    let escaped = before.windows(2).rposition(|two| two == b"\\n").map(|at| at + 2);
    &before[newline.max(escaped).unwrap_or(0)..]
}

/// Whether the key is declared: by a word right before it or before the bracket that it stands in, and by what follows
/// the value where the word alone does not tell.
fn is_declaration(bytes: &[u8], key_start: usize, goes_on: bool) -> bool {
    let before = line_before(bytes, key_start);
    let mut words = before.split(|byte| *byte == b' ').rev();
    // What the key's own word begins with: `test` of `testPassword`.
    words.next();
    let is_in_brackets = before.contains(&b'(');
    for word in words {
        let word =
            &word[word.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1)..];
        if DECLARING.contains(&word) || goes_on && DECLARING_OR_PROSE.contains(&word) {
            return true;
        }
        // `let me know the password: ` declares nothing.
        if !is_in_brackets && !MODIFIERS.contains(&word) {
            return false;
        }
    }
    false
}

/// Whether a call's bracket is open before the key.
fn is_in_call(bytes: &[u8], key_start: usize) -> bool {
    let before = line_before(bytes, key_start);
    let mut open = 0i32;
    let at = before.iter().rposition(|byte| {
        open += i32::from(*byte == b'(') - i32::from(*byte == b')');
        open > 0
    });
    at.and_then(|at| at.checked_sub(1))
        .is_some_and(|at| before[at].is_ascii_alphanumeric() || before[at] == b'_')
}

/// `PASS: LoginWorks2`, `--- PASS: TestLogin2 (0.01s)`, `✓ pass: logs_in2`: what a test's verdict is about. Alone on its
/// line, `PASS: hunter2` may be a password, and `Pass: ` still more so: there only what is surely a name is one.
pub fn is_verdict(bytes: &[u8], key: &Key, place: Place, value: &Value) -> bool {
    let text = value.text();
    let name_bytes = bytes[key.start..key.end].iter().rev().take_while(|byte| is_word_byte(**byte)).count();
    let name_at = key.end - name_bytes;
    let name = &bytes[name_at..key.end];
    if !place.is_colon || !matches!(name, b"PASS" | b"Pass" | b"pass") {
        return false;
    }
    if is_among_credentials(bytes, name_at) {
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
        || is_among_verdicts(bytes, name_at, value.end) && name_shape::is_reported_word(text, LONG);
    name != b"pass" && is_named && begins_report(before)
}

/// In what is likely a report, what is drawn by lot is told from a name if it has so many bytes; in what surely is one,
/// only tokens are longer than names.
const LONG: usize = 16;
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

/// Whether the line names a test of Go's before the key: `--- PASS: TestLogin/pass=correct2`.
fn is_in_test_name(before: &[u8]) -> bool {
    let marks: [&[u8]; 6] =
        [b"--- PASS: ", b"--- FAIL: ", b"--- SKIP: ", b"=== RUN ", b"=== CONT ", b"=== PAUSE "];
    marks.iter().any(|mark| memchr::memmem::find(before, mark).is_some())
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
pub fn is_after_verdict(bytes: &[u8], value_start: usize) -> bool {
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
    use crate::mask::Window;
    use crate::mask::context::ContextScanner;

    fn is_masked(text: &str) -> bool {
        let mut out = Vec::new();
        ContextScanner::new(&|_| false).scan(&Window::of_whole(text.as_bytes(), 0..text.len()), &mut out);
        !out.is_empty()
    }

    #[test]
    fn a_bare_value_in_a_declaration_is_a_name() {
        for text in [
            "var passwd: OpAMD64SETNE by lazy { x() }",
            "def f(self, passwd: Vissue22958) -> None:",
            "    pub api_key: Option<Secret256>,",
            "fn open(private_key: &Nl80211KeyData) -> Self",
            "let token = memhash64Fallback;",
            "config.PrivateKey = testEd25519PrivateKey",
            "oauth1_client_cls = StarletteOAuth1App",
            "client_secret: 'auth.login.step2.label'",
            "Password OutputService11TestCaseOperation1 `json:\"x\"`",
            "apiKey=$IF_PORT_10BASET",
            "connect(a, secretKey=opGetAccountAlias2, b=1)",
            "this.password = user2Password;",
            "sign(data, apiKey=hmacSha256Key)",
            "'password' => 'required|string|min:8|max:64',",
            "--- PASS: TestLogin/pass=correctHorse2 (0.01s)",
        ] {
            assert!(!is_masked(text), "{text}");
        }
    }

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
    fn passwords_stay_masked_where_names_would_not_be() {
        let word = ["Tr0ub", "4dor", "zK9"].concat();
        let token = ["gX7q", "Lw93b", "Zr2Kd", "8Vt5N"].concat();
        for text in [
            format!("USER: bob\nPASS: {word}\n"),
            format!("Pass: {word}\n"),
            format!("PASS: {}\n", ["hunt", "er2x"].concat()),
            format!("{{\"t\":\"PASS: {}\"}}\n{{\"t\":\"PASS: login\"}}\n", ["hunt", "er2x"].concat()),
            format!("the final password: {}\n", ["Sunshine7", "Rainbow"].concat()),
            format!("let me know the password: {}\n", ["Sunset0", "Pepper"].concat()),
            format!("the final password: {}, ok\n", ["Rocket3", "Castle"].concat()),
            format!("Pass: {word} (rotate soon)\n"),
            format!("bob - pass: {word}\n"),
            format!("ok the wifi pass: {word}\n"),
            format!("alice\nPass: {word}\nbob\nPass: {word}x1\n"),
            format!("PASS: {word}\nPASS: {word}x1\n"),
            format!("X-Auth-Token: acme_{token}\n"),
            format!("f(x=1, token=ACME_{})\n", token.to_uppercase()),
            format!("password: {} | next\n", ["Blue", "Sky42"].concat()),
            format!("DB_PASS={word}\n"),
            format!("User(id=1, password={word}, a=1)"),
            format!("password: {word}&3\n"),
            format!("let token = {token};"),
            format!("PASS: {token}\n"),
            format!("api_key = {token}\n"),
            format!("password: \"{token}\"\n"),
        ] {
            assert!(is_masked(&text), "{text}");
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
