//! What is to be set up: as the command line says, or as the user answers.

use super::args::{Args, MOST_DAYS};
use super::ask::{self, Answer};
use super::show;
use crate::agents;
use crate::agents::settings::{HookCall, hook_program};
use crate::cli::common::output::Output;
use crate::config::Config;
use crate::environment::Environment;
use crate::error::{Error, Kind, Result};
use crate::platform;
use crate::setup::schedule::{self, Commands, System};
use crate::setup::{self, Choice, Outcome, PlannedFile, PresentAgent};

/// What is to be set up.
pub(super) struct Chosen {
    pub files: Vec<PlannedFile>,
    pub schedules: bool,
    pub imports: bool,
    /// Short names of the agents whose sessions are imported; empty for all.
    pub origins: Vec<&'static str>,
    /// The command line that the schedule runs.
    pub import_words: Vec<String>,
    /// Names of agents here that have no hook: only a schedule archives their sessions.
    pub covered: Vec<&'static str>,
    pub notes: Vec<String>,
}

/// Finds out what is to be set up; asks on a terminal, unless the command line consents to everything.
///
/// # Errors
///
/// [`Kind::Usage`] when nobody can be asked, or an agent is not known.
pub(super) fn choose(args: &Args, config: &Config, output: &mut Output) -> Result<Chosen> {
    let is_asked = !args.yes && !args.dry_run;
    if is_asked && (!ask::can_ask() || args.json) {
        let error =
            Error::new(Kind::Usage, "setup asks before it changes anything, and nobody is there to answer");
        return Err(error.with_hint("look with sessionkeep setup --dry-run, then run it with --yes"));
    }
    let environment = &config.environment;
    let running = std::env::current_exe().map_err(|error| {
        Error::new(Kind::Internal, "cannot tell where this program is").with_source(error)
    })?;
    let called = std::env::args_os().next();
    let program = setup::find_program(environment, &running, called.as_deref());
    let call = setup::hook_call(&program, config)?;
    if hook_program(&call.line).is_none() {
        // Neither a second setup nor doctor nor --undo would know such a hook again.
        let text =
            format!("cannot set up {}: hooks are known by the name sessionkeep", program.path.display());
        return Err(
            Error::new(Kind::Usage, text).with_hint("give the program that name, and run setup again")
        );
    }
    let agents = agents_named(&args.agent)?;
    let keep_days = (!args.no_cleanup_days).then_some(args.keep_days);
    let mut choice = Choice { agents, hooks: !args.no_hooks, keep_days };
    let present = setup::present_agents(environment, &choice, &call);
    let mut chosen = Chosen {
        files: Vec::new(),
        schedules: !args.no_schedule,
        imports: !args.no_import,
        origins: choice.agents.clone(),
        import_words: setup::words(&program, &["import", "--min-age", "30", "-q"], config)?,
        covered: present.iter().filter(|agent| !agent.has_hooks).map(|agent| agent.label).collect(),
        notes: notes(&present, program.doubt.into_iter().chain(of_another_user(environment))),
    };
    if is_asked {
        show::found(&present, &choice, output)?;
        output.flush()?;
        ask_all(&present, &mut choice, &mut chosen, &call, config, output)?;
    }
    chosen.files = setup::plan(&present, &choice, &call);
    Ok(chosen)
}

fn ask_all(
    present: &[PresentAgent],
    choice: &mut Choice,
    chosen: &mut Chosen,
    call: &HookCall,
    config: &Config,
    output: &mut Output,
) -> Result<()> {
    let keep_days = choice.keep_days.take();
    let is_new = |file: &PlannedFile| file.outcome != Outcome::Unchanged;
    let hooks: Vec<PlannedFile> = setup::plan(present, choice, call).into_iter().filter(is_new).collect();
    if choice.hooks && !hooks.is_empty() {
        let question = format!("Have {} call sessionkeep?", names(&hooks));
        choice.hooks = loop {
            match ask::yes_no_or_details(&question)? {
                Answer::Yes => break true,
                Answer::No => break false,
                Answer::Details => show::differences(&hooks, config, output)?,
            }
        };
    }
    if let Some(days) = keep_days {
        let alone = Choice { hooks: false, keep_days: Some(days), agents: choice.agents.clone() };
        let short: Vec<PlannedFile> = setup::plan(present, &alone, call).into_iter().filter(is_new).collect();
        if !short.is_empty() {
            let days_of = |file: &PlannedFile| {
                let agent = present.iter().find(|agent| agent.id == file.agent);
                let days = agent.and_then(|agent| agent.cleanup_days).unwrap_or_default();
                format!("{} deletes sessions after {days} days", file.label)
            };
            let told: Vec<String> = short.iter().map(days_of).collect();
            let question = format!("{}. For how many days should they be kept?", told.join(", "));
            choice.keep_days = ask::days(&question, days, MOST_DAYS)?;
        }
    }
    if chosen.schedules {
        let commands = Commands::new(&config.environment);
        match schedule::choose(System::here(), &config.environment, &commands) {
            schedule::Choice::Make(kind) => {
                let question = format!("Have {} run an import every half hour?", kind.label());
                chosen.schedules = ask::yes_or_no(&question)?;
            }
            schedule::Choice::IsElsewhere(_) | schedule::Choice::Nothing => {}
        }
    }
    if chosen.imports {
        chosen.imports = ask::yes_or_no("Archive the sessions that are there now?")?;
    }
    Ok(())
}

fn names(files: &[PlannedFile]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for file in files {
        if !names.contains(&file.label) {
            names.push(file.label);
        }
    }
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Returns what the user has to know of this machine, whatever is set up.
fn notes(present: &[PresentAgent], doubts: impl Iterator<Item = String>) -> Vec<String> {
    let off = present.iter().filter_map(|agent| {
        agent.undo_off.map(|undo| format!("{} has all hooks switched off: {undo}", agent.label))
    });
    doubts.chain(off).collect()
}

/// Returns what to do where the home is another user's, as under `sudo`: what is made there could not be read by them.
fn of_another_user(environment: &Environment) -> Option<String> {
    let home = environment.home()?;
    let is_own = platform::is_own(&home.metadata().ok()?);
    let says = "belongs to another user, who may be unable to read what setup makes there: set up as that user, without sudo";
    (!is_own).then(|| format!("{} {says}", home.display()))
}

/// Returns the short names of the agents that are called so.
///
/// # Errors
///
/// [`Kind::Usage`] for a name that no agent has.
pub(super) fn agents_named(names: &[String]) -> Result<Vec<&'static str>> {
    names.iter().map(|name| agent_named(name)).collect()
}

fn agent_named(name: &str) -> Result<&'static str> {
    let name = if name.eq_ignore_ascii_case("claude") { "claude-code" } else { name };
    let is_called = |agent: &&&dyn agents::Agent| {
        agent.id().eq_ignore_ascii_case(name) || agent.label().eq_ignore_ascii_case(name)
    };
    agents::registry().iter().find(is_called).map(|agent| agent.id()).ok_or_else(|| {
        let known: Vec<&str> = agents::registry().iter().map(|agent| agent.id()).collect();
        let error = Error::new(Kind::Usage, format!("there is no agent \"{name}\""));
        error.with_hint(format!("known agents: {}", known.join(", ")))
    })
}
