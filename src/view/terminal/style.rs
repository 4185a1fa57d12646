//! Colours, width, and how text of a transcript becomes harmless.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::report::terminal_safe;
use crate::report::text::fit;

/// Columns of a line that is cut where there is no terminal that says how many it has.
const PIPE_COLUMNS: usize = 240;

/// Columns from one tab stop to the next.
const TAB_COLUMNS: usize = 4;

/// How a session is shown.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    /// Columns of the terminal; `None` in a pipe.
    pub columns: Option<usize>,
    pub zone: TimeZone,
    /// Nothing is cut or folded.
    pub is_full: bool,
    pub colors: Colors,
}

/// Colours by what they mean; empty texts when nothing is coloured. A line is coloured on its own, so that a pager may begin
/// anywhere.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Colors {
    pub user: &'static str,
    pub assistant: &'static str,
    pub system: &'static str,
    pub tool: &'static str,
    pub strong: &'static str,
    pub code: &'static str,
    pub faint: &'static str,
    pub failed: &'static str,
    pub added: &'static str,
    pub removed: &'static str,
    pub reset: &'static str,
}

impl Colors {
    /// Returns the colours, or none.
    pub(crate) fn new(is_colored: bool) -> Colors {
        if !is_colored {
            return Colors::default();
        }
        Colors {
            user: "\x1b[1;36m",
            assistant: "\x1b[1;32m",
            system: "\x1b[1;35m",
            tool: "\x1b[33m",
            strong: "\x1b[1m",
            code: "\x1b[36m",
            faint: "\x1b[2m",
            failed: "\x1b[1;31m",
            added: "\x1b[32m",
            removed: "\x1b[31m",
            reset: "\x1b[0m",
        }
    }

    /// Returns whether anything is coloured.
    pub(crate) fn are_there(&self) -> bool {
        !self.reset.is_empty()
    }
}

impl Style {
    /// Returns one line of text harmless: nothing in it is obeyed, tabs are spaces on a terminal.
    pub(crate) fn safe<'a>(&self, line: &'a str) -> Cow<'a, str> {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if !line.contains('\t') {
            return terminal_safe(line.as_bytes());
        }
        let tab = if self.columns.is_some() { &" ".repeat(TAB_COLUMNS) } else { "\t" };
        let pieces: Vec<Cow<'_, str>> =
            line.split('\t').map(|piece| terminal_safe(piece.as_bytes())).collect();
        Cow::Owned(pieces.join(tab))
    }

    /// Returns one line of text harmless, cut to what is left of a line that begins with `used` columns.
    pub(crate) fn cut(&self, line: &str, used: usize) -> String {
        let columns = self.columns.unwrap_or(PIPE_COLUMNS);
        // No more than that can be seen of it, and a line may have megabytes.
        let most = columns.max(PIPE_COLUMNS) * 8;
        let end = (0..=most.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
        let shown = self.safe(&line[..end]);
        let mark = if end < line.len() { "…" } else { "" };
        let shown = if mark.is_empty() { shown } else { Cow::Owned(format!("{shown}{mark}")) };
        fit(&shown, columns.saturating_sub(used).max(20)).into_owned()
    }

    /// Returns the time of day of a moment.
    pub(crate) fn clock(&self, time: Timestamp) -> String {
        time.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(columns: Option<usize>) -> Style {
        Style { columns, zone: TimeZone::UTC, is_full: false, colors: Colors::new(false) }
    }

    #[test]
    fn nothing_is_obeyed_and_indentation_stays() {
        let hostile = "\ta\x1b]52;c;YQ==\x07\u{202e}b\r";
        assert_eq!(style(Some(80)).safe(hostile), "    a\\x1b]52;c;YQ==\\x07\\u{202e}b");
        assert_eq!(style(None).safe(hostile), "\ta\\x1b]52;c;YQ==\\x07\\u{202e}b");
    }

    #[test]
    fn long_lines_are_cut_to_the_terminal() {
        let cut = style(Some(40)).cut(&"x".repeat(1 << 20), 10);
        assert_eq!(cut, format!("{}…", "x".repeat(29)));
        assert_eq!(style(None).cut("short", 10), "short");
    }
}
