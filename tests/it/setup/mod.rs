//! `setup`: what it writes into agents' settings, what it leaves as it is, and that it can be taken back.

mod files;
#[cfg(target_os = "linux")]
mod killed;
mod schedule;
mod taken_back;
#[cfg(target_os = "linux")]
mod terminal;

use crate::home::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A file of Claude Code's settings with all that must be kept: comments, order, layout, a key that looks like a secret.
fn settings(end: &str) -> String {
    [
        "{",
        "    // mine",
        "    \"model\": \"opus\", /* the best */",
        "    \"hooks\": {",
        "        \"Stop\": []",
        "    },",
        "    \"b\": [1,2],",
        "    \"a\": {}",
        "}",
    ]
    .join(end)
}

/// Returns a home with Claude Code, Codex and Gemini CLI in it, and this program on the PATH, alone.
fn home() -> Home {
    let home = Home::new();
    home.write(".claude/settings.json", settings("\n"));
    fs::create_dir_all(home.path(".codex")).unwrap();
    fs::create_dir_all(home.path(".gemini")).unwrap();
    fs::create_dir(home.path("bin")).unwrap();
    std::os::unix::fs::symlink(PROGRAM, home.path("bin/sessionkeep")).unwrap();
    home
}

/// Returns a command of setup: no program but this one is found, so that no schedule of the machine's is touched.
fn command(home: &Home, arguments: &[&str]) -> Command {
    let mut command = home.command(&[&["setup"], arguments].concat());
    command.env("PATH", home.path("bin"));
    command
}

fn setup(home: &Home, arguments: &[&str]) -> Run {
    Run::of(command(home, arguments).output().unwrap())
}

/// Sets everything up but the schedule, without the first import.
fn set_up(home: &Home) -> Run {
    setup(home, &["--yes", "--no-schedule", "--no-import"])
}

fn text(home: &Home, file: &str) -> String {
    fs::read_to_string(home.path(file)).unwrap()
}

/// Returns what is in a settings file, which must be plain JSON.
fn json(home: &Home, file: &str) -> Value {
    serde_json::from_str(&text(home, file)).unwrap()
}

/// Returns every file below the home with its bytes, and where links lead.
fn everything(home: &Home) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = walkdir::WalkDir::new(home.path("")).into_iter().flatten();
    let content = |entry: &walkdir::DirEntry| match entry.file_type() {
        kind if kind.is_symlink() => {
            fs::read_link(entry.path()).unwrap().into_os_string().into_encoded_bytes()
        }
        kind if kind.is_file() => fs::read(entry.path()).unwrap(),
        _ => Vec::new(),
    };
    entries.map(|entry| (entry.path().to_owned(), content(&entry))).collect()
}

#[test]
fn hooks_and_days_are_written_and_nothing_else_is_touched() {
    let home = home();
    let run = set_up(&home).exits(0);
    let after = text(&home, ".claude/settings.json");
    for kept in [
        "    // mine\n",
        "\"opus\", /* the best */\n",
        "        \"Stop\": [],\n",
        "    \"b\": [1,2],\n",
        "    \"a\": {},\n",
    ] {
        assert!(after.contains(kept), "{kept}: {after}");
    }
    let plain: String = after.replace("// mine", "").replace("/* the best */", "");
    let plain: Value = serde_json::from_str(&plain).unwrap();
    assert_eq!(plain["cleanupPeriodDays"], 3650);
    let line = format!("{} hook", home.path("bin/sessionkeep").display());
    for event in ["SessionEnd", "PreCompact", "SessionStart"] {
        let hook = &plain["hooks"][event][0]["hooks"][0];
        assert_eq!((&hook["type"], &hook["command"]), (&"command".into(), &line.clone().into()), "{event}");
        assert!(hook["timeout"].as_u64().is_some_and(|seconds| (2..=60).contains(&seconds)), "{hook}");
        let hook = &json(&home, ".codex/hooks.json")["hooks"][event][0]["hooks"][0];
        assert_eq!(hook["command"], line.clone(), "{event}");
    }
    let retention = &json(&home, ".gemini/settings.json")["general"]["sessionRetention"];
    assert_eq!(retention["maxAge"], "3650d");
    assert!(run.stdout.contains("/hooks") && run.stdout.contains("setup --undo"), "{run:?}");
}

