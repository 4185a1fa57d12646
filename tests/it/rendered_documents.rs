//! Sessions that agents keep in documents which they write anew at each turn: each is archived once, as a log of what was
//! seen.

use crate::home::*;
use crate::needs::can_trace;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

const UUID: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

/// Where Cline's newer programs keep the session that most tests have, and its archive.
const MESSAGES: &str = ".cline/data/sessions/s1/s1.messages.json";

/// Tasks of an extension in one of the editors.
fn task(extension: &str, name: &str) -> String {
    format!(".config/Code/User/globalStorage/{extension}/tasks/1767323045000/{name}")
}

/// Writes the messages of Cline's session, one for each text.
fn cline(home: &Home, texts: &[&str]) {
    let message =
        |(index, text): (usize, &&str)| json!({"id": format!("m{index}"), "role": "user", "content": text});
    let messages: Vec<Value> = texts.iter().enumerate().map(message).collect();
    home.write(MESSAGES, json!({"version": 1, "messages": messages}).to_string());
    let manifest = json!({"session_id": "s1", "cwd": "/w/app", "started_at": "2026-01-02T03:04:05Z"});
    home.write(".cline/data/sessions/s1/s1.json", manifest.to_string());
}

/// Writes a session of each agent; returns the agents.
pub fn one_of_each(home: &Home) -> BTreeSet<&'static str> {
    cline(home, &["fix it"]);
    home.write(
        ".cline/data/sessions/s1/agent-2.messages.json",
        r#"{"messages":[{"id":"m0","role":"user","content":"by a child"}]}"#,
    );
    let surroundings = "<environment_details>\n# Current Time\n1/2/2026, 3:04:05 AM (UTC, UTC+0:00)\n\n# Current \
         Working Directory (/w/app) Files\na.rs\n</environment_details>";
    let asked = json!([{"role": "user", "content": [{"type": "text", "text": "<task>\nfix it\n</task>"}, {"type": "text", "text": surroundings}]}]);
    let seen = r#"[{"ts":1767323045000,"type":"say","say":"text","text":"fix it"}]"#;
    for extension in ["rooveterinaryinc.roo-cline", "kilocode.kilo-code"] {
        home.write(&task(extension, "api_conversation_history.json"), asked.to_string());
        home.write(&task(extension, "ui_messages.json"), seen);
        home.write(
            &task(extension, "history_item.json"),
            r#"{"id":"1767323045000","ts":1767323046000,"task":"fix it","workspace":"/w/app"}"#,
        );
    }
    let chat = |id: &str| {
        json!({"sessionId": id, "projectHash": "0", "startTime": "2026-01-02T03:04:05.678Z", "messages": [
            {"id": "1", "timestamp": "2026-01-02T03:04:06Z", "type": "user", "content": "fix it"}]})
    };
    let name = "tmp/p/chats/session-2026-01-02T03-04-0a1b2c3d.json";
    home.write(&format!(".gemini/{name}"), serde_json::to_string_pretty(&chat(UUID)).unwrap());
    home.write(".gemini/tmp/p/.project_root", "/w/app\n");
    home.write(&format!(".qwen/{name}"), chat(UUID).to_string());
    let thread = json!({"v": 1, "created": 1767323045678_u64, "messages": [{"role": "user", "messageId": 0,
        "content": [{"type": "text", "text": "fix it"}]}], "env": {"initial": {"trees": [{"uri": "file:///w/app"}]}}});
    home.write(&format!(".local/share/amp/threads/T-{UUID}.json"), thread.to_string());
    home.write(
        ".openhands/conversations/c1/base_state.json",
        r#"{"id":"c1","workspace":{"working_dir":"/w/app"}}"#,
    );
    home.write(
        ".openhands/conversations/c1/events/event-00000-a.json",
        r#"{"id":"a","timestamp":"2026-01-02T03:04:05","source":"user","llm_message":{"content":[{"text":"fix it"}]}}"#,
    );
    home.write(
        &format!(".copilot/history-session-state/session_{UUID}_1767323045678.json"),
        r#"{"startTime":"2026-01-02T03:04:05Z","chatMessages":[{"role":"user","content":"fix it"}],"timeline":[]}"#,
    );
    let conversation = format!(".snowflake/cortex/conversations/{UUID}");
    home.write(
        &format!("{conversation}.json"),
        r#"{"working_directory":"/w/app","created_at":"2026-01-02T03:04:05Z","history":[{"role":"user","content":"fix it"}]}"#,
    );
    home.write(&format!("{conversation}.history.jsonl"), "{\"role\":\"user\",\"content\":\"fix it\"}\n");
    home.write(
        ".deepseek/sessions/d1.json",
        r#"{"metadata":{"created_at":"2026-01-02T03:04:05Z","workspace":"/w/app"},"messages":[{"role":"user","content":"fix it"}]}"#,
    );
    home.write(
        "app/.aider.chat.history.md",
        "# aider chat started at 2026-01-02 03:04:05\n\n#### fix it\n\nDone.\n",
    );
    home.write(
        ".config/Code/User/workspaceStorage/a1/chatSessions/v1.json",
        r#"{"creationDate":1767323045678,"requests":[{"message":{"text":"fix it"},"timestamp":1767323045678}]}"#,
    );
    home.write(".config/Code/User/workspaceStorage/a1/workspace.json", r#"{"folder":"file:///w/app"}"#);
    let agents = "cline roo kilo-code gemini qwen amp openhands copilot cortex deepseek-tui vscode aider";
    agents.split(' ').collect()
}

