//! Sources that are no text: rows of databases and documents that are written anew, told as lines of JSON.
//!
//! In: a locator and the recipe in it ([`crate::recipe`]). Out: lines, one after the other, and, of a file that holds many
//! sessions, which there are and by what one sees that they changed. Met in this order: [`mod@database`] reads rows;
//! [`document`] and [`split`] read JSON, [`mod@chat`] Markdown; [`value`] is what stands in a line, by [`protobuf`] or
//! [`widths`] where it is that, else by [`runs`] of text, and [`long`] tells what is too long to be held; [`lines`] is all of
//! that as a stream.
//!
//! Nothing is lost: what is JSON already is taken over as it is but for blanks between its tokens, text becomes a string,
//! bytes that are no text base64. Nothing is held but one line at a time, and no line grows with what is told in it. All of
//! one source is read in one transaction.

mod chat;
mod database;
mod document;
mod lines;
mod long;
mod protobuf;
mod runs;
mod split;
mod value;
mod widths;

use crate::error::Result;
use crate::locator::Locator;

pub(crate) use database::columns::columns;
pub(crate) use database::open::Database;
pub(crate) use database::sessions::{Holder, Listed, list};
pub(crate) use lines::Lines;

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
        Locator::Rows(rows) => database::rows::render(rows, take),
        Locator::Document(document) => match document.section {
            Some(line) => chat::render(&document.path, line, take),
            None => document::render(document, take),
        },
    }
}
