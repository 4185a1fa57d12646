//! Sources that are no text: rows of databases and documents that are written anew, told as lines of JSON.
//!
//! In: a locator and the recipe in it ([`crate::recipe`]). Out: lines, one after the other, and, of a file that holds many
//! sessions, which there are and by what one sees that they changed. Met in this order: `database` (opens what may not be
//! written to, by `vfs`), `columns` (whose it is), `sessions` (what is in it, by what `marks` say), `rows` (their lines; `query` finds the rows, by
//! what `numbers` knows, and `long` tells what is too long to be held), `value` (what stands in a line, by `protobuf` or
//! `widths` where it is that, else by `runs` of text), `document` and `split` (JSON), `chat` (Markdown), and `lines` (all of
//! that as a stream).
//!
//! Nothing is lost: what is JSON already is taken over as it is but for blanks between its tokens, text becomes a string,
//! bytes that are no text base64. Nothing is held but one line at a time, and no line grows with what is told in it. All of
//! one source is read in one transaction.

mod chat;
mod columns;
mod database;
mod document;
mod lines;
mod long;
mod marks;
mod numbers;
mod protobuf;
mod query;
mod rows;
mod runs;
mod sessions;
mod split;
mod value;
#[cfg(unix)]
mod vfs;
mod widths;

use crate::error::Result;
use crate::locator::Locator;

pub(crate) use columns::columns;
pub(crate) use lines::Lines;
pub(crate) use sessions::{Holder, Listed, list};

/// Hands the lines that a source is told in to `take`, one at a time, each with its newline.
///
/// # Errors
///
/// [`crate::error::Kind::Source`] when it cannot be read: locked, no database, damaged. That of `take`, which ends it.
///
/// # Panics
///
/// If the source is a plain file, which is text.
pub(crate) fn render(locator: &Locator, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    match locator {
        Locator::File(_) => unreachable!("a file of text is read, not told"),
        Locator::Rows(rows) => rows::render(rows, take),
        Locator::Document(document) => match document.section {
            Some(line) => chat::render(&document.path, line, take),
            None => document::render(document, take),
        },
    }
}
