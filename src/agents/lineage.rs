//! Whose copy a transcript is, and what other sessions its records say that they are of.
//!
//! Agents copy sessions to let them go two ways, and resume some under a new id. What they write about that is read
//! here: members that name a session, by its id or by the path of its file. Ids come out as [`id_of_name`] keeps them;
//! what is no id of that kind is left out.
//!
//! [`id_of_name`]: crate::identity::id_of_name

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use memchr::memmem;

use super::json::{Record, Value, records};
use super::names::stem;
use crate::identity::{plain_id, uuid_in};

/// Ids beside its own that are collected of a session.
const MAX_IDS: usize = 64;

/// Bytes of what the first record says that are compared: some agents give records numbers for ids.
const SAID_BYTES: usize = 1 << 10;

/// What stands in place of secrets in an archive.
const MASK_MARK: &[u8] = b"MASKED***";

/// Where headers of sessions name the session that they were copied from.
const FORK_MEMBERS: [&str; 6] =
    ["forkedFrom", "forked_from", "forked_from_id", "forkedFromId", "forkedFromSessionId", "branchedFrom"];

/// Where the object that such a member may be holds the session's id.
const ID_MEMBERS: [&str; 5] = ["sessionId", "session_id", "threadId", "thread_id", "id"];

/// What the ends of a transcript tell of where it comes from. Raw ids, not masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage {
    /// The session that this one was copied from.
    pub forked_from: Option<String>,
    /// `forked_from` follows from what was copied; a record that says so outweighs it.
    is_guess: bool,
    /// Sessions that its records say they are of, in order, each once; its own may be among them.
    pub ids: Vec<String>,
    /// The id of the first record that has one. A copy keeps it.
    pub first_record: Option<String>,
    /// A hash of the beginning of what that record says, which a copy keeps as well; `None` if it says nothing, or
    /// something in it is masked.
    first_said: Option<[u8; 32]>,
    /// The records are marked as a copy's, or as what only copies are as a rule.
    pub is_marked: bool,
}

impl Lineage {
    /// Returns the id of the first record of a copy that does not say whose it is: what it shares with the session that
    /// it was copied from.
    pub fn unnamed_copy(&self) -> Option<&str> {
        self.first_record.as_deref().filter(|_| self.is_marked && self.forked_from.is_none())
    }

    /// Returns all but the other ids, which may be many.
    pub fn without_ids(&self) -> Lineage {
        Lineage { ids: Vec::new(), ..self.clone() }
    }

    /// Returns whether two sessions begin with the same record: one is a copy of the other, or both of a third.
    pub fn begins_like(&self, other: &Lineage) -> bool {
        let is_same = self.first_record.is_some() && self.first_record == other.first_record;
        let said = self.first_said.zip(other.first_said);
        is_same && said.is_none_or(|(one, another)| one == another)
    }

    /// Takes the session that a header says it was copied from, wherever agents write that.
    pub(super) fn header(&mut self, record: &Record<'_>) {
        let named = FORK_MEMBERS.iter().find_map(|key| record.get(key));
        self.fork(named);
    }

    /// Takes what names the session that this one was copied from: its id, the path of its file, or an object with
    /// either. The first one counts.
    pub(super) fn fork(&mut self, named: Option<Value<'_>>) {
        if (self.forked_from.is_none() || self.is_guess)
            && let Some(id) = named.and_then(named_id)
        {
            (self.forked_from, self.is_guess) = (Some(id), false);
        }
    }

    /// Takes the session that this one was probably copied from.
    pub(super) fn perhaps_fork(&mut self, named: Option<Value<'_>>) {
        if self.forked_from.is_none() {
            self.fork(named);
            self.is_guess = self.forked_from.is_some();
        }
    }

    /// Takes the id of the session that a record says it is of.
    pub(super) fn id(&mut self, id: Option<Cow<'_, str>>) {
        let Some(id) = id.filter(|_| self.ids.len() <= MAX_IDS) else { return };
        if let Some(id) = plain_id(id.as_bytes()).filter(|id| !self.ids.contains(id)) {
            self.ids.push(id);
        }
    }

    /// Takes a record of a conversation; the first one that has an id counts.
    pub(super) fn first(&mut self, record: &Record<'_>) {
        if self.first_record.is_some() {
            return;
        }
        self.first_record = record.text("uuid").and_then(|id| plain_id(id.as_bytes()));
        if let Some(message) = record.get("message").filter(|_| self.first_record.is_some()) {
            let said = message.raw();
            let said = &said[..said.len().min(SAID_BYTES)];
            let is_masked = memmem::find(said, MASK_MARK).is_some();
            self.first_said = (!is_masked).then(|| *blake3::hash(said).as_bytes());
        }
    }
}

