//! A form that sessions are exported in: what it must say of itself.

use std::path::Path;

use super::names;
use crate::error::Result;
use crate::report::Reporter;
use crate::search::sessions::Session;
use crate::view::html::{Figures, Source, Write};
use crate::view::site::Entry;

/// Renders sessions. To add a form: implement this in a file beside, and give it an option in `cli::export`.
pub(crate) trait Form: Sync {
    /// What the names of its files end with: `.html`.
    fn suffix(&self) -> &'static str;

    /// What its result depends on beside the session: the form's name and version, which changes whenever the same session
    /// would come out otherwise, and all options.
    fn recipe(&self) -> String;

    /// Returns where the file of `session` goes, below the root of an export of the store at `store`; by default as its
    /// archive lies in the store.
    fn path(&self, session: &Session<'_>, store: &Path) -> String {
        names::relative_path(&session.stored, store, self.suffix())
    }

    /// Writes one session in pieces; returns what was counted. `depth` is how many directories below the export's root the
    /// file lies.
    ///
    /// # Errors
    ///
    /// Those of `write`.
    fn render(&self, source: &Source<'_>, depth: usize, write: &mut Write<'_>) -> Result<Figures>;

    /// Returns lists of all sessions that were exported, the main one first: the name of the file, and what is in it. None
    /// where the form has none.
    ///
    /// # Errors
    ///
    /// When what it needs beside the entries cannot be read.
    fn list(&self, _entries: &mut [Entry<'_>], _reporter: &Reporter) -> Result<Vec<(&'static str, Vec<u8>)>> {
        Ok(Vec::new())
    }
}
