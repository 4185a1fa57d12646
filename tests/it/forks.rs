//! Sessions that agents copy, replay and resume under other ids: all are kept, and each says whose copy it is.

use crate::home::*;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;

const OWNER: &str = "aaaaaaaa-1111-4222-8333-444444444444";
const FORK: &str = "bbbbbbbb-1111-4222-8333-444444444444";
const OTHER: &str = "cccccccc-1111-4222-8333-444444444444";

/// Returns rows of a session, a few of them, with these members more in each.
fn rows(session: &str, more: &Value) -> Vec<String> {
    (0..5)
        .map(|second| {
            let mut row: Value = serde_json::from_str(&user(session, second, "what was said")).unwrap();
            row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            format!("{row}\n")
        })
        .collect()
}

/// Returns the rows of a copy as `/background` makes it, and one that only it has.
fn background(session: &str) -> Vec<String> {
    let mut copy = rows(session, &json!({"sessionKind": "bg"}));
    copy.push(user(session, 99, "only in the copy"));
    copy
}

fn ids(home: &Home, arguments: &[&str]) -> Vec<String> {
    home.listed(arguments).iter().map(|one| one["session_id"].as_str().unwrap().to_owned()).collect()
}

fn one(home: &Home, id: &str) -> Value {
    home.listed(&["--session", id]).into_iter().find(|one| one["session_id"] == id).expect("is listed")
}

#[test]
fn replayed_rows_and_background_copies_are_kept_and_the_copy_says_whose_it_is() {
    let home = Home::new();
    let original = rows(OWNER, &json!({}));
    let replayed =
        [&original[..], &rows(OWNER, &json!({"gitBranch": "other", "version": "2.1.331"}))].concat();
    home.claude_session(OWNER, &replayed);
    home.claude_session(FORK, &background(FORK));
    home.run(&["import"]).exits(0);
    let archives = home.archives();
    assert_eq!(archives.len(), 2, "{archives:?}");
    for (id, text) in [("aaaaaaaa", replayed.concat()), ("bbbbbbbb", background(FORK).concat())] {
        let archive = archives.iter().find(|archive| archive.contains(id)).unwrap();
        assert_eq!(home.text(archive), text.as_bytes());
    }
    assert_eq!(one(&home, FORK)["forked_from"], OWNER);
    assert!(one(&home, OWNER).get("forked_from").is_none());
    let table = home.run(&["list"]).exits(0).stdout;
    let line = table.lines().find(|line| line.contains("bbbbbbbb")).unwrap();
    assert!(line.contains(&format!("  fork of {OWNER}  ")) && line.ends_with(".jsonl.gz"), "{table}");
    assert_eq!(table.matches("fork of").count(), 1, "{table}");
    assert_eq!(
        ids(&home, &["--session", "aaaaaaaa", "--sort", "size"]),
        [OWNER, FORK],
        "its own comes first"
    );
    assert_eq!(ids(&home, &["--session", FORK]), [FORK]);
    home.run(&["verify"]).exits(0);
    assert_eq!(home.run(&["import"]).exits(0).stdout, "");
}

#[test]
fn a_copy_in_another_directory_finds_its_owner_in_the_same_run_or_in_the_store() {
    for is_in_store in [false, true] {
        let home = Home::new();
        let owner =
            home.write(&format!(".claude/projects/-z/{OWNER}.jsonl"), rows(OWNER, &json!({})).concat());
        if is_in_store {
            home.run(&["import"]).exits(0);
            fs::remove_file(owner).unwrap();
        }
        home.write(&format!(".claude/projects/-a/{FORK}.jsonl"), background(FORK).concat());
        home.run(&["import"]).exits(0);
        assert_eq!(one(&home, FORK)["forked_from"], OWNER, "{is_in_store}");
    }
}

