//! What is said in sessions that are told in rows and elements: each message once, in its last state, where it belongs, by
//! whoever said it.

use crate::databases::{database, every_agent, thread, zed};
use crate::home::*;
use crate::rendered_documents::{import, one_of_each};
use serde_json::{Value, json};

/// Returns the messages of an archive.
fn messages(home: &Home, archive: &str) -> Vec<Value> {
    let path = home.store().join(archive);
    let run = home.run(&["show", path.to_str().unwrap(), "--json"]).exits(0);
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the only archive of a session.
#[track_caller]
fn archive_of(home: &Home, session: &str) -> String {
    let is_it = |name: &String| !name.contains(".parts/") && home.sidecar(name)["session_id"] == session;
    let found: Vec<String> = home.archives().into_iter().filter(is_it).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

/// Returns a message in short: role, kind, tool, text and marks; events are left out.
fn short(messages: &[Value]) -> Vec<String> {
    let of = |message: &Value| {
        let text = |key: &str| message[key].as_str().unwrap_or_default().to_owned();
        let marks = message["marks"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|mark| format!(" +{}", mark.as_str().unwrap()));
        let tool = if text("tool").is_empty() { String::new() } else { format!(" {}", text("tool")) };
        format!("{} {}{tool}: {}{}", text("role"), text("kind"), text("text"), marks.collect::<String>())
    };
    messages.iter().filter(|message| message["kind"] != "event").map(of).collect()
}

fn opencode(home: &Home) -> rusqlite::Connection {
    let connection = database(
        home,
        ".local/share/opencode/opencode.db",
        "CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, title TEXT, time_created INTEGER,
             time_updated INTEGER);
         CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
         CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER,
             time_updated INTEGER, data TEXT);
         INSERT INTO session VALUES ('ses_1', NULL, '/w/app', 'New session - now', 1780308000000, 1780308000000);",
    );
    say(&connection, "msg_1", json!({"role": "user", "time": {"created": 1780308000000_i64}}));
    part(&connection, "prt_11", "msg_1", json!({"type": "text", "text": "list the files"}));
    part(
        &connection,
        "prt_12",
        "msg_1",
        json!({"type": "text", "text": "Called the tool", "synthetic": true}),
    );
    connection
}

/// Writes a message of the session, or writes it anew.
fn say(connection: &rusqlite::Connection, id: &str, data: Value) {
    let insert = "INSERT OR REPLACE INTO message VALUES (?1, 'ses_1', 1780308000000,
         coalesce((SELECT max(time_updated) FROM message), 1780308000000) + 1, ?2)";
    connection.execute(insert, [id, &data.to_string()]).unwrap();
}

/// Writes a part of a message, or writes it anew.
fn part(connection: &rusqlite::Connection, id: &str, message: &str, data: Value) {
    let insert = "INSERT OR REPLACE INTO part VALUES (?1, ?2, 'ses_1', 1780308000000,
         coalesce((SELECT max(time_updated) FROM part), 1780308000000) + 1, ?3)";
    connection.execute(insert, [id, message, &data.to_string()]).unwrap();
}

