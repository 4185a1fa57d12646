//! Follows the lines of a key whose surroundings are learned from the line of its BEGIN or END label. Owns which lines
//! belong to a key; what stands around their text is [`super::layout`]'s.

use super::label::{self, Mark};
use super::layout::{self, Layout, Piece};
use super::{LEAST_LINE, LONGEST_CUT_KEY, LONGEST_KEY, SPLIT_REACH};
use std::ops::Range;

/// A line of base64 after a gap or after a short line has at least so many letters, and is mixed: words do not go on.
const LEAST_RESUMED: usize = 32;

/// A key wrapped so narrowly that no line is a long one has at least so many letters.
const LEAST_NARROW: usize = 48;

/// The lines of base64 begin so close behind the label.
const LONGEST_HEADERS: usize = 2 << 10;

/// What a line of a key turned out to be.
enum Kind {
    Body(Piece),
    Header,
    /// Nothing but surroundings.
    Empty,
    /// Something that stands for lines that are left out, or that a diff puts between lines.
    Gap,
    End(usize),
    Other,
}

/// What was learned of a key on a first walk over its lines.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    /// Where its last line of base64 ends, or its END label.
    pub end: usize,
    /// Whether its END label was reached.
    pub is_whole: bool,
    has_gap: bool,
}

/// A key whose label stands in a line of the layout.
pub(super) struct Block<'a> {
    pub bytes: &'a [u8],
    /// The BEGIN or END label with its dashes; or what else stands in the line before a key's.
    pub label: Range<usize>,
    /// What the label names: `RSA PRIVATE KEY`; nothing where no END line follows.
    pub name: &'a [u8],
    pub layout: Layout,
    /// How many lines there are, if the label says so.
    pub count: Option<usize>,
}

