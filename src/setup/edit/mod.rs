//! Brings the text of a JSON file to where it has what is [wanted](Wanted), and takes that out again. In comes a text, out
//! comes a text: comments, order, layout and whatever is not ours are the same, byte for byte. Touches no file.
//!
//! The files in the order in which they are met: [`style`] sees how a text is laid out, [`container`] changes single items,
//! [`document`] finds them by their path; [`hooks`] brings hooks of ours up to date, and [`takeout`] takes things out.

mod container;
mod document;
mod hooks;
mod style;
mod takeout;
#[cfg(test)]
mod tests;

pub(super) use takeout::{Placed, take_out};

use crate::agents::settings::{Change, OWN_FILE_MARK, Wanted};
use document::Document;

/// Why a text is left as it is, a phrase for people: `line 3 is no valid JSON`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unchangeable(pub String);

/// Bytes that a text may begin with and that are none of it.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Returns `text` with everything that is `wanted` of its file; the same text if nothing is missing.
///
/// # Errors
///
/// When it is no JSON, comments and trailing commas allowed, or when something else stands where something of ours
/// belongs.
pub(super) fn bring_in(text: &str, wanted: &[Wanted]) -> Result<String, Unchangeable> {
    let mut text = text.to_owned();
    for wanted in wanted {
        text = with_body(&text, |body| one(body, &wanted.change))?;
    }
    Ok(text)
}

/// Has `edit` change a text without the mark that it may begin with.
fn with_body(
    text: &str,
    edit: impl FnOnce(&str) -> Result<String, Unchangeable>,
) -> Result<String, Unchangeable> {
    match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(body) => Ok(format!("{BYTE_ORDER_MARK}{}", edit(body)?)),
        None => edit(text),
    }
}

fn one(text: &str, change: &Change) -> Result<String, Unchangeable> {
    match change {
        Change::Hook { path, element } => hooks::bring_in(text, path, element),
        Change::Member { path, value, is_default } => {
            let document = Document::parse(text)?;
            if *is_default && document.value_at(path).is_some() {
                return Ok(text.to_owned());
            }
            document.with_value(path, value)
        }
        Change::File { text: ours } if text.trim().is_empty() || is_own_file(text) => Ok(ours.clone()),
        Change::File { .. } => Err(Unchangeable("it is there and was not written by setup".to_owned())),
    }
}

/// Returns whether a text holds no more than an object with nothing in it.
pub(super) fn is_empty(text: &str) -> bool {
    let body: String = text.trim_start_matches(BYTE_ORDER_MARK).split_whitespace().collect();
    matches!(body.as_str(), "" | "{}")
}

/// Returns whether a file says in its first line that it is ours as a whole.
pub(super) fn is_own_file(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.contains(OWN_FILE_MARK))
}
