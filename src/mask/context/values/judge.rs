//! Judges whether a value looks like a secret: references, placeholders, words and code do not. Owns the tests on the
//! value alone; how strict to be follows from the key and is said by the caller.

/// What can be counted in a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profile {
    pub digits: usize,
    pub letters: usize,
    pub uppercase: usize,
    /// Bytes that are neither alphanumeric nor one of `_-./:@`.
    pub marks: usize,
    pub distinct: usize,
    /// Shannon entropy in bits a byte.
    pub entropy: f32,
    pub is_ascii: bool,
}

impl Profile {
    pub(crate) fn of(text: &[u8]) -> Profile {
        let mut counts = [0u16; 256];
        let mut profile = Profile {
            digits: 0,
            letters: 0,
            uppercase: 0,
            marks: 0,
            distinct: 0,
            entropy: 0.0,
            is_ascii: text.is_ascii(),
        };
        for &byte in text {
            counts[byte as usize] += 1;
            profile.digits += usize::from(byte.is_ascii_digit());
            profile.letters += usize::from(byte.is_ascii_alphabetic());
            profile.uppercase += usize::from(byte.is_ascii_uppercase());
            let is_plain = byte.is_ascii_alphanumeric() || b"_-./:@".contains(&byte);
            profile.marks += usize::from(!is_plain);
        }
        let mut weighted = 0.0f32;
        for count in counts.into_iter().filter(|&count| count > 0) {
            profile.distinct += 1;
            weighted += f32::from(count) * f32::from(count).log2();
        }
        if !text.is_empty() {
            let length = text.len() as f32;
            profile.entropy = length.log2() - weighted / length;
        }
        profile
    }

    /// A digit and a letter.
    pub(crate) fn is_mixed(&self) -> bool {
        self.digits > 0 && self.letters > 0
    }
}

/// Values that stand where a secret would and are none; compared as a whole, lowercase.
#[rustfmt::skip]
const STOP_WORDS: &[&str] = &[
    "password", "passwd", "passphrase", "passw0rd", "pass", "pwd", "secret", "token", "true", "false",
    "null", "none", "nil", "undefined", "string", "number", "boolean", "bearer", "basic", "include",
    "same-origin", "omit", "required", "optional", "default", "enabled", "disabled", "unknown", "user",
    "username", "admin", "varchar", "text", "bytes", "object", "integer", "postgres", "root", "guest",
    "test", "testing", "empty", "value", "hidden", "private", "public", "secretstring", "apikey", "api-key",
    "api_key", "mysecret", "mypassword", "secretkey", "secret_key", "access_token", "credentials",
    "authorization", "credential", "anonymous", "localhost", "authenticated", "unauthorized", "password123",
    "base64",
];

/// Words that no secret holds; compared anywhere in the value, lowercase. `***` is the sign of masked text.
#[rustfmt::skip]
const PLACEHOLDER_PARTS: &[&str] = &[
    "***", "...", "xxxx", "masked", "redact", "your", "example", "placeholder", "change-me", "changeme",
    "change_me", "insert", "dummy", "replace", "todo", "goes-here", "goes_here", "-here", "_here",
    "sanitized", "scrubbed", "\u{2026}", "\u{2022}", "____", "----", "123456789abcdef", "abcdefghij",
    "foobar", "lorem", "censored", "removed", "filtered",
];

/// How values begin that only point to where the secret is, or that are no secret of their kind.
#[rustfmt::skip]
const REFERENCE_STARTS: &[&str] = &[
    "process.", "env.", "os.", "config.", "self.", "this.", "vault:", "arn:", "ssm:", "file:", "data:",
    "op://", "env:", "ref:", "secrets.", "var.", "local.", "module.", "./", "../", "~/", "http:", "https:",
    "sha1-", "sha256-", "sha384-", "sha512-", "sha256:", "sha1:", "md5:", "ssh-rsa", "ssh-ed25519",
    "ecdsa-sha2", "pk_live_", "pk_test_", "pk.eyj", "phc_", "sb_publishable_", "toolu_", "msg_", "req_",
    "call_", "srvtoolu_", "projects/", "gcp:", "aws:", "kms:", "keyring:", "enc[", "!vault", "!ref", "!sub",
    "!secret", "!getatt", "function", "string", "resolve:", "option<", "vec<", "-----begin", "classpath:",
    "urn:", "com.", "org.", "java.", "refs/", "c:\\",
];

