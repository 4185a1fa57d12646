//! A file that lies outside of any tree that is known by its names, for an agent to say whether it is one of its own, and
//! where it would lie then.

use std::path::{Path, PathBuf};

use super::record::{Record, records};

/// What can be told of a file before it is anybody's.
pub(crate) struct Stray<'a> {
    pub path: &'a Path,
    /// The beginning of its text; empty for a database, and where [`Stray::is_trusted`].
    pub head: &'a [u8],
    /// `table.column` of each column that a database has.
    pub columns: &'a [String],
    /// Somebody said already whose the file is: names are enough.
    pub is_trusted: bool,
}

impl<'a> Stray<'a> {
    /// Returns the file's name; nothing for one that is no UTF-8.
    pub(crate) fn name(&self) -> &'a str {
        self.above(0)
    }

    /// Returns the component `levels` above the name, or nothing: 1 is the directory.
    pub(crate) fn above(&self, levels: usize) -> &'a str {
        let name = self.path.ancestors().nth(levels).and_then(Path::file_name);
        name.and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// Returns whether a file of this name lies beside it.
    pub(crate) fn has_beside(&self, name: &str) -> bool {
        self.path.with_file_name(name).is_file()
    }

    /// Returns whether the first record of lines is as `check` has it, or need not be asked.
    pub(crate) fn begins_with(&self, check: impl FnOnce(&Record<'_>) -> bool) -> bool {
        self.is_trusted || records(self.head).next().is_some_and(|record| check(&record))
    }

    /// Returns whether a document is as `check` has it, or need not be asked. Members behind the beginning are missing.
    pub(crate) fn is_document(&self, check: impl FnOnce(&Record<'_>) -> bool) -> bool {
        self.is_trusted || Record::of_document(self.head).is_some_and(|document| check(&document))
    }

    /// Returns whether a database has all of these columns, or need not be asked.
    pub(crate) fn has_columns(&self, names: &[&str]) -> bool {
        self.is_trusted || names.iter().all(|name| self.columns.iter().any(|column| column == name))
    }

    /// Returns the path below `root` with the last `count` components of this one.
    pub(crate) fn in_root(&self, root: &str, count: usize) -> PathBuf {
        let components: Vec<_> = self.path.components().collect();
        let last = &components[components.len().saturating_sub(count)..];
        let last = last.iter().filter(|one| matches!(one, std::path::Component::Normal(_)));
        Path::new(root).join(last.collect::<PathBuf>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stray_lies_below_another_root_as_it_does_below_its_own() {
        let stray = Stray {
            path: Path::new("/b/x/w/s.jsonl"),
            head: b"{\"a\":1}\n{}",
            columns: &[],
            is_trusted: false,
        };
        assert_eq!((stray.name(), stray.above(1), stray.above(9)), ("s.jsonl", "w", ""));
        assert_eq!(stray.in_root(".own/sessions", 2), Path::new(".own/sessions/w/s.jsonl"));
        assert_eq!(stray.in_root(".own", 99), Path::new(".own/b/x/w/s.jsonl"));
        assert!(stray.begins_with(|record| record.has("a")));
        assert!(!stray.begins_with(|record| record.has("b")));
        assert!(!stray.has_columns(&["a.b"]));
        assert!(Stray { is_trusted: true, ..stray }.has_columns(&["a.b"]));
    }
}
