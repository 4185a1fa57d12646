//! The identities that archives carry: ids that can be shown and can name files.

use crate::agents::{self, Identified};
use crate::archive::content_hash::{self, HashKey};
use crate::identity::{self, Identity};
use crate::mask::Masker;
use std::path::Path;

/// Makes identities of what paths and records say.
pub(crate) struct Ids<'a> {
    pub masker: &'a Masker,
    /// The store's.
    pub key: &'a HashKey,
}

impl Ids<'_> {
    /// Returns the identity that archives of the source at `path` carry.
    pub(crate) fn of(&self, identified: Identified, path: &Path) -> Identity {
        // Ids that were made over, to name files, show no rule any more what they were made of: the path does.
        let is_suspect = [Some(&identified.session_id), identified.part_id.as_ref()]
            .into_iter()
            .flatten()
            .any(|id| identity::is_made_over(id) && !self.is_harmless(&path.to_string_lossy()));
        Identity {
            agent: identified.agent.to_owned(),
            session_id: self.safe_id(&identified.session_id, is_suspect),
            part_id: identified.part_id.map(|part| self.safe_id(&part, is_suspect)),
        }
    }

    /// Returns whether there is nothing to mask in a name.
    fn is_harmless(&self, name: &str) -> bool {
        self.masker.mask_name(name) == name
    }

    /// Returns an id that can be shown and can name a file. One with something to mask in it (a file's name may hold
    /// anything) becomes a keyed hash, which tells ids apart and confirms no guess.
    fn safe_id(&self, id: &str, is_suspect: bool) -> String {
        if (is_suspect && identity::is_made_over(id)) || !self.is_harmless(id) {
            let hash = content_hash::hash(self.key, id.as_bytes());
            return blake3::Hash::from_bytes(hash).to_hex()[..32].to_owned();
        }
        identity::safe_id(id)
    }

    /// Returns the identity that the part at `path`, which is `identity`, may have in older archives.
    pub(crate) fn former(&self, identity: &Identity, path: &Path) -> Option<Identity> {
        identity.part_id.as_ref()?;
        let part_id = agents::former_part_id(&identity.agent, path)?;
        let is_suspect = identity::is_made_over(&part_id) && !self.is_harmless(&path.to_string_lossy());
        Some(Identity { part_id: Some(self.safe_id(&part_id, is_suspect)), ..identity.clone() })
    }
}
