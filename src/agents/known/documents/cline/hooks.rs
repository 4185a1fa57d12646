//! Our hooks for Cline: scripts whose names say on which event they are run. It reads what they print, which is nothing.

use std::path::Path;

use crate::agents::settings::{Change, HookCall, SETUP, Settings, Wanted, hook_in_script, script};

/// The ends of a turn, well or not.
const EVENTS: [&str; 3] = ["TaskComplete", "TaskCancel", "TaskError"];

/// The session is what the task's conversation is a part of.
const BODY: &str = r#"
let text = "";
process.stdin.on("error", () => {});
process.stdin.on("data", (piece) => (text += piece));
process.stdin.on("end", () => {
  try {
    const input = JSON.parse(text);
    const id = input.sessionContext?.rootSessionId ?? input.taskId;
    if (id) archive({ agent: "cline", hook_event_name: input.hookName, session_id: id });
  } catch {}
});
"#;

/// Returns what the scripts in one of Cline's homes say of our hook.
pub(super) fn of_home(home: &Path) -> Settings {
    let hooks = EVENTS.iter().filter_map(|event| hook_in_script(&file(home, event), event)).collect();
    Settings { hooks, how_to_add: SETUP.to_owned(), ..Settings::default() }
}

/// Returns our scripts for one of Cline's homes.
pub(super) fn wanted(home: &Path, call: &HookCall) -> Vec<Wanted> {
    let wanted = |event| Wanted {
        file: file(home, event),
        what: format!("hook on {event}"),
        change: Change::File { text: script(call, BODY) },
        note: None,
    };
    EVENTS.map(wanted).into()
}

/// Cline runs it with Node.js, as its extension says.
fn file(home: &Path, event: &str) -> std::path::PathBuf {
    home.join("hooks").join(format!("{event}.mjs"))
}
