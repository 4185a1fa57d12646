//! Which messages are shown.

use super::*;

#[test]
fn roles_kinds_tools_and_words_choose_messages() {
    let home = told();
    for (arguments, expected) in [
        (&["--role", "user"][..], &["1", "10"][..]),
        (&["--role", "tool"], &["5", "7", "9", "12"]),
        (&["--role", "user,tool", "--kind", "text"], &["1"]),
        (&["--kind", "thinking"], &["2"]),
        (&["--kind", "tool_call"], &["4", "6", "8", "11"]),
        (&["--kind", "call", "--tool", "bash"], &["4", "8"]),
        (&["--tool", "Edit,Task"], &["6", "7", "11", "12"]),
        (&["--kind", "image"], &["10"]),
        (&["--grep", "typeerror"], &["1"]),
        (&["--grep", "TypeERROR"], &[]),
        (&["--grep", "line 20 of"], &["5"]),
        (&["--from", "11"], &["11", "12"]),
        (&["--to", "2"], &["1", "2"]),
        (&["--from", "2026-06-05T14:31:00Z", "--to", "2026-06-05T14:32:00Z"], &["2", "3"]),
        (&["--from", "14:31", "--to", "14:32"], &["2", "3"]),
        (&["--from", "14:40:00"], &["11", "12"]),
        (&["--tail", "2"], &["11", "12"]),
        (&["--tail", "1", "--role", "user"], &["10"]),
        (&["--tail", "100", "--tool", "Task"], &["11", "12"]),
    ] {
        let arguments = [&["a1b2", "--json"], arguments].concat();
        let run = home.run(&[&["show"], &arguments[..]].concat());
        let index =
            |line: &str| serde_json::from_str::<Value>(line).unwrap()["index"].as_str().unwrap().to_owned();
        let found: Vec<String> = run.stdout.lines().map(index).collect();
        assert_eq!(found, expected, "{arguments:?}");
        assert_eq!(run.code, i32::from(expected.is_empty()), "{arguments:?}");
    }
    for wrong in [&["--role", "nobody"][..], &["--kind", "x"], &["--from", "soon"], &["--tail", "0"]] {
        home.run(&[&["show", "a1b2"], wrong].concat()).exits(2);
    }
}

#[test]
fn thoughts_and_events_are_hidden_until_they_are_asked_for_and_counted() {
    let home = Home::new();
    let mut lines = talk();
    lines.push("{\"type\":\"file-history-snapshot\",\"messageId\":\"m1\"}\n".to_owned());
    home.claude_session(ID, &lines);
    home.run(&["import"]).exits(0);
    let plain = shown(&home, &["a1b2"]);
    assert!(!plain.contains("must be the parser") && !plain.contains("file-history-snapshot"), "{plain}");
    assert!(
        plain.ends_with("11 messages, 1 of thinking hidden (--thinking), 1 event hidden (--events)\n"),
        "{plain}"
    );
    assert!(shown(&home, &["a1b2", "--thinking"]).contains("It must be the parser."));
    assert!(shown(&home, &["a1b2", "--events"]).contains("file-history-snapshot"));
    assert!(shown(&home, &["a1b2", "--kind", "event"]).contains("file-history-snapshot"));
}

