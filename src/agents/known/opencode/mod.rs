//! OpenCode and its forks: `~/.local/share/opencode/opencode*.db`, a database of all sessions; before 1.2 a tree of small
//! documents beside it, `storage/{session,message,part}/`. Both may hold sessions; the database's count.
//!
//! Version 2 has tables of its own in the same file (`session_v2`, `session_message`) and leaves the old ones as they were:
//! what a session has in either is told. What the lines say, `said` tells; `plugin` is what of ours calls our hook.

mod plugin;
mod said;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::found::Guess;
use crate::agents::names::{PathTail, is_holder_name};
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::settings::{HookCall, Settings, Wanted};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::id_of_name;
use crate::recipe::{Schema, Shape, Table};

/// OpenCode, or a program that was made of it.
pub(crate) struct OpenCode {
    pub id: &'static str,
    pub label: &'static str,
    /// The directory in `$XDG_DATA_HOME`, what the names of its databases begin with, and the variable that names one.
    pub directory: &'static str,
    pub given: &'static [&'static str],
    pub variable: Option<&'static str>,
    /// Whether it is known to take plugins, from `plugin/` of the directory of that name in `$XDG_CONFIG_HOME`.
    pub takes_plugins: bool,
}

pub(crate) const OPENCODE: OpenCode = OpenCode {
    id: "opencode",
    label: "OpenCode",
    directory: "opencode",
    given: &["opencode", "storage", "session", "message", "part"],
    variable: Some("OPENCODE_DB"),
    takes_plugins: true,
};

pub(crate) const KILO: OpenCode = OpenCode {
    id: "kilo-cli",
    label: "Kilo CLI",
    directory: "kilo",
    given: &["kilo"],
    variable: None,
    takes_plugins: true,
};

pub(crate) const MIMO: OpenCode = OpenCode {
    id: "mimocode",
    label: "MiMoCode",
    directory: "mimocode",
    given: &["mimocode"],
    variable: None,
    takes_plugins: false,
};

/// So much of a message's document is read to find the id in it.
const HEAD_BYTES: u64 = 64 << 10;

static SCHEMAS: [Schema; 1] = [Schema {
    together: &[&["session", "message"], &["session_v2", "session_message"]],
    sessions: &[
        "SELECT id, parent_id, time_updated, title, directory FROM session_v2 ORDER BY time_updated DESC",
        "SELECT id, parent_id, time_updated, title, directory FROM session ORDER BY time_updated DESC",
    ],
    marks: &[
        "SELECT session_id, max(time_updated), count(*), sum(time_updated), sum(octet_length(data)) FROM session_message GROUP BY session_id",
        "SELECT session_id, max(time_updated), count(*), sum(time_updated), sum(octet_length(data)) FROM message GROUP BY session_id",
        "SELECT session_id, max(time_updated), count(*), sum(time_updated), sum(octet_length(data)) FROM part GROUP BY session_id",
    ],
    tables: &[
        Table {
            name: "session",
            id: "id",
            rows: "SELECT * FROM session WHERE id = ?1",
            below: &[],
            split: None,
        },
        Table {
            name: "message",
            id: "id",
            rows: "SELECT * FROM message WHERE session_id = ?1 ORDER BY time_created, id",
            below: &[],
            split: None,
        },
        // In the order of their messages. Not asked for by message: there may be no index by which they are found.
        Table {
            name: "part",
            id: "id",
            rows: "SELECT part.* FROM part LEFT JOIN message ON message.id = part.message_id WHERE part.session_id = ?1 \
                 ORDER BY message.time_created, part.message_id, part.id",
            below: &[],
            split: None,
        },
        Table {
            name: "session_v2",
            id: "id",
            rows: "SELECT * FROM session_v2 WHERE id = ?1",
            below: &[],
            split: None,
        },
        Table {
            name: "session_message",
            id: "id",
            rows: "SELECT * FROM session_message WHERE session_id = ?1 ORDER BY seq, time_created, id",
            below: &[],
            split: None,
        },
        Table {
            name: "todo",
            id: "position",
            rows: "SELECT * FROM todo WHERE session_id = ?1 ORDER BY position",
            below: &[],
            split: None,
        },
    ],
}];

