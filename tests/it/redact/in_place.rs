//! What four agents have, masked where it lies: files of text, packed ones, a document and a database.

use crate::home::*;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub const DATABASE: &str = ".local/share/opencode/opencode.db";
const DOCUMENT: &str = ".cline/data/sessions/s1/s1.messages.json";
const HISTORY: &str = ".claude/history.jsonl";

/// A password, which only its name tells.
pub fn password() -> String {
    ["hT4z9", "qLwXk2"].concat()
}

/// Returns whether a secret of these tests stands in `bytes`.
pub fn holds_secret(bytes: &[u8]) -> bool {
    let secrets = [github_token(1), github_token(2), password()];
    secrets.iter().any(|secret| memchr::memmem::find(bytes, secret.as_bytes()).is_some())
}

fn rollout(id: &str, text: &str) -> String {
    let meta = json!({"timestamp": "2026-06-05T14:30:00.000Z", "type": "session_meta", "payload": {
        "id": id, "timestamp": "2026-06-05T14:30:00.000Z", "cwd": "/w/codex", "originator": "codex_cli_rs",
        "cli_version": "0.169.0"}});
    let message = json!({"timestamp": "2026-06-05T14:30:01.000Z", "type": "response_item", "payload": {
        "type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}});
    format!("{meta}\n{message}\n")
}

/// Makes OpenCode's database with rows that say secrets, an index of their words, a deleted row and a trigger.
pub fn open_code(home: &Home, journal: &str) {
    let path = home.path(DATABASE);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.query_row(&format!("PRAGMA journal_mode = {journal}"), [], |_| Ok(())).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE session (id TEXT PRIMARY KEY, project_id TEXT, parent_id TEXT, directory TEXT, title TEXT,
                 version TEXT, time_created INTEGER, time_updated INTEGER);
             CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER,
                 data TEXT);
             CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER,
                 time_updated INTEGER, data TEXT);
             CREATE TABLE account (token TEXT);
             CREATE VIRTUAL TABLE words USING fts5(data, content='part');
             CREATE VIRTUAL TABLE own_words USING fts4(data);
             CREATE TRIGGER filed AFTER INSERT ON part BEGIN
                 INSERT INTO words (rowid, data) VALUES (new.rowid, new.data);
                 INSERT INTO own_words (docid, data) VALUES (new.rowid, new.data); END;
             CREATE TRIGGER touched AFTER UPDATE ON part BEGIN
                 UPDATE session SET time_updated = 9999999999999 WHERE id = new.session_id; END;
             INSERT INTO session VALUES ('ses_1', 'p', NULL, '/w/open', 't', '1', 1780308000000, 1780308009000);
             INSERT INTO message VALUES ('msg_1', 'ses_1', 1780308000000, 1780308000000, '{\"role\":\"user\"}');",
        )
        .unwrap();
    for number in 0..200 {
        let text = match number % 50 {
            3 => format!("push with {}", github_token(1)),
            5 => format!("DB_PASSWORD={}", password()),
            7 => format!("it is {} again", password()),
            _ => "lorem ipsum ".repeat(10),
        };
        let insert = "INSERT INTO part VALUES (?1, 'msg_1', 'ses_1', 1780308000000 + ?2, 1780308000000, ?3)";
        let data = json!({"type": "text", "text": text}).to_string();
        connection.execute(insert, rusqlite::params![format!("prt_{number}"), number, data]).unwrap();
    }
    connection.execute("DELETE FROM part WHERE id = 'prt_53'", []).unwrap();
    drop(connection);
    set_age(&path, Duration::from_secs(7200));
}