impl Block<'_> {
    fn kind(&self, line: &layout::TextLine, bodies: usize) -> Kind {
        let (bytes, at) = (self.bytes, line.at.clone());
        match label::mark_in(&bytes[at.clone()], self.name, line.next.is_none()) {
            Mark::End(end) => return Kind::End(at.start + end),
            Mark::Other => return Kind::Other,
            Mark::None => {}
        }
        if bytes[at.clone()].starts_with(b"@@ ") {
            return Kind::Gap;
        }
        if let Some(piece) = self.layout.piece(bytes, at.clone(), bodies > 0) {
            return Kind::Body(piece);
        }
        if self.layout.is_empty(bytes, at.clone()) {
            return Kind::Empty;
        }
        if bodies == 0 && self.is_header(at.clone()) {
            return Kind::Header;
        }
        if bodies > 0 && label::leaves_out(&bytes[at]) { Kind::Gap } else { Kind::Other }
    }

    /// Whether the line is a header as `Proc-Type: 4,ENCRYPTED`.
    fn is_header(&self, line: Range<usize>) -> bool {
        let text = &self.bytes[line.clone()];
        memchr::memmem::find_iter(text, b": ").take(8).any(|colon| {
            let name = text[..colon].iter().rev().take(32);
            let name = name.take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'-').count();
            name >= 4 && self.layout.is_prefix(self.bytes, line.start..line.start + colon - name)
        })
    }

    /// Hands the lines after the label to `look`, and whether each is the last of the text, until it returns `false`.
    /// Returns whether the bytes ended while the key could go on.
    fn each_after(&self, mut look: impl FnMut(&Kind, bool) -> bool) -> bool {
        let limit = self.label.end + LONGEST_KEY;
        let breaks = self.layout.breaks;
        let Some(mut line) = breaks.line(self.bytes, self.label.end, limit) else { return false };
        let mut bodies = 0;
        while let Some(start) = line.next {
            let Some(next) = breaks.line(self.bytes, start, limit) else { return false };
            line = next;
            if bodies == 0 && start - self.label.end > LONGEST_HEADERS {
                return false;
            }
            let kind = self.kind(&line, bodies);
            if !look(&kind, line.next.is_none()) {
                return false;
            }
            bodies += usize::from(matches!(kind, Kind::Body(_)));
            if self.count == Some(bodies) {
                return false;
            }
        }
        line.at.end == self.bytes.len()
    }

    /// Returns whether the lines may go on after the end of the bytes.
    pub(super) fn goes_on(&self) -> bool {
        self.each_after(|kind, _| !matches!(kind, Kind::Other | Kind::End(_)))
    }

    /// Returns how far the key reaches that begins at the label; none if no lines of one follow.
    pub(super) fn extent(&self) -> Option<Extent> {
        let mut whole = None;
        let (mut bodies, mut letters, mut longest) = (0, 0, 0);
        let mut seen = [false; 3];
        let (mut cut, mut is_doubtful, mut has_gap, mut cut_has_gap) = (None, false, false, false);
        let mut is_over = false;
        self.each_after(|kind, is_last| {
            match kind {
                Kind::End(end) => whole = Some(*end),
                Kind::Other => {}
                Kind::Body(piece) => {
                    bodies += 1;
                    letters += piece.count;
                    longest = longest.max(piece.count);
                    for (seen, is_seen) in seen.iter_mut().zip(classes(&self.bytes[piece.at.clone()])) {
                        *seen |= is_seen;
                    }
                    let is_long = piece.count >= LEAST_LINE;
                    let resumes =
                        !is_doubtful || piece.count >= LEAST_RESUMED && layout::is_mixed(self.bytes, piece);
                    let is_padded = self.bytes[..piece.at.end].ends_with(b"=");
                    if !is_over && is_long && resumes {
                        cut = Some(piece.at.end);
                        cut_has_gap = has_gap;
                        is_doubtful = false;
                    } else if !is_over && cut.is_some() && !is_doubtful && (is_last || is_padded) {
                        cut = Some(piece.at.end);
                        is_doubtful = true;
                    } else if is_long && bodies > 1 {
                        // Not a line of this key, unless an END line follows.
                        is_over = true;
                    } else {
                        is_doubtful = true;
                    }
                }
                Kind::Gap => (is_doubtful, has_gap) = (bodies > 0, true),
                Kind::Empty => is_doubtful = bodies > 0,
                Kind::Header => {}
            }
            whole.is_none() && !matches!(kind, Kind::Other)
        });
        let is_counted = self.count.is_some_and(|count| bodies == count);
        let is_narrow = letters >= LEAST_NARROW && seen.iter().all(|&seen| seen);
        if longest < LEAST_LINE && !is_narrow && !(is_counted && longest > 0) {
            return None;
        }
        if let Some(end) = whole.filter(|_| bodies > 0) {
            return Some(Extent { end, is_whole: true, has_gap });
        }
        if is_counted && letters >= LEAST_LINE {
            return Some(Extent { end: self.last_body_end()?, is_whole: true, has_gap });
        }
        cut.map(|end| Extent { end, is_whole: false, has_gap: cut_has_gap })
    }

    fn last_body_end(&self) -> Option<usize> {
        let mut last = None;
        self.each_after(|kind, _| {
            if let Kind::Body(piece) = kind {
                last = Some(piece.at.end);
            }
            !matches!(kind, Kind::Other)
        });
        last
    }

    /// Whether the lines are masked one by one, so that what stands around them stays.
    pub(super) fn is_in_pieces(&self, extent: &Extent) -> bool {
        !self.layout.is_plain || extent.has_gap
    }

    /// Hands the parts of the key to `found` that are to be masked: the text of each line, without what stands around it.
    /// Those too far from the label to be known from it in any window are one.
    pub(super) fn pieces(&self, extent: &Extent, found: &mut dyn FnMut(Range<usize>)) {
        let mut last: Option<Range<usize>> = None;
        self.each_after(|kind, _| {
            if let Kind::Body(piece) = kind {
                if piece.at.start >= extent.end {
                    return false;
                }
                match &mut last {
                    Some(last) if piece.at.start - self.label.start > SPLIT_REACH => last.end = piece.at.end,
                    _ => last.replace(piece.at.clone()).into_iter().for_each(&mut *found),
                }
            }
            !matches!(kind, Kind::Other | Kind::End(_))
        });
        last.into_iter().for_each(found);
    }

    /// Hands the pieces of the key to `found` whose last lines stand right before the label, the last one first.
    pub(super) fn pieces_before(&self, found: &mut dyn FnMut(Range<usize>)) {
        let floor = self.label.start.saturating_sub(LONGEST_CUT_KEY);
        let breaks = self.layout.breaks;
        let (_, mut end) = breaks.start(self.bytes, self.label.start, floor);
        let mut bodies = 0;
        // A short line belongs to the key if a long one stands before it.
        let mut short: Option<Range<usize>> = None;
        while let Some(line_end) = end {
            let (start, before) = breaks.start(self.bytes, line_end, floor);
            if start == floor && floor > 0 {
                return;
            }
            let line = layout::TextLine { at: start..line_end, next: Some(line_end) };
            match self.kind(&line, 1) {
                Kind::Body(piece) if piece.count >= LEAST_LINE => {
                    if let Some(short) = short.take() {
                        if bodies > 0
                            && !(piece.count >= LEAST_RESUMED && layout::is_mixed(self.bytes, &piece))
                        {
                            return;
                        }
                        found(short);
                    }
                    bodies += 1;
                    found(piece.at);
                }
                Kind::Body(piece) if short.is_none() => short = Some(piece.at),
                _ => return,
            }
            end = before;
        }
    }
}

fn classes(piece: &[u8]) -> [bool; 3] {
    [
        piece.iter().any(u8::is_ascii_uppercase),
        piece.iter().any(u8::is_ascii_lowercase),
        piece.iter().any(u8::is_ascii_digit),
    ]
}
