//! Which files of a session are its parts, and that no two of them are taken for one.

use crate::home::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

const SESSION: &str = "5e0c7a11-0000-4000-8000-000000000002";
const STEM: &str = "2026/06/2026-06-05_1430_my-project_5e0c7a11";

/// Writes a file of the session.
fn write(home: &Home, below: &str, text: impl AsRef<[u8]>) -> PathBuf {
    home.write(&format!(".claude/projects/-home-me-my-project/{SESSION}/{below}"), text)
}

/// Returns the ids of the parts of the only session that there is.
#[track_caller]
fn part_ids(home: &Home) -> BTreeSet<String> {
    home.run(&["verify"]).exits(0);
    let listed = home.listed(&[]);
    assert_eq!(listed.len(), 1, "{listed:?}");
    let parts = listed[0]["parts"].as_array().unwrap();
    parts.iter().map(|part| part["part_id"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn import(home: &Home) -> usize {
    home.run(&["import"]).exits(0).stdout.lines().count()
}

#[test]
fn files_of_one_name_are_parts_of_their_own_whichever_is_found_first() {
    let files = [
        "tool-results/t.txt",
        "tool-results/sub/t.txt",
        "subagents/workflows/wf_1/agent-x.jsonl",
        "subagents/workflows/wf_9/agent-x.jsonl",
    ];
    // One begins with all of the other.
    let text = |below: &str| user(SESSION, 1, "same").repeat(if below.contains("sub/") { 2 } else { 1 });
    let mut known = BTreeSet::new();
    for order in [[0, 1, 2, 3], [3, 2, 1, 0]] {
        for at_once in [true, false] {
            let home = Home::new();
            home.claude_session(SESSION, &lines(SESSION, 2));
            for file in order.map(|index| files[index]) {
                write(&home, file, text(file));
                if !at_once {
                    import(&home);
                }
            }
            import(&home);
            let ids = part_ids(&home);
            assert_eq!(ids.len(), 4, "{ids:?}");
            assert!(ids.contains("tool-result-t"), "{ids:?}");
            assert_eq!(home.archives().len(), 5, "{:?}", home.archives());
            if known.is_empty() {
                known = ids.clone();
            }
            assert_eq!(ids, known);
            let table = home.run(&["list"]).exits(0).stdout;
            assert!(table.contains("4 parts"), "{table}");
        }
    }
}

#[test]
fn a_part_that_is_archived_under_the_id_of_its_name_alone_goes_on_under_it() {
    for is_catalog_lost in [false, true] {
        let home = Home::new();
        home.claude_session(SESSION, &lines(SESSION, 2));
        let plain = write(&home, "subagents/agent-x.jsonl", user(SESSION, 1, "first"));
        import(&home);
        // As it is in the archives of a program that gave it no other id.
        let moved = write(&home, "subagents/workflows/wf_1/agent-x.jsonl", user(SESSION, 1, "first"));
        fs::remove_file(plain).unwrap();
        assert_eq!(import(&home), 0);
        let lose = || {
            if is_catalog_lost {
                fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
            }
        };
        lose();
        let grown = [user(SESSION, 1, "first"), user(SESSION, 2, "second")].concat();
        fs::write(&moved, &grown).unwrap();
        // One that begins like it, and is another.
        write(
            &home,
            "subagents/workflows/wf_9/agent-x.jsonl",
            [grown.as_str(), &user(SESSION, 3, "other")].concat(),
        );
        assert_eq!(import(&home), 2);
        let ids = part_ids(&home);
        assert_eq!((ids.len(), ids.contains("agent-x")), (2, true), "{ids:?}");
        assert_eq!(home.text(&format!("{STEM}.parts/agent-x.jsonl.gz")), grown.as_bytes());
        lose();
        assert_eq!(import(&home), 0);
        assert_eq!(home.archives().len(), 3, "{:?}", home.archives());
    }
}

#[test]
fn journals_and_scripts_are_parts_wherever_they_lie_and_other_state_is_named() {
    let home = Home::new();
    home.claude_session(SESSION, &lines(SESSION, 2));
    write(&home, "journal.jsonl", "{\"step\":1}\n");
    write(&home, "workflows/x.py", "print(1)");
    write(&home, "workflows/wf_1/tools/x.lua", "print(2)");
    write(&home, "subagents/workflows/wf_1/script.js", "run()");
    write(&home, "subagents/workflows/wf_2/script.js", "run()");
    let left = [
        write(&home, "mcp-tasks/task.json", "{}"),
        write(&home, "state.json", "{}"),
        write(&home, "workflows/notes.md", "notes"),
        write(&home, "subagents/workflows/wf_1/.script.js.swp", "run()"),
    ];
    let run = home.run(&["import", "-v"]).exits(0);
    assert_eq!(home.archives().len(), 6, "{:?}", home.archives());
    let ids = part_ids(&home);
    assert_eq!((ids.len(), ids.contains("journal")), (5, true), "{ids:?}");
    assert_eq!(ids.iter().filter(|id| id.starts_with("script")).count(), 4, "{ids:?}");
    for path in left {
        assert!(run.stderr.contains(&format!("left alone: {}: ", path.display())), "{}", run.stderr);
    }
}

#[test]
fn a_transcript_with_nothing_on_it_takes_directory_and_times_from_its_parts() {
    for blank in ["\n", " \n\t\n", "{}\n"] {
        let home = Home::new();
        home.claude_session(SESSION, &[blank.to_owned()]);
        write(&home, "subagents/agent-x.jsonl", [user(SESSION, 5, "a"), user(SESSION, 9, "b")].concat());
        write(&home, "tool-results/t.txt", "text");
        import(&home);
        let session = &home.listed(&[])[0];
        assert_eq!((&session["cwd"], &session["has_main"]), (&"/home/me/my-project".into(), &Value::Null));
        assert_eq!(session["started_at"], "2026-06-05T14:30:05+00:00");
        assert_eq!(session["ended_at"], "2026-06-05T14:30:09+00:00");
        assert!(home.archives().contains(&format!("{STEM}.jsonl.gz")), "{:?}", home.archives());
        home.run(&["verify"]).exits(0);
        // It fills, and keeps its place.
        home.claude_session(SESSION, &[blank.to_owned(), user(SESSION, 1, "late")]);
        import(&home);
        assert_eq!(home.listed(&[])[0]["started_at"], "2026-06-05T14:30:01+00:00");
        assert!(home.archives().contains(&format!("{STEM}.jsonl.gz")), "{:?}", home.archives());
        assert_eq!(home.archives().len(), 3, "{:?}", home.archives());
    }
}

#[test]
fn a_session_began_when_its_first_row_says_however_long_that_is() {
    let state = format!("{{\"type\":\"mode\",\"mode\":\"x\",\"sessionId\":\"{SESSION}\"}}\n");
    let row = |second: u32, bytes: usize| {
        format!(
            "{{\"type\":\"user\",\"message\":{{\"content\":\"\\\"{}\\\\\"}},\"uuid\":\"{second}\",\
             \"timestamp\":\"2026-06-05T14:30:{second:02}.000Z\",\"cwd\":\"/home/me/my-project\",\
             \"sessionId\":\"{SESSION}\"}}\n",
            "word ".repeat(bytes / 5)
        )
    };
    for (before, bytes) in
        [("", 130_000), ("", 300_000), (&*state, 300_000), ("", 3_000_000), ("", 9_000_000)]
    {
        for (is_settled, last) in [(false, 10), (true, 300_000)] {
            let home = Home::new();
            let rows = [before.to_owned(), row(3, bytes), row(7, 200_000), row(40, last)];
            let path = home.claude_session(SESSION, &rows);
            if is_settled {
                set_age(&path, std::time::Duration::from_secs(3600));
            }
            let dry = home.run(&["archive", path.to_str().unwrap(), "--dry-run"]).exits(0);
            assert!(dry.stderr.contains(STEM), "{bytes}: {dry:?}");
            import(&home);
            let session = &home.listed(&[])[0];
            assert_eq!(session["started_at"], "2026-06-05T14:30:03+00:00", "{bytes}");
            assert_eq!(session["ended_at"], "2026-06-05T14:30:40+00:00", "{bytes}");
            assert_eq!(session["cwd"], "/home/me/my-project");
            assert_eq!(home.archives(), [format!("{STEM}.jsonl.gz")]);
        }
    }
}

#[test]
fn a_hook_that_names_a_session_by_its_id_finds_the_parts_that_are_all_of_it() {
    let home = Home::new();
    write(&home, "subagents/agent-x.jsonl", user(SESSION, 5, "a"));
    write(&home, "workflows/wf_1.json", "{}");
    let payload = format!("{{\"session_id\":\"{SESSION}\",\"hook_event_name\":\"SessionEnd\"}}");
    home.run_with_input(&["hook", "--wait"], payload.as_bytes()).exits(0);
    assert_eq!(part_ids(&home).len(), 2);
    home.claude_session(SESSION, &lines(SESSION, 2));
    home.run_with_input(&["hook", "--wait"], payload.as_bytes()).exits(0);
    assert_eq!((part_ids(&home).len(), home.archives().len()), (2, 3));
    assert!(files_below(&home.store().join(".sessionkeep/pending")).is_empty());
}