#[test]
fn of_a_session_that_is_read_while_it_runs_each_part_is_told_once_and_as_it_ended() {
    let home = Home::new();
    let connection = opencode(&home);
    let answer = |tokens: Value| json!({"role": "assistant", "modelID": "m-1", "tokens": tokens});
    say(&connection, "msg_2", answer(json!({"input": 0, "output": 0})));
    part(&connection, "prt_21", "msg_2", json!({"type": "step-start"}));
    part(&connection, "prt_22", "msg_2", json!({"type": "text", "text": "I lo"}));
    let tool = |state: Value| json!({"type": "tool", "callID": "call_1", "tool": "bash", "state": state});
    part(&connection, "prt_23", "msg_2", tool(json!({"status": "running", "input": {"command": "ls"}})));
    home.run(&["import"]).exits(0);
    let archive = archive_of(&home, "ses_1");
    let running = messages(&home, &archive);
    assert_eq!(
        short(&running),
        [
            "user text: list the files",
            "user text: Called the tool +injected",
            "assistant text: I lo",
            "assistant tool_call bash: {\"command\":\"ls\"}",
        ]
    );
    part(&connection, "prt_22", "msg_2", json!({"type": "text", "text": "I look."}));
    let ended =
        json!({"status": "completed", "input": {"command": "ls"}, "output": "a", "metadata": {"exit": 1}});
    part(&connection, "prt_23", "msg_2", tool(ended));
    let cost = json!({"input": 10, "output": 3, "reasoning": 1, "cache": {"read": 5, "write": 0}});
    part(&connection, "prt_24", "msg_2", json!({"type": "step-finish", "tokens": cost}));
    say(&connection, "msg_2", answer(cost));
    say(&connection, "msg_3", answer(json!({"input": 1, "output": 2})));
    part(&connection, "prt_31", "msg_3", json!({"type": "reasoning", "text": "hm"}));
    part(&connection, "prt_32", "msg_3", json!({"type": "text", "text": "There is a."}));
    connection.execute("DELETE FROM part WHERE id = 'prt_12'", []).unwrap();
    connection.execute("UPDATE session SET title = 'Files', time_updated = 1780308060000", []).unwrap();
    home.run(&["import"]).exits(0);
    let whole = messages(&home, &archive);
    assert_eq!(
        short(&whole),
        [
            "user text: list the files",
            "user text: Called the tool +injected +rewound",
            "assistant text: I look.",
            "assistant tool_call bash: {\"command\":\"ls\"}",
            "tool tool_result bash: a",
            "assistant thinking: hm",
            "assistant text: There is a.",
        ]
    );
    let result = whole.iter().find(|message| message["kind"] == "tool_result").unwrap();
    assert_eq!(
        (&result["exit_code"], &result["is_error"], &result["call"]),
        (&json!(1), &json!(false), &json!("call_1"))
    );
    let paid: Vec<&Value> =
        whole.iter().map(|message| &message["tokens"]).filter(|tokens| !tokens.is_null()).collect();
    assert_eq!(
        paid,
        [
            &json!({"input": 10, "output": 4, "cache_read": 5, "cache_write": 0}),
            &json!({"input": 1, "output": 2, "cache_read": 0, "cache_write": 0}),
        ]
    );
    let said = whole.iter().find(|message| message["text"] == "I look.").unwrap();
    assert_eq!(said["model"], "m-1");
    assert!(
        whole.iter().all(|message| message["role"] != "assistant" || message["time"].is_string()),
        "{whole:?}"
    );
    let events: Vec<&str> = whole.iter().filter_map(|message| message["event"].as_str()).collect();
    assert_eq!(events, ["title", "session", "step-start", "step-finish", "gone"]);
}

#[test]
fn what_was_taken_over_into_new_tables_is_told_once() {
    let home = Home::new();
    let connection = opencode(&home);
    connection
        .execute_batch(
            "CREATE TABLE session_v2 (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, title TEXT, time_created INTEGER,
                 time_updated INTEGER);
             CREATE TABLE session_message (id TEXT PRIMARY KEY, session_id TEXT, type TEXT, seq INTEGER, time_created INTEGER,
                 time_updated INTEGER, data TEXT);
             INSERT INTO session_v2 VALUES ('ses_1', NULL, '/w/app', 'Files', 1780308000000, 1780309000000);",
        )
        .unwrap();
    let rows = [
        ("msg_1", "user", json!({"text": "list the files"})),
        ("msg_2", "user", json!({"text": "list the files"})),
        (
            "msg_3",
            "assistant",
            json!({"content": [{"type": "text", "text": "I do."}, {"type": "tool", "id": "t", "name": "bash",
                "state": {"status": "completed", "input": {}, "output": "a"}}]}),
        ),
    ];
    for (seq, (id, kind, data)) in rows.iter().enumerate() {
        let insert =
            "INSERT INTO session_message VALUES (?1, 'ses_1', ?2, ?3, 1780309000000, 1780309000000, ?4)";
        connection.execute(insert, rusqlite::params![id, kind, seq as i64, data.to_string()]).unwrap();
    }
    home.run(&["import"]).exits(0);
    assert_eq!(
        short(&messages(&home, &archive_of(&home, "ses_1"))),
        [
            "user text: list the files",
            "user text: Called the tool +injected",
            "user text: list the files",
            "assistant text: I do.",
            "assistant tool_call bash: {}",
            "tool tool_result bash: a",
        ]
    );
}

