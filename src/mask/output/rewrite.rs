//! Writes the masked form of a window: copies what lies between spans, line by line where something is masked,
//! and counts. Owns the walk over lines; what a changed line looks like is decided in `second_look`.

use crate::mask::findings::{Findings, Match};
use crate::mask::masker::Masker;
use crate::mask::masker::table::{PIECE_AFTER_RULE, SECOND_LOOK_RULE};
use crate::mask::output::second_look::MaskedInLine;
use crate::mask::scan::Scratch;
use crate::mask::tally::Tally;
use crate::mask::text::json_string::Escaping;
use crate::mask::window::{LONG_LINE, LOOK_BEHIND, Window};
use memchr::{memchr, memchr_iter, memrchr};
use std::ops::Range;

/// A part of the window that is masked.
struct MaskedPart {
    at: Range<usize>,
    /// The match whose placeholder is written here; none where a span goes on.
    label: Option<Match>,
}

/// A line (or the part of it that is wanted) in which something is masked.
struct Line {
    at: Range<usize>,
    /// Whether it is a line from its first byte to its last, and short enough for a second look.
    is_whole: bool,
}

impl Masker {
    /// Appends the masked form of the window's wanted range to `out` and counts what it did.
    /// `masked_until` is the stream offset up to which a span from an earlier window reaches (0 if none).
    /// Returns `false`, with nothing appended, when nothing is masked: the bytes can be used as they are.
    ///
    /// A newline is never masked, not even within a span: masked text has as many lines as it had.
    pub fn rewrite(
        &self,
        window: &Window,
        findings: &Findings,
        masked_until: u64,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
        tally: &mut Tally,
    ) -> bool {
        let mut counted = Tally::of_lines(count_lines(window, findings));
        let changed = (!findings.spans.is_empty()
            || masked_until > window.offset + window.wanted.start as u64)
            && self.rewrite_lines(window, findings, masked_until, scratch, out, &mut counted);
        tally.merge(&counted);
        changed
    }

    fn rewrite_lines(
        &self,
        window: &Window,
        findings: &Findings,
        masked_until: u64,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
        tally: &mut Tally,
    ) -> bool {
        let (bytes, wanted) = (window.bytes, window.wanted.clone());
        let before = out.len();
        let mut pieces = pieces(window, findings, masked_until).into_iter().peekable();
        let mut line_pieces = Vec::new();
        let mut copied = wanted.start;
        let mut changed = false;
        let mut rest: Option<MaskedPart> = None;
        while let Some(first) = rest.take().or_else(|| pieces.next()) {
            let line = line_around(window, copied, first.at.start);
            rest = split(first, &line, bytes, window.offset, &mut line_pieces);
            while rest.is_none() && pieces.peek().is_some_and(|piece| piece.at.start < line.at.end) {
                let Some(piece) = pieces.next() else { break };
                rest = split(piece, &line, bytes, window.offset, &mut line_pieces);
            }
            out.extend_from_slice(&bytes[copied..line.at.start]);
            copied = line.at.end;
            let is_changed = self.rewrite_line(window, &line, &line_pieces, scratch, out, tally);
            line_pieces.clear();
            if is_changed {
                changed = true;
                tally.masked_lines += 1;
                tally.first_masked |= memchr(b'\n', &bytes[wanted.start..line.at.start]).is_none();
                tally.last_masked = line.at.end == wanted.end;
            }
        }
        if !changed {
            out.truncate(before);
            return false;
        }
        out.extend_from_slice(&bytes[copied..wanted.end]);
        true
    }

    /// Appends one line masked, and returns whether that changed it.
    fn rewrite_line(
        &self,
        window: &Window,
        line: &Line,
        pieces: &[MaskedInLine],
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
        tally: &mut Tally,
    ) -> bool {
        let text = &window.bytes[line.at.clone()];
        let before = out.len();
        let mut second_looks = 0;
        if line.is_whole {
            second_looks = self.mask_line(text, pieces, scratch, out);
        } else {
            self.write_part(window, line, pieces, out);
        }
        if &out[before..] == text {
            return false;
        }
        let counts = |label: &Match| label.rule != PIECE_AFTER_RULE;
        for label in pieces.iter().filter_map(|piece| piece.label).filter(counts) {
            *tally.by_rule.entry(label.rule).or_insert(0) += 1;
        }
        if second_looks > 0 {
            *tally.by_rule.entry(SECOND_LOOK_RULE).or_insert(0) += second_looks;
        }
        true
    }
}

