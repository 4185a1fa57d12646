//! Reads the name around a piece of a key name (`pass`, `oken`) and says how surely its value is a secret. Owns the
//! names that are keys and the names that only look so.

use crate::mask::context::keys::key_words::{
    NOT_AFTER, NOT_BEFORE_KEY, NOT_BEFORE_TOKEN, STRONG_BEFORE_KEY, STRONG_BEFORE_TOKEN,
};
use crate::mask::context::keys::name_words::{Word, Words};
use crate::mask::text::escape::is_left_boundary;

/// Longer identifiers are no names of keys.
const MOST_NAME_BYTES: usize = 80;

/// What a key says that its value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Password,
    Secret,
    Token,
    Key,
    /// `credentials`, `auth`, `dsn`.
    Other,
}

/// How surely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    Weak,
    Strong,
}

/// A key name, as it stands in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub start: usize,
    pub end: usize,
    pub family: Family,
    pub strength: Strength,
    /// No lowercase letter in it: an environment variable, most often.
    pub is_all_caps: bool,
    /// `-` before the name: `--token`.
    pub dashes: usize,
}

#[inline]
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// Returns the identifier around `start..end`; `None` when it is too long. The letter of an escape before it, a
/// percent escape and a colour's end are not part of it.
pub(crate) fn identifier(bytes: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let before =
        bytes[..start].iter().rev().take(MOST_NAME_BYTES).take_while(|&&byte| is_name_byte(byte)).count();
    let after = bytes[end..].iter().take(MOST_NAME_BYTES).take_while(|&&byte| is_name_byte(byte)).count();
    if before + after + end - start > MOST_NAME_BYTES {
        return None;
    }
    let mut from = start - before;
    match from.checked_sub(1).map(|last| bytes[last]) {
        Some(b'\\') => match bytes[from] {
            b'u' if from + 5 <= start && bytes[from + 1..from + 5].iter().all(u8::is_ascii_hexdigit) => {
                from += 5
            }
            b'n' | b't' | b'r' | b'b' | b'f' if from < start => from += 1,
            _ => {}
        },
        Some(b'%') if from + 2 <= start && bytes[from..from + 2].iter().all(u8::is_ascii_hexdigit) => {
            from += 2
        }
        Some(b'[' | b';') => {
            let digits = bytes[from..start].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if bytes[from + digits..start].first() == Some(&b'm') {
                from += digits + 1;
            }
        }
        _ => {}
    }
    let mut to = end + after;
    // The dash of `->`, and full stops.
    while to > end && matches!(bytes[to - 1], b'-' | b'.') {
        to -= 1;
    }
    Some((from, to))
}

/// What a word tells, if it tells anything.
fn family_of(words: &[Word], index: usize) -> Option<Family> {
    let word = &words[index];
    let text = word.text();
    let is_last_of_many = index > 0 && index + 1 == words.len();
    let is_password = (word.contains(b"passw") && !word.contains(b"passwordless"))
        || word.contains(b"passphrase")
        || word.contains(b"passcode")
        || (word.contains(b"pwd") && text != b"cpwd" && text != b"oldpwd")
        || text == b"pass"
        || word.is_one_of(&[
            "userpass",
            "dbpass",
            "keypass",
            "storepass",
            "mypass",
            "rootpass",
            "smtppass",
            "ftppass",
        ])
        || text == b"pw" && is_last_of_many;
    if is_password {
        return Some(Family::Password);
    }
    if word.contains(b"secret")
        && !word.contains(b"secreta")
        && !word.contains(b"secreti")
        && !word.contains(b"secreto")
    {
        return Some(Family::Secret);
    }
    if text.ends_with(b"token") || text == b"pat" && is_last_of_many {
        return Some(Family::Token);
    }
    let glued_key =
        ["apikey", "accesskey", "secretkey", "privatekey", "authkey", "appkey", "accountkey", "masterkey"];
    if text == b"key" || glued_key.iter().any(|glued| text.ends_with(glued.as_bytes())) {
        return Some(Family::Key);
    }
    let is_other =
        word.is_one_of(&["credential", "credentials", "creds", "cred", "dsn", "auth", "oauth", "authkeys"]);
    is_other.then_some(Family::Other)
}

