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
    assert_eq!(listed[1].as_object().unwrap().len(), 14);
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
    let projects = |arguments: &[&str]| projects(&home, arguments);
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

/// A store of three sessions: `late` was archived first and ended last, of `begun` it is known only when it began, and
/// `bare` says nothing of itself.
fn told() -> Home {
    let home = Home::new();
    Session {
        stem: "2026/06/late",
        session_id: "1111aaaa",
        project: "late",
        agent: "codex",
        archived_at: "2026-06-20T00:00:00Z",
        started_at: Some("2026-06-01T00:00:00Z"),
        ended_at: Some("2026-06-19T12:00:00Z"),
        title: Some("Fix the Flaky tests"),
        model: Some("gpt-5-codex"),
        branch: Some("main"),
        cwd: "/srv/code/late",
        ..Session::default()
    }
    .write(&home.store());
    Session {
        stem: "2026/06/begun",
        session_id: "2222bbbb",
        project: "begun",
        archived_at: "2026-06-30T00:00:00Z",
        started_at: Some("2026-06-10T00:00:00Z"),
        title: Some("a\ttab, a\nline and a \\"),
        model: Some("claude-opus-4-5"),
        branch: Some("feature/x"),
        cwd: "/srv/code-2/begun",
        ..Session::default()
    }
    .write(&home.store());
    Session { stem: "2026/06/bare", session_id: "3333cccc", project: "bare", cwd: "", ..Session::default() }
        .write(&home.store());
    home
}

