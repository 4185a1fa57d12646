//! Finds password hashes: crypt's `$2b$`, `$6$`, `$argon2id$` and others, and those of web frameworks. They are worth
//! masking because weak passwords are guessed from them.

use crate::mask::context::found::Found;
use crate::mask::context::rules;
use crate::mask::context::values::judge;
use crate::mask::context::values::value::{self, Memory};
use crate::mask::text::escape::is_left_boundary;

/// What each kind must be at least, and how many `$` it holds.
const KINDS: &[(&[u8], usize, usize)] = &[
    (b"$2a$", 59, 3),
    (b"$2b$", 59, 3),
    (b"$2y$", 59, 3),
    (b"$1$", 26, 3),
    (b"$5$", 47, 3),
    (b"$6$", 90, 3),
    (b"$y$", 50, 4),
    (b"$apr1$", 30, 3),
    (b"$argon2", 60, 5),
    (b"$krb5", 60, 3),
    (b"$pbkdf2", 40, 4),
    (b"$scrypt$", 50, 4),
    (b"pbkdf2_sha", 60, 3),
    (b"pbkdf2:sha", 60, 2),
    (b"scrypt:", 80, 2),
    (b"{SSHA", 34, 0),
];

/// Looks at the hash whose kind stands at `anchor`, perhaps after a sign.
pub(crate) fn find(bytes: &[u8], anchor: usize, memory: &mut Memory) -> Option<Found> {
    let has_sign = anchor > 0 && matches!(bytes[anchor - 1], b'$' | b'{');
    let start = anchor - usize::from(has_sign);
    let (kind, least, signs) = KINDS.iter().find(|(kind, _, _)| bytes[start..].starts_with(kind))?;
    let is_separated = kind[0] == b'$' || is_left_boundary(bytes, start);
    // In `/etc/shadow` a colon ends the hash; other kinds hold colons themselves.
    let more: &[u8] = if kind.starts_with(b"$krb5") || !kind.starts_with(b"$") { b":*@{}#" } else { b"" };
    let last = if more.is_empty() { &mut memory.hash } else { &mut memory.long_hash };
    let value = value::read_run(bytes, start, last, |byte| {
        byte.is_ascii_alphanumeric() || b"$./+=,_-".contains(&byte) || more.contains(&byte)
    })?;
    let text = value.text();
    let last = text.iter().rposition(|&byte| byte == b'$' || byte == b'}').map_or(0, |at| at + 1);
    let is_random = value.is_long() || judge::Profile::of(&text[last..]).distinct >= 10;
    let is_whole = text.iter().filter(|&&byte| byte == b'$').count() >= *signs;
    (is_separated && text.len() >= *least && is_whole && is_random && !judge::is_placeholder(text))
        .then_some((value.start, value.end, rules::PASSWORD_HASH))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_hash(text: &str) -> bool {
        find(text.as_bytes(), 1, &mut Memory::default()).is_some()
    }

    #[test]
    fn the_sign_before_the_last_part_does_not_make_it_random() {
        assert!(!is_hash(&["$1$", "saltsalt$", "0a1b2c3d40a1b2c3d40a1b"].concat()));
        assert!(is_hash(&["$1$", "saltsalt$", "0a1b2c3d40a1b2c3d40a1e"].concat()));
    }
}
