//! Copilot CLI's hooks: a file of ours in `hooks/`, beside which there may be others, and those in `settings.json`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::agents::settings::{Change, HookCall, SETUP, Settings, Wanted};

/// When Copilot CLI calls us. With names that begin with a capital letter it hands over what Claude Code does, but for the
/// transcript's path, which `Stop` has alone. A session's start tells nothing that there would be a file of.
const EVENTS: [&str; 3] = ["SessionEnd", "PreCompact", "Stop"];

/// Seconds that a hook may take.
const TIMEOUT: u64 = 10;

/// Returns what the settings in one of Copilot CLI's homes say of hooks.
pub(crate) fn of_home(home: &Path) -> Settings {
    let entries = fs::read_dir(home.join("hooks")).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files.extend(["settings.json", "config.json"].map(|name| home.join(name)));
    let is_off = |value: &Value| {
        let is_off = value.get("disableAllHooks").and_then(Value::as_bool).unwrap_or_default();
        is_off.then_some("remove \"disableAllHooks\" from the settings of Copilot CLI")
    };
    let mut all = Settings { how_to_add: SETUP.to_owned(), ..Settings::default() };
    for file in files {
        let settings = Settings::of_file(&file, String::new(), &is_off);
        all.undo_off = all
            .undo_off
            .or(settings.undo_off.filter(|_| file.parent() == Some(home) || !settings.hooks.is_empty()));
        all.hooks.extend(settings.hooks);
        all.broken.extend(settings.broken);
    }
    all
}

/// Returns our hooks for one of Copilot CLI's homes.
pub(crate) fn wanted_hooks(home: &Path, call: &HookCall) -> Vec<Wanted> {
    let file = home.join("hooks").join("sessionkeep.json");
    let wanted = |what: String, change| Wanted { file: file.clone(), what, change, note: None };
    let version = Change::Member { path: vec!["version"], value: 1.into(), is_default: true };
    let hook = |event| Change::Hook {
        path: vec!["hooks", event],
        element: json!({"type": "command", "command": call.line, "timeoutSec": TIMEOUT}),
    };
    let hooks = EVENTS.map(|event| wanted(format!("hook on {event}"), hook(event)));
    std::iter::once(wanted("version of the file's form".to_owned(), version)).chain(hooks).collect()
}
