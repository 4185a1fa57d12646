//! Our extension for pi: it calls our hook when a session is left and before its context is shortened.

use std::path::Path;

use crate::agents::settings::{Change, HookCall, SETUP, Settings, Wanted, hook_in_script, script};

/// The event that doctor names: the end of a session, and the change to another.
const EVENT: &str = "session_shutdown";

const FILE: &str = "extensions/sessionkeep.ts";

const BODY: &str = r#"
export default function (pi) {
  for (const name of ["session_shutdown", "session_before_compact"]) {
    pi.on(name, async (event, context) => {
      try {
        const { sessionManager } = context;
        const path = sessionManager.getSessionFile();
        if (path) archive({ agent: "pi", hook_event_name: name, session_id: sessionManager.getSessionId(), transcript_path: path });
      } catch {}
    });
  }
}
"#;

/// Returns what the extensions in one of pi's homes say of our hook.
pub(super) fn of_home(home: &Path) -> Settings {
    let hooks = hook_in_script(&home.join(FILE), EVENT).into_iter().collect();
    Settings { hooks, how_to_add: SETUP.to_owned(), ..Settings::default() }
}

/// Returns our extension for one of pi's homes.
pub(super) fn wanted(home: &Path, call: &HookCall) -> Wanted {
    Wanted {
        file: home.join(FILE),
        what: format!("extension that calls sessionkeep on {EVENT}"),
        change: Change::File { text: script(call, BODY) },
        note: None,
    }
}
