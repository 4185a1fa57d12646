//! Prompt histories of agents with several homes: a session for each home, none a version of another.

use crate::home::*;
use crate::needs::*;
use std::collections::BTreeMap;
use std::fs;

fn codex(number: u32) -> String {
    format!(
        "{{\"session_id\":\"0000000{number}-0000-4000-8000-000000000001\",\"ts\":178000000{number},\"text\":\"p{number}\"}}\n"
    )
}

fn claude(number: u32, hash: &str) -> String {
    let row = serde_json::json!({"display": format!("p{number}"), "project": "/work/app",
        "pastedContents": {"1": {"id": 1, "type": "text", "contentHash": hash}},
        "timestamp": 1_780_308_000_000_u64 + u64::from(number), "sessionId": "s"});
    format!("{row}\n")
}

/// Imports with these homes in `variable`; returns what it said.
#[track_caller]
fn import(home: &Home, variable: &str, homes: &[&str]) -> Run {
    let value: Vec<String> =
        homes.iter().map(|name| home.path(name).to_string_lossy().into_owned()).collect();
    Run::of(home.command(&["import", "-v"]).env(variable, value.join(",")).output().unwrap()).exits(0)
}

/// Returns the text of each session that is no part, by its id.
fn sessions(home: &Home) -> BTreeMap<String, String> {
    let mains = home.archives().into_iter().filter(|archive| !archive.contains(".parts/"));
    let session = |archive: String| {
        let sidecar = home.sidecar(&archive);
        assert_eq!((&sidecar["version"], &sidecar["supersedes"]), (&1.into(), &serde_json::Value::Null));
        (sidecar["session_id"].as_str().unwrap().to_owned(), String::from_utf8(home.text(&archive)).unwrap())
    };
    let all: Vec<_> = mains.map(session).collect();
    let by_id: BTreeMap<_, _> = all.iter().cloned().collect();
    assert_eq!(by_id.len(), all.len(), "{all:?}");
    by_id
}

/// Returns the id of the session of this text.
#[track_caller]
fn id_of(home: &Home, text: &str) -> String {
    let sessions = sessions(home);
    let found = sessions.iter().find(|(_, held)| *held == text);
    found.unwrap_or_else(|| panic!("{text} is not in {sessions:?}")).0.clone()
}

#[test]
fn each_home_has_a_history_of_its_own_that_keeps_its_id() {
    let home = Home::new();
    let mut texts = [codex(1), codex(2) + &codex(3)];
    let paths = [home.write("c1/history.jsonl", &texts[0]), home.write("c2/history.jsonl", &texts[1])];
    import(&home, "CODEX_HOME", &["c1", "c2"]);
    let ids = [id_of(&home, &texts[0]), id_of(&home, &texts[1])];
    assert!(ids.contains(&"history".to_owned()) && ids[0] != ids[1], "{ids:?}");
    let orders: [&[&str]; 5] = [&["c2", "c1"], &["c1"], &["c2"], &["c1", "c2"], &["c2", "c1"]];
    for (round, homes) in (4..).zip(orders) {
        for (text, path) in texts.iter_mut().zip(&paths) {
            append(path, &codex(round));
            text.push_str(&codex(round));
        }
        if round > 6 {
            fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
        }
        import(&home, "CODEX_HOME", homes);
        let held = sessions(&home);
        assert_eq!(held.len(), 2, "{held:?}");
        for (at, name) in ["c1", "c2"].iter().enumerate().filter(|(_, name)| homes.contains(name)) {
            assert_eq!(held[&ids[at]], texts[at], "{name} in round {round}");
        }
    }
    let said = import(&home, "CODEX_HOME", &["c1", "c2"]).stderr;
    assert!(said.contains("archived 0"), "{said}");
    home.run(&["verify"]).exits(0);
}

#[test]
fn a_history_that_is_archived_already_goes_on_growing_whichever_home_it_is_of() {
    let home = Home::new();
    let second = home.write("c2/history.jsonl", codex(2));
    import(&home, "CODEX_HOME", &["c2"]);
    home.write("c1/history.jsonl", codex(1));
    append(&second, &codex(3));
    import(&home, "CODEX_HOME", &["c1", "c2"]);
    assert_eq!(id_of(&home, &(codex(2) + &codex(3))), "history");
    assert_eq!(sessions(&home).len(), 2);
    fs::rename(home.path("c2"), home.path("c0")).unwrap();
    append(&home.path("c0/history.jsonl"), &codex(4));
    import(&home, "CODEX_HOME", &["c1", "c0"]);
    assert_eq!(id_of(&home, &(codex(2) + &codex(3) + &codex(4))), "history", "its home was moved");
    assert_eq!(sessions(&home).len(), 2);
}

#[test]
fn a_home_that_was_copied_is_archived_once_until_the_two_go_different_ways() {
    let home = Home::new();
    let first = home.write("c1/history.jsonl", codex(1) + &codex(2));
    let second = home.write("c2/history.jsonl", codex(1) + &codex(2));
    import(&home, "CODEX_HOME", &["c1", "c2"]);
    assert_eq!(sessions(&home).len(), 1);
    append(&first, &codex(3));
    import(&home, "CODEX_HOME", &["c1", "c2"]);
    assert_eq!(id_of(&home, &(codex(1) + &codex(2) + &codex(3))), "history");
    append(&second, &codex(4));
    import(&home, "CODEX_HOME", &["c2", "c1"]);
    append(&second, &codex(5));
    append(&first, &codex(5));
    import(&home, "CODEX_HOME", &["c2"]);
    import(&home, "CODEX_HOME", &["c1"]);
    let held = sessions(&home);
    assert_eq!(held.len(), 2, "{held:?}");
    assert_eq!(held["history"], [1, 2, 3, 5].map(codex).concat());
    id_of(&home, &[1, 2, 4, 5].map(codex).concat());
}

