//! Values learned from a session or from its surroundings, before they are searched for. Owns which values are
//! worth it: one that is too short, or looks like a word of the trade, would mask half a transcript.

use super::context::verdict::is_after_verdict;
use super::name_shape::could_be_name;
use super::{Findings, Masker, Window};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use zeroize::{Zeroize, Zeroizing};

/// Shorter values turn up by chance.
pub(super) const MIN_VALUE_BYTES: usize = 8;

/// Longer ones are found where they stand, and as wholes they are hardly ever repeated elsewhere.
pub(super) const MAX_VALUE_BYTES: usize = 4 << 10;

/// More values than any session teaches; a hostile one must not fill the memory.
const MAX_VALUES: usize = 4_096;

/// Values learned so far; wiped when dropped, and shown by no `Debug`.
#[derive(Default)]
pub struct Learned {
    /// The values, and whether each looks like a word.
    pub(super) values: BTreeMap<Value, Looks>,
    /// Names of users and hosts, which are no secrets even where they serve as passwords.
    pub(super) names: BTreeSet<Value>,
    /// Whether a private key was shown: lines out of its middle may stand elsewhere.
    pub(super) has_private_key: bool,
}

/// A secret value: ordered by its bytes, wiped when dropped, shown by nothing.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Value(Vec<u8>);

impl Value {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// How easily a value is taken for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Looks {
    /// Like nothing else.
    Random,
    /// Like a word or a name: it counts only where it stands alone, and only while that is rare.
    LikeWord,
}

impl fmt::Debug for Learned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Learned({} values)", self.values.len())
    }
}

impl Learned {
    /// Takes over what another thread learned from the same session.
    pub fn merge(&mut self, mut other: Learned) {
        while let Some((value, looks)) = other.values.pop_first() {
            self.insert(value, looks);
        }
        self.names.append(&mut other.names);
        self.has_private_key |= other.has_private_key;
    }

    /// Notes a name that is never searched for, whatever is learned.
    pub(super) fn add_name(&mut self, name: &[u8]) {
        self.names.insert(Value(name.to_vec()));
    }

    /// Returns how many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && !self.has_private_key
    }

    /// Adds a value if it is worth searching for.
    pub(super) fn add(&mut self, value: &[u8]) {
        if let Some(looks) = worth(value) {
            self.insert(Value(value.to_vec()), looks);
        }
    }

    /// Adds a value as it stands in a transcript: with its escapes undone once, and as often as it goes.
    pub(super) fn add_escaped(&mut self, value: &[u8]) {
        self.add(value);
        if value.contains(&b'\\') {
            let mut once = Zeroizing::new(Vec::new());
            super::json::decode(value, &mut once, None);
            self.add(&once);
            self.add(&unescape(value));
        }
    }

    /// Keeps the smallest values when there are too many, whatever order they come in: the result must not
    /// depend on how the work was shared out.
    fn insert(&mut self, value: Value, looks: Looks) {
        self.values.insert(value, looks);
        if self.values.len() > MAX_VALUES {
            self.values.pop_last();
        }
    }
}

impl Masker {
    /// Adds to `learned` the values that this window's findings teach about the session (`DB_PASSWORD=...`).
    pub fn learn(&self, window: &Window, findings: &Findings, learned: &mut Learned) {
        learned.has_private_key |= findings.spans.iter().any(|span| span.rule == self.private_key_rule);
        for taught in &findings.taught {
            let start = (taught.start - window.offset) as usize;
            let end = ((taught.end - window.offset) as usize).min(window.bytes.len());
            learn_value(window.bytes, start..end, learned);
        }
        if findings.may_have_pieces(window) {
            self.each_taught_in_pieces(window, &mut |text, value| learn_value(text, value, learned));
        }
    }
}

/// Learns the value that stands in a part of `text`.
fn learn_value(text: &[u8], at: Range<usize>, learned: &mut Learned) {
    // Masked once, a name would vanish from all of the session: where it is defined, called, and talked about.
    let value = &text[at.clone()];
    let may_teach = !could_be_name(value) || is_assigned_to_variable(text, at.start);
    if value.len() <= MAX_VALUE_BYTES && may_teach && !is_after_verdict(text, at.start) {
        learned.add_escaped(value);
    }
}

