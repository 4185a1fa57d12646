//! Our plugin for OpenCode and its forks: it calls our hook when a session has nothing more to do.

use std::path::Path;

use crate::agents::settings::{Change, HookCall, SETUP, Settings, Wanted, hook_in_script, script};

/// The event, told at the end of each turn.
const EVENT: &str = "session.idle";

/// Directories of plugins: the first is known to all versions.
const DIRECTORIES: [&str; 2] = ["plugin", "plugins"];

const NAME: &str = "sessionkeep.js";

/// All that a plugin exports is called as one, so that there is one export. AGENT and EVENT are put in.
const BODY: &str = r#"
export const Sessionkeep = async () => ({
  event: async (input) => {
    const event = input?.event;
    if (event?.type !== EVENT || !event.properties?.sessionID) return;
    archive({ agent: AGENT, hook_event_name: event.type, session_id: event.properties.sessionID });
  },
});
"#;

/// Returns what the plugins in one of the agent's homes say of our hook.
pub(super) fn of_home(home: &Path) -> Settings {
    let files = DIRECTORIES.map(|directory| home.join(directory).join(NAME));
    let hooks = files.iter().filter_map(|file| hook_in_script(file, EVENT)).collect();
    Settings { hooks, how_to_add: SETUP.to_owned(), ..Settings::default() }
}

/// Returns our plugin for one of the homes of the `agent` of this id.
pub(super) fn wanted(agent: &str, home: &Path, call: &HookCall) -> Wanted {
    let body = BODY.replace("AGENT", &format!("{agent:?}")).replace("EVENT", &format!("{EVENT:?}"));
    Wanted {
        file: home.join(DIRECTORIES[0]).join(NAME),
        what: format!("plugin that calls sessionkeep on {EVENT}"),
        change: Change::File { text: script(call, &body) },
        note: None,
    }
}