#[test]
fn homes_that_are_never_configured_together_take_nothing_from_each_other() {
    let home = Home::new();
    let first = home.write("c1/history.jsonl", codex(1));
    let copy = home.write("c2/history.jsonl", codex(1));
    home.write("c3/history.jsonl", codex(1) + &codex(2));
    for name in ["c1", "c2"] {
        import(&home, "CODEX_HOME", &[name]);
        assert_eq!(id_of(&home, &codex(1)), "history");
    }
    append(&copy, &codex(3));
    append(&first, &codex(4));
    for name in ["c2", "c1", "c3", "c1", "c2", "c3"] {
        import(&home, "CODEX_HOME", &[name]);
    }
    assert_eq!(sessions(&home).len(), 3);
    for number in 2..=4 {
        id_of(&home, &(codex(1) + &codex(number)));
    }
}

#[test]
fn a_history_whose_oldest_prompts_were_dropped_is_a_version_of_itself_and_of_no_other() {
    let home = Home::new();
    home.write("c1/history.jsonl", codex(1) + &codex(2));
    home.write("c2/history.jsonl", codex(3) + &codex(4));
    import(&home, "CODEX_HOME", &["c1", "c2"]);
    let id = id_of(&home, &(codex(3) + &codex(4)));
    home.write("c2/history.jsonl", codex(4) + &codex(5));
    import(&home, "CODEX_HOME", &["c1", "c2"]);
    let versions: Vec<String> =
        home.archives().into_iter().filter(|archive| archive.contains(".v2")).collect();
    assert_eq!(versions.len(), 1, "{versions:?}");
    assert_eq!(home.sidecar(&versions[0])["session_id"], id.as_str());
    assert_eq!(home.archives().len(), 3);
}

#[test]
fn a_history_in_a_directory_that_the_user_named_is_no_version_of_one_that_it_has_nothing_in_common_with() {
    let home = Home::new();
    home.write(".codex/history.jsonl", codex(1));
    home.run(&["import"]).exits(0);
    home.write("other/history.jsonl", codex(2));
    home.run(&["import", "--from", "other"]).exits(0);
    home.write("other/history.jsonl", codex(2) + &codex(3));
    home.run(&["import", "--from", "other"]).exits(0);
    assert_eq!(id_of(&home, &codex(1)), "history");
    id_of(&home, &(codex(2) + &codex(3)));
    assert_eq!(sessions(&home).len(), 2);
}

#[test]
fn pastes_are_parts_of_the_history_of_their_own_home() {
    let home = Home::new();
    for (number, hash) in [(1, "aa11"), (2, "bb22")] {
        home.write(&format!("c{number}/history.jsonl"), claude(number, hash));
        home.write(&format!("c{number}/paste-cache/{hash}.txt"), format!("paste {number}\n"));
    }
    for homes in [["c1", "c2"], ["c2", "c1"]] {
        import(&home, "CLAUDE_CONFIG_DIR", &homes);
        let archives = home.archives();
        assert_eq!(archives.len(), 4, "{archives:?}");
        for (number, hash) in [(1, "aa11"), (2, "bb22")] {
            let text = claude(number, hash);
            let is_main = |archive: &&String| home.text(archive) == text.as_bytes();
            let main = archives.iter().find(is_main).unwrap();
            let parts = main.replace(".jsonl.gz", ".parts/");
            let of_main: Vec<&String> = archives.iter().filter(|path| path.starts_with(&parts)).collect();
            assert_eq!(of_main.len(), 1, "{archives:?}");
            assert!(of_main[0].contains(hash), "{archives:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_history_that_a_link_leads_to_is_refused_where_a_session_would_be() {
    use std::os::unix::fs::{chown, symlink};
    let home = Home::new();
    fs::create_dir_all(home.path(".claude")).unwrap();
    let link = home.path(".claude/history.jsonl");
    symlink("/nope", &link).unwrap();
    symlink("/nope", home.path(".claude/paste-cache")).unwrap();
    let run = home.run(&["import", "-v"]).exits(3);
    for name in ["history.jsonl", "paste-cache"] {
        let said = format!(".claude/{name}: a symlink that leads nowhere");
        assert!(run.stderr.contains(&said), "{}", run.stderr);
        let run = home.run(&["doctor"]).exits(1);
        assert!(run.stdout.contains("claude-code-not-read: Claude Code: 2 paths"), "{}", run.stdout);
        assert!(run.stdout.contains(&said), "{}", run.stdout);
    }
    fs::remove_file(home.path(".claude/paste-cache")).unwrap();
    fs::remove_file(&link).unwrap();
    let target = home.write("elsewhere/history.jsonl", claude(1, "aa11"));
    home.write(".claude/paste-cache/aa11.txt", "pasted\n");
    symlink(&target, &link).unwrap();
    if can_give_files_away() {
        chown(&target, Some(OTHER_USER), None).unwrap();
        let run = home.run(&["import"]).exits(3);
        assert!(run.stderr.contains("history.jsonl: a file of another user's"), "{}", run.stderr);
        assert_eq!(home.archives(), Vec::<String>::new());
        chown(&target, Some(0), None).unwrap();
    }
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 2, "one's own is followed");
}