/// Returns whether the value at `start` is what a variable of the environment is set to: `DB_PASSWORD=...`. There
/// stands no name of code, and a passphrase may be made of words.
fn is_assigned_to_variable(bytes: &[u8], start: usize) -> bool {
    let before = &bytes[start.saturating_sub(64)..start];
    let quotes = before.iter().rev().take_while(|byte| b"\"'\\".contains(byte)).count();
    let Some(before) = before[..before.len() - quotes].strip_suffix(b"=") else { return false };
    let name = before
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'_');
    let name = &before[before.len() - name.count()..];
    // `PASSWORD_HASHER=argon2id` sets no secret.
    let secrets: [&[u8]; 8] =
        [b"PASSWORD", b"PASSWD", b"PASS", b"PWD", b"PASSPHRASE", b"SECRET", b"TOKEN", b"KEY"];
    name.len() >= 4 && secrets.iter().any(|secret| name.ends_with(secret))
}

/// Returns `value` with JSON escapes undone as often as there are any, up to four levels.
pub(super) fn unescape(value: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut plain = Zeroizing::new(value.to_vec());
    for _ in 0..4 {
        let mut decoded = Zeroizing::new(Vec::with_capacity(plain.len()));
        if !super::json::decode(&plain, &mut decoded, None) {
            break;
        }
        plain = decoded;
    }
    plain
}

/// Returns how a value looks if it is worth searching for.
fn worth(value: &[u8]) -> Option<Looks> {
    if value.len() < MIN_VALUE_BYTES
        || value.len() > MAX_VALUE_BYTES
        || is_listed(value)
        || is_other_thing(value)
    {
        return None;
    }
    let classes = Classes::of(value);
    if classes.distinct < 5 || classes.entropy < 2.3 || value.contains(&b'\n') {
        return None;
    }
    if classes.digits == value.len() {
        return (value.len() >= 10).then_some(Looks::LikeWord);
    }
    let marks = classes.others > 0 && classes.digits > 0;
    let looks_random = classes.digits > 0 && classes.upper > 0 && classes.lower > 0 || marks;
    if looks_random || !is_wordy(value) {
        return Some(Looks::Random);
    }
    // A name without a digit is a name: `authentication`, `my-service`, `production`.
    (classes.digits > 0 || classes.others > 0 || value.len() >= 20).then_some(Looks::LikeWord)
}

/// What a value is made of.
struct Classes {
    lower: usize,
    upper: usize,
    digits: usize,
    /// Bytes that are neither alphanumeric nor `-`, `_`, `.`, `/`, `:`.
    others: usize,
    distinct: usize,
    /// Bits a byte.
    entropy: f64,
}

impl Classes {
    fn of(value: &[u8]) -> Classes {
        let mut counts = [0usize; 256];
        value.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
        let count = |test: &dyn Fn(u8) -> bool| value.iter().filter(|&&byte| test(byte)).count();
        let share = |count: usize| count as f64 / value.len() as f64;
        Classes {
            lower: count(&|byte| byte.is_ascii_lowercase()),
            upper: count(&|byte| byte.is_ascii_uppercase()),
            digits: count(&|byte| byte.is_ascii_digit()),
            others: count(&|byte| !byte.is_ascii_alphanumeric() && !b"-_./: ".contains(&byte)),
            distinct: counts.iter().filter(|&&count| count > 0).count(),
            entropy: counts
                .iter()
                .filter(|&&count| count > 0)
                .map(|&count| -share(count) * share(count).log2())
                .sum(),
        }
    }
}

/// Returns whether a value is built from what could be words: runs of letters with vowels and without long clusters.
fn is_wordy(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| !byte.is_ascii_alphabetic()).filter(|part| part.len() > 2).peekable();
    parts.peek().is_some()
        && parts.all(|part| {
            let is_vowel = |byte: &u8| b"aeiouyAEIOUY".contains(byte);
            let cluster = part.split(is_vowel).map(<[u8]>::len).max().unwrap_or(0);
            let humps =
                part.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
            cluster <= 4 && humps.count() * 4 <= part.len()
        })
}

