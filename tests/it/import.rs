//! `import`: what is archived, under which names, and that nothing is archived twice.

use crate::home::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

#[test]
fn a_session_is_masked_and_named_after_its_start_its_project_and_its_id() {
    let home = Home::new();
    let token = github_token(1);
    home.claude_session(ID, &[user(ID, 0, "hello"), user(ID, 1, &format!("push with {token}"))]);
    let run = home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), [NAME]);
    assert_eq!(run.stdout.trim(), home.store().join(NAME).to_str().unwrap());
    assert!(
        run.stderr.contains("[sessionkeep] Claude Code: archived 1, skipped 0 already-archived"),
        "{run:?}"
    );
    let text = String::from_utf8(home.text(NAME)).unwrap();
    assert!(!text.contains(&token) && text.contains("push with ghp_***MASKED***"), "{text}");
    let sidecar = home.sidecar(NAME);
    assert_eq!(sidecar["session_id"], ID);
    assert_eq!(sidecar["agent"], "claude-code");
    assert_eq!(sidecar["project_slug"], "my-project");
    assert_eq!(sidecar["cwd"], "/home/me/my-project");
    assert_eq!((&sidecar["line_count"], &sidecar["masked_lines"]), (&2.into(), &1.into()));
    assert_eq!(sidecar["masked_by_rule"]["github-classic"], 1);
    assert_eq!(sidecar["git_branch"], "main");
}

#[test]
fn a_second_import_does_nothing_and_opens_no_transcript() {
    let home = Home::new();
    home.claude_session(ID, &lines(ID, 3));
    home.run(&["import"]).exits(0);
    std::thread::sleep(Duration::from_millis(2100));
    home.run(&["import"]).exits(0);
    let before = files_below(&home.store());
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("archived 0, skipped 1 already-archived"), "{run:?}");
    assert_eq!(run.stdout, "");
    assert_eq!(files_below(&home.store()), before);
}

#[test]
fn everything_is_private_whatever_the_umask() {
    let home = Home::new();
    home.claude_session(ID, &lines(ID, 2));
    let program = env!("CARGO_BIN_EXE_sessionkeep");
    let mut shell = home.command_of(Path::new("/bin/sh"));
    let made = shell.args(["-c", "umask 000 && exec \"$0\" import", program]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    assert_eq!(home.archives().len(), 1);
    for entry in walkdir::WalkDir::new(home.path(".sessionkeep")).into_iter().flatten() {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        let wanted = if entry.file_type().is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{}", entry.path().display());
    }
}

#[test]
fn a_session_that_grew_replaces_its_archive() {
    let home = Home::new();
    let path = home.claude_session(ID, &lines(ID, 5));
    home.run(&["import"]).exits(0);
    fs::write(&path, lines(ID, 9).concat()).unwrap();
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("archived 1"), "{run:?}");
    assert_eq!(home.archives(), [NAME]);
    assert_eq!(home.text(NAME), lines(ID, 9).concat().into_bytes());
    assert_eq!(home.sidecar(NAME)["line_count"], 9);
}

#[test]
fn a_large_session_that_grew_is_the_same_as_one_archived_afresh() {
    let home = Home::new();
    let long: Vec<String> =
        (0..12_000).map(|line| user(ID, line % 1000, &format!("{line} ").repeat(60))).collect();
    let path = home.claude_session(ID, &long[..10_000]);
    home.run(&["import"]).exits(0);
    fs::write(&path, long.concat()).unwrap();
    set_age(&path, Duration::from_secs(3600));
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), [NAME]);
    assert_eq!(home.text(NAME), long.concat().into_bytes());
    let grown = home.sidecar(NAME);
    assert_eq!(grown["line_count"], 12_000);
    home.run(&["import", "--out", "afresh"]).exits(0);
    let afresh = gunzip(&home.path("afresh").join(NAME));
    assert_eq!(afresh, home.text(NAME));
}

