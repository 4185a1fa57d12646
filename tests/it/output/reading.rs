//! The commands that read the store, and the filter: list, search, audit, mask.

use super::*;
use std::fs;

/// Breaks the archive's text.
fn damage(home: &Home) {
    let path = home.store().join(ARCHIVE);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
}

#[test]
fn list_prints_a_line_for_each_session() {
    let mut runs = Runs::in_home(Home::new());
    runs.when("no store").run(&["list"]).run(&["list", "--json"]).run(&["list", "--out", "nowhere"]);
    runs.home = archived();
    let other = runs.home.write(
        ".claude/projects/-home-me-other/b0000000-0000-4000-8000-000000000002.jsonl",
        said(7, "another").replace(ID, "b0000000-0000-4000-8000-000000000002").replace("my-project", "other"),
    );
    runs.home.run(&["import"]).exits(0);
    fs::remove_file(other).unwrap();
    runs.when("two sessions")
        .run(&["list", "--sort", "started"])
        .run(&["list", "--json", "--sort", "started"]);
    runs.run(&["list", "--project", "other"])
        .run(&["list", "--agent", "codex"])
        .run(&["list", "--limit", "1", "--sort", "started"]);
    runs.run(&["list", "--session", "a1b2"]).run(&["list", "--since", "7d", "--project", "none"]);
    runs.run(&["list", "--color", "always", "--session", "a1b2"]);
    damage(&runs.home);
    runs.when("a damaged archive").run(&["list", "--session", "a1b2"]);
    runs.home.write("file", "no store\n");
    runs.when("a store that is none").run(&["list", "--out", "file"]);
    runs.when("wrong usage").run(&["list", "--since", "yesterday"]).run(&["list", "--sort", "name"]);
    runs.run(&["list", "extra"]);
    runs.are("list");
}

#[test]
fn search_prints_each_message_that_matches() {
    let mut runs = Runs::in_home(Home::new());
    runs.when("no store")
        .run(&["search", "x"])
        .run(&["search", "x", "--json"])
        .run(&["search", "x", "--out", "nowhere"]);
    runs.home = archived();
    runs.when("a store").run(&["search", "TypeError"]).run(&["search", "typeerror", "-w", "--max", "1"]);
    runs.run(&["search", "TypeError", "--json"]).run(&["search", "-l", "TypeError"]);
    runs.run(&["search", "-c", "TypeError"]).run(&["search", "push", "-C", "1"]);
    runs.run(&["search", "push", "-A", "1", "--json"]).run(&["search", "", "--sort", "path"]);
    runs.run(&["search", "-e", "bye|thanks", "--color", "always"])
        .run(&["search", "omega"])
        .run(&["search", "ghp_"]);
    damage(&runs.home);
    fs::write(runs.home.store().join("2020/01/junk.jsonl.gz"), b"no gzip").unwrap();
    runs.when("damaged archives").run(&["search", "TypeError"]);
    runs.when("wrong usage")
        .run(&["search"])
        .run(&["search", "-e", "a(b"])
        .run(&["search", "a", "--max", "0"]);
    runs.run(&["search", "x", "-l", "-c"]).run(&["search", "x", "--raw", "--role", "user"]);
    runs.run(&["search", "x", "--role", "nobody"]).run(&["search", "x", "--bytes"]);
    runs.are("search");
}

#[test]
fn show_prints_what_was_said() {
    let mut runs = Runs::in_home(Home::new());
    runs.when("no store").run(&["show", "@last"]);
    runs.home = archived();
    runs.when("a store").run(&["show", "@last"]).run(&["show", "a1b2", "--parts", "--color", "always"]);
    runs.run(&["show", "a1b2", "--json"]).run(&["show", "a1b2", "--markdown", "--parts"]);
    runs.run(&["show", "a1b2#3", "-C", "1"]).run(&["show", "a1b2", "--tail", "1"]);
    runs.run(&["show", "a1b2", "--grep", "nothing of it"]).run(&["show", "a1b2", "--part", "b"]);
    runs.run(&["show", "b"]).run(&["show", "a1b2#9"]).run(&["show", "./none"]);
    let source = session(&runs.home);
    fs::copy(source, runs.home.path("session.jsonl")).unwrap();
    runs.when("a file that is not archived").run(&["show", "./session.jsonl"]);
    damage(&runs.home);
    runs.when("a damaged archive").run(&["show", "a1b2"]).run(&["show", "a1b2", "--raw"]);
    runs.when("wrong usage").run(&["show"]).run(&["show", "@first"]).run(&["show", "a1b2", "--from", "soon"]);
    runs.are("show");
}