/// Returns whether a value is a thing of its own that is no secret: a path, a URL, a date, a reference, an
/// id that the agents write everywhere.
fn is_other_thing(value: &[u8]) -> bool {
    let starts = |prefix: &str| value.starts_with(prefix.as_bytes());
    let is_hex_or_dash = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
    let is_reference = ["$", "{", "<", "%", "@", "(", "[", "***"].iter().any(|it| starts(it));
    let is_path =
        ["/", "./", "../", "~/", "~\\", "file:", "data:", "arn:", "C:\\"].iter().any(|it| starts(it))
            && !value[1..].iter().all(|&byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
            || starts("/usr/")
            || starts("/home/")
            || starts("/etc/")
            || starts("/tmp/")
            || starts("/var/");
    let is_url = memchr::memmem::find(value, b"://").is_some();
    let is_uuid =
        value.len() == 36 && value.iter().all(is_hex_or_dash) && value[8] == b'-' && value[23] == b'-';
    let is_agent_id = ["toolu_", "msg_", "req_", "call_", "chatcmpl-", "resp_"].iter().any(|it| starts(it));
    let is_date = value.len() <= 35
        && value.len() >= 8
        && value[..4].iter().all(u8::is_ascii_digit)
        && value.iter().all(|&byte| byte.is_ascii_digit() || b"-:T.Z+/ ".contains(&byte))
        && value.iter().any(|byte| b"-:/".contains(byte));
    let is_version = value.iter().all(|&byte| byte.is_ascii_digit() || byte == b'.');
    let is_masked = memchr::memmem::find(value, b"***").is_some();
    is_reference
        || is_path
        || is_url
        || is_uuid
        || is_agent_id
        || is_masked
        || is_date
        || is_version && value.contains(&b'.')
}

/// Returns whether a value is one of the words that stand in place of a secret, or everywhere.
fn is_listed(value: &[u8]) -> bool {
    const WORDS: &[&str] = &[
        "localhost",
        "development",
        "production",
        "postgres",
        "postgresql",
        "password",
        "password1",
        "passw0rd",
        "password123",
        "changeme",
        "change-me",
        "change_me",
        "username",
        "undefined",
        "disabled",
        "required",
        "optional",
        "internal",
        "external",
        "anonymous",
        "administrator",
        "database",
        "testtest",
        "test1234",
        "example",
        "example.com",
        "placeholder",
        "secret123",
        "mysecret",
        "mypassword",
        "yourpassword",
        "your-token",
        "12345678",
        "123456789",
        "1234567890",
        "0123456789",
        "00000000",
        "11111111",
        "abcdefgh",
        "abcd1234",
        "qwerty123",
        "supersecret",
        "super-secret",
        "super_secret",
        "letmein1",
        "same-origin",
        "include",
        "redacted",
        "127.0.0.1",
        "application",
        "authorization",
        "authentication",
        "credentials",
        "community",
        "enterprise",
        "organization",
        "repository",
        "minioadmin",
        "rootroot",
        "guest123",
        "admin123",
        "test-token",
        "test_token",
        "test-key",
        "test-secret",
        "testpassword",
        "testing123",
        "dummy-key",
        "fake-key",
        "not-needed",
        "no-key-required",
    ];
    let lower: Zeroizing<Vec<u8>> = Zeroizing::new(value.to_ascii_lowercase());
    WORDS.iter().any(|word| word.as_bytes() == lower.as_slice())
        || ["example", "placeholder", "your-", "your_", "xxxx", "dummy", "changeme"]
            .iter()
            .any(|part| memchr::memmem::find(&lower, part.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_trade_are_not_learned() {
        for word in [
            "localhost",
            "development",
            "authentication",
            "my-service-name",
            "2024-01-31",
            "true",
            "8080",
            "postgres",
            "https://example.org/x1",
            "/usr/lib/x86_64",
            "./scripts/run.sh",
            "${TOKEN_VALUE1}",
            "your-api-key-1",
            "toolu_01AbCdEfGh",
            "123e4567-e89b-12d3-a456-426614174000",
            "***MASKED***",
            "aaaaaaaa1",
            "192.168.100.1",
        ] {
            assert_eq!(worth(word.as_bytes()), None, "{word}");
        }
    }

    #[test]
    fn values_that_look_like_secrets_are_learned() {
        for value in ["Tr0ub4dor", "hq8zk2mw", "p@ssw0rd!9", "xkqzvwtrlm", "9f86d081884c7d65", "S3cure-Pa55"]
        {
            assert_eq!(worth(value.as_bytes()), Some(Looks::Random), "{value}");
        }
        assert_eq!(worth(b"hunter2024"), Some(Looks::LikeWord));
    }

    #[test]
    fn what_was_learned_is_never_shown() {
        let mut learned = Learned::default();
        learned.add(b"Tr0ub4dor");
        assert_eq!(format!("{learned:?}"), "Learned(1 values)");
    }

    #[test]
    fn merging_in_any_order_gives_the_same() {
        let learn = |values: &[&str]| {
            let mut learned = Learned::default();
            values.iter().for_each(|value| learned.add(value.as_bytes()));
            learned
        };
        let (mut one, mut other) = (learn(&["Tr0ub4dor"]), learn(&["hq8zk2mw"]));
        one.merge(learn(&["hq8zk2mw"]));
        other.merge(learn(&["Tr0ub4dor"]));
        assert!(one.values == other.values);
        assert_eq!(one.len(), 2);
    }
}
