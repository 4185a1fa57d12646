//! Compares bytes with a pattern of the table: does the literal stand there, does the body follow, where does the
//! token end. Decides nothing else.

use crate::mask::text::class::{ByteClass, WORD, match_run, step_over_slash_escape};
use crate::mask::tokens::parts::{MANY, Part};

/// How long a run may be that something else must follow. Three of them and their surroundings fit in
/// [`crate::mask::window::LOOK_AHEAD`].
const LONGEST_INNER_RUN: usize = 12 << 10;

/// How many tails are remembered in a window.
const REMEMBERED_TAILS: usize = 16;

/// Returns the end of `text` if it stands at `at`; a `/` may be written `\/` at any depth.
fn match_text(text: &str, bytes: &[u8], mut at: usize) -> Option<usize> {
    for &wanted in text.as_bytes() {
        if wanted == b'/' {
            at = step_over_slash_escape(bytes, at);
        }
        if *bytes.get(at)? != wanted {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// Returns the start of `literal` if it ends at `end`; a `/` may be written `\/` at any depth.
pub(crate) fn match_back(literal: &[u8], bytes: &[u8], end: usize) -> Option<usize> {
    let mut at = end;
    for &wanted in literal.iter().rev() {
        if at == 0 || bytes[at - 1] != wanted {
            return None;
        }
        at -= 1;
        if wanted == b'/' {
            at -= crate::mask::text::escape::backslashes_before(bytes, at);
        }
    }
    Some(at)
}

/// Returns where `parts` end when they stand at `at`. The very last run is only taken as far as it must be: the
/// [`tail_class`] tells how it goes on.
pub(crate) fn match_parts(parts: &[Part], bytes: &[u8], mut at: usize) -> Option<usize> {
    for (index, part) in parts.iter().enumerate() {
        let is_last = index + 1 == parts.len();
        match *part {
            Part::Text(text) => at = match_text(text, bytes, at)?,
            Part::Run(class, least, most) => {
                let most =
                    if is_last && most == MANY { least } else { most.min(LONGEST_INNER_RUN.max(least)) };
                let (end, count) = match_run(class, most, bytes, at);
                if count < least {
                    return None;
                }
                at = end;
            }
            Part::Maybe(inner) => at = match_parts(inner, bytes, at).unwrap_or(at),
        }
    }
    Some(at)
}

/// Returns the bytes that belong to a token after what it must have: the class of its last run if that has no upper
/// limit, and always the word bytes (else what is left of a word would stand behind the mask as if it began there).
pub(crate) fn tail_class(parts: &[Part]) -> ByteClass {
    match parts.last() {
        Some(Part::Run(class, _, most)) if *most == MANY => class.or(WORD),
        Some(Part::Maybe(inner)) => tail_class(inner),
        _ => WORD,
    }
}

/// Returns how far the bytes go that should be checked of a token whose `parts` end at `end`: through its last run, at
/// most `most` bytes.
pub(crate) fn checked_end(parts: &[Part], bytes: &[u8], end: usize, most: usize) -> usize {
    match parts.last() {
        Some(Part::Run(class, _, MANY)) => match_run(*class, most, bytes, end).0,
        _ => end,
    }
}

/// Extends tokens to their ends; remembers ends, so that many tokens in one long run cost one walk over it.
#[derive(Debug, Default)]
pub(crate) struct Tails(Vec<(ByteClass, usize, usize)>);

impl Tails {
    /// Forgets all ends: the bytes are others.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns where the bytes of `class` from `from` on end.
    pub(crate) fn extend(&mut self, class: ByteClass, bytes: &[u8], from: usize) -> usize {
        if let Some((_, _, end)) =
            self.0.iter().find(|(c, start, end)| *c == class && (*start..*end).contains(&from))
        {
            return *end;
        }
        let (end, _) = match_run(class, usize::MAX, bytes, from);
        if end - from > 256 {
            if self.0.len() == REMEMBERED_TAILS {
                self.0.remove(0);
            }
            self.0.push((class, from, end));
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::tokens::vocabulary::*;

    #[test]
    fn slashes_may_be_escaped_at_any_depth() {
        for text in ["a/b/c", "a\\/b\\/c", "a\\\\\\/b\\/c"] {
            let bytes = text.as_bytes();
            assert_eq!(match_text("a/b/c", bytes, 0), Some(bytes.len()));
            assert_eq!(match_back(b"a/b/c", bytes, bytes.len()), Some(0));
            assert_eq!(match_run(BASE64, 99, bytes, 0).0, bytes.len());
        }
        assert_eq!(match_run(BASE64, 99, b"ab\\ncd", 0), (2, 2));
    }

    #[test]
    fn an_optional_part_may_be_missing() {
        const PARTS: &[Part] = &[word(4), Part::Maybe(&[text("."), exactly(LOWER, 2)])];
        assert_eq!(match_parts(PARTS, b"abcdef.01 ", 0), Some(9));
        assert_eq!(match_parts(PARTS, b"abcdef.0 ", 0), Some(6));
        assert_eq!(match_parts(PARTS, b"abc", 0), None);
    }

    #[test]
    fn ends_are_remembered() {
        let bytes = vec![b'a'; 1000];
        let mut tails = Tails::default();
        assert_eq!(tails.extend(WORD, &bytes, 10), 1000);
        assert_eq!(tails.extend(WORD, &bytes, 500), 1000);
        assert_eq!(tails.extend(DIGITS, &bytes, 500), 500);
    }
}
