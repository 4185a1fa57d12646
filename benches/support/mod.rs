//! What benches share: inputs, references, and how two ways of doing something are compared.

#![allow(dead_code, reason = "each bench uses what it needs")]

pub mod archives;
pub mod blocks;
pub mod compare;
pub mod inputs;
pub mod libdeflate;
pub mod masking;
pub mod runs;
pub mod spawning;

/// Bytes of a block, as the engine cuts them.
pub const BLOCK_BYTES: usize = 1 << 20;

/// Returns whether everything is to be run just once, to see that it works (`cargo bench -- --test`).
pub fn is_test() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// Returns `full` bytes for a measurement, and few of them for a mere test.
pub fn scaled(full: usize) -> usize {
    if is_test() { (full / 32).clamp(1 << 18, 4 << 20) } else { full }
}

/// Returns criterion with settings for work of tens of milliseconds a time.
pub fn criterion() -> criterion::Criterion {
    criterion::Criterion::default()
        .sample_size(10)
        .warm_up_time(std::time::Duration::from_millis(500))
        .measurement_time(std::time::Duration::from_secs(2))
        .configure_from_args()
}