#[test]
fn a_second_setup_changes_nothing() {
    let home = home();
    setup(&home, &["--yes", "--no-schedule"]).exits(0);
    let settings = || {
        let mut all = everything(&home);
        all.retain(|path, _| !path.starts_with(home.store()));
        all
    };
    let before = settings();
    setup(&home, &["--yes", "--no-schedule"]).exits(0);
    assert_eq!(settings(), before);
    let run = setup(&home, &["--dry-run", "--no-schedule"]).exits(0);
    assert!(run.stdout.contains("Nothing would be changed."), "{run:?}");
}

#[test]
fn a_dry_run_shows_each_line_and_no_secret_and_writes_nothing() {
    let home = home();
    let token = github_token(1);
    let secret = format!("{{\n  \"env\": {{\"GITHUB_TOKEN\": \"{token}\"}},\n  \"hooks\": {{}}\n}}\n");
    home.write(".claude/settings.json", secret);
    let before = everything(&home);
    let run = setup(&home, &["--dry-run"]);
    assert_eq!(everything(&home), before);
    assert!(run.stdout.contains("+++ ") && run.stdout.contains("+  \"cleanupPeriodDays\": 3650"), "{run:?}");
    assert!(run.stdout.contains("***MASKED***") && !run.stdout.contains(&token), "{run:?}");
    // Both the settings and the screen are done without it.
    setup(&home, &["--dry-run", "--json"]);
    assert_eq!(everything(&home), before);
}

#[test]
fn without_a_terminal_or_consent_nothing_is_changed() {
    let home = home();
    let before = everything(&home);
    let run = setup(&home, &[]).exits(2);
    assert!(run.stderr.contains("--yes") && run.stderr.contains("--dry-run"), "{run:?}");
    setup(&home, &["--yes", "--agent", "nobody"]).exits(2);
    setup(&home, &["--yes", "--keep-days", "0"]).exits(2);
    setup(&home, &["--undo", "--no-hooks"]).exits(2);
    assert_eq!(everything(&home), before);
}

#[test]
fn what_is_not_wanted_is_left_as_it_is() {
    let home = home();
    let run = setup(&home, &["--yes", "--no-schedule", "--no-import", "--no-hooks", "--agent", "claude"]);
    run.exits(0);
    let after = text(&home, ".claude/settings.json");
    assert!(after.contains("\"cleanupPeriodDays\": 3650") && !after.contains("sessionkeep"), "{after}");
    assert!(!home.path(".codex/hooks.json").exists() && !home.path(".gemini/settings.json").exists());
    let home = self::home();
    setup(&home, &["--yes", "--no-schedule", "--no-import", "--no-cleanup-days"]).exits(0);
    let after = text(&home, ".claude/settings.json");
    assert!(!after.contains("cleanupPeriodDays") && after.contains("sessionkeep"), "{after}");
    let gemini = fs::read_to_string(home.path(".gemini/settings.json")).unwrap_or_default();
    assert!(!gemini.contains("sessionRetention"), "{gemini}");
}

