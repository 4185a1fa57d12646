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

#[test]
fn a_session_of_gemini_that_was_moved_from_a_document_to_lines_is_one() {
    let home = Home::new();
    let message =
        json!({"id": "1", "timestamp": "2026-06-05T14:30:01Z", "type": "user", "content": "a prompt"});
    let whole = json!({"sessionId": ID, "startTime": "2026-06-05T14:30:00Z", "messages": [message]});
    let chats = ".gemini/tmp/my-project/chats/session-2026-06-05T14-30-a1b2c3d4";
    home.write(&format!("{chats}.json"), whole.to_string());
    home.run(&["import"]).exits(0);
    let header = json!({"sessionId": ID, "startTime": "2026-06-05T14:30:00Z", "kind": "main"});
    std::fs::remove_file(home.path(&format!("{chats}.json"))).unwrap();
    home.write(&format!("{chats}.jsonl"), format!("{header}\n{message}\n"));
    home.run(&["import"]).exits(0);
    assert!(home.listed(&[]).iter().all(|session| session["session_id"] == ID), "{:?}", home.listed(&[]));
}

#[test]
fn a_directory_that_is_called_after_a_hash_is_found_by_it() {
    let home = Home::new();
    // The MD5 of "/w/app".
    let hash = "88b917843fbc859c6c410d34ba465703";
    let context = format!("{}\n", json!({"role": "user", "content": "a prompt"}));
    home.write(&format!(".kimi/sessions/{hash}/{ID}/context.jsonl"), &context);
    home.run(&["import"]).exits(0);
    assert_eq!(only(&home)["project_slug"], "unknown");
    let home = Home::new();
    home.write(&format!(".kimi/sessions/{hash}/{ID}/context.jsonl"), &context);
    home.write(
        ".kimi/kimi.json",
        json!({"work_dirs": [{"path": "/w/other"}, {"path": "/w/app"}]}).to_string(),
    );
    home.run(&["import"]).exits(0);
    assert_eq!((&only(&home)["project_slug"], &only(&home)["cwd"]), (&"app".into(), &"/w/app".into()));
}

#[test]
fn aiders_file_is_found_at_the_top_of_the_repository_that_a_session_began_in() {
    let home = Home::new();
    let chat = "# aider chat started at 2026-06-05 14:30:00\n\n#### a prompt\n\ndone\n";
    for place in ["work/app", "work", "other"] {
        home.write(&format!("{place}/.aider.chat.history.md"), chat.replace("a prompt", place));
    }
    home.write("work/app/.git/HEAD", "ref: refs/heads/main\n");
    std::fs::create_dir_all(home.path("work/app/src/deep")).unwrap();
    let row = |session: &str, cwd: &str| {
        let mut row: Value = serde_json::from_str(&user(session, 1, "a prompt")).unwrap();
        row["cwd"] = home.path(cwd).to_str().unwrap().into();
        format!("{row}\n")
    };
    home.claude_session(ID, &[row(ID, "work/app/src/deep")]);
    // No repository: nothing above it is looked at.
    home.claude_session(LOCAL, &[row(LOCAL, "other/below")]);
    home.run(&["import"]).exits(0);
    let found: Vec<Value> =
        home.listed(&[]).into_iter().filter(|session| session["agent"] == "aider").collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["title"], "work/app");
}

#[test]
fn all_rows_of_the_editors_conversations_are_told() {
    let home = Home::new();
    let state = ".config/Cursor/User/globalStorage/state.vscdb";
    let connection = database(&home, state, "CREATE TABLE cursorDiskKV (key TEXT UNIQUE, value BLOB)");
    for key in [
        "composerData:c1",
        "bubbleId:c1:b1",
        "messageRequestContext:c1:b1",
        "checkpointId:c1:k1",
        "bubbleId:c2:b2",
    ] {
        let value = json!({"name": "Given", "text": format!("of {key}")}).to_string();
        connection.execute("INSERT INTO cursorDiskKV VALUES (?1, ?2)", [key, &value]).unwrap();
    }
    home.run(&["import"]).exits(0);
    let texts: Vec<String> =
        home.archives().iter().map(|archive| String::from_utf8(home.text(archive)).unwrap()).collect();
    assert_eq!(texts.len(), 2);
    let first = texts.iter().find(|text| text.contains("of composerData:c1")).unwrap();
    for key in ["bubbleId:c1:b1", "messageRequestContext:c1:b1", "checkpointId:c1:k1"] {
        assert!(first.contains(&format!("of {key}")), "{key}");
    }
    assert!(texts.iter().any(|text| text.contains("of bubbleId:c2:b2")));
    assert_eq!(home.run(&["import"]).exits(0).stdout, "");
}

#[test]
fn an_agent_of_the_users_own_may_be_of_a_forks_family() {
    let home = Home::new();
    let config = json!({"agents": [{"name": "ours", "family": "openclaude", "roots": ["~/.ours/projects"]}]});
    home.write(".sessionkeep/config.json", config.to_string());
    home.write(&format!(".ours/projects/-w/{ID}.jsonl"), user(ID, 1, "a prompt"));
    home.write(
        &format!(".ours/projects/-w/{ID}/subagents/agent-0123456789abcdef0.jsonl"),
        user(ID, 1, "by a subagent"),
    );
    home.run(&["config", "check"]).exits(0);
    home.run(&["import"]).exits(0);
    assert_eq!(only(&home)["agent"], "ours");
    assert_eq!(home.archives().len(), 2);
}
