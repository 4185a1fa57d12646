//! `import --from DIR` where the directory is a part of an agent's tree, or one that was given another name: what files say,
//! and what lies beside them, tells whose they are.

use crate::home::*;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const UUID: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

/// What an agent left: files with their paths below one directory, which may be called anything.
struct Left {
    agent: &'static str,
    files: Vec<(String, Vec<u8>)>,
}

fn left(agent: &'static str, files: &[(&str, String)]) -> Left {
    let file =
        |(path, text): &(&str, String)| (path.replace("SID", UUID), text.replace("SID", UUID).into_bytes());
    Left { agent, files: files.iter().map(file).collect() }
}

/// Returns what a database is, made of these statements.
fn database(agent: &'static str, path: &str, statements: &str) -> Left {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.db");
    Connection::open(&file).unwrap().execute_batch(statements).unwrap();
    Left { agent, files: vec![(path.replace("SID", UUID), fs::read(file).unwrap())] }
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}

/// Returns what each agent leaves whose records alone do not tell whose they are.
fn all() -> Vec<Left> {
    let said = json!({"role": "user", "content": "sort it", "timestamp": "2026-06-05T14:30:00Z"});
    let nested = json!({"role": "user", "message": {"content": [{"type": "text", "text": "sort it"}]}});
    let messages = json!([{"role": "user", "content": "sort it"}]);
    let summary = json!({"info": {"id": "SID", "cwd": "/w/app"}, "session_summary": "Sorting"});
    let meta = json!({"session_id": "SID", "start_time": "2026-06-05T14:30:00", "title": "Sorting"});
    let ask = json!({"type": "turn.prompt", "time": 1_780_669_800_000_u64, "input": [{"text": "sort it"}]});
    let step = json!({"step_index": 0, "source": "USER_EXPLICIT", "created_at": "2026-06-05T14:30:00Z", "content": "x"});
    let prompt = json!({"kind": "Prompt", "data": {"content": [{"kind": "text", "data": "sort it"}]}});
    let start = json!({"type": "session_start", "id": "SID", "title": "Sorting", "cwd": "/w/app"});
    let begun =
        json!({"type": "session.start", "timestamp": "2026-06-05T14:30:00Z", "data": {"sessionId": "SID"}});
    let header = json!({"sessionId": "SID", "createdAt": "2026-06-05T14:30:00Z"});
    let dsh = json!({"type": "session", "id": "SID", "cwd": "/w/app", "timestamp": "2026-06-05T14:30:00Z"});
    let text = |value: &Value| value.to_string();
    vec![
        left("grok", &[("w/SID/chat_history.jsonl", line(&said)), ("w/SID/updates.jsonl", line(&ask)), ("w/SID/summary.json", text(&summary))]),
        left("vibe", &[("session_20260605_143000_0a1b2c3d/messages.jsonl", line(&said)), ("session_20260605_143000_0a1b2c3d/meta.json", text(&meta))]),
        left("gptme", &[("dancing-fox/conversation.jsonl", line(&said)), ("dancing-fox/branches/other.jsonl", line(&said))]),
        left("zencoder", &[("SID.jsonl", line(&header))]),
        left("reasonix", &[("code.jsonl", line(&said)), ("code.jsonl.meta", text(&json!({"title": "Sorting"})))]),
        left("deepseek-harness", &[("w/SID/session.jsonl", line(&dsh))]),
        left("kimi", &[("wd_w_0/SID/agents/main/wire.jsonl", line(&ask)), ("wd_w_0/SID/agents/agent-0/wire.jsonl", line(&ask)), ("wd_w_0/SID/state.json", text(&json!({"title": "Sorting"})))]),
        left("cursor", &[("SID.jsonl", line(&nested)), ("SID/subagents/other.jsonl", line(&nested))][..1]),
        left("cursor", &[("w/SID/SID.jsonl", line(&nested)), ("w/SID/subagents/other.jsonl", line(&nested))]),
        left("antigravity", &[("SID/.system_generated/logs/transcript.jsonl", line(&step)), ("SID/.system_generated/logs/transcript_full.jsonl", line(&step))]),
        left("kiro", &[("SID.jsonl", line(&prompt)), ("SID.json", text(&json!({"cwd": "/w/app", "title": "Sorting"})))]),
        left("droid", &[("w/SID.jsonl", line(&start)), ("w/SID.settings.json", text(&json!({"model": "m"})))]),
        left("copilot", &[("SID/events.jsonl", line(&begun)), ("SID/workspace.yaml", "cwd: /w/app\n".to_owned()), ("SID/plan.md", "# Plan\n".to_owned())]),
        left("copilot", &[("session_SID_1.json", text(&json!({"sessionId": "SID", "chatMessages": messages, "timeline": []})))]),
        left("cline", &[("1767323045000/api_conversation_history.json", text(&messages)), ("1767323045000/ui_messages.json", text(&json!([{"ts": 1, "say": "text", "text": "sort it"}])))]),
        left("cline", &[("s1/s1.messages.json", text(&json!({"messages": messages}))), ("s1/s1.json", text(&json!({"cwd": "/w/app"}))), ("s1/agent_7.messages.json", text(&json!({"messages": messages})))]),
        left("deepseek-tui", &[("SID.json", text(&json!({"schema_version": 1, "metadata": {"id": "SID"}, "messages": messages})))]),
        left("cortex", &[("SID.json", text(&json!({"session_id": "SID", "working_directory": "/w/app", "history": messages}))), ("SID.history.jsonl", line(&said))]),
        left("hermes", &[("session_one.json", text(&json!({"session_id": "one", "session_start": "2026-06-05T14:30:00", "messages": messages})))]),
        left("gemini", &[("session-2026-06-05T14-30-0a1b2c3d.json", text(&json!({"sessionId": "SID", "projectHash": "0", "messages": []})))]),
        left("vscode", &[("SID.json", text(&json!({"sessionId": "SID", "creationDate": 1_780_669_800_000_u64, "requests": []})))]),
        database("cursor", "w/SID/store.db", "CREATE TABLE blobs (id TEXT, data BLOB); CREATE TABLE meta (key TEXT, value TEXT);
             INSERT INTO meta VALUES ('0', '{\"name\":\"Sorting\"}');"),
        database("goose", "any.db", "CREATE TABLE sessions (id TEXT, working_dir TEXT, updated_at TEXT); CREATE TABLE messages (session_id TEXT, content_json TEXT, created_timestamp INTEGER);
             INSERT INTO sessions VALUES ('one', '/w/app', '2026-06-05');"),
        database("crush", "any.db", "CREATE TABLE sessions (id TEXT, title TEXT, created_at INTEGER); CREATE TABLE messages (id TEXT, session_id TEXT, parts TEXT, created_at INTEGER);
             INSERT INTO sessions VALUES ('one', 'Sorting', 1);"),
        database("hermes", "any.db", "CREATE TABLE sessions (id TEXT, started_at REAL); CREATE TABLE messages (id INTEGER, session_id TEXT, role TEXT, content TEXT, tool_calls TEXT);
             INSERT INTO sessions VALUES ('one', 1);"),
        database("kiro", "any.sqlite3", "CREATE TABLE conversations (key TEXT, value TEXT); INSERT INTO conversations VALUES ('/w/app', '{}');"),
        database("opencode", "any.db", "CREATE TABLE session (id TEXT, parent_id TEXT, directory TEXT, title TEXT, time_updated INTEGER);
             CREATE TABLE message (id TEXT, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT); CREATE TABLE part (id TEXT, message_id TEXT, session_id TEXT, time_updated INTEGER, data TEXT);
             INSERT INTO session VALUES ('one', NULL, '/w/app', 'Sorting', 1);"),
        database("zed", "any.db", "CREATE TABLE threads (id TEXT, summary TEXT, updated_at TEXT, data_type TEXT, data BLOB);
             INSERT INTO threads VALUES ('one', 'Sorting', '2026-06-05', 'json', '{}');"),
        database("cursor-ide", "any.db", "CREATE TABLE cursorDiskKV (key TEXT, value BLOB); INSERT INTO cursorDiskKV VALUES ('composerData:one', '{\"name\":\"Sorting\"}');"),
    ]
}

/// Returns the agents of all archives of a home.
fn agents(home: &Home) -> BTreeSet<String> {
    let archives = home.archives();
    archives.iter().map(|archive| home.sidecar(archive)["agent"].as_str().unwrap().to_owned()).collect()
}

fn lay(home: &Home, left: &Left, directory: &str) {
    for (path, bytes) in &left.files {
        home.write(&format!("{directory}/{path}"), bytes);
    }
}

/// Returns sessions and parts that are archived, by the paths below the directory of their sources.
fn sources(home: &Home) -> BTreeSet<String> {
    let named = |archive: &String| {
        let source = home.sidecar(archive)["source"].as_str().unwrap().to_owned();
        let source = source.split('#').next().unwrap().to_owned();
        Path::new(&source).file_name().unwrap().to_str().unwrap().to_owned()
    };
    home.archives().iter().map(named).collect()
}

#[test]
fn a_part_of_an_agents_tree_is_known_by_what_is_in_it() {
    for left in all() {
        let home = Home::new();
        lay(&home, &left, "backup/x");
        home.run(&["import", "--from", "backup/x"]).exits(0);
        let (agent, first) = (left.agent, &left.files[0].0);
        assert_eq!(agents(&home), BTreeSet::from([agent.to_owned()]), "{first}: {:?}", home.archives());
        // A manifest is a line of the session that it is of.
        let archived = left.files.iter().filter(|(path, _)| !path.ends_with("s1/s1.json")).count();
        assert_eq!(home.archives().len(), archived, "{agent}: {:?}", sources(&home));
        let mains = home.archives().iter().filter(|archive| !archive.contains(".parts/")).count();
        assert_eq!(mains, 1, "{agent}: {:?}", home.archives());
        let again = home.run(&["import", "--from", "backup/x"]).exits(0);
        assert_eq!(again.stdout, "", "{agent}");
    }
}

#[test]
fn several_agents_trees_may_be_mixed_in_one_directory() {
    let home = Home::new();
    let lefts = all();
    for (number, left) in lefts.iter().enumerate() {
        lay(&home, left, &format!("backup/{number}"));
    }
    home.run(&["import", "--from", "backup"]).exits(0);
    let expected: BTreeSet<String> = lefts.iter().map(|left| left.agent.to_owned()).collect();
    assert_eq!(agents(&home), expected);
}

#[test]
fn with_an_agent_named_all_is_that_ones() {
    for left in all() {
        let home = Home::new();
        lay(&home, &left, "x");
        home.run(&["import", "--from", "x", "--agent", left.agent]).exits(0);
        assert_eq!(agents(&home), BTreeSet::from([left.agent.to_owned()]), "{:?}", left.files[0].0);
    }
    let forks = [("openclaw", "pi"), ("qoder", "claude-code"), ("traex", "codex"), ("roo", "cline")];
    for (fork, family) in forks {
        let home = Home::new();
        match family {
            "pi" => home.write(
                "x/main/sessions/a.jsonl.reset.2026-06-06T04-00-00.000Z",
                line(&json!({"type": "session", "version": 3, "id": "s1", "cwd": "/w", "timestamp": "2026-06-05T14:30:00Z"})),
            ),
            "codex" => home.write(
                &format!("x/rollout-2026-06-05T14-30-00-{UUID}.jsonl"),
                line(&json!({"type": "session_meta", "payload": {"id": UUID}})),
            ),
            "cline" => home.write("x/1767323045000/api_conversation_history.json", "[]"),
            _ => home.write(&format!("x/-w/{UUID}.jsonl"), user(UUID, 1, "sort it")),
        };
        home.run(&["import", "--from", "x"]).exits(0);
        assert_eq!(agents(&home), BTreeSet::from([family.to_owned()]));
        let home_of_fork = Home::new();
        for entry in walkdir::WalkDir::new(home.path("x"))
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file())
        {
            let below = entry.path().strip_prefix(home.path("")).unwrap();
            home_of_fork.write(below.to_str().unwrap(), fs::read(entry.path()).unwrap());
        }
        home_of_fork.run(&["import", "--from", "x", "--agent", fork]).exits(0);
        assert_eq!(agents(&home_of_fork), BTreeSet::from([fork.to_owned()]));
    }
    let home = Home::new();
    home.write("x/a.jsonl", "{}\n");
    let two = home.run(&["import", "--from", "x", "--agent", "pi", "--agent", "codex"]).exits(2);
    assert!(two.stderr.contains("--from takes one --agent"), "{}", two.stderr);
}

#[test]
fn documents_that_are_nobodys_are_left_alone() {
    let home = Home::new();
    home.write("x/package.json", r#"{"name":"x","version":"1"}"#);
    home.write("x/notes.txt", "hello\n");
    home.write("x/session-1.json", r#"{"sessionId":"x"}"#);
    home.write("x/messages.json", r#"[{"role":"user"}]"#);
    let path = home.path("x/any.db");
    Connection::open(path).unwrap().execute_batch("CREATE TABLE sessions (id TEXT, messages TEXT)").unwrap();
    home.run(&["import", "--from", "x"]).exits(0);
    assert!(home.archives().is_empty(), "{:?}", home.archives());
}