#[test]
fn a_tree_of_documents_is_told_as_its_database_would_be() {
    let home = Home::new();
    let storage = ".local/share/opencode/storage";
    let write = |path: &str, data: Value| home.write(&format!("{storage}/{path}.json"), data.to_string());
    write(
        "session/p/ses_1",
        json!({"id": "ses_1", "directory": "/w/app", "title": "Old", "time": {"created": 1780308000000_i64}}),
    );
    write(
        "message/ses_1/msg_1",
        json!({"id": "msg_1", "role": "user", "time": {"created": 1780308000000_i64}}),
    );
    write("message/ses_1/msg_2", json!({"id": "msg_2", "role": "assistant", "modelID": "m"}));
    write("part/msg_1/prt_1", json!({"id": "prt_1", "type": "text", "text": "hello"}));
    write(
        "part/msg_2/prt_2",
        json!({"id": "prt_2", "messageID": "msg_2", "type": "text", "text": "Good day."}),
    );
    home.run(&["import"]).exits(0);
    let archive = archive_of(&home, "ses_1");
    assert_eq!(short(&messages(&home, &archive)), ["user text: hello", "assistant text: Good day."]);
    write("part/msg_2/prt_2", json!({"id": "prt_2", "type": "text", "text": "Good day to you."}));
    write("message/ses_1/msg_3", json!({"id": "msg_3", "role": "user"}));
    write("part/msg_3/prt_3", json!({"id": "prt_3", "type": "text", "text": "bye"}));
    home.run(&["import"]).exits(0);
    let expected = ["user text: hello", "assistant text: Good day to you.", "user text: bye"];
    assert_eq!(short(&messages(&home, &archive)), expected);
}

#[test]
fn a_tree_whose_parts_are_filed_by_the_ids_in_its_documents_is_told_whole() {
    let home = Home::new();
    let write = |path: &str, data: Value| home.write(&format!("storage/{path}.json"), data.to_string());
    write(
        "session/p/ses_s1",
        json!({"id": "s1", "directory": "/w/app", "time": {"created": 1780308000000_i64}}),
    );
    write("message/s1/msg_0001", json!({"id": "m_one", "role": "user"}));
    write("message/s1/msg_0002", json!({"id": "m_two", "role": "assistant"}));
    write("part/m_one/001", json!({"id": "p1", "type": "text", "text": "hello"}));
    write("part/m_two/001", json!({"id": "p2", "type": "text", "text": "Good day."}));
    home.run(&["import", "--from", home.path("storage").to_str().unwrap()]).exits(0);
    let said = messages(&home, &archive_of(&home, "ses_s1"));
    assert_eq!(short(&said), ["user text: hello", "assistant text: Good day."]);
}

#[test]
fn a_document_that_lies_anywhere_is_shown_as_what_it_is() {
    let home = Home::new();
    let chat = json!({"sessionId": "s1", "projectHash": "0", "startTime": "2026-01-16T18:34:00.000Z",
        "lastUpdated": "2026-01-16T18:34:10.000Z", "messages": [
            {"id": "m1", "type": "user", "timestamp": "2026-01-16T18:34:01.000Z", "content": "hello"},
            {"id": "m2", "type": "gemini", "timestamp": "2026-01-16T18:34:02.000Z", "content": "Good day."}]});
    let path = home.write("x/session-small.json", serde_json::to_string_pretty(&chat).unwrap());
    let run = home.run(&["show", path.to_str().unwrap(), "--json"]).exits(0);
    let said: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(short(&said), ["user text: hello", "assistant text: Good day."]);
    assert_eq!(said[0]["agent"], "gemini");
    let other = home.write("x/notes.json", "{\n  \"a\": 1\n}\n");
    let run = home.run(&["show", other.to_str().unwrap(), "--json"]).exits(0);
    assert!(!run.stdout.contains("gemini"), "{run:?}");
}

