//! Names of hidden temporary files, and the chance they are made of.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Fills `buffer` with the system's random bytes.
pub(crate) fn random_bytes(buffer: &mut [u8]) -> io::Result<()> {
    getrandom::fill(buffer).map_err(io::Error::other)
}

/// Returns a name for a hidden temporary file that no other process or thread makes.
pub(crate) fn temporary_name() -> io::Result<String> {
    // One draw of chance a process, because two may have the same id (in containers that share a store); then counted.
    static START: OnceLock<u64> = OnceLock::new();
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let start = match START.get() {
        Some(start) => *start,
        None => {
            let mut random = [0u8; 8];
            random_bytes(&mut random)?;
            *START.get_or_init(|| u64::from_le_bytes(random))
        }
    };
    let number = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
    Ok(format!("{TEMPORARY_PREFIX}{}-{number:016x}", std::process::id()))
}

/// What the names of hidden temporary files begin with.
pub(crate) const TEMPORARY_PREFIX: &str = ".tmp-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_names_differ() {
        assert_ne!(temporary_name().unwrap(), temporary_name().unwrap());
    }
}
