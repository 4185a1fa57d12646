//! Who a stream of bytes is, and the ids that say so: made safe for file names, and the same whoever makes them.
//!
//! Owns the alphabet of ids and every way to make one. Knows no agent, no archive, and no file.

/// Longest id that is kept as it is, in bytes.
pub(crate) const MAX_ID_BYTES: usize = 128;

/// Digits of the hash at the end of an id that was made over.
const MADE_OVER_DIGITS: usize = 16;

/// Digits of the hash that stands for an id of which nothing is kept.
const HASH_DIGITS: usize = 32;

/// The agent of a session whose records no agent claims.
pub(crate) const FILES: &str = "files";

/// Who a stream of bytes is: a session's transcript, or one of its parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// The agent's short name: `claude-code`, `codex`, [`FILES`] (unknown origin).
    pub agent: String,
    /// The session's id as the agent gives it, reduced to `[A-Za-z0-9_-]{1,128}`, or a hash of it if it does not fit.
    pub session_id: String,
    /// The part's id within the session, same alphabet; none for the transcript itself.
    pub part_id: Option<String>,
}

impl Identity {
    /// Returns the identity of the session that this one is of, or is a part of.
    pub(crate) fn session(&self) -> Identity {
        Identity { part_id: None, ..self.clone() }
    }
}

/// Returns the first UUID (8-4-4-4-12 hex digits) anywhere in `name`, in lowercase.
pub(crate) fn uuid_in(name: &[u8]) -> Option<String> {
    name.windows(36).find(|window| is_uuid(window)).map(lowercase)
}

/// Returns whether `name` is a UUID and nothing else.
pub(crate) fn is_uuid(name: &[u8]) -> bool {
    name.len() == 36
        && name.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Returns `id` if it is made of 1 to 128 of `[A-Za-z0-9_-]`, else a hash of it: safe in a file name, and the same
/// every time.
pub(crate) fn safe_id(id: &str) -> String {
    if is_plain(id.as_bytes()) { id.to_owned() } else { hash_of(id.as_bytes(), HASH_DIGITS) }
}

/// Returns an id that is safe as it is, a UUID in lowercase.
pub(crate) fn plain_id(id: &[u8]) -> Option<String> {
    match is_uuid(id) {
        true => Some(lowercase(id)),
        false => is_plain(id).then(|| String::from_utf8_lossy(id).into_owned()),
    }
}

/// Returns the id that the name of a file or directory gives: the name if it is safe, a UUID in lowercase, anything
/// else with the unsafe bytes replaced and a hash of the whole added, so that different names stay different. Who
/// writes one that [`is_made_over`] must ask first whether there is something to mask in the name.
pub(crate) fn id_of_name(name: &[u8]) -> String {
    if let Some(id) = plain_id(name) {
        return id;
    }
    let kept: String =
        name.iter().take(40).map(|byte| if is_safe(byte) { *byte as char } else { '_' }).collect();
    let separator = if kept.is_empty() { "" } else { "-" };
    format!("{kept}{separator}{}", hash_of(name, MADE_OVER_DIGITS))
}

/// Returns the id that a record or a payload gives, as [`id_of_name`] does, but with nothing of an unsafe one but its
/// hash: replaced or cut bytes may hide a secret from its rule, and nobody knows what it was called before.
pub(crate) fn id_of_record(id: &[u8]) -> String {
    plain_id(id).unwrap_or_else(|| hash_of(id, HASH_DIGITS))
}

/// Returns whether an id may be one whose bytes [`id_of_name`] replaced or cut.
pub(crate) fn is_made_over(id: &str) -> bool {
    let hash = id.rsplit('-').next().unwrap_or(id);
    hash.len() == MADE_OVER_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns an id made of one that is safe and a hash of the path that tells its file apart from others that it would be
/// the id of.
pub(crate) fn with_hash(id: &str, path: &[u8]) -> String {
    let kept = &id[..id.len().min(MAX_ID_BYTES - MADE_OVER_DIGITS - 1)];
    format!("{kept}-{}", hash_of(path, MADE_OVER_DIGITS))
}

/// Returns the id of a session that is known by nothing but its file's name, which another session has: the same
/// with a hash of the file's path.
pub(crate) fn of_namesake(session_id: &str, path: &[u8]) -> String {
    safe_id(&format!("{session_id}-{}", hash_of(path, 8)))
}

fn is_plain(id: &[u8]) -> bool {
    (1..=MAX_ID_BYTES).contains(&id.len()) && id.iter().all(is_safe)
}

fn is_safe(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn lowercase(id: &[u8]) -> String {
    String::from_utf8_lossy(&id.to_ascii_lowercase()).into_owned()
}

/// Returns the first hex digits of the BLAKE3 hash of `bytes`.
fn hash_of(bytes: &[u8], digits: usize) -> String {
    blake3::hash(bytes).to_hex()[..digits].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_found_anywhere_in_a_name() {
        let uuid = "01a204f9-4e0b-7c61-aa63-10970996f82a";
        let name = format!("rollout-2026-11-22T20-36-17-{uuid}");
        assert_eq!(uuid_in(name.as_bytes()).as_deref(), Some(uuid));
        assert_eq!(uuid_in(uuid.to_uppercase().as_bytes()).as_deref(), Some(uuid));
        assert_eq!(uuid_in(&name.as_bytes()[..name.len() - 1]), None);
        assert_eq!(uuid_in(b""), None);
    }

    #[test]
    fn hostile_names_become_safe_ids_and_stay_different() {
        let hostile: [&[u8]; 6] = [b"../../x", b"..//../x", b"a\0b", b"", b"\xff\xfe", &[b'a'; 10_000]];
        let clean: Vec<String> = hostile.iter().map(|id| id_of_name(id)).collect();
        for (at, id) in clean.iter().enumerate() {
            assert!((1..=128).contains(&id.len()), "{id}");
            assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{id}");
            assert!(is_made_over(id) && !clean[..at].contains(id), "{id}");
        }
        assert_eq!(id_of_name(b"ses_small-1"), "ses_small-1");
    }

    #[test]
    fn an_id_that_could_leave_the_store_is_hashed() {
        for id in ["../../etc/passwd", "", "a\0b", "x y", &"a".repeat(129), "ü"] {
            let safe = safe_id(id);
            assert_eq!(safe.len(), 32, "{id:?}");
            assert_eq!((safe_id(&safe), id_of_record(id.as_bytes())), (safe.clone(), safe));
        }
        assert_eq!(safe_id("a1b2-C_3"), "a1b2-C_3");
    }
}
