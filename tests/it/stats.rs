//! `sessionkeep stats`: sums of what a store holds, and what is remembered of them.

use crate::home::*;
use serde_json::Value;
use std::fs;

/// The other session.
const OTHER_ID: &str = "b1b2c3d4-0000-4000-8000-000000000002";

/// A session with a prompt, an answer of two rows that cost what both tell, a call that failed, and what was injected.
fn conversation(id: &str, model: &str) -> String {
    let row = |uuid: &str, time: &str, rest: &str| {
        format!(
            "{{\"uuid\":\"{id}-{uuid}\",\"sessionId\":\"{id}\",\"cwd\":\"/w/app\",\"timestamp\":\"2026-06-05T14:{time}Z\",{rest}}}\n"
        )
    };
    let answer = |content: &str| {
        format!(
            "\"type\":\"assistant\",\"message\":{{\"role\":\"assistant\",\"id\":\"msg_1\",\"model\":\"{model}\",\
             \"usage\":{{\"input_tokens\":10,\"output_tokens\":20,\"cache_read_input_tokens\":300}},\"content\":[{content}]}}"
        )
    };
    let user =
        |content: &str| format!("\"type\":\"user\",\"message\":{{\"role\":\"user\",\"content\":{content}}}");
    let call = r#"{"type":"tool_use","id":"toolu_1","name":"Bash","input":{"command":"false"}}"#;
    let result =
        r#"[{"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":"Exit code 1"}]"#;
    [
        row("1", "30:00", &user("\"please\"")),
        row("2", "30:01", &user("\"<system-reminder>be brief</system-reminder>\"")),
        row("3", "30:02", &answer(r#"{"type":"text","text":"yes"}"#)),
        row("4", "30:03", &answer(call)),
        row("5", "31:00", &user(result)),
        row("5", "31:00", &user(result)),
    ]
    .concat()
}

fn archived() -> Home {
    let home = Home::new();
    home.write("from/one.jsonl", conversation(ID, "opus"));
    home.write("from/two.jsonl", conversation(OTHER_ID, "haiku"));
    home.run(&["import", "-q", "--from", "from"]).exits(0);
    home
}

fn stats(home: &Home, arguments: &[&str]) -> Value {
    let run = home.run(&[&["stats", "--json"], arguments].concat()).exits(0);
    serde_json::from_str(&run.stdout).unwrap()
}

#[track_caller]
fn assert_members(value: &Value, members: &[(&str, u64)]) {
    for (name, expected) in members {
        assert_eq!(value[name], *expected, "{name} of {value}");
    }
}

#[test]
fn what_was_said_called_and_paid_is_added_up_once() {
    let all = stats(&archived(), &[]);
    let members = [
        ("sessions", 2),
        ("messages", 10),
        ("prompts", 2),
        ("tool_calls", 2),
        ("tool_errors", 2),
        ("input_tokens", 20),
        ("output_tokens", 40),
        ("cache_read_tokens", 600),
        ("seconds", 120),
    ];
    assert_members(&all["total"], &members);
    assert_members(&all["by_agent"][0], &members);
    assert_eq!(all["by_agent"][0]["name"], "claude-code");
    assert_eq!(all["by_month"][0]["name"], "2026-06");
    assert_members(&all["by_tool"][0], &[("tool_calls", 2), ("tool_errors", 2)]);
    let models: Vec<&Value> = all["by_model"].as_array().unwrap().iter().map(|sum| &sum["name"]).collect();
    assert_eq!(models, ["haiku", "opus"]);
}

#[test]
fn only_the_sessions_that_are_asked_for_count() {
    let home = archived();
    assert_members(&stats(&home, &["--session", ID])["total"], &[("sessions", 1), ("messages", 5)]);
    assert_members(&stats(&home, &["--model", "haiku"])["total"], &[("sessions", 1)]);
    let run = home.run(&["stats", "--project", "nothing"]);
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert_eq!(Home::new().run(&["stats"]).code, 1);
}

#[test]
fn tables_say_what_was_asked_for_and_no_more_than_the_limit() {
    let home = archived();
    let run = home.run(&["stats", "--by", "model,tool", "--limit", "1"]).exits(0);
    assert!(
        run.stdout.starts_with("sessions    2 with 0 parts\nmessages    10, 2 typed by you\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("\nhaiku "), "{}", run.stdout);
    assert!(!run.stdout.contains("\nopus "), "{}", run.stdout);
    assert!(run.stdout.contains("... 1 more: --limit 0 shows all"), "{}", run.stdout);
    assert!(!run.stdout.contains("AGENT") && !run.stdout.contains('█'), "{}", run.stdout);
}

#[test]
fn what_is_remembered_is_never_older_than_the_archive() {
    let home = archived();
    let first = stats(&home, &[]);
    let cache = home.store().join(".sessionkeep/counts.jsonl");
    assert_eq!(fs::read_to_string(&cache).unwrap().lines().count(), 2);
    assert_eq!(stats(&home, &[]), first, "from what is remembered");
    let more = user(ID, 9, "more");
    home.write("from/one.jsonl", conversation(ID, "opus") + &more);
    home.run(&["import", "-q", "--from", "from"]).exits(0);
    assert_members(&stats(&home, &[])["total"], &[("sessions", 2), ("messages", 11), ("prompts", 3)]);
    // One that nobody asked for now is still remembered.
    let _ = stats(&home, &["--session", ID]);
    assert_eq!(fs::read_to_string(&cache).unwrap().lines().count(), 2);
}

#[test]
fn what_cannot_be_remembered_or_believed_is_counted_again() {
    let home = archived();
    let first = stats(&home, &[]);
    let cache = home.store().join(".sessionkeep/counts.jsonl");
    let text = fs::read_to_string(&cache).unwrap();
    let other = text.replace("\"reader\":", "\"reader\":9").replace("\"messages\":5", "\"messages\":77");
    for damaged in ["", "{", "\0\0\0", &text[..text.len() / 2], &other] {
        fs::write(&cache, damaged).unwrap();
        assert_eq!(stats(&home, &[]), first, "{damaged}");
    }
    fs::remove_file(&cache).unwrap();
    fs::create_dir(&cache).unwrap();
    assert_eq!(stats(&home, &[]), first);
}

#[test]
fn an_archive_that_is_damaged_is_counted_as_far_as_it_goes() {
    let home = archived();
    let path = home.listed(&["--session", ID])[0]["_archive_path"].as_str().unwrap().to_owned();
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 20]).unwrap();
    assert_members(&stats(&home, &[])["total"], &[("sessions", 2), ("messages", 5)]);
    fs::write(&path, "no archive").unwrap();
    let run = home.run(&["stats", "--json"]);
    assert!(run.code == 0 || run.code == 3, "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn what_is_remembered_is_written_through_no_link() {
    let home = archived();
    let other = home.write("other", "keep");
    let cache = home.store().join(".sessionkeep/counts.jsonl");
    std::os::unix::fs::symlink(&other, &cache).unwrap();
    let first = stats(&home, &[]);
    assert_eq!(fs::read_to_string(&other).unwrap(), "keep");
    assert!(fs::symlink_metadata(&cache).unwrap().is_file());
    assert_eq!(stats(&home, &[]), first);
}
