//! How each golden came about: what lies in a home directory, and when the program is run on it.

use crate::home::*;
use serde_json::{Value, json};
use std::fs;

/// Runs the program with these arguments in a home directory, or does nothing where only the sources are wanted.
pub(super) type Program<'a> = dyn Fn(&Home, &[&str], &[u8]) + 'a;

pub(super) const OTHER: &str = "b1b2c3d4-0000-4000-8000-000000000002";

pub(super) fn record(id: &str, second: u32, text: &str, more: Value) -> String {
    let mut record: Value = serde_json::from_str(&user(id, second, text)).unwrap();
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    format!("{record}\n")
}

pub(super) fn import(home: &Home, program: &Program<'_>) {
    program(home, &["import"], b"");
}

/// Two sessions that the Python original archived, one of them without a sidecar by now.
pub(super) fn original(home: &Home, _: &Program<'_>) {
    home.claude_session(ID, &[user(ID, 0, "needle in the original"), user(ID, 1, "and more")]);
    home.claude_session(OTHER, &[user(OTHER, 0, "whose sidecar is gone")]);
}

pub(super) fn small(home: &Home, program: &Program<'_>) {
    let token = github_token(1);
    let said = [user(ID, 0, &format!("push with {token}")), user(ID, 1, "needle, with an é and a last line")];
    home.claude_session(ID, &said);
    let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-a1b2c3d.jsonl");
    home.write(&part, record(ID, 2, "by a subagent", json!({"isSidechain": true, "agentId": "a1b2c3d"})));
    let codex = json!({
        "timestamp": "2026-06-05T15:00:00.000Z", "type": "session_meta",
        "payload": {"id": OTHER, "timestamp": "2026-06-05T15:00:00.000Z", "cwd": "/home/me/Other Project", "originator": "codex_cli_rs", "cli_version": "0.50.0"},
    });
    home.write(
        &format!(".codex/sessions/2026/06/05/rollout-2026-06-05T15-00-00-{OTHER}.jsonl"),
        format!("{codex}\n"),
    );
    import(home, program);
}

pub(super) fn write_parts(home: &Home, id: &str) {
    let below = |name: &str| format!(".claude/projects/-home-me-my-project/{id}/{name}");
    let more = json!({"isSidechain": true, "agentId": "0123456789abcdef0"});
    home.write(
        &below("subagents/agent-0123456789abcdef0.jsonl"),
        record(id, 70, "needle of a subagent", more),
    );
    home.write(&below("tool-results/toolu_1.txt"), format!("a tool said {}\nand no more", github_token(2)));
}

pub(super) fn parts(home: &Home, program: &Program<'_>) {
    home.claude_session(ID, &[user(ID, 0, "a session with parts")]);
    write_parts(home, ID);
    import(home, program);
}

pub(super) fn parts_without_main(home: &Home, program: &Program<'_>) {
    write_parts(home, ID);
    import(home, program);
}

/// A session that was written anew, and has grown since.
pub(super) fn versions(home: &Home, program: &Program<'_>) {
    home.claude_session(ID, &[user(ID, 0, "the first version"), user(ID, 1, "needle that was taken back")]);
    import(home, program);
    let mut lines = vec![user(ID, 0, "the first version"), user(ID, 2, "what was said instead")];
    home.claude_session(ID, &lines);
    import(home, program);
    lines.push(user(ID, 3, "and needle again"));
    home.claude_session(ID, &lines);
    import(home, program);
}

/// A session of several blocks that has grown: it keeps members, room is left in its first member, and one block of
/// several has something masked in it.
pub(super) fn grown(home: &Home, program: &Program<'_>) {
    let mut lines: Vec<String> =
        (0..4000).map(|line| user(ID, line % 60, &format!("needle {line} {}", "-".repeat(400)))).collect();
    lines[7] = user(ID, 7, &format!("push with {}", github_token(3)));
    home.claude_session(ID, &lines[..3000]);
    import(home, program);
    home.claude_session(ID, &lines);
    import(home, program);
}