fn projects(home: &Home, arguments: &[&str]) -> Vec<String> {
    let listed = home.listed(arguments);
    listed.iter().map(|session| session["project_slug"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn sessions_are_sorted_by_their_end_or_else_their_start_or_else_when_they_were_archived() {
    let home = told();
    for (sort, expected, first) in [
        (&[][..], ["late", "begun", "bare"], "2026-06-19T12:00:00Z"),
        (&["--sort", "ended"], ["late", "begun", "bare"], "2026-06-19T12:00:00Z"),
        (&["--sort", "started"], ["begun", "bare", "late"], "2026-06-10T00:00:00Z"),
        (&["--sort", "archived"], ["begun", "late", "bare"], "2026-06-30T00:00:00Z"),
    ] {
        assert_eq!(projects(&home, sort), expected, "{sort:?}");
        let table = home.run(&[&["list"], sort].concat()).stdout;
        assert!(table.starts_with(&format!("{first} ")), "{table}");
    }
}

#[test]
fn sessions_are_chosen_by_all_that_is_known_of_them() {
    let home = told();
    for (arguments, expected) in [
        (&["--model", "OPUS"][..], &["begun"][..]),
        (&["--model", "opus,gpt-5"], &["late", "begun"]),
        (&["--branch", "main"], &["late"]),
        (&["--branch", "feature"], &[]),
        (&["--branch", "feature/x"], &["begun"]),
        (&["--title", "flaky TESTS"], &["late"]),
        (&["--title", "tab", "--title", "flaky"], &["late", "begun"]),
        (&["--project", "/srv/code"], &["late"]),
        (&["--project", "/srv"], &["late", "begun"]),
        (&["--project", "/srv/cod"], &[]),
        (&["--project", "bare,/srv/code-2"], &["begun", "bare"]),
        (&["--project", "../../../../../../../../srv/code/../code-2"], &["begun"]),
        (&["--agent", "codex", "--project", "/"], &["late"]),
        (&["--since", "2026-06-10"], &["late", "begun"]),
        (&["--since", "2026-06-19T12:00:01Z"], &[]),
        (&["--until", "2026-06-10"], &["begun", "bare"]),
        (&["--until", "2026-06-09"], &["bare"]),
        (&["--until", "2026-06"], &["late", "begun", "bare"]),
        (&["--since", "2026-06-10", "--until", "2026-06-19T12:00:00Z"], &["late", "begun"]),
        (&["--since", "2026-06-10", "--until", "2026-06-19T11:59:59Z"], &["begun"]),
        (&["--model", "gpt", "--branch", "feature/x"], &[]),
    ] {
        assert_eq!(projects(&home, arguments), expected, "{arguments:?}");
        let search = home.run(&[&["search", "-l", "--events", "hello"], arguments].concat());
        assert_eq!(
            search.stdout.lines().count(),
            expected.len(),
            "{arguments:?}: search has the same filters"
        );
    }
    // Both are said from where one stands.
    Session {
        stem: "2026/06/own",
        project: "own",
        cwd: home.path("a/own").to_str().unwrap(),
        ..Session::default()
    }
    .write(&home.store());
    let here = home.path("").canonicalize().unwrap();
    Session {
        stem: "2026/06/real",
        project: "own",
        cwd: here.join("a/b").to_str().unwrap(),
        ..Session::default()
    }
    .write(&home.store());
    for written in ["~", "~/a", ".", "./a", "a/"] {
        assert!(projects(&home, &["--project", written]).contains(&"own".to_owned()), "{written}");
    }
    assert_eq!(projects(&home, &["--project", "~/b"]), [""; 0]);
}

#[test]
fn the_table_shows_agent_model_parts_and_title() {
    let home = told();
    Session { stem: "2026/06/late.parts/one", ..Session::default() }.write(&home.store());
    let table = home.run(&["list"]).stdout;
    let line = table.lines().next().unwrap();
    for text in ["  codex ", "  late ", "  1 part  ", "  gpt-5-codex  ", "  Fix the Flaky tests  "] {
        assert!(line.contains(text), "{text}: {line}");
    }
    assert!(line.ends_with("/2026/06/late.jsonl.gz"), "{line}");
}

#[test]
fn fields_with_tabs_between_them_are_told_apart_whatever_is_in_them() {
    let home = told();
    let run = home.run(&["list", "--tsv"]).exits(0);
    let rows: Vec<Vec<&str>> = run.stdout.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{}", run.stdout);
    let field = |row: usize, name: &str| rows[row][rows[0].iter().position(|field| *field == name).unwrap()];
    assert_eq!(
        (field(1, "session_id"), field(1, "agent"), field(1, "git_branch")),
        ("1111aaaa", "codex", "main")
    );
    assert_eq!((field(1, "model"), field(1, "ended_at")), ("gpt-5-codex", "2026-06-19T12:00:00Z"));
    assert_eq!((field(1, "line_count"), field(1, "parts"), field(1, "cwd")), ("1", "0", "/srv/code/late"));
    assert_eq!(field(2, "title"), "a\\ttab, a\\nline and a \\\\");
    assert_eq!((field(3, "title"), field(3, "model"), field(3, "ended_at")), ("", "", ""));
    assert!(field(3, "archive_path").ends_with("/2026/06/bare.jsonl.gz"));
    let none = home.run(&["list", "--tsv", "--agent", "none"]).exits(0);
    assert_eq!((none.stdout.lines().count(), none.stderr.as_str()), (1, ""), "the names of the fields alone");
    assert_eq!(home.run(&["list", "--tsv", "--json"]).code, 2);
}

#[test]
fn parts_of_a_session_are_listed_on_request() {
    let home = told();
    for (part, agent) in [("one", "codex"), ("two", "codex"), ("deep/three", "other")] {
        let stem = format!("2026/06/late.parts/{part}");
        Session { stem: &stem, session_id: "1111aaaa", agent, ..Session::default() }.write(&home.store());
    }
    // A second version of the session has the same parts.
    Session { stem: "2026/06/late.v2", session_id: "1111aaaa", ..Session::default() }.write(&home.store());
    let paths = |arguments: &[&str]| -> Vec<String> {
        let run = home.run(&[&["list", "--part-of"], arguments].concat()).exits(0);
        let names = run.stdout.lines().map(|line| line.rsplit("late.parts/").next().unwrap().to_owned());
        names.collect()
    };
    assert_eq!(paths(&["1111"]), ["one.jsonl.gz", "two.jsonl.gz", "deep/three.jsonl.gz"]);
    assert_eq!(paths(&["1111AAAA", "--agent", "codex", "--limit", "1"]), ["one.jsonl.gz"]);
    assert_eq!(paths(&["2222"]), [""; 0]);
    let json = home.listed(&["--part-of", "1111"]);
    assert!(json.len() == 3 && json.iter().all(|part| part["session_id"] == "1111aaaa"));
    assert_eq!(home.run(&["list", "--part-of", "2222"]).stderr, "[sessionkeep] no archived parts found\n");
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