/// Returns the session that `named` names.
fn named_id(named: Value<'_>) -> Option<String> {
    match named.filled_text() {
        Some(text) => id_in(&text),
        None => {
            let record = named.record()?;
            let member = ID_MEMBERS.iter().chain(&["path", "file"]).find_map(|key| record.text(key))?;
            id_in(&member)
        }
    }
}

/// Returns the session's id in `text`: an id, or the path of a transcript, of whichever system.
fn id_in(text: &str) -> Option<String> {
    if let Some(id) = plain_id(text.as_bytes()) {
        return Some(id);
    }
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    if name == text && !name.contains('.') {
        return None;
    }
    let stem = stem(name.as_bytes());
    uuid_in(stem).or_else(|| super::guess_path(Path::new(text)).session_id).or_else(|| plain_id(stem))
}

/// Returns whether the records of an agent's transcripts name their session each, so that [`find_ids`] has something to
/// find.
pub(crate) fn has_ids_in_records(agent: &str) -> bool {
    !needles(agent).is_empty()
}

/// What precedes the id in records of agents that nobody knows.
const ANY_NEEDLES: [&[u8]; 2] = [b"\"sessionId\":", b"\"session_id\":"];

fn needles(agent: &str) -> &'static [&'static [u8]] {
    super::agent(agent).map_or(&ANY_NEEDLES, |agent| agent.id_needles())
}

fn recorded_id(agent: Option<&'static dyn super::Agent>, record: &Record<'_>) -> Option<String> {
    match agent {
        Some(agent) => agent.recorded_id(record),
        None => ["sessionId", "session_id"].iter().find_map(|key| record.text(key)).map(Cow::into_owned),
    }
}

/// Adds to `ids` those of sessions that records in `text` (whole lines, anywhere in a transcript of `agent`) say that
/// they are of. `ids` holds the session's own as the first; of it and those found before no record need be read.
/// Nothing for agents whose records don't name their session each.
pub(crate) fn find_ids(agent: &str, text: &[u8], ids: &mut Vec<String>) {
    for needle in needles(agent) {
        find_ids_after(super::agent(agent), needle, text, ids);
    }
}

fn find_ids_after(
    agent: Option<&'static dyn super::Agent>,
    needle: &[u8],
    text: &[u8],
    ids: &mut Vec<String>,
) {
    let finder = memmem::Finder::new(needle);
    let mut at = 0;
    while ids.len() <= MAX_IDS
        && let Some(found) = finder.find(&text[at..])
    {
        at += found + needle.len();
        if is_one_of(&text[at..], ids) {
            continue;
        }
        // What was said in a session may look like it: the record tells. Each line is read once at most.
        let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |newline| newline + 1);
        let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
        for record in records(&text[start..end]) {
            let id = recorded_id(agent, &record).and_then(|id| plain_id(id.as_bytes()));
            if let Some(id) = id.filter(|id| !ids.contains(id) && ids.len() <= MAX_IDS) {
                ids.push(id);
            }
        }
        at = end;
    }
}

/// Returns whether `text` begins with one of `ids` as a JSON string.
fn is_one_of(text: &[u8], ids: &[String]) -> bool {
    let Some(text) = text.trim_ascii_start().strip_prefix(b"\"") else { return false };
    ids.iter().any(|id| text.strip_prefix(id.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'"')))
}

/// What an agent keeps about the sessions that it took over from other agents, by the id that it gave them.
pub(crate) type Imports = HashMap<String, String>;

/// Reads a file in which an agent notes such sessions: JSON in which an object names the new session in a member about
/// a thread, and the old one by the path of its file. Anything else in it is passed over.
pub(super) fn read_imports(bytes: &[u8]) -> Imports {
    let mut imports = Imports::new();
    let Ok(whole) = serde_json::from_slice::<serde_json::Value>(bytes) else { return imports };
    // What is still to be looked at, and the path under which it stands.
    let mut pending = vec![(None, &whole)];
    while let Some((path, value)) = pending.pop() {
        match value {
            serde_json::Value::Array(items) => pending.extend(items.iter().map(|item| (path, item))),
            serde_json::Value::Object(members) => {
                let texts = || members.iter().filter_map(|(key, value)| Some((key, value.as_str()?)));
                let of_thread = |key: &str| key.contains("thread") || key.contains("imported");
                let threads = texts().filter(|(key, _)| of_thread(key)).filter_map(|(_, text)| id_in(text));
                let source = texts().filter(|(key, text)| !of_thread(key) && text.contains(['/', '\\']));
                let source = source.map(|(_, text)| text).next().or(path);
                if let Some(owner) = source.and_then(id_in) {
                    let threads = threads.filter(|thread| crate::identity::is_uuid(thread.as_bytes()));
                    imports.extend(threads.map(|thread| (thread, owner.clone())));
                }
                let path_of = |key: &'_ String| key.contains(['/', '\\']);
                pending.extend(
                    members
                        .iter()
                        .map(|(key, value)| (if path_of(key) { Some(key.as_str()) } else { path }, value)),
                );
            }
            serde_json::Value::String(text) => {
                let thread = crate::identity::is_uuid(text.as_bytes()).then(|| text.to_ascii_lowercase());
                if let (Some(thread), Some(owner)) = (thread, path.and_then(id_in)) {
                    imports.entry(thread).or_insert(owner);
                }
            }
            _ => {}
        }
    }
    imports
}

