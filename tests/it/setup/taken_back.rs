//! `setup --undo`.

use super::*;

#[test]
fn what_was_set_up_is_taken_back_byte_for_byte() {
    for text in [
        settings("\n"),
        settings("\r\n"),
        String::new(),
        "{}".to_owned(),
        "{\n}\n".to_owned(),
        "{\"model\":\"x\",\"hooks\":{\"SessionEnd\":[]}}".to_owned(),
        "{\"hooks\": null,}".to_owned(),
        "// only this\n".to_owned(),
        "{\"hooks\": {\"SessionEnd\": [{\"hooks\": [{\"command\": \"sessionkeep hook\"}]},]}}\n\n".to_owned(),
    ] {
        let home = home();
        home.write(".claude/settings.json", &text);
        let mut before = everything(&home);
        set_up(&home).exits(0);
        assert_ne!(self::text(&home, ".claude/settings.json"), text);
        let shown = setup(&home, &["--undo", "--dry-run"]).exits(0);
        assert!(shown.stdout.contains("-"), "{shown:?}");
        let run = setup(&home, &["--undo"]).exits(0);
        assert!(run.stdout.contains("byte for byte"), "{run:?}");
        let mut after = everything(&home);
        for all in [&mut before, &mut after] {
            all.retain(|path, _| !path.starts_with(home.path(".sessionkeep")) && !path.is_dir());
        }
        assert_eq!(after, before);
        assert!(!home.path(".sessionkeep/setup").exists());
        let run = setup(&home, &["--undo"]).exits(0);
        assert!(run.stdout.contains("nothing to take back"), "{run:?}");
    }
}

#[test]
fn of_a_file_that_was_changed_since_only_ours_is_taken_out() {
    let home = home();
    set_up(&home).exits(0);
    let changed = text(&home, ".claude/settings.json")
        .replace("\"opus\"", "\"sonnet\"")
        .replace("\"a\": {}", "\"a\": {\"new\": [\"sessionkeep\"]}");
    fs::write(home.path(".claude/settings.json"), changed).unwrap();
    let run = setup(&home, &["--undo"]).exits(0);
    assert!(run.stdout.contains("changed since"), "{run:?}");
    let expected = settings("\n")
        .replace("\"opus\"", "\"sonnet\"")
        .replace("\"a\": {}", "\"a\": {\"new\": [\"sessionkeep\"]}");
    assert_eq!(text(&home, ".claude/settings.json"), expected);
    assert!(!home.path(".codex/hooks.json").exists());
}

#[test]
fn a_file_that_setup_made_stays_for_what_others_put_into_it() {
    let home = home();
    set_up(&home).exits(0);
    let mut hooks = json(&home, ".codex/hooks.json");
    hooks["hooks"]["SessionEnd"]
        .as_array_mut()
        .unwrap()
        .push(serde_json::json!({"hooks": [{"command": "mine"}]}));
    hooks["other"] = 1.into();
    fs::write(home.path(".codex/hooks.json"), hooks.to_string()).unwrap();
    setup(&home, &["--undo"]).exits(0);
    let left = json(&home, ".codex/hooks.json");
    let expected =
        serde_json::json!({"hooks": {"SessionEnd": [{"hooks": [{"command": "mine"}]}]}, "other": 1});
    assert_eq!(left, expected);
    // One that somebody only wrote anew holds nothing else, and goes.
    let home = self::home();
    set_up(&home).exits(0);
    let hooks = json(&home, ".codex/hooks.json").to_string();
    fs::write(home.path(".codex/hooks.json"), hooks).unwrap();
    setup(&home, &["--undo"]).exits(0);
    assert!(!home.path(".codex/hooks.json").exists());
}

#[test]
fn several_setups_are_taken_back_together() {
    let home = home();
    setup(&home, &["--yes", "--no-schedule", "--no-import", "--no-cleanup-days"]).exits(0);
    setup(&home, &["--yes", "--no-schedule", "--no-import", "--keep-days", "100"]).exits(0);
    set_up(&home).exits(0);
    assert!(text(&home, ".claude/settings.json").contains("\"cleanupPeriodDays\": 3650"));
    setup(&home, &["--undo", "--agent", "claude-code"]).exits(0);
    assert_eq!(text(&home, ".claude/settings.json"), settings("\n"));
    assert!(home.path(".codex/hooks.json").exists());
    setup(&home, &["--undo"]).exits(0);
    assert!(!home.path(".codex/hooks.json").exists());
}

#[test]
fn what_cannot_be_taken_back_now_can_be_later() {
    let home = home();
    set_up(&home).exits(0);
    let whole = text(&home, ".claude/settings.json");
    fs::write(home.path(".claude/settings.json"), &whole[..whole.len() - 3]).unwrap();
    let run = setup(&home, &["--undo"]).exits(1);
    assert!(run.stdout.contains("by hand"), "{run:?}");
    assert_eq!(text(&home, ".claude/settings.json"), whole[..whole.len() - 3]);
    fs::write(home.path(".claude/settings.json"), &whole).unwrap();
    setup(&home, &["--undo"]).exits(0);
    assert_eq!(text(&home, ".claude/settings.json"), settings("\n"));
}
