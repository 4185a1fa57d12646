//! The difference of two texts, line by line, as `diff -u` writes it. Settings may hold secrets: what is one
//! by its place or its looks is masked in both texts first.

use crate::cli::common::output::Output;
use crate::error::Result;
use crate::mask::Masker;
use crate::report::terminal_safe;
use crate::setup::veiled;
use similar::TextDiff;

/// Lines shown around what differs.
const CONTEXT: usize = 3;

/// Prints the difference of a file's text; no text before or after: it is made or removed.
pub(super) fn print(
    path: &str,
    before: Option<&str>,
    after: Option<&str>,
    masker: &Masker,
    output: &mut Output,
) -> Result<()> {
    print_with(CONTEXT, path, before, after, masker, output)
}

/// Prints the difference of a table of jobs, and none of the lines around it: they are commands and variables of the user's,
/// which may be secrets that look like any word.
pub(super) fn print_alone(
    path: &str,
    before: &str,
    after: &str,
    masker: &Masker,
    output: &mut Output,
) -> Result<()> {
    print_with(0, path, Some(before), Some(after), masker, output)
}

fn print_with(
    context: usize,
    path: &str,
    before: Option<&str>,
    after: Option<&str>,
    masker: &Masker,
    output: &mut Output,
) -> Result<()> {
    let masked = |text: Option<&str>| text.map(|text| masker.mask_text(&veiled(text))).unwrap_or_default();
    let name = |text: Option<&str>| text.map_or("/dev/null", |_| path).to_owned();
    let (old, new) = (masked(before), masked(after));
    let diff = TextDiff::from_lines(&old, &new);
    let text = diff.unified_diff().context_radius(context).header(&name(before), &name(after)).to_string();
    for line in text.split_inclusive('\n') {
        let line = line.strip_suffix('\n').unwrap_or(line);
        output.line(&*terminal_safe(line.strip_suffix('\r').unwrap_or(line).as_bytes()))?;
    }
    Ok(())
}
