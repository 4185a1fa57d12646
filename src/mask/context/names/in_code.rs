//! Tells by where a value stands that it is a name and no secret: the type in a declaration, an expression in code.
//! Owns the places; what a name looks like is in `name_shape`, and what a test's verdict is about in `verdict`.

use crate::mask::context::found::Join;
use crate::mask::context::keys::key_name::{Family, Key};
use crate::mask::context::names::line::{LONG, is_in_test_name, is_test, line_before};
use crate::mask::context::values::value::Value;
use crate::mask::name_shape;

/// Words that declare a function, in whose brackets the key may stand.
const FUNCTIONS: [&[u8]; 4] = [b"fn", b"def", b"fun", b"func"];

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
pub(crate) fn is_name_in_code(bytes: &[u8], key: &Key, join: Join, value: &Value) -> bool {
    let text = value.text();
    if let Some(name) = text.strip_prefix(b"$") {
        return is_variable(name);
    }
    if is_in_test_name(line_before(bytes, key.start)) {
        return name_shape::is_reported_word(text, LONG);
    }
    let is_declared = join.is_colon() || join.is_spaced;
    let name = text.strip_prefix(b"&").or_else(|| text.strip_prefix(b"*")).unwrap_or(text);
    if key.is_all_caps || !name_shape::is_identifier(name) {
        return is_declared && !key.is_all_caps && goes_on(bytes, value) && name_shape::is_long_name(text);
    }
    if is_declared {
        return match key.family {
            Family::Password => is_password_name(bytes, key, join, value),
            _ => is_token_name(bytes, key, join, value),
        };
    }
    let is_password = key.family == Family::Password;
    let after = &bytes[value.end..];
    // An argument by name. Programs print objects like this, with the values in them: the shape has to say it.
    join.is_assigned()
        && matches!(after, [b',' | b')', ..])
        && is_in_call(bytes, key.start)
        && (name_shape::is_joined_name(text)
            || name_shape::is_long_camel_name(text)
            || name_shape::is_telling_variable(text)
            || !is_password && name_shape::is_identifier(text) && name_shape::could_be_name(text))
}

/// Whether a bare value behind the name of a password is a name all the same. Passwords are made of words, too, so that
/// it takes a type, a path, or code around it.
fn is_password_name(bytes: &[u8], key: &Key, join: Join, value: &Value) -> bool {
    let (text, after) = (value.text(), &bytes[value.end..]);
    let goes_on = goes_on(bytes, value);
    let is_member = bytes[..key.start].ends_with(b".") && join.is_assigned();
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
fn is_token_name(bytes: &[u8], key: &Key, join: Join, value: &Value) -> bool {
    let (text, after) = (value.text(), &bytes[value.end..]);
    let goes_on = goes_on(bytes, value);
    let is_member = join.is_colon() && after.starts_with(b";") && text[0].is_ascii_uppercase();
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
pub(crate) fn is_quoted_name(key: &Key, text: &[u8]) -> bool {
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

/// Whether the key is declared: by a word right before it, or a function's before the bracket that it stands in; and by
/// what follows the value where the word alone does not tell.
fn is_declaration(bytes: &[u8], key_start: usize, goes_on: bool) -> bool {
    let mut words = line_before(bytes, key_start).split(|byte| *byte == b' ').rev();
    // What the key's own word begins with: `test` of `testPassword`, `open(` of `open(password`.
    let mut is_in_brackets = words.next().is_some_and(|own| own.contains(&b'('));
    for part in words {
        is_in_brackets |= part.contains(&b'(');
        let start = part.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
        let word = &part[start..];
        let declares = match is_in_brackets {
            true => FUNCTIONS.contains(&word),
            false => DECLARING.contains(&word) || goes_on && DECLARING_OR_PROSE.contains(&word),
        };
        if declares {
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

#[cfg(test)]
pub(crate) mod tests {
    use crate::mask::context::scanner::ContextScanner;
    use crate::mask::window::Window;

    pub(crate) fn is_masked(text: &str) -> bool {
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
            format!("let me know (or tell her), password: {}\n", ["Sunset0", "Pepper"].concat()),
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
}
