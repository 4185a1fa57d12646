//! A mistake of our own in the middle of the work: it says where, never why (that may be a transcript's bytes), costs
//! what it was at and no more, and the next import makes up for it.

use crate::checks::*;
use crate::home::*;
use crate::needs::*;
use sessionkeep::testing::config::{Config, Environment, Flags};
use sessionkeep::testing::engine::{self, Settings, Where};
use sessionkeep::testing::report::Reporter;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set for the process that panics, which is this test's own: handlers and limits that a run sets are its own, too.
const HOME_OF_CHILD: &str = "SESSIONKEEP_TEST_HOME";

/// Set if its run is a hook's.
const IS_HOOK: &str = "SESSIONKEEP_TEST_IS_HOOK";

/// Imports as the program does, but that the first message panics; prints how many errors there were.
fn import_and_panic(home: PathBuf, is_hook: bool) {
    let environment = Environment::with_home(home);
    let config = Config::resolve(&Flags { threads: Some(2), ..Flags::default() }, &environment).unwrap();
    let has_panicked = AtomicBool::new(false);
    let reporter = Reporter::silent().with_veil(Box::new(move |message| {
        assert!(has_panicked.swap(true, Ordering::SeqCst), "the bytes of a transcript");
        message.to_owned()
    }));
    let settings = Settings { is_hook, ..Settings::default() };
    let origins = [Where::Agent("claude-code"), Where::Agent("codex")];
    let totals = engine::import(&config, &settings, &origins, None, &reporter);
    eprintln!("errors: {}", totals.map_or(1, |totals| totals.errors.len()));
}

#[test]
fn a_panic_costs_what_it_was_at_and_the_next_import_makes_up_for_it() {
    if let Some(home) = std::env::var_os(HOME_OF_CHILD) {
        return import_and_panic(home.into(), std::env::var_os(IS_HOOK).is_some());
    }
    for (is_worker, is_hook) in [(true, false), (true, true), (false, false), (false, true)] {
        let home = Home::new();
        let mut texts = Vec::new();
        for number in 0..6 {
            home.claude_session(&id(number), &lines(&id(number), 3));
            texts.push(lines(&id(number), 3).concat().into_bytes());
        }
        home.run(&["import", "--codex"]).exits(0);
        let private = home.store().join(".sessionkeep");
        let path = home.path(&format!(".claude/projects/-home-me-my-project/{}.jsonl", id(0)));
        let payload = serde_json::json!({"session_id": id(0), "transcript_path": path}).to_string();
        let marker = private.join("pending/0123.json");
        std::fs::write(&marker, payload).unwrap();
        let catalog = rusqlite::Connection::open(private.join("catalog.sqlite")).unwrap();
        // What there is to say first: on a worker's thread that a source cannot be read, on the committer's that what it
        // has named cannot be recorded.
        if is_worker {
            home.write(".codex/sessions/2026/06/05/rollout-broken.jsonl.zst", b"\xfd7zXZ\0");
        } else {
            let trigger =
                "CREATE TRIGGER refuse BEFORE INSERT ON source BEGIN SELECT RAISE(ABORT, 'no'); END";
            catalog.execute_batch(trigger).unwrap();
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        let name = "panics::a_panic_costs_what_it_was_at_and_the_next_import_makes_up_for_it";
        command.args(["--exact", name, "--nocapture"]).env(HOME_OF_CHILD, home.path(""));
        command.env("HOME", home.path(""));
        if is_hook {
            command.env(IS_HOOK, "1");
        }
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && stderr.contains("the bytes of a transcript"), "{stderr}");
        assert!(stderr.contains("errors: 1"), "{is_worker}: {stderr}");
        let archived = check_store(&home.store());
        assert_eq!(archived.len(), texts.len(), "what was whole is kept: {stderr}");
        if !is_worker {
            assert!(marker.exists(), "{stderr}");
            let marks = files_below(&private.join("locks")).into_iter();
            let marks = marks.filter(|path| path.to_string_lossy().contains("/naming-"));
            assert_eq!(marks.count(), 1, "what was named and not recorded is taken in");
            catalog.execute_batch("DROP TRIGGER refuse").unwrap();
        }
        drop(catalog);
        let run = home.run(&["import", "--claude"]).exits(0);
        assert!(run.stderr.contains("archived 0"), "{run:?}");
        check_holds(&home.store(), &texts);
        assert!(!marker.exists());
    }
}

#[test]
fn a_panic_says_where_and_never_why_and_fails_no_hook() {
    if !can_trace() {
        return;
    }
    let mut panics = 0;
    for when in 1..=3 {
        for arguments in [&["import"][..], &["hook", "--work"], &["hook"]] {
            let home = Home::new();
            home.claude_session(&id(1), &lines(&id(1), 2));
            let path = home.path(&format!(".claude/projects/-home-me-my-project/{}.jsonl", id(1)));
            let payload = serde_json::json!({"session_id": id(1), "transcript_path": path}).to_string();
            home.run(&["import", "--codex"]).exits(0);
            let marker = home.store().join(".sessionkeep/pending/0123.json");
            std::fs::write(&marker, &payload).unwrap();
            std::fs::write(home.path("payload"), &payload).unwrap();
            // A thread that cannot be started is a panic.
            let inject = format!("inject=clone,?clone3:error=EAGAIN:when={when}");
            let strace = ["-o", "/dev/null", "-e", "trace=clone,?clone3", "-e", &inject];
            let mut command = home.traced(&strace, &[arguments, &["--threads", "1"]].concat());
            command.stdin(std::fs::File::open(home.path("payload")).unwrap());
            let output = command.output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!stderr.contains("failed to spawn"), "the panic's own words: {stderr}");
            let has_panicked = stderr.contains("sessionkeep: internal error at ");
            panics += u32::from(has_panicked);
            let is_hook = arguments[0] == "hook";
            let code = output.status.code().unwrap();
            assert!(if is_hook { code == 0 } else { code <= 1 }, "{arguments:?}: {code} {stderr}");
            assert!(!is_hook || output.stdout.is_empty());
            let is_archived = !check_store(&home.store()).is_empty();
            assert!(is_archived || marker.exists(), "{arguments:?}: {stderr}");
            home.run(&["import"]).exits(0);
            check_holds(&home.store(), &[lines(&id(1), 2).concat().into_bytes()]);
        }
    }
    assert!(panics >= 2, "only {panics} panics");
}
