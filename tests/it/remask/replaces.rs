//! What takes the place of what: growth and identity afterwards, older versions, other programs' archives, and what is left
//! alone.

use super::*;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_session_grows_on_in_the_archive_that_was_masked_again() {
    let home = stale();
    home.run(&["remask"]).exits(0);
    let source = home.path(&format!(".claude/projects/-home-me-my-project/{ID}.jsonl"));
    append(&source, &user(ID, 9, &format!("one more {}", password())));
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 2, "no second version: {:?}", home.archives());
    let text = String::from_utf8(home.text(NAME)).unwrap();
    assert!(text.contains("one more ***MASKED***"), "{text}");
    is_clean(&home);
}

#[test]
fn a_large_session_keeps_its_blocks_when_it_grows_afterwards() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", OLDER);
    let mut lines: Vec<String> = (0..6000).map(|line| user(ID, line % 60, &"lorem ".repeat(90))).collect();
    lines[10] = user(ID, 1, &github_token(1));
    let source = home.claude_session(ID, &lines);
    home.run(&["import"]).exits(0);
    todays_rules(&home);
    home.run(&["remask"]).exits(0);
    lines.push(user(ID, 59, &github_token(2)));
    fs::write(&source, lines.concat()).unwrap();
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), [NAME]);
    home.run(&["import", "--out", "afresh"]).exits(0);
    assert!(home.text(NAME) == gunzip(&home.path("afresh").join(NAME)));
    is_clean(&home);
}

#[test]
fn an_older_version_is_masked_with_the_session() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", OLDER);
    let source = sources(&home);
    home.run(&["import"]).exits(0);
    fs::write(&source, user(ID, 0, &format!("written anew: {}", github_token(2)))).unwrap();
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 3);
    todays_rules(&home);
    let done = json(&home.run(&["remask", "--json", &ID[..8]]).exits(0));
    assert_eq!((&done["sessions_changed"], &done["archives_changed"]), (&1.into(), &3.into()));
    is_clean(&home);
    assert_eq!(home.archives().len(), 3);
}

