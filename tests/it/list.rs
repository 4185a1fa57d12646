//! `sessionkeep list`.

use crate::home::*;
use crate::store::{Session, write_as_0_4};
use serde_json::Value;

#[test]
fn an_empty_or_missing_store_is_said_so_and_no_failure() {
    let home = Home::new();
    for _ in 0..2 {
        let run = home.run(&["list"]);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""));
        assert_eq!(run.stderr, "[sessionkeep] no archived sessions found\n");
        assert_eq!(home.run(&["list", "--json"]).stdout, "[]\n");
        std::fs::create_dir_all(home.store()).unwrap();
    }
}

#[test]
fn sessions_come_newest_first_with_their_paths_whole() {
    let home = Home::new();
    let new = Session { title: Some("a title"), ..Session::default() }.write(&home.store());
    let old = write_as_0_4(&home.store(), "2025/01/2025-01-02_0304_old-project_old", b"one\ntwo\n");
    let run = home.run(&["list"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("2026-06-05T14:30:00+00:00  claude-code  project "), "{}", lines[0]);
    assert!(lines[0].contains("  1 line  0 masked  ") && lines[0].ends_with(new.to_str().unwrap()));
    assert!(lines[1].starts_with("2025-01-02T03:04:05 ") && lines[1].contains("  2 lines  "), "{}", lines[1]);
    assert!(lines[1].ends_with(old.to_str().unwrap()));
    assert_eq!(lines[0].find(new.to_str().unwrap()), lines[1].find(old.to_str().unwrap()), "aligned");
}

#[test]
fn json_is_the_sidecar_with_both_paths() {
    let home = Home::new();
    let path = write_as_0_4(&home.store(), "2025/01/old", b"one\n");
    Session::default().write(&home.store());
    let listed: Value = serde_json::from_str(&home.run(&["list", "--json"]).stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[0]["agent"], "claude-code");
    assert_eq!(listed[1]["_archive_path"], path.to_str().unwrap());
    assert!(listed[1]["_meta_path"].as_str().unwrap().ends_with("2025/01/old.meta.json"));
    assert_eq!(listed[1]["schema_version"], 1);
    assert_eq!(listed[1].as_object().unwrap().len(), 13);
}

#[test]
fn an_archive_without_sidecar_speaks_for_itself() {
    let home = Home::new();
    let path = Session::default().write_without_sidecar(&home.store());
    let run = home.run(&["list"]);
    assert!(run.stdout.contains("claude-code  project"), "{}", run.stdout);
    assert!(run.stdout.trim_end().ends_with(path.to_str().unwrap()));
}

#[test]
fn parts_are_counted_with_their_session() {
    let home = Home::new();
    let session = Session::default();
    session.write(&home.store());
    for part in ["one", "two"] {
        let stem = format!("{}.parts/{part}", session.stem);
        Session { stem: &stem, ..Session::default() }.write(&home.store());
    }
    let stdout = home.run(&["list"]).stdout;
    assert_eq!(stdout.lines().count(), 1);
    assert!(stdout.contains("  2 parts  "), "{stdout}");
}

#[test]
fn filters_limits_and_orders_choose_what_is_shown() {
    let home = Home::new();
    let day = |day: u32| format!("2026-06-{day:02}T12:00:00Z");
    for (index, (project, agent)) in
        [("one", "codex"), ("two", "codex"), ("three", "claude-code")].iter().enumerate()
    {
        Session {
            stem: &format!("2026/06/{project}"),
            project,
            agent,
            archived_at: &day(index as u32 + 1),
            blocks: &[&b"0123456789abcdefghijklmnopqrstuvwxyz"[..36 - 15 * index]],
            ..Session::default()
        }
        .write(&home.store());
    }
    let projects = |arguments: &[&str]| -> Vec<String> {
        let arguments = [&["list", "--json"], arguments].concat();
        let listed: Vec<Value> = serde_json::from_str(&home.run(&arguments).stdout).unwrap();
        listed.iter().map(|session| session["project_slug"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(projects(&[]), ["three", "two", "one"]);
    assert_eq!(projects(&["--limit", "1"]), ["three"]);
    assert_eq!(projects(&["--limit", "0"]), ["three", "two", "one"]);
    assert_eq!(projects(&["--project", "one,three"]), ["three", "one"]);
    assert_eq!(projects(&["--project", "one", "--project", "two"]), ["two", "one"]);
    assert_eq!(projects(&["--project", "tw"]), [""; 0]);
    assert_eq!(projects(&["--agent", "codex"]), ["two", "one"]);
    assert_eq!(projects(&["--since", "2026-06-02"]), ["three", "two"]);
    assert_eq!(projects(&["--since", "2026-06-02T12:00:01Z"]), ["three"]);
    assert_eq!(projects(&["--sort", "size"]), ["one", "two", "three"]);
}

#[test]
fn control_characters_of_titles_and_projects_stay_dead() {
    let home = Home::new();
    Session { project: "a\u{1b}[31m\u{202e}b", agent: "x\u{9b}y\n[forged]", ..Session::default() }
        .write(&home.store());
    for arguments in [&["list"][..], &["list", "--json"]] {
        let stdout = home.run(arguments).stdout;
        assert!(stdout.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}')), "{stdout}");
    }
    assert_eq!(home.run(&["list"]).stdout.lines().count(), 1);
    let listed: Value = serde_json::from_str(&home.run(&["list", "--json"]).stdout).unwrap();
    assert_eq!(listed[0]["project_slug"], "a\u{1b}[31m\u{202e}b");
}

#[test]
fn a_wrong_date_is_a_usage_error() {
    let run = Home::new().run(&["list", "--since", "yesterday"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.starts_with("sessionkeep: cannot read the date 'yesterday'\nhint: "),
        "{}",
        run.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    use std::io::Read;
    use std::process::Stdio;
    let home = Home::new();
    for index in 0..3000 {
        write_as_0_4(&home.store(), &format!("2025/01/{index:0>120}"), b"");
    }
    let mut command = home.command(&["list"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut byte = [0];
    child.stdout.take().unwrap().read_exact(&mut byte).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
