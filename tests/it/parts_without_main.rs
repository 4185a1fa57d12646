//! Sessions of which the agent wrote subagents, workflows and tool results, and no transcript, or wrote it late.

use crate::home::*;
use crate::kills::killed;
use crate::needs::*;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const SESSION: &str = "5e0c7a11-0000-4000-8000-000000000001";
const STEM: &str = "2026/06/2026-06-05_1431_my-project_5e0c7a11";

/// Writes a file of the session `id`.
fn write(home: &Home, id: &str, below: &str, text: impl AsRef<[u8]>) -> PathBuf {
    home.write(&format!(".claude/projects/-home-me-my-project/{id}/{below}"), text)
}

/// Returns a record of a subagent, so many seconds after 14:30.
fn record(id: &str, second: u32, cwd: &str, text: &str) -> String {
    let mut record: Value = serde_json::from_str(&user(id, second, text)).unwrap();
    record["isSidechain"] = true.into();
    record["agentId"] = "0123456789abcdef0".into();
    record["cwd"] = cwd.into();
    format!("{record}\n")
}

/// Writes what a workflow and its subagents leave, with a token in each; returns how many parts that is.
fn parts(home: &Home, id: &str) -> usize {
    let token = |number: u64| github_token(number);
    // Sent elsewhere, and begun before the other: neither is what the session is called after.
    let away = record(id, 70, "/home/me/trees/other", &format!("away {}", token(1)));
    let here = record(id, 75, "/home/me/my-project", &format!("here {}", token(2)));
    write(home, id, "subagents/agent-0123456789abcdef0.jsonl", away);
    write(home, id, "subagents/workflows/wf_x/agent-1123456789abcdef0.jsonl", here);
    let journal = format!("{{\"step\":1,\"env\":\"{}\"}}\n", token(3));
    write(home, id, "subagents/workflows/wf_x/journal.jsonl", journal);
    let run = format!(
        "{{\n  \"runId\": \"wf_x\",\n  \"script\": \"push {}\",\n  \"result\": \"needle\"\n}}",
        token(4)
    );
    write(home, id, "workflows/wf_x.json", run);
    write(home, id, "workflows/scripts/run-wf_x.mts", format!("const t = '{}'\nrunAllOfIt()", token(5)));
    let foreign = "{\"type\":\"user\",\"cwd\":\"/elsewhere\",\"timestamp\":\"2001-01-01T00:00:00Z\"}\n";
    write(home, id, "tool-results/toolu_1.txt", format!("{foreign}{}", token(6)));
    6
}

/// Returns whether a session is listed as one with a transcript: what is not said is as it should be.
fn has_main(session: &Value) -> bool {
    let has_main = session.get("has_main");
    assert!(has_main.is_none_or(|has_main| *has_main == false), "{session}");
    has_main.is_none()
}

/// Asserts that the store has one session, whole and in one directory, and returns what is listed of it.
#[track_caller]
fn one_session(home: &Home, archives: usize) -> Value {
    let found = home.archives();
    assert_eq!(found.len(), archives, "{found:?}");
    assert!(found.iter().all(|path| path.starts_with(STEM)), "{found:?}");
    home.run(&["verify"]).exits(0);
    let verified = home.run(&["verify", "--json"]).exits(0).stdout;
    let verified: Value = serde_json::from_str(&verified).unwrap();
    assert_eq!(verified["findings"], Value::Array(Vec::new()), "{verified}");
    let listed = home.listed(&[]);
    assert_eq!(listed.len(), 1, "{listed:?}");
    listed.into_iter().next().unwrap()
}

