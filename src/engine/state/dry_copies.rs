//! Which sources of a dry run can be copies of something, so that only those are hashed: a source whose size and first
//! line nothing else has is none. (A run that archives needs the hash of every source, for the archive.)

use crate::archive::catalog::snapshot::key_of_hash;
use crate::archive::content_hash::{self, HashKey, PIECE_BYTES};
use crate::engine::history::History;
use crate::engine::plan::Plan;
use crate::identity::Identity;
use crate::input::{Links, Source};
use crate::platform::sync::lock;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What is alike in copies: bytes, and the keyed hash of the first line.
type Likeness = (u64, [u8; 32]);

/// The first source of each likeness, as long as nobody asked for its hash.
#[derive(Default)]
pub(crate) struct DryCopies(Mutex<HashMap<Likeness, First>>);

/// Locked while it is hashed: its bytes are claimed for it before a copy of it can claim them.
type First = Arc<Mutex<Option<(PathBuf, Identity)>>>;

/// What is known of a source when it is opened.
pub(crate) struct Opened<'a> {
    pub path: &'a Path,
    pub identity: &'a Identity,
    pub bytes: u64,
    pub head_hash: [u8; 32],
}

impl DryCopies {
    /// Returns whether a source of `plan` need not be hashed, because neither an archive nor a source seen before can
    /// be its copy. A later source that may be makes up for that.
    pub(crate) fn is_unheard_of(&self, history: &History, plan: &Plan, opened: &Opened) -> bool {
        let may_be_archived = plan.sources.len() > 1
            || !history.pruned().is_empty()
            || history.snapshot.by_head(key_of_hash(&opened.head_hash)).next().is_some()
            || !history.versions(opened.identity).is_empty();
        let first = match lock(&self.0).entry((opened.bytes, opened.head_hash)) {
            Entry::Vacant(vacant) => {
                let first = (opened.path.to_owned(), opened.identity.clone());
                vacant.insert(Arc::new(Mutex::new((!may_be_archived).then_some(first))));
                return !may_be_archived;
            }
            Entry::Occupied(first) => Arc::clone(first.get()),
        };
        let mut first = lock(&first);
        if let Some((path, identity)) = first.take()
            && let Some(hash) = hash(&history.key, &path, opened.bytes)
        {
            history.claim(&hash, &identity);
        }
        false
    }
}

/// Returns the hash of a source of `bytes` bytes, read again; `None` if it is not what it was.
fn hash(key: &HashKey, path: &Path, bytes: u64) -> Option<[u8; 32]> {
    let source = Source::open(&path.into(), Links::Follow).ok()?;
    let (mut piece, mut pieces) = (vec![0; PIECE_BYTES.min(usize::try_from(bytes).ok()?)], Vec::new());
    let before_tail = content_hash::pieces_before_tail(bytes);
    for index in 0..=before_tail {
        let start = (index * PIECE_BYTES) as u64;
        piece.truncate(usize::try_from(bytes - start).ok()?);
        if source.read_at(start, &mut piece).ok()? < piece.len() {
            return None;
        }
        if index < before_tail {
            pieces.push(content_hash::subtree(key, &piece, start));
        }
    }
    Some(content_hash::root(key, &pieces, &piece))
}