/// Returns a home in which four agents keep secrets, in every form that there is.
pub fn with_secrets() -> Home {
    let home = Home::new();
    let mut lines = lines(ID, 12);
    lines[0] = user(ID, 0, &format!("push with {}", github_token(1)));
    lines[5] = user(ID, 5, &format!("DB_PASSWORD={}", password()));
    lines[7] = user(ID, 7, &format!("it is {} again", password()));
    // What must stay as it is, whatever it looks like.
    lines[8] = lines[8]
        .replace("\"role\":\"user\"", "\"role\":\"user\",\"signature\":\"EqQBCkYIBRgCKkDx8c2VhbGVk+/0aZ==\"");
    let main = home.claude_session(ID, &lines);
    fs::set_permissions(&main, fs::Permissions::from_mode(0o640)).unwrap();
    let below = format!(".claude/projects/-home-me-my-project/{ID}");
    home.write(
        &format!("{below}/subagents/agent-a1b2c3d.jsonl"),
        user(ID, 1, &format!("{} there", password())),
    );
    home.write(&format!("{below}/tool-results/out.txt"), format!("found {}\n", github_token(2)));
    home.write(&format!(".claude/file-history/{ID}/0123456789abcdef@v1"), format!("T={}\n", github_token(2)));
    let typed = json!({"display": format!("use {}", github_token(2)), "pastedContents": {}, "timestamp": 1780308000000_i64,
        "project": "/home/me/my-project", "sessionId": ID});
    home.write(HISTORY, format!("{typed}\n"));
    let directory = ".codex/sessions/2026/06/05/rollout-2026-06-05T14-30-00";
    let (plain, packed) = ("0199a213-81c0-7800-8aa1-bbab2a035a53", "0199a213-81c0-7800-8aa1-bbab2a035a54");
    let said = format!("push with {}", github_token(1));
    home.write(&format!("{directory}-{plain}.jsonl"), rollout(plain, &said));
    home.write(&format!("{directory}-{packed}.jsonl.zst"), zstd(&rollout(packed, &said)));
    let messages = json!({"version": 1, "messages": [
        {"id": "m0", "role": "user", "content": format!("use {}", github_token(1))},
        {"id": "m1", "role": "user", "content": format!("API_PASSWORD={}", password())}]});
    home.write(DOCUMENT, serde_json::to_string_pretty(&messages).unwrap());
    let manifest = json!({"session_id": "s1", "cwd": "/w/app", "started_at": "2026-01-02T03:04:05Z"});
    home.write(".cline/data/sessions/s1/s1.json", manifest.to_string());
    open_code(&home, "WAL");
    home
}

/// Returns the files that agents have, by their paths.
pub fn agents_files(home: &Home) -> Vec<PathBuf> {
    let mut files = files_below(&home.path(""));
    files.retain(|path| !path.starts_with(home.path(".sessionkeep")));
    files
}

/// Returns the text of a file, unpacked.
fn text(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    if path.extension().is_some_and(|extension| extension == "zst") {
        zstd::decode_all(&bytes[..]).unwrap()
    } else {
        bytes
    }
}

/// Returns the members of a record that say which one it is.
fn ids(record: &Value) -> Vec<Value> {
    ["uuid", "parentUuid", "sessionId", "timestamp", "type", "id"]
        .iter()
        .map(|name| record[name].clone())
        .collect()
}

#[test]
fn what_agents_have_is_masked_and_stays_what_it_was() {
    let home = with_secrets();
    let files = agents_files(&home);
    let before: BTreeMap<&PathBuf, (Vec<u8>, fs::Metadata)> =
        files.iter().map(|path| (path, (text(path), fs::metadata(path).unwrap()))).collect();
    assert!(files.iter().filter(|path| holds_secret(&text(path))).count() >= 9);
    let run = home.run(&["redact", "--in-place", "--yes"]).exits(0);
    assert!(run.stderr.contains("of 9 of 9 files"), "{run:?}");
    assert_eq!(agents_files(&home), files, "nothing beside them, no log of a database");
    for path in files_below(&home.path("")) {
        assert!(!holds_secret(&text(&path)), "{}", path.display());
    }
    for (path, (old, metadata)) in &before {
        let (new, now) = (text(path), fs::metadata(path).unwrap());
        assert_eq!(
            (now.mtime(), now.mtime_nsec(), now.mode(), now.uid(), now.gid()),
            (metadata.mtime(), metadata.mtime_nsec(), metadata.mode(), metadata.uid(), metadata.gid()),
            "{}",
            path.display()
        );
        if path.ends_with(DATABASE) {
            continue;
        }
        let lines = |text: &[u8]| text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
        let (old, new) = (lines(old), lines(&new));
        assert_eq!(old.len(), new.len(), "{}", path.display());
        for (old, new) in old.iter().zip(&new) {
            if let Ok(old) = serde_json::from_slice::<Value>(old) {
                assert_eq!(ids(&old), ids(&serde_json::from_slice(new).unwrap()));
                assert_eq!(
                    old["message"]["signature"],
                    serde_json::from_slice::<Value>(new).unwrap()["message"]["signature"]
                );
            }
        }
    }
    let document: Value = serde_json::from_slice(&fs::read(home.path(DOCUMENT)).unwrap()).unwrap();
    assert_eq!(document["messages"][1]["content"], "API_PASSWORD=***MASKED:password***");
}

