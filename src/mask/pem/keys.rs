//! Private keys found by their labels: all of a key, or the text of each of its lines where something stands around it.

use crate::mask::pem::block::Block;
use crate::mask::pem::label::{self, Label};
use crate::mask::pem::layout::Layout;
use crate::mask::pem::limits::{LONGEST_CUT_KEY, SPLIT_REACH};
use crate::mask::pem::{lines, middle};
use std::ops::Range;

/// Hands the parts of the private key to `found` whose `PRIVATE KEY` (in its BEGIN or END label) stands at `at`: all from
/// BEGIN to the end of the END line, or of the last line of base64 when it is cut off; or the text of each line, if
/// something stands around it. A BEGIN line that no base64 follows is none.
pub(crate) fn private_key(bytes: &[u8], at: usize, found: &mut dyn FnMut(Range<usize>)) {
    if let Some(begin) = label::around(bytes, at, b"BEGIN ") {
        let mut last = 0;
        key_after(bytes, &begin, &mut |part| {
            last = last.max(part.end);
            found(part);
        });
        // What is laid out in a way that cannot be followed: line by line.
        middle::lines_behind(bytes, begin.at.end, SPLIT_REACH, &mut |line| {
            if line.start >= last {
                found(line);
            }
        });
    } else if let Some(end) = label::around(bytes, at, b"END ") {
        key_before(bytes, &end, found);
    } else {
        coloured_key(bytes, at, found);
    }
}

fn key_after(bytes: &[u8], begin: &Label, found: &mut dyn FnMut(Range<usize>)) {
    let followed = lines::end_after(bytes, begin.at.end);
    let learned = blocks(bytes, &begin.at, begin.name, None, false)
        .into_iter()
        .flatten()
        .find_map(|block| block.extent().map(|extent| (block, extent)));
    let Some((block, extent)) = learned else {
        return followed.into_iter().for_each(|end| found(begin.at.start..end));
    };
    let followed = followed.filter(|&end| end > extent.end && !extent.is_whole);
    match followed {
        _ if !extent.is_framed => found(begin.at.start..followed.unwrap_or(extent.end)),
        Some(end) if bytes[..end].ends_with(b"----") => found(begin.at.start..end),
        _ => block.pieces(&extent, found),
    }
}

/// Masks what `tail key.pem` shows: the lines of base64 right before an END label. No line of base64: nothing.
fn key_before(bytes: &[u8], end: &Label, found: &mut dyn FnMut(Range<usize>)) {
    let floor = end.at.start.saturating_sub(LONGEST_CUT_KEY);
    let mut first = lines::start_before(bytes, end.at.start, floor);
    for block in blocks(bytes, &end.at, end.name, None, true).into_iter().flatten() {
        let (mut start, mut is_bare) = (None, true);
        block.pieces_before(&mut |piece| {
            start = Some(piece.at.start);
            is_bare &= piece.is_bare;
        });
        let Some(start) = start else { continue };
        if !is_bare {
            return block.pieces_before(&mut |piece| found(piece.at));
        }
        first = Some(first.map_or(start, |first| first.min(start)));
        break;
    }
    if let Some(first) = first {
        found(first..end.at.end);
    }
}

/// The same for a label that a search coloured a part of: `-----BEGIN RSA ESC[31mPRIVATE`, after which the rest of it and
/// more colours stand. `at` is where `PRIVATE` stands.
fn coloured_key(bytes: &[u8], at: usize, found: &mut dyn FnMut(Range<usize>)) {
    const LONGEST_LABEL: usize = 160;
    let before = &bytes[at.saturating_sub(LONGEST_LABEL)..at];
    let has_begin = memchr::memmem::rfind(before, b"BEGIN").is_some_and(|begin| {
        let dashes = &before[..begin];
        memchr::memmem::rfind(dashes, b"----").is_some_and(|dash| begin - dash <= 40)
    });
    let after = &bytes[at..bytes.len().min(at + LONGEST_LABEL)];
    let end = memchr::memmem::find(after, b"KEY").and_then(|key| {
        let dashes = memchr::memmem::find(&after[key..], b"-----")?;
        Some(at + key + dashes + 5)
    });
    if let Some(end) = end.filter(|_| has_begin) {
        middle::lines_behind(bytes, end, SPLIT_REACH - LONGEST_LABEL, found);
    }
}

/// Returns the key as the label's line lays it out, and as it is if something stands beside the label alone.
fn blocks<'a>(
    bytes: &'a [u8],
    label: &Range<usize>,
    name: &'a [u8],
    count: Option<usize>,
    follows: bool,
) -> [Option<Block<'a>>; 2] {
    let Some(layout) = Layout::of(bytes, label, follows) else { return [None, None] };
    let plain = (!layout.is_plain).then(|| layout.without_surroundings());
    let block = |layout| Block { bytes, label: label.clone(), name, layout, count };
    [Some(block(layout)), plain.map(block)]
}

/// Hands the lines of base64 to `found` that follow the line in which `at` stands (at least one of `LEAST_LINE`), or only
/// the first of them.
pub(crate) fn lines_after(bytes: &[u8], at: usize, only_one: bool, found: &mut dyn FnMut(Range<usize>)) {
    let followed = lines::lines_after(bytes, at, only_one);
    if !only_one {
        for block in counted(bytes, at).into_iter().flatten() {
            let Some(extent) = block.extent() else { continue };
            if extent.is_framed {
                return block.pieces(&extent, found);
            }
            let mut whole = followed.clone();
            block.pieces(&extent, &mut |piece| match &mut whole {
                Some(whole) => *whole = whole.start.min(piece.start)..whole.end.max(piece.end),
                None => whole = Some(piece),
            });
            return whole.into_iter().for_each(found);
        }
    }
    followed.into_iter().for_each(found);
}

/// Returns whether the lines of base64 that follow the line in which `at` stands may go on after the end of `bytes`.
pub(crate) fn lines_go_on(bytes: &[u8], at: usize) -> bool {
    lines::go_on(bytes, at) || counted(bytes, at).into_iter().flatten().any(|block| block.goes_on())
}

/// Returns the key whose `Private-Lines: 14` stands at `at`.
fn counted(bytes: &[u8], at: usize) -> [Option<Block<'_>>; 2] {
    let Some(rest) = bytes[at..].strip_prefix(b"Private-Lines: ") else { return [None, None] };
    let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let count = std::str::from_utf8(&rest[..digits]).ok().and_then(|digits| digits.parse().ok());
    let label = at..bytes.len() - rest.len() + digits;
    blocks(bytes, &label, b"", count.filter(|&count| count > 0), false)
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