fn starts_with_folded(text: &[u8], start: &str) -> bool {
    text.len() >= start.len() && text[..start.len()].eq_ignore_ascii_case(start.as_bytes())
}

fn contains_folded(text: &[u8], part: &str) -> bool {
    let part = part.as_bytes();
    text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

/// The longest of [`STOP_WORDS`], in bytes.
const MOST_STOP_WORD: usize = longest(STOP_WORDS);

const fn longest(words: &[&str]) -> usize {
    let (mut most, mut at) = (0, 0);
    while at < words.len() {
        most = if words[at].len() > most { words[at].len() } else { most };
        at += 1;
    }
    most
}

/// The bits of [`PLACEHOLDER_PARTS`], in their order.
const PART_BITS: [u64; PLACEHOLDER_PARTS.len()] = {
    let (mut all, mut at) = ([0; PLACEHOLDER_PARTS.len()], 0);
    while at < all.len() {
        all[at] = bits(PLACEHOLDER_PARTS[at].as_bytes());
        at += 1;
    }
    all
};

/// Returns one bit for each byte that stands in `text`, the same for both cases of a letter: text that holds another,
/// in whatever case, has all bits of that.
const fn bits(text: &[u8]) -> u64 {
    let (mut bits, mut at) = (0, 0);
    while at < text.len() {
        bits |= 1 << ((text[at] | 0x20) & 63);
        at += 1;
    }
    bits
}

/// Whether the value is text that stands for a secret: a stop word, or something with `***`, `xxxx`, `your`, ... in it.
pub(crate) fn is_placeholder(text: &[u8]) -> bool {
    let most = text.len().min(80);
    let has = bits(&text[..most]);
    let mut parts = PLACEHOLDER_PARTS.iter().zip(PART_BITS);
    (text.len() <= MOST_STOP_WORD && STOP_WORDS.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes())))
        || parts.any(|(part, wants)| wants & !has == 0 && contains_folded(&text[..most], part))
        || (text.len() > most && contains_folded(text, "***"))
}

/// Whether the value says where the secret is: a variable, a template, a path, a URL.
pub(crate) fn is_reference(text: &[u8]) -> bool {
    let Some(&first) = text.first() else { return true };
    match first {
        b'<' | b'{' | b'(' | b'[' | b'`' => return true,
        b'$' | b'%' | b'&' | b'@' | b'*' | b'#' | b'!' | b':' | b'=' | b'?' => {
            let rest = &text[1..];
            let is_name =
                rest.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"_.-:%@#$()".contains(&byte));
            if is_wordlike(rest) || rest.first().is_none_or(|byte| b"{(<[".contains(byte)) || first == b'*' {
                return true;
            }
            if is_name && (rest.starts_with(b"env:") || rest.last() == Some(&first)) {
                return true;
            }
        }
        b'/' if is_wordlike(&text[1..]) => return true,
        b'\\' => return true,
        _ => {}
    }
    REFERENCE_STARTS.iter().any(|start| starts_with_folded(text, start))
        || [
            &b"${"[..],
            b"{{",
            b"$(",
            b"%{",
            b"<%",
            b"#{",
            b"}}",
            b"://",
            b"%s",
            b"()",
            b"{}",
            b"->",
            b"=>",
            b"::",
            b"\\x",
            b"\\u",
            b"\\U",
        ]
        .iter()
        .any(|sign| text.windows(sign.len()).any(|window| window == *sign))
}

/// Whether the value is made of words as names in code and prose are: `user_password2`, `tokenHash`, `a.b.c`,
/// `docs/setup-guide`. A random token has digits between its letters, or changes case too often.
pub(crate) fn is_wordlike(text: &[u8]) -> bool {
    let is_separator = |byte: &u8| b"_-./:@ ".contains(byte);
    let segments = text.split(is_separator).filter(|segment| !segment.is_empty());
    let many = segments.clone().count() > 1;
    segments.clone().count() > 0 && segments.clone().all(|segment| is_word(segment, many))
}

