//! `sessionkeep search`: that it finds all there is, each thing once, whatever state archives are in.

use crate::home::*;
use crate::search::{call, found, record};
use crate::store::{Session, write, write_as_0_4};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;

#[test]
fn rows_that_are_written_again_and_copied_to_a_fork_are_found_once() {
    let home = Home::new();
    let (original, fork) = (id(1), id(2));
    let row = |session: &str, number: u32, branch: &str, text: &str| {
        user(session, number, text).replace("\"gitBranch\":\"main\"", &format!("\"gitBranch\":\"{branch}\""))
    };
    let mut lines = vec![
        row(&original, 1, "main", "needle please"),
        row(&original, 2, "main", "needle found"),
        row(&original, 3, "main", "something else"),
    ];
    // A compaction writes earlier rows again.
    lines.extend([
        row(&original, 1, "feature", "needle please"),
        row(&original, 2, "feature", "needle found"),
    ]);
    home.claude_session(&original, &lines);
    let mut copied: Vec<String> = lines.iter().map(|line| line.replace(&original, &fork)).collect();
    copied.push(row(&fork, 9, "main", "only the fork goes on"));
    home.claude_session(&fork, &copied);
    home.run(&["import"]).exits(0);
    assert_eq!(found(&home, &["needle"]).len(), 2);
    let counts = home.run(&["search", "needle", "-c"]).exits(0).stdout;
    assert_eq!(counts.trim().rsplit(' ').next(), Some("2"), "{counts}");
    let paths = home.run(&["search", "needle", "-l"]).exits(0).stdout;
    assert_eq!(paths.trim(), counts.trim().rsplit_once(": ").unwrap().0);
    let paths = home.run(&["search", "needle fork", "-l"]).exits(1).stdout;
    assert_eq!(paths, "");
    assert_eq!(home.run(&["search", "fork", "-l"]).exits(0).stdout.lines().count(), 1);
    assert_eq!(found(&home, &["needle", "--max", "2"]).len(), 2);
    assert_eq!(found(&home, &["fork"]).len(), 1);
    assert_eq!(home.run(&["search", "--raw", "needle"]).stdout.lines().count(), 8);
}

#[test]
fn what_codex_writes_for_the_model_and_for_the_screen_is_found_once() {
    let home = Home::new();
    let line = |kind: &str, payload: Value| {
        json!({"timestamp": "2026-06-05T14:30:00Z", "type": kind, "payload": payload}).to_string() + "\n"
    };
    let said = |text: &str| {
        line(
            "response_item",
            json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}),
        )
    };
    let shown = |text: &str| line("event_msg", json!({"type": "user_message", "message": text}));
    let text = [
        said("needle one"),
        shown("needle one"),
        said("needle one"),
        shown("needle one"),
        shown("needle two"),
    ];
    let text = text.concat();
    let (first, second) = text.split_at(text.find('\n').unwrap() + 1);
    Session { agent: "codex", blocks: &[first.as_bytes(), second.as_bytes()], ..Session::default() }
        .write(&home.store());
    assert_eq!(found(&home, &["needle"]), ["1", "3", "5"]);
    assert_eq!(found(&home, &["needle", "--max", "2"]), ["1", "3"]);
}

#[test]
fn of_several_lines_about_a_row_the_last_that_matches_is_found() {
    let home = Home::new();
    let row = |id: u32, text: &str| {
        json!({"table": "messages", "id": id, "role": "user", "content": text}).to_string() + "\n"
    };
    let text = [row(1, "needle a"), row(2, "needle b"), row(1, "needle a again"), row(2, "gone")].concat();
    Session { agent: "hermes", blocks: &[text.as_bytes()], ..Session::default() }.write(&home.store());
    assert_eq!(found(&home, &["needle"]), ["2", "3"]);
    assert_eq!(found(&home, &["needle", "--max", "1"]), ["2"]);
}

#[test]
fn a_line_over_several_blocks_is_put_together() {
    let home = Home::new();
    let long =
        record(2, "user", json!(format!("needle {} middle {} end", "x".repeat(5000), "y".repeat(5000))));
    let first = record(1, "user", json!("middle first"));
    let last = record(3, "user", json!("needle last"));
    let (a, rest) = long.split_at(200);
    let (b, c) = rest.split_at(7000);
    let (head, tail) = (first + a, format!("{c}{last}"));
    let blocks: [&[u8]; 3] = [head.as_bytes(), b.as_bytes(), tail.as_bytes()];
    Session { blocks: &blocks, ..Session::default() }.write(&home.store());
    for threads in ["1", "4"] {
        let found = |query: &str| found(&home, &[query, "--threads", threads]);
        assert_eq!(found("needle"), ["2", "3"]);
        assert_eq!(found("middle"), ["1", "2"]);
        assert_eq!(found("middle needle end"), ["2"]);
        assert_eq!(found("last"), ["3"]);
    }
}

