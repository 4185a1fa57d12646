//! `sessionkeep agents`.

use crate::home::*;
use serde_json::Value;

fn listed(home: &Home) -> Vec<Value> {
    let run = home.run(&["agents", "--json"]).exits(0);
    serde_json::from_str(&run.stdout).expect("is JSON")
}

fn of<'a>(listed: &'a [Value], agent: &str) -> &'a Value {
    listed.iter().find(|one| one["agent"] == agent).expect("is known")
}

#[test]
fn every_agent_is_listed_where_there_is_none() {
    let home = Home::new();
    let all = listed(&home);
    for agent in ["claude-code", "codex", "gemini", "qwen", "pi", "copilot", "droid", "kimi"] {
        let one = of(&all, agent);
        assert_eq!((&one["sessions"], &one["bytes"], &one["archived"]), (&0.into(), &0.into(), &0.into()));
        assert_eq!(one["last_archived_at"], Value::Null);
        let places = one["places"].as_array().unwrap();
        assert!(!places.is_empty() && places.iter().all(|place| place["exists"] == false), "{one}");
        assert!(places[0]["path"].as_str().unwrap().starts_with(home.path("").to_str().unwrap()));
    }
    let run = home.run(&["agents"]).exits(0);
    assert_eq!(run.stdout.lines().count(), all.len());
    assert!(run.stdout.lines().all(|line| line.contains("  not here  ")), "{}", run.stdout);
    assert!(!home.store().exists(), "nothing is made");
}

#[test]
fn sessions_bytes_and_what_is_archived_are_counted() {
    let home = Home::archived();
    let second = home.claude_session(&id(2), &lines(&id(2), 3));
    home.write(".codex/sessions/.keep", "");
    let all = listed(&home);
    let claude = of(&all, "claude-code");
    let bytes: u64 =
        files_below(&home.path(".claude/projects")).iter().map(|path| path.metadata().unwrap().len()).sum();
    assert_eq!(
        (&claude["sessions"], &claude["parts"], &claude["bytes"]),
        (&2.into(), &1.into(), &bytes.into())
    );
    assert_eq!((&claude["archived"], &claude["in_store"]), (&1.into(), &1.into()));
    assert_eq!(claude["cleanup_days"], 30);
    let last = home.listed(&[])[0]["archived_at"].as_str().unwrap()[..19].to_owned();
    assert!(claude["last_archived_at"].as_str().unwrap().starts_with(&last), "{claude}");
    let codex = of(&all, "codex");
    assert_eq!(
        (&codex["sessions"], &codex["archived"], &codex["cleanup_days"]),
        (&0.into(), &0.into(), &Value::Null)
    );
    assert_eq!(codex["places"][0]["exists"], true);
    // What is here comes first.
    assert_eq!((&all[0]["agent"], &all[1]["agent"]), (&"claude-code".into(), &"codex".into()));
    let run = home.run(&["agents"]).exits(0);
    let line = run.stdout.lines().next().unwrap();
    for text in
        ["2 sessions  1 part  ", "KiB  1 archived  last ", "  deletes after 30 days  ~/.claude/projects"]
    {
        assert!(line.contains(text), "{line}");
    }
    assert!(
        !run.stdout.contains('\x1b') && run.stderr.contains("sessionkeep agents --help"),
        "{}",
        run.stderr
    );
    assert_eq!(home.run(&["agents", "-q"]).exits(0).stderr, "");
    // A session that is gone from here stays in the store.
    std::fs::remove_file(second).unwrap();
    std::fs::remove_dir_all(home.path(".claude")).unwrap();
    let claude = listed(&home);
    let claude = of(&claude, "claude-code");
    assert_eq!(
        (&claude["sessions"], &claude["archived"], &claude["in_store"]),
        (&0.into(), &0.into(), &1.into())
    );
    assert!(home.run(&["agents"]).stdout.contains("  1 in the store  last "));
}

#[test]
fn what_is_archived_is_known_without_a_catalog_too() {
    let home = Home::archived();
    std::fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
    assert_eq!(of(&listed(&home), "claude-code")["archived"], 1);
}

#[cfg(target_os = "linux")]
#[test]
fn no_transcript_is_opened() {
    if !crate::needs::can_trace() {
        return;
    }
    let home = Home::archived();
    let output = home.traced(&["-e", "trace=open,openat"], &["agents"]).output().unwrap();
    let trace = String::from_utf8_lossy(&output.stderr);
    let is_transcript = |line: &&str| line.contains("projects") && line.contains(".jsonl");
    assert!(trace.contains("projects") && trace.lines().find(is_transcript).is_none(), "{trace}");
}

#[cfg(unix)]
#[test]
fn what_could_not_be_looked_into_is_said() {
    let home = Home::archived();
    std::os::unix::fs::symlink("/nowhere", home.path(".claude/projects/-home-me-my-project/x.jsonl"))
        .unwrap();
    let run = home.run(&["agents"]).exits(0);
    assert!(run.stderr.contains("1 path not followed or read: sessionkeep doctor -v"), "{}", run.stderr);
    assert_eq!(of(&listed(&home), "claude-code")["not_read"], 1);
}

#[test]
fn an_agent_is_found_by_its_id_and_by_its_label_in_any_case() {
    let home = Home::new();
    home.claude_session(&id(1), &lines(&id(1), 2));
    for name in ["claude-code", "Claude Code", "CLAUDE", "Claude-Code"] {
        let run = home.run(&["import", "--agent", name, "--dry-run"]).exits(0);
        assert!(run.stderr.contains("Claude Code"), "{name}: {run:?}");
    }
    home.run(&["import", "--agent", "claude-codes"]).exits(2);
}