#[test]
fn search_raw_prints_each_stored_line_that_matches() {
    let mut runs = Runs::in_home(Home::new());
    runs.when("no store")
        .run(&["search", "--raw", "x"])
        .run(&["search", "--raw", "x", "--json"])
        .run(&["search", "--raw", "x", "--out", "nowhere"]);
    runs.home = archived();
    runs.when("a store").run(&["search", "--raw", "TypeError"]).run(&[
        "search",
        "--raw",
        "typeerror",
        "-i",
        "--max",
        "1",
    ]);
    runs.run(&["search", "--raw", "TypeError", "--json"])
        .run(&["search", "--raw", "-l", "TypeError"])
        .run(&["search", "--raw", "-c", "TypeError"]);
    runs.run(&["search", "--raw", "-e", "bye|thanks", "--color", "always"])
        .run(&["search", "--raw", "omega"])
        .run(&["search", "--raw", "ghp_"]);
    damage(&runs.home);
    fs::write(runs.home.store().join("2020/01/junk.jsonl.gz"), b"no gzip").unwrap();
    runs.when("damaged archives").run(&["search", "--raw", "TypeError"]);
    runs.when("wrong usage")
        .run(&["search", "--raw"])
        .run(&["search", "--raw", "-e", "a(b"])
        .run(&["search", "--raw", "a", "--max", "0"]);
    runs.run(&["search", "--raw", ""])
        .run(&["search", "--raw", "x", "-l", "-c"])
        .run(&["search", "--raw", "x", "--json", "-l"]);
    runs.are("search-raw");
}

#[test]
fn audit_prints_kinds_and_never_values() {
    let mut runs = Runs::in_home(Home::new());
    runs.when("nothing to look at").run(&["audit", "--all"]).run(&["audit"]);
    let session = session(&runs.home);
    fs::copy(session, runs.home.path("session.jsonl")).unwrap();
    runs.home.write("password.jsonl", said(8, &["https://me:", "Xk7pQ2vR9w", "@db.example.com/"].concat()));
    runs.home.write("clean.jsonl", said(9, "nothing"));
    runs.home.write("packed.jsonl", b"\xfd7zXZ\0\0\x04\xe6\xd6");
    runs.when("secrets").run(&["audit", "--all"]).run(&["audit", "session.jsonl", "password.jsonl", "-v"]);
    runs.run(&["audit", "session.jsonl", "--json"]).run(&[
        "audit",
        "session.jsonl",
        "--fail-on-findings",
        "-q",
    ]);
    runs.when("none").run(&["audit", "clean.jsonl"]).run(&["audit", "clean.jsonl", "--json"]);
    runs.run(&["audit", "clean.jsonl", "--fail-on-findings"]);
    runs.when("what cannot be read").run(&["audit", "missing.jsonl"]).run(&["audit", "packed.jsonl"]);
    runs.run(&["audit", ".", "--pattern", "packed*"]);
    runs.are("audit");
}

#[test]
fn mask_passes_its_input_on() {
    let mut runs = Runs::in_home(Home::new());
    let token = github_token(1);
    let text = format!("one\ntoken {token}\nmy-customer\n");
    runs.when("text").run_with_input(&["mask"], text.as_bytes());
    runs.run_with_input(&["mask", "--stats"], text.as_bytes()).run_with_input(&["mask", "--stats"], b"");
    runs.run_with_input(&["mask", "-q"], b"no newline");
    runs.when("what is no text").run_with_input(&["mask"], b"\x1f\x8b\x08\0\0\0\0\0\0\x03");
    runs.run_with_input(&["mask"], b"SQLite format 3\0\x10\0");
    runs.when("wrong usage").run(&["mask", "file"]);
    runs.home.write(".sessionkeep/config.json", "{\"mask_literals\": [\"my-customer\"], \"unknown\": 1}");
    runs.when("a configuration").run_with_input(&["mask"], text.as_bytes());
    runs.home.write(".sessionkeep/config.json", "{\"mask_literals\": 7}");
    runs.when("a configuration that is none").run_with_input(&["mask"], text.as_bytes());
    runs.are("mask");
}
