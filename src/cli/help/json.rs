//! What `--json` prints, command by command.

/// Returns the shapes of all.
pub(crate) fn text() -> String {
    String::new()
}
