//! What `sessionkeep setup` would still do on this machine: in agents' settings, in the days for which they keep sessions,
//! and in the schedule. Only looks; what of it has to be done is said by other points.

use crate::config::Config;
use crate::environment::Environment;
use crate::setup::schedule::{self, Commands, Job, System};
use crate::setup::{self, Choice, Outcome};
use crate::upkeep::doctor::point::Points;

/// Days for which a setup would have agents keep sessions; as its command line has it.
const KEEP_DAYS: u64 = 3650;

/// Returns what a setup would still do, a phrase each; nothing where it cannot be told.
pub(crate) fn left(config: &Config) -> Vec<String> {
    let environment = &config.environment;
    let Ok(running) = std::env::current_exe() else { return Vec::new() };
    let program = setup::find_program(environment, &running, std::env::args_os().next().as_deref());
    let Ok(call) = setup::hook_call(&program, config) else { return Vec::new() };
    let mut left = Vec::new();
    for (hooks, keep_days, what) in [(true, None, "hooks"), (false, Some(KEEP_DAYS), "days")] {
        let choice = Choice { agents: Vec::new(), hooks, keep_days };
        let present = setup::present_agents(environment, &choice, &call);
        for file in setup::plan(&present, &choice, &call) {
            let path = file.file.display();
            match &file.outcome {
                Outcome::Unchanged => {}
                Outcome::Changed { .. } if hooks => left.push(format!("{what} of {} in {path}", file.label)),
                Outcome::Changed { .. } => left.push(format!("longer keeping by {} in {path}", file.label)),
                Outcome::ByHand { reason, .. } => left.push(format!("by hand: {what} in {path} ({reason})")),
            }
        }
    }
    let words = setup::words(&program, &["import", "--min-age", "30", "-q"], config);
    left.extend(words.ok().and_then(|words| schedule_left(&words, environment)));
    left
}

/// Returns the schedule that a setup would make or bring up to date.
fn schedule_left(words: &[String], environment: &Environment) -> Option<String> {
    let commands = Commands::new(environment);
    let schedule::Choice::Make(kind) = schedule::choose(System::here(), environment, &commands) else {
        return None;
    };
    let plan = schedule::plan(kind, &Job::new(words, environment).ok()?, environment).ok()?;
    let steps = schedule::would_install(&plan, &commands).ok()?;
    (!steps.is_empty()).then(|| format!("a schedule by {}", kind.label()))
}

/// Says what a setup would still do.
pub(crate) fn point(left: &[String], points: &mut Points) {
    if left.is_empty() {
        return points.ok("setup", "nothing is left for sessionkeep setup to do");
    }
    points.ok("setup", format!("left for sessionkeep setup: {}", left.join("; ")));
}