#[test]
fn days_are_raised_and_never_lowered() {
    for (before, arguments, after) in [
        ("{\"cleanupPeriodDays\": 7}", &[][..], 3650),
        ("{\"cleanupPeriodDays\": 7}", &["--keep-days", "90"], 90),
        ("{\"cleanupPeriodDays\": 99999}", &[], 99999),
        ("{\"cleanupPeriodDays\": 400 /* mine */}", &["--keep-days", "90"], 400),
        ("{\"cleanupPeriodDays\": 0}", &["--keep-days", "90"], 90),
    ] {
        let home = home();
        home.write(".claude/settings.json", before);
        let arguments = [&["--yes", "--no-schedule", "--no-import", "--no-hooks"], arguments].concat();
        setup(&home, &arguments).exits(0);
        let text = text(&home, ".claude/settings.json").replace("/* mine */", "");
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["cleanupPeriodDays"], after, "{before} {arguments:?}");
    }
}

#[test]
fn the_hook_runs_through_the_shell_whatever_is_in_its_path_and_archives_where_setup_said() {
    let home = Home::new();
    let own = home.path("it's a \"home\" $HOME `x`");
    fs::create_dir_all(own.join(".claude")).unwrap();
    fs::create_dir_all(own.join("my bin")).unwrap();
    std::os::unix::fs::symlink(PROGRAM, own.join("my bin/sessionkeep")).unwrap();
    let store = own.join("my store");
    let mut command = home.command(&["setup", "--yes", "--no-schedule", "--no-import", "--out"]);
    let run = command.arg(&store).env("HOME", &own).env("PATH", own.join("my bin")).output().unwrap();
    Run::of(run).exits(0);
    let settings: Value =
        serde_json::from_slice(&fs::read(own.join(".claude/settings.json")).unwrap()).unwrap();
    let line = settings["hooks"]["SessionEnd"][0]["hooks"][0]["command"].as_str().unwrap();
    let path = own.join(format!(".claude/projects/-w/{ID}.jsonl"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, lines(ID, 3).concat()).unwrap();
    let payload =
        serde_json::json!({"session_id": ID, "transcript_path": path, "hook_event_name": "SessionEnd"});
    let mut shell = Command::new("sh");
    // In the foreground, as an agent's shell would run it: an option more.
    shell.args(["-c", &format!("{line} --wait")]).env_clear().env("HOME", &own).current_dir("/");
    let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), payload.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty());
    let archives =
        files_below(&store).into_iter().filter(|path| path.extension().is_some_and(|end| end == "gz"));
    assert_eq!(archives.count(), 1);
}

#[test]
fn what_decided_about_the_store_and_the_configuration_stands_in_the_hook() {
    let home = home();
    home.write("c.json", "{}");
    let mut command = command(&home, &["--yes", "--no-schedule", "--no-import"]);
    command.env("SESSIONKEEP_DIR", home.path("s")).env("SESSIONKEEP_CONFIG", home.path("c.json"));
    Run::of(command.output().unwrap()).exits(0);
    let hook = json(&home, ".codex/hooks.json")["hooks"]["SessionEnd"][0]["hooks"][0]["command"].clone();
    let wanted = format!(
        "{} hook --out {} --config {}",
        home.path("bin/sessionkeep").display(),
        home.path("s").display(),
        home.path("c.json").display()
    );
    assert_eq!(hook, wanted);
}

#[test]
fn the_first_import_is_made_and_told_of_and_scripts_read_it() {
    let home = home();
    home.claude_session(ID, &lines(ID, 3));
    let run = setup(&home, &["--yes", "--no-schedule", "--json"]).exits(0);
    let done: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(done["version"], 1);
    assert_eq!(done["import"]["archived"], 1);
    let outcome = |agent: &str| {
        let files = done["files"].as_array().unwrap();
        files.iter().find(|file| file["agent"] == agent).map(|file| file["outcome"].clone())
    };
    assert_eq!(outcome("claude-code"), Some("changed".into()));
    assert_eq!(home.archives().len(), 1);
    let run = setup(&home, &["--yes", "--no-schedule", "--json"]).exits(0);
    let again: Value = serde_json::from_str(&run.stdout).unwrap();
    let files = again["files"].as_array().unwrap();
    assert!(files.iter().all(|file| file["outcome"] == "unchanged"), "{again}");
}