impl OpenCode {
    fn is_database(&self, path: &PathTail<'_>) -> bool {
        let name = path.name();
        let is_of_fork = self.id != OPENCODE.id && path.above(1) == self.directory.as_bytes();
        name.ends_with(b".db") && (is_of_fork || name.starts_with(self.directory.as_bytes()))
    }
}

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for OpenCode {
    fn id(&self) -> &'static str {
        self.id
    }

    fn label(&self) -> &'static str {
        self.label
    }

    /// `$XDG_CONFIG_HOME/opencode`, else `~/.config/opencode`, on every system.
    fn homes(&self, environment: &Environment) -> Vec<PathBuf> {
        let config = environment.path("XDG_CONFIG_HOME");
        let homes = config.map_or_else(|| environment.in_home(".config"), |config| vec![config]);
        homes.iter().filter(|_| self.takes_plugins).map(|home| home.join(self.directory)).collect()
    }

    fn settings(&self, home: &Path) -> Option<Settings> {
        self.takes_plugins.then(|| plugin::of_home(home))
    }

    fn wanted_hooks(&self, home: &Path, call: &HookCall) -> Vec<Wanted> {
        if self.takes_plugins { vec![plugin::wanted(self.id, home, call)] } else { Vec::new() }
    }

    /// `$XDG_DATA_HOME/opencode`, else `~/.local/share/opencode`, on every system; and the directory of `$OPENCODE_DB`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let data = environment.path("XDG_DATA_HOME");
        let homes = data.map_or_else(|| environment.in_home(".local/share"), |data| vec![data]);
        let mut roots: Vec<PathBuf> = homes.iter().map(|home| home.join(self.directory)).collect();
        let named = self.variable.and_then(|name| environment.path(name));
        roots.extend(named.and_then(|database| database.parent().map(Path::to_path_buf)));
        roots
    }

    fn given_names(&self) -> &'static [&'static str] {
        self.given
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        if self.is_database(path) {
            return Some(Recognised::Ours(Guess { agent: Some(self.id), session_id: None, part_id: None }));
        }
        let stem = path.name().strip_suffix(b".json")?;
        // The documents of a tree are told from others by where they lie in it; whose tree it is, by what it lies in.
        let is_in_storage = |levels: usize| path.above(levels) == b"storage" || self.id == OPENCODE.id;
        match (path.above(2), path.above(1)) {
            (b"session", _) if is_in_storage(3) && stem.starts_with(b"ses_") => {
                let is_own = self.id == OPENCODE.id || path.above(4) == self.directory.as_bytes();
                let session_id = Some(id_of_name(stem));
                is_own.then_some(Recognised::Ours(Guess { agent: Some(self.id), session_id, part_id: None }))
            }
            (b"message", session) if session.starts_with(b"ses_") || path.above(3) == b"storage" => {
                Some(Recognised::NotATranscript)
            }
            (b"part", _) if stem.starts_with(b"prt_") || path.above(3) == b"storage" => {
                Some(Recognised::NotATranscript)
            }
            _ => None,
        }
    }

    /// Copies of projects, caches, and programs hold no sessions.
    fn enters(&self, path: &PathTail<'_>) -> bool {
        !matches!(
            path.name(),
            b"snapshot" | b"bin" | b"log" | b"cache" | b"tool-output" | b"worktree" | b"message" | b"part"
        )
    }

    fn form(&self, path: &Path) -> Form {
        if path.extension().is_some_and(|extension| extension == "db") {
            return Form::Database(&SCHEMAS);
        }
        Form::Documents(tree(path))
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        // What its forks write is the same.
        if self.id != OPENCODE.id && !stray.is_trusted {
            return None;
        }
        let home = format!(".local/share/{}", self.directory);
        let name = stray.name();
        if is_holder_name(name.as_bytes()) {
            let is_old =
                || stray.has_columns(&["session.directory", "message.session_id", "part.message_id"]);
            let is_new = || stray.has_columns(&["session_v2.directory", "session_message.seq"]);
            return (is_old() || is_new()).then(|| Path::new(&home).join(format!("{}.db", self.directory)));
        }
        let is_session = name.strip_suffix(".json").is_some_and(|stem| stem.starts_with("ses_"));
        let is_ours = is_session && stray.is_document(|session| session.has("id") && session.has("time"));
        is_ours.then(|| stray.in_root(&format!("{home}/storage/session"), 2))
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        for member in ["time_created", "time_updated"] {
            if let Some(time) = record.get(member) {
                notes.time(time);
            }
        }
        let is_table = |name: &str| record.is("table", name);
        if is_table("session") || is_table("session_v2") {
            note_session(record, notes);
            notes.cwd(record.text("directory"));
            return;
        }
        let Some(data) = record.record("data") else { return };
        let name = record.text("document").unwrap_or_default();
        if let Some(time) = data.record("time") {
            ["created", "updated", "completed", "start", "end"]
                .iter()
                .filter_map(|key| time.get(key))
                .for_each(|time| notes.time(time));
        }
        match (record.text("type").as_deref(), record.text("table").as_deref()) {
            (Some("user"), Some("session_message")) => notes.prompt(data.get("text")),
            (Some("assistant"), Some("session_message")) => {
                notes.model(data.inside("model", "id").and_then(Value::filled_text))
            }
            (_, Some("message")) => notes.model(data.text("modelID")),
            (_, Some("part")) if notes.wants_prompt() && data.is("type", "text") => {
                notes.prompt(data.get("text"))
            }
            _ if name.starts_with("ses_") => {
                note_session(&data, notes);
                notes.cwd(data.text("directory"));
            }
            _ if name.contains("message/") => notes.model(data.text("modelID")),
            _ => {}
        }
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        said::tell(record, told);
    }
}

