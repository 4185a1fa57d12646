//! When, where and what about: the few facts that a session's metadata has of its transcript.

use jiff::Timestamp;

use super::lineage::Lineage;

/// Longest title after [`title_line`].
const TITLE_CHARACTERS: usize = 120;

/// What the ends of a transcript tell. Raw text, not masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The directory that the session began in.
    pub cwd: Option<String>,
    /// Time of the first record that has one; the same however often the file grows.
    pub started_at: Option<Timestamp>,
    /// The latest time seen (records are not always in order).
    pub ended_at: Option<Timestamp>,
    /// A title given by user or agent, else the first prompt (up to 2,000 characters: mask it, then shorten it
    /// with [`title_line`]).
    pub title: Option<String>,
    /// The title was given; it is no prompt.
    pub is_titled: bool,
    /// The model that answered last.
    pub model: Option<String>,
    /// The branch that the session began on.
    pub git_branch: Option<String>,
    /// Where the session comes from.
    pub lineage: Lineage,
}

/// Returns the first line of `text` that has something on it, without control characters, at most 120 characters.
pub(crate) fn title_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let mut title: String = line.chars().filter(|c| !c.is_control()).take(TITLE_CHARACTERS + 1).collect();
    if title.chars().count() > TITLE_CHARACTERS {
        title.pop();
        title.pop();
        title.push('…');
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_line_is_short_and_safe() {
        assert_eq!(title_line("\n  \n fix \u{1b}[31mit\u{7}\nmore"), "fix [31mit");
        assert_eq!(title_line(&"é".repeat(500)).chars().count(), 120);
        assert_eq!(title_line(&"é".repeat(120)), "é".repeat(120));
        assert_eq!(title_line(""), "");
    }
}
