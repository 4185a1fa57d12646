//! `sessionkeep search --raw`.

use crate::home::*;
use crate::store::{Session, write, write_as_0_4};
use serde_json::Value;
use std::fs;

/// A store with an archive of ours in three blocks and one of sessionkeep 0.4.
fn home() -> Home {
    let home = Home::new();
    Session {
        blocks: &[
            b"{\"text\":\"alpha\"}\n{\"text\":\"beta\"}\n",
            b"{\"text\":\"gamma\"}\n",
            b"{\"text\":\"alpha again, ALPHA\"}\n{\"text\":\"say \\\"hi\\\" caf\\u00e9\"}\n",
        ],
        ..Session::default()
    }
    .write(&home.store());
    write_as_0_4(
        &home.store(),
        "2025/01/old",
        b"{\"text\":\"old alpha\"}\r\n{\"text\":\"x\"}\nraw \x1b[31m red\n",
    );
    home
}

const NEW: &str = "2026/06/2026-06-05_1430_project_a1b2c3d4.jsonl.gz";

#[test]
fn lines_come_whole_sorted_by_path_with_their_numbers() {
    let home = home();
    let run = home.run(&["search", "--raw", "alpha"]);
    let (old, new) = (home.store().join("2025/01/old.jsonl.gz"), home.store().join(NEW));
    let (old, new) = (old.display(), new.display());
    assert_eq!(
        run.stdout,
        format!(
            "{old}:1: {{\"text\":\"old alpha\"}}\n{new}:1: {{\"text\":\"alpha\"}}\n{new}:4: {{\"text\":\"alpha again, ALPHA\"}}\n"
        )
    );
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

#[test]
fn nothing_found_is_said_and_exits_1() {
    let run = home().run(&["search", "--raw", "omega\u{1b}"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert_eq!(run.stderr, "[sessionkeep] no matches for 'omega\\x1b'\n");
    assert_eq!(Home::new().run(&["search", "--raw", "x"]).code, 1);
}

#[test]
fn the_same_comes_out_whatever_the_number_of_threads() {
    let home = Home::new();
    for index in 0..50 {
        let line = format!("{{\"text\":\"needle {index}\"}}\n");
        let blocks = vec![line.as_bytes(); 1 + index * 7 % 60];
        let stem = format!("2026/06/{index:02}");
        Session { stem: &stem, blocks: &blocks, ..Session::default() }.write(&home.store());
    }
    let one = home.run(&["search", "--raw", "needle", "--threads", "1"]);
    assert_eq!(one.code, 0);
    for threads in ["2", "3", "16"] {
        assert!(home.run(&["search", "--raw", "needle", "--threads", threads]) == one, "{threads} threads");
    }
    let first: Vec<&str> = one.stdout.lines().take(40).collect();
    let limited = home.run(&["search", "--raw", "needle", "--max", "40"]);
    assert_eq!(limited.stdout.lines().collect::<Vec<_>>(), first);
}

#[test]
fn case_regexes_and_json_forms_are_found() {
    let home = home();
    let count =
        |arguments: &[&str]| home.run(&[&["search", "--raw"], arguments].concat()).stdout.lines().count();
    assert_eq!(count(&["ALPHA"]), 1);
    assert_eq!(count(&["-i", "AlPhA"]), 3);
    assert_eq!(count(&["-e", "al[a-p]ha\"\\}$"]), 2);
    assert_eq!(count(&["say \"hi\" café"]), 1);
    assert_eq!(count(&["-i", "CAFÉ"]), 1);
    assert_eq!(count(&["-e", "-i", "^.*GAMMA"]), 1);
    assert_eq!(count(&["--max", "2", "alpha"]), 2);
    let run = home.run(&["search", "--raw", "-e", "a(b"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("unclosed group\nhint: "), "{}", run.stderr);
}

#[test]
fn paths_and_counts_are_by_archive() {
    let home = home();
    let (old, new) = (home.store().join("2025/01/old.jsonl.gz"), home.store().join(NEW));
    let (old, new) = (old.display(), new.display());
    assert_eq!(home.run(&["search", "--raw", "-l", "alpha"]).stdout, format!("{old}\n{new}\n"));
    assert_eq!(home.run(&["search", "--raw", "-l", "alpha", "--max", "1"]).stdout, format!("{old}\n"));
    assert_eq!(home.run(&["search", "--raw", "-c", "alpha"]).stdout, format!("{old}: 1\n{new}: 2\n"));
    assert_eq!(home.run(&["search", "--raw", "-c", "omega"]).code, 1);
}

#[test]
fn json_tells_where_and_whose() {
    let home = home();
    let run = home.run(&["search", "--raw", "-i", "alpha", "--json", "--project", "project"]);
    let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["line"], 4);
    assert_eq!(lines[1]["session_id"], "a1b2c3d4-0000");
    assert_eq!(
        (lines[1]["project"].as_str(), lines[1]["agent"].as_str()),
        (Some("project"), Some("claude-code"))
    );
    let text = lines[1]["text"].as_str().unwrap();
    let matches: Vec<&str> = lines[1]["matches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|range| {
            &text[range["start"].as_u64().unwrap() as usize..range["end"].as_u64().unwrap() as usize]
        })
        .collect();
    assert_eq!(matches, ["alpha", "ALPHA"]);
}

#[test]
fn filters_choose_archives() {
    let home = home();
    let paths =
        |arguments: &[&str]| home.run(&[&["search", "--raw", "-l", "alpha"], arguments].concat()).stdout;
    assert!(paths(&["--project", "old-project"]).ends_with("old.jsonl.gz\n"));
    assert!(paths(&["--agent", "claude-code"]).ends_with(&format!("{NEW}\n")));
    assert!(paths(&["--since", "2026-01-01"]).ends_with(&format!("{NEW}\n")));
    assert_eq!(paths(&["--project", "none"]), "");
}

#[test]
fn control_characters_are_escaped_unless_raw() {
    let home = home();
    assert!(home.run(&["search", "--raw", "red"]).stdout.ends_with(":3: raw \\x1b[31m red\n"));
    assert!(home.run(&["search", "--raw", "red", "--bytes"]).stdout.ends_with(":3: raw \x1b[31m red\n"));
    let colored = home.run(&["search", "--raw", "red", "--color", "always"]).stdout;
    assert!(colored.contains("\x1b[1;31mred\x1b[0m") && colored.contains("raw \\x1b[31m "), "{colored}");
}

#[test]
fn a_line_over_several_blocks_is_one_line_found_across_its_cuts() {
    let home = Home::new();
    Session {
        blocks: &[b"first\nlong nee", b"dle middle ", b"middle end\n", b"last needle\n"],
        ..Session::default()
    }
    .write(&home.store());
    let numbers = |query: &str| -> Vec<String> {
        let stdout = home.run(&["search", "--raw", query]).stdout;
        stdout.lines().map(|line| line.split(':').nth(1).unwrap().to_owned()).collect()
    };
    assert_eq!(numbers("needle"), ["2", "3"]);
    assert_eq!(numbers("middle"), ["2"]);
    assert_eq!(numbers("end"), ["2"]);
    assert!(home.run(&["search", "--raw", "-c", "middle"]).stdout.ends_with(": 1\n"));
}

#[test]
fn a_damaged_archive_is_named_and_the_rest_searched() {
    let home = home();
    let path = home.store().join(NEW);
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.len() - 20;
    bytes[at] ^= 0xff;
    fs::write(&path, bytes).unwrap();
    write(&home.store(), "2026/07/junk", b"no gzip");
    let run = home.run(&["search", "--raw", "alpha"]);
    assert_eq!(run.code, 3);
    assert_eq!(run.stdout.lines().count(), 2, "what is whole is found: {}", run.stdout);
    assert_eq!(run.stderr.matches("[sessionkeep] warning: ").count(), 2, "{}", run.stderr);
    assert!(run.stderr.contains(NEW) && run.stderr.contains("junk.jsonl.gz"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    use std::io::Read;
    use std::process::Stdio;
    let home = Home::new();
    let line = b"needle needle needle needle needle needle needle\n".repeat(10_000);
    Session { blocks: &[&line, &line, &line], ..Session::default() }.write(&home.store());
    let mut command = home.command(&["search", "--raw", "needle"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_no_archive_and_does_not_hang_it() {
    let home = home();
    let path = home.store().join("2025/01/fifo.jsonl.gz");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let run = home.run(&["search", "--raw", "alpha"]);
    assert_eq!((run.code, run.stdout.lines().count()), (0, 3));
    let verified = home.run(&["verify"]);
    assert!(verified.stdout.contains("fifo.jsonl.gz"), "{verified:?}");
}