#[test]
fn an_archive_in_which_nothing_is_found_is_not_looked_at_twice() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", OLDER);
    home.claude_session(ID, &lines(ID, 5));
    home.run(&["import"]).exits(0);
    let text = home.text(NAME);
    todays_rules(&home);
    let done = json(&home.run(&["remask", "--json"]).exits(0));
    assert_eq!((&done["sessions_unchanged"], &done["archives_written"]), (&1.into(), &1.into()));
    assert_eq!(home.text(NAME), text);
    is_clean(&home);
    let mode = fs::metadata(home.store().join(NAME)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_session_is_archived_anew_from_its_source_where_that_is_asked_for() {
    let home = Home::new();
    // An older rule cut the token: what is left of it is none for any rule.
    let token = github_token(1);
    let cut = format!(
        r#"{{"disable_rules": ["github-classic"], "mask_patterns": [{{"pattern": "{}", "replacement": "X"}}]}}"#,
        &token[..12]
    );
    home.write(".sessionkeep/config.json", cut);
    let source = home.claude_session(ID, &[user(ID, 0, &format!("push with {token}"))]);
    home.run(&["import"]).exits(0);
    todays_rules(&home);
    let rest = &token[12..];
    assert!(holds(&home, rest));
    let done = json(&home.run(&["remask", "--from-source", "--json"]).exits(0));
    assert_eq!(done["sessions_from_source"], 1, "{done}");
    assert!(!holds(&home, rest));
    assert!(String::from_utf8(home.text(NAME)).unwrap().contains("push with ghp_***MASKED***"));
    is_clean(&home);
    assert_eq!(home.archives(), [NAME]);
    // Where the source is gone, the archived text is masked.
    home.write(".sessionkeep/config.json", r#"{"mask_literals": ["push with"]}"#);
    fs::remove_file(source).unwrap();
    let done = json(&home.run(&["remask", "--from-source", "--json"]).exits(0));
    assert_eq!((&done["sessions_from_source"], &done["sessions_changed"]), (&0.into(), &1.into()));
}

#[test]
fn a_damaged_archive_is_named_and_left_alone_and_all_others_are_masked() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", OLDER);
    for number in 1..3 {
        home.claude_session(&id(number), &[user(&id(number), number, &github_token(number.into()))]);
    }
    home.run(&["import"]).exits(0);
    todays_rules(&home);
    let broken = home.store().join(&home.archives()[0]);
    let mut bytes = fs::read(&broken).unwrap();
    let at = bytes.len() - 12;
    bytes[at] ^= 0xff;
    fs::write(&broken, &bytes).unwrap();
    let run = home.run(&["remask"]).exits(4);
    assert!(run.stderr.contains(broken.file_name().unwrap().to_str().unwrap()), "{run:?}");
    assert_eq!(fs::read(&broken).unwrap(), bytes);
    assert!(run.stdout.contains("github-classic"), "{run:?}");
    assert!(run.stderr.contains("1 session looked through: 1 masked more, 0 with nothing new"), "{run:?}");
}

#[test]
fn a_newer_format_is_left_alone() {
    let home = stale();
    let path = home.store().join(NAME);
    let mut bytes = fs::read(&path).unwrap();
    // The header's first byte is the format.
    bytes[16] = 2;
    fs::write(&path, &bytes).unwrap();
    let run = home.run(&["remask"]).exits(3);
    assert!(run.stderr.contains("newer"), "{run:?}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn an_archive_of_the_first_program_is_masked_in_the_form_that_it_has() {
    let home = Home::new();
    let name = "2026/06/2026-06-05_1430_my-project_a1b2c3d4";
    let text = [user(ID, 0, &github_token(1)), user(ID, 1, "nothing")].concat();
    let archive = home.write(&format!(".sessionkeep/sessions/{name}.jsonl.gz"), gzip(&text));
    let sidecar = serde_json::json!({
        "session_id": ID, "archived_at": "2026-06-05T14:31:00", "source": format!("/home/me/{}.jsonl", github_token(2)),
        "cwd": null, "project_slug": "my-project", "source_bytes": text.len(), "archived_bytes": 1, "line_count": 2,
        "masked_lines": 0, "archive_path": "/x", "schema_version": 1,
    });
    home.write(&format!(".sessionkeep/sessions/{name}.meta.json"), sidecar.to_string());
    for path in walkdir::WalkDir::new(home.path(".sessionkeep")).into_iter().flatten() {
        let mode = if path.file_type().is_dir() { 0o700 } else { 0o600 };
        fs::set_permissions(path.path(), fs::Permissions::from_mode(mode)).unwrap();
    }
    home.run(&["remask"]).exits(0);
    assert!(!holds(&home, &github_token(1)) && !holds(&home, &github_token(2)));
    let sidecar = home.sidecar(NAME);
    assert_eq!((&sidecar["schema_version"], &sidecar["masked_lines"]), (&1.into(), &1.into()));
    assert_eq!(sidecar["archived_bytes"], fs::metadata(&archive).unwrap().len());
    assert_eq!(home.text(NAME).split(|byte| *byte == b'\n').count(), 3);
    assert!(home.run(&["verify", "--deep"]).exits(0).stderr.contains("all well"));
    assert!(home.run(&["remask"]).exits(0).stderr.contains("nothing to do"));
}

#[test]
fn a_name_that_holds_a_secret_is_told_without_it() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", r#"{"disable_rules": ["github-classic"]}"#);
    let token = github_token(1);
    let mut record: Value = serde_json::from_str(&user(ID, 0, "hello")).unwrap();
    record["cwd"] = format!("/home/me/{token}").into();
    home.claude_session(ID, &[format!("{record}\n")]);
    home.run(&["import"]).exits(0);
    todays_rules(&home);
    let run = home.run(&["remask"]).exits(3);
    assert!(run.stdout.contains("its name holds"), "{run:?}");
    assert!(!run.stdout.contains(&token) && !run.stderr.contains(&token), "{run:?}");
    let archive = home.archives().pop().unwrap();
    assert!(!home.sidecar(&archive).to_string().contains(&token), "but for the name, it is gone");
    assert!(!String::from_utf8(home.text(&archive)).unwrap().contains(&token));
    assert!(home.run(&["verify"]).exits(0).stderr.contains("all well"));
}

#[test]
fn a_sidecar_that_a_killed_run_did_not_write_is_made_up_for() {
    let home = stale();
    let sidecar = home.store().join(NAME.replace(".jsonl.gz", ".meta.json"));
    let old = fs::read(&sidecar).unwrap();
    home.run(&["remask"]).exits(0);
    fs::write(&sidecar, old).unwrap();
    let done = json(&home.run(&["remask", "--json"]).exits(0));
    assert_eq!((&done["sidecars_written"], &done["archives_written"]), (&1.into(), &0.into()));
    is_clean(&home);
    assert_eq!(home.sidecar(NAME)["parts"].as_array().unwrap().len(), 1);
    assert!(home.archives().contains(&PART.to_owned()));
}

#[test]
fn a_run_waits_for_nobody_who_does_not_end() {
    let home = stale();
    let lock = fs::File::options().write(true).open(home.store().join(".sessionkeep/locks/import")).unwrap();
    lock.lock().unwrap();
    let mut run = home.command(&["remask"]).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(run.try_wait().unwrap().is_none(), "it waits for an import");
    drop(lock);
    assert!(run.wait().unwrap().success());
    is_clean(&home);
}
