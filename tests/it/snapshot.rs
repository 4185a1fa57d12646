//! Texts that are compared with files in `tests/it/snapshots/`.
//!
//! After a change that is meant, run the tests with `INSTA_UPDATE=always` and read what `git diff` shows.

/// Asserts that a text is as in `tests/it/snapshots/NAME.snap`.
pub fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
