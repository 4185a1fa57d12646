//! Follows the lines of a key whose surroundings are learned from the line of its BEGIN or END label. Owns which lines
//! belong to a key; what stands around their text is [`crate::mask::pem::layout`]'s.

use crate::mask::pem::breaks::TextLine;
use crate::mask::pem::label::{self, Mark};
use crate::mask::pem::layout::{self, KeyText, Layout};
use crate::mask::pem::limits::{LEAST_LINE, LONGEST_CUT_KEY, LONGEST_KEY, SPLIT_REACH};
use std::ops::Range;

/// A line of base64 after a gap or after a short line has at least so many letters, and is mixed: words do not go on.
const LEAST_RESUMED: usize = 32;

/// A key wrapped so narrowly that no line is a long one has at least so many letters.
const LEAST_NARROW: usize = 48;

/// The lines of base64 begin so close behind the label.
const LONGEST_HEADERS: usize = 2 << 10;

/// What a line of a key turned out to be.
enum Kind {
    Body(KeyText),
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
pub(crate) struct Extent {
    /// Where its last line of base64 ends, or its END label.
    pub end: usize,
    /// Whether its END label was reached.
    pub is_whole: bool,
    /// Whether something stands around or between its lines: they are masked one by one, so that it stays.
    pub is_framed: bool,
}

/// Why a line may not belong to a key any more of which no END label was seen.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Doubt {
    #[default]
    None,
    /// A short line, which may have been the last.
    Short,
    /// An empty line, or one that is none of the key's.
    Gap,
}

/// What the lines after a BEGIN label are, as far as they were looked at.
#[derive(Default)]
struct Survey {
    bodies: usize,
    letters: usize,
    longest: usize,
    /// Capitals, small letters, digits.
    seen: [bool; 3],
    doubt: Doubt,
    /// Whether there is something besides base64 in or between the lines.
    is_framed: bool,
    /// Whether a line went on after a short one: a terminal wrapped them.
    is_wrapped: bool,
    /// Where the last line of base64 ends.
    last: Option<usize>,
    /// Where the key ends if no END label follows, and whether it is framed up to there.
    cut: Option<(usize, bool)>,
    /// Where the END label ends.
    whole: Option<usize>,
}

impl Survey {
    fn add(&mut self, bytes: &[u8], kind: &Kind, is_last: bool) {
        match kind {
            Kind::End(end) => self.whole = Some(*end),
            Kind::Body(piece) => self.add_body(bytes, piece, is_last),
            Kind::Gap => (self.doubt, self.is_framed) = (Doubt::Gap, true),
            Kind::Empty if self.bodies > 0 => self.doubt = Doubt::Gap,
            Kind::Empty | Kind::Header | Kind::Other => {}
        }
    }

    fn add_body(&mut self, bytes: &[u8], piece: &KeyText, is_last: bool) {
        self.bodies += 1;
        self.letters += piece.count;
        self.longest = self.longest.max(piece.count);
        self.last = Some(piece.at.end);
        for (seen, is_seen) in self.seen.iter_mut().zip(layout::classes(bytes, piece)) {
            *seen |= is_seen;
        }
        let is_padded = bytes[..piece.at.end].ends_with(b"=");
        self.is_framed |= !piece.is_bare;
        if piece.count < LEAST_LINE {
            if self.cut.is_some() && self.doubt == Doubt::None && (is_last || is_padded) {
                self.cut = Some((piece.at.end, self.is_framed));
            }
            self.doubt = self.doubt.max_short();
        } else if self.resumes(bytes, piece) {
            self.is_wrapped |= self.doubt == Doubt::Short;
            self.cut = Some((piece.at.end, self.is_framed));
            self.doubt = Doubt::None;
        }
    }

    /// Whether a long line goes on with the key.
    fn resumes(&self, bytes: &[u8], piece: &KeyText) -> bool {
        match self.doubt {
            Doubt::None => true,
            Doubt::Short if self.is_wrapped => true,
            _ => piece.count >= LEAST_RESUMED && layout::is_mixed(bytes, piece),
        }
    }

    /// Whether lines of any length look like a key together.
    fn is_narrow_key(&self) -> bool {
        self.letters >= LEAST_NARROW && self.seen == [true; 3]
    }
}

impl Doubt {
    fn max_short(self) -> Doubt {
        if self == Doubt::Gap { Doubt::Gap } else { Doubt::Short }
    }
}

/// A key whose label stands in a line of the layout.
pub(crate) struct Block<'a> {
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
    fn kind(&self, line: &TextLine, bodies: usize) -> Kind {
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
    pub(crate) fn goes_on(&self) -> bool {
        self.each_after(|kind, _| !matches!(kind, Kind::Other | Kind::End(_)))
    }

    /// Returns how far the key reaches that begins at the label; none if no lines of one follow.
    pub(crate) fn extent(&self) -> Option<Extent> {
        let mut survey = Survey::default();
        self.each_after(|kind, is_last| {
            survey.add(self.bytes, kind, is_last);
            survey.whole.is_none() && !matches!(kind, Kind::Other)
        });
        let is_counted = self.count.is_some_and(|count| survey.bodies == count);
        let is_key =
            survey.longest >= LEAST_LINE || survey.is_narrow_key() || is_counted && survey.bodies > 1;
        if !is_key || survey.bodies == 0 {
            return None;
        }
        let end = if is_counted { survey.last } else { survey.whole };
        match end {
            Some(end) => Some(Extent { end, is_whole: true, is_framed: survey.is_framed }),
            None => survey.cut.map(|(end, is_framed)| Extent { end, is_whole: false, is_framed }),
        }
    }

    /// Hands the parts of the key to `found` that are to be masked: the text of each line, without what stands around it.
    /// Those too far from the label to be known from it in any window are one.
    pub(crate) fn pieces(&self, extent: &Extent, found: &mut dyn FnMut(Range<usize>)) {
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
    pub(crate) fn pieces_before(&self, found: &mut dyn FnMut(KeyText)) {
        let floor = self.label.start.saturating_sub(LONGEST_CUT_KEY);
        let breaks = self.layout.breaks;
        let (_, mut end) = breaks.start(self.bytes, self.label.start, floor);
        let (mut bodies, mut is_wrapped) = (0, false);
        // A short line belongs to the key if a long one stands before it.
        let mut short: Option<KeyText> = None;
        while let Some(line_end) = end {
            let (start, before) = breaks.start(self.bytes, line_end, floor);
            if start == floor && floor > 0 {
                return;
            }
            let line = TextLine { at: start..line_end, next: Some(line_end) };
            match self.kind(&line, 1) {
                Kind::Body(piece) if piece.count >= LEAST_LINE => {
                    if let Some(short) = short.take() {
                        // The END label vouches for the lines, so letters of both kinds are enough.
                        let [capitals, smalls, _] = layout::classes(self.bytes, &piece);
                        let is_like_key = piece.count >= LEAST_RESUMED && capitals && smalls;
                        if bodies > 0 && !is_wrapped && !is_like_key {
                            return;
                        }
                        is_wrapped |= bodies > 0;
                        found(short);
                    }
                    bodies += 1;
                    found(piece);
                }
                Kind::Body(piece) if short.is_none() => short = Some(piece),
                _ => return,
            }
            end = before;
        }
    }
}
