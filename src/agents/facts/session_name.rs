//! Which session a text or a member names: by its id, or by the path of its file.

use std::path::Path;

use crate::agents::found::GuessPath;
use crate::agents::names::stem;
use crate::agents::record::Value;
use crate::identity::{plain_id, uuid_in};

/// Where an object that names a session holds the session's id.
const ID_MEMBERS: [&str; 5] = ["sessionId", "session_id", "threadId", "thread_id", "id"];

/// Returns the id of the session that `named` names: an id, the path of a file, or an object with either.
pub(crate) fn named_session(named: Value<'_>, guess_path: GuessPath) -> Option<String> {
    match named.filled_text() {
        Some(text) => session_in(&text, guess_path),
        None => {
            let record = named.record()?;
            let member = ID_MEMBERS.iter().chain(&["path", "file"]).find_map(|key| record.text(key))?;
            session_in(&member, guess_path)
        }
    }
}

/// Returns the session's id in `text`: an id, or the path of a transcript, of whichever system.
pub(crate) fn session_in(text: &str, guess_path: GuessPath) -> Option<String> {
    if let Some(id) = plain_id(text.as_bytes()) {
        return Some(id);
    }
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    if name == text && !name.contains('.') {
        return None;
    }
    let stem = stem(name.as_bytes());
    uuid_in(stem).or_else(|| guess_path(Path::new(text)).session_id).or_else(|| plain_id(stem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::found::Guess;
    use crate::agents::record::records;

    const ID: &str = "11111111-2222-4333-8444-555555555555";

    #[test]
    fn a_path_names_the_session_that_its_file_is_of() {
        let guess_path = |_: &Path| Guess::default();
        for (text, id) in [
            (ID, Some(ID)),
            ("session_1", Some("session_1")),
            ("/a/session_1.jsonl", Some("session_1")),
            ("two words", None),
            ("", None),
            ("/", None),
        ] {
            assert_eq!(session_in(text, guess_path).as_deref(), id, "{text}");
        }
        assert_eq!(
            records(b"{\"a\":[1]}").next().and_then(|record| named_session(record.get("a")?, guess_path)),
            None
        );
    }
}
