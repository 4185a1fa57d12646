//! Transcripts whose names say nothing, and prompt histories.

use crate::home::*;
use std::fs;

fn day(number: u32) -> String {
    format!("2026-08-{:02}T09:00:00.000Z", number + 1)
}

#[test]
fn sessions_whose_files_are_all_called_alike_are_told_apart_by_their_directories() {
    let home = Home::new();
    for number in 0..3 {
        let audit = serde_json::json!({"type": "user", "uuid": "echo", "session_id": id(90 + number),
            "message": {"role": "user", "content": "the same"}, "_audit_timestamp": day(number)});
        home.write(&format!("data/org/local_{}/audit.jsonl", id(number)), format!("{audit}\n"));
        let message = serde_json::json!({"role": "user", "content": "the same", "timestamp": day(10)});
        // The first line the same, the second not.
        let messages = |end: u32| format!("{message}\n{{\"role\":\"assistant\",\"content\":\"{end}\"}}\n");
        home.write(&format!("data/ws{number}/{}/messages.jsonl", id(10 + number)), messages(number));
        let step = serde_json::json!({"source": "USER", "created_at": day(20), "content": "the same"});
        let logs = format!("data/brain/{}/.system_generated/logs", id(20 + number));
        home.write(&format!("{logs}/transcript.jsonl"), format!("{step}\n{{\"n\":{number}}}\n"));
        home.write(&format!("data/plain/task-{number}/messages.jsonl"), messages(10 + number));
        // Of one workspace, and named after nothing but their place in it.
        home.write(&format!("data/{}/step-{number}/messages.jsonl", id(80)), messages(20 + number));
    }
    home.run(&["import", "--from", "data"]).exits(0);
    let archives = home.archives();
    assert_eq!(archives.len(), 15, "{archives:?}");
    assert!(!archives.iter().any(|archive| archive.contains(".v2")), "{archives:?}");
    let ids: Vec<String> = archives
        .iter()
        .map(|archive| home.sidecar(archive)["session_id"].as_str().unwrap().to_owned())
        .collect();
    for number in 0..3 {
        for wanted in [
            id(90 + number),
            id(10 + number),
            id(20 + number),
            format!("task-{number}"),
            format!("step-{number}"),
        ] {
            assert!(ids.contains(&wanted), "{wanted} of {ids:?}");
        }
    }
    let audits = archives.iter().filter(|archive| archive.starts_with("2026/08/2026-08-01_0900"));
    assert_eq!(audits.count(), 1, "the time is that of the record: {archives:?}");
    let again = home.run(&["import", "--from", "data"]).exits(0);
    assert_eq!(again.stdout, "");
}

#[test]
fn what_lies_beside_a_transcript_of_a_common_name_is_its_part_and_no_version_of_it() {
    let home = Home::new();
    let chat = serde_json::json!({"role": "user", "content": "said", "timestamp": day(1)});
    home.write(&format!("grok/{}/chat_history.jsonl", id(1)), format!("{chat}\n"));
    home.write(&format!("grok/{}/updates.jsonl", id(1)), format!("{chat}\n{chat}\n"));
    home.run(&["import", "--from", "grok"]).exits(0);
    let archives = home.archives();
    assert_eq!(archives.len(), 2, "{archives:?}");
    assert!(archives.iter().any(|archive| archive.contains(".parts/updates")), "{archives:?}");
}

#[test]
fn a_log_that_nobody_knows_is_a_session_of_its_own() {
    let home = Home::new();
    for name in ["events", "journal", "log"] {
        home.write(&format!("logs/{}/{name}.jsonl", id(7)), format!("{{\"of\":\"{name}\"}}\n"));
    }
    home.run(&["import", "--from", "logs"]).exits(0);
    let archives = home.archives();
    assert!(
        archives.len() == 3 && !archives.iter().any(|archive| archive.contains(".parts/")),
        "{archives:?}"
    );
    assert_eq!(home.run(&["list"]).exits(0).stdout.lines().count(), 3);
}

#[test]
fn a_prompt_history_is_the_same_wherever_it_lies() {
    let home = Home::new();
    let line = format!(
        "{{\"display\":\"hi\",\"pastedContents\":{{}},\"timestamp\":1780000000000,\"project\":\"/p\",\"sessionId\":\"{}\"}}\n",
        id(1)
    );
    home.write(".claude/history.jsonl", &line);
    home.run(&["import"]).exits(0);
    home.write("backup/copy.jsonl", line.clone() + &line);
    home.run(&["import", "--from", "backup"]).exits(0);
    let archives = home.archives();
    assert_eq!(archives.len(), 1, "{archives:?}");
    assert_eq!(home.sidecar(&archives[0])["agent"], "claude-code");
    assert_eq!(home.text(&archives[0]), (line.clone() + &line).as_bytes());
}

#[cfg(unix)]
#[test]
fn pastes_that_cannot_be_looked_through_are_named() {
    let home = Home::new();
    home.write(".claude/paste-cache", "a file where a directory should be");
    let run = home.run(&["audit", "--all"]).exits(3);
    assert!(run.stderr.contains("paste-cache"), "{run:?}");
}

#[test]
fn prompt_histories_are_kept_and_grow() {
    let home = Home::new();
    let secret = github_token(9);
    let prompt = |number: u32, text: &str| {
        let prompt = serde_json::json!({"display": text, "pastedContents": {}, "timestamp": 1_780_000_000_000u64,
            "project": "/home/me/my-project", "sessionId": id(number)});
        format!("{prompt}\n")
    };
    let first = prompt(1, "fix the build") + &prompt(2, &format!("use {secret}"));
    home.write(".claude/history.jsonl", &first);
    home.write(
        ".codex/history.jsonl",
        format!("{{\"session_id\":\"{}\",\"ts\":1780000000,\"text\":\"hi\"}}\n", id(3)),
    );
    home.run(&["import"]).exits(0);
    let archives = home.archives();
    assert_eq!(archives.len(), 2, "{archives:?}");
    let claude = archives.iter().find(|archive| home.sidecar(archive)["agent"] == "claude-code").unwrap();
    assert_eq!(home.sidecar(claude)["session_id"], "history");
    assert!(!String::from_utf8(home.text(claude)).unwrap().contains(&secret));
    home.write(".claude/history.jsonl", first + &prompt(4, "and now the tests"));
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), archives, "grown, not doubled");
    assert!(String::from_utf8(home.text(claude)).unwrap().contains("and now the tests"));
}

#[test]
fn an_audit_of_everything_looks_into_histories_and_pastes() {
    let home = Home::new();
    let line = |number| format!("{{\"display\":\"{}\"}}\n", github_token(number));
    home.write(".claude/history.jsonl", line(1));
    home.write(".claude/paste-cache/0123456789abcdef.txt", github_token(2));
    home.write(".claude/file-history/s/1@v1", github_token(3));
    home.write(".codex/history.jsonl", line(4));
    fs::create_dir_all(home.path(".claude/projects")).unwrap();
    let run = home.run(&["audit", "--all", "--json"]);
    for name in [".claude/history.jsonl", "0123456789abcdef", "1@v1", ".codex/history.jsonl"] {
        assert!(run.stdout.contains(name), "{name}: {run:?}");
    }
}