#[test]
fn rows_are_masked_where_they_are_and_are_found_by_what_they_say_now() {
    for journal in ["WAL", "DELETE"] {
        let home = Home::new();
        open_code(&home, journal);
        home.run(&["redact", "--in-place", "--agent", "opencode", "--yes"]).exits(0);
        assert!(!holds_secret(&fs::read(home.path(DATABASE)).unwrap()), "{journal}");
        let connection = Connection::open(home.path(DATABASE)).unwrap();
        let one = |query: &str| -> String {
            let value =
                connection.query_row(query, [], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
            match value {
                rusqlite::types::Value::Text(text) => text,
                rusqlite::types::Value::Integer(number) => number.to_string(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(one("PRAGMA integrity_check"), "ok");
        assert_eq!(one("PRAGMA journal_mode"), journal.to_lowercase());
        assert_eq!(one("SELECT count(*) FROM part"), "199");
        assert_eq!(one("SELECT time_updated FROM session"), "1780308009000", "no trigger fired");
        for index in ["words", "own_words"] {
            let found = one(&format!("SELECT count(*) FROM {index} WHERE {index} MATCH 'push'"));
            assert!(found.parse::<u32>().unwrap() >= 3, "{journal} {index} {found}");
        }
        assert_eq!(
            one("SELECT json_extract(data, '$.text') FROM part WHERE id = 'prt_5'"),
            "DB_PASSWORD=***MASKED:password***"
        );
        connection.execute("INSERT INTO part SELECT 'prt_new', message_id, session_id, time_created, 0, data FROM part WHERE id = 'prt_5'", []).unwrap();
    }
}

#[test]
fn what_is_masked_once_is_not_masked_again_nor_archived_again() {
    let home = with_secrets();
    home.run(&["redact", "--in-place", "--yes"]).exits(0);
    let archives = home.archives();
    let state = || -> Vec<(PathBuf, Vec<u8>)> {
        agents_files(&home).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    };
    let before = state();
    let run = home.run(&["redact", "--in-place", "--yes"]).exits(0);
    assert!(run.stderr.contains("nothing to mask in 9 files"), "{run:?}");
    assert!(state() == before);
    let nothing = |run: Run| {
        let told = run.stderr.lines().filter(|line| line.contains("archived "));
        assert!(
            told.clone().count() > 0 && told.clone().all(|line| line.contains(": archived 0,")),
            "{run:?}"
        );
    };
    nothing(home.run(&["import"]).exits(0));
    fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    nothing(home.run(&["import"]).exits(0));
    assert_eq!(home.archives(), archives);
    home.run(&["verify", "--deep"]).exits(0);
}

#[test]
fn a_session_that_goes_on_after_it_was_masked_grows_its_archive() {
    let home = with_secrets();
    home.run(&["redact", "--in-place", "--yes"]).exits(0);
    let archives = home.archives();
    let path = home.path(&format!(".claude/projects/-home-me-my-project/{ID}.jsonl"));
    append(&path, &user(ID, 40, &format!("and {}", github_token(2))));
    append(
        &home.path(HISTORY),
        "{\"display\":\"more\",\"timestamp\":1780309000000,\"project\":\"/home/me/my-project\"}\n",
    );
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), archives);
    assert_eq!(home.sidecar(NAME)["line_count"], 13);
    home.run(&["redact", "--in-place", "--yes", "--min-age", "0"]).exits(0);
    assert!(!holds_secret(&fs::read(&path).unwrap()));
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), archives);
}

#[test]
fn without_yes_it_is_only_said_what_would_be_masked() {
    let home = with_secrets();
    let before: Vec<Vec<u8>> = agents_files(&home).iter().map(|path| fs::read(path).unwrap()).collect();
    let run = home.run(&["redact", "--in-place"]).exits(0);
    assert!(run.stderr.contains("this cannot be undone"), "{run:?}");
    assert!(run.stdout.contains("would mask") && !holds_secret(run.stdout.as_bytes()), "{run:?}");
    let run = home.run(&["redact", "--in-place", "--json"]).exits(0);
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        (&told["schema"], &told["is_done"], &told["files_masked"]),
        (&"sessionkeep.redact/1".into(), &false.into(), &9.into())
    );
    assert!(
        told["places"].as_u64() >= Some(12) && told["by_rule"]["github-classic"].as_u64() >= Some(7),
        "{told}"
    );
    let after: Vec<Vec<u8>> = agents_files(&home).iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(before == after);
    assert!(!home.store().exists());
}
