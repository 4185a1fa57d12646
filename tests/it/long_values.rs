//! Values and messages that are too long for a line, and databases with no index: all of it is archived, masked, once, and in
//! the memory that is promised.

use crate::bombs::peak_of;
use crate::databases::database;
use crate::home::*;
use rusqlite::Connection;
use serde_json::Value;
use std::collections::BTreeMap;

const TABLES: &str = "CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, title TEXT, time_updated INTEGER);
     CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
     CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER, time_updated INTEGER,
         data TEXT);
     INSERT INTO session VALUES ('ses_1', NULL, '/w', 'one', 1780308000000);
     INSERT INTO message VALUES ('msg_1', 'ses_1', 1780308000000, 1780308000000, '{\"role\":\"user\"}');";

/// Makes OpenCode's database with one session, which has these parts.
fn opencode(home: &Home, parts: &[(&str, rusqlite::types::Value)]) -> Connection {
    let connection = database(home, ".local/share/opencode/opencode.db", TABLES);
    for (id, data) in parts {
        let insert = "INSERT INTO part VALUES (?1, 'msg_1', 'ses_1', 1780308000000, 1780308000000, ?2)";
        connection.execute(insert, rusqlite::params![id, data]).unwrap();
    }
    connection
}

/// Returns a token that is masked.
fn token() -> String {
    format!("{}{}_{}", "gh", "p", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8")
}

/// Returns about so many bytes of text, in which the token stands in each 100,000.
fn text(bytes: usize, line_end: &str) -> String {
    let mut text = String::with_capacity(bytes + 200);
    let mut next = 0;
    for number in 0.. {
        if text.len() >= bytes {
            return text;
        }
        text.push_str(&format!("line {number} of what was said, and a word or two{line_end}"));
        if text.len() >= next {
            text.push_str(&format!("here is {} in it{line_end}", token()));
            next += 100_000;
        }
    }
    unreachable!("numbers do not end")
}

/// Returns the lines of the only archive.
#[track_caller]
fn lines(home: &Home) -> Vec<Value> {
    let archives = home.archives();
    assert_eq!(archives.len(), 1, "{archives:?}");
    let text = home.text(&archives[0]);
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines
        .map(|line| {
            assert!(line.len() < 6 << 20, "{}", line.len());
            serde_json::from_slice(line).unwrap()
        })
        .collect()
}

/// Returns what the pieces are together whose ids begin like this.
fn together(lines: &[Value], prefix: &str) -> String {
    let mut whole = String::new();
    for number in 0.. {
        let id = format!("{prefix}piece {number}");
        let Some(line) = lines.iter().rev().find(|line| line["id"] == id.as_str()) else { break };
        let data = &line["data"];
        whole.push_str(data.as_str().or(data["utf16le"].as_str()).unwrap());
    }
    whole
}

fn masked(text: &str) -> String {
    let token = token();
    assert!(text.contains(&token));
    text.replace(&token, "TOKEN")
}

/// Returns the text with what stands for the token named alike.
fn named(text: &str) -> String {
    let mut rest = text;
    let mut named = String::new();
    while let Some(at) = rest.find("here is ") {
        let at = at + "here is ".len();
        let end = at + rest[at..].find(" in it").unwrap();
        assert!(rest[at..end].contains("***"), "{}", &rest[at..end]);
        named.push_str(&rest[..at]);
        named.push_str("TOKEN");
        rest = &rest[end..];
    }
    named + rest
}

#[test]
fn a_value_that_is_too_long_for_a_line_is_told_in_pieces_and_told_again_only_where_it_changed() {
    let home = Home::new();
    let plain = text(9 << 20, "\n");
    let json = format!("{{\"type\":\"text\",\"text\":\"{}\"}}", text(5 << 20, "\\n"));
    let wide: Vec<u8> = text(3 << 20, "\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let connection = opencode(
        &home,
        &[
            ("prt_1", plain.clone().into()),
            ("prt_2", json.clone().into()),
            ("prt_3", wide.into()),
            ("prt_4", "{\"text\":\"after\"}".to_owned().into()),
        ],
    );
    home.run(&["import"]).exits(0);
    let told = lines(&home);
    let row = told.iter().find(|line| line["id"] == "prt_1").unwrap();
    assert_eq!(row["data"]["pieces"], "prt_1/data/");
    assert_eq!(row["data"]["bytes"], plain.len());
    assert!(named(&together(&told, "prt_1/data/")) == masked(&plain));
    assert!(named(&together(&told, "prt_2/data/")) == masked(&json));
    assert!(named(&together(&told, "prt_3/data/")) == masked(&text(3 << 20, "\r\n")));
    assert!(told.iter().any(|line| line["id"] == "prt_4" && line["data"]["text"] == "after"));
    let before = told.len();
    connection
        .execute_batch(
            "UPDATE part SET data = data || 'and more', time_updated = 1780308001000 WHERE id = 'prt_1';
             UPDATE session SET time_updated = 1780308001000;",
        )
        .unwrap();
    home.run(&["import"]).exits(0);
    let told = lines(&home);
    // The session, the row and its last piece.
    assert_eq!(told.len(), before + 3);
    assert!(together(&told, "prt_1/data/").ends_with("and more"));
}

#[test]
fn an_element_of_a_document_that_is_too_long_for_a_line_is_told_in_pieces() {
    let home = Home::new();
    let long = format!("{{ \"id\": \"m2\", \"content\": \"{}\"}}", text(7 << 20, "\\n"));
    let around = text(5 << 20, "\\n");
    let document = |last: &str| {
        format!(
            "{{\"sessionId\":\"aaaa1111-1111-4111-8111-111111111111\",\"startTime\":\"2026-01-02T03:04:05Z\",\
             \"summary\":\"{around}\",\"messages\":[{{\"id\":\"m1\",\"type\":\"user\",\"content\":\"hello\"}}, {long}, {last}]}}"
        )
    };
    let path = ".gemini/tmp/abc/chats/session-2026-01-02T03-04-aaaa1111.json";
    home.write(path, document("{\"id\":\"m3\"}"));
    home.run(&["import"]).exits(0);
    let told = lines(&home);
    let element = told.iter().find(|line| line["id"] == "messages/m2").unwrap();
    assert_eq!(element["data"]["bytes"], long.len());
    assert!(named(&together(&told, "messages/m2/")) == masked(&long));
    let whole = together(&told, "around/");
    assert!(named(&whole).contains(&masked(&around)));
    assert!(whole.ends_with("\"messages\":[]}"), "what stands around the lists");
    let before = told.len();
    home.write(path, document("{\"id\":\"m3\"},{\"id\":\"m4\"}"));
    home.run(&["import"]).exits(0);
    let told = lines(&home);
    assert_eq!(told.len(), before + 1);
    assert_eq!(told.last().unwrap()["id"], "messages/m4");
}

#[test]
fn memory_does_not_grow_with_a_value_or_a_message() {
    let home = Home::new();
    opencode(&home, &[("prt_1", text(140 << 20, "\n").into())]);
    let (run, kib) = peak_of(&home, &["import", "--threads", "2"]);
    run.exits(0);
    assert!(kib < 128 << 10, "{kib} KiB");
    let home = Home::new();
    let document = format!(
        "{{\"sessionId\":\"aaaa1111-1111-4111-8111-111111111111\",\"messages\":[{{\"id\":\"m1\",\"content\":\"{}\"}}]}}",
        text(140 << 20, "\\n")
    );
    home.write(".gemini/tmp/abc/chats/session-2026-01-02T03-04-aaaa1111.json", document);
    let (run, kib) = peak_of(&home, &["import", "--threads", "2"]);
    run.exits(0);
    assert!(kib < 128 << 10, "{kib} KiB");
}

#[test]
fn each_session_of_a_database_without_an_index_has_its_own_rows() {
    let home = Home::new();
    let connection = opencode(&home, &[]);
    connection
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
             INSERT INTO session SELECT 'ses_' || i, NULL, '/w', 'number ' || i, 1780308000000 + i FROM n;
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
             INSERT INTO part SELECT 'prt_' || i, NULL, 'ses_' || (1 + i % 40), i, i, '{\"number\":' || i || '}' FROM n;
             UPDATE part SET session_id = 'ses_7' WHERE id = 'prt_11';",
        )
        .unwrap();
    home.run(&["import", "--threads", "2"]).exits(0);
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for archive in home.archives() {
        let session = home.sidecar(&archive)["session_id"].as_str().unwrap().to_owned();
        for line in String::from_utf8(home.text(&archive)).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            if line["table"] == "part" {
                let before = owners.insert(line["id"].as_str().unwrap().to_owned(), session.clone());
                assert_eq!(before, None, "told once");
            }
        }
    }
    assert_eq!(owners.len(), 1201);
    for (part, owner) in owners {
        let number: u32 = part["prt_".len()..].parse().unwrap();
        let expected = if number == 11 { 7 } else { 1 + number % 40 };
        assert_eq!(owner, format!("ses_{expected}"));
    }
}