#[test]
fn a_session_that_was_rewritten_keeps_its_old_archive_and_gets_a_second_version() {
    let home = Home::new();
    let path = home.claude_session(ID, &lines(ID, 5));
    home.run(&["import"]).exits(0);
    let mut rewritten = lines(ID, 5);
    rewritten[2] = user(ID, 2, "something else");
    fs::write(&path, rewritten.concat()).unwrap();
    home.run(&["import"]).exits(0);
    let second = NAME.replace(".jsonl.gz", ".v2.jsonl.gz");
    assert_eq!(home.archives(), [NAME.to_owned(), second.clone()]);
    assert_eq!(home.text(NAME), lines(ID, 5).concat().into_bytes());
    assert_eq!(home.text(&second), rewritten.concat().into_bytes());
    assert_eq!(home.sidecar(&second)["version"], 2);
}

#[test]
fn touching_moving_and_copying_a_session_archives_nothing_twice() {
    let home = Home::new();
    let path = home.claude_session(ID, &lines(ID, 5));
    home.run(&["import"]).exits(0);
    set_age(&path, Duration::from_secs(60));
    home.run(&["import"]).exits(0);
    let moved = home.path(&format!(".claude/projects/-elsewhere/{ID}.jsonl"));
    fs::create_dir_all(moved.parent().unwrap()).unwrap();
    fs::rename(&path, &moved).unwrap();
    home.run(&["import"]).exits(0);
    fs::create_dir_all(home.path("backup")).unwrap();
    fs::copy(&moved, home.path("backup/copy of it.jsonl")).unwrap();
    fs::copy(&moved, home.path("backup/b1b2c3d4-0000-4000-8000-000000000001.jsonl")).unwrap();
    let run = home.run(&["import", "--from", "backup"]).exits(0);
    assert!(run.stderr.contains("archived 0, skipped 2 already-archived"), "{run:?}");
    assert_eq!(home.archives(), [NAME]);
}

#[test]
fn two_copies_in_one_first_import_make_one_archive() {
    let home = Home::new();
    home.write("logs/one.jsonl", lines(ID, 4).concat());
    home.write("logs/two.jsonl", lines(ID, 4).concat());
    home.write("logs/plain-a.jsonl", "{\"note\":\"of no agent\"}\n");
    home.write("logs/plain-b.jsonl", "{\"note\":\"of no agent\"}\n");
    home.run(&["import", "--from", "logs"]).exits(0);
    assert_eq!(home.archives().len(), 2, "{:?}", home.archives());
    home.run(&["import", "--from", "logs"]).exits(0);
    assert_eq!(home.archives().len(), 2, "{:?}", home.archives());
}

#[test]
fn two_files_of_one_session_without_a_time_make_one_archive() {
    let home = Home::new();
    let torn = &user(ID, 0, "cut off before its time")[..150];
    for (directory, hours) in [("one", 1), ("two", 30), ("three", 50)] {
        let path = home.write(&format!(".claude/projects/-{directory}/{ID}.jsonl"), torn);
        set_age(&path, Duration::from_secs(hours * 3600));
        home.write(&format!(".claude/projects/-{directory}/b{}.jsonl", &ID[1..]), torn);
    }
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 1, "{:?}", home.archives());
}

#[test]
fn two_unrelated_files_of_the_same_name_are_two_sessions() {
    let home = Home::new();
    home.write("logs/a/notes.jsonl", "{\"note\":\"first\"}\n");
    home.write("logs/b/notes.jsonl", "{\"note\":\"second\"}\n");
    home.run(&["import", "--from", "logs"]).exits(0);
    let archives = home.archives();
    assert!(archives.len() == 2 && !archives.iter().any(|archive| archive.contains(".v2")), "{archives:?}");
    home.write("logs/b/notes.jsonl", "{\"note\":\"second\"}\n{\"note\":\"more\"}\n");
    home.run(&["import", "--from", "logs"]).exits(0);
    assert_eq!(home.archives(), archives);
}