/// Classifies the name at `start..end` of `bytes`; `None` when it is no key name.
pub(crate) fn classify(bytes: &[u8], start: usize, end: usize) -> Option<Key> {
    let dashes = bytes[start..end].iter().take_while(|&&byte| byte == b'-' || byte == b'.').count();
    let start = start + dashes;
    let name = &bytes[start..end];
    let words = Words::of(name)?;
    let words = words.all();
    let telling = (0..words.len()).rev().find(|&index| family_of(words, index).is_some())?;
    let family = family_of(words, telling)?;
    let after = &words[telling + 1..];
    if after.len() > 3 || words[telling].before_stop && !after.is_empty() && family != Family::Password {
        return None;
    }
    if after.iter().any(|word| word.is_one_of(NOT_AFTER) || word.text().ends_with(b"id")) {
        return None;
    }
    let is_all_caps = !name.iter().any(u8::is_ascii_lowercase);
    // `UID=u;PWD=V` is a connection string.
    let in_connection = bytes[..start].last() == Some(&b';');
    let strength = strength_of(words, telling, family, is_all_caps, in_connection)?;
    let strength =
        if after.is_empty() || is_all_caps { strength } else { strength.min(weaken(after, strength)) };
    Some(Key { start, end, family, strength, is_all_caps, dashes })
}

/// Returns where the name really begins when it ends in a bare `key` or `token`: with the word before it, if that
/// makes it a telling name (`API key`, `Access Token`).
pub(crate) fn with_word_before(bytes: &[u8], from: usize, to: usize) -> usize {
    const TELLING: &[&str] = &[
        "api",
        "access",
        "secret",
        "private",
        "auth",
        "refresh",
        "client",
        "account",
        "encryption",
        "bearer",
    ];
    let name = &bytes[from..to];
    let is_bare = [&b"key"[..], b"token", b"secret"].iter().any(|word| name.eq_ignore_ascii_case(word));
    if !is_bare || from == 0 || bytes[from - 1] != b' ' {
        return from;
    }
    let before = &bytes[..from - 1];
    let begins = |word: &&&str| {
        before.len() >= word.len()
            && before[before.len() - word.len()..].eq_ignore_ascii_case(word.as_bytes())
            && is_left_boundary(bytes, before.len() - word.len())
    };
    TELLING.iter().find(begins).map_or(from, |word| from - 1 - word.len())
}

/// Words after the telling one that leave it as it is; others make the name weak.
fn weaken(after: &[Word], strength: Strength) -> Strength {
    const HARMLESS: &[&str] = &[
        "prod",
        "production",
        "dev",
        "development",
        "staging",
        "stage",
        "live",
        "sandbox",
        "local",
        "value",
        "base",
        "b",
        "raw",
        "plain",
        "plaintext",
        "default",
        "admin",
        "root",
        "user",
        "master",
        "primary",
        "secondary",
        "old",
        "new",
        "current",
        "v",
        "data",
        "a",
        "one",
        "two",
        "main",
        "backup",
        "text",
        "string",
    ];
    let all_harmless = after.iter().all(|word| {
        word.is_one_of(HARMLESS) || word.text().iter().all(u8::is_ascii_digit) || word.length == 1
    });
    if all_harmless { strength } else { Strength::Weak }
}

