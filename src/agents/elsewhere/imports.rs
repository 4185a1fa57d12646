//! What an agent notes about the sessions that it took over from other agents.

use std::collections::HashMap;

use crate::agents::facts::session_in;
use crate::agents::known::guess_path;

/// What an agent keeps about the sessions that it took over from other agents, by the id that it gave them.
pub(crate) type Imports = HashMap<String, String>;

/// Returns the sessions of other agents, by the ids that they have here, that the bytes of a file tell of in which an
/// agent notes them ([`Agent::imports_file`](crate::agents::agent::Agent::imports_file)): JSON in which an object names the new session in a member about
/// a thread, and the old one by the path of its file. Anything else in it is passed over.
pub(crate) fn imports(bytes: &[u8]) -> Imports {
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
                let threads = texts()
                    .filter(|(key, _)| of_thread(key))
                    .filter_map(|(_, text)| session_in(text, guess_path));
                let source = texts().filter(|(key, text)| !of_thread(key) && text.contains(['/', '\\']));
                let source = source.map(|(_, text)| text).next().or(path);
                if let Some(owner) = source.and_then(|text| session_in(text, guess_path)) {
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
                if let (Some(thread), Some(owner)) =
                    (thread, path.and_then(|text| session_in(text, guess_path)))
                {
                    imports.entry(thread).or_insert(owner);
                }
            }
            _ => {}
        }
    }
    imports
}