#[test]
fn parts_of_a_session_lie_beside_it_and_share_what_it_teaches() {
    let home = Home::new();
    let secret = ["hunt", "er2-", "Gx8qLw93"].concat();
    home.claude_session(ID, &[user(ID, 0, "start"), user(ID, 1, &format!("DB_PASSWORD={secret}"))]);
    let parts = format!(".claude/projects/-home-me-my-project/{ID}");
    home.write(
        &format!("{parts}/subagents/agent-0123456789abcdef0.jsonl"),
        user(ID, 2, &format!("it is {secret} there")),
    );
    home.write(&format!("{parts}/tool-results/toolu_01.txt"), format!("connected with {secret}\n"));
    home.run(&["import"]).exits(0);
    let archives = home.archives();
    assert_eq!(archives.len(), 3, "{archives:?}");
    let folder = NAME.replace(".jsonl.gz", ".parts/");
    assert_eq!(archives.iter().filter(|archive| archive.starts_with(&folder)).count(), 2, "{archives:?}");
    for archive in &archives {
        let text = String::from_utf8(home.text(archive)).unwrap();
        assert!(!text.contains(&secret), "{archive}: {text}");
    }
    assert_eq!(home.sidecar(NAME)["parts"].as_array().unwrap().len(), 2);
}

#[test]
fn min_age_leaves_a_session_alone_that_is_still_written_to() {
    let home = Home::new();
    let path = home.claude_session(ID, &lines(ID, 2));
    set_age(&path, Duration::from_secs(10 * 60));
    // Its records are of long ago, and it is not to be archived for that.
    let run = home.run(&["import", "--min-age", "30", "--max-wait", "100000000"]).exits(0);
    assert!(run.stderr.contains("30 min"), "{run:?}");
    assert_eq!(home.archives().len(), 0);
    set_age(&path, Duration::from_secs(31 * 60));
    home.run(&["import", "--min-age", "30"]).exits(0);
    assert_eq!(home.archives(), [NAME]);
}

#[test]
fn a_dry_run_writes_nothing_and_counts_what_would_be_masked() {
    let home = Home::new();
    let path = home.claude_session(ID, &[user(ID, 0, "hello"), user(ID, 1, &github_token(2))]);
    let run = home.run(&["import", "--dry-run"]).exits(0);
    assert!(run.stderr.contains("would archive 1, skipped 0 already-archived"), "{run:?}");
    let run = home.run(&["archive", "--dry-run", path.to_str().unwrap()]).exits(0);
    let wanted =
        format!("[sessionkeep] dry-run: 2 lines, 1 with secrets -> {}", home.store().join(NAME).display());
    assert!(run.stderr.contains(&wanted), "{run:?}");
    assert!(!home.path(".sessionkeep").exists());
}

#[test]
fn a_tree_of_the_original_is_listed_and_its_sources_are_not_imported_again() {
    let home = Home::new();
    let path = home.claude_session(ID, &lines(ID, 2));
    let bytes = fs::metadata(&path).unwrap().len();
    let stem = "2026-06-05_1430_my-project_a1b2c3d4";
    let gz =
        home.write(&format!(".sessionkeep/sessions/2026/06/{stem}.jsonl.gz"), gzip(&lines(ID, 2).concat()));
    let meta = serde_json::json!({
        "session_id": ID, "archived_at": "2026-06-05T14:30:00", "source": path, "cwd": "", "project_slug": "my-project",
        "source_bytes": bytes, "archived_bytes": 1, "line_count": 2, "masked_lines": 0, "archive_path": gz,
        "schema_version": 1,
    });
    home.write(&format!(".sessionkeep/sessions/2026/06/{stem}.meta.json"), meta.to_string());
    fs::set_permissions(home.path(".sessionkeep/sessions"), fs::Permissions::from_mode(0o700)).unwrap();
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("archived 0, skipped 1 already-archived"), "{run:?}");
    assert_eq!(home.archives().len(), 1);
    assert!(home.run(&["list"]).exits(0).stdout.contains("my-project"));
}