/// One word: letters that change case as names do, then up to three digits; or a short number or abbreviation.
fn is_word(segment: &[u8], among_others: bool) -> bool {
    if !segment.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    if among_others && (segment.len() <= 3 || segment.iter().all(u8::is_ascii_digit) && segment.len() <= 4) {
        return true;
    }
    // `win32api`, `socks4response`: one number between words.
    if among_others && let Some(digit) = segment.iter().position(u8::is_ascii_digit) {
        let after = &segment[digit..];
        let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let words = [&segment[..digit], &after[digits..]];
        if digits <= 2 && words.iter().all(|word| word.len() >= 3 && is_word(word, false)) {
            return true;
        }
    }
    let letters = segment.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let tail = &segment[letters..];
    if letters < 2 || tail.len() > if among_others { 5 } else { 3 } || !tail.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let humps = segment[..letters]
        .windows(2)
        .filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
        .count();
    letters >= 3 * humps && has_vowels(&segment[..letters])
}

/// Whether so many letters hold vowels as a word would: no six consonants in a row.
fn has_vowels(letters: &[u8]) -> bool {
    let mut consonants = 0;
    letters.iter().all(|letter| {
        consonants = if b"aeiouyAEIOUY".contains(letter) { 0 } else { consonants + 1 };
        consonants < 6
    })
}

/// Whether the value begins as a date does.
pub(crate) fn is_date(text: &[u8]) -> bool {
    matches!(text, [a, b, c, d, b'-', e, f, b'-', ..]
        if [a, b, c, d, e, f].iter().all(|byte| byte.is_ascii_digit()))
}

/// The longest run of alphanumerics that holds a digit.
pub(crate) fn longest_run_with_digit(text: &[u8]) -> usize {
    text.split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|run| run.iter().any(u8::is_ascii_digit))
        .map(<[u8]>::len)
        .max()
        .unwrap_or(0)
}

/// What no secret is, whatever the key.
pub(crate) fn is_never_secret(text: &[u8]) -> bool {
    let all_same_set = text.iter().all(|&byte| b"*.xX-_ #?0".contains(&byte));
    all_same_set || is_reference(text) || is_placeholder(text)
}

/// A token that stands where one must stand (a header, a query, an argument after `--token`): not short, mixed.
pub(crate) fn is_token(text: &[u8], least: usize) -> bool {
    let profile = Profile::of(text);
    text.len() >= least
        && profile.is_ascii
        && profile.distinct >= 5
        && profile.entropy >= 2.6
        && profile.is_mixed()
        && !is_never_secret(text)
        && !is_wordlike(text)
}

/// A password that stands where one must stand (in a URL, after `-p`): anything that is not said to be none.
pub(crate) fn is_password(text: &[u8], least: usize) -> bool {
    let profile = Profile::of(text);
    text.len() >= least && profile.distinct >= 3 && !is_never_secret(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_wordlike_and_random_bytes_are_not() {
        for text in [
            "user_password2",
            "tokenHash",
            "a.b.c",
            "docs/setup-guide",
            "sha256",
            "crate::token",
            "MAX_LENGTH_2",
        ] {
            assert!(is_wordlike(text.as_bytes()), "{text}");
        }
        for text in ["aB3dE5fG7hJ9kL1m", "3f2a9c1b7d", "hunter!2x", "xkcdqwrt", "aGkQbTzRwY"] {
            assert!(!is_wordlike(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn references_and_placeholders_are_never_secret() {
        for text in [
            "${DB_PASSWORD}",
            "$TOKEN",
            "%(password)s",
            "%PASSWORD%",
            "@password@",
            "$(cat x)",
            "op://vault/item/field",
            "{{ x }}",
            "sk-...",
            "***MASKED***",
            "<token>",
            "YOUR_API_KEY",
            "xxxxxxxxxx",
            "changeme",
            "process.env.KEY",
            "password",
            "arn:aws:x",
            "vault:secret/data",
        ] {
            assert!(is_never_secret(text.as_bytes()), "{text}");
        }
        for text in ["$ecr3t!Pass", "a8f5f167f44f4964", "p@ssw0rd!x"] {
            assert!(!is_never_secret(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn stars_make_a_placeholder_of_a_text_of_any_length() {
        let long = "a8F5k1".repeat(20);
        assert!(!is_placeholder(long.as_bytes()));
        assert!(is_placeholder(format!("{long}***MASKED***").as_bytes()));
    }

    #[test]
    fn entropy_is_in_bits_a_byte() {
        assert!((Profile::of(b"abcdefgh").entropy - 3.0).abs() < 1e-4);
        assert!(Profile::of(b"aaaaaaaa").entropy.abs() < 1e-4);
    }
}
