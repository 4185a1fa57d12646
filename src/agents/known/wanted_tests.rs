//! What agents want in their settings is what they read there again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::agent;
use crate::agents::settings::{Change, HookCall, OWN_FILE_MARK, Wanted};

const PROGRAM: &str = "/opt/my bin/sessionkeep";

fn call() -> HookCall {
    HookCall { line: format!("'{PROGRAM}' hook"), words: vec![PROGRAM.to_owned(), "hook".to_owned()] }
}

/// Writes what is wanted into empty settings.
fn write(wanted: &[Wanted]) {
    let mut documents: BTreeMap<PathBuf, Value> = BTreeMap::new();
    for Wanted { file, change, .. } in wanted {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let (path, value) = match change {
            Change::File { text } => {
                assert!(text.lines().next().unwrap().contains(OWN_FILE_MARK), "{text}");
                fs::write(file, text).unwrap();
                continue;
            }
            Change::Hook { path, element } => (path, json!([element])),
            Change::Member { path, value, .. } => (path, value.clone()),
        };
        let mut place = documents.entry(file.clone()).or_insert_with(|| json!({}));
        for name in path {
            place = &mut place[*name];
        }
        *place = value;
    }
    for (file, document) in documents {
        fs::write(file, document.to_string()).unwrap();
    }
}

#[test]
fn hooks_that_an_agent_wants_are_found_in_its_settings_again() {
    for (id, files, events, seconds) in [
        ("claude-code", &["settings.json"][..], &["SessionEnd", "PreCompact", "SessionStart"][..], Some(10)),
        ("codex", &["hooks.json"], &["SessionEnd", "PreCompact", "SessionStart"], Some(3)),
        ("gemini", &["settings.json"], &["SessionEnd", "PreCompress", "SessionStart"], Some(10)),
        ("qwen", &["settings.json"], &["SessionEnd", "PreCompact", "SessionStart", "Stop"], Some(10)),
        ("copilot", &["hooks/sessionkeep.json"], &["SessionEnd", "PreCompact", "Stop"], Some(10)),
        ("cursor", &["hooks.json"], &["sessionEnd", "preCompact", "stop"], Some(10)),
        ("opencode", &["plugin/sessionkeep.js"], &["session.idle"], None),
        ("kilo-cli", &["plugin/sessionkeep.js"], &["session.idle"], None),
        ("pi", &["extensions/sessionkeep.ts"], &["session_shutdown"], None),
        (
            "cline",
            &["hooks/TaskComplete.mjs", "hooks/TaskCancel.mjs", "hooks/TaskError.mjs"],
            &["TaskComplete", "TaskCancel", "TaskError"],
            None,
        ),
    ] {
        let agent = agent(id).unwrap();
        let home = tempfile::tempdir().unwrap();
        let before = agent.settings(home.path()).unwrap();
        assert!(
            before.hooks.is_empty() && before.undo_off.is_none() && !before.how_to_add.is_empty(),
            "{id}"
        );
        let wanted = agent.wanted_hooks(home.path(), &call());
        let mut named: Vec<&Path> =
            wanted.iter().map(|wanted| wanted.file.strip_prefix(home.path()).unwrap()).collect();
        named.dedup();
        assert_eq!(named, files.iter().map(Path::new).collect::<Vec<_>>(), "{id}");
        write(&wanted);
        let after = agent.settings(home.path()).unwrap();
        assert!(after.broken.is_empty(), "{id}");
        let mut found: Vec<&str> = after.hooks.iter().map(|hook| hook.event.as_str()).collect();
        let mut expected = events.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{id}");
        assert!(after.hooks.iter().all(|hook| hook.program == PROGRAM), "{id}: {:?}", after.hooks);
        let at_end = after.hooks.iter().find(|hook| hook.event == events[0]).unwrap();
        assert_eq!(at_end.timeout, seconds, "{id}");
    }
}

#[test]
fn an_agent_whose_hooks_are_not_known_wants_none() {
    for id in ["mimocode", "roo", "droid", "hermes", "crush", "goose", "openclaw"] {
        let (agent, home) = (agent(id).unwrap(), tempfile::tempdir().unwrap());
        assert!(
            agent.wanted_hooks(home.path(), &call()).is_empty() && agent.settings(home.path()).is_none(),
            "{id}"
        );
    }
}

#[test]
fn hooks_that_are_switched_off_say_how_to_switch_them_on() {
    for (id, file, text) in [
        ("qwen", "settings.json", r#"{"disableAllHooks": true}"#),
        ("copilot", "settings.json", r#"{"disableAllHooks": true}"#),
        (
            "copilot",
            "hooks/sessionkeep.json",
            r#"{"disableAllHooks": true, "hooks": {"Stop": [{"command": "sessionkeep hook"}]}}"#,
        ),
        ("gemini", "settings.json", r#"{"hooksConfig": {"enabled": false}}"#),
    ] {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        assert!(agent(id).unwrap().settings(home.path()).unwrap().undo_off.is_some(), "{id}");
    }
}
