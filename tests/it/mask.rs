//! `sessionkeep mask`, and trying rules.

use crate::home::*;

const CONFIG: &str = r#"{"mask_patterns": [{"pattern": "ACME-([0-9]{6})", "replacement": "ACME-***"}],
    "mask_literals": ["internal-host.corp"]}"#;

#[test]
fn bytes_pass_unchanged_and_secrets_do_not() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", CONFIG);
    let run = home.run_with_input(&["mask"], b"one\r\nACME-123456 on internal-host.corp\n\0no newline");
    assert_eq!(run.stdout, "one\r\nACME-*** on ***MASKED***\n\0no newline");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

#[test]
fn masking_masked_text_changes_nothing() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", CONFIG);
    let once = home.run_with_input(&["mask"], b"ACME-123456 internal-host.corp\n").stdout;
    assert_eq!(home.run_with_input(&["mask"], once.as_bytes()).stdout, once);
}

#[test]
fn statistics_name_rules_and_no_secret() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", CONFIG);
    let run = home.run_with_input(&["mask", "--stats"], b"ACME-123456 ACME-654321\nx\n");
    assert!(run.stderr.starts_with("[sessionkeep] 2 lines, 1 masked\n"), "{}", run.stderr);
    assert!(run.stderr.contains("       2  custom"), "{}", run.stderr);
    assert!(!run.stderr.contains("123456"));
}

#[test]
fn a_broken_config_stops_it_before_anything_is_written() {
    let home = Home::new();
    for config in ["{", r#"{"mask_patterns": ["a(b"]}"#, r#"{"mask_patterns": ["(?=a)b"]}"#] {
        home.write(".sessionkeep/config.json", config);
        let run = home.run_with_input(&["mask"], b"text\n");
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{config}");
        assert!(run.stderr.starts_with("sessionkeep: "), "{}", run.stderr);
    }
}

#[test]
fn rules_are_tried_on_a_file_without_showing_a_secret() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", CONFIG);
    home.write("a.jsonl", "one\ntwo ACME-123456 three\n");
    let run = home.run(&["rules", "test", "a.jsonl"]);
    assert_eq!(run.code, 0);
    assert!(
        run.stdout.starts_with("2:5: custom") && run.stdout.contains(": two ***custom"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.ends_with("*** three\n") && !run.stdout.contains("123456"), "{}", run.stdout);
    assert_eq!(run.stderr, "[sessionkeep] 1 secret in a.jsonl\n");
    assert_eq!(home.run(&["rules", "test", "none"]).code, 3);
}

#[test]
fn the_table_of_rules_is_json_when_asked_for() {
    let home = Home::new();
    let run = home.run(&["rules", "--json"]);
    let rules: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap();
    assert!(!rules.is_empty());
    assert!(rules.iter().all(|rule| rule["id"].is_string() && rule["placeholder"].is_string()));
    assert_eq!(home.run(&["rules"]).stdout.lines().count(), rules.len());
}

#[test]
fn a_large_file_comes_out_as_it_does_of_a_pipe_and_from_where_standard_input_stands() {
    use std::io::{Seek, SeekFrom};
    let home = Home::new();
    let id = "a1b2c3d4-0000-4000-8000-000000000001";
    let line = |number: u64| {
        let token = github_token(number % 7);
        let text = format!("{number} {}", if number.is_multiple_of(50) { &token } else { "nothing" });
        user(id, 1, &text.repeat(30))
    };
    let text: String = (0..6000).map(line).collect();
    let path = home.write("large.jsonl", &text);
    for skipped in [0, text.find('\n').unwrap() as u64 + 1] {
        let mut file = std::fs::File::open(&path).unwrap();
        file.seek(SeekFrom::Start(skipped)).unwrap();
        let of_file = home.command(&["mask", "--stats"]).stdin(file).output().unwrap();
        let of_pipe = home.run_with_input(&["mask", "--stats"], &text.as_bytes()[skipped as usize..]);
        let of_file = Run::of(of_file);
        assert_eq!((&of_file.stdout, &of_file.stderr), (&of_pipe.stdout, &of_pipe.stderr));
        assert!(of_file.stdout.contains("ghp_***MASKED***"), "{}", &of_file.stdout[..1000]);
        assert_eq!(of_file.stdout.lines().count(), text[skipped as usize..].lines().count());
    }
}
