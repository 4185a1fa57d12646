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
const DECLARING: [&[u8]; 19] = [
    b"fn ",
    b"def ",
    b"fun ",
    b"func ",
    b"pub ",
    b"val ",
    b"var ",
    b"let ",
    b"mut ",
    b"const ",
    b"static ",
    b"final ",
    b"private ",
    b"public ",
    b"protected ",
    b"internal ",
    b"readonly ",
    b"struct ",
    b"self, ",
];

/// `password: Argon2Hash,`, `hasher = Argon2PasswordHasher`, `f(token=next_token_2)`: a value without quotes that code
/// refers to by its name.
pub fn is_name_in_code(bytes: &[u8], key: &Key, place: Place, value: &Value) -> bool {
    let text = value.text();
    if let Some(name) = text.strip_prefix(b"$") {
        return is_variable(name);
    }
    let is_declared = place.is_colon || place.is_spaced;
    let name = text.strip_prefix(b"&").or_else(|| text.strip_prefix(b"*")).unwrap_or(text);
    if key.is_all_caps || !name_shape::is_identifier(name) {
        return is_declared && !key.is_all_caps && goes_on(bytes, value) && name_shape::is_name(text);
    }
    let is_password = key.family == Family::Password;
    let after = &bytes[value.end..];
    if is_declared {
        let is_member = place.is_colon && after.starts_with(b";") && text[0].is_ascii_uppercase();
        return name_shape::is_type_name(text)
            || is_member
            || after.starts_with(b" | ")
            || after.starts_with(b" by ")
            || after.starts_with(b" `json:")
            || !is_password && name_shape::is_numbered_word(text)
            || after.starts_with(b") ->")
            || is_declaration(bytes, key.start)
            || goes_on(bytes, value)
                && (name_shape::is_name(text) || !is_password && is_capitalised_name(text))
            || name_shape::is_joined_name(text)
            || is_test(text)
            || (!is_password || text[0].is_ascii_lowercase()) && name_shape::is_long_camel_name(text);
    }
    // An argument by name. Programs print objects like this, with the values in them: the shape has to say it.
    place.is_assigned
        && matches!(after, [b',' | b')', ..])
        && is_in_call(bytes, key.start)
        && (name_shape::is_joined_name(text)
            || name_shape::is_long_camel_name(text)
            || !is_password && name_shape::could_be_name(text))
}

/// `"auth.login.step2.label"`, `"v1Token"`: names that stand in quotes, too.
pub fn is_quoted_name(key: &Key, text: &[u8]) -> bool {
    let is_path = text.iter().filter(|byte| **byte == b'.').count() >= 1 && !text.contains(&b'@');
    let is_plain = matches!(key.family, Family::Token | Family::Key | Family::Other);
    is_path && name_shape::is_joined_name(text)
        || is_plain && text.len() <= 12 && text.ends_with(b"Token") && name_shape::is_name(text)
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

/// `Inet6Pktinfo`: a capital, and more than one piece.
fn is_capitalised_name(text: &[u8]) -> bool {
    text[0].is_ascii_uppercase() && name_shape::could_be_name(text) && !name_shape::is_single_word(text)
}

/// What of the key's line stands before it, back to [`MOST_BEFORE`] bytes. Line ends are also those written as escapes.
fn line_before(bytes: &[u8], key_start: usize) -> &[u8] {
    let before = &bytes[key_start.saturating_sub(MOST_BEFORE)..key_start];
    let newline = before.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
    let escaped = before.windows(2).rposition(|two| two == b"\\n").map(|at| at + 2);
    &before[newline.max(escaped).unwrap_or(0)..]
}

fn is_declaration(bytes: &[u8], key_start: usize) -> bool {
    let before = line_before(bytes, key_start);
    DECLARING.iter().any(|word| {
        before.windows(word.len()).enumerate().any(|(at, there)| {
            there == *word && at.checked_sub(1).is_none_or(|last| !before[last].is_ascii_alphanumeric())
        })
    })
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

/// `PASS: TestLogin2`, `--- PASS: ...`, `Pass: ...`: what a test's verdict is about. In settings and on the screen of
/// whoever prints credentials, `Pass: ` is followed by what is no name.
pub fn is_verdict(bytes: &[u8], key: &Key, place: Place, text: &[u8]) -> bool {
    let name = bytes[key.start..key.end].rsplit(|byte| !is_word_byte(*byte)).next();
    if !place.is_colon {
        return false;
    }
    match name {
        Some(b"PASS") => {
            name_shape::is_test_name(text)
                || name_shape::is_reported_word(text) && !is_among_credentials(bytes, key.start)
        }
        Some(b"Pass") => {
            let is_read_as_name = name_shape::could_be_name(text) && !is_among_credentials(bytes, key.start);
            name_shape::is_test_name(text) || is_read_as_name
        }
        // After the sign of a reporter: `✓ pass: ...`, `ok 3 - pass: ...`.
        Some(b"pass") => {
            let line = line_before(bytes, key.start).trim_ascii();
            let is_reported = ["✓", "✕", "✔", "✗", "×", "√", "\\u2713", "\\u2715", "\\u2714", "\\u2717"]
                .iter()
                .any(|sign| line.ends_with(sign.as_bytes()))
                || line.starts_with(b"ok ")
                || line.starts_with(b"not ok ");
            is_reported && name_shape::is_identifier(text)
        }
        _ => false,
    }
}

/// Whether a user or a host is named just before, as where a login is written down.
fn is_among_credentials(bytes: &[u8], key_start: usize) -> bool {
    let before = &bytes[key_start.saturating_sub(MOST_BEFORE)..key_start];
    [&b"user"[..], b"login", b"host", b"email", b"account"].iter().any(|word| {
        before.windows(word.len() + 1).any(|there| {
            there[..word.len()].eq_ignore_ascii_case(word)
                && matches!(there[word.len()], b':' | b'=' | b'"' | b'n')
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
        ] {
            assert!(!is_masked(text), "{text}");
        }
    }

    #[test]
    fn the_word_after_a_verdict_is_a_test() {
        for text in [
            "PASS: X86Cr4La57Bit\n",
            "\\n\\u001b[32mPASS: Memrchr3Raw\\u001b[0m",
            "[834] PASS: Test1435x\n",
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
