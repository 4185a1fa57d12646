//! Whose copy a transcript is, and what other sessions its records say that they are of.
//!
//! Agents copy sessions to let them go two ways, and resume some under a new id. What they write about that comes together
//! here. Ids come out as [`id_of_name`](crate::identity::id_of_name) keeps them; what is no id of that kind is left out.

use std::borrow::Cow;

use memchr::memmem;

use crate::agents::record::Record;
use crate::identity::plain_id;

/// Ids beside its own that are collected of a session.
pub(crate) const MAX_IDS: usize = 64;

/// Bytes of what the first record says that are compared: some agents give records numbers for ids.
const SAID_BYTES: usize = 1 << 10;

/// What stands in place of secrets in an archive.
const MASK_MARK: &[u8] = b"MASKED***";

/// What the ends of a transcript tell of where it comes from. Raw ids, not masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage {
    /// The session that this one was copied from.
    pub forked_from: Option<String>,
    /// `forked_from` follows from what was copied; a record that says so outweighs it.
    is_guess: bool,
    /// Sessions that its records say they are of, in order, each once; its own may be among them.
    pub ids: Vec<String>,
    /// The id of the first record that has one. A copy keeps it.
    pub first_record: Option<String>,
    /// A hash of the beginning of what that record says, which a copy keeps as well; `None` if it says nothing, or
    /// something in it is masked.
    first_said: Option<[u8; 32]>,
    /// The records are marked as a copy's, or as what only copies are as a rule.
    pub is_marked: bool,
}

impl Lineage {
    /// Returns the id of the first record of a copy that does not say whose it is: what it shares with the session that
    /// it was copied from.
    pub fn unnamed_copy(&self) -> Option<&str> {
        self.first_record.as_deref().filter(|_| self.is_marked && self.forked_from.is_none())
    }

    /// Returns all but the other ids, which may be many.
    pub fn without_ids(&self) -> Lineage {
        Lineage { ids: Vec::new(), ..self.clone() }
    }

    /// Returns whether two sessions begin with the same record: one is a copy of the other, or both of a third.
    pub fn begins_like(&self, other: &Lineage) -> bool {
        let is_same = self.first_record.is_some() && self.first_record == other.first_record;
        let said = self.first_said.zip(other.first_said);
        is_same && said.is_none_or(|(one, another)| one == another)
    }

    /// Takes the session that this one was copied from. The first one counts; `named` is asked if it would.
    pub(crate) fn fork(&mut self, named: impl FnOnce() -> Option<String>) {
        if (self.forked_from.is_none() || self.is_guess)
            && let Some(id) = named()
        {
            (self.forked_from, self.is_guess) = (Some(id), false);
        }
    }

    /// Takes the session that this one was probably copied from.
    pub(crate) fn perhaps_fork(&mut self, named: impl FnOnce() -> Option<String>) {
        if self.forked_from.is_none() {
            self.fork(named);
            self.is_guess = self.forked_from.is_some();
        }
    }

    /// Takes the id of the session that a record says it is of.
    pub(crate) fn id(&mut self, id: Option<Cow<'_, str>>) {
        let Some(id) = id.filter(|_| self.ids.len() <= MAX_IDS) else { return };
        if let Some(id) = plain_id(id.as_bytes()).filter(|id| !self.ids.contains(id)) {
            self.ids.push(id);
        }
    }

    /// Takes a record of a conversation; the first one that has an id counts.
    pub(crate) fn first(&mut self, record: &Record<'_>) {
        if self.first_record.is_some() {
            return;
        }
        self.first_record = record.text("uuid").and_then(|id| plain_id(id.as_bytes()));
        if let Some(message) = record.get("message").filter(|_| self.first_record.is_some()) {
            let said = message.raw();
            let said = &said[..said.len().min(SAID_BYTES)];
            let is_masked = memmem::find(said, MASK_MARK).is_some();
            self.first_said = (!is_masked).then(|| *blake3::hash(said).as_bytes());
        }
    }
}
