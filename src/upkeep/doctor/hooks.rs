//! Reads agents' settings for what matters here: whether they call `sessionkeep hook`, and when they delete sessions.
//!
//! Settings are the user's own files and are only looked at. What is no JSON, or not as expected, says nothing.

use crate::environment::Environment;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of a settings file that are read; no honest one comes near.
const MAX_SETTINGS_BYTES: u64 = 4 << 20;

/// Days after which Claude Code deletes a session unless its settings say otherwise; Gemini CLI as well.
const DEFAULT_DAYS: u64 = 30;

/// One hook of an agent that calls us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hook {
    /// The settings file.
    pub file: PathBuf,
    /// `SessionEnd`; `notify` for Codex's notification.
    pub event: String,
    /// The program as it stands in the command.
    pub program: String,
    /// Seconds, if the settings say.
    pub timeout: Option<u64>,
}

/// What one agent's settings say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub hooks: Vec<Hook>,
    /// Files that are there but cannot be understood.
    pub broken: Vec<PathBuf>,
    /// All hooks are switched off.
    pub are_hooks_disabled: bool,
    /// Days after which the agent deletes a session.
    pub cleanup_days: Option<u64>,
}

/// Returns Claude Code's homes: `$CLAUDE_CONFIG_DIR`, else `~/.claude`.
pub(crate) fn claude_homes(environment: &Environment) -> Vec<PathBuf> {
    environment.paths_or_home("CLAUDE_CONFIG_DIR", ".claude")
}

/// Returns Codex's homes: `$CODEX_HOME`, else `~/.codex`.
pub(crate) fn codex_homes(environment: &Environment) -> Vec<PathBuf> {
    environment.paths_or_home("CODEX_HOME", ".codex")
}

/// Returns what the settings in one of Claude Code's homes say; local ones overrule shared ones.
pub(crate) fn claude(home: &Path) -> Settings {
    let mut settings = Settings { cleanup_days: Some(DEFAULT_DAYS), ..Settings::default() };
    for name in ["settings.json", "settings.local.json"] {
        let file = home.join(name);
        let Some(value) = read_json(&file, &mut settings) else { continue };
        if let Some(days) = value.get("cleanupPeriodDays").and_then(Value::as_u64) {
            settings.cleanup_days = Some(days);
        }
        if let Some(disabled) = value.get("disableAllHooks").and_then(Value::as_bool) {
            settings.are_hooks_disabled = disabled;
        }
        settings.hooks.extend(hooks_in(&value, &file));
    }
    settings
}

/// Returns what the settings in one of Codex's homes say.
pub(crate) fn codex(home: &Path) -> Settings {
    let mut settings = Settings::default();
    let file = home.join("hooks.json");
    if let Some(value) = read_json(&file, &mut settings) {
        settings.hooks.extend(hooks_in(&value, &file));
    }
    let file = home.join("config.toml");
    if let Some(text) = read(&file) {
        settings.hooks.extend(hooks_in_toml(&text, &file));
    }
    settings
}

/// Returns the days after which Gemini CLI deletes a session, as the settings in its home say; `None` for never.
pub(crate) fn gemini_cleanup_days(home: &Path) -> Option<u64> {
    let value: Option<Value> =
        read(&home.join("settings.json")).and_then(|text| serde_json::from_str(&text).ok());
    let retention = value.as_ref().and_then(|value| value.get("general")?.get("sessionRetention"));
    let Some(retention) = retention else { return Some(DEFAULT_DAYS) };
    if retention.get("enabled").and_then(Value::as_bool) == Some(false) {
        return None;
    }
    let days = retention.get("maxAge").and_then(Value::as_str).and_then(|age| {
        let (number, unit) = age.split_at_checked(age.len().checked_sub(1)?)?;
        let number: u64 = number.parse().ok()?;
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

fn read(file: &Path) -> Option<String> {
    let metadata = fs::metadata(file).ok()?;
    if !metadata.is_file() || metadata.len() > MAX_SETTINGS_BYTES {
        return None;
    }
    fs::read_to_string(file).ok()
}

fn read_json(file: &Path, settings: &mut Settings) -> Option<Value> {
    let text = read(file)?;
    let value = serde_json::from_str(&text).ok();
    if value.is_none() && !text.trim().is_empty() {
        settings.broken.push(file.to_path_buf());
    }
    value
}

/// Returns the hooks of ours in settings of the form that Claude Code and Codex share:
/// `{"hooks": {EVENT: [{"hooks": [{"type": "command", "command": TEXT, "timeout": SECONDS}]}]}}`.
fn hooks_in(settings: &Value, file: &Path) -> Vec<Hook> {
    let mut found = Vec::new();
    for (event, groups) in settings.get("hooks").and_then(Value::as_object).into_iter().flatten() {
        let groups = groups.as_array().into_iter().flatten();
        let hooks = groups.filter_map(|group| group.get("hooks").and_then(Value::as_array)).flatten();
        for hook in hooks {
            let command = hook.get("command").and_then(Value::as_str).unwrap_or_default();
            if let Some(program) = hook_program(command) {
                found.push(Hook {
                    file: file.to_path_buf(),
                    event: event.clone(),
                    program,
                    timeout: hook.get("timeout").and_then(Value::as_u64),
                });
            }
        }
    }
    found
}

/// Returns our program as it stands in a command line that calls `sessionkeep hook`.
fn hook_program(command: &str) -> Option<String> {
    calls(command, "hook")
}

/// Returns our program as it stands in a command line that calls it with the subcommand `wanted`.
pub(crate) fn calls(command: &str, wanted: &str) -> Option<String> {
    let words: Vec<&str> = words(command);
    let is_ours = |word: &str| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
        matches!(name, "sessionkeep" | "sessionkeep.exe")
    };
    let at = words.iter().position(|word| is_ours(word))?;
    words[at + 1..].contains(&wanted).then(|| words[at].to_owned())
}

/// Splits a command line at spaces outside of quotes; the quotes go. Rough, but programs' paths survive it.
fn words(command: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote) = (Vec::new(), None, None);
    for (at, character) in command.char_indices() {
        match (quote, character) {
            (Some(open), _) if character == open => {
                words.push(&command[start.take().unwrap_or(at)..at]);
                quote = None;
            }
            (Some(_), _) => {}
            (None, '"' | '\'') => {
                words.extend(start.map(|start| &command[start..at]));
                start = Some(at + 1);
                quote = Some(character);
            }
            (None, _)
                if character.is_whitespace()
                    || matches!(character, ',' | '[' | ']' | ';' | '&' | '|' | '<' | '>') =>
            {
                words.extend(start.take().map(|start: usize| &command[start..at]));
            }
            (None, _) => {
                start.get_or_insert(at);
            }
        }
    }
    words.extend(start.map(|start| &command[start..]));
    words
}

/// Finds our hooks in Codex's `config.toml`: `notify = ["sessionkeep", "hook"]`, and commands in tables below
/// `[[hooks.EVENT]]`. A look at lines, not a parser: what it misses is only reported as missing.
fn hooks_in_toml(text: &str, file: &Path) -> Vec<Hook> {
    let mut found = Vec::new();
    let mut table = String::new();
    let hook = |event: &str, program: String| Hook {
        file: file.to_path_buf(),
        event: event.to_owned(),
        program,
        timeout: None,
    };
    for line in joined_arrays(text) {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') && line.ends_with(']') {
            table = line.trim_matches(['[', ']']).trim().to_owned();
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let event = match (table.as_str(), key.trim()) {
            ("", "notify") => "notify",
            (table, "command") if table.starts_with("hooks.") => table.split('.').nth(1).unwrap_or(table),
            _ => continue,
        };
        // A string in quotes is one word, and the command line within it is split once more.
        let inner = value.trim().trim_matches(['"', '\'']);
        if let Some(program) = hook_program(value).or_else(|| hook_program(inner)) {
            found.push(hook(event, program));
        }
    }
    found
}

