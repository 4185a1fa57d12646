//! What a transcript must not do: move the cursor, set the title, turn text around, break out of its place.

use super::*;

/// Everything that a terminal or a viewer might obey.
const HOSTILE: &str = "a\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}]52;c;ZWNobw==\u{7}b\u{202e}c\u{2066}d\u{9b}5ne\u{feff}f\rg\u{8}h\u{0}i\u{e0061}j\u{200b}\
    <script>alert(1)</script> [x](javascript:alert(1)) ![y](https://example.com/z.png)\n```\nopen";

fn hostile() -> Home {
    let home = Home::new();
    let lines = [
        prompt(0, HOSTILE),
        answer(1, json!([{"type": "thinking", "thinking": HOSTILE}, {"type": "text", "text": HOSTILE}])),
        call(2, "toolu_1", &HOSTILE[..40], json!({"command": HOSTILE})),
        result(3, "toolu_1", HOSTILE),
        call(4, HOSTILE, "Edit", json!({"file_path": HOSTILE, "old_string": "x", "new_string": HOSTILE})),
        row(5, "system", json!({"subtype": HOSTILE, "content": HOSTILE})),
        row(6, "user", json!({"isMeta": true, "message": {"role": "user", "content": HOSTILE}})),
        row(
            7,
            "user",
            json!({"message": {"role": "user", "content": [{"type": "image", "source":
            {"type": "url", "media_type": HOSTILE, "url": HOSTILE}}]}}),
        ),
    ];
    home.claude_session(ID, &lines);
    home.run(&["import"]).exits(0);
    home
}

fn is_obeyed(character: char) -> bool {
    let is_control = character.is_control() && character != '\n';
    let is_unseen = matches!(character, '\u{200b}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    is_control || is_unseen || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn nothing_of_it_is_obeyed_in_a_pipe() {
    let home = hostile();
    for options in
        [&[][..], &["--full", "--thinking", "--events"], &["--tail", "3"], &["--markdown", "--events"]]
    {
        let text = shown(&home, &[&["a1b2"], options].concat());
        let live: Vec<char> = text.chars().filter(|character| is_obeyed(*character)).collect();
        assert_eq!(live, [], "{options:?}: {text}");
        assert!(text.contains("\\u{202e}") && text.contains("\\u{e0061}"), "{text}");
    }
    for arguments in [&["alert"][..], &["alert", "--raw"], &["alert", "-C", "1"]] {
        let text = home.run(&[&["search"], arguments].concat()).exits(0).stdout;
        assert!(!text.chars().any(is_obeyed) && text.contains("\\u{2066}"), "{arguments:?}: {text}");
    }
    let output = home.command(&["search", "alert", "--raw", "--bytes"]).output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains('\u{202e}'));
    let page = home.run(&["export", "--html", "@last", "-o", "-"]).exits(0).stdout;
    assert!(!page.chars().any(is_obeyed) && page.contains("U+E0061"), "{page}");
}

#[test]
fn colours_are_the_only_sequences_where_they_are_asked_for() {
    let home = hostile();
    let text = shown(&home, &["a1b2", "--color", "always", "--full", "--thinking", "--events"]);
    for sequence in text.split('\u{1b}').skip(1) {
        let end = sequence.find('m').unwrap();
        let inner = &sequence[1..end];
        assert!(
            sequence.starts_with('[') && inner.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'),
            "{sequence}"
        );
    }
    assert!(!text.chars().any(|character| is_obeyed(character) && character != '\u{1b}'));
}

#[test]
fn markdown_of_it_runs_nothing_and_every_message_has_its_heading() {
    let home = hostile();
    let text = shown(&home, &["a1b2", "--markdown", "--thinking", "--events"]);
    let mut headings = 0;
    for event in pulldown_cmark::Parser::new_ext(&text, pulldown_cmark::Options::ENABLE_TABLES) {
        use pulldown_cmark::{Event, Tag};
        match event {
            Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Image { .. }) => {
                panic!("{event:?} in {text}")
            }
            Event::Start(Tag::Link { dest_url, .. }) => assert!(dest_url.starts_with("https:"), "{dest_url}"),
            Event::Start(Tag::Heading { .. }) => headings += 1,
            _ => {}
        }
    }
    assert_eq!(headings, 7, "the title, four that speak, two calls: {text}");
}

#[test]
fn titles_and_names_are_harmless_in_messages_too() {
    let home = Home::new();
    for id in ["aa110000-x", "aa220000-x"] {
        home.claude_session(id, &[user(id, 0, HOSTILE)]);
    }
    home.run(&["import"]).exits(0);
    let run = home.run(&["show", "aa"]).exits(2);
    assert!(!run.stderr.chars().any(is_obeyed), "{}", run.stderr);
    let run = home.run(&["show", "no\u{1b}[2J\u{202e}pe"]).exits(1);
    assert!(!run.stderr.chars().any(is_obeyed), "{}", run.stderr);
}

#[test]
fn records_of_any_form_are_shown_and_nothing_stops_it() {
    let home = Home::new();
    let lines = [
        prompt(0, "before"),
        "{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"tool_use\",\"input\":[[[]]]}]}}\n"
            .to_owned(),
        "{\"broken\": \n".to_owned(),
        "null\n[]\n\"text\"\n7\n\0\0\0\n".to_owned(),
        "{\"type\":\"user\",\"message\":{\"content\":[{\"type\":\"image\"},{\"type\":\"tool_result\"}]}}\n"
            .to_owned(),
        prompt(9, "after"),
    ];
    home.claude_session(ID, &lines);
    home.run(&["import"]).exits(0);
    for options in [&["--full", "--events"][..], &["--markdown", "--events"], &["--tail", "50", "--events"]] {
        let text = shown(&home, &[&["a1b2"], options].concat());
        assert!(text.contains("before") && text.contains("after") && text.contains("broken"), "{text}");
    }
}
