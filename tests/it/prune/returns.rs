//! What was pruned is not archived again, and what grew since is.

use super::*;
use crate::checks::*;
use std::fs;

const DAYS: [(&str, &str); 3] = [("one", "2026-06-01"), ("one", "2026-06-02"), ("one", "2026-06-03")];

/// Returns a home of three sessions of which all but the last are pruned.
fn two_pruned() -> Home {
    let home = archived(&DAYS);
    pruned(&home, &["--keep-last", "1", "--yes"]);
    home
}

fn source(home: &Home, number: u32) -> PathBuf {
    home.path(&format!(".claude/projects/-home-me-one/{}.jsonl", id(number)))
}

#[test]
fn neither_import_nor_hook_nor_archive_takes_it_and_it_is_still_named() {
    let home = two_pruned();
    imports(&home, 0, 2);
    let payload = serde_json::json!({"session_id": id(0), "transcript_path": source(&home, 0),
        "hook_event_name": "SessionEnd"});
    home.run_with_input(&["hook", "--wait"], payload.to_string().as_bytes()).exits(0);
    let run = home.run(&["archive", source(&home, 0).to_str().unwrap()]).exits(0);
    assert!(run.stderr.contains("pruned before"), "{run:?}");
    assert_eq!(home.archives().len(), 1);
    assert_eq!(numbers(&home, &["--pruned"]), [0, 1]);
    assert_eq!(numbers(&home, &["--pruned", "--session", &id(1)]), [1]);
    let listed = home.run(&["list", "--pruned"]).exits(0).stdout;
    assert!(listed.contains(&id(0)) && listed.contains("(no rule keeps it)"), "{listed}");
    home.run(&["show", &id(0)]).exits(1);
    home.run(&["search", "hello", "--session", &id(0)]).exits(1);
    is_well(&home);
}

#[test]
fn an_unchanged_source_is_not_opened() {
    if !crate::needs::can_trace() {
        return;
    }
    let home = two_pruned();
    home.run(&["import"]).exits(0);
    settle_sources(&home);
    let log = home.path("trace");
    let strace = ["-o", log.to_str().unwrap(), "-e", "trace=openat"];
    assert!(home.traced(&strace, &["import"]).output().unwrap().status.success());
    let opened = fs::read_to_string(log).unwrap();
    assert!(opened.contains("pruned.jsonl") && !opened.contains(&id(0)), "{opened}");
}

#[test]
fn it_stays_away_when_the_catalog_is_lost_and_when_the_key_is_too() {
    let home = two_pruned();
    fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    imports(&home, 0, 2);
    fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
    // What is still archived is hashed with the new key.
    imports(&home, 1, 2);
    imports(&home, 0, 2);
    home.run(&["repair"]).exits(0);
    imports(&home, 0, 2);
    is_well(&home);
}

#[test]
fn it_stays_away_when_the_key_was_lost_before() {
    let home = archived(&DAYS);
    fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
    home.run(&["import"]).exits(0);
    pruned(&home, &["--keep-last", "1", "--yes"]);
    imports(&home, 0, 2);
    fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    imports(&home, 0, 2);
}

#[test]
fn it_stays_away_when_its_source_is_moved_copied_or_touched() {
    let home = two_pruned();
    let copy = home.path(".claude/projects/-home-me-one/a-copy-of-it.jsonl");
    fs::copy(source(&home, 0), &copy).unwrap();
    set_age(&copy, std::time::Duration::from_secs(7200));
    imports(&home, 0, 3);
    let elsewhere = home.path(".claude/projects/-home-me-elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    fs::rename(source(&home, 1), elsewhere.join(format!("{}.jsonl", id(1)))).unwrap();
    set_age(&source(&home, 0), std::time::Duration::from_secs(9000));
    imports(&home, 0, 3);
    fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    imports(&home, 0, 3);
    let other = home.write("elsewhere/other.jsonl", fs::read(&copy).unwrap());
    let run = home.run(&["import", "--from", home.path("elsewhere").to_str().unwrap()]).exits(0);
    assert!(run.stderr.contains("archived 0"), "{run:?}");
    home.run(&["archive", other.to_str().unwrap()]).exits(0);
    assert_eq!(home.archives().len(), 1);
}

#[test]
fn what_grew_is_archived_anew_as_a_whole() {
    let home = Home::new();
    let main = session(&home, 0, "one", "2026-06-01");
    let part = format!(".claude/projects/-home-me-one/{}/subagents/agent-0123456789abcdef0.jsonl", id(0));
    home.write(&part, said(&id(0), "one", "2026-06-01", "by a subagent"));
    home.run(&["import"]).exits(0);
    let before = home.archives();
    pruned(&home, &["--all", "--project", "one", "--yes"]);
    imports(&home, 0, 2);
    settle_sources(&home);
    append(&main, &said(&id(0), "one", "2026-06-09", "resumed"));
    set_age(&main, std::time::Duration::from_secs(3600));
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("archived 2, "), "{run:?}");
    assert!(run.stderr.contains("has changed since and is archived again as a whole"), "{run:?}");
    assert_eq!(home.archives(), before);
    assert_eq!(gunzip(&home.store().join(&before[0])), fs::read(&main).unwrap());
    assert!(home.listed(&["--pruned"]).is_empty());
    imports(&home, 0, 0);
    is_well(&home);
    pruned(&home, &["--all", "--project", "one", "--yes"]);
    imports(&home, 0, 2);
}

