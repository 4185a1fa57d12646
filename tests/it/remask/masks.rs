//! What is masked, and what is said of it.

use super::*;
use sessionkeep::testing::archive::Archive;

#[test]
fn what_older_rules_left_is_masked_in_the_transcript_and_in_its_parts() {
    let home = stale();
    let before = json(&home.run(&["remask", "--dry-run", "--json"]).exits(0));
    assert!(holds(&home, &github_token(1)), "a dry run writes nothing");
    let done = json(&home.run(&["remask", "--json"]).exits(0));
    assert_eq!(done["rules"], before["rules"], "a dry run finds what a run finds");
    assert_eq!(of_rule(&done, "github-classic")["matches"], 3);
    assert_eq!(of_rule(&done, "github-classic")["sessions"], 1);
    assert_eq!((&done["sessions_changed"], &done["archives_changed"]), (&1.into(), &2.into()));
    assert_eq!(done["lines_masked"], 4);
    // What the part teaches is masked in the transcript.
    let text = String::from_utf8(home.text(NAME)).unwrap();
    assert!(text.contains("it is ***MASKED*** after all"), "{text}");
    assert_eq!(text.lines().count(), 4);
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    is_clean(&home);
}

#[test]
fn counts_are_added_to_those_that_there_were_and_placeholders_are_not_counted_again() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", r#"{"disable_rules": ["github-classic"]}"#);
    let key = ["AK", "IA", "Q3EGRZ7JN2XWB5KD"].concat();
    let lines = [user(ID, 0, &format!("{key} and {}", github_token(1))), user(ID, 1, &github_token(2))];
    home.claude_session(ID, &lines);
    home.run(&["import"]).exits(0);
    let before = home.sidecar(NAME);
    assert_eq!(before["masked_lines"], 1);
    todays_rules(&home);
    home.run(&["remask"]).exits(0);
    let after = home.sidecar(NAME);
    assert_eq!(after["masked_lines"], 2, "the first line had a mask already");
    assert_eq!(after["masked_by_rule"]["github-classic"], 2);
    for (rule, count) in before["masked_by_rule"].as_object().unwrap() {
        assert_eq!(&after["masked_by_rule"][rule], count);
    }
    let header = Archive::open(&home.store().join(NAME)).unwrap().header().cloned().unwrap();
    assert_eq!(header.masked_lines, 2);
    assert_ne!(before["rules_version"], after["rules_version"]);
    for same in ["archived_at", "session_id", "source_bytes", "line_count", "version"] {
        assert_eq!(before[same], after[same], "{same}");
    }
}

#[test]
fn what_a_session_says_of_itself_is_masked_too() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", r#"{"disable_rules": ["github-classic"]}"#);
    let token = github_token(1);
    let mut record: Value = serde_json::from_str(&user(ID, 0, &format!("title {token}"))).unwrap();
    record["gitBranch"] = format!("feature/{}", github_token(2)).into();
    record["cwd"] = format!("/home/me/{}/my-project", github_token(3)).into();
    home.claude_session(ID, &[format!("{record}\n")]);
    home.run(&["import"]).exits(0);
    todays_rules(&home);
    home.run(&["remask"]).exits(0);
    for seed in 1..4 {
        assert!(!holds(&home, &github_token(seed)), "{seed}");
    }
    let listed = home.listed(&[]);
    assert!(listed[0]["title"].as_str().unwrap().starts_with("title ghp_***MASKED***"), "{listed:?}");
    assert!(home.run(&["verify"]).exits(0).stderr.contains("all well"));
}

#[test]
fn the_beginning_of_a_secret_that_a_title_ends_with_is_masked() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", r#"{"disable_rules": ["github-classic"]}"#);
    // A title has 120 characters.
    let text = format!("{} {} and more", "x".repeat(100), github_token(1));
    home.claude_session(ID, &[user(ID, 0, &text)]);
    home.run(&["import"]).exits(0);
    let beginning = &github_token(1)[..15];
    assert!(holds(&home, beginning));
    todays_rules(&home);
    home.run(&["remask"]).exits(0);
    assert!(!holds(&home, beginning), "{}", home.sidecar(NAME)["title"]);
}

#[test]
fn a_session_of_several_blocks_is_masked_as_archiving_afresh_masks_it() {
    let home = Home::new();
    let rule = r#"{"disable_rules": ["github-classic"]}"#;
    home.write(".sessionkeep/config.json", rule);
    // A block has about 1 MiB.
    let mut lines: Vec<String> = (0..4000).map(|line| user(ID, line % 60, &"lorem ".repeat(60))).collect();
    for line in (0..4000).step_by(100) {
        lines[line] = user(ID, 7, &format!("at {line}: {}", github_token(line as u64)));
    }
    home.claude_session(ID, &lines);
    home.run(&["import"]).exits(0);
    todays_rules(&home);
    let done = json(&home.run(&["remask", "--json"]).exits(0));
    assert_eq!(of_rule(&done, "github-classic")["matches"], 40);
    home.run(&["import", "--out", "afresh"]).exits(0);
    assert!(home.text(NAME) == gunzip(&home.path("afresh").join(NAME)), "as archiving afresh masks it");
}

#[test]
fn a_value_that_is_known_only_now_is_masked_when_all_is_asked_for() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, &format!("it is {} after all", password()))]);
    home.run(&["import"]).exits(0);
    home.write(".env", format!("DB_PASSWORD={}\n", password()));
    let none = home.run(&["remask"]).exits(0);
    assert!(none.stderr.contains("nothing to do"), "{none:?}");
    assert!(holds_in_text(&home, &password()));
    let done = json(&home.run(&["remask", "--all", "--json", &ID[..8]]).exits(0));
    assert_eq!(of_rule(&done, "known-value")["matches"], 1);
    assert!(!holds_in_text(&home, &password()));
    let done = json(&home.run(&["remask", "--all", "--json"]).exits(0));
    assert_eq!((&done["archives_written"], &done["sessions_unchanged"]), (&0.into(), &1.into()));
}

fn holds_in_text(home: &Home, secret: &str) -> bool {
    memchr::memmem::find(&home.text(NAME), secret.as_bytes()).is_some()
}

#[test]
fn only_the_sessions_that_are_asked_for_are_masked() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", r#"{"disable_rules": ["github-classic"]}"#);
    for number in 1..4 {
        home.claude_session(&id(number), &[user(&id(number), number, &github_token(number.into()))]);
    }
    home.run(&["import"]).exits(0);
    todays_rules(&home);
    home.run(&["remask", &id(1)[..8]]).exits(0);
    home.run(&["remask", "--session", &id(2)]).exits(0);
    assert!(!holds(&home, &github_token(1)) && !holds(&home, &github_token(2)));
    assert!(holds(&home, &github_token(3)));
    let unknown = home.run(&["remask", "ffffffff"]);
    assert_eq!(unknown.code, 1, "{unknown:?}");
    assert!(unknown.stderr.contains("hint"), "{unknown:?}");
}

/// Returns what a run found by a rule.
fn of_rule<'a>(done: &'a serde_json::Value, rule: &str) -> &'a serde_json::Value {
    let rules = done["rules"].as_array().unwrap();
    rules.iter().find(|one| one["rule"] == rule).expect("found something")
}
