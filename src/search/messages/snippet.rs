//! A piece of text around a match, on one line.

use std::ops::Range;

/// Bytes of text that are shown, and bytes of them before the first match.
const SNIPPET_BYTES: usize = 240;
const LEAD_BYTES: usize = 80;

/// A piece of what a message says. Blanks and line breaks have become one blank each; `…` stands where something was cut off.
/// Not safe for a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snippet {
    pub text: String,
    /// Where the matches are in `text`, in bytes.
    pub matches: Vec<Range<usize>>,
}

impl Snippet {
    /// Returns the piece of `text` around the first of `matches`, which are in order and do not overlap.
    pub(crate) fn of(text: &str, matches: &[Range<usize>]) -> Snippet {
        let first = matches.first().map_or(0, |range| range.start);
        let start = if text.len() <= SNIPPET_BYTES { 0 } else { first.saturating_sub(LEAD_BYTES) };
        let start = boundary(text, start.min(text.len().saturating_sub(SNIPPET_BYTES)));
        let end = boundary(text, (start + SNIPPET_BYTES).min(text.len()));
        let mut snippet = Snippet::default();
        if !text[..start].trim().is_empty() {
            snippet.text.push('…');
        }
        let mut at = start;
        for range in matches.iter().filter(|range| range.start < end && range.end > start) {
            let (from, to) = (range.start.max(start), range.end.min(end));
            snippet.push(&text[at..from]);
            // A blank before the match is not of it.
            let begin = snippet.text.len();
            snippet.push(&text[from..to]);
            if snippet.text.len() > begin {
                snippet.matches.push(begin..snippet.text.len());
            }
            at = to;
        }
        snippet.push(&text[at..end]);
        snippet.text.truncate(snippet.text.trim_end().len());
        let length = snippet.text.len();
        snippet.matches.iter_mut().for_each(|range| range.end = range.end.min(length));
        snippet.matches.retain(|range| range.start < range.end);
        if !text[end..].trim().is_empty() {
            snippet.text.push('…');
        }
        snippet
    }

    fn push(&mut self, text: &str) {
        for character in text.chars() {
            if !character.is_whitespace() {
                self.text.push(character);
            } else if !self.text.is_empty() && !self.text.ends_with([' ', '…']) {
                self.text.push(' ');
            }
        }
    }
}

fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "matches are lists of ranges, often of one")]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_shown_whole_on_one_line() {
        let snippet = Snippet::of("  a\n\n b\tc  ", &[6..7]);
        assert_eq!(snippet.text, "a b c");
        assert_eq!(snippet.matches, [2..3]);
        assert_eq!(Snippet::of("", &[]), Snippet::default());
    }

    #[test]
    fn long_texts_are_cut_around_the_first_match() {
        let text = format!("{}NEEDLE {}NEEDLE", "ä".repeat(500), "z ".repeat(500));
        let snippet = Snippet::of(&text, &[1000..1006, 2007..2013]);
        assert!(snippet.text.starts_with("…ä") && snippet.text.ends_with("z…"), "{}", snippet.text);
        assert_eq!(snippet.matches.len(), 1);
        assert_eq!(&snippet.text[snippet.matches[0].clone()], "NEEDLE");
        assert!(snippet.text.len() <= SNIPPET_BYTES + 2 * "…".len());
        let at_end = Snippet::of(&text, &[2007..2013]);
        assert!(at_end.text.ends_with("NEEDLE"));
    }

    #[test]
    fn a_match_over_blanks_and_one_that_is_cut_stay_in_bounds() {
        let text = format!("a  b{}", "x".repeat(1000));
        let snippet = Snippet::of(&text, &[0..1004]);
        assert_eq!(snippet.matches, [0..snippet.text.len() - "…".len()]);
        assert!(snippet.text.starts_with("a bx"));
        assert!(Snippet::of("x \n", &[1..3]).matches.is_empty());
    }
}
