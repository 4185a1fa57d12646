//! Agents that go on writing while imports run: what is archived is what was there at some time, and in the end all of it.

use crate::databases::database;
use crate::home::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

const DATABASE: &str = ".local/share/goose/sessions/sessions.db";
const DOCUMENT: &str = ".cline/data/sessions/s1/s1.messages.json";

/// What each message has said so far, by its id.
type Said = Mutex<BTreeMap<String, Vec<String>>>;

fn say(said: &Said, id: &str, text: &str) {
    said.lock().unwrap().entry(id.to_owned()).or_default().push(text.to_owned());
}

/// Adds messages to a database with a log, and writes over old ones.
fn write_rows(home: &Home, said: &Said, is_over: &AtomicBool) {
    let connection = rusqlite::Connection::open(home.path(DATABASE)).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
    for number in 1.. {
        let text = format!("row {number} {}", "and so on ".repeat(number % 50));
        // Noted before it can be seen.
        say(said, &number.to_string(), &text);
        let older = 1 + number / 2;
        let changed = format!("row {older} changed by {number}");
        say(said, &older.to_string(), &changed);
        let transaction = connection.unchecked_transaction().unwrap();
        let content = |text: &str| json!([{"type": "text", "text": text}]).to_string();
        let insert = "INSERT INTO messages (id, session_id, role, content_json, created_timestamp)
                          VALUES (?1, 'live', 'user', ?2, ?1)";
        connection.execute(insert, rusqlite::params![number as i64, content(&text)]).unwrap();
        let update = "UPDATE messages SET content_json = ?2 WHERE id = ?1";
        connection.execute(update, rusqlite::params![older as i64, content(&changed)]).unwrap();
        transaction.commit().unwrap();
        if is_over.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// Writes a document anew, in place, with a message more each time.
fn write_document(home: &Home, said: &Said, is_over: &AtomicBool) {
    let mut messages: Vec<Value> = Vec::new();
    for number in 0.. {
        let (id, text) =
            (format!("m{number}"), format!("message {number} {}", "and so on ".repeat(number % 50)));
        say(said, &id, &text);
        messages.push(json!({"id": id, "role": "user", "content": text}));
        fs::write(home.path(DOCUMENT), json!({"version": 1, "messages": messages}).to_string()).unwrap();
        if is_over.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// Returns the id and the text of the message that a line is about.
fn message(line: &Value) -> Option<(String, String)> {
    if line["table"] == "messages" {
        return Some((line["id"].to_string(), line["content_json"][0]["text"].as_str()?.to_owned()));
    }
    let id = line["id"].as_str()?.strip_prefix("messages/")?;
    Some((id.to_owned(), line["data"]["content"].as_str()?.to_owned()))
}

fn texts(home: &Home) -> BTreeMap<String, Vec<u8>> {
    home.archives().into_iter().map(|archive| (archive.clone(), home.text(&archive))).collect()
}

#[test]
fn what_is_written_while_imports_run_is_archived_as_it_was_and_in_the_end_whole() {
    let home = Home::new();
    drop(database(
        &home,
        DATABASE,
        "PRAGMA journal_mode = WAL;
         CREATE TABLE sessions (id TEXT PRIMARY KEY, description TEXT, working_dir TEXT, created_at TIMESTAMP,
             updated_at TIMESTAMP);
         CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT, session_id TEXT, role TEXT,
             content_json TEXT, created_timestamp INTEGER, tokens INTEGER, metadata_json TEXT);
         INSERT INTO sessions VALUES ('live', 'of goose', '/w/goose', '2026-06-01 10:00:00', '2026-06-01 10:05:00');",
    ));
    let manifest = json!({"session_id": "s1", "cwd": "/w/app", "started_at": "2026-01-02T03:04:05Z"});
    home.write(".cline/data/sessions/s1/s1.json", manifest.to_string());
    let (rows, elements, is_over) = (Said::default(), Said::default(), AtomicBool::new(false));
    let mut before = BTreeMap::new();
    std::thread::scope(|scope| {
        scope.spawn(|| write_rows(&home, &rows, &is_over));
        scope.spawn(|| write_document(&home, &elements, &is_over));
        for _ in 0..6 {
            let run = home.run(&["import", "--threads", "2"]);
            // What changes while it is read is left for the next run.
            assert!([0, 3].contains(&run.code), "{run:?}");
            let now = texts(&home);
            for (archive, text) in &before {
                let text: &Vec<u8> = text;
                assert!(now[archive].starts_with(text), "{archive} is no longer what it was");
            }
            before = now;
        }
        is_over.store(true, Ordering::Relaxed);
    });
    home.run(&["import"]).exits(0);
    let now = texts(&home);
    assert_eq!(now.len(), 2, "{:?}", now.keys());
    let (mut last, mut ever) = (BTreeMap::new(), BTreeSet::new());
    for (archive, text) in &now {
        assert!(before.get(archive).is_none_or(|before| text.starts_with(before)), "{archive}");
        for line in String::from_utf8(text.clone()).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            if let Some((id, text)) = message(&line) {
                last.insert(id.clone(), text.clone());
                assert!(ever.insert((id, text)), "it is said twice: {line}");
            }
        }
    }
    let said: Vec<_> = [rows, elements].into_iter().flat_map(|said| said.into_inner().unwrap()).collect();
    assert_eq!(last.len(), said.len());
    for (id, said) in &said {
        assert_eq!(last[id], *said.last().unwrap(), "{id}");
    }
    let said: BTreeMap<_, _> = said.into_iter().collect();
    for (id, text) in ever {
        assert!(said[&id].contains(&text), "{id} never said {text}");
    }
}
