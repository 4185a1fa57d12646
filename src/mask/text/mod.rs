//! What masking knows of text as transcripts hold it: bytes, escapes, JSON, letters with NULs between them. In come bytes,
//! out come places and decoded bytes; nothing here knows what a secret is.
//!
//! In the order in which they are met: [`class`] (sets of bytes), [`escape`] (where an escape ends and a word may begin),
//! [`json`] (tokens of a JSON text), [`json_string`] (its strings decoded and written), [`unescape`] (all escapes undone), [`wide`] (UTF-16 that
//! was taken for UTF-8).

pub(crate) mod class;
pub(crate) mod escape;
pub(crate) mod json;
pub(crate) mod json_string;
pub(crate) mod unescape;
pub(crate) mod wide;
