//! What there is to set up on this machine, as data: the agents, the settings files that are to be changed, each with its
//! text before and after. Reads settings; writes nothing.

use std::path::{Path, PathBuf};

use super::edit;
use super::settings_file::SettingsFile;
use crate::agents::settings::{HookCall, Wanted};
use crate::agents::{self, Agent};
use crate::environment::Environment;

/// What is to be set up.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// Short names of agents; empty for all.
    pub agents: Vec<&'static str>,
    pub hooks: bool,
    /// For how many days agents that delete sessions are to keep them; `None` leaves it as it is.
    pub keep_days: Option<u64>,
}

impl Choice {
    pub(crate) fn includes(&self, agent: &str) -> bool {
        self.agents.is_empty() || self.agents.contains(&agent)
    }
}

/// An agent that has something on this machine.
#[derive(Clone, Debug)]
pub(crate) struct PresentAgent {
    pub id: &'static str,
    pub label: &'static str,
    /// Whether it can call us.
    pub has_hooks: bool,
    /// Days after which it deletes sessions; `None` for never.
    pub cleanup_days: Option<u64>,
    /// What to do so that its hooks are called, where all of them are switched off.
    pub undo_off: Option<&'static str>,
    homes: Vec<PathBuf>,
}

/// What becomes of a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It has everything already.
    Unchanged,
    /// It is changed; without a text before, it is made.
    Changed { before: Option<String>, after: String },
    /// It is left alone: why, and what has to be in it.
    ByHand { reason: String, lines: String },
}

/// One settings file of an agent.
#[derive(Clone, Debug)]
pub(crate) struct PlannedFile {
    pub agent: &'static str,
    pub label: &'static str,
    pub file: PathBuf,
    pub wanted: Vec<Wanted>,
    pub outcome: Outcome,
}

impl PlannedFile {
    /// Returns what of all that is wanted is new to the file.
    pub(crate) fn news(&self) -> Vec<&Wanted> {
        let before = match &self.outcome {
            Outcome::Unchanged => return Vec::new(),
            Outcome::Changed { before, .. } => before.as_deref().unwrap_or_default(),
            Outcome::ByHand { .. } => "",
        };
        let is_new = |wanted: &&Wanted| {
            edit::bring_in(before, std::slice::from_ref(wanted)).is_ok_and(|after| after != before)
        };
        self.wanted.iter().filter(is_new).collect()
    }
}

/// Returns the agents of this machine that `choice` includes, in the order of the registry.
pub(crate) fn present_agents(
    environment: &Environment,
    choice: &Choice,
    call: &HookCall,
) -> Vec<PresentAgent> {
    let chosen = agents::registry().iter().filter(|agent| choice.includes(agent.id()));
    chosen.filter_map(|agent| present(*agent, environment, call)).collect()
}

/// Returns the settings files on this machine that call us, whoever had them do so.
pub(crate) fn files_that_call(environment: &Environment) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for agent in agents::registry() {
        let settings = agent.homes(environment).into_iter().filter_map(|home| agent.settings(&home));
        for hook in settings.flat_map(|settings| settings.hooks) {
            if !files.contains(&hook.file) {
                files.push(hook.file);
            }
        }
    }
    files
}

fn present(agent: &dyn Agent, environment: &Environment, call: &HookCall) -> Option<PresentAgent> {
    let homes: Vec<PathBuf> = agent.homes(environment).into_iter().filter(|home| home.is_dir()).collect();
    let is_here = !homes.is_empty() || agent.roots(environment).iter().any(|root| root.exists());
    is_here.then(|| PresentAgent {
        id: agent.id(),
        label: agent.label(),
        has_hooks: homes.iter().any(|home| !agent.wanted_hooks(home, call).is_empty()),
        cleanup_days: agent.cleanup_days(environment),
        undo_off: homes.iter().find_map(|home| agent.settings(home)?.undo_off),
        homes,
    })
}

/// Returns the settings files of `present` that have to do with `choice`, each with what becomes of it.
pub(crate) fn plan(present: &[PresentAgent], choice: &Choice, call: &HookCall) -> Vec<PlannedFile> {
    let mut files: Vec<PlannedFile> = Vec::new();
    for here in present {
        let Some(agent) = agents::agent(here.id) else { continue };
        for wanted in here.homes.iter().flat_map(|home| wanted(agent, home, choice, call)) {
            match files.iter_mut().find(|file| file.file == wanted.file && file.agent == here.id) {
                Some(file) => file.wanted.push(wanted),
                None => files.push(PlannedFile {
                    agent: here.id,
                    label: here.label,
                    file: wanted.file.clone(),
                    wanted: vec![wanted],
                    outcome: Outcome::Unchanged,
                }),
            }
        }
    }
    for file in &mut files {
        file.outcome = outcome(&file.file, &file.wanted).0;
    }
    files
}

fn wanted(agent: &dyn Agent, home: &Path, choice: &Choice, call: &HookCall) -> Vec<Wanted> {
    let hooks = if choice.hooks { agent.wanted_hooks(home, call) } else { Vec::new() };
    let days = choice.keep_days.map(|days| agent.wanted_days(home, days)).unwrap_or_default();
    hooks.into_iter().chain(days).collect()
}

/// Returns what becomes of the file at `path` so that it has what is `wanted`, and the file as it was read.
pub(super) fn outcome(path: &Path, wanted: &[Wanted]) -> (Outcome, Option<SettingsFile>) {
    let by_hand = |reason: String| (by_hand(reason, wanted), None);
    if path.to_str().is_none() {
        return by_hand("its path is no UTF-8".to_owned());
    }
    let file = match SettingsFile::read(path) {
        Ok(file) => file,
        Err(reason) => return by_hand(reason),
    };
    let before = match file.bytes().map(|bytes| std::str::from_utf8(bytes)) {
        Some(Err(_)) => return by_hand("it is no UTF-8".to_owned()),
        Some(Ok(text)) => Some(text.to_owned()),
        None => None,
    };
    let after = match edit::bring_in(before.as_deref().unwrap_or_default(), wanted) {
        Ok(after) => after,
        Err(why) => return by_hand(why.0),
    };
    if before.as_ref() == Some(&after) {
        return (Outcome::Unchanged, Some(file));
    }
    match file.is_fixed() {
        Some(reason) => by_hand(reason),
        None => (Outcome::Changed { before, after }, Some(file)),
    }
}

/// Returns the outcome of a file that is left alone.
pub(super) fn by_hand(reason: String, wanted: &[Wanted]) -> Outcome {
    // What is new to an empty file is all that there is to add.
    let lines = edit::bring_in("", wanted).unwrap_or_default();
    Outcome::ByHand { reason, lines }
}
