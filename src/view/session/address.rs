//! What people and scripts write for a session, and for a message of it: an id's beginning, `@last`, a path; `#17.2` behind
//! it. Looks at the file system only for whether there is such a file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::{Error, Kind, Result};
use crate::message::Index;

/// What is written for a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// An id, or its beginning.
    Id(String),
    /// The session that was worked on last, or so many before it.
    Last(usize),
    /// Where a file is.
    Path(PathBuf),
}

/// What is written for a session or for one message of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub name: Name,
    pub index: Option<Index>,
}

impl Address {
    /// Reads `text`: `1a2b3c4d`, `@last`, `@last~2`, `./session.jsonl.gz`; each with `#17` or `#17.2` behind it or not. What
    /// holds a slash, or is the name of a file that is there, is a path.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] for an `@` that means nothing here, and for nothing at all.
    pub(crate) fn parse(text: &OsStr) -> Result<Address> {
        if Path::new(text).is_file() {
            return Ok(Address { name: Name::Path(text.into()), index: None });
        }
        let Some(written) = text.to_str() else {
            return Ok(Address { name: Name::Path(text.into()), index: None });
        };
        let (name, index) = match written.rsplit_once('#') {
            Some((name, index)) => match index.parse() {
                Ok(index) => (name, Some(index)),
                Err(()) => (written, None),
            },
            None => (written, None),
        };
        Ok(Address { name: name.parse()?, index })
    }
}

impl FromStr for Name {
    type Err = Error;

    fn from_str(text: &str) -> Result<Name> {
        if let Some(after) = text.strip_prefix('@') {
            return last(after).ok_or_else(|| {
                Error::new(Kind::Usage, format!("cannot tell which session '{text}' is"))
                    .with_hint("write @last for the latest one, @last~1 for the one before it")
            });
        }
        if text.is_empty() {
            let error = Error::new(Kind::Usage, "no session is named");
            return Err(error.with_hint("write the beginning of an id, @last, or a path"));
        }
        let is_path = text.contains(['/', std::path::MAIN_SEPARATOR]) || Path::new(text).is_file();
        Ok(if is_path { Name::Path(text.into()) } else { Name::Id(text.to_owned()) })
    }
}

fn last(text: &str) -> Option<Name> {
    let before = match text.strip_prefix("last")? {
        "" => 0,
        count => count.strip_prefix('~')?.parse().ok()?,
    };
    Some(Name::Last(before))
}

impl std::fmt::Display for Name {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Name::Id(id) => formatter.write_str(id),
            Name::Last(0) => formatter.write_str("@last"),
            Name::Last(before) => write!(formatter, "@last~{before}"),
            Name::Path(path) => path.display().fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_named_by_id_by_age_or_by_path_and_a_message_by_its_index() {
        let id = |id: &str| Name::Id(id.to_owned());
        let index = |line, nth| Some(Index { line, nth });
        for (text, name, index) in [
            ("1a2b", id("1a2b"), None),
            ("1a2b#17", id("1a2b"), index(17, 1)),
            ("@last", Name::Last(0), None),
            ("@last~2#3.2", Name::Last(2), index(3, 2)),
            ("/a/b.jsonl.gz", Name::Path("/a/b.jsonl.gz".into()), None),
            ("./b#4", Name::Path("./b".into()), index(4, 1)),
            ("a#b", id("a#b"), None),
        ] {
            assert_eq!(Address::parse(OsStr::new(text)).unwrap(), Address { name, index }, "{text}");
        }
        for text in ["", "@", "@first", "@last~", "@last~x", "@last-1", "#3"] {
            assert_eq!(Address::parse(OsStr::new(text)).unwrap_err().kind(), Kind::Usage, "{text}");
        }
    }

    #[test]
    fn a_file_whose_name_ends_like_an_index_is_still_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a#3");
        std::fs::write(&path, "").unwrap();
        let expected = Address { name: Name::Path(path.clone()), index: None };
        assert_eq!(Address::parse(path.as_os_str()).unwrap(), expected);
    }
}
