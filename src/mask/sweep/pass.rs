//! Passes over a window once for the scanners of tokens and of context, and shows them what they are made to look at.
//! Owns how far around the wanted bytes it looks, so that what is seen does not depend on the window.

use crate::mask::pem;
use crate::mask::sweep::literals::{Literal, Literals, Meaning};
use crate::mask::sweep::masks::Runs;
use crate::mask::sweep::runs;
use crate::mask::text::{escape, wide};
use crate::mask::window::{Counts, LOOK_BEHIND, Window};

/// Bytes looked at in one go: they and what is found in them stay in the innermost cache.
const STEP_BYTES: usize = 16 << 10;

/// A run may start so many bytes before a match that it gives away: after an escape, a colour, a sign.
const RUN_BEFORE: usize = 32;

/// A literal may stand so many bytes before the start of a match that it gives away.
pub(crate) const MOST_BEFORE: usize = LOOK_BEHIND - 256;

/// A run or a literal may start so many bytes after the start of the match that it gives away.
pub(crate) const MOST_AFTER: usize = pem::LONGEST_CUT_KEY + 64;

/// Runs are seen whole up to this length.
pub(crate) const RUN_SEEN: usize = 128;

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

    /// Shows `visit` everything in and around the wanted range of `window` by which a match may be known that starts
    /// there; in no particular order. Returns what the wanted range has of rare bytes, and whether there may be pieces of messages in it:
    /// to see that here costs little, later it would be another pass over memory.
    pub(crate) fn each(&self, window: &Window, runs: &mut Runs, mut visit: impl FnMut(Sight)) -> Counts {
        let bytes = window.bytes;
        let first = window.wanted.start.saturating_sub(MOST_BEFORE);
        let first_run = window.wanted.start.saturating_sub(RUN_BEFORE);
        let last = (window.wanted.end + MOST_AFTER).min(bytes.len());
        let wanted = window.wanted.start..window.wanted.end.min(bytes.len());
        let (mut from, mut counts) = (first, Counts::default());
        while from < last {
            let to = (from + STEP_BYTES).min(last);
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
                    visit(Sight::Run(start, end));
                }
            }
            for &at in runs.marks.iter().take_while(|&&at| at < to) {
                match bytes[at] {
                    b'~' => visit(Sight::Tilde(at)),
                    b'\n' => counts.newlines += u64::from(wanted.contains(&at)),
                    0 => counts.nul_bytes += u64::from(wanted.contains(&at)),
                    _ => self.literals.each(bytes, at, |literal, start| {
                        let end = start + literal.text.len();
                        if literal.meaning == Meaning::Piece {
                            counts.has_pieces |= start >= wanted.start && end <= wanted.end;
                        } else if start >= first && end <= last {
                            visit(Sight::Literal(literal, start));
                        }
                    }),
                }
            }
            from = to;
        }
        counts
    }
}
