//! What is in the way of a walk: what it is, why it cannot be used, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind};

/// Something in a tree that should have been a transcript, or held some, and cannot be used.
#[derive(Debug)]
pub struct WalkProblem {
    pub path: PathBuf,
    pub reason: WalkReason,
}

/// Why a path cannot be used.
#[derive(Debug)]
pub enum WalkReason {
    /// A FIFO, socket, device or directory with a transcript's name.
    NotRegular,
    /// A symlink to a file outside of the directories that are being walked.
    SymlinkOutside,
    /// A symlink that leads nowhere.
    SymlinkDangling,
    /// A symlink that leads, by others or at once, to itself.
    SymlinkCycle,
    /// A symlink to a directory that the link, or the directory that is being walked, lies in.
    SymlinkLoop,
    /// A symlink to a directory, further down than links are followed.
    SymlinkDeep,
    /// A symlink to a directory of another user's.
    ForeignDirectory,
    /// A file of another user's that only a symlink leads to.
    ForeignFile,
    /// The directory cannot be read, or the file's status not be had.
    Unreadable(io::Error),
}

impl WalkReason {
    /// Returns what is said of the path, and the next step where there is one.
    fn words(&self, path: &Path) -> (&'static str, Option<String>) {
        let path = path.display();
        match self {
            WalkReason::NotRegular => ("not a regular file", None),
            WalkReason::SymlinkOutside => (
                "a symlink to a file outside of the tree",
                Some("Name the file's own directory to archive it.".to_owned()),
            ),
            WalkReason::SymlinkDangling => (
                "a symlink that leads nowhere",
                Some("Bring back what it led to (is a disk not mounted?), or remove the link.".to_owned()),
            ),
            WalkReason::SymlinkCycle => {
                ("a symlink that leads to itself", Some("Remove the link.".to_owned()))
            }
            WalkReason::SymlinkLoop => (
                "a symlink to a directory that it lies in",
                Some("What is in the agent's own directory is looked at anyway: remove the link.".to_owned()),
            ),
            WalkReason::SymlinkDeep => (
                "a symlink to a directory; followed are only those directly in the agent's own",
                Some(format!("To archive what it leads to: sessionkeep import --from {path}")),
            ),
            WalkReason::ForeignDirectory => (
                "a symlink to a directory of another user's",
                Some(format!("To archive what is in it all the same: sessionkeep import --from {path}")),
            ),
            WalkReason::ForeignFile => (
                "a file of another user's that a symlink leads to",
                Some(format!("To archive it all the same: sessionkeep archive {path}")),
            ),
            WalkReason::Unreadable(_) => ("cannot be read", None),
        }
    }
}

impl From<WalkProblem> for Error {
    fn from(problem: WalkProblem) -> Error {
        let (says, hint) = problem.reason.words(&problem.path);
        if let WalkReason::Unreadable(error) = problem.reason {
            return Error::io(Kind::Source, "cannot read", &problem.path, error);
        }
        let error = Error::new(Kind::Source, "skipped").with_path(problem.path).with_source(says);
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_link_that_is_not_followed_is_named_with_a_reason_of_its_own_and_a_next_step() {
        let reasons = [
            WalkReason::SymlinkOutside,
            WalkReason::SymlinkDangling,
            WalkReason::SymlinkCycle,
            WalkReason::SymlinkLoop,
            WalkReason::SymlinkDeep,
            WalkReason::ForeignDirectory,
            WalkReason::ForeignFile,
        ];
        let mut said = Vec::new();
        for reason in reasons {
            let error = Error::from(WalkProblem { path: PathBuf::from("/a/-link"), reason });
            assert_eq!(error.kind(), Kind::Source);
            let text = error.to_string();
            assert!(text.starts_with("skipped /a/-link: a "), "{text}");
            assert!(error.hint().is_some_and(|hint| hint.ends_with('.') || hint.ends_with("/a/-link")));
            assert!(!said.contains(&text), "{text}");
            said.push(text);
        }
    }
}
