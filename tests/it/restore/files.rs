//! What becomes of files that are there, of those in the way, and of the agent's own directories.

use super::*;

#[test]
fn a_session_comes_back_masked_whole_and_private_and_says_how_to_go_on() {
    let (home, files) = archived();
    let archives = texts(&home);
    let before = fs::read_to_string(home.path(&files[0])).unwrap();
    forget(&home);
    let run = home.run(&["restore", &ID[..8]]).exits(0);
    assert_eq!(run.stdout, format!("cd /home/me/my-project && claude --resume {ID}\n"));
    assert!(run.stderr.contains("wrote 3 files"), "{}", run.stderr);
    assert_eq!(files_of(&home).len(), files.len());
    let mut written: Vec<Vec<u8>> = files.iter().map(|path| fs::read(home.path(path)).unwrap()).collect();
    written.sort();
    assert_eq!(written, archives);
    let after = fs::read_to_string(home.path(&files[0])).unwrap();
    assert!(!after.contains(&github_token(1)) && after.contains("MASKED"));
    assert_eq!(after.lines().count(), before.lines().count());
    for line in after.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    for path in &files {
        assert_eq!(mode(&home.path(path)), 0o600, "{path}");
        assert_eq!(mode(home.path(path).parent().unwrap()), 0o700, "{path}");
    }
    // An agent that deletes what is old would delete it at once.
    let age = fs::metadata(home.path(&files[0])).unwrap().modified().unwrap().elapsed().unwrap();
    assert!(age.as_secs() < 3600);
}

#[test]
fn a_session_that_came_back_is_the_same_one_and_grows() {
    let (home, files) = archived();
    forget(&home);
    home.run(&["restore", ID]).exits(0);
    let import = home.run(&["import"]).exits(0);
    assert_eq!(import.stdout, "", "{}", import.stderr);
    append(&home.path(&files[0]), &user(ID, 20, "and on it goes"));
    let import = home.run(&["import"]).exits(0);
    assert_eq!(import.stdout.lines().count(), 1, "{import:?}");
    assert_eq!(home.archives().len(), 3, "{:?}", home.archives());
    assert_eq!(home.listed(&[]).len(), 1);
    assert_eq!(home.text(NAME), fs::read(home.path(&files[0])).unwrap());
    assert!(String::from_utf8(home.text(NAME)).unwrap().contains("and on it goes"));
}

#[test]
fn what_is_there_already_is_left_alone_and_said_to_be() {
    let (home, files) = archived();
    // The originals, with their secrets.
    let before: Vec<Vec<u8>> = files.iter().map(|path| fs::read(home.path(path)).unwrap()).collect();
    let run = home.run(&["restore", ID]).exits(0);
    assert!(run.stderr.contains("already there") && run.stdout.contains("--resume"), "{run:?}");
    append(&home.path(&files[0]), &user(ID, 30, "grown since"));
    home.run(&["restore", ID]).exits(0);
    for (path, before) in files.iter().zip(&before) {
        assert!(fs::read(home.path(path)).unwrap().starts_with(before), "{path}");
    }
    // One part is gone: that alone comes back.
    fs::remove_file(home.path(&files[1])).unwrap();
    let run = home.run(&["restore", ID, "--json"]).exits(0);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report[0]["state"], "restored");
    assert_eq!(report[0]["written"].as_array().unwrap().len(), 1);
    assert_eq!(report[0]["already_there"].as_array().unwrap().len(), 2);
    // What came back, and was gone on with.
    forget(&home);
    home.run(&["restore", ID]).exits(0);
    append(&home.path(&files[0]), &user(ID, 31, "gone on with"));
    let run = home.run(&["restore", ID]).exits(0);
    assert!(run.stderr.contains("already there"), "{run:?}");
}

#[test]
fn another_file_is_never_written_over_and_nothing_else_is_written_then() {
    for (at, name) in ["the transcript", "a subagent", "a result"].iter().enumerate() {
        let (home, files) = archived();
        forget(&home);
        home.write(&files[at], "another\n");
        let run = home.run(&["restore", ID]).exits(2);
        assert!(run.stderr.contains(&files[at]) && run.stderr.contains("--as-new"), "{name}: {run:?}");
        assert_eq!(files_of(&home), [files[at].clone()], "{name}");
        assert_eq!(fs::read(home.path(&files[at])).unwrap(), b"another\n");
    }
}

#[test]
fn a_dry_run_names_the_files_and_writes_none() {
    let (home, files) = archived();
    forget(&home);
    let run = home.run(&["restore", ID, "--dry-run"]).exits(0);
    let mut named: Vec<&str> = run.stdout.lines().collect();
    named.sort_unstable();
    let mut expected: Vec<String> = files.iter().map(|path| home.path(path).display().to_string()).collect();
    expected.sort();
    assert_eq!(named, expected);
    assert_eq!(files_of(&home), Vec::<String>::new());
}

#[test]
fn below_another_directory_a_session_lies_as_in_the_agents_home() {
    let (home, files) = archived();
    let run = home.run(&["restore", ID, "--to", "back up"]).exits(0);
    let to = home.path("back up");
    let command =
        format!("cd /home/me/my-project && CLAUDE_CONFIG_DIR='{}' claude --resume {ID}\n", to.display());
    assert_eq!(run.stdout, command);
    for path in &files {
        assert!(to.join(path.strip_prefix(".claude/").unwrap()).is_file(), "{path}");
    }
    assert_eq!(mode(&to), 0o700);
}

