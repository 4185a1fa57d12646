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

#[test]
fn a_copy_that_is_damaged_or_gone_is_not_put_back_and_only_hooks_are_taken_out() {
    for is_gone in [true, false] {
        let home = home();
        home.write(".gemini/settings.json", "{\"theme\": \"x\"}");
        set_up(&home).exits(0);
        let copy = fs::read_dir(home.path(".sessionkeep/setup"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| fs::read(path).unwrap() == settings("\n").as_bytes())
            .unwrap();
        match is_gone {
            true => fs::remove_file(copy).unwrap(),
            false => fs::write(copy, "{\"model\": \"torn").unwrap(),
        }
        let run = setup(&home, &["--undo"]).exits(0);
        assert!(run.stdout.contains(if is_gone { "cannot be read" } else { "damaged" }), "{run:?}");
        let expected = settings("\n").replace("\"a\": {}", "\"a\": {},\n    \"cleanupPeriodDays\": 3650");
        assert_eq!(text(&home, ".claude/settings.json"), expected);
        assert_eq!(
            text(&home, ".gemini/settings.json"),
            "{\"theme\": \"x\"}",
            "other files are as they were"
        );
        assert!(!home.path(".sessionkeep").exists(), "nothing is left");
    }
}

#[test]
fn without_a_record_undo_names_the_settings_that_still_call_sessionkeep() {
    let home = home();
    set_up(&home).exits(0);
    fs::remove_dir_all(home.path(".sessionkeep/setup")).unwrap();
    let before = everything(&home);
    for arguments in [&["--undo"][..], &["--undo", "--dry-run"]] {
        let run = setup(&home, arguments).exits(0);
        for file in [".claude/settings.json", ".codex/hooks.json", ".gemini/settings.json"] {
            let named = format!("{} calls sessionkeep", home.path(file).display());
            assert!(run.stdout.contains(&named), "{run:?}");
        }
    }
    assert_eq!(everything(&home), before);
}

#[test]
fn a_damaged_record_is_named_and_nothing_is_changed() {
    let home = home();
    set_up(&home).exits(0);
    home.write(".sessionkeep/setup/changes.json", "{\"version\": 1, \"chan");
    let before = everything(&home);
    for arguments in [&["--undo"][..], &["--yes", "--no-schedule", "--no-import", "--keep-days", "5000"]] {
        let run = setup(&home, arguments).exits(1);
        assert!(run.stderr.contains("changes.json") && run.stderr.contains("lie beside it"), "{run:?}");
    }
    assert_eq!(everything(&home), before);
}
