//! How much of a session's id names it on a command line, with no other session of the store to be taken for it.

use super::session::Session;

/// Bytes of an id that are written at least, even where fewer would do: sessions to come are to be told apart, too.
const LEAST_BYTES: usize = 8;

/// Returns how many bytes at the start of each session's id mean this one and no other of `sessions`, which should be all
/// that the store has; `None` where no beginning of the id does, nor all of it, so that only a path names the session.
pub(crate) fn name_lengths(sessions: &[Session]) -> Vec<Option<usize>> {
    // Names are taken in either case.
    let ids: Vec<String> = sessions.iter().map(|session| session.session_id.to_ascii_lowercase()).collect();
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_unstable_by(|one, other| ids[*one].cmp(&ids[*other]));
    let mut lengths = vec![None; ids.len()];
    for (at, &own) in order.iter().enumerate() {
        let beside = [at.checked_sub(1), Some(at + 1)];
        let shared = beside.into_iter().flatten().filter_map(|at| order.get(at)).map(|other| {
            if ids[own] == ids[*other] { usize::MAX } else { shared_bytes(&ids[own], &ids[*other]) }
        });
        lengths[own] = length(&sessions[own].session_id, shared.max().unwrap_or(0));
    }
    lengths
}

/// Returns how much of `id` is written if so many bytes at its start are another's as well.
fn length(id: &str, shared: usize) -> Option<usize> {
    if shared == usize::MAX || id.is_empty() {
        return None;
    }
    // All of an id comes before what begins with it.
    let wanted = shared.saturating_add(1).max(LEAST_BYTES).min(id.len());
    let length = (wanted..=id.len()).find(|length| id.is_char_boundary(*length))?;
    // What has a slash is taken for a path, what begins with @ for a name such as @last.
    let name = &id[..length];
    let is_name = !name.contains(['/', '\\', '#']) && !name.starts_with(['@', '-']);
    is_name.then_some(length)
}

fn shared_bytes(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_of_an_id_is_written_as_no_other_begins_with() {
        let ids = [
            "01a204f9-0001",
            "01a204f9-0002-x",
            "01A204F9-1",
            "short",
            "shorter than that",
            "twice the same",
            "twice the same",
            "a/b",
            "@last one",
            "äöüäöüäöü",
            "",
        ];
        let sessions: Vec<Session> = ids
            .iter()
            .map(|id| {
                let mut session = Session::nothing();
                session.session_id = (*id).into();
                session
            })
            .collect();
        let lengths = name_lengths(&sessions);
        let names: Vec<Option<&str>> =
            ids.iter().zip(&lengths).map(|(id, length)| length.map(|length| &id[..length])).collect();
        assert_eq!(
            names,
            [
                Some("01a204f9-0001"),
                Some("01a204f9-0002"),
                Some("01A204F9-1"),
                Some("short"),
                Some("shorter "),
                None,
                None,
                None,
                None,
                Some("äöüä"),
                None,
            ]
        );
    }
}
