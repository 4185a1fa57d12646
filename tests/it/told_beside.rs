//! What stands beside a session's transcript belongs to the session: titles, models, databases of the same session.

use crate::databases::database;
use crate::home::*;
use serde_json::{Value, json};

const LOCAL: &str = "8a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

/// Returns the only session that is listed.
#[track_caller]
fn only(home: &Home) -> Value {
    let listed = home.listed(&[]);
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert!(listed[0].get("has_main").is_none(), "{listed:?}");
    listed.into_iter().next().unwrap()
}

/// Writes what the desktop application knows of a session.
fn document(home: &Home, tree: &str, session: &str, title: &str) {
    let document =
        json!({"sessionId": format!("local_{LOCAL}"), "cliSessionId": session, "title": title, "cwd": "/w"});
    home.write(&format!(".config/Claude/{tree}/org/account/local_{LOCAL}.json"), document.to_string());
}

#[test]
fn the_desktop_applications_title_is_on_the_session_in_the_tree_beside_it() {
    let home = Home::new();
    let tree =
        format!(".config/Claude/local-agent-mode-sessions/org/account/local_{LOCAL}/.claude/projects/-w");
    home.write(&format!("{tree}/{ID}.jsonl"), user(ID, 1, "a prompt"));
    document(&home, "local-agent-mode-sessions", ID, "Given by the application");
    home.run(&["import"]).exits(0);
    let session = only(&home);
    assert_eq!((&session["session_id"], &session["title"]), (&ID.into(), &"Given by the application".into()));
    assert_eq!(home.archives().len(), 2);
    assert_eq!(home.run(&["import"]).exits(0).stdout, "");
}

#[test]
fn the_desktop_applications_title_is_on_the_session_in_claude_codes_own_tree() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 1, "a prompt")]);
    document(&home, "claude-code-sessions", ID, "Given by the application");
    home.run(&["import"]).exits(0);
    let session = only(&home);
    assert_eq!((&session["session_id"], &session["title"]), (&ID.into(), &"Given by the application".into()));
    assert_eq!(home.archives().len(), 2);
    assert_eq!(home.run(&["import"]).exits(0).stdout, "");
}

#[test]
fn what_the_desktop_application_saw_is_the_session_that_its_records_name() {
    let audit = json!({"type": "user", "uuid": "u1", "session_id": ID, "_audit_timestamp": "2026-06-05T14:30:00Z",
        "message": {"role": "user", "content": "a prompt"}});
    let directory = format!(".config/Claude/local-agent-mode-sessions/org/account/local_{LOCAL}");
    let home = Home::new();
    home.write(&format!("{directory}/audit.jsonl"), format!("{audit}\n"));
    document(&home, "local-agent-mode-sessions", ID, "Given by the application");
    home.run(&["import"]).exits(0);
    let session = only(&home);
    assert_eq!((&session["session_id"], &session["title"]), (&ID.into(), &"Given by the application".into()));
    // It grows and stays what it is.
    home.write(&format!("{directory}/audit.jsonl"), format!("{audit}\n{audit}\n"));
    home.run(&["import"]).exits(0);
    only(&home);
    assert_eq!(home.archives().len(), 2);
    // Where there is a transcript, it is a part of it.
    let home = Home::new();
    home.write(&format!("{directory}/audit.jsonl"), format!("{audit}\n"));
    home.write(&format!("{directory}/.claude/projects/-w/{ID}.jsonl"), user(ID, 1, "a prompt"));
    home.run(&["import"]).exits(0);
    only(&home);
    assert!(home.archives().iter().any(|archive| archive.ends_with(".parts/audit.jsonl.gz")));
    assert_eq!(home.run(&["import"]).exits(0).stdout, "");
}

