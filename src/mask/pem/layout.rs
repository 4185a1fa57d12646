//! Learns what stands before and after the text of a line: a viewer's line numbers, a file's name, a time stamp, the
//! sign of a diff, a border. Two lines have the same layout if their surroundings say the same but for numbers, blanks,
//! colours and signs. Knows nothing of keys.

use crate::mask::pem::breaks::{Breaks, LONGEST_BESIDE, LONGEST_PREFIX};
use crate::mask::pem::limits::LEAST_LINE;
use crate::mask::pem::surroundings::{Essence, Unit, essence, is_blank, is_white, units};
use std::ops::Range;

/// How many runs of base64 a line may have, those of its prefix among them.
const MOST_RUNS: usize = 24;

/// A piece of base64 in a line, without what stands around it.
#[derive(Clone, Debug)]
pub(crate) struct KeyText {
    pub at: Range<usize>,
    /// How many letters of base64 it has.
    pub count: usize,
    /// Whether nothing but blanks stands around it.
    pub is_bare: bool,
}

/// What stands around the text of each line.
pub(crate) struct Layout {
    pub breaks: Breaks,
    before: Essence,
    after: Essence,
    /// Whether nothing but blanks stands around the lines.
    pub is_plain: bool,
    /// Whether a diff's `+` stands before the label.
    is_added: bool,
    /// How long what stands before the label is, if it may end with a diff's sign.
    sign_ends: Option<usize>,
}

impl Layout {
    /// Learns from the line in which the label at `label` stands: one that lines follow, or that follows lines.
    pub(crate) fn of(bytes: &[u8], label: &Range<usize>, follows: bool) -> Option<Layout> {
        let breaks = match follows {
            true => Breaks::before(bytes, label.start)?,
            false => Breaks::after(bytes, label.end)?,
        };
        let (start, _) = breaks.start(bytes, label.start, label.start.saturating_sub(LONGEST_PREFIX));
        let end = breaks.line(bytes, label.end, label.end + LONGEST_BESIDE);
        let end = end.map_or(label.end, |line| line.at.end);
        Some(Layout {
            breaks,
            before: Essence::of(bytes, start..label.start),
            after: Essence::of(bytes, label.end..end),
            is_plain: is_white(bytes, start..label.start) && is_white(bytes, label.end..end),
            is_added: bytes[start..label.start].ends_with(b"+"),
            sign_ends: matches!(bytes[start..label.start].last(), Some(b' ' | b'-'))
                .then_some(label.start - start),
        })
    }

    /// The layout of lines that have nothing around them, whatever stands beside the label.
    pub(crate) fn without_surroundings(&self) -> Layout {
        let (before, after) = (Essence::EMPTY, Essence::EMPTY);
        Layout { breaks: self.breaks, before, after, is_plain: true, is_added: false, sign_ends: None }
    }

    /// Whether the part of a line stands where its text begins.
    pub(crate) fn is_prefix(&self, bytes: &[u8], part: Range<usize>) -> bool {
        self.before.equals(bytes, part.clone()) || self.before.ends_with(bytes, part)
    }

    /// Whether nothing but its surroundings is in the line, or not even those.
    pub(crate) fn is_empty(&self, bytes: &[u8], line: Range<usize>) -> bool {
        let surroundings = self.before.text().iter().chain(self.after.text());
        essence(bytes, line.clone()).next().is_none() || essence(bytes, line).eq(surroundings.copied())
    }

    /// Returns the piece of base64 that is all of the line's text; with `may_be_bare`, also where a line has nothing
    /// around it, as the rest of one that a terminal wrapped.
    pub(crate) fn piece(&self, bytes: &[u8], line: Range<usize>, may_be_bare: bool) -> Option<KeyText> {
        let mut runs = [(0, 0, 0); MOST_RUNS];
        let mut found = 0;
        let mut is_open = false;
        for (unit, at) in units(bytes, line.clone()) {
            let is_base64 = matches!(unit, Unit::Base64(_));
            if is_base64 && !is_open {
                *runs.get_mut(found)? = (at.start, at.end, 0);
                found += 1;
            }
            is_open = is_base64;
            if is_base64 {
                (runs[found - 1].1, runs[found - 1].2) = (at.end, runs[found - 1].2 + 1);
            }
        }
        let runs = &runs[..found];
        // From the last on, since the names and numbers of a prefix are base64 as well.
        for is_exact in [true, false] {
            for (first, &(start, ..)) in runs.iter().enumerate().rev() {
                let prefix = line.start..start;
                let fits = match is_exact {
                    true => self.before.equals(bytes, prefix),
                    false => self.before.ends_with(bytes, prefix),
                };
                if !fits {
                    continue;
                }
                let last = (first..found).rev().find(|&last| {
                    self.after.equals(bytes, runs[last].1..line.end) && beside(bytes, &runs[first..=last])
                });
                if let Some(last) = last {
                    return Some(self.without_sign(bytes, line, &runs[first..=last]));
                }
            }
        }
        match runs {
            [(start, end, _)]
                if may_be_bare && is_blank(bytes, line.start..*start) && is_blank(bytes, *end..line.end) =>
            {
                Some(self.without_sign(bytes, line, runs))
            }
            _ => None,
        }
    }

    /// A diff's `+` is a letter of base64 as well: a sign where the label has one, or where the line is a letter longer
    /// than its kind.
    fn without_sign(&self, bytes: &[u8], line: Range<usize>, runs: &[(usize, usize, usize)]) -> KeyText {
        let count: usize = runs.iter().map(|run| run.2).sum();
        let at = runs[0].0..runs[runs.len() - 1].1;
        let may_be_sign =
            self.is_added || count % 4 == 1 || self.sign_ends == Some(at.start + 1 - line.start);
        let is_signed = bytes[at.start] == b'+' && count > 1 && may_be_sign;
        KeyText {
            is_bare: !is_signed && is_white(bytes, line.start..at.start) && is_white(bytes, at.end..line.end),
            at: at.start + usize::from(is_signed)..at.end,
            count: count - usize::from(is_signed),
        }
    }
}

/// Whether runs are one, or the columns of a diff beside each other.
fn beside(bytes: &[u8], runs: &[(usize, usize, usize)]) -> bool {
    let is_border =
        |(unit, _): (Unit, Range<usize>)| matches!(unit, Unit::Blank | Unit::Other(b'|' | b'<' | b'>'));
    runs.len() == 1
        || runs.iter().all(|run| run.2 >= LEAST_LINE)
            && runs.windows(2).all(|pair| units(bytes, pair[0].1..pair[1].0).all(is_border))
}

/// Returns whether a piece has capitals, small letters and digits.
pub(crate) fn classes(bytes: &[u8], piece: &KeyText) -> [bool; 3] {
    let has = |class: fn(&u8) -> bool| bytes[piece.at.clone()].iter().any(class);
    [has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase), has(u8::is_ascii_digit)]
}

/// Whether a piece has all of them, as no word of prose or code has.
pub(crate) fn is_mixed(bytes: &[u8], piece: &KeyText) -> bool {
    classes(bytes, piece) == [true; 3]
}
