//! Which values are worth searching for wherever they stand: one that is too short, or looks like a word of the trade,
//! would mask half a transcript.

use zeroize::Zeroizing;

/// Shorter values turn up by chance.
pub(crate) const MIN_VALUE_BYTES: usize = 8;

/// Longer ones are found where they stand, and as wholes they are hardly ever repeated elsewhere.
pub(crate) const MAX_VALUE_BYTES: usize = 4 << 10;

/// How easily a value is taken for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// Like nothing else.
    Random,
    /// Like a word or a name: it counts only where it stands alone, and only while that is rare.
    Word,
}

/// Returns how a value looks if it is worth searching for.
pub(crate) fn worth(value: &[u8]) -> Option<Likeness> {
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
        return (value.len() >= 10).then_some(Likeness::Word);
    }
    let marks = classes.others > 0 && classes.digits > 0;
    let looks_random = classes.digits > 0 && classes.upper > 0 && classes.lower > 0 || marks;
    if looks_random || !is_wordy(value) {
        return Some(Likeness::Random);
    }
    // A name without a digit is a name: `authentication`, `my-service`, `production`.
    (classes.digits > 0 || classes.others > 0 || value.len() >= 20).then_some(Likeness::Word)
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
            assert_eq!(worth(value.as_bytes()), Some(Likeness::Random), "{value}");
        }
        assert_eq!(worth(b"hunter2024"), Some(Likeness::Word));
    }
}
