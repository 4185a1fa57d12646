//! Sessions that are there both plain and packed: the plain file counts.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use super::left_alone::{LeftAlone, Tell};
use super::rules::Rules;
use crate::agents::found::Found;
use crate::agents::names::{is_packed, unpacked_path};

/// Holds packed transcripts back until it is known which sessions are there as plain files too: those win, as they do
/// in Codex's own readers.
pub(crate) struct PlainFirst<'a> {
    rules: &'a dyn Rules,
    /// Ids of the sessions found plain, of the one agent that moves what it packs.
    plain: HashSet<String>,
    packed: Vec<Found>,
}

impl<'a> PlainFirst<'a> {
    pub(crate) fn new(rules: &'a dyn Rules) -> PlainFirst<'a> {
        PlainFirst { rules, plain: HashSet::new(), packed: Vec::new() }
    }

    /// Passes `one` on, or keeps it until the end.
    pub(crate) fn take(&mut self, one: Found, found: &mut dyn FnMut(Found)) {
        if is_packed(one.locator.path()) {
            self.packed.push(one);
            return;
        }
        if is_rollout(one.locator.path())
            && let Some(id) = &one.guess.session_id
        {
            self.plain.insert(id.clone());
        }
        found(one);
    }

    /// Passes on the packed transcripts that are there only packed.
    pub(crate) fn finish(self, found: &mut dyn FnMut(Found), tell: Option<Tell<'_>>) {
        for one in &self.packed {
            let is_found_plain = one.guess.session_id.as_ref().is_some_and(|id| self.plain.contains(id))
                || self.has_plain_beside(one.locator.path());
            if !is_found_plain {
                found(one.clone());
            } else if let Some(tell) = tell {
                tell(one.locator.path(), LeftAlone::PlainBeside);
            }
        }
    }

    /// Returns whether the walk finds the same file, not packed, in the same directory.
    fn has_plain_beside(&self, packed: &Path) -> bool {
        let Some(plain) = unpacked_path(packed) else { return false };
        let name = plain.file_name().unwrap_or_default().as_encoded_bytes();
        self.rules.is_candidate(name)
            && self.rules.guess(&plain).is_some()
            && fs::symlink_metadata(&plain).is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0)
    }
}

fn is_rollout(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"rollout-"))
}