/// Returns the lines of `text`, those of an array over several lines joined.
fn joined_arrays(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        match lines.last_mut().filter(|_| is_open) {
            Some(last) => last.push_str(line.trim()),
            None => lines.push(line.to_owned()),
        }
        let joined = lines.last().map_or("", String::as_str);
        is_open = joined.split_once('=').is_some_and(|(_, value)| {
            value.trim_start().starts_with('[') && !value.contains(']') && value.len() < 4096
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_that_calls_us_is_recognised() {
        for (command, program) in [
            ("sessionkeep hook", "sessionkeep"),
            ("/opt/bin/sessionkeep hook --wait", "/opt/bin/sessionkeep"),
            ("'/my bin/sessionkeep' -q hook", "/my bin/sessionkeep"),
            ("PATH=/x sessionkeep hook 2>/dev/null", "sessionkeep"),
        ] {
            assert_eq!(calls(command, "hook").as_deref(), Some(program), "{command}");
        }
        for command in ["sessionkeep import", "mysessionkeep hook", "hook sessionkeep", "", "'sessionkeep"] {
            assert_eq!(calls(command, "hook"), None, "{command}");
        }
    }

    #[test]
    fn hooks_in_settings_are_found_with_event_and_timeout() {
        let settings = serde_json::json!({"hooks": {
            "SessionEnd": [{"hooks": [{"type": "command", "command": "sessionkeep hook", "timeout": 5}]}],
            "Stop": [{"matcher": "", "hooks": [{"type": "command", "command": "other"}]}, 7],
            "PreCompact": "nonsense",
        }});
        let found = hooks_in(&settings, Path::new("/s"));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].event.as_str(), found[0].timeout), ("SessionEnd", Some(5)));
    }

    #[test]
    fn codex_settings_are_read_without_a_parser() {
        let text = "model = \"x\"\n# notify = [\"sessionkeep\", \"hook\"]\nnotify = [\n  \"/bin/sessionkeep\",\n  \"hook\",\n]\n\
                    [[hooks.SessionEnd]]\n[[hooks.SessionEnd.hooks]]\ntype = \"command\"\ncommand = \"sessionkeep hook\"\n\
                    [tools]\ncommand = \"sessionkeep hook\"\n";
        let found = hooks_in_toml(text, Path::new("/c"));
        let events: Vec<_> = found.iter().map(|hook| (hook.event.as_str(), hook.program.as_str())).collect();
        assert_eq!(events, [("notify", "/bin/sessionkeep"), ("SessionEnd", "sessionkeep")]);
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
        let settings = claude(home.path());
        assert_eq!((settings.cleanup_days, settings.are_hooks_disabled), (Some(7), false));
        fs::write(home.path().join("settings.json"), "{").unwrap();
        assert_eq!(claude(home.path()).broken.len(), 1);
    }

    #[test]
    fn geminis_retention_is_read_in_its_units() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(gemini_cleanup_days(home.path()), Some(30));
        for (retention, days) in [
            (r#"{"maxAge": "2w"}"#, Some(14)),
            (r#"{"maxAge": "é"}"#, Some(30)),
            (r#"{"enabled": false}"#, None),
        ] {
            let text = format!(r#"{{"general": {{"sessionRetention": {retention}}}}}"#);
            fs::write(home.path().join("settings.json"), text).unwrap();
            assert_eq!(gemini_cleanup_days(home.path()), days, "{retention}");
        }
    }
}