fn note_session(session: &Record<'_>, notes: &mut Notes) {
    notes.title(TitleRank::Given, session.text("title").filter(|title| !said::is_made_up(title)));
    notes.model(session.inside("model", "id").and_then(Value::filled_text));
    notes.copied_from(session.get("fork_session_id"));
}

/// Returns the documents of the session at `path` in a tree: itself, its messages, and their parts.
fn tree(path: &Path) -> Vec<(PathBuf, Shape)> {
    let mut files = vec![(path.to_path_buf(), Shape::Whole)];
    let (Some(storage), Some(session)) = (path.ancestors().nth(3), path.file_stem()) else { return files };
    // Some name the document by more than the session's id.
    let messages = listed(&storage.join("message").join(session));
    let plain = session.to_str().and_then(|session| session.strip_prefix("ses_"));
    let messages = match plain.filter(|_| messages.is_empty()) {
        Some(plain) => listed(&storage.join("message").join(plain)),
        None => messages,
    };
    let parts = storage.join("part");
    let messages: Vec<(PathBuf, Vec<PathBuf>)> =
        messages.into_iter().map(|message| (message.clone(), parts_of(&message, &parts))).collect();
    // The oldest trees have all parts in one directory. In others that directory is large.
    let is_flat = messages.iter().all(|(_, parts)| parts.is_empty());
    let flat = if is_flat && !messages.is_empty() { listed(&parts) } else { Vec::new() };
    let flat: Vec<(String, PathBuf)> =
        flat.into_iter().filter_map(|part| Some((text_in(&part, "messageID")?, part))).collect();
    for (message, parts) in messages {
        let id = if flat.is_empty() { None } else { text_in(&message, "id") };
        let of_message = flat.iter().filter(|(of, _)| Some(of) == id.as_ref()).map(|(_, part)| part.clone());
        files.push((message, Shape::Whole));
        files.extend(parts.into_iter().chain(of_message).map(|part| (part, Shape::Whole)));
    }
    files
}

/// Returns the parts of the message at `message`. Their directory in `parts` is called as its document is, or as the id in
/// it, which is the same as a rule: only where it is not, the document is opened.
fn parts_of(message: &Path, parts: &Path) -> Vec<PathBuf> {
    let named = message.file_stem().map(|stem| listed(&parts.join(stem))).unwrap_or_default();
    if !named.is_empty() {
        return named;
    }
    let id = text_in(message, "id").filter(|id| Path::new(id).file_name() == Some(id.as_ref()));
    id.map(|id| listed(&parts.join(id))).unwrap_or_default()
}

