//! Files that hold many sessions, as a run found them.

use crate::archive::catalog::holders::HolderRow;
use crate::archive::catalog::snapshot::Key;
use crate::locator::{Locator, Stamp};

/// A file that holds sessions, as it was when these were listed.
pub(crate) struct Held {
    pub key: Key,
    pub row: HolderRow,
    pub sources: Vec<(Locator, Stamp)>,
}