#[test]
fn a_copy_keeps_its_owner_when_it_grows_and_the_owner_is_gone() {
    let home = Home::new();
    let owner = home.claude_session(OWNER, &rows(OWNER, &json!({})));
    home.claude_session(FORK, &background(FORK));
    home.run(&["import"]).exits(0);
    fs::remove_file(owner).unwrap();
    for archive in home.archives().iter().filter(|archive| archive.contains("aaaaaaaa")) {
        fs::remove_file(home.store().join(archive)).unwrap();
    }
    home.claude_session(FORK, &[background(FORK), vec![user(FORK, 100, "and on")]].concat());
    home.run(&["import"]).exits(0);
    let fork = one(&home, FORK);
    assert_eq!((&fork["forked_from"], &fork["line_count"]), (&json!(OWNER), &json!(7)));
}

#[test]
fn of_two_copies_without_an_original_none_is_the_others() {
    let home = Home::new();
    for id in [FORK, OTHER] {
        home.claude_session(id, &background(id));
    }
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 2);
    assert!(home.listed(&[]).iter().all(|one| one.get("forked_from").is_none()));
}

#[test]
fn what_records_say_of_a_fork_counts_whether_the_other_is_there_or_not() {
    let home = Home::new();
    let forked = json!({"forkedFrom": {"sessionId": OWNER, "messageUuid": "x"}});
    home.claude_session(FORK, &rows(FORK, &forked));
    let meta = json!({"timestamp": "2026-06-05T14:30:00Z", "type": "session_meta",
        "payload": {"id": OTHER, "forked_from_id": OWNER, "cwd": "/w"}});
    home.write(
        &format!(".codex/sessions/2026/06/05/rollout-2026-06-05T14-30-00-{OTHER}.jsonl"),
        format!("{meta}\n"),
    );
    home.run(&["import"]).exits(0);
    for id in [FORK, OTHER] {
        assert_eq!(one(&home, id)["forked_from"], OWNER);
    }
    let mut both = ids(&home, &["--session", OWNER]);
    both.sort();
    assert_eq!(both, [FORK, OTHER]);
}

#[test]
fn a_session_that_codex_took_over_says_from_which_one() {
    let home = Home::new();
    home.claude_session(OWNER, &rows(OWNER, &json!({})));
    let meta = json!({"timestamp": "2026-06-05T14:30:00Z", "type": "session_meta",
        "payload": {"id": OTHER, "cwd": "/w"}});
    home.write(
        &format!(".codex/sessions/2026/06/05/rollout-2026-06-05T14-30-00-{OTHER}.jsonl"),
        format!("{meta}\n"),
    );
    let notes = json!({"records": [{"source_path": format!("/h/.claude/projects/-w/{OWNER}.jsonl"),
        "content_sha256": "00", "imported_thread_id": OTHER, "imported_at": 1}]});
    home.write(".codex/external_agent_session_imports.json", notes.to_string());
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 2);
    assert_eq!(one(&home, OTHER)["forked_from"], OWNER);
}

#[test]
fn a_file_with_two_ids_is_one_session_and_found_by_either() {
    let home = Home::new();
    let long = "x".repeat(100_000);
    // The other id stands in the middle alone, in long rows.
    let said = "a browser's {\"sessionId\":\"eeeeeeee-1111-4222-8333-444444444444\"}";
    let lines = [user(FORK, 0, said), user(FORK, 1, &long), user(OTHER, 2, &long), user(FORK, 3, &long)];
    home.claude_session(FORK, &lines);
    home.run(&["import"]).exits(0);
    let archives = home.archives();
    assert_eq!(archives.len(), 1, "{archives:?}");
    let sidecar = home.sidecar(&archives[0]);
    assert_eq!((&sidecar["session_id"], &sidecar["other_ids"]), (&json!(FORK), &json!([OTHER])));
    for id in [FORK, OTHER, "CCCCCCCC", "cccccccc-1111-4222-8333-444444444444"] {
        assert_eq!(ids(&home, &["--session", id]), [FORK], "{id}");
        let found = home.run(&["search", "-l", "--session", id, "browser"]).exits(0).stdout;
        assert!(found.trim_end().ends_with(&archives[0]), "{found}");
    }
    assert_eq!(ids(&home, &["--session", "eeeeeeee"]), [""; 0]);
    home.run(&["search", "--session", OWNER, "browser"]).exits(1);
}

