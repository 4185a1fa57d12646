//! The hooks in an agent's settings that call us, in the form that most agents share.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::command::hook_program;
use super::file::read_json;

/// How to have an agent's hooks written that are no line to paste.
pub(crate) const SETUP: &str = "sessionkeep setup";

/// What to add to an agent's settings so that it calls us.
pub(crate) const HOOK_SNIPPET: &str =
    r#"{"hooks": {"SessionEnd": [{"hooks": [{"type": "command", "command": "sessionkeep hook"}]}]}}"#;

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

/// What the settings in one of an agent's homes say of hooks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Those that call us.
    pub hooks: Vec<Hook>,
    /// Files that are there but cannot be understood.
    pub broken: Vec<PathBuf>,
    /// What to do where all hooks are switched off; `None`: they are not.
    pub undo_off: Option<&'static str>,
    /// What to do so that the agent calls us.
    pub how_to_add: String,
}

/// Returns the hooks of ours in settings of the form that Claude Code and those that follow it share:
/// `{"hooks": {EVENT: [{"hooks": [{"type": "command", "command": TEXT, "timeout": SECONDS}]}]}}`; or, as Cursor and Copilot
/// CLI have it, without groups: `{"hooks": {EVENT: [{"command": TEXT, "timeoutSec": SECONDS}]}}`.
pub(crate) fn hooks_in(settings: &Value, file: &Path) -> Vec<Hook> {
    let mut found = Vec::new();
    for (event, groups) in settings.get("hooks").and_then(Value::as_object).into_iter().flatten() {
        let groups = groups.as_array().into_iter().flatten();
        let hooks = groups.flat_map(|group| match group.get("hooks").and_then(Value::as_array) {
            Some(hooks) => hooks.iter().collect(),
            None => vec![group],
        });
        for hook in hooks {
            let command = ["command", "bash", "powershell"].iter().find_map(|name| hook.get(name)?.as_str());
            let command = command.unwrap_or_default();
            if let Some(program) = hook_program(command) {
                found.push(Hook {
                    file: file.to_path_buf(),
                    event: event.clone(),
                    program,
                    timeout: ["timeout", "timeoutSec"].iter().find_map(|name| hook.get(name)?.as_u64()),
                });
            }
        }
    }
    found
}

impl Settings {
    /// Returns what one settings file says, which has hooks in the form that [`hooks_in`] reads and may say by
    /// `is_off` that none is called.
    pub(crate) fn of_file(
        file: &Path,
        how_to_add: String,
        is_off: &dyn Fn(&Value) -> Option<&'static str>,
    ) -> Settings {
        let mut settings = Settings { how_to_add, ..Settings::default() };
        if let Some(value) = read_json(file, &mut settings.broken) {
            settings.hooks = hooks_in(&value, file);
            settings.undo_off = is_off(&value);
        }
        settings
    }

    /// Turns timeouts from milliseconds into seconds: those of at least `from`.
    pub(crate) fn with_milliseconds(mut self, from: u64) -> Settings {
        for timeout in
            self.hooks.iter_mut().filter_map(|hook| hook.timeout.as_mut()).filter(|timeout| **timeout >= from)
        {
            *timeout = timeout.div_ceil(1000);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_in_settings_are_found_with_event_and_timeout() {
        let settings = serde_json::json!({"hooks": {
            "SessionEnd": [{"hooks": [{"type": "command", "command": "sessionkeep hook", "timeout": 5}]}],
            "Stop": [{"matcher": "", "hooks": [{"type": "command", "command": "other"}]}, 7],
            "PreCompact": "nonsense",
            "sessionEnd": [{"command": "/b/sessionkeep hook", "timeoutSec": 7}, {"bash": "other"}, {}],
        }});
        let found = hooks_in(&settings, Path::new("/s"));
        let found: Vec<_> = found.iter().map(|hook| (hook.event.as_str(), hook.timeout)).collect();
        assert_eq!(found, [("SessionEnd", Some(5)), ("sessionEnd", Some(7))]);
    }
}
