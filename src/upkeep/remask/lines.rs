//! Compares the text of a block with what masking it again made of it: nothing but masks may be new. In: both texts. Out: how
//! many lines have their first mask now, or that something is wrong.

use crate::error::{Error, Kind, Result};
use memchr::memmem;
use serde::de::IgnoredAny;

/// What every placeholder holds: `***MASKED***`, `ghp_***MASKED***`, `***MASKED:rule-id***`, `***PRIVATE_KEY_MASKED***`.
const MARKS: [&[u8]; 3] = [b"***MASKED", b"MASKED***", b"***PRIVATE"];

/// Lines of one block, compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// Lines that are not as they were.
    pub changed: u64,
    /// Those of them in which nothing was masked before.
    pub newly_masked: u64,
}

/// Compares the lines of `old` with those of `new`; `is_touched` says of a range of `old` whether anything was found in it.
///
/// # Errors
///
/// [`Kind::Internal`] when there are more or fewer lines, when a line is another one though nothing was found in it, and when
/// a line was JSON and is none any more.
pub(super) fn compare(
    old: &[u8],
    new: &[u8],
    mut is_touched: impl FnMut(std::ops::Range<usize>) -> bool,
) -> Result<Compared> {
    let wrong = |what: &str| Err(Error::new(Kind::Internal, format!("masking again {what}")));
    let mut compared = Compared::default();
    let mut news = new.split_inclusive(|byte| *byte == b'\n');
    let mut at = 0;
    for line in old.split_inclusive(|byte| *byte == b'\n') {
        let range = at..at + line.len();
        at = range.end;
        let Some(changed) = news.next() else { return wrong("lost a line") };
        if line.ends_with(b"\n") != changed.ends_with(b"\n") {
            return wrong("joined lines");
        }
        if line == changed {
            continue;
        }
        if !is_touched(range) {
            return wrong("changed a line in which nothing was found");
        }
        if is_json(line) && !is_json(changed) {
            return wrong("left a line that is no JSON any more");
        }
        compared.changed += 1;
        let had_mask = MARKS.iter().any(|mark| memmem::find(line, mark).is_some());
        compared.newly_masked += u64::from(!had_mask);
    }
    match news.next() {
        // A line's mask may stand where nothing was: an empty text has no line.
        Some(rest) if !rest.is_empty() => wrong("added a line"),
        _ => Ok(compared),
    }
}

fn is_json(line: &[u8]) -> bool {
    matches!(line.first(), Some(b'{' | b'[')) && serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_their_first_mask_are_told_from_those_that_had_one() {
        let old = b"{\"a\":\"x\"}\n{\"a\":\"***MASKED*** y\"}\nsame\n";
        let new = b"{\"a\":\"***MASKED***\"}\n{\"a\":\"***MASKED*** ***MASKED***\"}\nsame\n";
        assert_eq!(compare(old, new, |_| true).unwrap(), Compared { changed: 2, newly_masked: 1 });
        assert_eq!(compare(old, old, |_| false).unwrap(), Compared::default());
    }

    #[test]
    fn whatever_is_more_than_a_mask_is_refused() {
        for (old, new, is_touched) in [
            (&b"one\ntwo\n"[..], &b"one\n"[..], true),
            (b"one\n", b"one\ntwo\n", true),
            (b"one\ntwo\n", b"one two\n", true),
            (b"one\n", b"other\n", false),
            (b"{\"a\":\"x\"}\n", b"{\"a\":\"***}\n", true),
        ] {
            let error = compare(old, new, |_| is_touched).unwrap_err();
            assert_eq!(error.kind(), Kind::Internal, "{}", String::from_utf8_lossy(new));
        }
    }
}
