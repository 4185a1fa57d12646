//! Whether agents call us, as their settings say.

use super::point::{Points, modified, when};
use crate::agents::settings::Settings;
use crate::agents::{self, Agent};
use crate::archive::store::PRIVATE_DIRECTORY;
use crate::config::Config;
use crate::engine::hook::FIRED_STAMP;
use crate::environment::Environment;
use crate::upkeep::command::shell_word;
use std::path::{Path, PathBuf};

/// Looks at the hooks of the agents that have any; returns the agents whose sessions are archived by one.
pub(crate) fn points(config: &Config, environment: &Environment, points: &mut Points) -> Vec<&'static str> {
    let mut hooked = Vec::new();
    for agent in agents::registry() {
        for home in agent.homes(environment).into_iter().filter(|home| home.is_dir()) {
            let Some(settings) = agent.settings(&home) else { continue };
            if point(*agent, &settings, environment, points) {
                hooked.push(agent.id());
            }
        }
    }
    if !hooked.is_empty() {
        let stamp = config.store.path.join(PRIVATE_DIRECTORY).join(FIRED_STAMP);
        let says = match modified(&stamp) {
            Some(time) => format!("last called {}", when(time)),
            None => "not called yet".to_owned(),
        };
        points.ok("hook-calls", says);
    }
    hooked
}

/// Notes how an agent's hook is; returns whether it works as far as one can see.
fn point(agent: &dyn Agent, settings: &Settings, environment: &Environment, points: &mut Points) -> bool {
    let (topic, label) = (format!("{}-hook", agent.id()), agent.label());
    if let Some(file) = settings.broken.first() {
        let says = format!("{label}'s {} is not valid JSON", file.display());
        points.act(topic, says, format!("python3 -m json.tool {}", shell_word(file)));
        return false;
    }
    if settings.hooks.is_empty() {
        points.act(topic, format!("{label} does not call sessionkeep"), &*settings.how_to_add);
        return false;
    }
    if let Some(undo) = settings.undo_off {
        let says = format!("{label} has all hooks switched off");
        points.act(topic, says, undo);
        return false;
    }
    if let Some(missing) = settings.hooks.iter().find(|hook| !is_program(&hook.program, environment)) {
        let says = format!("{label} calls {}, which is not there", missing.program);
        let own = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("sessionkeep"));
        let advice = format!("write {} hook in {}", shell_word(&own), missing.file.display());
        points.act(topic, says, advice);
        return false;
    }
    let events: Vec<String> = settings
        .hooks
        .iter()
        .map(|hook| match hook.timeout {
            Some(seconds) => format!("{} (timeout {seconds}s)", hook.event),
            None => hook.event.clone(),
        })
        .collect();
    points.ok(topic, format!("{label} calls sessionkeep on {}", events.join(", ")));
    true
}

/// Returns whether a program, as it stands in a hook's command, can be found.
fn is_program(program: &str, environment: &Environment) -> bool {
    let home = environment.home().map(Path::to_string_lossy).unwrap_or_default();
    let program = program.replace("$HOME", &home).replace("${HOME}", &home);
    let program = match program.strip_prefix("~/") {
        Some(rest) => format!("{home}/{rest}"),
        None => program,
    };
    if program.contains('$') {
        // Some other variable, which the agent's shell knows and we do not.
        return true;
    }
    if program.contains(['/', '\\']) {
        return Path::new(&program).is_file();
    }
    let path = environment.variable("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| {
        directory.join(&program).is_file() || directory.join(format!("{program}.exe")).is_file()
    })
}