#[test]
fn codex_rollouts_of_all_homes_are_found_and_a_compressed_one_is_the_same_session() {
    let home = Home::new();
    let thread = "019a0000-0000-7000-8000-00000000000a";
    let meta = serde_json::json!({"timestamp": "2026-05-01T10:00:00.000Z", "type": "session_meta",
        "payload": {"id": thread, "cwd": "/home/me/tool", "cli_version": "0.169.0", "timestamp": "2026-05-01T10:00:00.000Z"}});
    let text = format!(
        "{meta}\n{{\"timestamp\":\"2026-05-01T10:00:01.000Z\",\"type\":\"event_msg\",\"payload\":{{}}}}\n"
    );
    let plain =
        home.write(&format!("one/sessions/2026/05/01/rollout-2026-05-01T10-00-00-{thread}.jsonl"), &text);
    let other = thread.replace("0000000a", "0000000b");
    home.write(
        &format!("two/archived_sessions/rollout-2026-05-01T10-00-00-{other}.jsonl"),
        text.replace(thread, &other),
    );
    let homes = format!("{},{}", home.path("one").display(), home.path("two").display());
    let run = |arguments: &[&str]| {
        let output = home.command(arguments).env("CODEX_HOME", &homes).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(run(&["import", "--codex"]).contains("Codex: archived 2, skipped 0 already-archived"));
    let packed = zstd::encode_all(text.as_bytes(), 3).unwrap();
    fs::remove_file(&plain).unwrap();
    fs::write(plain.with_extension("jsonl.zst"), packed).unwrap();
    assert!(run(&["import", "--codex"]).contains("Codex: archived 0, skipped 2 already-archived"));
    assert_eq!(home.archives().len(), 2);
}

#[test]
fn a_lost_or_damaged_catalog_costs_nothing_but_time() {
    let home = Home::new();
    home.claude_session(ID, &lines(ID, 5));
    home.run(&["import"]).exits(0);
    let catalog = files_below(&home.store().join(".sessionkeep"))
        .into_iter()
        .find(|path| path.to_string_lossy().contains("catalog"))
        .unwrap();
    for damage in [b"".as_slice(), b"not a database at all, but long enough to look like one".as_slice()] {
        fs::write(&catalog, damage).unwrap();
        let run = home.run(&["import"]).exits(0);
        assert!(run.stderr.contains("archived 0, skipped 1 already-archived"), "{run:?}");
        assert_eq!(home.archives(), [NAME]);
    }
    fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), [NAME]);
}

#[test]
fn a_dry_run_knows_copies_as_the_import_does() {
    let home = Home::new();
    let long: Vec<String> = (0..9000).map(|line| user(ID, line % 60, &"word ".repeat(60))).collect();
    let other = "b1b2c3d4-0000-4000-8000-000000000001";
    for name in ["one", "two", "three"] {
        home.write(&format!("logs/{name}.jsonl"), lines(ID, 4).concat());
        home.write(&format!("logs/{name}-long.jsonl"), long.concat().replace(ID, other));
        home.write(&format!("logs/plain-{name}.jsonl"), "{\"note\":\"of no agent\"}\n");
        home.write(&format!("logs/plain-long-{name}.jsonl"), "{\"note\":\"of no agent\"}\n".repeat(60_000));
        // As long as the others, and begins alike.
        home.write(&format!("logs/alike-{name}.jsonl"), format!("{{\"note\":\"of no agent\"}}\n{name:>9}\n"));
    }
    let summary = |arguments: &[&str]| {
        let run = home.run(arguments).exits(0);
        run.stderr.lines().next().unwrap_or_default().replace("would archive", "archived")
    };
    let expected = summary(&["import", "--from", "logs", "--dry-run"]);
    assert!(expected.contains("archived 7, skipped 8"), "{expected}");
    assert_eq!(summary(&["import", "--from", "logs"]), expected);
}