/// Returns the text of a member at the beginning of a document; `None` where there is none, or it cannot be read.
fn text_in(document: &Path, key: &str) -> Option<String> {
    let mut head = Vec::new();
    File::open(document).ok()?.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    Some(Record::of_document(&head)?.text(key)?.into_owned())
}

/// Returns the documents in a directory, by name: ids grow with time.
fn listed(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let is_document = |entry: &std::fs::DirEntry| {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        is_file && entry.path().extension().is_some_and(|extension| extension == "json")
    };
    let mut paths: Vec<PathBuf> = entries.filter(is_document).map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    #[test]
    fn databases_and_trees_are_recognised_wherever_they_lie() {
        let guess = |path: &str| guess_path(Path::new(path));
        assert_eq!(guess("/x/opencode.db").agent, Some("opencode"));
        assert_eq!(guess("/x/opencode-dev.db").agent, Some("opencode"));
        assert_eq!(guess("/x/kilo.db").agent, Some("kilo-cli"));
        let session = guess("/x/storage/session/prj/ses_1.json");
        assert_eq!((session.agent, session.session_id.as_deref()), (Some("opencode"), Some("ses_1")));
        let fork = guess("/h/.local/share/kilo/storage/session/prj/ses_1.json");
        assert_eq!(fork.agent, Some("kilo-cli"));
    }

    #[test]
    fn parts_are_found_by_the_name_of_their_message_by_its_id_and_in_one_directory() {
        let home = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = home.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let listed = |session: &str| -> Vec<String> {
            let files = tree(&home.path().join(session));
            let name = |path: PathBuf| path.strip_prefix(home.path()).unwrap().to_str().unwrap().to_owned();
            files.into_iter().map(|(path, _)| name(path)).collect()
        };
        write("a/message/ses_1/msg_1.json", r#"{"id":"msg_1"}"#);
        write("a/part/msg_1/prt_1.json", "{}");
        write("a/message/s2/msg_2.json", r#"{"id":"m_two"}"#);
        write("a/message/s2/msg_3.json", r#"{"id":"../message/s2"}"#);
        write("a/part/m_two/001.json", "{}");
        let own = "a/session/p/ses_1.json";
        assert_eq!(listed(own), [own, "a/message/ses_1/msg_1.json", "a/part/msg_1/prt_1.json"]);
        let own = "a/session/p/ses_s2.json";
        let messages = ["a/message/s2/msg_2.json", "a/part/m_two/001.json", "a/message/s2/msg_3.json"];
        assert_eq!(listed(own), [&[own], &messages[..]].concat());
        write("b/message/s3/msg_4.json", r#"{"id":"m_four"}"#);
        write("b/part/prt_1.json", r#"{"messageID":"m_other"}"#);
        write("b/part/prt_2.json", r#"{"messageID":"m_four"}"#);
        let own = "b/session/p/ses_s3.json";
        assert_eq!(listed(own), [own, "b/message/s3/msg_4.json", "b/part/prt_2.json"]);
    }

    #[test]
    fn a_row_tells_what_the_session_was_about() {
        let head = br#"{"table":"session_v2","id":"ses_1","directory":"/w/app","title":"Fix","model":{"id":"m"},"time_created":1788000000000,"time_updated":1788000009000}
{"table":"session_message","id":"a","type":"user","time_created":1788000001000,"data":{"text":"do it"}}
"#;
        let told = describe("opencode", head, b"");
        assert_eq!((told.title.as_deref(), told.cwd.as_deref()), (Some("Fix"), Some("/w/app")));
        assert_eq!(told.model.as_deref(), Some("m"));
        assert_eq!(told.started_at.unwrap().as_second(), 1_788_000_000);
        assert_eq!(told.ended_at.unwrap().as_second(), 1_788_000_009);
    }

    #[test]
    fn a_part_is_told_as_what_it_is_and_a_tools_part_is_call_and_result() {
        let rows = r#"{"table":"session","id":"ses_1","title":"Fix","time_created":1788000000000}
{"table":"session","id":"ses_2","title":"New session - 2026-11-28T07:41:25.406Z"}
{"table":"message","id":"m1","data":{"role":"user","time":{"created":1}}}
{"table":"message","id":"m2","data":{"role":"assistant","summary":true,"error":{"name":"MessageAbortedError"}}}
{"table":"part","id":"p1","message_id":"m1","data":{"type":"text","text":"do it"}}
{"table":"part","id":"p2","message_id":"m1","data":{"type":"text","text":"look there","synthetic":true}}
{"table":"part","id":"p3","message_id":"m1","data":{"type":"file","mime":"image/png","url":"data:image/png;base64,AAAA"}}
{"table":"part","id":"p4","message_id":"m2","data":{"type":"step-start"}}
{"table":"part","id":"p5","message_id":"m2","data":{"type":"reasoning","text":"hm"}}
{"table":"part","id":"p6","message_id":"m2","data":{"type":"tool","callID":"c1","tool":"bash","state":{"status":"completed","input":{"command":"ls"},"output":"a","metadata":{"exit":1}}}}
{"table":"part","id":"p7","message_id":"m2","data":{"type":"tool","callID":"c2","tool":"read","state":{"status":"error","input":{},"error":"none"}}}
{"table":"part","id":"p8","message_id":"m2","data":{"type":"tool","callID":"c3","tool":"read","state":{"status":"running","input":{"a":1}}}}
{"table":"part","id":"p9","message_id":"m2","data":{"type":"compaction","auto":true}}
{"table":"todo","id":0,"content":"x"}"#;
        assert_eq!(
            told(&OPENCODE, rows),
            [
                r#"system event title "Fix""#,
                r#"system event session "LINE""#,
                r#"system event session "LINE""#,
                r#"user event introduction """#,
                r#"assistant summary introduction """#,
                r#"system event error "{"name":"MessageAbortedError"}""#,
                r#"assistant text "do it""#,
                r#"assistant text "look there" +injected"#,
                r#"user image "data:image/png;base64,AAAA""#,
                r#"system event step-start "LINE""#,
                r#"assistant thinking "hm""#,
                r#"assistant tool_call bash @c1 "{"command":"ls"}""#,
                r#"tool tool_result bash @c1 "a" error=false exit=1"#,
                r#"assistant tool_call read @c2 "{}""#,
                r#"tool tool_result read @c2 "none" error=true"#,
                r#"assistant tool_call read @c3 "{"a":1}""#,
                r#"system event compaction "LINE" +compaction"#,
                r#"system event todo "LINE""#,
            ]
        );
    }

    #[test]
    fn a_row_of_version_2_is_a_whole_message_and_a_document_is_told_by_its_place() {
        let rows = r#"{"table":"session_message","id":"a","type":"user","data":{"text":"do it"}}
{"table":"session_message","id":"b","type":"assistant","data":{"content":[{"type":"reasoning","text":"hm"},{"type":"text","text":"done"},{"type":"tool","id":"t","name":"bash","state":{"status":"completed","input":{"command":"env"},"content":[{"type":"text","text":"A=1"}]}}]}}
{"table":"session_message","id":"c","type":"compaction","data":{"summary":"so far"}}
{"table":"session_message","id":"d","type":"model-switched","data":{}}
{"document":"message/s/m1.json","id":null,"data":{"id":"m1","role":"user"}}
{"document":"part/m1/p1.json","id":null,"data":{"id":"p1","type":"text","text":"Hello"}}
{"document":"part/p2.json","id":null,"data":{"id":"p2","messageID":"m1","type":"text","text":"you"}}
{"document":"ses_s.json","id":null,"data":{"title":"Old"}}"#;
        assert_eq!(
            told(&OPENCODE, rows),
            [
                r#"user text "do it""#,
                r#"assistant thinking "hm""#,
                r#"assistant text "done""#,
                r#"assistant tool_call bash @t "{"command":"env"}""#,
                r#"tool tool_result bash @t "A=1" error=false"#,
                r#"assistant summary "so far" +compaction"#,
                r#"system event model-switched "LINE""#,
                r#"user event introduction """#,
                r#"assistant text "Hello""#,
                r#"assistant text "you""#,
                r#"system event title "Old""#,
                r#"system event session "LINE""#,
            ]
        );
    }
}
