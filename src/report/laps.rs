//! How long a command took, for `-v`, and each of its steps, for `-vv`. Measures on the clock on the wall; what all threads
//! took together is the engine's to count.

use super::{Reporter, Verbosity};
use std::fmt::Display;
use std::time::{Duration, Instant};

/// A watch that was started with the command.
pub(crate) struct Laps<'a> {
    reporter: &'a Reporter,
    started: Instant,
    last: Instant,
}

impl<'a> Laps<'a> {
    /// Starts the watch.
    pub(crate) fn start(reporter: &'a Reporter) -> Laps<'a> {
        let now = Instant::now();
        Laps { reporter, started: now, last: now }
    }

    /// Says with `-vv` how long it is since the step before ended.
    pub(crate) fn step(&mut self, what: impl Display) {
        let now = Instant::now();
        if self.reporter.verbosity() >= Verbosity::Thorough {
            self.reporter.detail(format_args!("{what}: {}", seconds(now - self.last)));
        }
        self.last = now;
    }

    /// Says with `-v` how long it is since the start.
    pub(crate) fn end(self, what: impl Display) {
        self.reporter.detail(format_args!("{what}: {} in all", seconds(self.started.elapsed())));
    }
}

/// Returns seconds to the millisecond: steps are short.
fn seconds(taken: Duration) -> String {
    format!("{:.3}s", taken.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn steps_are_said_with_two_and_the_end_with_one() {
        for (verbose, lines) in [(0, 0), (1, 1), (2, 3)] {
            let page = Page::default();
            let verbosity = Verbosity::from_flags(false, verbose);
            let reporter = Reporter::to(verbosity, Box::new(page.clone()), Box::new(std::io::sink()));
            let mut laps = Laps::start(&reporter);
            laps.step("one");
            laps.step("two");
            laps.end("verify");
            let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
            assert_eq!(text.lines().count(), lines, "{text}");
        }
    }
}
