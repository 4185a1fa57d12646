//! What a stream holds back: lines that may be the last ones of a key of which nothing else was seen.

use crate::mask::pem::limits::{LONGEST_CUT_KEY, LONGEST_LINE};
use crate::mask::text::class::BASE64;

/// A line that may be one of a key's last has at least so many bytes of base64: what a stream holds back.
const LEAST_HELD: usize = 40;

/// Returns where the lines begin that end `text` and may be a key's last ones before its END line, if there are any.
pub(crate) fn open_tail(text: &[u8]) -> Option<usize> {
    let floor = text.len().saturating_sub(LONGEST_CUT_KEY);
    let (mut end, mut first, mut short) = (text.len(), None, 0);
    while end > floor && text[end - 1] == b'\n' {
        // A longer line, or one with a quote, is none of a key's: a record costs no more than its end.
        let from = (end - 1).saturating_sub(LONGEST_LINE);
        let start = match memchr::memrchr(b'\n', &text[from..end - 1]) {
            Some(newline) => from + newline + 1,
            None if from == 0 => 0,
            None => break,
        };
        let line = &text[start..end - 1];
        if memchr::memchr(b'"', line).is_some() {
            break;
        }
        let may_be_long = line.split(|&byte| !BASE64.contains(byte)).any(|run| {
            run.len() >= LEAST_HELD
                && run.iter().any(u8::is_ascii_uppercase)
                && run.iter().any(u8::is_ascii_lowercase)
        });
        match may_be_long {
            true => (first, short) = (Some(start), 0),
            false if short == 2 || memchr::memmem::find(line, b"-----").is_some() => break,
            // The last line, and what a terminal wrapped of the one before.
            false => short += 1,
        }
        end = start;
    }
    first
}