pub fn import(home: &Home) -> Run {
    let chat = home.path("app/.aider.chat.history.md");
    let mut command = home.command(&["import"]);
    Run::of(command.env("AIDER_CHAT_HISTORY_FILE", chat).output().unwrap()).exits(0)
}

/// Returns the text of the only archive in the store, line by line.
#[track_caller]
fn lines(home: &Home) -> Vec<String> {
    let archives = home.archives();
    assert_eq!(archives.len(), 1, "{archives:?}");
    String::from_utf8(home.text(&archives[0])).unwrap().lines().map(str::to_owned).collect()
}

/// Lets as much time pass since the last import that what it saw proves that nothing changed.
fn settle(home: &Home) {
    let catalog = rusqlite::Connection::open(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    let made = "SELECT count(*) FROM sqlite_master WHERE name = ?1";
    for table in ["source", "holders"] {
        let count: i64 = catalog.query_row(made, [table], |row| row.get(0)).unwrap();
        if count > 0 {
            let later = format!("UPDATE {table} SET observed_at_ns = observed_at_ns + 3000000000");
            catalog.execute(&later, []).unwrap();
        }
    }
}

#[test]
fn a_session_of_each_agent_is_archived_once_under_its_project_and_title() {
    let home = Home::new();
    let agents = one_of_each(&home);
    let run = import(&home);
    let is_part = |name: &String| name.contains(".parts/");
    let archived = home.archives().iter().filter(|name| !is_part(name)).count();
    assert_eq!(archived, agents.len(), "{run:?}");
    for name in home.archives() {
        let sidecar = home.sidecar(&name);
        let agent = sidecar["agent"].as_str().unwrap();
        assert!(agents.contains(agent), "{sidecar}");
        if is_part(&name) {
            continue;
        }
        assert_eq!(sidecar["title"], "fix it", "{sidecar}");
        assert!(name.starts_with("2026/01/2026-01-02_0304_"), "{name}");
        match agent {
            // They do not say where it was.
            "copilot" | "qwen" => assert_eq!(sidecar["cwd"], "", "{sidecar}"),
            "aider" => assert_eq!(sidecar["cwd"], home.path("app").to_str().unwrap()),
            _ => assert_eq!(sidecar["cwd"], "/w/app", "{sidecar}"),
        }
    }
    let run = import(&home);
    assert!(!run.stderr.contains("archived 1") && run.stderr.contains("archived 0"), "{run:?}");
    home.run(&["verify", "--deep"]).exits(0);
}

#[test]
fn the_same_sessions_are_found_wherever_the_trees_lie() {
    let home = Home::new();
    let agents = one_of_each(&home);
    let elsewhere = Home::new();
    let run = elsewhere.run(&["import", "--from", home.path("").to_str().unwrap()]).exits(0);
    let found: BTreeSet<String> = elsewhere
        .archives()
        .iter()
        .map(|name| elsewhere.sidecar(name)["agent"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found, agents.iter().map(|agent| agent.to_string()).collect(), "{run:?}");
}

#[test]
fn documents_that_did_not_change_are_not_opened() {
    if !can_trace() {
        return;
    }
    let home = Home::new();
    one_of_each(&home);
    import(&home);
    settle(&home);
    let log = home.path("trace");
    let mut command = home.traced(&["-e", "trace=openat,open", "-o", log.to_str().unwrap()], &["import"]);
    let chat = home.path("app/.aider.chat.history.md");
    let run = Run::of(command.env("AIDER_CHAT_HISTORY_FILE", chat).output().unwrap());
    assert!(run.stderr.contains("archived 0"), "{run:?}");
    let opened = fs::read_to_string(&log).unwrap();
    assert!(opened.contains("catalog.sqlite"), "nothing was traced");
    let is_document = |line: &&str| {
        [".json\"", ".jsonl\"", ".md\"", ".project_root\""].iter().any(|ending| line.contains(ending))
            && !line.contains(".sessionkeep/")
            && !line.contains("ENOENT")
    };
    assert_eq!(opened.lines().filter(is_document).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_turn_adds_what_is_new_and_what_was_archived_stays_as_it_was() {
    let home = Home::new();
    cline(&home, &["first", "second"]);
    import(&home);
    let before = lines(&home);
    assert_eq!(before.len(), 4, "{before:?}");
    cline(&home, &["first", "second, said otherwise", "third"]);
    import(&home);
    let after = lines(&home);
    assert_eq!(after[..4], before[..]);
    assert_eq!(after.len(), 6, "{after:?}");
    assert!(after[4].contains("said otherwise") && after[5].contains("third"), "{after:?}");
    home.run(&["verify", "--deep"]).exits(0);
}

#[test]
fn what_is_rolled_back_is_named_and_kept() {
    let home = Home::new();
    cline(&home, &["first", "second", "third"]);
    import(&home);
    cline(&home, &["first"]);
    import(&home);
    let text = lines(&home);
    assert!(text.iter().any(|line| line.contains("\"third\"")), "{text:?}");
    let gone: Value = serde_json::from_str(text.last().unwrap()).unwrap();
    assert_eq!((&gone["sessionkeep"], gone["ids"].as_array().unwrap().len()), (&json!("gone"), 2));
}

#[test]
fn a_document_that_is_being_written_is_kept_as_it_is_and_then_as_a_whole() {
    let home = Home::new();
    let token = github_token(3);
    home.write(
        MESSAGES,
        format!(
            "{{\"messages\": [{{\"id\": \"m0\", \"content\": \"caf\u{e9} {token}\"}}, {{\"id\": \"\u{e9}"
        )
        .trim_end_matches('\u{e9}')
        .as_bytes(),
    );
    let torn = home.path(MESSAGES);
    // In the middle of a character.
    append_bytes(&torn, b"\xc3");
    set_age(&torn, Duration::from_secs(7200));
    import(&home);
    let before = lines(&home);
    assert!(before.len() == 1 && before[0].contains("caf") && !before[0].contains(&token), "{before:?}");
    assert!(before[0].contains("***MASKED***"), "{before:?}");
    cline(&home, &["first"]);
    import(&home);
    let after = lines(&home);
    assert_eq!(after[..1], before[..]);
    assert!(after.iter().any(|line| line.contains("\"first\"")), "{after:?}");
    let run = import(&home);
    assert!(run.stderr.contains("archived 0"), "{run:?}");
}

fn append_bytes(path: &std::path::Path, bytes: &[u8]) {
    use std::io::Write;
    fs::File::options().append(true).open(path).unwrap().write_all(bytes).unwrap();
}

#[test]
fn what_one_document_of_a_session_teaches_is_masked_in_the_others() {
    let home = Home::new();
    let secret = github_token(7).replace("ghp_", "zq");
    let extension = "rooveterinaryinc.roo-cline";
    home.write(
        &task(extension, "api_conversation_history.json"),
        json!([{"role": "user", "content": format!("it is {secret} and more")}]).to_string(),
    );
    home.write(
        &task(extension, "ui_messages.json"),
        json!([{"ts": 1767323045000_u64, "type": "say", "say": "text", "text": format!("API_TOKEN={secret}")}]).to_string(),
    );
    import(&home);
    assert_eq!(home.archives().len(), 2);
    for name in home.archives() {
        let text = String::from_utf8(home.text(&name)).unwrap();
        assert!(!text.contains(&secret) && text.contains("MASKED"), "{name}: {text}");
    }
}

#[test]
fn a_task_of_which_only_what_the_user_saw_is_left_is_kept_and_goes_on_when_there_is_more() {
    let home = Home::new();
    let extension = "saoudrizwan.claude-dev";
    home.write(
        &task(extension, "ui_messages.json"),
        r#"[{"ts":1767323045000,"type":"say","say":"text","text":"fix it"}]"#,
    );
    import(&home);
    assert_eq!(home.archives().len(), 1);
    home.write(&task(extension, "api_conversation_history.json"), r#"[{"role":"user","content":"fix it"}]"#);
    import(&home);
    let archives = home.archives();
    assert_eq!(archives.len(), 2, "{archives:?}");
    let ids: BTreeSet<String> =
        archives.iter().map(|name| home.sidecar(name)["session_id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let run = import(&home);
    assert!(run.stderr.contains("archived 0"), "{run:?}");
}

#[test]
fn a_chat_that_became_a_log_when_it_was_resumed_is_the_same_session() {
    let home = Home::new();
    let path = ".gemini/tmp/p/chats/session-2026-01-02T03-04-0a1b2c3d.json";
    let header = json!({"sessionId": UUID, "projectHash": "0", "startTime": "2026-01-02T03:04:05.678Z"});
    let message =
        json!({"id": "1", "timestamp": "2026-01-02T03:04:06Z", "type": "user", "content": "fix it"});
    let mut document = header.clone();
    document["messages"] = json!([message]);
    let document = home.write(path, document.to_string());
    import(&home);
    settle(&home);
    home.write(&format!("{path}l"), format!("{header}\n{message}\n{{\"$rewindTo\":\"1\"}}\n"));
    import(&home);
    // A document of which nobody needs to be asked again whose it is keeps its session when that is looked at.
    let ids = || -> BTreeSet<String> {
        let of = |name: &String| home.sidecar(name)["session_id"].as_str().unwrap().to_owned();
        home.archives().iter().map(of).collect()
    };
    assert_eq!(ids(), BTreeSet::from([UUID.to_owned()]));
    let count = home.archives().len();
    fs::remove_file(document).unwrap();
    import(&home);
    assert_eq!((ids().len(), home.archives().len()), (1, count));
    assert!(home.archives().iter().any(|name| home.text(name).ends_with(b"{\"$rewindTo\":\"1\"}\n")));
}
