//! `hook` with what each agent hands over: the session that it is about is archived, masked, whole, and no other.

use crate::databases::database;
use crate::home::*;
use serde_json::{Value, json};
use std::fs;

const CWD: &str = "/home/me/my-project";

/// Another session of the same agent, which no hook asked for.
const OTHER: &str = "1a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

/// A session as its agent keeps it, and what the agent hands over when it ends.
struct Case {
    agent: &'static str,
    payload: fn(&Home) -> Value,
    /// Lays the session of this id, in which the user said a text.
    lay: fn(&Home, &str, &str),
    /// The session's id, and that of another.
    ids: [&'static str; 2],
}

const CASES: [Case; 10] = [
    Case {
        agent: "gemini",
        payload: |home| named(home, ".gemini/tmp/p/chats/session-2026-06-05T14-30-a1b2c3d4.jsonl"),
        lay: gemini,
        ids: [ID, OTHER],
    },
    // Before 0.40: one document.
    Case {
        agent: "gemini",
        payload: |home| named(home, ".gemini/tmp/p/chats/session-2026-06-05T14-30-a1b2c3d4.json"),
        lay: gemini_document,
        ids: [ID, OTHER],
    },
    Case {
        agent: "qwen",
        payload: |home| named(home, &format!(".qwen/projects/-p/chats/{ID}.jsonl")),
        lay: qwen,
        ids: [ID, OTHER],
    },
    Case {
        agent: "copilot",
        payload: |_| json!({"hook_event_name": "SessionEnd", "session_id": ID, "cwd": CWD, "reason": "complete"}),
        lay: copilot,
        ids: [ID, OTHER],
    },
    Case {
        agent: "copilot",
        payload: |_| json!({"sessionId": ID, "timestamp": 1795871189567_u64, "cwd": CWD}),
        lay: copilot,
        ids: [ID, OTHER],
    },
    Case {
        agent: "cursor",
        payload: |_| json!({"conversation_id": ID, "hook_event_name": "stop", "transcript_path": null}),
        lay: cursor,
        ids: [ID, OTHER],
    },
    Case {
        agent: "opencode",
        payload: |_| of_plugin("opencode", "ses_one"),
        lay: |home, id, text| opencode(home, "opencode", id, text),
        ids: ["ses_one", "ses_two"],
    },
    Case {
        agent: "kilo-cli",
        payload: |_| of_plugin("kilo-cli", "ses_one_child"),
        lay: |home, id, text| opencode(home, "kilo", id, text),
        ids: ["ses_one", "ses_two"],
    },
    Case {
        agent: "pi",
        payload: |home| named(home, &format!(".pi/agent/sessions/--p--/2026-06-05T14-30-00-000Z_{ID}.jsonl")),
        lay: pi,
        ids: [ID, OTHER],
    },
    Case {
        agent: "cline",
        payload: |_| of_plugin("cline", "1795871743376_izt0g"),
        lay: cline,
        ids: ["1795871743376_izt0g", "1795871743377_other"],
    },
];

fn named(home: &Home, path: &str) -> Value {
    json!({"session_id": ID, "transcript_path": home.path(path), "cwd": CWD, "hook_event_name": "SessionEnd"})
}

fn of_plugin(agent: &str, id: &str) -> Value {
    json!({"agent": agent, "hook_event_name": "session.idle", "session_id": id})
}

fn lines_of(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

fn gemini(home: &Home, id: &str, text: &str) {
    let header =
        json!({"sessionId": id, "projectHash": "0", "startTime": "2026-06-05T14:30:00.000Z", "kind": "main"});
    let user = json!({"id": "m1", "timestamp": "2026-06-05T14:30:01.000Z", "type": "user", "content": [{"text": text}]});
    let path = format!(".gemini/tmp/p/chats/session-2026-06-05T14-30-{}.jsonl", &id[..8]);
    home.write(&path, lines_of(&[header, user]));
}

fn gemini_document(home: &Home, id: &str, text: &str) {
    let path = format!(".gemini/tmp/p/chats/session-2026-06-05T14-30-{}.json", &id[..8]);
    home.write(&path, document_of_gemini(id, text).to_string());
}

fn document_of_gemini(id: &str, text: &str) -> Value {
    json!({"sessionId": id, "projectHash": "0", "startTime": "2026-06-05T14:30:00.000Z", "lastUpdated": "2026-06-05T14:30:01.000Z",
        "messages": [{"id": "m1", "timestamp": "2026-06-05T14:30:01.000Z", "type": "user", "content": text}]})
}

fn qwen(home: &Home, id: &str, text: &str) {
    let user = json!({"uuid": "u1", "parentUuid": null, "sessionId": id, "timestamp": "2026-06-05T14:30:00.000Z", "type": "user",
        "cwd": CWD, "message": {"role": "user", "parts": [{"text": text}]}});
    home.write(&format!(".qwen/projects/-p/chats/{id}.jsonl"), lines_of(&[user]));
}

fn copilot(home: &Home, id: &str, text: &str) {
    let start = json!({"type": "session.start", "id": "e1", "timestamp": "2026-06-05T14:30:00.000Z", "data": {"sessionId": id}});
    let user = json!({"type": "user.message", "id": "e2", "timestamp": "2026-06-05T14:30:01.000Z", "data": {"content": text}});
    home.write(&format!(".copilot/session-state/{id}/events.jsonl"), lines_of(&[start, user]));
}

fn cursor(home: &Home, id: &str, text: &str) {
    let user = json!({"role": "user", "message": {"content": [{"type": "text", "text": text}]}});
    home.write(&format!(".cursor/projects/p/agent-transcripts/{id}/{id}.jsonl"), lines_of(&[user]));
}

/// Lays a session and one that is a part of it.
fn opencode(home: &Home, directory: &str, id: &str, text: &str) {
    let part = json!({"type": "text", "text": text}).to_string();
    let message = json!({"role": "user"}).to_string();
    let connection = database(
        home,
        &format!(".local/share/{directory}/{directory}.db"),
        "CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, title TEXT, time_created INTEGER,
             time_updated INTEGER);
         CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
         CREATE TABLE IF NOT EXISTS part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER,
             time_updated INTEGER, data TEXT);",
    );
    let child = format!("{id}_child");
    for (session, parent) in [(id, None), (child.as_str(), Some(id))] {
        let at = 1_780_308_000_000_i64;
        connection
            .execute(
                "INSERT INTO session VALUES (?1, ?2, ?3, 'sort it', ?4, ?4)",
                rusqlite::params![session, parent, CWD, at],
            )
            .unwrap();
        let message_id = format!("msg_{session}");
        connection
            .execute(
                "INSERT INTO message VALUES (?1, ?2, ?3, ?3, ?4)",
                rusqlite::params![message_id, session, at, message],
            )
            .unwrap();
        connection
            .execute(
                "INSERT INTO part VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
                rusqlite::params![format!("prt_{session}"), message_id, session, at, part],
            )
            .unwrap();
    }
}

