//! The records of a session's conversation in order: what tells a copy, which keeps those of the session that it was
//! copied from, from that session.

use jiff::Timestamp;

use crate::agents::record::{records, timestamp};

/// One record that has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    id: String,
    time: Option<Timestamp>,
}

/// Returns the records in `text` that have an id; `text` may be cut anywhere.
pub(crate) fn steps(text: &[u8]) -> Vec<Step> {
    let step = |record: crate::agents::record::Record<'_>| {
        let id = record.text("uuid")?.into_owned();
        Some(Step { id, time: record.get("timestamp").and_then(timestamp) })
    };
    records(text).filter_map(step).collect()
}

/// What a session has after the records that it shares with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    Nothing,
    /// Records that begin at this time, if they say so.
    Since(Option<Timestamp>),
}

/// Returns what each of two sessions that begin alike has of its own.
pub(crate) fn parting(one: &[Step], other: &[Step]) -> (Own, Own) {
    let shared = one.iter().zip(other).take_while(|(one, other)| one.id == other.id).count();
    let own = |steps: &[Step]| match steps.get(shared) {
        None => Own::Nothing,
        Some(_) => Own::Since(steps[shared..].iter().find_map(|step| step.time)),
    };
    (own(one), own(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &str) -> Vec<Step> {
        let row =
            |id: &str| format!("{{\"uuid\":\"{id}\",\"timestamp\":\"2026-06-05T14:30:0{}Z\"}}\n", &id[1..]);
        steps((rows.split_terminator(' ').map(row).collect::<String>() + "{\"type\":\"mode\"}\n").as_bytes())
    }

    #[test]
    fn what_follows_the_shared_records_is_a_sessions_own() {
        let since = |second: u8| Own::Since(format!("2026-06-05T14:30:0{second}Z").parse().ok());
        for (one, other, expected) in [
            ("a1 b2", "a1 b2", (Own::Nothing, Own::Nothing)),
            ("a1 b2", "a1 b2 c3", (Own::Nothing, since(3))),
            ("a1 b2 d4", "a1 b2 c3", (since(4), since(3))),
            ("a1", "b2", (since(1), since(2))),
            ("", "a1", (Own::Nothing, since(1))),
        ] {
            assert_eq!(parting(&of(one), &of(other)), expected, "{one} | {other}");
        }
    }
}
