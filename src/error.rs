//! One error type for the whole program: what failed, where, why, and what to do next.
//!
//! Owns the mapping from failures to exit codes. Never holds bytes of a transcript.

use std::path::{Path, PathBuf};
use std::{fmt, io};

/// The result of anything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure this is; decides the exit code and whether a batch goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The command line asks for something that cannot be.
    Usage,
    /// The configuration cannot be used; nothing may be archived with it.
    Config,
    /// One source cannot be archived (missing, unreadable, not a regular file, still changing).
    Source,
    /// The store cannot be written or read at all.
    Store,
    /// The disk, the quota or the file-size limit is exhausted.
    NoSpace,
    /// Another run holds the lock.
    Busy,
    /// An archive is damaged.
    Damaged,
    /// The user or the system asked us to stop; holds the signal's number.
    Interrupted(i32),
    /// A mistake of ours, caught before it could do harm.
    Internal,
}

impl Kind {
    /// Returns the exit code for a run that ended with this failure (sysexits' EX_TEMPFAIL for `Busy`, 128 + the
    /// signal's number for `Interrupted`, as shells do).
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Usage | Kind::Config => 2,
            Kind::Source => 3,
            Kind::Store | Kind::NoSpace | Kind::Internal => 1,
            Kind::Damaged => 4,
            Kind::Busy => 75,
            Kind::Interrupted(signal) => 128u8.wrapping_add(signal as u8),
        }
    }

    /// Returns whether a batch must stop at this failure instead of going on with the next file.
    pub fn is_fatal(self) -> bool {
        !matches!(self, Kind::Source | Kind::Damaged)
    }
}

/// A failure with its surroundings. Displays as `cannot read /a/b.jsonl: permission denied`.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    /// Lowercase, verb first, no final period: `cannot read`.
    what: String,
    path: Option<PathBuf>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// The next step for the user, a sentence on a line of its own.
    hint: Option<String>,
}

impl Error {
    /// Returns an error of `kind` that says `what` went wrong.
    pub fn new(kind: Kind, what: impl Into<String>) -> Error {
        Error { kind, what: what.into(), path: None, source: None, hint: None }
    }

    /// Returns an error for a failed system call on `path`; a full disk, quota or file-size limit becomes
    /// [`Kind::NoSpace`] whatever `kind` says.
    pub fn io(kind: Kind, what: impl Into<String>, path: &Path, error: io::Error) -> Error {
        let kind = if is_no_space(&error) { Kind::NoSpace } else { kind };
        Error::new(kind, what).with_path(path).with_source(error)
    }

    /// Adds the path that the failure is about.
    pub fn with_path(mut self, path: impl Into<PathBuf>) -> Error {
        self.path = Some(path.into());
        self
    }

    /// Adds the underlying error.
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        self.source = Some(source.into());
        self
    }

    /// Adds the next step for the user.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// Returns what sort of failure this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns what went wrong, without path and cause.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Returns the path that the failure is about, if any.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the next step for the user, if there is one to give.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Returns the underlying I/O error, if there is one.
    pub fn io_error(&self) -> Option<&io::Error> {
        self.source.as_deref().and_then(|source| source.downcast_ref())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(path) = &self.path {
            write!(f, " {}", path.display())?;
        }
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Returns whether `error` says that no more can be written: disk, quota or file-size limit.
pub(crate) fn is_no_space(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_verb_path_reason() {
        let error =
            Error::io(Kind::Source, "cannot read", Path::new("/a/b.jsonl"), io::Error::from_raw_os_error(13));
        assert_eq!(error.to_string(), "cannot read /a/b.jsonl: Permission denied (os error 13)");
        assert_eq!(error.kind().exit_code(), 3);
    }

    #[test]
    fn a_full_disk_is_fatal_whatever_was_being_done() {
        let error =
            Error::io(Kind::Source, "cannot write", Path::new("/a"), io::Error::from_raw_os_error(28));
        assert_eq!(error.kind(), Kind::NoSpace);
        assert!(error.kind().is_fatal());
    }
}
