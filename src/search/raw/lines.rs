//! Finds the lines of a block in which a query matches. Works on bytes in memory alone.

use super::query::{Query, Scratch};
use memchr::{memchr, memchr_iter, memrchr};
use std::ops::Range;

/// What is wanted of each matching line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Line number, text and where the matches are.
    Lines,
    /// How many lines match.
    Count,
    /// Whether any line matches.
    Any,
}

/// A line in which the query matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// 0-based within the block.
    pub index: u64,
    /// Without its line end.
    pub text: Vec<u8>,
    /// Where the matches are in `text`, in order, not overlapping.
    pub matches: Vec<Range<usize>>,
}

/// What was found in a block.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct LinesFound {
    /// Matching lines, as far as they are wanted.
    pub lines: Vec<Line>,
    pub count: u64,
    /// Indices of the first and the last matching line (not for [`Wanted::Any`]).
    pub ends: Option<(u64, u64)>,
}

impl LinesFound {
    /// Adds what was found in the piece of text that follows `lines_before` line ends later. A line that was cut
    /// between the two is one line, found where it first matches.
    pub(crate) fn append(&mut self, mut later: LinesFound, lines_before: u64) {
        for line in &mut later.lines {
            line.index += lines_before;
        }
        let Some((mut first, mut last)) = later.ends else {
            self.count += later.count;
            return;
        };
        first += lines_before;
        last += lines_before;
        if self.ends.is_some_and(|ends| ends.1 == first) {
            later.count -= 1;
            later.lines.drain(..1.min(later.lines.len()));
        }
        self.count += later.count;
        self.lines.append(&mut later.lines);
        self.ends = Some((self.ends.map_or(first, |ends| ends.0), last));
    }
}

/// How far a search of a block goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub wanted: Wanted,
    /// Most lines to find.
    pub lines: u64,
    /// Bytes of the block; what follows them is only there to complete matches and lines that begin before.
    pub own_bytes: usize,
}

/// Returns the lines of `text` in which `query` matches.
pub(crate) fn find_lines(text: &[u8], query: &Query, limits: Limits, scratch: &mut Scratch) -> LinesFound {
    let mut found = LinesFound::default();
    let mut position = Position { offset: 0, index: 0 };
    let mut from = 0;
    while found.count < limits.lines && from < limits.own_bytes {
        let Some(line) = next_line(text, from, query, scratch) else { break };
        if line.first.start >= limits.own_bytes {
            break;
        }
        found.count += 1;
        if limits.wanted == Wanted::Any {
            break;
        }
        position.advance(text, line.range.start);
        found.ends = Some((found.ends.map_or(position.index, |ends| ends.0), position.index));
        if limits.wanted == Wanted::Lines {
            let bytes = &text[line.range.clone()];
            found.lines.push(Line {
                index: position.index,
                text: bytes.to_vec(),
                matches: all_matches(bytes, query, scratch),
            });
        }
        from = line.end;
    }
    found
}

/// Counts line ends from one hit to the next, so that a block is counted through once at most.
struct Position {
    offset: usize,
    index: u64,
}

impl Position {
    fn advance(&mut self, text: &[u8], to: usize) {
        self.index += memchr_iter(b'\n', &text[self.offset..to]).count() as u64;
        self.offset = to;
    }
}

struct Hit {
    /// The line without its line end.
    range: Range<usize>,
    /// Where the next line begins.
    end: usize,
    first: Range<usize>,
}

/// Returns the first line at or after `from`, the start of a line, in which `query` matches.
fn next_line(text: &[u8], mut from: usize, query: &Query, scratch: &mut Scratch) -> Option<Hit> {
    if !query.is_by_line() {
        let first = query.find(text, from, scratch)?;
        let start = memrchr(b'\n', &text[from..first.start]).map_or(from, |at| from + at + 1);
        let (range, end) = line_at(text, start);
        // An empty text matches at the end, where no line is.
        return (start < text.len()).then_some(Hit { range, end, first });
    }
    while from < text.len() {
        let (range, end) = line_at(text, from);
        if let Some(first) = query.find(&text[range.clone()], 0, scratch) {
            return Some(Hit { first: range.start + first.start..range.start + first.end, range, end });
        }
        from = end;
    }
    None
}

/// Returns the line that begins at `start`, without its line end (`\n` or `\r\n`), and where the next one begins.
fn line_at(text: &[u8], start: usize) -> (Range<usize>, usize) {
    let (mut end, next) = match memchr(b'\n', &text[start..]) {
        Some(at) => (start + at, start + at + 1),
        None => (text.len(), text.len()),
    };
    if text[start..end].last() == Some(&b'\r') {
        end -= 1;
    }
    (start..end, next)
}

