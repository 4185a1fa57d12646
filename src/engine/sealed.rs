//! Paths and ids that must not be written as they are, because there is something to mask in them: in markers of hooks.
//!
//! The directories before the first such name stay as they are; from there on each name is kept as a keyed hash, by
//! which it is found again among the names that are in the directory. Owns that form; `pending` owns the markers.

use crate::archive::catalog::path_bytes;
use crate::archive::content_hash::{self, HashKey};
use crate::archive::store::Store;
use crate::config::Config;
use crate::error::Result;
use crate::mask::{KnownValues, Masker, Options, outside};
use serde_json::Value;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Tells which names must not be written, and seals them.
pub struct Sealer {
    masker: Masker,
    known: Option<KnownValues>,
    key: HashKey,
}

impl Sealer {
    /// Returns a sealer with all rules that there are; a broken custom rule leaves the built-in ones. `cwd` is the
    /// session's directory.
    pub fn new(store: &Store, config: &Config, cwd: Option<&Path>) -> Result<Sealer> {
        let masker = match Masker::new(&config.masking) {
            Ok(masker) => masker,
            Err(_) => Masker::new(&Options::default())?,
        };
        let known = match config.masks_known_values {
            true => masker.known(outside::collect(cwd, config.home.as_deref(), std::env::vars_os())),
            false => None,
        };
        Ok(Sealer { masker, known, key: store.hash_key()? })
    }

    /// Returns whether there is nothing to mask in a name.
    pub fn is_harmless(&self, name: &str) -> bool {
        self.masked(name) == name
    }

    fn masked(&self, name: &str) -> String {
        let known: Vec<&KnownValues> = self.known.iter().collect();
        self.masker.mask_name_with(name, &known)
    }

    /// Returns an absolute path in its sealed form; `None` if it is harmless, or no absolute path.
    pub fn seal(&self, path: &Path) -> Option<Value> {
        let text = path.to_str()?;
        let masked = self.masked(text);
        if masked == text || !path.is_absolute() {
            return None;
        }
        // What is equal up to here is harmless, up to the last whole name in it.
        let same = text.bytes().zip(masked.bytes()).take_while(|(one, other)| one == other).count();
        let mut below = PathBuf::new();
        let mut names = Vec::new();
        for component in path.components() {
            let longer = below.join(component);
            let is_kept = names.is_empty() && path_bytes(&longer).len() < same;
            match component {
                Component::Prefix(_) | Component::RootDir => below = longer,
                _ if is_kept => below = longer,
                _ => names.push(Value::from(name_hash(&self.key, path_bytes(component.as_ref())))),
            }
        }
        Some(serde_json::json!({ "below": below.to_str()?, "names": names }))
    }
}

/// Returns the path that was sealed, if it is there now.
pub fn unseal(key: &HashKey, sealed: &Value) -> Option<PathBuf> {
    let mut path = PathBuf::from(sealed.get("below")?.as_str()?);
    for name in sealed.get("names")?.as_array()? {
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

    fn sealer(literals: &[&str]) -> Sealer {
        let literals = literals.iter().map(|literal| (*literal).to_owned()).collect();
        let masker = Masker::new(&Options { literals, ..Options::default() }).unwrap();
        Sealer { masker, known: None, key: HashKey::new([7; 32]) }
    }

    #[test]
    fn a_sealed_path_is_found_again_and_shows_nothing_of_what_is_masked() {
        let root = tempfile::tempdir().unwrap();
        let sealer = sealer(&["customer-one", "part/of"]);
        for hidden in ["a/x customer-one y/deep/b.jsonl", "a/customer-one.jsonl", "up to part/of it/c.jsonl"]
        {
            let path = root.path().join(hidden);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let sealed = sealer.seal(&path).unwrap();
            let text = sealed.to_string();
            assert!(["customer", "part", "jsonl", "deep"].iter().all(|word| !text.contains(word)), "{text}");
            assert!(text.contains(root.path().to_str().unwrap()), "{text}");
            assert_eq!(unseal(&sealer.key, &sealed), None, "not there yet");
            fs::write(&path, "").unwrap();
            assert_eq!(unseal(&sealer.key, &sealed).as_deref(), Some(path.as_path()));
            assert_eq!(unseal(&HashKey::new([8; 32]), &sealed), None, "another key's");
        }
        assert_eq!(sealer.seal(&root.path().join("a/plain.jsonl")), None);
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
