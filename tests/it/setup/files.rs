//! Settings files as they lie on disks: behind links, with modes, broken, in read-only places, made by an older setup.

use super::*;
use crate::needs::*;
use std::os::unix::fs::{PermissionsExt, symlink};

#[test]
fn a_link_stays_and_what_it_leads_to_keeps_its_mode() {
    let home = home();
    let target = home.write("dotfiles/claude.json", settings("\n"));
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("claude.json", home.path("dotfiles/link")).unwrap();
    fs::remove_file(home.path(".claude/settings.json")).unwrap();
    symlink("../dotfiles/link", home.path(".claude/settings.json")).unwrap();
    symlink(home.path("dotfiles/hooks.json"), home.path(".codex/hooks.json")).unwrap();
    set_up(&home).exits(0);
    assert_eq!(fs::read_link(home.path(".claude/settings.json")).unwrap(), PathBuf::from("../dotfiles/link"));
    assert_eq!(fs::read_link(home.path("dotfiles/link")).unwrap(), PathBuf::from("claude.json"));
    assert!(fs::read_to_string(&target).unwrap().contains("sessionkeep hook"));
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(text(&home, "dotfiles/hooks.json").contains("sessionkeep hook"), "a link that led nowhere yet");
    setup(&home, &["--undo"]).exits(0);
    assert_eq!(fs::read_to_string(&target).unwrap(), settings("\n"));
    assert!(home.path(".codex/hooks.json").is_symlink() && !home.path("dotfiles/hooks.json").exists());
}

#[test]
fn a_file_that_cannot_be_understood_is_left_alone_with_the_lines_to_add() {
    for broken in ["{\"a\": ", "{'a': 1}", "[]", "{\"hooks\": \"none\"}", "{} {}"] {
        let home = home();
        home.write(".claude/settings.json", broken);
        let run = set_up(&home).exits(1);
        assert_eq!(text(&home, ".claude/settings.json"), broken);
        assert!(run.stdout.contains("by hand") && run.stdout.contains("\"SessionEnd\": ["), "{run:?}");
        assert!(run.stdout.contains("\"cleanupPeriodDays\": 3650"), "{run:?}");
        assert!(home.path(".codex/hooks.json").exists(), "the others are done");
    }
    let home = home();
    fs::write(home.path(".claude/settings.json"), b"{\"a\": \"\xff\"}").unwrap();
    set_up(&home).exits(1);
    assert_eq!(fs::read(home.path(".claude/settings.json")).unwrap(), b"{\"a\": \"\xff\"}");
}

#[test]
fn a_file_in_a_read_only_place_or_with_other_names_is_left_alone() {
    let home = home();
    let target = home.write("nix/store/settings.json", settings("\n"));
    fs::remove_file(home.path(".claude/settings.json")).unwrap();
    symlink(&target, home.path(".claude/settings.json")).unwrap();
    fs::set_permissions(home.path("nix/store"), fs::Permissions::from_mode(0o555)).unwrap();
    let run = set_up(&home).exits(1);
    assert!(run.stdout.contains("read-only") && run.stdout.contains("\"SessionEnd\": ["), "{run:?}");
    fs::set_permissions(home.path("nix/store"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), settings("\n"));
    let home = self::home();
    fs::hard_link(home.path(".claude/settings.json"), home.path("other")).unwrap();
    let run = set_up(&home).exits(1);
    assert!(run.stdout.contains("hard link"), "{run:?}");
    assert_eq!(text(&home, ".claude/settings.json"), settings("\n"));
}

