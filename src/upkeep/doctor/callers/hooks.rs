//! Whether agents call us, as their settings say.

use crate::agents::settings::Settings;
use crate::agents::{self, Agent};
use crate::config::Config;
use crate::engine::stamps;
use crate::environment::Environment;
use crate::upkeep::command::own_command;
use crate::upkeep::doctor::point::{Mend, Points, when};
use std::path::Path;

/// An agent that calls us, as far as one can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hooked {
    pub agent: &'static str,
    pub label: &'static str,
    /// Whether it calls at the beginning of each session, and not at the end alone.
    pub calls_at_start: bool,
}

/// Event at which agents call when a session begins or is taken up again.
const START: &str = "SessionStart";

/// Looks at the hooks of the agents that have any; returns the agents whose sessions are archived by one.
pub(crate) fn points(config: &Config, environment: &Environment, points: &mut Points) -> Vec<Hooked> {
    let mut hooked: Vec<Hooked> = Vec::new();
    for agent in agents::registry() {
        let homes = agent.homes(environment).into_iter().filter(|home| home.is_dir());
        let all: Vec<Settings> = homes.filter_map(|home| agent.settings(&home)).collect();
        let mut works = false;
        for settings in &all {
            works |= point(config, *agent, settings, environment, points);
        }
        if works {
            let is_start = |settings: &Settings| settings.hooks.iter().any(|hook| hook.event == START);
            let calls_at_start = all.iter().all(is_start);
            hooked.push(Hooked { agent: agent.id(), label: agent.label(), calls_at_start });
        }
    }
    if !hooked.is_empty() {
        let says = match stamps::last_hook(&config.store.path, None) {
            Some(time) => format!("last called {}", when(time)),
            None => "not called yet".to_owned(),
        };
        points.ok("hook-calls", says);
    }
    hooked
}

/// Notes how an agent's hook is; returns whether it works as far as one can see.
fn point(
    config: &Config,
    agent: &dyn Agent,
    settings: &Settings,
    environment: &Environment,
    points: &mut Points,
) -> bool {
    let (topic, label) = (format!("{}-hook", agent.id()), agent.label());
    if let Some(file) = settings.broken.first() {
        let says = format!("{label}'s {} is not valid JSON", file.display());
        let advice = format!("mend that file; sessionkeep setup leaves it alone. {}", settings.how_to_add);
        points.act(topic, says, advice);
        return false;
    }
    if settings.hooks.is_empty() {
        let says = format!("{label} does not call sessionkeep");
        let advice = format!("{}   # or {}", own_command(config, "setup"), settings.how_to_add);
        points.mend(topic, says, Mend::Setup, advice);
        return false;
    }
    if let Some(undo) = settings.undo_off {
        // Whoever did that chose to; whether something else archives the sessions is the schedule's point.
        points.ok(topic, format!("{label} has all hooks switched off"));
        points.note(format!("if that is not what you want: {undo}"));
        return false;
    }
    if let Some(missing) = settings.hooks.iter().find(|hook| !is_program(&hook.program, environment)) {
        let says = format!("{label} calls {}, which is not there", missing.program);
        points.mend(topic, says, Mend::Setup, own_command(config, "setup"));
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

/// Returns whether a program, as it stands in a command line, can be found.
pub(super) fn is_program(program: &str, environment: &Environment) -> bool {
    // A name that only looks as if it had a variable in it, in quotes.
    if Path::new(program).is_absolute() && Path::new(program).is_file() {
        return true;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_whose_own_path_has_a_dollar_in_it_is_there() {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("a $HOME").join("sessionkeep");
        std::fs::create_dir(program.parent().unwrap()).unwrap();
        std::fs::write(&program, "").unwrap();
        let environment = Environment::with_home(directory.path());
        assert!(is_program(program.to_str().unwrap(), &environment));
        std::fs::write(directory.path().join("there"), "").unwrap();
        assert!(is_program("$HOME/there", &environment));
        assert!(!is_program("$HOME/none", &environment));
    }
}
