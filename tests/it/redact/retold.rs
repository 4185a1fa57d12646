//! What agents keep once more, in databases beside their transcripts and in further tables, is masked with them.

use super::in_place::{DATABASE, holds_secret, open_code};
use crate::home::*;
use rusqlite::Connection;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::time::Duration;

const THREAD: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";
const OTHER: &str = "0199a213-81c0-7800-8aa1-bbab2a035a54";

fn one(path: &Path, query: &str) -> String {
    let connection = Connection::open(path).unwrap();
    connection.query_row(query, [], |row| row.get::<_, String>(0)).unwrap()
}

/// Makes what Codex keeps of two threads, one of which says secrets.
fn codex(home: &Home) {
    for (id, text) in [(THREAD, format!("push with {}", github_token(1))), (OTHER, "hello".to_owned())] {
        let meta = json!({"timestamp": "2026-06-05T14:30:00.000Z", "type": "session_meta", "payload": {"id": id,
            "timestamp": "2026-06-05T14:30:00.000Z", "cwd": "/w", "originator": "codex_cli_rs", "cli_version": "0.169.0"}});
        let message = json!({"timestamp": "2026-06-05T14:30:01.000Z", "type": "response_item", "payload": {
            "type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}});
        let path = format!(".codex/sessions/2026/06/05/rollout-2026-06-05T14-30-00-{id}.jsonl");
        set_age(&home.write(&path, format!("{meta}\n{message}\n")), Duration::from_secs(7200));
    }
    let said = format!("push with {}", github_token(1));
    let path = home.path(".codex/state_5.sqlite");
    let state = Connection::open(&path).unwrap();
    state
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             CREATE TABLE threads (id TEXT PRIMARY KEY, rollout_path TEXT NOT NULL, cwd TEXT, title TEXT,
                 first_user_message TEXT NOT NULL);
             CREATE TABLE remote_control_enrollments (thread_id TEXT, token TEXT)",
        )
        .unwrap();
    let insert = "INSERT INTO threads VALUES (?1, ?2, '/w', ?3, ?3)";
    // What leads to a transcript stays, whatever it is called.
    state.execute(insert, [THREAD, &format!("/w/{}", github_token(2)), &said]).unwrap();
    state.execute(insert, [OTHER, "/w/b", "hello"]).unwrap();
    state.execute("INSERT INTO remote_control_enrollments VALUES ('a', ?1)", [github_token(3)]).unwrap();
    drop(state);
    set_age(&path, Duration::from_secs(7200));
    let path = home.path(".codex/thread_history_1.sqlite");
    let history = Connection::open(&path).unwrap();
    history
        .execute_batch(
            "CREATE TABLE thread_items (thread_id TEXT, item_id TEXT, item_json TEXT, PRIMARY KEY (thread_id, item_id));
             CREATE TABLE thread_history_projection_state (thread_id TEXT PRIMARY KEY, next_rollout_byte_offset INTEGER)",
        )
        .unwrap();
    for (thread, said) in [(THREAD, &*said), (OTHER, "hello")] {
        let item = json!({"type": "userMessage", "text": said}).to_string();
        history.execute("INSERT INTO thread_items VALUES (?1, 'i', ?2)", [thread, &item]).unwrap();
        history.execute("INSERT INTO thread_history_projection_state VALUES (?1, 99)", [thread]).unwrap();
    }
    drop(history);
    set_age(&path, Duration::from_secs(7200));
}

#[test]
fn what_codex_keeps_of_threads_is_masked_and_where_turns_were_is_forgotten() {
    let home = Home::new();
    codex(&home);
    let run = home.run(&["redact", "--in-place"]).exits(0);
    assert!(run.stdout.contains("state_5.sqlite: would mask 2 lines"), "{run:?}");
    assert!(run.stdout.contains("thread_history_1.sqlite: would mask 1 line"), "{run:?}");
    home.run(&["redact", "--in-place", "--yes"]).exits(0);
    let (state, history) = (home.path(".codex/state_5.sqlite"), home.path(".codex/thread_history_1.sqlite"));
    let holds = |path: &Path, token: String| {
        memchr::memmem::find(&fs::read(path).unwrap(), token.as_bytes()).is_some()
    };
    assert!(!holds(&state, github_token(1)) && !holds(&history, github_token(1)));
    assert!(
        one(&state, "SELECT title || first_user_message FROM threads ORDER BY id")
            .contains("push with ghp_***")
    );
    assert!(holds(&state, github_token(2)) && holds(&state, github_token(3)), "paths and keys stay");
    let left = "SELECT group_concat(thread_id) FROM thread_history_projection_state";
    assert_eq!(one(&history, left), OTHER);
    assert_eq!(one(&history, "SELECT group_concat(thread_id) FROM thread_items"), OTHER);
    assert!(home.run(&["redact", "--in-place", "--yes"]).exits(0).stderr.contains("nothing to mask"));
}

#[test]
fn lists_of_threads_and_of_prompts_are_masked_with_the_sessions() {
    let home = Home::new();
    codex(&home);
    let said = format!("push with {}", github_token(1));
    let index = json!({"id": THREAD, "thread_name": said, "updated_at": "2026-06-05T14:30:00Z"});
    let index = home.write(".codex/session_index.jsonl", format!("{index}\n{index}\n"));
    let chat = json!({"sessionId": ID, "startTime": "2026-06-05T14:30:00.000Z", "messages": [
        {"id": "1", "timestamp": "2026-06-05T14:30:00.000Z", "type": "user", "content": said}]});
    home.write(".gemini/tmp/w/chats/session-2026-06-05T14-30-a1b2c3d4.json", chat.to_string());
    let logs = json!([{"sessionId": ID, "messageId": 0, "type": "user", "message": said}]);
    let logs = home.write(".gemini/tmp/w/logs.json", serde_json::to_string_pretty(&logs).unwrap());
    for list in [&index, &logs] {
        set_age(list, Duration::from_secs(7200));
    }
    home.run(&["redact", "--in-place", "--yes"]).exits(0);
    for (list, count) in [(&index, 2), (&logs, 1)] {
        let text = fs::read_to_string(list).unwrap();
        assert!(!holds_secret(text.as_bytes()), "{text}");
        assert_eq!(text.matches("push with ghp_***MASKED***").count(), count);
    }
    serde_json::from_str::<serde_json::Value>(&fs::read_to_string(&logs).unwrap()).unwrap();
}

#[test]
fn a_database_of_threads_that_is_in_use_is_left_alone() {
    let home = Home::new();
    codex(&home);
    let path = home.path(".codex/state_5.sqlite");
    let held = fs::File::open(&path).unwrap();
    let run = home.run(&["redact", "--in-place", "--yes"]).exits(3);
    assert!(run.stdout.contains("state_5.sqlite: left alone: open in process"), "{run:?}");
    drop(held);
    home.run(&["redact", "--in-place", "--yes"]).exits(0);
    assert!(one(&path, "SELECT title FROM threads ORDER BY id").contains("***"));
}

#[test]
fn tables_that_say_once_more_what_sessions_say_are_masked_with_them() {
    let home = Home::new();
    open_code(&home, "WAL");
    let path = home.path(DATABASE);
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE event (id TEXT PRIMARY KEY, aggregate_id TEXT, data TEXT);
             CREATE TABLE session_ref (session_id TEXT, value TEXT, UNIQUE (session_id, value))",
        )
        .unwrap();
    let data = json!({"part": {"text": format!("push with {}", github_token(1))}}).to_string();
    connection.execute("INSERT INTO event VALUES ('e', 'ses_1', ?1)", [data]).unwrap();
    // Masked, the two would be one.
    for number in 1..3 {
        connection.execute("INSERT INTO session_ref VALUES ('ses_1', ?1)", [github_token(number)]).unwrap();
    }
    drop(connection);
    set_age(&path, Duration::from_secs(7200));
    let run = home.run(&["redact", "--in-place", "--yes"]).exits(3);
    assert!(run.stdout.contains("1 value that cannot be masked"), "{run:?}");
    assert!(!holds_secret(one(&path, "SELECT data FROM event").as_bytes()));
}

#[test]
fn a_transcript_with_nothing_in_it_is_not_called_left_alone() {
    let home = Home::new();
    home.claude_session(ID, &["\n".to_owned()]);
    home.claude_session(&id(2), &[user(&id(2), 0, &github_token(1))]);
    let run = home.run(&["redact", "--in-place", "--yes", "--min-age", "0"]).exits(0);
    assert!(!run.stdout.contains("left alone"), "{run:?}");
}