#[test]
fn hooks_of_an_older_form_are_brought_up_to_date_and_not_added_twice() {
    let home = home();
    let hook = |line: &str| format!(r#"{{"hooks": [{{"type": "command", "command": "{line}"}}]}}"#);
    let text = format!(
        r#"{{"hooks": {{"SessionEnd": [{}, {}], "PreCompact": [{}]}}}}"#,
        hook("sessionkeep hook"),
        hook("/gone/bin/sessionkeep hook"),
        hook("my-own-script")
    );
    home.write(".claude/settings.json", text);
    set_up(&home).exits(0);
    let after = json(&home, ".claude/settings.json");
    let commands = |event: &str| -> Vec<String> {
        let groups = after["hooks"][event].as_array().unwrap().clone();
        let hooks = groups.iter().flat_map(|group| group["hooks"].as_array().unwrap().clone());
        hooks.map(|hook| hook["command"].as_str().unwrap().to_owned()).collect()
    };
    let ours = format!("{} hook", home.path("bin/sessionkeep").display());
    assert_eq!(commands("SessionEnd"), std::slice::from_ref(&ours));
    assert_eq!(commands("PreCompact"), ["my-own-script".to_owned(), ours]);
    assert!(after["hooks"]["SessionEnd"][0]["hooks"][0]["timeout"].is_u64());
}

#[test]
fn line_ends_a_mark_and_a_missing_last_line_end_are_kept() {
    let home = home();
    let before = format!("\u{feff}{}", settings("\r\n"));
    home.write(".claude/settings.json", &before);
    set_up(&home).exits(0);
    let after = text(&home, ".claude/settings.json");
    assert!(after.starts_with("\u{feff}{\r\n    // mine\r\n") && after.ends_with('}'), "{after}");
    assert!(!after.replace("\r\n", "").contains(['\r', '\n']));
    setup(&home, &["--undo"]).exits(0);
    assert_eq!(text(&home, ".claude/settings.json"), before);
}

#[test]
fn what_setup_keeps_is_private() {
    let home = home();
    fs::set_permissions(home.path(".claude/settings.json"), fs::Permissions::from_mode(0o644)).unwrap();
    set_up(&home).exits(0);
    let kept = home.path(".sessionkeep/setup");
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o700);
    let files = files_below(&kept);
    assert!(files.len() >= 2);
    for file in files {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
    assert_eq!(fs::metadata(home.path(".claude/settings.json")).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn a_store_that_cannot_be_made_is_said_before_anything_is_changed() {
    let home = home();
    home.write("file", "");
    let before = everything(&home);
    let out = home.path("file/store");
    let run = setup(&home, &["--yes", "--out", out.to_str().unwrap()]);
    assert!(run.code != 0 && run.stderr.contains("cannot open the store"), "{run:?}");
    assert_eq!(everything(&home), before);
}

#[test]
fn a_dry_run_shows_no_value_of_a_variable_or_header() {
    let home = home();
    let text = "{\n  \"hooks\": {},\n  \"env\": {\"PIN\": \"48 29 13\"},\n  \"x\": {\"headers\": {\"Key\": \"horse battery\"}}\n}\n";
    home.write(".claude/settings.json", text);
    let shown = setup(&home, &["--dry-run", "--no-schedule"]).exits(0).stdout;
    assert!(
        shown.contains("\"PIN\": \"***MASKED***\"") && shown.contains("\"Key\": \"***MASKED***\""),
        "{shown}"
    );
    set_up(&home).exits(0);
    let undone = setup(&home, &["--undo", "--dry-run"]).exits(0).stdout;
    for secret in ["48 29 13", "horse battery"] {
        assert!(!shown.contains(secret) && !undone.contains(secret), "{shown}{undone}");
    }
    assert!(self::text(&home, ".claude/settings.json").contains("48 29 13"));
}

#[test]
fn settings_of_five_megabytes_are_edited_and_given_back() {
    let home = home();
    let history: String =
        (0..50_000).map(|number| format!("  \"k{number}\": \"{}\",\n", "x".repeat(90))).collect();
    let large = format!("{{\n{history}  \"z\": 99999\n}}\n");
    home.write(".claude/settings.json", &large);
    set_up(&home).exits(0);
    let set = text(&home, ".claude/settings.json");
    assert!(set.starts_with(&large[..large.len() - 4]) && set.contains("SessionEnd"), "{}", set.len());
    setup(&home, &["--undo"]).exits(0);
    assert_eq!(text(&home, ".claude/settings.json"), large);
}

#[test]
fn in_another_users_home_setup_says_that_they_may_be_unable_to_read_what_it_makes() {
    let home = home();
    let says = "belongs to another user";
    let shown = setup(&home, &["--dry-run", "--no-schedule"]).exits(0);
    assert!(!shown.stdout.contains(says), "{shown:?}");
    if !can_give_files_away() {
        return;
    }
    std::os::unix::fs::chown(home.path(""), Some(OTHER_USER), None).unwrap();
    let shown = setup(&home, &["--dry-run", "--no-schedule"]).exits(0);
    assert!(shown.stdout.contains(says) && shown.stdout.contains("without sudo"), "{shown:?}");
}

#[test]
fn a_program_of_another_name_is_not_set_up_as_its_hooks_would_not_be_known_again() {
    let home = home();
    let other = home.path("sessionkeep-1.0-linux");
    fs::copy(PROGRAM, &other).unwrap();
    let before = everything(&home);
    for arguments in [&["--yes", "--no-schedule"][..], &["--dry-run"]] {
        let mut command = command(&home, arguments);
        let mut renamed = Command::new(&other);
        renamed.args(command.get_args());
        renamed.env_clear();
        renamed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command = renamed;
        let run = Run::of(command.stdin(Stdio::null()).output().unwrap()).exits(2);
        assert!(run.stderr.contains("by the name sessionkeep"), "{run:?}");
    }
    assert_eq!(everything(&home), before);
}
