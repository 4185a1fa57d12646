//! `sessionkeep config`, and how every command meets a configuration.

use crate::program::Home;
use serde_json::Value;

#[test]
fn check_says_what_is_read_and_what_it_holds() {
    let home = Home::new();
    let path = home
        .write(".sessionkeep/config.json", r#"{"mask_patterns": ["ACME-\\d+"], "mask_literals": ["abc"]}"#);
    let ran = home.run(&["config", "check"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for expected in [
        format!("file: {} (from the default)\n", path.display()),
        format!("store: {} (from the default)\n", home.store().display()),
        "config: read\n".to_owned(),
        "mask_patterns[0]: \"ACME-\\d+\" -> \"***MASKED***\"\n".to_owned(),
        "mask_literals: 1 text\n".to_owned(),
        "rules: all compile, version ".to_owned(),
    ] {
        assert!(ran.stdout.contains(&expected), "{expected} in {}", ran.stdout);
    }
}

#[test]
fn check_fails_for_what_no_rule_can_be_made_of() {
    let home = Home::new();
    for config in [r#"{"mask_patterns": ["a(b"]}"#, r#"{"disable_rules": ["no-such-rule"]}"#, "[1]"] {
        home.write(".sessionkeep/config.json", config);
        let ran = home.run(&["config", "check"]);
        assert_eq!(ran.code, 2, "{config}");
        assert!(
            ran.stdout.starts_with("file: ") && ran.stderr.starts_with("sessionkeep: "),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn an_unknown_entry_is_a_warning() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", r#"{"mask_pattern": []}"#);
    let ran = home.run(&["config", "check"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("warning: ") && ran.stderr.contains("\"mask_pattern\""), "{}", ran.stderr);
}

#[test]
fn the_path_is_printed_whether_the_file_exists_or_not() {
    let home = Home::new();
    let expected = format!("{}\n", home.path().join(".sessionkeep/config.json").display());
    assert_eq!(home.run(&["config", "path"]).stdout, expected);
    assert_eq!(home.run(&["config", "path", "--config", "/x.json"]).stdout, "/x.json\n");
}

#[test]
fn show_as_json_tells_what_is_in_force() {
    let home = Home::new();
    let ran = home.run(&["config", "show", "--json", "--out", "/some/store", "--threads", "3"]);
    let shown: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(shown["file"], Value::Null);
    assert_eq!((&shown["store"], &shown["store_from"]), (&"/some/store".into(), &"--out".into()));
    assert_eq!(shown["threads"], 3);
}

#[test]
fn a_file_named_explicitly_must_exist() {
    let home = Home::new();
    let ran = home.run(&["config", "check", "--config", "none.json"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("config file not found: "), "{}", ran.stderr);
    let ran = home.command(&["mask"]).env("SESSIONKEEP_CONFIG", "/none.json").output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
}

#[test]
fn the_environment_names_the_store() {
    let home = Home::new();
    let ran = home.command(&["config", "show"]).env("SESSIONKEEP_DIR", "~/elsewhere").output().unwrap();
    let stdout = String::from_utf8(ran.stdout).unwrap();
    let expected = format!("store: {} (from $SESSIONKEEP_DIR)\n", home.path().join("elsewhere").display());
    assert!(stdout.starts_with(&expected), "{stdout}");
}
