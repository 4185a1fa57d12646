//! Gemini CLI's `settings.json`: our hooks, and after how many days sessions are deleted.

use std::path::Path;

use serde_json::Value;

use crate::agents::settings::{Change, HookCall, SETUP, Settings, Wanted, read_leniently};

/// Days after which Gemini CLI deletes a session unless its settings say otherwise.
const DEFAULT_DAYS: u64 = 30;

/// When Gemini CLI calls us. Before it shortens its context is before each turn: it asks whether there is anything to
/// shorten afterwards.
const EVENTS: [&str; 3] = ["SessionEnd", "PreCompress", "SessionStart"];

/// Milliseconds that a hook may take; it would be 60,000.
const TIMEOUT: u64 = 10_000;

/// Returns what the settings in one of Gemini CLI's homes say of hooks. Where a folder is not trusted it calls none.
pub(crate) fn of_home(home: &Path) -> Settings {
    let is_off = |value: &Value| {
        let is_off = |path: [&str; 2]| value.get(path[0])?.get(path[1])?.as_bool().map(|is_on| !is_on);
        // The second is what the first was called before.
        let is_off = is_off(["hooksConfig", "enabled"]).or_else(|| is_off(["tools", "enableHooks"]));
        is_off.unwrap_or_default().then_some("type /hooks enable-all in Gemini CLI")
    };
    Settings::of_file(&home.join("settings.json"), SETUP.to_owned(), &is_off).with_milliseconds(0)
}

/// Returns our hooks for the settings in one of Gemini CLI's homes.
pub(crate) fn wanted_hooks(home: &Path, call: &HookCall) -> Vec<Wanted> {
    EVENTS.map(|event| Wanted::grouped_hook(home.join("settings.json"), event, call, TIMEOUT)).into()
}

/// Returns the days after which Gemini CLI deletes a session, as the settings in its home say; `None` for never.
pub(crate) fn cleanup_days(home: &Path) -> Option<u64> {
    let value = read_leniently(&home.join("settings.json"));
    let retention = value.as_ref().and_then(|value| value.get("general")?.get("sessionRetention"));
    let Some(retention) = retention else { return Some(DEFAULT_DAYS) };
    if retention.get("enabled").and_then(Value::as_bool) == Some(false) {
        return None;
    }
    let days = retention.get("maxAge").and_then(Value::as_str).and_then(|age| {
        let (number, unit) = age.split_at_checked(age.len().checked_sub(1)?)?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        // One that is too large to be read is no small one.
        let number: u64 = is_number.then(|| number.parse().unwrap_or(u64::MAX))?;
        match unit {
            "h" => Some(number / 24),
            "d" => Some(number),
            "w" => Some(number.saturating_mul(7)),
            "m" => Some(number.saturating_mul(30)),
            _ => None,
        }
    });
    Some(days.unwrap_or(DEFAULT_DAYS))
}

/// Returns `general.sessionRetention.maxAge` for the settings in a home that keep sessions for fewer days.
pub(crate) fn wanted_days(home: &Path, days: u64) -> Vec<Wanted> {
    let Some(now) = cleanup_days(home).filter(|now| *now < days) else { return Vec::new() };
    let change = Change::Member {
        path: vec!["general", "sessionRetention", "maxAge"],
        value: format!("{days}d").into(),
        is_default: false,
    };
    let what = format!("keep sessions for {days} days instead of {now}");
    vec![Wanted { file: home.join("settings.json"), what, change, note: None }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn geminis_retention_is_read_in_its_units() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(cleanup_days(home.path()), Some(30));
        for (retention, days) in [
            (r#"{"maxAge": "2w"}"#, Some(14)),
            (r#"{"maxAge": "é"}"#, Some(30)),
            (r#"{"maxAge": "99999999999999999999999d"}"#, Some(u64::MAX)),
            (r#"{"enabled": false}"#, None),
        ] {
            let text = format!(r#"{{"general": {{"sessionRetention": {retention}}}}}"#);
            fs::write(home.path().join("settings.json"), text).unwrap();
            assert_eq!(cleanup_days(home.path()), days, "{retention}");
        }
    }

    #[test]
    fn geminis_hooks_are_read_with_comments_in_milliseconds_and_switched_off() {
        let home = tempfile::tempdir().unwrap();
        let hook = r#""hooks": {"SessionEnd": [{"hooks": [{"type": "command", "command": "/b/sessionkeep hook", "timeout": 10000}]}]}"#;
        for (text, is_off) in [
            (format!("{{ // mine\n{hook},}}"), false),
            (format!(r#"{{"hooksConfig": {{"enabled": false}}, {hook}}}"#), true),
            (format!(r#"{{"tools": {{"enableHooks": false}}, {hook}}}"#), true),
        ] {
            fs::write(home.path().join("settings.json"), &text).unwrap();
            let settings = of_home(home.path());
            assert!(settings.broken.is_empty(), "{text}");
            assert_eq!(settings.hooks[0].timeout, Some(10), "{text}");
            assert_eq!(settings.undo_off.is_some(), is_off, "{text}");
        }
    }
}