#[test]
fn a_line_too_long_to_be_decoded_is_found_as_an_event() {
    let home = Home::new();
    let filler = format!("{{\"text\":\"{}", "x".repeat(1 << 20));
    let mut blocks: Vec<&[u8]> = vec![b"{\"text\":\"first\"}\n"];
    blocks.extend(std::iter::repeat_n(filler.as_bytes(), 66));
    blocks
        .extend([&b"nee"[..], b"dle \\\"quoted\\\"\"}\n{\"role\":\"user\",\"content\":\"needle behind\"}\n"]);
    Session { blocks: &blocks, ..Session::default() }.write(&home.store());
    let run = home.run(&["search", "needle", "--json"]).exits(0);
    let kinds: Vec<(Value, Value)> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|one| (one["event"].clone(), one["line"].clone()))
        .collect();
    assert_eq!(kinds[0], (json!("long line"), json!(2)));
    assert_eq!(found(&home, &["needle \"\\\"quoted\\\"\""]), ["2"]);
    assert_eq!(found(&home, &["needle absent"]), [""; 0]);
}

#[test]
fn a_damaged_archive_is_named_and_the_rest_searched() {
    let home = Home::new();
    let blocks = [1, 2, 3].map(|number| record(number, "user", json!(format!("needle {number}"))));
    let blocks: Vec<&[u8]> = blocks.iter().map(|block| block.as_bytes()).collect();
    let path = Session { blocks: &blocks, ..Session::default() }.write(&home.store());
    write_as_0_4(&home.store(), "2025/01/old", record(1, "user", json!("needle old")).as_bytes());
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.len() - 20;
    bytes[at] ^= 0xff;
    fs::write(&path, bytes).unwrap();
    write(&home.store(), "2026/07/junk", b"no gzip");
    let run = home.run(&["search", "needle"]);
    assert_eq!((run.code, run.stdout.lines().count()), (3, 3), "{}", run.stdout);
    assert_eq!(run.stderr.matches("[sessionkeep] warning: ").count(), 2, "{}", run.stderr);
}

#[test]
fn a_line_that_is_damaged_or_no_record_is_found_as_it_is() {
    let home = Home::new();
    let text = b"{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"needle cut\nplain needle\n";
    Session { blocks: &[text], ..Session::default() }.write(&home.store());
    assert_eq!(found(&home, &["needle"]), ["1", "2"]);
}

/// What a text says once its escapes are resolved, as simply as can be.
fn resolved(text: &str) -> String {
    let quoted = format!("\"{}\"", text.replace('"', "\\u0022").replace('\n', "\\n").replace('\t', "\\t"));
    serde_json::from_str(&quoted).unwrap_or_else(|_| text.to_owned())
}

fn folded(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            'ſ' => 's',
            '\u{212a}' => 'k',
            'ς' => 'σ',
            other => other.to_lowercase().next().unwrap(),
        })
        .collect()
}

/// Whether a word that is typed so is in a text.
fn is_in(word: &str, text: &str, ignores_case: bool) -> bool {
    if ignores_case || !word.chars().any(char::is_uppercase) {
        folded(text).contains(&folded(word))
    } else {
        text.contains(word)
    }
}

/// A message: what is matched of it, and its line.
fn message(number: u32, text: &str, form: u8) -> (String, String) {
    let ascii = |line: String| -> String {
        let escaped = |character: char| match character {
            '\0'..='\x7f' => character.to_string(),
            _ => character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        };
        line.chars().map(escaped).collect()
    };
    match form {
        0 => (text.to_owned(), record(number, "user", json!(text))),
        1 => (text.to_owned(), ascii(record(number, "user", json!(text)))),
        2 => (text.to_owned(), record(number, "user", json!(text)).replace('/', "\\/")),
        3 => (json!({"k": text}).to_string(), call(number, "Bash", json!({"k": text}))),
        _ => {
            let inner = ascii(json!({"k": text}).to_string());
            (inner.clone(), record(number, "user", json!(inner)))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_what_decoding_everything_finds(
        texts in proptest::collection::vec(("[aAbsSkKßſ\u{212a}éÉσςбБ👍/<\" \n\t]{0,12}", 0u8..5), 1..8),
        words in proptest::collection::vec("[aAbsSkKßéσбБ👍/<]{1,3}", 1..3),
        ignores_case: bool,
        cut in 1usize..400,
    ) {
        let home = Home::new();
        let messages: Vec<(String, String)> = texts
            .iter()
            .enumerate()
            .map(|(number, (text, form))| message(number as u32 + 1, &format!("{text}."), *form))
            .collect();
        let text: String = messages.iter().map(|(_, line)| line.as_str()).collect();
        let blocks: Vec<&[u8]> = text.as_bytes().chunks(cut).collect();
        Session { blocks: &blocks, ..Session::default() }.write(&home.store());
        let is_found = |told: &str| {
            let further = resolved(told);
            words.iter().all(|word| is_in(word, told, ignores_case) || is_in(word, &further, ignores_case))
        };
        let expected: Vec<String> = (1..)
            .zip(&messages)
            .filter(|(_, (told, _))| is_found(told))
            .map(|(line, _): (u32, _)| line.to_string())
            .collect();
        let query = words.join(" ");
        let mut arguments = vec![query.as_str()];
        arguments.extend(ignores_case.then_some("-i"));
        prop_assert_eq!(found(&home, &arguments), expected, "{:?} in {}", words, text);
    }
}
