//! `sessionkeep config`, and how every command meets a configuration.

use crate::home::*;
use serde_json::Value;

#[test]
fn check_says_what_is_read_and_what_it_holds() {
    let home = Home::new();
    let path = home
        .write(".sessionkeep/config.json", r#"{"mask_patterns": ["ACME-\\d+"], "mask_literals": ["abc"]}"#);
    let run = home.run(&["config", "check"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for expected in [
        format!("file: {} (from the default)\n", path.display()),
        format!("store: {} (from the default)\n", home.store().display()),
        "config: read\n".to_owned(),
        "mask_patterns[0]: \"ACME-\\d+\" -> \"***MASKED***\"\n".to_owned(),
        "mask_literals: 1 text\n".to_owned(),
        "rules: all compile, version ".to_owned(),
    ] {
        assert!(run.stdout.contains(&expected), "{expected} in {}", run.stdout);
    }
}

#[test]
fn check_fails_for_what_no_rule_can_be_made_of() {
    let home = Home::new();
    for config in [r#"{"mask_patterns": ["a(b"]}"#, r#"{"disable_rules": ["no-such-rule"]}"#, "[1]"] {
        home.write(".sessionkeep/config.json", config);
        let run = home.run(&["config", "check"]);
        assert_eq!(run.code, 2, "{config}");
        assert!(
            run.stdout.starts_with("file: ") && run.stderr.starts_with("sessionkeep: "),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn an_unknown_entry_is_a_warning() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", r#"{"mask_pattern": []}"#);
    let run = home.run(&["config", "check"]);
    assert_eq!(run.code, 0);
    assert!(run.stderr.contains("warning: ") && run.stderr.contains("\"mask_pattern\""), "{}", run.stderr);
}

#[test]
fn the_path_is_printed_whether_the_file_exists_or_not() {
    let home = Home::new();
    let expected = format!("{}\n", home.path(".sessionkeep/config.json").display());
    assert_eq!(home.run(&["config", "path"]).stdout, expected);
    assert_eq!(home.run(&["config", "path", "--config", "/x.json"]).stdout, "/x.json\n");
}

#[test]
fn show_as_json_tells_what_is_in_force() {
    let home = Home::new();
    let run = home.run(&["config", "show", "--json", "--out", "/some/store", "--threads", "3"]);
    let shown: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(shown["file"], Value::Null);
    assert_eq!((&shown["store"], &shown["store_from"]), (&"/some/store".into(), &"--out".into()));
    assert_eq!(shown["threads"], 3);
}

#[test]
fn a_file_named_explicitly_must_exist() {
    let home = Home::new();
    let run = home.run(&["config", "check", "--config", "none.json"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("config file not found: "), "{}", run.stderr);
    let run = home.command(&["mask"]).env("SESSIONKEEP_CONFIG", "/none.json").output().unwrap();
    assert_eq!(run.status.code(), Some(2));
}

#[test]
fn the_environment_names_the_store() {
    let home = Home::new();
    let run = home.command(&["config", "show"]).env("SESSIONKEEP_DIR", "~/elsewhere").output().unwrap();
    let stdout = String::from_utf8(run.stdout).unwrap();
    let expected = format!("store: {} (from $SESSIONKEEP_DIR)\n", home.path("elsewhere").display());
    assert!(stdout.starts_with(&expected), "{stdout}");
}