impl Masker {
    /// Appends a part of a long line, masked by rules alone. Replacement texts are written as for the inside of a
    /// JSON string, where nearly all of a long line is.
    fn write_part(&self, window: &Window, line: &Line, pieces: &[MaskedInLine], out: &mut Vec<u8>) {
        let text = &window.bytes[line.at.clone()];
        let mut position = 0;
        for piece in pieces {
            out.extend_from_slice(&text[position..piece.at.start]);
            position = piece.at.end;
            let Some(label) = &piece.label else { continue };
            // A template sees what its match could see, whatever else is at hand.
            let start = line.at.start + label.start as usize;
            let end = (line.at.start as u64 + label.end).min(window.bytes.len() as u64) as usize;
            let view = start.saturating_sub(LOOK_BEHIND)..end;
            let label = Match { start: start as u64, end: end as u64, ..*label };
            let offset = view.start as u64;
            self.write_placeholder(&label, &window.bytes[view], offset, Escaping::Json, out);
        }
        out.extend_from_slice(&text[position..]);
    }
}

/// Returns how many lines end in the wanted range; one that the stream's end cuts off counts.
fn count_lines(window: &Window, findings: &Findings) -> u64 {
    let wanted = &window.bytes[window.wanted.clone()];
    let newlines = match findings.counts(&window.wanted_in_stream()) {
        Some(counts) => counts.newlines,
        None => memchr_iter(b'\n', wanted).count() as u64,
    };
    let is_last = window.is_end && window.wanted.end == window.bytes.len();
    newlines + u64::from(is_last && wanted.last().is_some_and(|&byte| byte != b'\n'))
}

/// Returns what is masked in the wanted range, in order.
fn pieces(window: &Window, findings: &Findings, masked_until: u64) -> Vec<MaskedPart> {
    let wanted = &window.wanted;
    let local = |offset: u64| {
        usize::try_from(offset.saturating_sub(window.offset)).map_or(wanted.end, |at| at.min(wanted.end))
    };
    let mut covered = local(masked_until).max(wanted.start);
    let mut pieces = Vec::with_capacity(findings.spans.len() + 1);
    if covered > wanted.start {
        pieces.push(MaskedPart { at: wanted.start..covered, label: None });
    }
    for (span, label) in findings.spans.iter().zip(&findings.labels) {
        let at = span.within(window.offset, wanted);
        if at.end <= covered {
            continue;
        }
        // What overlaps a span of an earlier window is part of that span, and its placeholder stands there.
        let label = (at.start >= covered && span.start >= masked_until).then_some(*label);
        pieces.push(MaskedPart { at: at.start.max(covered)..at.end, label });
        covered = at.end;
    }
    pieces
}

/// Returns the line around `position`; all before `copied` is dealt with.
fn line_around(window: &Window, copied: usize, position: usize) -> Line {
    let (bytes, end) = (window.bytes, window.wanted.end);
    let line_start = memrchr(b'\n', &bytes[copied..position]).map_or(copied, |at| copied + at + 1);
    let line_end = memchr(b'\n', &bytes[position..end]).map_or(end, |at| position + at);
    let starts = match line_start {
        0 => window.offset == 0,
        at => bytes[at - 1] == b'\n',
    };
    let ends = match bytes.get(line_end) {
        Some(&byte) => byte == b'\n',
        None => window.is_end,
    };
    Line { at: line_start..line_end, is_whole: starts && ends && line_end - line_start <= LONG_LINE }
}

/// Adds the part of `piece` that lies in `line`, and returns what goes on in the lines after.
fn split(
    piece: MaskedPart,
    line: &Line,
    bytes: &[u8],
    offset: u64,
    into: &mut Vec<MaskedInLine>,
) -> Option<MaskedPart> {
    let goes_on = piece.at.end > line.at.end;
    let mut end = piece.at.end.min(line.at.end);
    if goes_on && end > piece.at.start && bytes[end - 1] == b'\r' {
        end -= 1;
    }
    let shift = offset + line.at.start as u64;
    let label = piece.label.map(|label| Match {
        start: label.start.saturating_sub(shift),
        end: label.end.saturating_sub(shift),
        ..label
    });
    let is_empty = end <= piece.at.start;
    if !is_empty {
        into.push(MaskedInLine { at: piece.at.start - line.at.start..end - line.at.start, label });
    }
    let next = line.at.end + 1;
    (goes_on && next < piece.at.end)
        .then(|| MaskedPart { at: next..piece.at.end, label: piece.label.filter(|_| is_empty) })
}
