//! A text as a whole: the mark that it may begin with, whether there is anything in it, whose it is, and why it cannot be
//! changed.

use crate::agents::settings::OWN_FILE_MARK;

/// Why a text is left as it is, a phrase for people: `line 3 is no valid JSON`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::setup) struct Unchangeable(pub String);

/// Bytes that a text may begin with and that are none of it.
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// Has `edit` change a text without the mark that it may begin with.
pub(super) fn with_body(
    text: &str,
    edit: impl FnOnce(&str) -> Result<String, Unchangeable>,
) -> Result<String, Unchangeable> {
    match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(body) => Ok(format!("{BYTE_ORDER_MARK}{}", edit(body)?)),
        None => edit(text),
    }
}

/// Returns whether a text holds no more than an object with nothing in it.
pub(in crate::setup) fn is_empty(text: &str) -> bool {
    let body: String = text.trim_start_matches(BYTE_ORDER_MARK).split_whitespace().collect();
    matches!(body.as_str(), "" | "{}")
}

/// Returns whether a file says in its first line that it is ours as a whole.
pub(super) fn is_own_file(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.contains(OWN_FILE_MARK))
}
