//! The commands that archive: archive, import, hook.

use super::*;
use std::fs;
use std::time::Duration;

#[test]
fn archive_prints_what_it_did_of_each_transcript() {
    let mut runs = Runs::in_home(Home::new());
    let session = session(&runs.home);
    fs::copy(session, runs.home.path("session.jsonl")).unwrap();
    runs.home.write("packed.jsonl", b"\xfd7zXZ\0\0\x04\xe6\xd6");
    runs.home.write("empty.jsonl", "");
    fs::create_dir(runs.home.path("directory.jsonl")).unwrap();
    runs.run(&["archive", "session.jsonl", "--dry-run"]);
    runs.run(&["archive", "session.jsonl", "--project", "other", "--out", "elsewhere"]);
    runs.run(&["archive", "session.jsonl"]);
    runs.run(&["archive", "session.jsonl"]);
    runs.run(&["archive", "session.jsonl", "-q"]);
    runs.when("what cannot be archived");
    for name in ["missing.jsonl", "packed.jsonl", "empty.jsonl", "directory.jsonl"] {
        runs.run(&["archive", name]);
    }
    runs.run(&["archive", "missing.jsonl", "session.jsonl"]);
    runs.when("a store that is none");
    runs.run(&["archive", "session.jsonl", "--out", "session.jsonl"]);
    runs.when("wrong usage");
    runs.run(&["archive"]).run(&["archive", "session.jsonl", "--level", "13"]);
    runs.run(&["archive", "session.jsonl", "--config", "none.json"]);
    runs.are("archive");
}

#[test]
fn import_prints_what_it_did_of_each_agent() {
    let mut runs = Runs::in_home(Home::new());
    runs.when("no agent and no store").run(&["import"]).run(&["import", "-v"]);
    session(&runs.home);
    let projects = ".claude/projects/-home-me-my-project";
    runs.home.write(&format!("{projects}/{ID}/subagents/agent-a1b2c3d.jsonl"), said(60, "from below"));
    runs.home.write(".claude/history.jsonl", "{\"display\":\"hello\",\"timestamp\":1577975400000}\n");
    runs.home.write(&format!("{projects}/notes.txt"), "no transcript\n");
    let thread = "019a0000-0000-7000-8000-00000000000a";
    let meta = serde_json::json!({"timestamp": "2020-01-02T10:00:00.000Z", "type": "session_meta",
        "payload": {"id": thread, "cwd": "/home/me/tool", "timestamp": "2020-01-02T10:00:00.000Z"}});
    let rollout = format!(".codex/sessions/2020/01/02/rollout-2020-01-02T10-00-00-{thread}.jsonl");
    runs.home.write(&rollout, format!("{meta}\n"));
    // One thread, so that all come in one order.
    runs.when("two agents").run(&["import", "--dry-run", "--threads", "1"]).run(&["import", "--codex"]);
    runs.run(&["import", "--threads", "1"]);
    runs.when("nothing is new").run(&["import"]).run(&["import", "-v"]).run(&["import", "-q"]);
    let more = runs.home.write(&format!("{projects}/{}.jsonl", id(2)), said(5, "active").replace(ID, &id(2)));
    set_age(&more, Duration::from_secs(60));
    let now = said(5, "new").replace(&format!("{DAY}T14:30:05.000Z"), &jiff::Timestamp::now().to_string());
    let new = runs.home.write(&format!("{projects}/{}.jsonl", id(5)), now.replace(ID, &id(5)));
    set_age(&new, Duration::from_secs(60));
    runs.when("sessions are being written").run(&["import", "--min-age", "30"]);
    fs::remove_file(new).unwrap();
    runs.home.write("logs/one.jsonl", said(6, "elsewhere").replace(ID, &id(3)));
    runs.home.write("logs/two.log", said(7, "elsewhere").replace(ID, &id(4)));
    runs.when("a directory").run(&["import", "--from", "logs"]);
    runs.run(&["import", "--from", "logs", "--pattern", "*.log", "--project", "chosen", "-v"]);
    runs.are("import");
}

#[test]
fn import_says_what_it_cannot_do() {
    let mut runs = Runs::in_home(Home::new());
    session(&runs.home);
    let projects = ".claude/projects/-home-me-my-project";
    runs.home.write(&format!("{projects}/{}.jsonl", id(2)), b"\xfd7zXZ\0\0\x04\xe6\xd6");
    std::os::unix::fs::symlink("nowhere", runs.home.path(&format!("{projects}/link.jsonl"))).unwrap();
    runs.when("files that cannot be read").run(&["import"]).run(&["import", "-q"]);
    runs.home.write("file", "no store\n");
    runs.when("a store that is none").run(&["import", "--out", "file"]);
    fs::create_dir_all(runs.home.path("shared")).unwrap();
    fs::set_permissions(runs.home.path("shared"), std::os::unix::fs::PermissionsExt::from_mode(0o777))
        .unwrap();
    runs.when("a store that others may write to").run(&["import", "--out", "shared"]);
    runs.when("wrong usage").run(&["import", "--agent", "nobody"]).run(&["import", "--from", "missing"]);
    runs.run(&["import", "--from", "file", "--all"]).run(&["import", "--min-age", "soon"]);
    runs.run(&["import", "--pattern", "*.log"]).run(&["import", "--from", ".", "--pattern", "["]);
    runs.home.write(".sessionkeep/config.json", "{\"mask_patterns\": [\"a(b\"]}");
    runs.when("a configuration that is none").run(&["import"]);
    runs.are("import-errors");
}

fn payload(home: &Home, event: &str) -> String {
    let path = home.path(&format!(".claude/projects/-home-me-my-project/{ID}.jsonl"));
    serde_json::json!({"session_id": ID, "transcript_path": path, "hook_event_name": event}).to_string()
}

#[test]
fn hook_prints_nothing_to_stdout_and_never_fails() {
    let mut runs = Runs::in_home(Home::new());
    session(&runs.home);
    let payload = payload(&runs.home, "SessionEnd");
    runs.when("as it would be").run_with_input(&["hook", "--dry-run"], payload.as_bytes());
    assert!(!runs.home.path(".sessionkeep").exists(), "a dry run writes nothing");
    runs.run_with_input(&["hook", "--dry-run", "--wait"], payload.as_bytes());
    runs.run_with_input(&["hook", "--dry-run"], b"not json");
    runs.run_with_input(&["hook", "--dry-run"], b"{\"session_id\":\"unknown\"}");
    assert!(!runs.home.path(".sessionkeep").exists(), "a dry run writes nothing");
    runs.when("as it is").run_with_input(&["hook", "--wait"], payload.as_bytes());
    runs.run_with_input(&["hook", "--wait"], payload.as_bytes());
    runs.run_with_input(&["hook", "--dry-run"], payload.as_bytes());
    runs.run_with_input(&["hook", "--wait"], b"not json").run_with_input(&["hook", "--wait"], b"");
    runs.when("wrong usage").run_with_input(&["hook", "--bogus"], payload.as_bytes());
    runs.home.write("file", "no store\n");
    runs.when("a store that is none")
        .run_with_input(&["hook", "--wait", "--out", "file"], payload.as_bytes());
    runs.home.write(".sessionkeep/config.json", "{");
    runs.when("a configuration that is none").run_with_input(&["hook", "--wait"], payload.as_bytes());
    runs.are("hook");
}