#[test]
fn a_new_part_brings_the_session_back() {
    let home = archived(&DAYS[..1]);
    pruned(&home, &["--older-than", "1d", "--yes"]);
    imports(&home, 0, 1);
    let part = format!(".claude/projects/-home-me-one/{}/subagents/agent-0123456789abcdef0.jsonl", id(0));
    home.write(&part, said(&id(0), "one", "2026-06-01", "by a subagent"));
    imports(&home, 2, 0);
    assert_eq!(home.archives().len(), 2);
    is_well(&home);
}

#[test]
fn it_comes_back_when_it_is_wanted_again_or_forgotten() {
    let home = two_pruned();
    let run = home.run(&["archive", "--again", source(&home, 0).to_str().unwrap()]).exits(0);
    assert!(run.stderr.contains("archived 2 lines"), "{run:?}");
    assert_eq!(numbers(&home, &[]), [0, 2]);
    imports(&home, 0, 1);
    home.run(&["prune", "--forget", "no-such-id"]).exits(2);
    home.run(&["prune", "--forget", &id(1)[..8]]).exits(0);
    imports(&home, 1, 0);
    assert_eq!(numbers(&home, &[]), [0, 1, 2]);
    assert!(home.listed(&["--pruned"]).is_empty());
    is_well(&home);
}

#[test]
fn a_dry_run_of_an_import_knows_of_it_too() {
    let home = two_pruned();
    fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    let run = home.run(&["import", "--dry-run"]).exits(0);
    assert!(run.stderr.contains("left 2 files alone, pruned before"), "{run:?}");
}

#[test]
fn sessions_of_databases_and_parts_without_a_transcript_stay_away_too() {
    let home = Home::new();
    let connection = crate::databases::goose(&home, "hello");
    let part = format!(".claude/projects/-home-me-one/{}/subagents/agent-0123456789abcdef0.jsonl", id(0));
    home.write(&part, said(&id(0), "one", "2026-06-01", "by a subagent"));
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 2);
    pruned(&home, &["--keep-last", "1", "--yes"]);
    pruned(&home, &["--max-size", "0", "--yes"]);
    assert!(home.archives().is_empty(), "{:?}", home.archives());
    let run = home.run(&["import"]).exits(0);
    assert!(!run.stderr.contains("archived 1"), "{run:?}");
    assert!(home.archives().is_empty());
    fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    let run = home.run(&["import"]).exits(0);
    for agent in ["Claude Code", "Goose"] {
        assert!(run.stderr.contains(&format!("{agent}: left 1 file alone, pruned before")), "{run:?}");
    }
    drop(connection);
    is_well(&home);
}

#[test]
fn the_ledger_is_private_and_holds_no_secret() {
    let home = Home::new();
    let secret = github_token(5);
    home.write(
        &format!(".claude/projects/-home-me-one/{}.jsonl", id(0)),
        said(&id(0), "one", "2026-06-01", &format!("use {secret}")),
    );
    home.run(&["import"]).exits(0);
    home.run(&["pin", "@last"]).exits(0);
    home.run(&["unpin", "@last"]).exits(0);
    pruned(&home, &["--older-than", "1d", "--yes"]);
    for name in ["pruned.jsonl", "pinned.jsonl"] {
        use std::os::unix::fs::PermissionsExt;
        let path = home.store().join(name);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        assert!(!fs::read_to_string(&path).unwrap().contains(&secret));
    }
    assert!(home.run(&["list", "--pruned"]).stdout.contains("MASKED"));
}