fn all_matches(line: &[u8], query: &Query, scratch: &mut Scratch) -> Vec<Range<usize>> {
    let mut matches = Vec::new();
    let mut from = 0;
    while let Some(range) = query.find(line, from, scratch) {
        // After an empty match the search goes on one byte later.
        from = range.end.max(range.start + 1);
        matches.push(range);
    }
    matches
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "matches are lists of ranges, often of one")]
mod tests {
    use super::*;

    const ALL: u64 = u64::MAX;

    fn scan_for(text: &[u8], query: &Query, wanted: Wanted, lines: u64) -> LinesFound {
        find_lines(text, query, Limits { wanted, lines, own_bytes: text.len() }, &mut query.scratch())
    }

    fn indices(text: &str, query: &Query) -> Vec<u64> {
        scan_for(text.as_bytes(), query, Wanted::Lines, ALL).lines.iter().map(|line| line.index).collect()
    }

    #[test]
    fn each_line_is_found_once_with_its_number_and_all_its_matches() {
        let query = Query::of_text("ab", false).unwrap();
        let found = scan_for(b"xx\nab ab\r\n\nyy\nzab", &query, Wanted::Lines, ALL);
        let line = |index, text: &str, matches: &[Range<usize>]| Line {
            index,
            text: text.into(),
            matches: matches.to_vec(),
        };
        assert_eq!(found.lines, [line(1, "ab ab", &[0..2, 3..5]), line(4, "zab", &[1..3])]);
        assert_eq!((found.count, found.ends), (2, Some((1, 4))));
    }

    #[test]
    fn texts_and_expressions_agree_on_lines() {
        let text = "foo\nbar foo\n\nbaz\nfoofoo\nlast foo";
        let expected = [0, 1, 4, 5];
        assert_eq!(indices(text, &Query::of_text("foo", false).unwrap()), expected);
        assert_eq!(indices(text, &Query::of_text("FOO", true).unwrap()), expected);
        assert_eq!(indices(text, &Query::of_pattern("fo{2}", false).unwrap()), expected);
    }

    #[test]
    fn an_expression_never_matches_over_a_line_end() {
        let text = "foo\nbar\nfoo bar\n";
        assert_eq!(indices(text, &Query::of_pattern("foo[^x]*bar", false).unwrap()), [2]);
        assert_eq!(indices(text, &Query::of_pattern("^bar$", false).unwrap()), [1]);
        assert_eq!(indices("bar\r\n", &Query::of_pattern("^bar$", false).unwrap()), [0]);
    }

    #[test]
    fn an_empty_query_matches_every_line_and_none_after_the_last() {
        assert_eq!(indices("a\n\nb\n", &Query::of_text("", false).unwrap()), [0, 1, 2]);
        assert_eq!(indices("a\n\nb", &Query::of_pattern("", false).unwrap()), [0, 1, 2]);
        assert_eq!(indices("", &Query::of_text("", false).unwrap()), [0; 0]);
    }

    #[test]
    fn the_search_stops_at_its_limit() {
        let query = Query::of_text("a", false).unwrap();
        assert_eq!(scan_for(b"a\na\na\n", &query, Wanted::Lines, 2).count, 2);
        assert_eq!(scan_for(b"a\na\na\n", &query, Wanted::Count, ALL).count, 3);
        let found = scan_for(b"a\na\na\n", &query, Wanted::Any, ALL);
        assert_eq!((found.count, found.lines.len()), (1, 0));
    }

    #[test]
    fn bytes_after_the_block_complete_a_line_but_begin_none() {
        let query = Query::of_text("ab", false).unwrap();
        let text = b"x\nyaa|bz\nab\n";
        let text: Vec<u8> = text.iter().copied().filter(|&byte| byte != b'|').collect();
        let limits = Limits { wanted: Wanted::Lines, lines: ALL, own_bytes: 5 };
        let found = find_lines(&text, &query, limits, &mut query.scratch());
        assert_eq!(found.lines.len(), 1);
        assert_eq!(found.lines[0].text, b"yaabz");
    }

    #[test]
    fn a_line_in_two_pieces_is_one_line() {
        let query = Query::of_text("a", false).unwrap();
        for (wanted, lines) in [(Wanted::Lines, 3), (Wanted::Count, 0)] {
            let mut found = scan_for(b"a\na-", &query, wanted, ALL);
            found.append(scan_for(b"a\na\n", &query, wanted, ALL), 1);
            assert_eq!((found.count, found.ends, found.lines.len()), (3, Some((0, 2)), lines));
        }
    }
}
