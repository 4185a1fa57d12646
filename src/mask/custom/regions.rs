//! Where custom rules search: whole lines, and parts of lines that are too long to be held, the same whatever the window.

use crate::mask::window::{CUT, LONG_LINE, LOOK_AHEAD, LOOK_BEHIND, Window};
use memchr::{memchr, memrchr};
use std::ops::Range;

/// A part of a window in which custom rules search: whole lines, or a piece of a long one.
pub(crate) struct Region {
    /// What the search may see.
    pub view: Range<usize>,
    /// Where the search begins.
    pub from: usize,
    /// Where matches may start.
    pub accept: Range<usize>,
}

/// Cuts the lines that the window's wanted range touches into regions, the same whatever the window.
pub(crate) fn regions(window: &Window, each: &mut dyn FnMut(Region)) {
    let bytes = window.bytes;
    let wanted = window.wanted.clone();
    if wanted.is_empty() {
        return;
    }
    let Some(mut position) = line_start(window) else {
        let next = memchr(b'\n', &bytes[wanted.clone()]).map_or(wanted.end, |at| wanted.start + at + 1);
        parts(window, wanted.start..next, each);
        return lines(window, next, each);
    };
    if position < wanted.start && line_end(window, position).is_none() {
        position = memchr(b'\n', &bytes[wanted.clone()]).map_or(wanted.end, |at| wanted.start + at + 1);
        parts(window, wanted.start..position, each);
    }
    lines(window, position, each);
}

/// Returns the start of the line that the wanted range begins in, unless that is too far off (or unknown).
fn line_start(window: &Window) -> Option<usize> {
    let start = window.wanted.start;
    let first = start.saturating_sub(LONG_LINE);
    match memrchr(b'\n', &window.bytes[first..start]) {
        Some(at) => Some(first + at + 1),
        None => (first == 0 && window.offset == 0).then_some(0),
    }
}

/// Returns where the line that starts at `position` ends (after its newline), unless it is a long one.
fn line_end(window: &Window, position: usize) -> Option<usize> {
    let last = window.bytes.len().min(position + LONG_LINE + 1);
    match memchr(b'\n', &window.bytes[position..last]) {
        Some(at) => Some(position + at + 1),
        None => (window.is_end && window.bytes.len() - position <= LONG_LINE).then_some(window.bytes.len()),
    }
}

/// Hands out the regions from the start of a line on.
fn lines(window: &Window, mut position: usize, each: &mut dyn FnMut(Region)) {
    let bytes = window.bytes;
    let wanted = window.wanted.clone();
    while position < wanted.end {
        // As many whole lines as cannot hold a long one.
        let near = wanted.end.min(position + LONG_LINE);
        let end = match memrchr(b'\n', &bytes[position..near]) {
            Some(at) if position + at + 1 == wanted.end => Some(wanted.end),
            Some(at) => Some(position + at + 1),
            None => line_end(window, position),
        };
        let next = match end {
            Some(end) => {
                each(Region {
                    view: position..end,
                    from: position,
                    accept: position.max(wanted.start)..end.min(wanted.end),
                });
                end
            }
            None => {
                let end =
                    memchr(b'\n', &bytes[position..wanted.end]).map_or(wanted.end, |at| position + at + 1);
                parts(window, position.max(wanted.start)..end, each);
                end
            }
        };
        position = next;
    }
}

/// Hands out the pieces of a long line that `range` touches.
fn parts(window: &Window, range: Range<usize>, each: &mut dyn FnMut(Region)) {
    let bytes = window.bytes;
    let mut position = range.start;
    while position < range.end {
        let offset = window.offset + position as u64;
        let into = (offset % CUT as u64) as usize;
        let end = position + (CUT - into);
        let start = position.saturating_sub(into);
        let behind = start.saturating_sub(LOOK_BEHIND);
        let ahead = bytes.len().min(end + LOOK_AHEAD);
        // The piece in which the line starts begins there, and not at the multiple before.
        let view_start = memrchr(b'\n', &bytes[behind..position]).map_or(behind, |at| behind + at + 1);
        let view_end = memchr(b'\n', &bytes[position..ahead]).map_or(ahead, |at| position + at);
        let accept = position..end.min(range.end).min(view_end.max(position));
        if !accept.is_empty() {
            each(Region { view: view_start..view_end, from: start.max(view_start), accept });
        }
        position = end;
    }
}