#[test]
fn what_is_known_of_copies_outlives_sidecars_and_catalog() {
    let home = Home::new();
    home.claude_session(OWNER, &rows(OWNER, &json!({})));
    home.claude_session(FORK, &[background(FORK), vec![user(OTHER, 100, "resumed")]].concat());
    home.run(&["import"]).exits(0);
    let before = one(&home, FORK);
    assert_eq!((&before["forked_from"], &before["other_ids"]), (&json!(OWNER), &json!([OTHER])));
    for file in files_below(&home.store()) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".meta.json") || name.starts_with("catalog") {
            fs::remove_file(file).unwrap();
        }
    }
    assert_eq!(one(&home, FORK)["forked_from"], OWNER, "from the archive itself");
    home.run(&["repair"]).exits(0);
    assert_eq!(one(&home, FORK), before);
    assert_eq!(ids(&home, &["--session", OTHER]), [FORK]);
    home.run(&["verify"]).exits(0);
}

#[test]
fn sessions_that_an_agent_copied_whole_are_two_and_grow_apart() {
    let home = Home::new();
    let line = |text: &str| {
        let prompt = json!({"type": "turn.prompt", "input": [{"type": "text", "text": text}], "time": 1_780_308_000_000_u64});
        format!("{prompt}\n")
    };
    let head =
        "{\"type\":\"metadata\",\"protocol_version\":\"1.4\",\"created_at\":1780308000000}\n".to_owned();
    let place = |id: &str| format!(".kimi-code/sessions/wd_w_0/session_{id}/agents/main/wire.jsonl");
    let said = head + &line("said before");
    home.write(&place(OWNER), &said);
    home.run(&["import"]).exits(0);
    home.write(&place(FORK), &said);
    home.write(&place(OTHER), &said);
    home.run(&["import"]).exits(0);
    let mut all = ids(&home, &[]);
    all.sort();
    assert_eq!(all, [OWNER, FORK, OTHER]);
    home.write(&place(FORK), said.clone() + &line("one way"));
    home.write(&place(OWNER), said.clone() + &line("the other way"));
    home.run(&["import"]).exits(0);
    let archives = home.archives();
    assert_eq!(archives.len(), 3, "{archives:?}");
    assert!(!archives.iter().any(|archive| archive.contains(".v2")), "{archives:?}");
}

#[test]
fn a_renamed_transcript_is_found_by_its_new_name_as_well() {
    let home = Home::new();
    home.claude_session(OTHER, &rows(OWNER, &json!({})));
    home.run(&["import"]).exits(0);
    assert_eq!(ids(&home, &[]), [OWNER]);
    assert_eq!(ids(&home, &["--session", "cccccccc"]), [OWNER]);
}

#[test]
fn an_id_with_a_secret_in_it_is_kept_nowhere() {
    let home = Home::new();
    let (one, two) = (github_token(1), github_token(2));
    let mut lines = rows(FORK, &json!({"forkedFrom": {"sessionId": one}}));
    lines.push(user(&two, 50, "hello"));
    home.claude_session(FORK, &lines);
    home.run(&["import"]).exits(0);
    let listed = home.listed(&[]);
    assert!(listed[0].get("forked_from").is_none() && listed[0].get("other_ids").is_none(), "{listed:?}");
    for file in files_below(&home.store()) {
        let bytes = fs::read(&file).unwrap();
        for secret in [&one, &two] {
            assert!(memchr::memmem::find(&bytes, secret.as_bytes()).is_none(), "{}", file.display());
        }
    }
}

/// Returns the rows of a copy as `--fork-session` makes it, and those that only it has, from a second on.
fn fork(session: &str, own_from: u32) -> Vec<String> {
    let mut copy = rows(session, &json!({}));
    copy.extend((own_from..own_from + 3).map(|second| user(session, second, "only in this one")));
    copy
}

fn summary(home: &Home) -> String {
    home.run(&["import"]).exits(0).stderr.lines().next().unwrap_or_default().to_owned()
}

/// Asserts that of two sessions one is the other's copy, and the other nobody's.
fn assert_copy(home: &Home, copy: &str, original: &str) {
    assert_eq!(one(home, copy)["forked_from"], original);
    assert!(one(home, original).get("forked_from").is_none(), "{:?}", one(home, original));
    assert_eq!(ids(home, &["--session", original]).len(), 2);
}

