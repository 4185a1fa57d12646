//! Passes over a window once for the scanners of tokens and of context, and shows them what they are made to look at.
//! Owns how far around the wanted bytes it looks, so that what is seen does not depend on the window.

use super::LITERAL_AFTER;
use super::literals::{Literal, Literals, Meaning};
use super::runs::{self, Runs};
use crate::mask::{Counts, Window, context, escape, wide};

/// Bytes looked at in one go: they and what is found in them stay in the innermost cache.
const PIECE_BYTES: usize = 16 << 10;

/// A run may start so many bytes before a match that it gives away: after an escape, a colour, a sign.
const RUN_BEFORE: usize = 32;

/// A run or a literal may start so many bytes after the start of the match that it gives away.
const AFTER: usize =
    if context::MOST_AFTER_VALUE > LITERAL_AFTER { context::MOST_AFTER_VALUE } else { LITERAL_AFTER };

/// Runs are seen whole up to this length.
pub(super) const RUN_SEEN: usize = 128;

/// Something that may give a match away.
pub(crate) enum Sight<'a> {
    /// A run of word bytes, from its start to its end (or as much of a long one as must be seen).
    Run(usize, usize),
    /// A `~`.
    Tilde(usize),
    /// A literal, and where it starts.
    Literal(&'a Literal, usize),
}

/// A search for everything the scanners look at; one for all threads.
pub(crate) struct Sweep {
    literals: Literals,
}

impl Sweep {
    /// Builds the search.
    pub(crate) fn new() -> Sweep {
        Sweep { literals: Literals::new() }
    }

    /// Shows `look` everything in and around the wanted range of `window` by which a match may be known that starts
    /// there; in no particular order. Returns what the wanted range has of rare bytes, and whether there may be pieces of messages in it:
    /// to see that here costs little, later it would be another pass over memory.
    pub(crate) fn each(&self, window: &Window, runs: &mut Runs, mut look: impl FnMut(Sight)) -> Counts {
        let bytes = window.bytes;
        let first = window.wanted.start.saturating_sub(context::MOST_BEFORE_VALUE);
        let first_run = window.wanted.start.saturating_sub(RUN_BEFORE);
        let last = (window.wanted.end + AFTER).min(bytes.len());
        let wanted = window.wanted.start..window.wanted.end.min(bytes.len());
        let (mut from, mut counts) = (first, Counts::default());
        while from < last {
            let to = (from + PIECE_BYTES).min(last);
            runs::find(bytes, from, (to + RUN_SEEN).min(bytes.len()), runs);
            // While they are in the innermost cache, and with more than lies between two places that are looked at.
            counts.has_escaped_nuls |= wide::may_have_escaped(&bytes[from..(to + 128).min(bytes.len())]);
            // A run that goes on from before is not seen from its start here: it was in the piece before, or no match
            // starts in it that is wanted.
            let torn = from > 0 && escape::is_word(bytes[from - 1]);
            for (&start, &end) in runs.starts.iter().zip(&*runs.ends) {
                if start >= to {
                    break;
                }
                if start >= first_run && !(start == from && torn) {
                    look(Sight::Run(start, end));
                }
            }
            for &at in runs.marks.iter().take_while(|&&at| at < to) {
                match bytes[at] {
                    b'~' => look(Sight::Tilde(at)),
                    b'\n' => counts.newlines += u64::from(wanted.contains(&at)),
                    0 => counts.nul_bytes += u64::from(wanted.contains(&at)),
                    _ => self.literals.each(bytes, at, |literal, start| {
                        let end = start + literal.text.len();
                        if literal.meaning == Meaning::Piece {
                            counts.has_pieces |= start >= wanted.start && end <= wanted.end;
                        } else if start >= first && end <= last {
                            look(Sight::Literal(literal, start));
                        }
                    }),
                }
            }
            from = to;
        }
        counts
    }
}