#[test]
fn every_database_says_once_what_the_user_said() {
    let home = Home::new();
    every_agent(&home, "fix it all");
    home.run(&["import"]).exits(0);
    let mut agents = Vec::new();
    for archive in home.archives() {
        let said = messages(&home, &archive);
        let agent = said[0]["agent"].as_str().unwrap().to_owned();
        let is_prompt = |message: &&Value| {
            message["role"] == "user" && message["kind"] == "text" && message["marks"].is_null()
        };
        let prompts: Vec<&Value> = said.iter().filter(is_prompt).collect();
        let is_meta = archive.contains("/meta.");
        // Hermes' database has two of them, one of which was not what it was marked as.
        let count = match &*agent {
            _ if is_meta => 0,
            "antigravity" => 0,
            "hermes" => 2,
            _ => 1,
        };
        assert_eq!(prompts.len(), count, "{archive}: {said:#?}");
        assert!(
            prompts.iter().all(|prompt| prompt["text"].as_str().unwrap().contains("fix it all")),
            "{prompts:?}"
        );
        let lines = String::from_utf8(home.text(&archive)).unwrap();
        let told: std::collections::BTreeSet<u64> =
            said.iter().map(|message| message["line"].as_u64().unwrap()).collect();
        assert_eq!(told.len(), lines.lines().count(), "each line says something: {archive} {said:#?}");
        agents.push(agent);
    }
    agents.dedup();
    agents.sort();
    let expected = ["antigravity", "crush", "cursor", "cursor-ide", "goose", "hermes", "kiro", "zed"];
    agents.dedup();
    assert_eq!(agents, expected);
}

#[test]
fn a_row_that_is_a_whole_thread_is_told_message_by_message() {
    let home = Home::new();
    let connection = zed(&home, "first");
    home.run(&["import"]).exits(0);
    let update = "UPDATE threads SET updated_at = '2026-06-01T11:00:00Z', data = ?1";
    connection.execute(update, [thread(&["first, said otherwise", "second"])]).unwrap();
    home.run(&["import"]).exits(0);
    connection
        .execute(
            "UPDATE threads SET updated_at = '2026-06-01T12:00:00Z', data = ?1",
            [thread(&["first, said otherwise"])],
        )
        .unwrap();
    home.run(&["import"]).exits(0);
    assert_eq!(
        short(&messages(&home, &archive_of(&home, "zed-one"))),
        ["user text: first, said otherwise", "user text: second +rewound"]
    );
}

#[test]
fn rows_that_the_user_went_back_over_are_marked() {
    let home = Home::new();
    let connection = database(
        &home,
        ".hermes/state.db",
        "CREATE TABLE sessions (id TEXT PRIMARY KEY, source TEXT, model TEXT, started_at REAL, title TEXT);
         CREATE TABLE messages (id INTEGER PRIMARY KEY, session_id TEXT, role TEXT, content TEXT, active INTEGER);
         INSERT INTO sessions VALUES ('h', 'cli', 'm', 1780308000.25, NULL);
         INSERT INTO messages (session_id, role, content, active) VALUES ('h', 'user', 'one', 1), ('h', 'assistant', 'two', 1);",
    );
    home.run(&["import"]).exits(0);
    connection
        .execute_batch(
            "UPDATE messages SET active = 0 WHERE content = 'two';
             INSERT INTO messages (session_id, role, content, active) VALUES ('h', 'assistant', 'three', 1);",
        )
        .unwrap();
    home.run(&["import"]).exits(0);
    let said = messages(&home, &archive_of(&home, "h"));
    assert_eq!(short(&said), ["user text: one", "assistant text: two +rewound", "assistant text: three"]);
    let model = |text: &str| said.iter().find(|message| message["text"] == text).unwrap()["model"].clone();
    assert_eq!((model("three"), model("one")), (json!("m"), Value::Null));
}