/// Makes the database of a conversation of Cursor CLI.
fn cursor_database(home: &Home) -> rusqlite::Connection {
    let meta = json!({"agentId": ID, "name": "Given by the agent", "lastUsedModel": "m1", "workspacePath": "/w/app"});
    database(
        home,
        &format!(".cursor/chats/d41d8cd98f00b204e9800998ecf8427e/{ID}/store.db"),
        &format!(
            "CREATE TABLE blobs (id TEXT PRIMARY KEY, data BLOB); CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
             INSERT INTO meta VALUES ('0', '{meta}'); INSERT INTO blobs VALUES ('aa', '{{\"role\":\"user\",\"content\":\"a prompt\"}}');"
        ),
    )
}

#[test]
fn a_conversation_in_lines_and_in_a_database_is_one_session_with_what_both_tell() {
    let home = Home::new();
    let line = json!({"role": "user", "message": {"content": [{"type": "text", "text": "a prompt"}]}});
    let transcript = format!(".cursor/projects/w-app/agent-transcripts/{ID}/{ID}.jsonl");
    home.write(&transcript, format!("{line}\n"));
    drop(cursor_database(&home));
    home.run(&["import"]).exits(0);
    let session = only(&home);
    assert_eq!((&session["title"], &session["model"]), (&"Given by the agent".into(), &"m1".into()));
    assert_eq!((&session["cwd"], home.archives().len()), (&"/w/app".into(), 2));
    assert_eq!(home.run(&["import"]).exits(0).stdout, "");
    home.write(&transcript, format!("{line}\n{line}\n"));
    home.run(&["import"]).exits(0);
    let session = only(&home);
    assert_eq!((&session["title"], home.archives().len()), (&"Given by the agent".into(), 2));
}

#[test]
fn a_conversation_in_a_database_alone_is_a_session_and_stays_one_when_lines_come() {
    let home = Home::new();
    let connection = cursor_database(&home);
    home.run(&["import"]).exits(0);
    let session = only(&home);
    assert_eq!((&session["title"], &session["model"]), (&"Given by the agent".into(), &"m1".into()));
    connection
        .execute("INSERT INTO blobs VALUES ('bb', '{\"role\":\"user\",\"content\":\"more\"}')", [])
        .unwrap();
    home.run(&["import"]).exits(0);
    only(&home);
    assert_eq!(home.archives().len(), 1);
    let line = json!({"role": "user", "message": {"content": [{"type": "text", "text": "a prompt"}]}});
    home.write(&format!(".cursor/projects/w/agent-transcripts/{ID}/{ID}.jsonl"), format!("{line}\n"));
    for _ in 0..2 {
        home.run(&["import"]).exits(0);
        only(&home);
        assert_eq!(home.archives().len(), 2, "{:?}", home.archives());
    }
    let home = Home::new();
    let steps = format!(".gemini/antigravity-cli/conversations/{ID}.db");
    drop(database(
        &home,
        &steps,
        "CREATE TABLE steps (idx INTEGER PRIMARY KEY, data BLOB); INSERT INTO steps VALUES (0, x'0a02');",
    ));
    home.run(&["import"]).exits(0);
    assert_eq!(only(&home)["agent"], "antigravity");
}

#[test]
fn copilots_title_is_in_a_document_of_its_workspace() {
    let home = Home::new();
    let start =
        json!({"type": "session.start", "timestamp": "2026-06-05T14:30:00Z", "data": {"sessionId": ID}});
    home.write(&format!(".copilot/session-state/{ID}/events.jsonl"), format!("{start}\n"));
    let workspace = "id: x\ncwd: /w/app\nbranch: dev\nsummary: \"Sorting: a list\"\nname: null\n";
    home.write(&format!(".copilot/session-state/{ID}/workspace.yaml"), workspace);
    home.run(&["import"]).exits(0);
    let session = only(&home);
    assert_eq!((&session["title"], &session["cwd"]), (&"Sorting: a list".into(), &"/w/app".into()));
    assert_eq!(session["git_branch"], "dev");
}
