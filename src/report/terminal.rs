//! What the terminal is like: how wide, and the colours used on it.

/// Width assumed when the terminal does not say.
const DEFAULT_WIDTH: usize = 80;

/// Returns the columns of the terminal on stdout.
pub(crate) fn width() -> usize {
    size().filter(|&columns| columns > 0).unwrap_or(DEFAULT_WIDTH)
}

#[cfg(unix)]
fn size() -> Option<usize> {
    rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| usize::from(size.ws_col))
}

#[cfg(not(unix))]
fn size() -> Option<usize> {
    None
}

/// Colours by what they mean; empty texts when nothing is coloured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    pub path: &'static str,
    pub number: &'static str,
    pub found: &'static str,
    pub reset: &'static str,
}

impl Palette {
    /// Returns the colours, the same as grep's by default.
    pub(crate) fn new(is_colored: bool) -> Palette {
        if !is_colored {
            return Palette { path: "", number: "", found: "", reset: "" };
        }
        Palette { path: "\x1b[35m", number: "\x1b[32m", found: "\x1b[1;31m", reset: "\x1b[0m" }
    }
}