#[test]
fn parts_without_a_transcript_are_one_session_with_its_directory_and_times() {
    let home = Home::new();
    let count = parts(&home, SESSION);
    home.run(&["import"]).exits(0);
    let session = one_session(&home, count);
    assert_eq!(session["session_id"], SESSION);
    assert_eq!((&session["agent"], has_main(&session)), (&"claude-code".into(), false));
    assert_eq!(
        (&session["cwd"], &session["project_slug"]),
        (&"/home/me/my-project".into(), &"my-project".into())
    );
    assert_eq!(session["started_at"], "2026-06-05T14:31:10+00:00");
    assert_eq!(session["ended_at"], "2026-06-05T14:31:15+00:00");
    assert_eq!(session["masked_lines"], 6);
    let ids: Vec<&str> =
        session["parts"].as_array().unwrap().iter().map(|part| part["part_id"].as_str().unwrap()).collect();
    let expected = [
        "agent-0123456789abcdef0",
        "agent-1123456789abcdef0-58d210b7a6faef25",
        "script-run-wf_x-mts",
        "subagents-workflows-wf_x-journal",
        "tool-result-toolu_1",
        "workflow-wf_x",
    ];
    assert_eq!(ids, expected);
    for archive in home.archives() {
        let text = String::from_utf8(home.text(&archive)).unwrap();
        assert!(text.contains("ghp_***MASKED***"), "{archive}: {text}");
        assert!((1..=6).all(|number| !text.contains(&github_token(number))), "{archive}");
    }
    let script = String::from_utf8(home.text(&format!("{STEM}.parts/script-run-wf_x-mts.jsonl.gz"))).unwrap();
    assert!(script.ends_with("\nrunAllOfIt()"), "{script}");
    let table = home.run(&["list", "--project", "my-project"]).exits(0).stdout;
    assert!(table.contains("6 parts only") && table.contains(&format!("{STEM}.parts\n")), "{table}");
    let found = home.run(&["search", "--json", "--project", "my-project", "needle"]).exits(0).stdout;
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["session"], SESSION);
    assert_eq!(home.run(&["import", "-v"]).exits(0).stdout, "");
    assert_eq!(home.archives().len(), count);
}

#[test]
fn a_transcript_that_appears_later_joins_its_parts_though_its_own_start_is_another() {
    for is_catalog_lost in [false, true] {
        for are_sources_gone in [false, true] {
            let home = Home::new();
            let count = parts(&home, SESSION);
            home.run(&["import"]).exits(0);
            if is_catalog_lost {
                fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
            }
            if are_sources_gone {
                fs::remove_dir_all(home.path(&format!(".claude/projects/-home-me-my-project/{SESSION}")))
                    .unwrap();
            }
            home.claude_session(SESSION, &lines(SESSION, 3));
            home.run(&["import"]).exits(0);
            let session = one_session(&home, count + 1);
            assert_eq!((has_main(&session), &session["line_count"]), (true, &3.into()));
            assert_eq!(session["parts"].as_array().unwrap().len(), count);
            home.claude_session(SESSION, &lines(SESSION, 5));
            home.run(&["import"]).exits(0);
            let session = one_session(&home, count + 1);
            assert_eq!((&session["line_count"], &session["version"]), (&5.into(), &1.into()));
            assert_eq!(session["parts"].as_array().unwrap().len(), count);
        }
    }
}

#[test]
fn a_part_that_appears_later_lies_beside_the_others_whenever_it_began() {
    let home = Home::new();
    write(
        &home,
        SESSION,
        "subagents/agent-0123456789abcdef0.jsonl",
        record(SESSION, 70, "/home/me/my-project", "a"),
    );
    home.run(&["import"]).exits(0);
    write(
        &home,
        SESSION,
        "subagents/agent-2123456789abcdef0.jsonl",
        record(SESSION, 0, "/home/me/other", "b"),
    );
    write(&home, SESSION, "workflows/wf_x.json", "{}");
    home.run(&["import"]).exits(0);
    assert!(!has_main(&one_session(&home, 3)));
    fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    write(&home, SESSION, "workflows/scripts/x", "echo late");
    home.run(&["import"]).exits(0);
    one_session(&home, 4);
}

#[test]
fn an_empty_transcript_is_none_until_it_is_filled() {
    let home = Home::new();
    let count = parts(&home, SESSION);
    home.claude_session(SESSION, &[]);
    home.run(&["import"]).exits(0);
    assert!(!has_main(&one_session(&home, count)));
    home.claude_session(SESSION, &lines(SESSION, 2));
    home.run(&["import"]).exits(0);
    assert!(has_main(&one_session(&home, count + 1)));
}

