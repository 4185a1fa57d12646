//! A change of a file in lines: those that went, those that came, and some around them.

use similar::{ChangeTag, TextDiff};

/// A change of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    pub path: String,
    pub lines: Vec<Line>,
}

/// A line of a diff, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub side: Side,
    pub text: String,
}

/// What a line of a diff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Kept,
    Removed,
    Added,
    /// No line of the file: between what is told of it there is more, or a word on where it stands.
    Between,
}

/// Lines of the old and the new text together up to which they are compared: finding the shortest difference of more takes
/// too long.
const MOST_LINES: usize = 20_000;

/// Lines around a change.
const AROUND_LINES: usize = 3;

/// Returns the lines of `old` that are not in `new`, those of `new` that are not in `old`, and some around them.
pub(super) fn diff(old: &str, new: &str) -> Vec<Line> {
    let line = |side, text: &str| Line { side, text: text.trim_end_matches(['\n', '\r']).to_owned() };
    if old.lines().count() + new.lines().count() > MOST_LINES {
        let removed = old.lines().map(|text| line(Side::Removed, text));
        return removed.chain(new.lines().map(|text| line(Side::Added, text))).collect();
    }
    let diff = TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for (nth, group) in diff.grouped_ops(AROUND_LINES).iter().enumerate() {
        if nth > 0 {
            lines.push(line(Side::Between, "…"));
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let side = match change.tag() {
                ChangeTag::Equal => Side::Kept,
                ChangeTag::Delete => Side::Removed,
                ChangeTag::Insert => Side::Added,
            };
            lines.push(line(side, change.value()));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_too_long_to_compare_are_told_whole() {
        let long = |word: &str| format!("{word}\n").repeat(MOST_LINES);
        assert_eq!(diff(&long("x"), &long("y")).len(), 2 * MOST_LINES);
    }
}
