//! How people and scripts name a message of a transcript: by the line that it stands on.
//!
//! A line never moves: archives only grow at their end. So the name of a message stays right for ever, whatever is learned
//! about an agent's records later, and finding it takes no reading of what stands before it.

use std::fmt;
use std::str::FromStr;

/// The line of a message, counted from 1, and which of the line's messages it is, counted from 1: `17`, `17.2`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Index {
    pub line: u64,
    pub nth: u32,
}

impl fmt::Display for Index {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nth {
            0 | 1 => write!(formatter, "{}", self.line),
            nth => write!(formatter, "{}.{nth}", self.line),
        }
    }
}

impl FromStr for Index {
    type Err = ();

    /// Reads `17` or `17.2`; a `#` before it may stay.
    fn from_str(text: &str) -> Result<Index, ()> {
        let text = text.strip_prefix('#').unwrap_or(text);
        let (line, nth) = text.split_once('.').unwrap_or((text, "1"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(line) || !is_number(nth) {
            return Err(());
        }
        Ok(Index { line: line.parse().map_err(drop)?, nth: nth.parse().map_err(drop)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_reads_as_it_is_written_and_nothing_else_does() {
        for (text, line, nth) in [("17", 17, 1), ("17.2", 17, 2), ("#3", 3, 1)] {
            let index: Index = text.parse().unwrap();
            assert_eq!(index, Index { line, nth });
            assert_eq!(index.to_string(), text.trim_start_matches('#'));
        }
        for text in ["", ".", "1.", "+1", "-1", "1.2.3", "a", "99999999999999999999"] {
            assert!(text.parse::<Index>().is_err(), "{text}");
        }
    }
}