#[test]
fn what_is_written_again_in_place_is_kept_as_it_was_and_as_it_is() {
    let home = Home::new();
    write(
        &home,
        SESSION,
        "subagents/agent-0123456789abcdef0.jsonl",
        record(SESSION, 70, "/home/me/my-project", "a"),
    );
    for text in
        ["{\n \"status\": \"running\"\n}", "{\n \"status\": \"done\"\n}", "{\n \"status\": \"done\"\n}"]
    {
        write(&home, SESSION, "workflows/wf_x.json", text);
        home.run(&["import"]).exits(0);
    }
    let session = one_session(&home, 3);
    let text = |version: &str| home.text(&format!("{STEM}.parts/workflow-wf_x{version}.jsonl.gz"));
    assert_eq!(text(""), b"{\n \"status\": \"running\"\n}");
    assert_eq!(text(".v2"), b"{\n \"status\": \"done\"\n}");
    let listed = session["parts"][1]["archive"].as_str().unwrap();
    assert!(listed.ends_with("/workflow-wf_x.v2.jsonl.gz"), "{listed}");
}

#[test]
fn sessions_that_would_be_called_alike_do_not_share_their_parts() {
    let home = Home::new();
    let ids = [1, 2, 3].map(|number| format!("aaaaaaaa-0000-4000-8000-{number:012}"));
    for id in &ids {
        write(&home, id, "subagents/agent-0123456789abcdef0.jsonl", record(id, 0, "/home/me/my-project", id));
    }
    home.claude_session(&ids[2], &lines(&ids[2], 1));
    home.run(&["import"]).exits(0);
    for id in &ids[..2] {
        home.claude_session(id, &lines(id, 1));
    }
    let listed = home.listed(&[]);
    let mut found: Vec<(&str, bool)> =
        listed.iter().map(|session| (session["session_id"].as_str().unwrap(), has_main(session))).collect();
    found.sort();
    assert_eq!(found, [(ids[0].as_str(), false), (&ids[1], false), (&ids[2], true)]);
    home.run(&["import"]).exits(0);
    for session in home.listed(&[]) {
        let parts = session["parts"].as_array().unwrap();
        assert_eq!((parts.len(), has_main(&session)), (1, true), "{session}");
        let part = home.store().join("2026/06").join(parts[0]["archive"].as_str().unwrap());
        assert!(String::from_utf8(gunzip(&part)).unwrap().contains(session["session_id"].as_str().unwrap()));
    }
    home.run(&["verify"]).exits(0);
}

#[test]
fn many_transcripts_at_once_join_their_parts() {
    let home = Home::new();
    for number in 0..150 {
        let id = id(number);
        let record = record(&id, number % 60, "/home/me/my-project", "part");
        write(&home, &id, "subagents/agent-0123456789abcdef0.jsonl", record);
    }
    home.run(&["import"]).exits(0);
    assert_eq!(home.listed(&[]).len(), 150);
    for number in 0..150 {
        home.claude_session(&id(number), &[user(&id(number), 600, "late")]);
    }
    home.run(&["import"]).exits(0);
    let listed = home.listed(&[]);
    assert_eq!(listed.len(), 150);
    for session in listed {
        let parts = session["parts"].as_array().unwrap().len();
        assert_eq!((parts, has_main(&session)), (1, true), "{session}");
    }
    home.run(&["verify"]).exits(0);
}

#[test]
fn a_session_of_which_nothing_tells_its_directory_is_called_after_its_project() {
    let home = Home::new();
    write(
        &home,
        SESSION,
        "tool-results/toolu_1.txt",
        "{\"cwd\":\"/elsewhere\",\"timestamp\":\"2001-01-01T00:00:00Z\"}",
    );
    home.run(&["import"]).exits(0);
    let session = &home.listed(&[])[0];
    assert_eq!((&session["project_slug"], &session["cwd"]), (&"home-me-my-project".into(), &"".into()));
    assert!(!session["archive_path"].as_str().unwrap().contains("/2001/"), "{session}");
}

#[test]
fn a_directory_that_the_user_names_gives_the_same_parts() {
    let home = Home::new();
    let count = parts(&home, SESSION);
    fs::rename(home.path(".claude"), home.path("backup")).unwrap();
    home.run(&["import", "--from", "backup"]).exits(0);
    one_session(&home, count);
}

