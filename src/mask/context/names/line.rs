//! What the line before a key says, and what a test is called: asked both of code and of reports of tests.

use crate::mask::name_shape;

/// So far before a key its line is looked at.
pub(crate) const MOST_BEFORE: usize = 96;

/// `TestIssue17697`, `BenchmarkAdd64multiple`.
pub(crate) fn is_test(text: &[u8]) -> bool {
    let name = text.strip_prefix(b"Test").or_else(|| text.strip_prefix(b"Benchmark"));
    name.is_some_and(|name| {
        name.first().is_some_and(u8::is_ascii_uppercase) && name_shape::could_be_name(name)
    })
}

/// What of the key's line stands before it, back to [`MOST_BEFORE`] bytes. Line ends are also those written as escapes.
pub(crate) fn line_before(bytes: &[u8], key_start: usize) -> &[u8] {
    let before = &bytes[key_start.saturating_sub(MOST_BEFORE)..key_start];
    let newline = before.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
    let escaped = before.windows(2).rposition(|two| two == b"\\n").map(|at| at + 2);
    &before[newline.max(escaped).unwrap_or(0)..]
}

/// In what is likely a report, what is drawn by lot is told from a name if it has so many bytes.
pub(crate) const LONG: usize = 16;

/// Whether the line names a test of Go's before the key: `--- PASS: TestLogin/pass=correct2`.
pub(crate) fn is_in_test_name(before: &[u8]) -> bool {
    let marks: [&[u8]; 6] =
        [b"--- PASS: ", b"--- FAIL: ", b"--- SKIP: ", b"=== RUN ", b"=== CONT ", b"=== PAUSE "];
    marks.iter().any(|mark| memchr::memmem::find(before, mark).is_some())
}
