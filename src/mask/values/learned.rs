//! Values learned from a session or from its surroundings, before they are searched for.

use crate::mask::text::json_string;
use crate::mask::text::unescape::unescape;
use crate::mask::values::worth::{Likeness, worth};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// More values than any session teaches; a hostile one must not fill the memory.
const MAX_VALUES: usize = 4_096;

/// Values learned so far; wiped when dropped, and shown by no `Debug`.
#[derive(Default)]
pub struct Learned {
    /// The values, and what each is easily taken for.
    pub(crate) values: BTreeMap<Value, Likeness>,
    /// Names of users and hosts, which are no secrets even where they serve as passwords.
    pub(crate) names: BTreeSet<Value>,
    /// Whether a private key was shown: lines out of its middle may stand elsewhere.
    pub(crate) has_private_key: bool,
}

/// A secret value: ordered by its bytes, wiped when dropped, shown by nothing.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Value(Vec<u8>);

impl Value {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Learned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Learned({} values)", self.values.len())
    }
}

impl Learned {
    /// Takes over what another thread learned from the same session.
    pub fn merge(&mut self, mut other: Learned) {
        while let Some((value, likeness)) = other.values.pop_first() {
            self.insert(value, likeness);
        }
        self.names.append(&mut other.names);
        self.has_private_key |= other.has_private_key;
    }

    /// Notes a name that is never searched for, whatever is learned.
    pub(crate) fn add_name(&mut self, name: &[u8]) {
        self.names.insert(Value(name.to_vec()));
    }

    /// Returns how many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && !self.has_private_key
    }

    /// Returns a hash of each value, and one that stands for a private key: to tell who teaches what, in memory only.
    pub(crate) fn fingerprints(&self) -> BTreeSet<[u8; 32]> {
        let values = self.values.keys().map(|value| *blake3::hash(value.bytes()).as_bytes());
        values.chain(self.has_private_key.then_some([0; 32])).collect()
    }

    /// Adds a value if it is worth searching for.
    pub(crate) fn add(&mut self, value: &[u8]) {
        if let Some(likeness) = worth(value) {
            self.insert(Value(value.to_vec()), likeness);
        }
    }

    /// Adds a value as it stands in a transcript: with its escapes undone once, and as often as it goes.
    pub(crate) fn add_escaped(&mut self, value: &[u8]) {
        self.add(value);
        if value.contains(&b'\\') {
            let mut once = Zeroizing::new(Vec::new());
            json_string::decode(value, &mut once, None);
            self.add(&once);
            self.add(&unescape(value));
        }
    }

    /// Keeps the smallest values when there are too many, whatever order they come in: the result must not
    /// depend on how the work was shared out.
    fn insert(&mut self, value: Value, likeness: Likeness) {
        self.values.insert(value, likeness);
        if self.values.len() > MAX_VALUES {
            self.values.pop_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learned_is_never_shown() {
        let mut learned = Learned::default();
        learned.add(b"Tr0ub4dor");
        assert_eq!(format!("{learned:?}"), "Learned(1 values)");
    }

    #[test]
    fn merging_in_any_order_gives_the_same() {
        let learn = |values: &[&str]| {
            let mut learned = Learned::default();
            values.iter().for_each(|value| learned.add(value.as_bytes()));
            learned
        };
        let (mut one, mut other) = (learn(&["Tr0ub4dor"]), learn(&["hq8zk2mw"]));
        one.merge(learn(&["hq8zk2mw"]));
        other.merge(learn(&["Tr0ub4dor"]));
        assert!(one.values == other.values);
        assert_eq!(one.len(), 2);
    }
}
