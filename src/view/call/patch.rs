//! Reads changes that are written as text: Codex's patches, and diffs as `diff -u` makes them.

use super::diff::{Edit, Line, Side};

const BEGIN: &str = "*** Begin Patch";
const FILES: [&str; 3] = ["*** Update File: ", "*** Add File: ", "*** Delete File: "];

/// Returns the changes in the patch that stands somewhere in `text`; `None` where there is none.
pub(super) fn edits_of_patch(text: &str) -> Option<Vec<Edit>> {
    let (_, patch) = text.split_once(BEGIN)?;
    let mut edits: Vec<Edit> = Vec::new();
    for line in patch.lines().skip(1) {
        if line.trim_end() == "*** End Patch" {
            break;
        }
        if let Some(path) = FILES.iter().find_map(|before| line.strip_prefix(before)) {
            edits.push(Edit { path: path.trim_end().to_owned(), lines: Vec::new() });
        } else if let Some(edit) = edits.last_mut() {
            edit.lines.push(line_of_diff(line));
        }
    }
    Some(edits)
}

/// Returns the lines of a diff.
pub(super) fn lines_of_diff(diff: &str) -> Vec<Line> {
    diff.lines().map(line_of_diff).collect()
}

fn line_of_diff(line: &str) -> Line {
    let (side, text) = match line.as_bytes().first() {
        Some(b'*') if line.starts_with("*** ") => (Side::Between, line),
        Some(b'@') if line.starts_with("@@") => (Side::Between, line),
        Some(b'-') if !line.starts_with("--- ") => (Side::Removed, &line[1..]),
        Some(b'+') if !line.starts_with("+++ ") => (Side::Added, &line[1..]),
        Some(b' ') => (Side::Kept, &line[1..]),
        _ => (Side::Kept, line),
    };
    Line { side, text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_names_its_files_and_keeps_every_line() {
        let text = "cat <<EOF\n*** Begin Patch\n*** Add File: n\n+x\n*** Update File: m\n*** Move to: k\n@@ fn a\n-1\n\
                    *** Delete File: d\n*** End Patch\nEOF";
        let edits = edits_of_patch(text).unwrap();
        let told: Vec<_> = edits.iter().map(|edit| (&*edit.path, edit.lines.len())).collect();
        assert_eq!(told, [("n", 1), ("m", 3), ("d", 0)]);
        assert_eq!(edits[1].lines[0].side, Side::Between);
        assert_eq!(edits_of_patch("no patch"), None);
    }
}