#[test]
fn a_copy_that_nothing_marks_is_known_by_what_follows_the_shared_records() {
    for (original, copy) in [(OWNER, FORK), (FORK, OWNER)] {
        for separate in ["", "original", "copy"] {
            let home = Home::new();
            let first = if separate == "copy" {
                (copy, fork(copy, 9))
            } else {
                (original, rows(original, &json!({})))
            };
            let second = if separate == "copy" {
                (original, rows(original, &json!({})))
            } else {
                (copy, fork(copy, 9))
            };
            home.claude_session(first.0, &first.1);
            if !separate.is_empty() {
                assert!(summary(&home).contains("archived 1, skipped 0"));
            }
            home.claude_session(second.0, &second.1);
            let all = summary(&home);
            let expected =
                if separate.is_empty() { "archived 2, skipped 0" } else { "archived 1, skipped 1" };
            assert!(all.contains(expected), "{separate}: {all}");
            assert_copy(&home, copy, original);
            assert_eq!(home.run(&["import"]).exits(0).stdout, "");
            home.run(&["verify"]).exits(0);
            assert_eq!(home.archives().len(), 2, "{:?}", home.archives());
        }
    }
}

#[test]
fn of_two_that_both_went_on_the_one_that_did_so_later_is_the_copy() {
    for (original, copy) in [(OWNER, FORK), (FORK, OWNER)] {
        let home = Home::new();
        home.claude_session(original, &fork(original, 9));
        home.claude_session(copy, &fork(copy, 50));
        summary(&home);
        assert_copy(&home, copy, original);
    }
}

#[test]
fn of_two_that_tell_nothing_one_is_the_others_whatever_comes_first() {
    let home = Home::new();
    for id in [FORK, OWNER] {
        let path = home.claude_session(id, &fork(id, 9));
        set_age(&path, std::time::Duration::from_secs(if id == OWNER { 7200 } else { 9000 }));
    }
    summary(&home);
    assert_copy(&home, OWNER, FORK);
}

#[test]
fn of_many_that_begin_alike_all_are_kept_and_no_two_name_each_other() {
    let home = Home::new();
    let name = |number: u32| format!("{number:08x}-1111-4222-8333-444444444444");
    for number in 0..20 {
        let path = home.claude_session(&name(number), &fork(&name(number), 9 + number));
        set_age(&path, std::time::Duration::from_secs(9000 - u64::from(number)));
    }
    assert!(summary(&home).contains("archived 20, skipped 0"));
    let listed = home.listed(&["--limit", "100"]);
    assert_eq!(listed.len(), 20);
    let owners: HashMap<&str, &str> = listed
        .iter()
        .filter_map(|one| Some((one["session_id"].as_str()?, one.get("forked_from")?.as_str()?)))
        .collect();
    assert!(owners.len() >= 10, "{owners:?}");
    for (copy, owner) in &owners {
        assert!(copy != owner && owners.get(owner) != Some(copy), "{copy} {owner}");
    }
    assert_eq!(home.run(&["import"]).exits(0).stdout, "");
}

#[test]
fn all_copies_of_a_session_name_it_and_not_each_other() {
    for (original, background_copy, copy) in
        [(OWNER, FORK, OTHER), (OTHER, FORK, OWNER), (FORK, OTHER, OWNER), (OTHER, OWNER, FORK)]
    {
        let home = Home::new();
        home.claude_session(background_copy, &background(background_copy));
        home.claude_session(copy, &fork(copy, 30));
        home.claude_session(original, &rows(original, &json!({})));
        let all = summary(&home);
        assert!(all.contains("archived 3, skipped 0"), "{all}");
        for id in [background_copy, copy] {
            assert_eq!(one(&home, id)["forked_from"], original, "{id}");
        }
        assert!(one(&home, original).get("forked_from").is_none());
    }
}

#[test]
fn sessions_whose_agent_numbers_their_records_are_no_copies() {
    let home = Home::new();
    home.claude_session(OWNER, &[user(OWNER, 0, "one question"), user(OWNER, 1, "answer")]);
    home.claude_session(
        FORK,
        &[user(FORK, 0, "another one"), user(FORK, 1, "answer"), user(FORK, 2, "more")],
    );
    summary(&home);
    assert!(home.listed(&[]).iter().all(|one| one.get("forked_from").is_none()));
}

