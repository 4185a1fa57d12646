//! The time of day, as the system's clock has it.

use jiff::Timestamp;

/// Returns now, UTC.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Returns now in nanoseconds since 1970, UTC, as files' times are: what is later than the year 2262 is that year.
pub(crate) fn nanoseconds() -> i64 {
    now().as_nanosecond().try_into().unwrap_or(i64::MAX)
}

/// Returns now in whole seconds since 1970, UTC.
pub(crate) fn seconds() -> i64 {
    now().as_second()
}

/// For how long the machine has been on, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uptime {
    pub awake: u64,
    pub asleep: u64,
}

/// Returns for how long the machine has been on since it started; `None` where the system does not say.
#[cfg(target_os = "linux")]
pub(crate) fn uptime() -> Option<Uptime> {
    use rustix::time::{ClockId, clock_gettime};
    let seconds = |clock| u64::try_from(clock_gettime(clock).tv_sec).ok();
    // One of them stands still while the machine sleeps: see clock_gettime(2).
    let awake = seconds(ClockId::Monotonic)?;
    Some(Uptime { awake, asleep: seconds(ClockId::Boottime)?.saturating_sub(awake) })
}

/// Returns for how long the machine has been on; this system does not say.
#[cfg(not(target_os = "linux"))]
pub(crate) fn uptime() -> Option<Uptime> {
    None
}

/// Returns what tells this start of the machine from all others; `None` where the system does not say.
pub(crate) fn start_id() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic()))
}
