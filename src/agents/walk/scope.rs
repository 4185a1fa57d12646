//! What all steps of a walk share.

use std::path::{Path, PathBuf};

use super::left_alone::{LeftAlone, Tell};
use super::root::Root;
use super::rules::Rules;

/// What is looked for, where, and who wants to know what is left alone.
pub(crate) struct Scope<'a> {
    pub rules: &'a dyn Rules,
    pub roots: &'a [Root],
    pub tell: Option<Tell<'a>>,
}

impl Scope<'_> {
    /// Says that the file at `path` is left alone, if anybody wants to know.
    pub(crate) fn leave(&self, path: &Path, why: LeftAlone) {
        if let Some(tell) = self.tell {
            tell(path, why);
        }
    }
}

/// A symlink that a walk came upon.
pub(crate) struct Link {
    pub path: PathBuf,
    /// The root that it lies in.
    pub root: usize,
    /// It lies directly in a root that no link led to, as it must to be followed.
    pub is_direct: bool,
}
