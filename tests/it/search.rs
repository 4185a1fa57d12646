//! `sessionkeep search`: what is asked for, and how it is printed.

use crate::home::*;
use crate::store::{Session, write_as_0_4};
use serde_json::{Value, json};

/// Returns a record of Claude Code's with this content.
pub fn record(number: u32, kind: &str, content: Value) -> String {
    let record = json!({
        "type": kind, "uuid": format!("00000000-0000-4000-8000-{number:012}"), "sessionId": ID,
        "timestamp": format!("2026-06-05T14:30:{:02}.000Z", number % 60),
        "message": {"role": kind, "model": "claude-opus-4-5", "content": content},
    });
    format!("{record}\n")
}

pub fn call(number: u32, tool: &str, input: Value) -> String {
    let id = format!("toolu_{number}");
    record(number, "assistant", json!([{"type": "tool_use", "id": id, "name": tool, "input": input}]))
}

pub fn result(number: u32, of: u32, text: &str) -> String {
    let id = format!("toolu_{of}");
    record(number, "user", json!([{"type": "tool_result", "tool_use_id": id, "content": text}]))
}

/// Returns the indexes of the messages that a search prints in a pipe.
pub fn found(home: &Home, arguments: &[&str]) -> Vec<String> {
    let run = home.run(&[&["search"], arguments].concat());
    assert!(run.code < 2, "{run:?}");
    let index = |line: &str| {
        let rest = line.split_once(".jsonl.gz:").unwrap_or_else(|| panic!("{line}")).1;
        rest.split(':').nth(1).unwrap().to_owned()
    };
    run.stdout.lines().map(index).collect()
}

