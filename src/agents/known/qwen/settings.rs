//! Qwen Code's `settings.json`: our hooks.

use std::path::Path;

use serde_json::Value;

use crate::agents::settings::{HookCall, SETUP, Settings, Wanted};

/// When Qwen Code calls us. A session that was not typed in (`--prompt`) has no end that it would tell: it stops.
const EVENTS: [&str; 4] = ["SessionEnd", "PreCompact", "SessionStart", "Stop"];

/// How long a hook may take: milliseconds until 0.15, and since then seconds, but for numbers of a thousand or more.
const TIMEOUT: u64 = 10_000;

/// From this number on a timeout is one of milliseconds.
const MILLISECONDS_FROM: u64 = 1000;

/// Returns what the settings in one of Qwen Code's homes say of hooks.
pub(crate) fn of_home(home: &Path) -> Settings {
    let is_off = |value: &Value| {
        let is_off = value.get("disableAllHooks").and_then(Value::as_bool).unwrap_or_default();
        is_off.then_some("remove \"disableAllHooks\" from its settings.json")
    };
    let file = home.join("settings.json");
    Settings::of_file(&file, SETUP.to_owned(), &is_off).with_milliseconds(MILLISECONDS_FROM)
}

/// Returns our hooks for the settings in one of Qwen Code's homes.
pub(crate) fn wanted_hooks(home: &Path, call: &HookCall) -> Vec<Wanted> {
    EVENTS.map(|event| Wanted::grouped_hook(home.join("settings.json"), event, call, TIMEOUT)).into()
}