#[test]
fn every_agent_of_documents_says_once_what_the_user_said() {
    let home = Home::new();
    let agents = one_of_each(&home);
    import(&home);
    let mut count = 0;
    for archive in home.archives() {
        let said = messages(&home, &archive);
        let lines = String::from_utf8(home.text(&archive)).unwrap();
        let told: std::collections::BTreeSet<u64> =
            said.iter().map(|message| message["line"].as_u64().unwrap()).collect();
        assert_eq!(told.len(), lines.lines().count(), "each line says something: {archive} {said:#?}");
        if archive.contains(".parts/") {
            continue;
        }
        let is_prompt = |message: &&Value| {
            message["role"] == "user" && message["kind"] == "text" && message["marks"].is_null()
        };
        let prompts: Vec<&Value> = said.iter().filter(is_prompt).collect();
        assert_eq!(prompts.len(), 1, "{archive}: {said:#?}");
        assert!(prompts[0]["text"].as_str().unwrap().contains("fix it"), "{archive}");
        count += 1;
    }
    assert_eq!(count, agents.len());
}

#[test]
fn what_the_model_was_told_and_the_user_saw_is_told_once() {
    let home = Home::new();
    let id = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
    let conversation = json!({"sessionId": id, "startTime": "2026-01-02T03:04:05Z",
        "chatMessages": [
            {"role": "user", "content": "fix it, at noon"},
            {"role": "assistant", "content": "I do.", "tool_calls": [{"id": "c", "function": {"name": "bash", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c", "content": "a"}],
        "timeline": [
            {"id": "1", "timestamp": "2026-01-02T03:04:06Z", "type": "user", "text": "fix it"},
            {"id": "2", "timestamp": "2026-01-02T03:04:07Z", "type": "copilot", "text": "I do."},
            {"id": "3", "timestamp": "2026-01-02T03:04:08Z", "type": "tool_call_completed", "callId": "c", "name": "bash",
                "arguments": {}, "result": {"type": "success", "log": "a"}},
            {"id": "4", "timestamp": "2026-01-02T03:04:09Z", "type": "copilot", "text": "Said to the user alone."}]});
    home.write(
        &format!(".copilot/history-session-state/session_{id}_1767323045678.json"),
        conversation.to_string(),
    );
    home.run(&["import"]).exits(0);
    assert_eq!(
        short(&messages(&home, &archive_of(&home, id))),
        [
            "user text: fix it, at noon",
            "assistant text: I do.",
            "assistant tool_call bash: {}",
            "tool tool_result bash: a",
            "assistant text: Said to the user alone.",
        ]
    );
}

#[test]
fn of_a_conversation_that_is_written_anew_each_message_stands_where_it_first_stood() {
    let home = Home::new();
    let write = |messages: Value| {
        home.write(
            ".cline/data/sessions/s1/s1.messages.json",
            json!({"version": 1, "messages": messages}).to_string(),
        );
        home.write(
            ".cline/data/sessions/s1/s1.json",
            r#"{"session_id":"s1","started_at":"2026-01-02T03:04:05Z"}"#,
        );
    };
    let asked = json!({"id": "1", "role": "user", "ts": 1767323046000_i64, "content": "fix it"});
    let call = json!({"type": "tool_use", "id": "c", "name": "run", "input": {}});
    write(json!([asked, {"id": "2", "role": "assistant", "content": [call]}]));
    import(&home);
    write(
        json!([asked, {"id": "2", "role": "assistant", "content": [{"type": "text", "text": "I do."}, call]},
        {"id": "3", "role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "a", "is_error": true}]}]),
    );
    import(&home);
    let said = messages(&home, &archive_of(&home, "s1"));
    assert_eq!(
        short(&said),
        [
            "user text: fix it",
            "assistant text: I do.",
            "assistant tool_call run: {}",
            "tool tool_result run: a"
        ]
    );
    assert_eq!(said.last().unwrap()["is_error"], json!(true));
}
