//! Compares two ways of doing something by turns, so that both meet the same load of the machine.

use std::io::Write;
use std::time::{Duration, Instant};

/// Returns how long `work` takes.
pub fn time(work: &mut dyn FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Runs `ours` and `reference` by turns and prints by how much the median of ours is faster, and the spread of the
/// single ratios. In a mere test each runs once.
pub fn compare(name: &str, against: &str, mut ours: impl FnMut(), mut reference: impl FnMut()) {
    let runs = if super::is_test() { 1 } else { 7 };
    let mut ratios: Vec<f64> = (0..runs)
        .map(|_| {
            let reference = time(&mut reference);
            let ours = time(&mut ours);
            reference.as_secs_f64() / ours.as_secs_f64().max(1e-9)
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    say(format_args!(
        "{name}: {:.2} times as fast as {against} (median of {runs}; {:.2} to {:.2})",
        ratios[runs / 2],
        ratios[0],
        ratios[runs - 1]
    ));
}

/// Writes a line to stderr.
pub fn say(text: std::fmt::Arguments) {
    // Nothing is lost when nobody listens.
    let _ = writeln!(std::io::stderr(), "{text}");
}