fn pi(home: &Home, id: &str, text: &str) {
    let header = json!({"type": "session", "version": 3, "id": id, "cwd": CWD, "timestamp": "2026-06-05T14:30:00.000Z"});
    let user = json!({"type": "message", "id": "m1", "timestamp": "2026-06-05T14:30:01.000Z",
        "message": {"role": "user", "content": [{"type": "text", "text": text}]}});
    home.write(
        &format!(".pi/agent/sessions/--p--/2026-06-05T14-30-00-000Z_{id}.jsonl"),
        lines_of(&[header, user]),
    );
}

fn cline(home: &Home, id: &str, text: &str) {
    let directory = format!(".cline/data/sessions/{id}");
    let manifest =
        json!({"session_id": id, "cwd": CWD, "started_at": "2026-06-05T14:30:00.000Z", "model": "m"});
    home.write(&format!("{directory}/{id}.json"), manifest.to_string());
    let messages = json!([{"role": "user", "content": [{"type": "text", "text": text}]}, {"role": "assistant", "content": "done"}]);
    home.write(&format!("{directory}/{id}.messages.json"), json!({"messages": messages}).to_string());
}

#[test]
fn what_each_agent_hands_over_archives_its_session_masked_and_no_other() {
    for Case { agent, payload, lay, ids } in CASES {
        let (home, token) = (Home::new(), github_token(3));
        lay(&home, ids[0], &format!("first use {token} here"));
        lay(&home, ids[1], "of the other session");
        let payload = payload(&home).to_string();
        let seen = home.run_with_input(&["hook", "--dry-run"], payload.as_bytes()).exits(0);
        assert!(seen.stderr.contains("dry-run: ") && home.archives().is_empty(), "{agent}: {seen:?}");
        let run = home.run_with_input(&["hook", "--wait"], payload.as_bytes()).exits(0);
        assert_eq!(run.stdout, "", "{agent}");
        let listed: Vec<_> =
            home.listed(&[]).iter().map(|one| (one["agent"].clone(), one["session_id"].clone())).collect();
        assert_eq!(listed, [(agent.into(), ids[0].into())], "{payload}: {run:?}");
        let text: Vec<u8> = home.archives().iter().flat_map(|archive| home.text(archive)).collect();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("first use ghp_***MASKED*** here"), "{agent}: {text}");
        assert!(!text.contains(&token) && !text.contains("of the other session"), "{agent}: {text}");
        assert!(files_below(&home.store().join(".sessionkeep/pending")).is_empty(), "{agent}");
        // The same again has nothing left to do; a whole import has the other session.
        home.run_with_input(&["hook", "--wait"], payload.as_bytes()).exits(0);
        assert_eq!(home.listed(&[]).len(), 1, "{agent}");
        home.run(&["import"]).exits(0);
        assert_eq!(home.listed(&[]).len(), 2, "{agent}");
    }
}

