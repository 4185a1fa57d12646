//! Claude Code's `settings.json` and `settings.local.json`: our hooks, and after how many days sessions are deleted.

use std::path::Path;

use serde_json::Value;

use crate::agents::settings::{
    Change, HOOK_SNIPPET, HookCall, Settings, Wanted, hooks_in, read_json, read_leniently,
};

/// Days after which Claude Code deletes a session unless its settings say otherwise.
const DEFAULT_DAYS: u64 = 30;

/// Returns what the settings in one of Claude Code's homes say of hooks, and the days after which it deletes a session;
/// local ones overrule shared ones.
pub(crate) fn read(home: &Path) -> (Settings, u64) {
    let (mut days, mut is_off) = (DEFAULT_DAYS, false);
    let how_to_add = format!("add to {}: {HOOK_SNIPPET}", home.join("settings.json").display());
    let mut settings = Settings { how_to_add, ..Settings::default() };
    for name in ["settings.json", "settings.local.json"] {
        let file = home.join(name);
        let Some(value) = read_json(&file, &mut settings.broken) else { continue };
        days = days_in(&value).unwrap_or(days);
        is_off = value.get("disableAllHooks").and_then(Value::as_bool).unwrap_or(is_off);
        settings.hooks.extend(hooks_in(&value, &file));
    }
    settings.undo_off = is_off.then_some("remove \"disableAllHooks\" from its settings.json");
    (settings, days)
}

/// Returns the whole days that settings say, in whatever form JSON has for a number: `99999.0` and `1e6` are many days, and
/// are not to be taken for none.
fn days_in(settings: &Value) -> Option<u64> {
    let days = settings.get("cleanupPeriodDays")?;
    // More than any integer counts is as many as there are: the conversion saturates.
    days.as_u64().or_else(|| days.as_f64().map(|days| days as u64))
}

/// When Claude Code calls us: at a session's end, before it shortens its context, and at the next session's start, for
/// sessions whose end never came.
const EVENTS: [&str; 3] = ["SessionEnd", "PreCompact", "SessionStart"];

/// Seconds that a hook may take. Claude Code kills hooks on SessionEnd after 1.5 s unless one of them asks for more.
const TIMEOUT: u64 = 10;

/// Returns our hooks for the settings in one of Claude Code's homes.
pub(crate) fn wanted_hooks(home: &Path, call: &HookCall) -> Vec<Wanted> {
    let hook = |event| Wanted::grouped_hook(home.join("settings.json"), event, call, TIMEOUT);
    EVENTS.map(hook).into()
}

/// Returns `cleanupPeriodDays` for the settings in one of Claude Code's homes that keep sessions for fewer days.
pub(crate) fn wanted_days(home: &Path, days: u64) -> Vec<Wanted> {
    let file = home.join("settings.json");
    // Not the local ones: they hold in the home directory alone.
    let settings = read_leniently(&file);
    let now = settings.as_ref().and_then(days_in).unwrap_or(DEFAULT_DAYS);
    if now >= days {
        return Vec::new();
    }
    let change = Change::Member { path: vec!["cleanupPeriodDays"], value: days.into(), is_default: false };
    let what = format!("keep sessions for {days} days instead of {now}");
    vec![Wanted { file, what, change, note: None }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn days_are_only_raised_whatever_the_number_looks_like() {
        let home = tempfile::tempdir().unwrap();
        for (days, is_raised) in [
            ("99999", false),
            ("99999.0", false),
            ("1e6", false),
            ("18446744073709551616", false),
            ("123456789012345678901234567890", false),
            ("3650", false),
            ("3649.5", true),
            ("0", true),
            ("-1", true),
            ("null", true),
        ] {
            for comment in ["", "// mine\n"] {
                let text = format!("{{{comment}\"cleanupPeriodDays\": {days}}}");
                fs::write(home.path().join("settings.json"), text).unwrap();
                assert_eq!(!wanted_days(home.path(), 3650).is_empty(), is_raised, "{comment}{days}");
                assert_eq!(read(home.path()).1 < 3650, is_raised, "{comment}{days}");
            }
        }
    }

    #[test]
    fn claude_codes_local_settings_overrule_the_shared_ones() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("settings.json"), r#"{"cleanupPeriodDays": 99, "disableAllHooks": true}"#)
            .unwrap();
        fs::write(
            home.path().join("settings.local.json"),
            r#"{"cleanupPeriodDays": 7, "disableAllHooks": false}"#,
        )
        .unwrap();
        let (settings, days) = read(home.path());
        assert_eq!((days, settings.undo_off), (7, None));
        fs::write(home.path().join("settings.json"), "{").unwrap();
        assert_eq!(read(home.path()).0.broken.len(), 1);
    }
}
