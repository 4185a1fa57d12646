//! What users pasted into prompts and the files that sessions edited, which Claude Code keeps beside its sessions.

use crate::home::*;
use std::fs;

const GONE: &str = "a1b2c3d4-0000-4000-8000-000000000002";

fn prompt(hash: &str) -> String {
    let pasted = serde_json::json!({"1": {"id": 1, "type": "text", "contentHash": hash}});
    let row = serde_json::json!({"display": "[Pasted text #1]", "pastedContents": pasted,
        "timestamp": 1_780_308_000_000_u64, "project": "/work/app", "sessionId": ID});
    format!("{row}\n")
}

/// A home with a session, a prompt history, and four such files: two of them are named.
fn home() -> Home {
    let home = Home::new();
    home.write(&format!(".claude/projects/-work-app/{ID}.jsonl"), user(ID, 0, "go"));
    home.write(".claude/history.jsonl", prompt("ab12"));
    home.write(".claude/paste-cache/ab12.txt", format!("API_KEY={}\n", github_token(1)));
    home.write(".claude/paste-cache/ffff.txt", "nobody's\n");
    home.write(&format!(".claude/file-history/{ID}/0c0c@v1"), format!("token = '{}'\n", github_token(2)));
    home.write(&format!(".claude/file-history/{GONE}/0c0c@v1"), "nobody's\n");
    home
}

#[test]
fn what_a_session_names_is_archived_as_a_part_of_it_and_masked() {
    let home = home();
    let run = home.run(&["import", "-v"]).exits(0);
    let left = run.stderr.lines().filter(|line| line.ends_with("that no session names")).count();
    assert_eq!(left, 2, "{}", run.stderr);
    let archives = home.archives();
    let find =
        |name: &str| archives.iter().find(|path| path.contains(name)).unwrap_or_else(|| panic!("{name}"));
    let texts: String =
        archives.iter().map(|path| String::from_utf8_lossy(&home.text(path)).into_owned()).collect();
    assert!(find("file-history-0c0c").contains(".parts/"));
    assert!(find("paste-ab12").contains("_history.parts/"));
    assert!(!texts.contains(&github_token(1)) && !texts.contains(&github_token(2)), "{texts}");
    assert!(!texts.contains("nobody's"));
    assert_eq!(archives.len(), 4);
    home.run(&["verify"]).exits(0);
}

#[test]
fn what_was_archived_stays_and_what_is_named_later_follows() {
    let home = home();
    home.run(&["import"]).exits(0);
    fs::remove_file(home.path(&format!(".claude/projects/-work-app/{ID}.jsonl"))).unwrap();
    home.write(&format!(".claude/file-history/{ID}/0c0c@v2"), "a later version\n");
    home.write(".claude/history.jsonl", prompt("ab12") + &prompt("ffff"));
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 6);
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("archived 0"), "{}", run.stderr);
}
