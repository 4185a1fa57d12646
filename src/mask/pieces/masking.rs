//! What is masked, and what is taught, in the joined pieces of messages. Owns how what the scanners find in a joined text
//! becomes matches where its pieces stand.

use crate::mask::built_in::ScannerScratch;
use crate::mask::findings::Match;
use crate::mask::masker::Masker;
use crate::mask::masker::table::{IN_PIECES_RULE, PIECE_AFTER_RULE};
use crate::mask::pieces::joined::{Joined, each_joined};
use crate::mask::rule::Specificity;
use crate::mask::values::KnownValues;
use crate::mask::window::Window;
use std::ops::Range;

/// Adds what all rules find in the joined pieces of messages, as far as it stands in the window's wanted range.
pub(crate) fn collect(masker: &Masker, window: &Window, matches: &mut Vec<Match>) {
    each_joined(window, &mut |joined, wanted| {
        collect_joined(masker, joined, window.offset, wanted, matches);
    });
}

/// Adds what all rules find in the joined pieces of a message.
fn collect_joined(
    masker: &Masker,
    joined: &Joined,
    offset: u64,
    wanted: &Range<usize>,
    matches: &mut Vec<Match>,
) {
    let text = Window::of_whole(&joined.text, 0..joined.text.len());
    let mut parts: Vec<Range<usize>> = Vec::new();
    masker.scanners.scan(&text, &mut ScannerScratch::default(), &mut |found| {
        if !masker.rule(found.rule).disabled && found.start < found.end {
            parts.push(found.start..found.end);
        }
    });
    masker.custom.find(&text, &masker.protected, &mut |found| {
        let part = found.start as usize..found.end as usize;
        // Within a piece it is found as it stands, and has its own replacement.
        if joined.is_divided(&part) {
            parts.push(part);
        }
    });
    parts.retain(|part| joined.is_whole(part) && !masker.permits(&joined.text[part.clone()]));
    add_parts(joined, parts, offset, wanted, matches);
}

/// Calls `found` with each value that teaches in the joined pieces of a message, and the text that it stands in.
pub(crate) fn each_taught(masker: &Masker, window: &Window, found: &mut dyn FnMut(&[u8], Range<usize>)) {
    each_joined(window, &mut |joined, wanted| {
        let text = Window::of_whole(&joined.text, 0..joined.text.len());
        masker.scanners.scan(&text, &mut ScannerScratch::default(), &mut |one| {
            let rule = masker.rule(one.rule);
            let part = one.start..one.end;
            let teaches = rule.teaches && !rule.disabled && !part.is_empty() && joined.is_whole(&part);
            // Of one that begins elsewhere, the end may be out of sight.
            if teaches && joined.begins_in(part.start, wanted) && !masker.permits(&joined.text[part.clone()])
            {
                found(&joined.text, part);
            }
        });
    });
}

/// Adds the places in which parts of a joined text stand, as far as they begin in `wanted`.
fn add_parts(
    joined: &Joined,
    mut parts: Vec<Range<usize>>,
    offset: u64,
    wanted: &Range<usize>,
    matches: &mut Vec<Match>,
) {
    parts.sort_unstable_by_key(|part| part.start);
    // Of overlapping parts, one placeholder.
    parts.dedup_by(|next, last| {
        let overlap = next.start < last.end;
        if overlap {
            last.end = last.end.max(next.end);
        }
        overlap
    });
    for part in parts {
        let mut rule = IN_PIECES_RULE;
        joined.each_place(part, |place| {
            if wanted.contains(&place.start) {
                let (start, end) = (offset + place.start as u64, offset + place.end as u64);
                matches.push(Match { start, end, rule, specificity: Specificity::Value });
            }
            rule = PIECE_AFTER_RULE;
        });
    }
}

/// Adds where known values occur in the joined pieces of messages, in more than one of them.
pub(crate) fn find_known(masker: &Masker, window: &Window, known: &KnownValues, matches: &mut Vec<Match>) {
    each_joined(window, &mut |joined, wanted| {
        let text = Window::of_whole(&joined.text, 0..joined.text.len());
        let mut parts = Vec::new();
        known.each(&text, &text.wanted, &mut |part, _| {
            if joined.is_divided(&part)
                && joined.is_whole(&part)
                && !masker.permits(&joined.text[part.clone()])
            {
                parts.push(part);
            }
        });
        add_parts(joined, parts, window.offset, wanted, matches);
    });
}