fn objects(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let run = home.run(&[&["search", "--json"], arguments].concat()).exits(0);
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A session with a bit of everything, a line each.
fn home() -> Home {
    let home = Home::new();
    let lines = [
        record(1, "user", json!("Please say \"hello\" to the Parser")),
        record(2, "assistant", json!([{"type": "thinking", "thinking": "the parser is a finite automaton"}])),
        call(3, "Bash", json!({"command": "grep -n \"parser\" C:\\src\\main.rs"})),
        result(4, 3, "C:\\src\\main.rs:7: fn parser()\nпривет, мир"),
        record(
            5,
            "user",
            json!([{"type": "text", "text": "first block"}, {"type": "text", "text": "second parsers"}]),
        ),
        call(6, "Read", json!({"path": "/tmp/notes"})),
        result(7, 6, "notes of nothing"),
        r#"{"type":"custom-title","customTitle":"Parser title","sessionId":"x"}"#.to_owned() + "\n",
        record(9, "user", json!("<system-reminder>mind the parser")),
        record(10, "assistant", json!("caf\u{e9} \u{1f44d}"))
            .replace('é', "\\u00e9")
            .replace('👍', "\\ud83d\\udc4d"),
    ];
    let text = lines.concat();
    Session { title: Some("Of parsers"), blocks: &[text.as_bytes()], ..Session::default() }
        .write(&home.store());
    home
}

#[test]
fn words_phrases_and_exclusions_say_what_is_in_a_message() {
    let home = home();
    let cases: [(&[&str], &[&str]); 20] = [
        (&["parser"], &["1", "2", "3", "4", "5.2", "9"]),
        (&["Parser"], &["1"]),
        (&["PARSER"], &[]),
        (&["-i", "PARSER"], &["1", "2", "3", "4", "5.2", "9"]),
        (&["-w", "parser"], &["1", "2", "3", "4", "9"]),
        (&["automaton parser"], &["2"]),
        (&["automaton", "parser"], &["2"]),
        (&["\"finite automaton\""], &["2"]),
        (&["\"automaton finite\""], &[]),
        (&["parser", "-x", "automaton", "-x", "grep"], &["1", "4", "5.2", "9"]),
        (&["say \"hello\""], &["1"]),
        (&["\"say \\\"hello\\\"\""], &["1"]),
        (&["C:\\src\\main.rs"], &["3", "4"]),
        (&["\"-n \\\"parser\\\"\""], &["3"]),
        (&["Привет"], &[]),
        (&["-i", "ПРИВЕТ"], &["4"]),
        (&["café 👍"], &["10"]),
        (&["-e", "^привет.*р$"], &["4"]),
        (&["-e", "fn \\w+\\(\\)"], &["4"]),
        (&["-e", "f[i]nite|^first"], &["2", "5"]),
    ];
    for (arguments, expected) in cases {
        assert_eq!(found(&home, arguments), expected, "{arguments:?}");
    }
}

#[test]
fn roles_tools_and_kinds_choose_messages() {
    let home = home();
    let cases: [(&[&str], &[&str]); 11] = [
        (&["parser", "--role", "user"], &["1", "5.2", "9"]),
        (&["parser", "--role", "assistant,tool"], &["2", "3", "4"]),
        (&["", "--tool", "bash"], &["3", "4"]),
        (&["", "--tool", "Read", "--role", "tool"], &["7"]),
        (&["parser", "--tool", "Read"], &[]),
        (&["parser", "--kind", "thinking"], &["2"]),
        (&["parser", "--kind", "event"], &["8"]),
        (&["parser", "--events", "--role", "system"], &["8"]),
        (&["title"], &[]),
        (&["title", "--events"], &["8"]),
        (&["parser", "--session", "ffff"], &[]),
    ];
    for (arguments, expected) in cases {
        assert_eq!(found(&home, arguments), expected, "{arguments:?}");
    }
    home.run(&["search", "x", "--role", "nobody"]).exits(2);
}

#[test]
fn a_call_in_another_block_still_names_the_tool_of_its_result() {
    let home = Home::new();
    let (first, second) = (call(1, "Bash", json!({"command": "ls"})), result(2, 1, "needle"));
    Session { blocks: &[first.as_bytes(), second.as_bytes()], ..Session::default() }.write(&home.store());
    assert_eq!(found(&home, &["needle", "--tool", "bash"]), ["2"]);
    assert_eq!(found(&home, &["needle", "--tool", "Read"]), [""; 0]);
}

#[test]
fn json_has_what_is_known_of_the_message_and_its_place() {
    let home = home();
    let objects = objects(&home, &["привет"]);
    let one = &objects[0];
    let path = home.store().join("2026/06/2026-06-05_1430_project_a1b2c3d4.jsonl.gz");
    for (member, expected) in [
        ("session", json!("a1b2c3d4-0000")),
        ("agent", json!("claude-code")),
        ("project", json!("project")),
        ("index", json!("4")),
        ("line", json!(4)),
        ("role", json!("tool")),
        ("kind", json!("tool_result")),
        ("tool", json!("Bash")),
        ("time", json!("2026-06-05T14:30:04Z")),
        ("title", json!("Of parsers")),
        ("address", json!("a1b2c3d4#4")),
        ("path", json!(path)),
        ("snippet", json!("C:\\src\\main.rs:7: fn parser() привет, мир")),
        ("text", json!("C:\\src\\main.rs:7: fn parser()\nпривет, мир")),
    ] {
        assert_eq!(one[member], expected, "{member}");
    }
    let range = &one["matches"][0];
    let at = |end: &str| range[end].as_u64().unwrap() as usize;
    assert_eq!(&one["snippet"].as_str().unwrap()[at("start")..at("end")], "привет");
    assert!(one.get("before").is_none() && one.get("media").is_none());
}

#[test]
fn the_address_of_each_hit_opens_it() {
    let home = Home::new();
    // Ids that begin with the time are alike for a minute.
    for id in ["01a204f9-0001-7000", "01A204F9-0002-7000", "01a204f9-0002-8000", "01a204f9", "aa110000-x"] {
        home.claude_session(id, &[user(id, 0, &format!("needle of {id}"))]);
    }
    home.run(&["import"]).exits(0);
    home.claude_session("aa110000-x", &[user("aa110000-x", 1, "needle, written anew")]);
    home.run(&["import"]).exits(0);
    for (agent, stem) in [
        ("codex", "2026/06/2026-06-05_1431_project_bb220000"),
        ("pi", "2026/06/2026-06-05_1431_other_bb220000"),
    ] {
        let blocks: &[&[u8]] = &[b"needle on a line of its own\n"];
        Session { stem, agent, session_id: "bb220000-x", blocks, ..Session::default() }.write(&home.store());
    }
    let hits = objects(&home, &["needle"]);
    assert_eq!(hits.len(), 8);
    let mut addresses = Vec::new();
    for hit in &hits {
        let address = hit["address"].as_str().unwrap();
        let run = home.run(&["show", address, "--json"]).exits(0);
        let shown: Value = serde_json::from_str(&run.stdout).unwrap();
        for field in ["session", "agent", "index", "text"] {
            assert_eq!(shown[field], hit[field], "{address}: {field}");
        }
        // What is not asked for is there all the same.
        let narrowed = objects(&home, &["needle", "--title", hit["title"].as_str().unwrap_or("")]);
        assert!(narrowed.iter().any(|other| other["address"] == address), "{address}: {narrowed:?}");
        addresses.push(address);
    }
    for expected in ["01a204f9#1", "01a204f9-0001#1", "01A204F9-0002-7#1", "01a204f9-0002-8#1"] {
        assert!(addresses.contains(&expected), "{expected} in {addresses:?}");
    }
}

#[test]
fn messages_around_a_match_are_printed_once_each() {
    let home = home();
    let lines = |arguments: &[&str]| -> Vec<String> {
        let stdout = home.run(&[&["search"], arguments].concat()).exits(0).stdout;
        let short = |line: &str| match line.split_once(".jsonl.gz") {
            Some((_, rest)) => rest.split(' ').next().unwrap().to_owned(),
            None => line.to_owned(),
        };
        stdout.lines().map(short).collect()
    };
    assert_eq!(lines(&["automaton", "-C", "1"]), ["-1-1-", ":2:2:", "-3-3-"]);
    assert_eq!(lines(&["notes", "-B1"]), ["-5-5.2-", ":6:6:", ":7:7:"]);
    assert_eq!(lines(&["automaton", "-A", "2"]), [":2:2:", "-3-3-", "-4-4-"]);
    assert_eq!(lines(&["-e", "automaton|nothing", "-B", "1"]), ["-1-1-", ":2:2:", "--", "-6-6-", ":7:7:"]);
    assert_eq!(lines(&["block", "-C1"]), ["-4-4-", ":5:5:", "-5-5.2-"]);
    // State between messages is none of them.
    assert_eq!(lines(&["nothing", "-A", "1"]), [":7:7:", "-9-9-"]);
    let one = &objects(&home, &["automaton", "-C", "1"])[0];
    assert_eq!((&one["before"][0]["index"], &one["after"][0]["index"]), (&json!("1"), &json!("3")));
}

#[test]
fn the_session_that_ended_last_comes_first_whatever_the_number_of_threads() {
    let home = Home::new();
    for number in 0..40_u32 {
        let line = record(number, "user", json!(format!("needle {number}")));
        let blocks = vec![line.as_bytes(); 1 + number as usize * 7 % 60];
        let (stem, id) = (format!("2026/06/{number:02}_{number:08}"), format!("{number:08}-x"));
        let ended = format!("2026-06-05T{:02}:00:00Z", number * 7 % 20);
        Session {
            stem: &stem,
            session_id: &id,
            ended_at: Some(&ended),
            blocks: &blocks,
            ..Session::default()
        }
        .write(&home.store());
    }
    let one = home.run(&["search", "needle", "--threads", "1"]).exits(0);
    for threads in ["2", "3", "16"] {
        assert!(home.run(&["search", "needle", "--threads", threads]) == one, "{threads} threads");
    }
    // Each row is written again and again, and found once.
    let numbers: Vec<u32> =
        one.stdout.lines().map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect();
    let mut expected: Vec<u32> = (0..40).collect();
    expected.sort_by_key(|number| (std::cmp::Reverse(number * 7 % 20), *number));
    assert_eq!(numbers, expected);
    let first: Vec<&str> = one.stdout.lines().take(15).collect();
    assert_eq!(home.run(&["search", "needle", "--max", "15"]).stdout.lines().collect::<Vec<_>>(), first);
    assert_eq!(home.run(&["search", "needle", "-l", "--max", "3"]).stdout.lines().count(), 3);
    let sorted = home.run(&["search", "needle", "-l", "--sort", "path"]).stdout;
    assert!(sorted.lines().count() == 40 && sorted.lines().is_sorted(), "{sorted}");
    let counts = home.run(&["search", "needle", "-c", "--sort", "path"]).stdout;
    assert!(counts.lines().all(|line| line.ends_with(".jsonl.gz: 1")), "{counts}");
}

#[test]
fn parts_come_with_their_session_and_are_named_by_their_path() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 1, "needle in the session")]);
    let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-a1b2c3d.jsonl");
    home.write(&part, user(ID, 2, "needle in a part"));
    home.run(&["import"]).exits(0);
    let objects = objects(&home, &["needle", "--title", "needle in the"]);
    let addresses: Vec<&str> = objects.iter().map(|one| one["address"].as_str().unwrap()).collect();
    let path = objects[1]["path"].as_str().unwrap();
    assert_eq!(addresses, [format!("{}#1", &ID[..8]), format!("{path}#1")]);
    assert!(objects[0].get("part").is_none() && objects[1]["part"].is_string());
    home.run(&["search", "needle", "--title", "other"]).exits(1);
}

