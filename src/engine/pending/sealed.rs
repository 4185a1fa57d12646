//! Paths and ids in the markers of hooks, without anything that there might be something to mask in.
//!
//! A hook has no time to compile rules and to gather known values, so it asks the other way round: what cannot be a secret
//! (the home directory, ids, dates, the names that agents give) stays as it is, and each other name is kept as a keyed
//! hash, by which it is found again among the names that are in its directory. Owns that form; `pending` owns the markers.

use crate::archive::content_hash::{self, HashKey};
use crate::platform::path::path_bytes;
use crate::{agents, identity};
use serde_json::{Value, json};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Tells what may be written as it is, and seals the rest.
pub(crate) struct Sealer {
    key: HashKey,
    home: Option<PathBuf>,
}

impl Sealer {
    /// Returns a sealer that hashes with a store's `key`.
    pub(crate) fn new(key: HashKey, home: Option<PathBuf>) -> Sealer {
        Sealer { key, home }
    }

    /// Returns whether a session's id may be written: a UUID, as nearly all are.
    pub(crate) fn is_plain_id(&self, id: &str) -> bool {
        identity::is_uuid(id.as_bytes())
    }

    /// Returns an id that may not be written in its sealed form.
    pub(crate) fn seal_id(&self, id: &str) -> String {
        name_hash(&self.key, id.as_bytes())
    }

    /// Returns an absolute path in its sealed form; `None` for another one.
    pub(crate) fn seal(&self, path: &Path) -> Option<Value> {
        if !path.is_absolute() {
            return None;
        }
        let (below, rest) =
            match self.home.as_deref().and_then(|home| Some((home, path.strip_prefix(home).ok()?))) {
                Some((home, rest)) => (home.to_str()?, rest.components()),
                None => ("/", path.components()),
            };
        let names: Vec<Value> = rest
            .filter(|component| !matches!(component, Component::Prefix(_) | Component::RootDir))
            .map(|component| {
                let name = path_bytes(component.as_ref());
                match component.as_os_str().to_str().filter(|name| is_plain(name)) {
                    Some(plain) => json!({ "is": plain }),
                    None => name_hash(&self.key, name).into(),
                }
            })
            .collect();
        Some(json!({ "below": below, "names": names }))
    }
}

/// A session's id of which only a keyed hash is known.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SealedId {
    key: HashKey,
    hash: String,
}

impl SealedId {
    /// Returns the id that a [`Sealer`] with this `key` sealed to `hash`.
    pub(crate) fn new(key: &HashKey, hash: &str) -> SealedId {
        SealedId { key: key.clone(), hash: hash.to_owned() }
    }

    /// Returns whether this is the id.
    pub(crate) fn is(&self, id: &str) -> bool {
        name_hash(&self.key, id.as_bytes()) == self.hash
    }
}

/// Returns whether a name is one that an agent gives by itself: of its directories, of a date, of a session.
fn is_plain(name: &str) -> bool {
    let stem = name.strip_suffix(".zst").unwrap_or(name);
    let stem = stem.strip_suffix(".jsonl").unwrap_or(stem);
    let is_date_part = matches!(name.len(), 2 | 4) && name.bytes().all(|byte| byte.is_ascii_digit());
    identity::is_uuid(stem.as_bytes()) || is_date_part || agents::is_given_name(name)
}

/// Returns the path that was sealed, if what is hashed of it is there now.
pub(crate) fn unseal(key: &HashKey, sealed: &Value) -> Option<PathBuf> {
    let mut path = PathBuf::from(sealed.get("below")?.as_str()?);
    for name in sealed.get("names")?.as_array()? {
        if let Some(plain) = name.get("is").and_then(Value::as_str) {
            path.push(plain);
            continue;
        }
        let name = name.as_str()?;
        let entries = fs::read_dir(&path).ok()?.flatten().map(|entry| entry.file_name());
        let mut entries = entries.chain([".".into(), "..".into()]);
        path.push(entries.find(|entry| name_hash(key, entry.as_encoded_bytes()) == name)?);
    }
    Some(path)
}

fn name_hash(key: &HashKey, name: &[u8]) -> String {
    blake3::Hash::from_bytes(content_hash::hash(key, name)).to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    #[test]
    fn a_sealed_path_is_found_again_and_shows_nothing_but_what_agents_name() {
        let root = tempfile::tempdir().unwrap();
        let key = || HashKey::new([7; 32]);
        let sealer = Sealer::new(key(), Some(root.path().to_path_buf()));
        for hidden in ["a/x customer-one y/deep/b.jsonl", ".claude/projects/-customer-one/b.jsonl"] {
            let path = root.path().join(hidden);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let sealed = sealer.seal(&path).unwrap();
            let text = sealed.to_string();
            assert!(["customer", "jsonl", "deep"].iter().all(|word| !text.contains(word)), "{text}");
            assert_eq!(unseal(&key(), &sealed), None, "not there yet");
            fs::write(&path, "").unwrap();
            assert_eq!(unseal(&key(), &sealed).as_deref(), Some(path.as_path()));
            assert_eq!(unseal(&HashKey::new([8; 32]), &sealed), None, "another key's");
        }
        assert_eq!(sealer.seal(Path::new("a/plain.jsonl")), None);
    }

    #[test]
    fn a_transcript_that_is_named_by_its_agent_is_found_before_it_is_there() {
        let root = tempfile::tempdir().unwrap();
        let sealer = Sealer::new(HashKey::new([7; 32]), Some(root.path().to_path_buf()));
        fs::create_dir_all(root.path().join(".claude/projects/-w")).unwrap();
        for path in [
            format!(".claude/projects/-w/{SESSION}.jsonl"),
            format!(".codex/sessions/2026/01/02/rollout-2026-01-02T03-04-05-{SESSION}.jsonl"),
        ] {
            let path = root.path().join(path);
            assert_eq!(unseal(&sealer.key, &sealer.seal(&path).unwrap()).as_deref(), Some(path.as_path()));
        }
        assert!(sealer.is_plain_id(SESSION) && !sealer.is_plain_id("correct-horse-battery"));
        let sealed = SealedId::new(&sealer.key, &sealer.seal_id("ses_1"));
        assert!(sealed.is("ses_1") && !sealed.is("ses_2"));
        assert!(!SealedId::new(&HashKey::new([8; 32]), &sealed.hash).is("ses_1"));
        let elsewhere = root.path().join("notes/x.jsonl");
        let nowhere = Sealer::new(HashKey::new([7; 32]), None);
        fs::create_dir_all(elsewhere.parent().unwrap()).unwrap();
        fs::write(&elsewhere, "").unwrap();
        assert_eq!(
            unseal(&nowhere.key, &nowhere.seal(&elsewhere).unwrap()).as_deref(),
            Some(elsewhere.as_path())
        );
    }

    #[test]
    fn whatever_a_marker_holds_is_no_reason_to_panic() {
        let key = HashKey::new([7; 32]);
        for text in
            ["1", "{}", r#"{"below":1,"names":[]}"#, r#"{"below":"/","names":[1]}"#, r#"{"below":"/"}"#]
        {
            assert_eq!(unseal(&key, &serde_json::from_str(text).unwrap()), None, "{text}");
        }
    }
}
