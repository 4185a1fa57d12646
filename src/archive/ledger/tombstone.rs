//! What is kept of a session that was pruned: who it was, in masked text as its archive had it, and what was archived of it.
//!
//! Owns the form of the ledger's lines; `pruned` reads and writes their file.

use serde::{Deserialize, Serialize};

use crate::archive::names::PARTS_SUFFIX;
use crate::archive::tree::sidecar_of_archive;
use crate::identity::Identity;

/// One line of the file. Lines of another form are a newer program's, or torn, and passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Line {
    Pruned(Tombstone),
    /// From here on the session may be archived again.
    Ended(Ended),
    /// The files of all sessions that were pruned above are gone.
    Removed(Removed),
}

/// A session that was pruned, with all its versions and parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Tombstone {
    pub agent: String,
    pub session_id: String,
    pub project_slug: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// RFC 3339 with offset, as all times here.
    pub pruned_at: String,
    /// By what it had to go: `older than 12m`.
    pub why: String,
    /// Bytes of its archives and sidecars.
    pub bytes: u64,
    /// Tells with which private key the hashes were made, and nothing of the key.
    pub key: i64,
    /// Directories of parts, relative to the store.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    pub archives: Vec<Covered>,
}

/// One archive of a pruned session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Covered {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_id: Option<String>,
    /// Where it was, relative to the store.
    pub archive: String,
    pub version: u32,
    /// Bytes of the source that it covered.
    pub source_bytes: u64,
    /// Their keyed hash; none where the archive did not tell.
    #[serde(with = "hex", skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<[u8; 32]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<String>,
}

/// That a session may be archived again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Ended {
    pub agent: String,
    pub session_id: String,
    pub at: String,
    pub why: String,
}

/// When the files were gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Removed {
    pub at: String,
}

impl Tombstone {
    /// Returns the session that was pruned.
    pub(crate) fn session(&self) -> Identity {
        Identity { agent: self.agent.clone(), session_id: self.session_id.clone(), part_id: None }
    }

    /// Returns the session and its parts, as far as they were archived.
    pub(crate) fn identities(&self) -> impl Iterator<Item = Identity> + '_ {
        self.archives.iter().map(|covered| Identity { part_id: covered.part_id.clone(), ..self.session() })
    }

    /// Returns the paths, relative to the store, of all files that were the session's but for those in its directories of
    /// parts.
    pub(crate) fn files(&self) -> impl Iterator<Item = String> + '_ {
        let beside = self.archives.iter().filter(|covered| !is_in_parts(&covered.archive));
        beside.flat_map(|covered| [covered.archive.clone(), sidecar_of_archive(&covered.archive)])
    }
}

/// Returns whether an archive lies in a directory of parts.
pub(crate) fn is_in_parts(archive: &str) -> bool {
    archive.rsplit('/').skip(1).any(|name| name.ends_with(PARTS_SUFFIX))
}

/// A hash as hexadecimal digits.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        hash: &Option<[u8; 32]>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match hash {
            Some(hash) => serializer.serialize_str(&blake3::Hash::from_bytes(*hash).to_hex()),
            None => serializer.serialize_none(),
        }
    }

    /// A text that is no hash counts as none: what it says cannot be believed.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<[u8; 32]>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.and_then(|text| blake3::Hash::from_hex(text).ok()).map(|hash| *hash.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tombstone_comes_back_as_it_was_and_names_all_files() {
        let covered = |part_id: Option<&str>, archive: &str| Covered {
            part_id: part_id.map(str::to_owned),
            archive: archive.to_owned(),
            version: 1,
            source_bytes: 7,
            content_hash: Some([9; 32]),
            archived_at: None,
        };
        let tombstone = Tombstone {
            agent: "codex".into(),
            session_id: "a".into(),
            parts: vec!["2026/06/s.parts".into()],
            archives: vec![
                covered(None, "2026/06/s.jsonl.gz"),
                covered(None, "2026/06/s.v2.jsonl.gz"),
                covered(Some("p"), "2026/06/s.parts/p.jsonl.gz"),
            ],
            ..Tombstone::default()
        };
        let line = serde_json::to_string(&Line::Pruned(tombstone.clone())).unwrap();
        assert_eq!(serde_json::from_str::<Line>(&line).unwrap(), Line::Pruned(tombstone.clone()));
        let files: Vec<String> = tombstone.files().collect();
        let names = ["s.jsonl.gz", "s.meta.json", "s.v2.jsonl.gz", "s.v2.meta.json"];
        assert_eq!(files, names.map(|name| format!("2026/06/{name}")));
        assert_eq!(tombstone.identities().filter(|identity| identity.part_id.is_some()).count(), 1);
    }

    #[test]
    fn lines_of_other_forms_are_none_of_ours() {
        for text in ["", "{", "[]", r#"{"buried":{}}"#, r#"{"pruned":7}"#, r#"{"pruned":{"bytes":-1}}"#] {
            assert!(serde_json::from_str::<Line>(text).is_err(), "{text}");
        }
        let odd = serde_json::from_str(r#"{"pruned":{"archives":[{"content_hash":"x"}],"later":1}}"#);
        let expected = Tombstone { archives: vec![Covered::default()], ..Tombstone::default() };
        assert_eq!(odd.unwrap_or(Line::Removed(Removed::default())), Line::Pruned(expected));
    }
}
