//! Finds secrets that only the form of a file tells: lines of `.pgpass`, and the secret that stands near an AWS key
//! id, as in a credentials file, a CSV or a table. `.netrc`, `.npmrc` and `.pypirc` have key names (`assignment`).

use crate::mask::context::found::Found;
use crate::mask::context::rules;
use crate::mask::context::values::quote::backslashes_at;
use crate::mask::context::values::{judge, value};
use crate::mask::text::escape::escape_end;

/// So far from a key id its secret may stand, in bytes.
const MOST_AWAY: usize = 72;

/// The length of an AWS secret access key.
const AWS_SECRET: usize = 40;

fn is_field_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.*-".contains(&byte)
}

/// `host:port:database:user:V`; `start..end` is `:port:`.
pub(crate) fn find_pgpass(bytes: &[u8], start: usize, end: usize) -> Option<Found> {
    let host = bytes[..start].iter().rev().take(80).take_while(|&&byte| is_field_byte(byte)).count();
    let before = bytes[..start - host].last();
    if host == 0 || matches!(before, Some(b':' | b'/' | b'@')) {
        return None;
    }
    let mut at = end;
    for place in 0..2 {
        let field = bytes[at..].iter().take(64).take_while(|&&byte| is_field_byte(byte)).count();
        if field == 0 || bytes.get(at + field) != Some(&b':') {
            return None;
        }
        // `root:*:0:0:root:/root:/bin/bash` is a line of `/etc/passwd`.
        if place == 0 && &bytes[start..end] == b":*:" && bytes[at..at + field].iter().all(u8::is_ascii_digit)
        {
            return None;
        }
        at += field + 1;
    }
    let value = value::read_class(bytes, at, |byte| byte > b' ' && !b"\"'`<>".contains(&byte))?;
    judge::is_password(value.text(), 5).then_some((value.start, value.end, rules::PASSWORD_FILE))
}

/// Finds runs of exactly 40 base64 bytes near the key id that begins at `start`.
pub(crate) fn find_aws_secret(bytes: &[u8], start: usize, mut found: impl FnMut(Found)) {
    const ID_LENGTH: usize = 20;
    let Some(id) = bytes.get(start..start + ID_LENGTH) else { return };
    if !id.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        return;
    }
    let id_end = start + ID_LENGTH;
    // On its own line only: what other lines hold changes when they are masked, and distances with it.
    let from = start.saturating_sub(MOST_AWAY + AWS_SECRET);
    let from = memchr::memrchr(b'\n', &bytes[from..start]).map_or(from, |newline| from + newline + 1);
    let to = (id_end + MOST_AWAY).min(bytes.len());
    let to = memchr::memchr(b'\n', &bytes[id_end..to]).map_or(to, |newline| id_end + newline);
    let (mut at, mut is_boundary) = (from, false);
    while at < to {
        if bytes[at] == b'\\' {
            // The letter after the backslashes is the escape's.
            at = escape_end(bytes, at + backslashes_at(bytes, at)).max(at + 1);
            is_boundary = true;
            continue;
        }
        let is_start =
            is_secret_byte(bytes[at]) && (is_boundary || at == 0 || !is_secret_byte(bytes[at - 1]));
        is_boundary = false;
        if !is_start {
            at += 1;
            continue;
        }
        let Some(value) = value::read_class(bytes, at, is_secret_byte) else { break };
        let is_near = value.end <= start || value.start >= id_end;
        if is_near && is_aws_secret(value.text()) {
            found((value.start, value.end, rules::AWS_SECRET_KEY));
        }
        at = value.end.max(at + 1);
    }
}

fn is_secret_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'/' || byte == b'+'
}

fn is_aws_secret(text: &[u8]) -> bool {
    let profile = judge::Profile::of(text);
    text.len() == AWS_SECRET
        && profile.digits > 0
        && profile.uppercase > 3
        && profile.letters > profile.uppercase + 3
        && profile.entropy >= 4.0
        && !judge::is_placeholder(text)
}
