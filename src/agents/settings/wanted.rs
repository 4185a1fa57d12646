//! What an agent wants in its settings so that it calls us, and so that it keeps its sessions: data alone. Who writes it,
//! without touching anything else in the file, shows it beforehand and takes it out again is `setup`.

use std::path::PathBuf;

use serde_json::Value;

/// What a file that is ours as a whole has in its first line, in a comment of its language. Without it a file of that
/// name is the user's.
pub(crate) const OWN_FILE_MARK: &str = "written by sessionkeep setup";

/// How our hook is called on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HookCall {
    /// The whole call as a line for the system's shell, quoted: `'/my bin/sessionkeep' hook`.
    pub line: String,
    /// The same as words, the program's absolute path first: for whoever starts programs without a shell.
    pub words: Vec<String>,
}

/// One thing that is to be in an agent's settings.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    /// The settings file, perhaps not there yet, perhaps a link.
    pub file: PathBuf,
    /// A few words for people: `hook on SessionEnd`.
    pub what: String,
    pub change: Change,
    /// What the user has to do besides, a sentence: `trust it once with /hooks in Codex`. Said when something changed.
    pub note: Option<&'static str>,
}

/// What is to be in a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// A hook in the array at `path`, a chain of members. Objects and the array on the way are made where they are missing.
    ///
    /// The hook itself is the first object in `element`, the element or one within it, that has a string which [calls
    /// us](super::hook_program). Where the array already has such a hook, at whatever depth, its members become those
    /// of this one instead: texts as they are here, numbers (a timeout) only raised. Else `element` is appended.
    Hook { path: Vec<&'static str>, element: Value },
    /// A value at `path`.
    Member {
        path: Vec<&'static str>,
        value: Value,
        /// Whether one that is there stays, whatever it is: for what the form of the file demands, such as `version`.
        is_default: bool,
    },
    /// A whole JSON-free file of ours, such as a plugin. Its first line holds [`OWN_FILE_MARK`].
    File { text: String },
}

impl Wanted {
    /// Returns a hook in the form that Claude Code and those that follow it share:
    /// `{"hooks": {EVENT: [{"hooks": [{"type": "command", "command": LINE, "timeout": NUMBER}]}]}}`. The timeout is in
    /// the agent's own unit.
    pub(crate) fn grouped_hook(file: PathBuf, event: &'static str, call: &HookCall, timeout: u64) -> Wanted {
        let hook = serde_json::json!({"type": "command", "command": call.line, "timeout": timeout});
        Wanted {
            file,
            what: format!("hook on {event}"),
            change: Change::Hook {
                path: vec!["hooks", event],
                element: serde_json::json!({"hooks": [hook]}),
            },
            note: None,
        }
    }
}