/// A session, a copy of it, and one that its records call by several names.
pub(super) fn forks(home: &Home, program: &Program<'_>) {
    let rows = |id: &str, more: Value| -> Vec<String> {
        (0..5).map(|second| record(id, second, "what was said", more.clone())).collect()
    };
    home.claude_session(ID, &rows(ID, json!({})));
    let mut copy = rows(OTHER, json!({"sessionKind": "bg"}));
    copy.push(user(OTHER, 99, "needle in the copy only"));
    home.claude_session(OTHER, &copy);
    let (first, second) = ("c1b2c3d4-0000-4000-8000-000000000003", "d1b2c3d4-0000-4000-8000-000000000004");
    home.claude_session(
        second,
        &[user(first, 10, "begun under one id"), user(second, 11, "resumed under another")],
    );
    import(home, program);
}

/// What is seldom there: NUL bytes, a line without an end, all that a session can say of itself, and masking without the
/// user's rules.
pub(super) fn marks(home: &Home, program: &Program<'_>) {
    let said = json!({
        "type": "assistant", "sessionId": ID, "timestamp": "2026-06-05T14:40:00.000Z", "uuid": "u",
        "message": {"role": "assistant", "model": "claude-opus-4-5", "content": [{"type": "text", "text": "needle"}]},
    });
    let title = json!({"type": "summary", "summary": "A session that says all of itself", "leafUuid": "u"});
    let holes = format!("{}\n", "\0".repeat(64));
    home.claude_session(
        ID,
        &[user(ID, 0, "asked"), format!("{title}\n"), format!("{said}\n"), holes, "{\"cut".into()],
    );
    import(home, program);
    let path = home.claude_session(OTHER, &[user(OTHER, 0, "masked while the configuration was broken")]);
    let config = home.write(".sessionkeep/config.json", "{");
    let payload = json!({"session_id": OTHER, "transcript_path": path, "hook_event_name": "SessionEnd"});
    program(home, &["hook", "--wait"], payload.to_string().as_bytes());
    fs::remove_file(config).unwrap();
}

/// A session in a database, of which a row changed and another went, and one in a document that was written anew.
pub(super) fn rows(home: &Home, program: &Program<'_>) {
    const CREATE: &str = "CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, title TEXT,
             time_created INTEGER, time_updated INTEGER);
         CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
         CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER,
             time_updated INTEGER, data TEXT);
         INSERT INTO session VALUES ('ses_0a1b2c3d', NULL, '/w/app', 'In a database', 1780000000000, 1780000000000);
         INSERT INTO message VALUES ('msg_1', 'ses_0a1b2c3d', 1780000001000, 1780000001000, '{\"role\":\"user\"}');";
    let database = home.path(".local/share/opencode/opencode.db");
    fs::create_dir_all(database.parent().unwrap()).unwrap();
    let write = |sql: &str| rusqlite::Connection::open(&database).unwrap().execute_batch(sql).unwrap();
    let part = |id: &str, second: u32, text: &str| {
        let data = json!({"type": "text", "text": text});
        write(&format!(
            "INSERT OR REPLACE INTO part VALUES ('{id}', 'msg_1', 'ses_0a1b2c3d', 1780000002000, 17800000{second}000, '{data}')"
        ));
    };
    write(CREATE);
    part("prt_1", 10, "a tool that is running");
    part("prt_2", 11, "what was taken back");
    let document = |text: &str| {
        let messages = json!({"messages": [{"role": "user", "ts": 1_780_000_000_001_u64, "content": "needle of a document"}, {"role": "assistant", "ts": 1_780_000_003_000_u64, "content": text}]});
        home.write(".cline/data/sessions/1780000000001/1780000000001.messages.json", messages.to_string());
    };
    document("not done yet");
    import(home, program);
    part("prt_1", 12, &format!("needle of a row, and {}", github_token(4)));
    write("DELETE FROM part WHERE id = 'prt_2'");
    document("done");
    import(home, program);
}