#[test]
fn where_the_agents_home_is_now_counts() {
    let (home, files) = archived();
    forget(&home);
    let run = |store: &str| {
        let mut command = home.command(&["restore", ID, "--out", store]);
        command.env("CLAUDE_CONFIG_DIR", home.path("moved")).env("HOME", home.path("other"));
        Run::of(command.output().unwrap())
    };
    run(home.store().to_str().unwrap()).exits(0);
    for path in &files {
        assert!(home.path(&path.replace(".claude", "moved")).is_file(), "{path}");
    }
    // And a session that was archived from nowhere known goes where the agent would have put it.
    let away = Home::new();
    let source = away.write(&format!("backup/{ID}.jsonl"), lines(ID, 2).concat());
    away.run(&["archive", source.to_str().unwrap()]).exits(0);
    fs::remove_file(&source).unwrap();
    away.run(&["restore", ID]).exits(0);
    assert!(away.path(&files[0]).is_file(), "{:?}", files_of(&away));
}

#[test]
fn several_sessions_come_back_when_that_is_agreed_to() {
    let home = Home::new();
    let paths: Vec<_> =
        (0..3).map(|number| home.claude_session(&id(number), &lines(&id(number), 2))).collect();
    home.run(&["import"]).exits(0);
    forget(&home);
    let refused = home.run(&["restore", "--project", "my-project"]).exits(2);
    assert!(refused.stderr.contains("3 sessions would be put back") && refused.stderr.contains("--yes"));
    assert_eq!(files_of(&home), Vec::<String>::new());
    home.write(paths[1].strip_prefix(home.path("")).unwrap().to_str().unwrap(), "another\n");
    let run = home.run(&["restore", "--project", "my-project", "--yes"]).exits(3);
    assert_eq!(run.stdout.lines().count(), 2, "{run:?}");
    assert!(run.stderr.contains("2 of 3 sessions"), "{}", run.stderr);
    assert!(paths.iter().all(|path| path.is_file()));
    assert_eq!(fs::read(&paths[1]).unwrap(), b"another\n");
    home.run(&["restore"]).exits(2);
    home.run(&["restore", "--project", "nothing-like-it"]).exits(1);
    home.run(&["restore", "ffff"]).exits(1);
    home.run(&["restore", &format!("{}#1", id(0))]).exits(2);
}

#[test]
fn an_older_version_of_a_session_comes_back_when_it_is_asked_for() {
    let home = Home::new();
    let path = home.claude_session(ID, &lines(ID, 3));
    home.run(&["import"]).exits(0);
    let first = fs::read(&path).unwrap();
    home.claude_session(ID, &[user(ID, 0, "written anew"), user(ID, 1, "as another")]);
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 2);
    let second = fs::read(&path).unwrap();
    forget(&home);
    home.run(&["restore", ID, "--version", "3"]).exits(1);
    home.run(&["restore", ID, "--version", "1"]).exits(0);
    assert!(fs::read(&path).unwrap() == first);
    forget(&home);
    home.run(&["restore", ID]).exits(0);
    assert!(fs::read(&path).unwrap() == second);
}

#[test]
fn a_session_that_was_pruned_is_said_to_be() {
    let home = Home::new();
    home.claude_session(&id(0), &lines(&id(0), 2));
    home.claude_session(&id(1), &[user(&id(1), 50, "later")]);
    home.run(&["import"]).exits(0);
    forget(&home);
    home.run(&["prune", "--keep-last", "1", "--yes"]).exits(0);
    let run = home.run(&["restore", &id(0)[..8]]).exits(1);
    assert!(run.stderr.contains("was pruned on") && run.stderr.contains("list --pruned"), "{run:?}");
    home.run(&["restore", &id(1)]).exits(0);
}

#[test]
fn parts_whose_transcript_was_never_archived_come_back_alone() {
    let home = Home::new();
    let part = format!(".claude/projects/-elsewhere/{ID}/subagents/agent-a1b2c3d.jsonl");
    home.write(&part, user(ID, 1, "by a subagent"));
    home.run(&["import"]).exits(0);
    forget(&home);
    let run = home.run(&["restore", ID]).exits(0);
    assert_eq!(files_of(&home), [part]);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_session_whose_part_cannot_be_read_does_not_come_back_without_it_in_silence() {
    let (home, _) = archived();
    let archives = home.archives();
    let part = archives.iter().find(|archive| archive.contains("agent-a1b2c3d")).unwrap();
    let part = home.store().join(part);
    forget(&home);
    fs::write(&part, "no archive").unwrap();
    let run = home.run(&["restore", ID]).exits(4);
    assert!(run.stderr.contains("agent-a1b2c3d") && run.stderr.contains("sessionkeep repair"), "{run:?}");
    assert!(files_of(&home).is_empty());
    // It is set aside, and the rest comes back.
    home.run(&["repair"]);
    let run = home.run(&["restore", ID]).exits(0);
    assert!(run.stderr.contains("wrote 2 files"), "{run:?}");
}