#[test]
fn archives_of_other_programs_are_searched_as_what_their_records_are() {
    let home = Home::new();
    let lines = [record(1, "user", json!("say \"needle\"")), call(2, "Bash", json!({"command": "needle"}))];
    write_as_0_4(&home.store(), "2025/01/old", (lines.concat() + "raw needle\n").as_bytes());
    assert_eq!(found(&home, &["needle"]), ["1", "2", "3"]);
    let one = &objects(&home, &["\"\\\"needle\\\"\"", "-w"])[0];
    assert_eq!((&one["session"], &one["project"]), (&json!("old"), &json!("old-project")));
    assert_eq!(one["address"], "old#1");
    assert_eq!(home.run(&["show", "old#1", "--raw"]).exits(0).stdout, lines[0]);
    assert_eq!(found(&home, &["needle", "--tool", "bash"]), ["2"]);
}

#[test]
fn nothing_found_is_said_and_exits_1() {
    let run = home().run(&["search", "omega\u{1b}", "two"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert_eq!(run.stderr, "[sessionkeep] no matches for 'omega\\x1b two'\n");
    let run = home().run(&["search", "-e", "a(b"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("unclosed group\nhint: "), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_terminal_gets_messages_by_session() {
    if !crate::needs::has_program("script") {
        return;
    }
    let home = home();
    let command = format!("{PROGRAM} search automaton --color always");
    let mut script = home.command_of("script".as_ref());
    script.args(["-qec", &command, "/dev/null"]).stdin(std::process::Stdio::null());
    let output = script.output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n");
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines[0].contains("Of parsers") && lines[0].contains("  project  Claude Code  "), "{shown}");
    assert!(
        lines[1].contains("thinking")
            && lines[1].contains("the parser is a finite \x1b[1;31mautomaton\x1b[0m")
    );
    assert!(lines[1].contains("a1b2c3d4#2"), "{shown}");
}
