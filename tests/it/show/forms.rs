//! The forms that messages are printed in: for people, as JSON, as the stored lines, as Markdown.

use super::*;

#[test]
fn people_see_calls_in_a_line_changes_as_a_diff_and_the_first_lines_of_results() {
    let home = told();
    let text = shown(&home, &["a1b2"]);
    for expected in [
        "Where does the TypeError come from?\nclaude-code · my-project · claude-opus-4-7 · 2026-06-05 14:30 to 14:41 · 12 lines · 1 part · ",
        "user  14:30:00 #1\nWhere does the TypeError come from?\n",
        "assistant  14:32:00 #3\n# Found\n\nIt is `parse`, **twice**.\n",
        "▶ Bash  cargo test  14:33:00 #4\n  │ line 1 of the output\n",
        "  │ line 6 of the output\n  │ … 14 more lines: #5\n",
        "▶ Edit  src/parse.rs  14:35:00 #6\n   a\n  -b\n  +c\n  │ The file has been updated.\n",
        "▶ Bash  make x  14:37:00 #8\n  ✗ exit code 2\n",
        "[image: png, 8B]  14:39:00 #10\n",
    ] {
        assert!(text.contains(expected), "{expected:?} in {text}");
    }
    assert!(!text.contains('\u{1b}'));
    let full = shown(&home, &["a1b2", "--full"]);
    assert!(
        full.contains("  │ line 20 of the output\n") && full.contains("description: Run the tests\n"),
        "{full}"
    );
}

#[test]
fn the_text_of_each_message_is_in_the_line_that_it_names() {
    let home = told();
    let raw = home.run(&["show", "a1b2", "--raw"]).exits(0).stdout;
    let lines: Vec<&str> = raw.lines().collect();
    let messages = messages(&home, &["a1b2"]);
    assert_eq!(messages.len(), 12);
    for message in messages.iter().filter(|message| message["kind"] != "image") {
        let line = lines[message["line"].as_u64().unwrap() as usize - 1];
        let [start, end] = [0, 1].map(|side| message["range"][side].as_u64().unwrap() as usize);
        let written = &line[start..end];
        let text = message["text"].as_str().unwrap();
        let decoded: Result<String, _> = serde_json::from_str(&format!("\"{written}\""));
        assert!(decoded.is_ok_and(|decoded| decoded == text) || written == text, "{message}");
    }
}

#[test]
fn stored_lines_come_byte_for_byte() {
    let home = told();
    let stored = home.text(NAME);
    let output = home.command(&["show", "a1b2", "--raw"]).output().unwrap();
    assert_eq!(output.stdout, stored);
    let lines: Vec<&[u8]> = stored.split_inclusive(|byte| *byte == b'\n').collect();
    let output = home.command(&["show", "a1b2", "--raw", "--tool", "Edit"]).output().unwrap();
    assert_eq!(output.stdout, lines[5..7].concat());
    let output = home.command(&["show", "a1b2#3", "--raw"]).output().unwrap();
    assert_eq!(output.stdout, lines[2]);
    // Of a message without a text, too.
    let mut lines = talk();
    lines.push("{\"type\":\"file-history-snapshot\",\"messageId\":\"m1\"}\n".to_owned());
    home.claude_session(ID, &lines);
    home.run(&["import"]).exits(0);
    assert_eq!(home.run(&["show", "a1b2", "--raw", "--kind", "event"]).exits(0).stdout, lines[12]);
}

#[test]
fn programs_get_all_messages_and_images_only_where_they_are_asked_for() {
    let home = told();
    let said = messages(&home, &["a1b2"]);
    assert_eq!(said[1]["kind"], "thinking");
    assert_eq!((&said[9]["image_bytes"], &said[9]["text"]), (&json!(8), &json!("")));
    let full = messages(&home, &["a1b2", "--full", "--kind", "image"]);
    assert_eq!(full[0]["text"], "iVBORw0KGgo=");
    assert_eq!(said[4]["tool"], "Bash");
}

#[test]
fn markdown_has_a_heading_for_each_message_and_fences_around_what_tools_say() {
    let home = told();
    let text = shown(&home, &["a1b2", "--markdown"]);
    for expected in [
        "# Where does the TypeError come from?\n\n- claude-code\n",
        "\n## User — 2026-06-05 14:30:00 \\#1\n\nWhere does",
        "\n## Assistant — 2026-06-05 14:32:00 \\#3\n\n# Found\n",
        "\n### `Edit` — 2026-06-05 14:35:00 \\#6\n\n`src/parse.rs`\n\n```diff\n a\n-b\n+c\n```\n",
        "Result of `Bash`, exit code 2 — ",
        "Image: png, 8B — ",
    ] {
        assert!(text.contains(expected), "{expected:?} in {text}");
    }
}

#[test]
fn what_cannot_go_together_is_said() {
    let home = Home::new();
    for arguments in [&["--raw", "--json"][..], &["--json", "--markdown"], &["--parts", "--part", "x"]] {
        home.run(&[&["show", "x"], arguments].concat()).exits(2);
    }
}

#[test]
fn a_reader_that_has_gone_ends_it_quietly() {
    let home = Home::new();
    home.claude_session(ID, &lines(ID, 3000));
    home.run(&["import"]).exits(0);
    for form in ["--json", "--raw", "--markdown", "--full"] {
        let script = format!("{PROGRAM} show a1b2 {form} | head -n 1");
        let output = home.command_of("sh".as_ref()).args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{form}");
        assert_eq!(output.stdout.iter().filter(|byte| **byte == b'\n').count(), 1);
    }
}