#[test]
fn an_id_in_records_in_snake_case_finds_the_session() {
    let home = Home::new();
    let row = |second: u32, id: &str| {
        let row = json!({"type": "user", "uuid": "echo", "session_id": id, "message": {"role": "user",
            "content": "said"}, "_audit_timestamp": format!("2026-08-01T09:00:{second:02}.000Z")});
        format!("{row}\n")
    };
    let place = format!("local-agent-mode-sessions/{OWNER}/{OTHER}/local_{FORK}/audit.jsonl");
    for root in [".config/Claude", "elsewhere"] {
        let text = row(1, OTHER) + &row(2, "dddddddd-1111-4222-8333-444444444444");
        home.write(&format!("{root}/{place}"), text.replace("said", root));
    }
    home.run(&["import"]).exits(0);
    home.run(&["import", "--from", "elsewhere"]).exits(0);
    for id in [OTHER, "dddddddd"] {
        let found = ids(&home, &["--session", id]);
        assert!(!found.is_empty() && found.iter().all(|one| one == OTHER), "{id}: {found:?}");
    }
}

#[test]
fn a_session_of_many_ids_is_found_by_the_name_of_its_file_and_by_them_all() {
    let home = Home::new();
    let id = |number: u32| format!("eeeeeeee-{number:04}-4222-8333-444444444444");
    let lines: Vec<String> = (0..60).map(|number| user(&id(number), number, "said")).collect();
    home.claude_session(OWNER, &lines);
    home.run(&["import"]).exits(0);
    for wanted in (0..60).map(id).chain([OWNER.to_owned()]) {
        assert_eq!(ids(&home, &["--session", &wanted]), [id(0)], "{wanted}");
    }
    let lines: Vec<String> = (0..900).map(|number| user(&id(number), number, "said")).collect();
    home.claude_session(OTHER, &lines[100..]);
    home.run(&["import"]).exits(0);
    assert_eq!(ids(&home, &["--session", OTHER]), [id(100)]);
    home.run(&["verify"]).exits(0);
}

#[test]
fn a_later_header_finds_the_session_wherever_it_stands() {
    let home = Home::new();
    let header = |id: &str| {
        let header = json!({"type": "session", "version": 3, "id": id, "timestamp": "2026-01-02T03:04:05.678Z", "cwd": "/w"});
        format!("{header}\n")
    };
    let message = json!({"type": "message", "message": {"role": "user", "content": [{"type": "text", "text": "x".repeat(90_000)}]}});
    let long = format!("{message}\n").repeat(2);
    let name = format!(".pi/agent/sessions/--w--/2026-01-02T03-04-05-678Z_{OWNER}.jsonl");
    home.write(&name, header(OWNER) + &header(FORK) + &long + &header(OTHER) + &long);
    home.run(&["import"]).exits(0);
    for id in [OWNER, FORK, OTHER] {
        assert_eq!(ids(&home, &["--session", id]), [OWNER], "{id}");
    }
}

/// Neither is known by the first line of the archive that there is, which was made when that line was cut.
#[test]
fn a_transcript_whose_first_line_was_cut_and_a_copy_of_it_are_not_archived_as_two() {
    let home = Home::new();
    let (id, copy) = ("a1b2c3d4-0000-4000-8000-000000000001", "a1b2c3d4-0000-4000-8000-000000000002");
    let line = user(id, 1, "first");
    let cut = &line[..49];
    home.claude_session(id, &[cut.to_owned()]);
    home.run(&["import"]).exits(0);
    // As after a crash: the rest of the line never came, and the next record stands behind it.
    let grown = [format!("{cut}{line}")];
    home.claude_session(id, &grown);
    home.write(&format!(".claude/projects/-copies/{copy}.jsonl"), grown.concat());
    home.run(&["import"]).exits(0);
    home.run(&["import"]).exits(0);
    let archives = home.archives();
    let whole = archives.iter().filter(|archive| home.text(archive).ends_with(b"}\n")).count();
    assert_eq!(whole, 1, "{archives:?}");
}