#[test]
fn a_session_in_a_database_grows_with_each_hook() {
    let home = Home::new();
    opencode(&home, "opencode", "ses_one", "the first");
    let payload = of_plugin("opencode", "ses_one").to_string();
    home.run_with_input(&["hook", "--wait"], payload.as_bytes()).exits(0);
    let archives = home.archives();
    let connection = rusqlite::Connection::open(home.path(".local/share/opencode/opencode.db")).unwrap();
    connection
        .execute_batch(
            r#"INSERT INTO message VALUES ('msg_z', 'ses_one', 1780308100000, 1780308100000, '{"role":"user"}');
               INSERT INTO part VALUES ('prt_z', 'msg_z', 'ses_one', 1780308100000, 1780308100000, '{"type":"text","text":"the second"}');
               UPDATE session SET time_updated = 1780308100000 WHERE id = 'ses_one';"#,
        )
        .unwrap();
    home.run_with_input(&["hook", "--wait"], payload.as_bytes()).exits(0);
    assert_eq!(home.archives(), archives);
    let text: Vec<u8> = archives.iter().flat_map(|archive| home.text(archive)).collect();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("the first") && text.contains("the second"), "{text}");
}

#[test]
fn an_id_that_may_hide_a_secret_is_not_written_and_leads_to_its_session_all_the_same() {
    let home = Home::new();
    opencode(&home, "opencode", "ses_one", "hello");
    // A database that is not read is no reason to forget what was asked for.
    let path = home.path(".local/share/opencode/opencode.db");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, b"no database any more, but for a while").unwrap();
    home.run_with_input(&["hook", "--wait"], of_plugin("opencode", "ses_one").to_string().as_bytes())
        .exits(0);
    assert!(home.archives().is_empty());
    let markers = files_below(&home.store().join(".sessionkeep/pending"));
    let marker = fs::read_to_string(&markers[0]).unwrap();
    assert!(markers.len() == 1 && !marker.contains("ses_one") && marker.contains("opencode"), "{marker}");
    fs::write(&path, whole).unwrap();
    home.run_with_input(&["hook", "--wait"], b"{\"session_id\":\"of-another\"}").exits(0);
    assert_eq!(home.listed(&[])[0]["session_id"], "ses_one");
    assert!(!markers[0].exists());
}

#[test]
fn a_payload_leads_to_no_database_and_no_document_that_is_not_its_agents_own() {
    let home = Home::new();
    opencode(&home, "opencode", "ses_one", "hello");
    let document = document_of_gemini(ID, "hello").to_string();
    let elsewhere =
        home.write("elsewhere/.gemini/tmp/p/chats/session-2026-06-05T14-30-a1b2c3d4.json", &document);
    let up =
        home.path(".gemini/tmp/../../elsewhere/.gemini/tmp/p/chats/session-2026-06-05T14-30-a1b2c3d4.json");
    fs::create_dir_all(home.path(".gemini/tmp/p/chats")).unwrap();
    let link = home.path(".gemini/tmp/p/chats/session-2026-06-05T14-30-1a1b2c3d.json");
    std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
    let settings = home.write(".gemini/settings.json", "{}");
    for payload in [
        // Nobody says whose it is, or says that it is another's.
        json!({"session_id": "ses_one"}),
        of_plugin("kilo-cli", "ses_one"),
        of_plugin("opencode", "ses_none"),
        json!({"agent": "opencode", "session_id": "ses_none", "transcript_path": home.path(".local/share/opencode/opencode.db")}),
        json!({"session_id": OTHER, "transcript_path": elsewhere}),
        json!({"session_id": OTHER, "transcript_path": up}),
        json!({"session_id": OTHER, "transcript_path": link}),
        json!({"session_id": OTHER, "transcript_path": settings}),
    ] {
        let run = home.run_with_input(&["hook", "--wait"], payload.to_string().as_bytes()).exits(0);
        assert_eq!(run.stdout, "");
        assert!(home.archives().is_empty(), "{payload}: {run:?}");
    }
}