#[test]
fn what_is_counted_and_that_nothing_matches_is_said() {
    let home = told();
    for (arguments, expected) in [
        (&["--tail", "2"][..], "the last 2 messages\n"),
        (&["--role", "user"], "2 messages that fit\n"),
        (&["--role", "user", "--tail", "1"], "the last message that fits\n"),
        (&["--tail", "100"], "\n11 messages\n"),
    ] {
        let text = shown(&home, &[&["a1b2"], arguments].concat());
        assert!(text.ends_with(expected), "{arguments:?}: {text}");
    }
    for (arguments, expected) in [
        (["--tool", "nope"], "no message of the session matches"),
        (["--grep", "nothing of it"], "no message of the session matches"),
        (["--grep", "must be the parser"], "--thinking"),
    ] {
        let run = home.run(&[&["show", "a1b2"], &arguments[..]].concat()).exits(1);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
}

#[test]
fn text_is_looked_for_as_a_search_looks_for_it() {
    let home = Home::new();
    let within = json!({"said": "json \"in\" json"}).to_string();
    let escaped = within.replace("said", "\\u0441\\u043a");
    home.claude_session(ID, &[prompt(0, &escaped), prompt(1, "another")]);
    home.run(&["import"]).exits(0);
    for (text, is_there) in [("in\" json", true), ("ск", true), ("СК", false), ("json \\\"in", true)] {
        let found = home.run(&["search", &format!("\"{}\"", text.replace('"', "\\\""))]);
        let shown = home.run(&["show", "a1b2", "--grep", text]);
        let expected = i32::from(!is_there);
        assert_eq!((shown.code, found.code), (expected, expected), "{text}: {shown:?} {found:?}");
    }
}

#[test]
fn one_message_is_shown_whole_with_as_many_around_it_as_are_asked_for() {
    let home = told();
    let one = shown(&home, &["a1b2#5"]);
    assert!(one.contains("line 1 of the output\n") && one.contains("line 20 of the output\n"), "{one}");
    assert!(!one.contains("TypeError come") || one.lines().next().unwrap().contains("TypeError"), "{one}");
    assert!(!one.contains("cargo test"));
    let around = shown(&home, &["a1b2#5", "-C", "1"]);
    assert!(around.contains("▶ Bash  cargo test") && around.contains("▶ Edit  src/parse.rs"), "{around}");
    assert!(!around.contains("make x"));
    assert_eq!(indexes(&home, &["a1b2#5", "-C", "2"]), ["3", "4", "5", "6", "7"]);
    assert_eq!(indexes(&home, &["a1b2#1", "-C", "1"]), ["1", "2"]);
    assert_eq!(indexes(&home, &["a1b2#12", "-C", "1"]), ["11", "12"]);
    // What is hidden among others is shown when it is named.
    assert!(shown(&home, &["a1b2#2"]).contains("It must be the parser."));
}

#[test]
fn a_message_far_into_a_large_session_is_found_without_what_stands_before_it() {
    let home = Home::new();
    let filler = "x".repeat(9000);
    let lines: Vec<String> =
        (0..9000).map(|line| prompt(line % 60, &format!("message {line} {filler}"))).collect();
    let lines: Vec<String> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            line.replace(&uuid(at as u32 % 60), &uuid(at as u32)).replace("\"parentUuid\"", "\"was\"")
        })
        .collect();
    home.claude_session(ID, &lines);
    home.run(&["import"]).exits(0);
    let said = |arguments: &[&str]| -> Vec<String> {
        let text = |message: &Value| message["text"].as_str().unwrap().replace(&filler, "").trim().to_owned();
        messages(&home, arguments).iter().map(text).collect()
    };
    assert_eq!(said(&["a1b2#5001", "-C", "1"]), ["message 4999", "message 5000", "message 5001"]);
    assert_eq!(said(&["a1b2", "--from", "8999"]), ["message 8998", "message 8999"]);
    assert_eq!(said(&["a1b2", "--tail", "2"]), ["message 8998", "message 8999"]);
    // Damage in what stands before is not even seen.
    let archive = home.store().join(&home.archives()[0]);
    let mut bytes = std::fs::read(&archive).unwrap();
    let at = bytes.len() / 10;
    bytes[at] ^= 0xff;
    std::fs::write(&archive, bytes).unwrap();
    assert_eq!(said(&["a1b2#5001"]), ["message 5000"]);
    assert_eq!(said(&["a1b2", "--tail", "1"]), ["message 8999"]);
    assert_eq!(messages(&home, &["a1b2", "--kind", "event"])[0]["marks"], json!(["damaged"]));
}