#[test]
fn doctor_names_the_session_and_has_nothing_for_the_user_to_do() {
    let home = Home::new();
    parts(&home, SESSION);
    let point = |home: &Home| {
        let report: Value = serde_json::from_str(&home.run(&["doctor", "--json"]).stdout).unwrap();
        let points = report["points"].as_array().unwrap().clone();
        points.into_iter().find(|point| point["topic"] == "main-transcripts")
    };
    for state in ["not archived yet", ".parts"] {
        let point = point(&home).unwrap();
        let says = point["says"].as_str().unwrap();
        assert!(says.contains("main transcript missing of 1 session"), "{says}");
        for part in [SESSION, "Claude Code", "6 parts", "-home-me-my-project", state] {
            assert!(says.contains(part), "{part}: {says}");
        }
        assert_eq!((&point["is_ok"], &point["advice"]), (&true.into(), &Value::Null));
        assert!(point["note"].as_str().unwrap().contains("sessionkeep import"));
        home.run(&["import"]).exits(0);
    }
    let text = home.run(&["doctor"]).stdout;
    assert!(text.contains("note  main-transcripts: "), "{text}");
    let path = home.claude_session(SESSION, &[]);
    assert!(point(&home).is_some(), "an empty file is no transcript");
    fs::write(path, lines(SESSION, 2).concat()).unwrap();
    assert_eq!(point(&home), None);
    home.run(&["import"]).exits(0);
    fs::remove_dir_all(home.path(".claude")).unwrap();
    assert_eq!(point(&home), None, "it is archived");
}

#[test]
fn a_hook_for_a_transcript_that_is_not_there_takes_the_parts_and_waits_for_it() {
    let home = Home::new();
    let count = parts(&home, SESSION);
    let directory = home.path(&format!(".claude/projects/-home-me-my-project/{SESSION}"));
    let payload = serde_json::json!({
        "session_id": SESSION, "hook_event_name": "SubagentStop", "transcript_path": directory.with_extension("jsonl"),
        "agent_transcript_path": directory.join("subagents/agent-0123456789abcdef0.jsonl"),
    });
    let run = home.run_with_input(&["hook", "--wait"], payload.to_string().as_bytes()).exits(0);
    assert_eq!(run.stdout, "");
    one_session(&home, count);
    write(&home, SESSION, "workflows/wf_late.json", "{}");
    let payload = serde_json::json!({
        "session_id": SESSION, "hook_event_name": "SessionEnd", "transcript_path": directory.with_extension("jsonl"),
    });
    home.run_with_input(&["hook", "--wait"], payload.to_string().as_bytes()).exits(0);
    one_session(&home, count + 1);
    let markers = || files_below(&home.store().join(".sessionkeep/pending"));
    assert_eq!(markers().len(), 1, "it may be late");
    home.claude_session(SESSION, &lines(SESSION, 2));
    home.run(&["import", "--agent", "codex"]).exits(0);
    assert!(has_main(&one_session(&home, count + 2)));
    assert!(markers().is_empty(), "it has come");
}

#[test]
fn runs_that_are_killed_between_parts_and_transcript_leave_one_session() {
    if !can_trace() {
        return;
    }
    for (call, when) in [("linkat", 1), ("linkat", 3), ("linkat", 6), ("pwrite64", 9), ("renameat", 3)] {
        let home = Home::new();
        let count = parts(&home, SESSION);
        killed(&home, call, when);
        home.claude_session(SESSION, &lines(SESSION, 3));
        killed(&home, call, when);
        write(&home, SESSION, "workflows/wf_late.json", "{}");
        home.run(&["import"]).exits(0);
        let directories: std::collections::BTreeSet<String> = home
            .archives()
            .into_iter()
            .filter_map(|path| Some(path.split_once(".parts/")?.0.to_owned()))
            .collect();
        assert_eq!(home.archives().len(), count + 2, "{call} {when}");
        assert_eq!(directories.len(), 1, "{call} {when}: {directories:?}");
        let listed = home.listed(&[]);
        assert_eq!(listed.len(), 1, "{call} {when}: {listed:?}");
        assert_eq!(listed[0]["parts"].as_array().unwrap().len(), count + 1, "{call} {when}");
    }
}
