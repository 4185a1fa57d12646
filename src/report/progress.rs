//! The progress bar on stderr: bytes done, rate and time left. Shown on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// Redraws a second; more would cost without being seen.
const REDRAWS_PER_SECOND: u8 = 10;

/// How often the time left is redrawn while no bytes are reported (one very large transcript).
const IDLE_REDRAW: Duration = Duration::from_millis(500);

const TEMPLATE: &str = "{msg} {wide_bar} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}";

/// A progress bar over bytes; hidden (and nearly free) when stderr is no terminal. Shared by all threads.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Returns a bar for `total_bytes`, drawn on stderr if that is a terminal. `what` is harmless text.
    pub(crate) fn new(what: &str, total_bytes: u64) -> Progress {
        let target = ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_SECOND);
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(total_bytes), target)
            .with_style(style)
            .with_message(what.to_owned());
        if !bar.is_hidden() {
            bar.enable_steady_tick(IDLE_REDRAW);
        }
        Progress { bar }
    }

    /// Returns a bar that is never drawn.
    pub(crate) fn hidden() -> Progress {
        Progress { bar: ProgressBar::hidden() }
    }

    /// Adds `bytes` to what is done.
    pub(crate) fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// Runs `write`, which writes to the terminal, with the bar out of the way.
    pub(crate) fn suspend<R>(&self, write: impl FnOnce() -> R) -> R {
        self.bar.suspend(write)
    }

    /// Takes the bar off the terminal.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one_that_indicatif_accepts() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }

    #[test]
    fn a_hidden_bar_counts_and_draws_nothing() {
        let progress = Progress::hidden();
        progress.advance(4);
        assert_eq!(progress.bar.position(), 4);
        assert_eq!(progress.suspend(|| 7), 7);
        progress.finish();
    }
}
