//! Brings the text of a JSON file to where it has what is [wanted](Wanted), and takes that out again. In comes a text, out
//! comes a text: comments, order, layout and whatever is not ours are the same, byte for byte. Touches no file.
//!
//! The files in the order in which they are met: [`text`] is what holds of a whole text, [`style`] sees how a text is laid out, [`container`] changes single items,
//! [`document`] finds them by their path; [`hooks`] brings hooks of ours up to date, and [`takeout`] takes things out. [`veil`] is what of a text may be shown.

mod container;
mod document;
mod hooks;
mod style;
mod takeout;
#[cfg(test)]
mod tests;
mod text;
mod veil;

pub(super) use takeout::{Placed, take_out};
pub(super) use text::{Unchangeable, is_empty};
pub(crate) use veil::veiled;

use crate::agents::settings::{Change, Wanted};
use document::Document;
use text::{is_own_file, with_body};

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
