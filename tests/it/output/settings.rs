//! The commands about the program itself: config, rules, completions, man, help, and no command at all.

use super::*;

#[test]
fn config_prints_what_is_in_force() {
    let mut runs = Runs::in_home(Home::new());
    runs.when("no file").run(&["config", "path"]).run(&["config", "check"]).run(&[
        "config",
        "show",
        "--threads",
        "2",
    ]);
    runs.run(&["config", "show", "--json", "--threads", "2"]);
    let config = r#"{"mask_patterns": ["ACME-[0-9]{6}", {"pattern": "(key=)\\w+", "replacement": "\\1***MASKED***"}],
        "mask_literals": ["internal-host.corp"], "allow_literals": ["one", "two"], "allow_patterns": ["^test-"],
        "disable_rules": ["jwt"], "placeholders": "tagged", "mask_known_values": false}"#;
    runs.home.write(".sessionkeep/config.json", config);
    runs.when("a file with everything")
        .run(&["config", "check"])
        .run(&["config", "show", "--threads", "2"])
        .run(&["config", "show", "--json", "--threads", "2"]);
    runs.run_with_variable("SESSIONKEEP_DIR", "~/elsewhere", &["config", "show", "--threads", "3"]);
    runs.when("files that are not right");
    for config in [
        r#"{"mask_pattern": []}"#,
        r#"{"mask_patterns": ["a(b"]}"#,
        r#"{"mask_patterns": ["(?=a)b"]}"#,
        r#"{"disable_rules": ["no-such-rule"]}"#,
        r#"{"placeholders": "pink"}"#,
        r#"{"mask_literals": [1]}"#,
        "[1]",
        "{",
    ] {
        runs.home.write(".sessionkeep/config.json", config);
        runs.when(config).run(&["config", "check"]);
    }
    runs.run(&["config", "check", "--config", "none.json"]);
    runs.when("wrong usage").run(&["config"]).run(&["config", "bogus"]);
    runs.are("config");
}

#[test]
fn rules_prints_the_table_and_tries_it() {
    let mut runs = Runs::in_home(Home::new());
    runs.when("the table").run(&["rules"]);
    let text = format!("one\ntoken {} and more\n", github_token(1));
    runs.home.write("text.log", text);
    runs.home.write("clean.log", "nothing\n");
    runs.home.write("packed.log", b"\xfd7zXZ\0\0\x04\xe6\xd6");
    runs.when("tried").run(&["rules", "test", "text.log"]).run(&["rules", "test", "clean.log"]);
    runs.run(&["rules", "test", "packed.log"]).run(&["rules", "test", "missing.log"]).run(&["rules", "test"]);
    runs.run(&["rules", "bogus"]);
    runs.are("rules");
}

#[test]
fn rules_as_json_are_the_same_table() {
    let home = Home::new();
    let rules: Vec<serde_json::Value> = serde_json::from_str(&home.run(&["rules", "--json"]).stdout).unwrap();
    let table = home.run(&["rules"]).stdout;
    assert_eq!(rules.len(), table.lines().count());
    for (rule, line) in rules.iter().zip(table.lines()) {
        assert!(line.contains(rule["id"].as_str().unwrap()), "{rule} {line}");
    }
    snapshot("rules-json", &serde_json::to_string_pretty(&rules[..3]).unwrap());
}

#[test]
fn completions_and_manual_are_printed_whole() {
    let mut runs = Runs::in_home(Home::new());
    runs.run(&["completions", "fish"]);
    runs.when("wrong usage").run(&["completions"]).run(&["completions", "csh"]);
    runs.are("completions");
    let mut runs = Runs::in_home(Home::new());
    runs.run(&["man"]).run(&["man", "completions"]).run(&["man", "bogus"]);
    runs.are("man");
}

#[test]
fn wrong_usage_says_what_would_be_right() {
    let mut runs = Runs::in_home(Home::new());
    runs.run(&["--version"]).run(&["-V"]).run(&[]).run(&["bogus"]).run(&["imprt"]).run(&["--bogus"]);
    runs.run(&["list", "--threads", "many"]).run(&["list", "--color", "pink"]).run(&["list", "-q", "-v"]);
    runs.run(&["list", "--out"]).run(&["help", "bogus"]);
    runs.are("usage");
}
