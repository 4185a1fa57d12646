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

/// Returns the processor time that this process has taken with all its threads, in seconds; 0 where it is not known.
pub fn processor_seconds() -> f64 {
    /// What `/proc` counts in; the same on all systems that Rust runs on, see proc(5) and `sysconf(_SC_CLK_TCK)`.
    const TICKS_PER_SECOND: f64 = 100.0;
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else { return 0.0 };
    // User and system time are fields 14 and 15; the second, a name in brackets, may hold blanks.
    let fields = stat.rsplit(')').next().unwrap_or("").split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_SECOND
}

/// Writes a line to stderr.
pub fn say(text: std::fmt::Arguments) {
    // Nothing is lost when nobody listens.
    let _ = writeln!(std::io::stderr(), "{text}");
}