#[test]
fn a_line_of_the_ledger_that_cannot_be_read_is_said_and_hides_no_other() {
    let home = archived(&[("one", "2026-06-01"), ("one", "2026-06-02"), ("one", "2026-06-03")]);
    home.run(&["prune", "--keep-last", "1", "--yes"]).exits(0);
    let path = home.store().join("pruned.jsonl");
    let lines = std::fs::read_to_string(&path).unwrap();
    let (first, rest) = lines.split_once('\n').unwrap();
    std::fs::write(&path, format!("{}\n{rest}", &first[..first.len() / 2])).unwrap();
    let run = home.run(&["list", "--pruned"]).exits(0);
    assert!(run.stderr.contains("pruned.jsonl: line 1 cannot be read"), "{run:?}");
    assert_eq!(run.stdout.lines().count(), 1);
    let run = home.run(&["verify"]).exits(0);
    assert!(run.stdout.contains("pruned.jsonl: line 1 cannot be read"), "{run:?}");
    imports(&home, 1, 1);
    // What a newer program says is no damage.
    std::fs::write(&path, format!("{{\"buried\":{{}}}}\n{rest}")).unwrap();
    let run = home.run(&["list", "--pruned"]).exits(0);
    assert!(!run.stderr.contains("cannot be read"), "{run:?}");
}

#[test]
fn what_the_first_program_archived_stays_away_without_a_catalog_too_and_comes_back_when_it_has_grown() {
    let home = Home::new();
    let name = ".sessionkeep/sessions/2026/06/2026-06-01_1200_one_00000000";
    let text = said(&id(0), "one", "2026-06-01", "hello");
    home.write(&format!("{name}.jsonl.gz"), crate::texts::gzip(&text));
    // It did not say of which agent a session is.
    let sidecar = serde_json::json!({
        "session_id": id(0), "archived_at": "2026-06-01T12:01:00", "source": "/elsewhere/x.jsonl", "cwd": null,
        "project_slug": "one", "source_bytes": text.len(), "archived_bytes": 1, "line_count": 1, "masked_lines": 0,
        "archive_path": "/x", "schema_version": 1,
    });
    home.write(&format!("{name}.meta.json"), sidecar.to_string());
    pruned(&home, &["--older-than", "1d", "--yes"]);
    assert!(home.archives().is_empty());
    let source = home.write(&format!(".claude/projects/-home-me-one/{}.jsonl", id(0)), text);
    imports(&home, 0, 1);
    fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
    imports(&home, 0, 1);
    append(&source, &said(&id(0), "one", "2026-06-01", "and more"));
    imports(&home, 1, 0);
    assert_eq!(home.listed(&["--pruned"]).len(), 0);
    assert_eq!(home.text(&home.archives()[0]), fs::read(&source).unwrap());
}

#[test]
fn it_stays_away_when_its_masked_text_was_put_back_before_whether_an_import_saw_that_or_not() {
    for (is_seen, is_large) in [(false, false), (true, false), (false, true)] {
        let home = Home::new();
        let secret = said(&id(0), "one", "2026-06-01", &github_token(1));
        let more = said(&id(0), "one", "2026-06-01", &"more ".repeat(50_000));
        let source = home.write(
            &format!(".claude/projects/-home-me-one/{}.jsonl", id(0)),
            [secret, more.repeat(if is_large { 10 } else { 1 })].concat(),
        );
        home.run(&["import"]).exits(0);
        fs::remove_file(&source).unwrap();
        home.run(&["restore", &id(0)]).exits(0);
        if is_seen {
            home.run(&["import"]).exits(0);
        }
        pruned(&home, &["--older-than", "1d", "--yes"]);
        imports(&home, 0, 1);
        fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
        imports(&home, 0, 1);
        // Under a key that is another one, its bytes tell.
        fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
        imports(&home, 0, 1);
        append(&source, &said(&id(0), "one", "2026-06-02", "and on"));
        imports(&home, 1, 0);
        is_well(&home);
    }
}
