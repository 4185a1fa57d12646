//! The hooks in an agent's settings that call us, in the form that Claude Code and Codex share.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::command::hook_program;

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

/// Returns the hooks of ours in settings of the form that Claude Code and Codex share:
/// `{"hooks": {EVENT: [{"hooks": [{"type": "command", "command": TEXT, "timeout": SECONDS}]}]}}`.
pub(crate) fn hooks_in(settings: &Value, file: &Path) -> Vec<Hook> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