#[cfg(test)]
mod tests {
    use super::super::{describe, json};
    use super::*;

    const OWN: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
    const OTHER: &str = "11111111-2222-4333-8444-555555555555";
    const THIRD: &str = "99999999-2222-4333-8444-555555555555";

    fn filled(text: &str) -> String {
        text.replace("OWN", OWN).replace("OTHER", OTHER).replace("THIRD", THIRD)
    }

    fn of(agent: &str, head: &str) -> Lineage {
        describe(agent, filled(head).as_bytes(), b"").lineage
    }

    #[test]
    fn each_agent_says_whose_copy_a_session_is_in_its_own_way() {
        for (agent, head) in [
            (
                "claude-code",
                r#"{"type":"user","uuid":"u1","sessionId":"OWN","forkedFrom":{"sessionId":"OTHER","messageUuid":"u1"}}"#,
            ),
            ("claude-code", r#"{"type":"derived-from","sessionId":"OWN","derivedFromSessionId":"OTHER"}"#),
            ("claude-code", r#"{"type":"derived-from","sessionId":"OWN","source":{"sessionId":"OTHER"}}"#),
            ("codex", r#"{"type":"session_meta","payload":{"id":"OWN","forked_from_id":"OTHER"}}"#),
            ("codex", r#"{"type":"session_meta","payload":{"id":"OWN","forked_from":"OTHER"}}"#),
            (
                "codex",
                r#"{"type":"session_meta","payload":{"id":"OWN","history_base":{"thread_id":"OTHER","end_ordinal_exclusive":3}}}"#,
            ),
            (
                "codex",
                "{\"type\":\"session_meta\",\"payload\":{\"id\":\"OWN\"}}\n{\"type\":\"session_meta\",\"payload\":{\"id\":\"OTHER\"}}",
            ),
            (
                "codex",
                "{\"type\":\"session_meta\",\"payload\":{\"id\":\"OWN\",\"forked_from_id\":\"OTHER\"}}\n{\"type\":\"session_meta\",\"payload\":{\"id\":\"THIRD\"}}",
            ),
            (
                "pi",
                r#"{"type":"session","id":"OWN","parentSession":"/h/.pi/agent/sessions/--w--/2026-01-02T03-04-05-678Z_OTHER.jsonl"}"#,
            ),
            (
                "pi",
                r#"{"type":"session","id":"OWN","branchedFrom":"C:\\Users\\me\\sessions\\2026-01-02T03-04-05-678Z_OTHER.jsonl"}"#,
            ),
            ("pi", r#"{"type":"session","id":"OWN","parentSession":"OTHER"}"#),
            ("gemini", r#"{"sessionId":"OWN","projectHash":"h","kind":"main","forkedFrom":"OTHER"}"#),
            ("qwen", r#"{"uuid":"u","sessionId":"OWN","type":"user","forkedFrom":{"sessionId":"OTHER"}}"#),
            ("droid", r#"{"type":"session_start","id":"OWN","forkedFrom":"OTHER"}"#),
            (
                "copilot",
                r#"{"type":"session.start","data":{"sessionId":"OWN","forkedFromSessionId":"OTHER"}}"#,
            ),
            ("kimi", r#"{"type":"metadata","protocol_version":"1","forked_from":"OTHER"}"#),
        ] {
            assert_eq!(of(agent, head).forked_from.as_deref(), Some(OTHER), "{agent}: {head}");
        }
    }

    #[test]
    fn what_names_no_session_makes_no_fork() {
        for (agent, head) in [
            ("claude-code", r#"{"type":"user","uuid":"u1","sessionId":"OWN","forkedFrom":null}"#),
            (
                "claude-code",
                r#"{"type":"user","uuid":"u1","sessionId":"OWN","message":{"content":[{"forkedFrom":"OTHER"}]}}"#,
            ),
            ("codex", r#"{"type":"session_meta","payload":{"id":"OWN","parent_thread_id":"OTHER"}}"#),
            (
                "codex",
                "{\"type\":\"session_meta\",\"payload\":{\"id\":\"OWN\"}}\n{\"type\":\"session_meta\",\"payload\":{\"id\":\"OWN\"}}",
            ),
            ("pi", r#"{"type":"session","id":"OWN","parentSession":"no id at all"}"#),
            ("droid", r#"{"type":"session_start","id":"OWN","forkedFrom":7}"#),
        ] {
            assert_eq!(of(agent, head).forked_from, None, "{agent}: {head}");
        }
    }

    #[test]
    fn a_background_copy_is_known_by_its_first_record() {
        let row = r#"{"type":"user","uuid":"first","sessionId":"OWN","sessionKind":"bg"}"#;
        let head = format!("{{\"type\":\"summary\"}}\n{row}\n{}", row.replace("first", "second"));
        assert_eq!(of("claude-code", &head).unnamed_copy(), Some("first"));
        assert_eq!(of("claude-code", &head.replace("bg", "fg")).unnamed_copy(), None);
        let named = head.replace("\"bg\"", "\"bg\",\"forkedFrom\":{\"sessionId\":\"OTHER\"}");
        assert_eq!(of("claude-code", &named).unnamed_copy(), None);
    }

    #[test]
    fn other_ids_are_found_in_long_rows_anywhere_and_only_where_records_have_them() {
        let row = |id: &str, more: &str| {
            filled(&format!(
                "{{\"type\":\"user\",\"uuid\":\"u\",\"message\":{{\"content\":\"{}\"{more}}},\"sessionId\":\"{id}\"}}\n",
                "x".repeat(5000)
            ))
        };
        let said = ",\"arguments\":{\"sessionId\":\"THIRD\"},\"text\":\"{\\\"sessionId\\\":\\\"THIRD\\\"}\"";
        let text = row("OWN", "") + &row("OWN", said) + &row("OTHER", "") + &row("OWN", "");
        let mut ids = vec![OWN.to_owned()];
        find_ids("claude-code", text.as_bytes(), &mut ids);
        assert_eq!(ids, [OWN, OTHER]);
        find_ids(
            "claude-code",
            row("THIRD", "").to_uppercase().replace("SESSIONID", "sessionId").as_bytes(),
            &mut ids,
        );
        assert_eq!(ids.len(), 2, "no row of that type");
        let mut none = vec![OWN.to_owned()];
        find_ids("codex", text.as_bytes(), &mut none);
        assert_eq!(none, [OWN]);
    }

    #[test]
    fn ids_are_bounded_and_nothing_but_ids() {
        let row = |id: &str| format!("{{\"type\":\"user\",\"uuid\":\"u\",\"sessionId\":\"{id}\"}}\n");
        let many: String = (0..100).map(|number| row(&format!("id-{number}"))).collect();
        let mut ids = vec![OWN.to_owned()];
        find_ids("claude-code", many.as_bytes(), &mut ids);
        assert_eq!(ids.len(), 1 + MAX_IDS);
        let odd = row("../../x") + &row(&"x".repeat(129)) + &row("") + &row("a b");
        let mut ids = vec![OWN.to_owned()];
        find_ids("claude-code", odd.as_bytes(), &mut ids);
        assert_eq!(ids, [OWN]);
    }

    #[test]
    fn notes_on_imports_are_read_in_any_of_their_forms() {
        let path = "/h/.claude/projects/-w/OTHER.jsonl";
        for text in [
            format!(
                r#"{{"records":[{{"source_path":"{path}","content_sha256":"ab","imported_thread_id":"OWN","imported_at":17}}]}}"#
            ),
            format!(r#"[{{"path":"{path}","threadId":"OWN","thread_id":"OWN"}}]"#),
            format!(r#"{{"sessions":{{"{path}":{{"thread_id":"OWN"}}}}}}"#),
            format!(r#"{{"{path}":"OWN"}}"#),
        ] {
            let imports = read_imports(filled(&text).as_bytes());
            assert_eq!(imports.get(OWN).map(String::as_str), Some(OTHER), "{text}");
            assert_eq!(imports.len(), 1, "{text}");
        }
        for text in ["", "null", "[", "7", r#"{"thread_id":"OWN"}"#, r#"{"source_path":"/a/OTHER.jsonl"}"#] {
            assert!(read_imports(filled(text).as_bytes()).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_path_names_the_session_that_its_file_is_of() {
        for (text, id) in [
            (OTHER, Some(OTHER)),
            ("session_1", Some("session_1")),
            ("/a/session_1.jsonl", Some("session_1")),
            ("two words", None),
            ("", None),
            ("/", None),
        ] {
            assert_eq!(id_in(text).as_deref(), id, "{text}");
        }
        assert_eq!(json::records(b"{\"a\":[1]}").next().and_then(|record| named_id(record.get("a")?)), None);
    }
}
