//! Subagents and other parts: where they ran, alone, and unfolded.

use super::*;

#[test]
fn a_part_is_folded_where_it_ran() {
    let home = told();
    let text = shown(&home, &["a1b2"]);
    let call = text.find("▶ Task  Look around").unwrap();
    let part = text.find("▣ subagent agent-a1b2c3d  Look.  (2 lines, --part agent-a1b2c3d)").unwrap();
    let result = text.find("◀ Task").unwrap();
    assert!(call < part && part < result, "{text}");
    assert!(!text.contains("I looked."));
}

#[test]
fn parts_are_unfolded_or_shown_alone() {
    let home = told();
    for option in ["--parts", "--full"] {
        let text = shown(&home, &["a1b2", option]);
        let unfolded = "┃ user  14:41:00 #2\n┃ I looked.\n┗━\n";
        assert!(text.contains(unfolded), "{text}");
        assert!(text.find(unfolded).unwrap() < text.find("◀ Task").unwrap());
    }
    for part in ["agent-a1b2c3d", "agent-a1", "a1b2c3d"] {
        let text = shown(&home, &["a1b2", "--part", part]);
        assert!(
            text.contains("part agent-a1b2c3d\n") && text.contains("I looked.") && !text.contains("Bash"),
            "{text}"
        );
    }
    let said = messages(&home, &["a1b2", "--parts", "--grep", "looked"]);
    assert_eq!((said.len(), &said[0]["part"]), (1, &json!("agent-a1b2c3d")));
    assert_eq!(messages(&home, &["a1b2"]).len(), 12, "without them it is the session's own transcript");
    let path = home.store().join(home.archives().into_iter().find(|name| name.contains(".parts/")).unwrap());
    let said = messages(&home, &[path.to_str().unwrap()]);
    assert_eq!((said.len(), &said[1]["part"]), (2, &json!("agent-a1b2c3d")));
}

#[test]
fn a_part_that_nobody_names_stands_before_the_next_prompt() {
    let home = Home::new();
    let lines = [prompt(0, "one"), prompt(5, "two"), prompt(9, "three")];
    home.claude_session(ID, &lines);
    let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-ffffff1.jsonl");
    home.write(&part, prompt(6, "step"));
    home.run(&["import"]).exits(0);
    let text = shown(&home, &["a1b2"]);
    let places = ["two\n", "▣ subagent agent-ffffff1", "three\n"].map(|text_of| text.rfind(text_of).unwrap());
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn steps_in_the_sessions_own_transcript_are_folded_to_one_line() {
    let home = Home::new();
    let step = |line, text: &str| prompt(line, text).replace("\"isSidechain\":false", "\"isSidechain\":true");
    home.claude_session(
        ID,
        &[prompt(0, "go"), step(1, "Find it.\nAll."), step(2, "found"), prompt(3, "well")],
    );
    home.run(&["import"]).exits(0);
    let text = shown(&home, &["a1b2"]);
    assert!(
        text.contains("▣ subagent  Find it.  (2 messages, from #2; --parts)\n") && !text.contains("found"),
        "{text}"
    );
    assert!(shown(&home, &["a1b2", "--parts"]).contains("[subagent]\nfound\n"));
    assert!(shown(&home, &["a1b2", "--grep", "found"]).contains("found"));
}

#[test]
fn a_part_that_is_not_there_says_which_are() {
    let home = told();
    let run = home.run(&["show", "a1b2", "--part", "b"]).exits(1);
    assert!(run.stderr.contains("no part") && run.stderr.contains("agent-a1b2c3d"), "{}", run.stderr);
    let alone = Home::new();
    alone.claude_session(ID, &lines(ID, 1));
    alone.run(&["import"]).exits(0);
    assert!(alone.run(&["show", "a1b2", "--part", "b"]).exits(1).stderr.contains("has no parts"));
}

#[test]
fn a_session_of_parts_alone_shows_them() {
    let home = Home::new();
    let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-a1b2c3d.jsonl");
    home.write(&part, prompt(6, "alone"));
    home.run(&["import"]).exits(0);
    assert!(shown(&home, &["a1b2"]).contains("▣ subagent agent-a1b2c3d"));
    assert_eq!(messages(&home, &["a1b2"])[0]["text"], "alone");
}