/// Decides by the words before the telling one; `None` for names that are no keys.
fn strength_of(
    words: &[Word],
    telling: usize,
    family: Family,
    is_all_caps: bool,
    in_connection: bool,
) -> Option<Strength> {
    let before = telling.checked_sub(1).map(|index| &words[index]);
    let before_is = |list: &[&str]| before.is_some_and(|word| word.is_one_of(list));
    let word = &words[telling];
    match family {
        Family::Password => {
            let is_directory = word.text() == b"pwd" && (telling == 0 && words.len() == 1) && !in_connection;
            let is_verb =
                before_is(&["no", "forgot", "reset", "by", "bypass", "tests", "first", "second", "render"]);
            if is_verb || is_directory && is_all_caps { None } else { Some(Strength::Strong) }
        }
        Family::Secret => {
            if word.text() == b"secrets" || before_is(&["is", "has", "no", "open"]) {
                return Some(Strength::Weak);
            }
            Some(Strength::Strong)
        }
        Family::Token => {
            let is_glued = word.text() != b"token" && word.text() != b"pat";
            if before_is(NOT_BEFORE_TOKEN)
                || is_glued && ["csrftoken", "xsrftoken"].iter().any(|n| n.as_bytes() == word.text())
            {
                return None;
            }
            let is_strong = is_all_caps && telling > 0 || before_is(STRONG_BEFORE_TOKEN) || is_glued;
            Some(if is_strong { Strength::Strong } else { Strength::Weak })
        }
        Family::Key => {
            if word.text() != b"key" || before_is(STRONG_BEFORE_KEY) {
                return Some(Strength::Strong);
            }
            if before.is_none() || before_is(NOT_BEFORE_KEY) { None } else { Some(Strength::Weak) }
        }
        Family::Other => {
            let ordinary = word.text() == b"auth" && words.len() > 1 && telling + 1 < words.len();
            (!ordinary).then_some(Strength::Weak)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strength(name: &str) -> Option<Strength> {
        classify(name.as_bytes(), 0, name.len()).map(|key| key.strength)
    }

    #[test]
    fn names_of_secrets_are_strong() {
        for name in [
            "password",
            "DB_PASSWORD",
            "dbPassword",
            "db.password",
            "spring.datasource.password",
            "MYSQL_PWD",
            "apiKey",
            "APIKey",
            "api_key",
            "x-api-key",
            "OPENAI_API_KEY",
            "aws_secret_access_key",
            "clientSecret",
            "GITHUB_TOKEN",
            "access_token",
            "authToken",
            "_authToken",
            "SecretAccessKey",
            "AccountKey",
            "PGPASSWORD",
            "stripe_secret_key",
            "DB_PASS",
            "userPass",
            "PRIVATE_KEY",
            "passphrase",
            "API_KEY_PROD",
            "password2",
            "--api-key",
        ] {
            assert_eq!(strength(name), Some(Strength::Strong), "{name}");
        }
    }

    #[test]
    fn names_that_only_hold_such_words_are_no_keys() {
        for name in [
            "tokens",
            "max_tokens",
            "token_count",
            "input_tokens",
            "primary_key",
            "key",
            "cacheKey",
            "tool_use_id",
            "monkey",
            "keyword",
            "keyboard",
            "apiKeySource",
            "csrf_token",
            "author",
            "authority",
            "accessor",
            "secretName",
            "credentialsId",
            "passwordFile",
            "password_hash",
            "passwordField",
            "tokenizer",
            "tokenLimit",
            "secret_arn",
            "public_key",
            "authMethod",
            "next_page_token",
            "idempotency_key",
            "PWD",
            "compass",
            "bypass",
            "passed",
            "keyCode",
            "secretary",
            "password.length",
            "api_key_id",
            "broken",
        ] {
            assert_eq!(strength(name), None, "{name}");
        }
    }

    #[test]
    fn the_letter_of_an_escape_is_not_part_of_a_name() {
        let text = b"x\\nDB_PASSWORD=";
        assert_eq!(identifier(text, 6, 10), Some((3, 14)));
        let text = b"x\\u0026password=";
        assert_eq!(identifier(text, 7, 11), Some((7, 15)));
    }
}
