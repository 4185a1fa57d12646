//! What may stand for an argument: told by the argument's name, which means the same in every command.

use super::candidate::Candidate;
use super::line::Line;
use super::paths;
use super::place::{Place, takes_values};
use crate::agents;
use crate::cli::help::TOPICS;
use crate::config::{Config, Flags};
use crate::environment::{Environment, FILE_VARIABLE, STORE_VARIABLE};
use crate::mask::built_in_rules;
use crate::message::{Kind, Role};
use crate::search::sessions::{Glimpse, glance, parse_time};
use clap::{Arg, Command, ValueHint};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Sessions that are offered at most, the latest: nobody reads more.
const MOST_SESSIONS: usize = 200;

/// What an argument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// One of the values that the parser knows.
    Listed,
    Sessions,
    Projects,
    Branches,
    Models,
    Agents,
    Rules,
    Roles,
    Kinds,
    /// Commands of the program, for what explains them.
    Commands,
    Files,
    Directories,
    Nothing,
}

/// Returns what may stand at `place`, in the order in which it is to be shown. Each begins with what is typed.
pub(super) fn of(place: &Place<'_>, line: &Line, program: &Command) -> Vec<Candidate> {
    let mut found = Vec::new();
    if place.takes_commands {
        let commands = place.command.get_subcommands().filter(|command| !command.is_hide_set());
        found.extend(commands.map(|command| {
            Candidate::new(
                command.get_name(),
                command.get_about().map(ToString::to_string).unwrap_or_default(),
            )
        }));
    }
    let (before, typed) = line.current.split_at(place.value_start.min(line.current.len()));
    let (list, typed) = match place.argument.and_then(|argument| argument.get_value_delimiter()) {
        Some(delimiter) => match typed.rfind(delimiter) {
            Some(at) => typed.split_at(at + delimiter.len_utf8()),
            None => ("", typed),
        },
        None => ("", typed),
    };
    if let Some(argument) = place.argument {
        let known = Known { line, program, explains: place.command.get_name() == "help" };
        let mut values = known.values(argument, typed);
        let is_given = |value: &str| place.given.contains(&value) || list.split(',').any(|one| one == value);
        values.retain(|one| !one.value.starts_with('-') && !is_given(&one.value));
        found.extend(values);
    }
    found.retain(|one| begins(&one.value, typed));
    if place.takes_flags && (found.is_empty() || line.current.starts_with('-')) {
        found.extend(flags(place.command).into_iter().filter(|flag| flag.value.starts_with(typed)));
    }
    for one in &mut found {
        if !before.is_empty() || !list.is_empty() {
            one.value = format!("{before}{list}{}", one.value);
        }
    }
    found
}

fn begins(value: &str, typed: &str) -> bool {
    // Ids are found in either case.
    value.as_bytes().get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed.as_bytes()))
}

/// Returns the flags of a command: long where they have a long name.
fn flags(command: &Command) -> Vec<Candidate> {
    let visible = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let name = |argument: &Arg| match (argument.get_long(), argument.get_short()) {
        (Some(long), _) => Some(format!("--{long}")),
        (None, Some(short)) => Some(format!("-{short}")),
        (None, None) => None,
    };
    let about = |argument: &Arg| argument.get_help().map(ToString::to_string).unwrap_or_default();
    visible.filter_map(|argument| Some(Candidate::new(name(argument)?, about(argument)))).collect()
}

/// Returns what an argument takes, by its name, or else by what it is called in help.
fn sort(argument: &Arg) -> Sort {
    let is_listed = takes_values(argument) || argument.is_positional();
    if is_listed && !argument.get_possible_values().is_empty() {
        return Sort::Listed;
    }
    let names = argument.get_value_names().unwrap_or_default();
    let is_called = |name: &str| names.iter().any(|known| known.as_str() == name);
    match argument.get_long() {
        Some("agent") => return Sort::Agents,
        Some("project") => return Sort::Projects,
        Some("session" | "part-of") => return Sort::Sessions,
        Some("branch") => return Sort::Branches,
        Some("model") => return Sort::Models,
        Some("rule" | "disable-rule") => return Sort::Rules,
        Some("role") => return Sort::Roles,
        Some("kind") => return Sort::Kinds,
        _ => {}
    }
    for (name, sort) in [
        ("SESSION", Sort::Sessions),
        ("AGENT", Sort::Agents),
        ("PROJECT", Sort::Projects),
        ("RULE", Sort::Rules),
        ("COMMAND", Sort::Commands),
        ("DIR", Sort::Directories),
        ("PATH", Sort::Files),
        ("FILE", Sort::Files),
        ("FILE|DIR", Sort::Files),
    ] {
        if is_called(name) {
            return sort;
        }
    }
    match argument.get_value_hint() {
        ValueHint::DirPath => Sort::Directories,
        ValueHint::AnyPath | ValueHint::FilePath => Sort::Files,
        _ => Sort::Nothing,
    }
}

/// What values are looked up in.
struct Known<'a> {
    line: &'a Line,
    program: &'a Command,
    /// The command explains topics as well as commands.
    explains: bool,
}

impl Known<'_> {
    fn values(&self, argument: &Arg, typed: &str) -> Vec<Candidate> {
        let is_path = typed.contains('/') || typed.starts_with(['.', '~']);
        match sort(argument) {
            Sort::Listed => {
                let values = argument.get_possible_values().into_iter().filter(|value| !value.is_hide_set());
                let about = |value: &clap::builder::PossibleValue| {
                    value.get_help().map(ToString::to_string).unwrap_or_default()
                };
                values.map(|value| Candidate::new(value.get_name(), about(&value))).collect()
            }
            Sort::Sessions if is_path => self.paths(typed, false),
            Sort::Sessions => self.sessions(typed),
            Sort::Projects if is_path => self.paths(typed, true),
            Sort::Projects => self.counted(|glimpse| &glimpse.project),
            Sort::Branches => self.counted(|glimpse| &glimpse.branch),
            Sort::Models => self.counted(|glimpse| &glimpse.model),
            Sort::Agents => self.agents(),
            Sort::Rules => built_in_rules().map(|rule| Candidate::new(rule.id, rule.about)).collect(),
            Sort::Roles => Role::ALL.iter().map(|role| Candidate::new(role.name(), "")).collect(),
            Sort::Kinds => Kind::ALL.iter().map(|kind| Candidate::new(kind.name(), "")).collect(),
            Sort::Commands => {
                let commands = self.program.get_subcommands().filter(|command| !command.is_hide_set());
                let about =
                    |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
                let mut found: Vec<Candidate> =
                    commands.map(|command| Candidate::new(command.get_name(), about(command))).collect();
                if self.explains {
                    found.extend(TOPICS.iter().map(|(topic, about)| Candidate::new(*topic, *about)));
                }
                found
            }
            Sort::Files => self.paths(typed, false),
            Sort::Directories => self.paths(typed, true),
            Sort::Nothing => Vec::new(),
        }
    }

    /// Returns what the line itself says is to be used.
    fn flags(&self, environment: &Environment) -> Flags {
        let path = |option: &str, variable: &str| -> Option<PathBuf> {
            let set = self.line.variables.iter().rev().find(|(name, _)| name == variable);
            let said = self.line.option(option).or(set.map(|(_, value)| value.as_str()))?;
            (!said.is_empty()).then(|| environment.expand(Path::new(said)))
        };
        Flags { store: path("out", STORE_VARIABLE), file: path("config", FILE_VARIABLE), ..Flags::default() }
    }

    fn glimpses(&self) -> Vec<Glimpse> {
        let environment = Environment::of_process();
        match Config::resolve_without_file(&self.flags(&environment), &environment) {
            Ok(config) => glance(&config.store.path),
            Err(_) => Vec::new(),
        }
    }

    fn paths(&self, typed: &str, only_directories: bool) -> Vec<Candidate> {
        let environment = Environment::of_process();
        paths::begun(typed, only_directories, |path| environment.expand(path))
    }

    fn agents(&self) -> Vec<Candidate> {
        let environment = Environment::of_process();
        if let Ok((config, _)) = Config::resolve_or_builtin(&self.flags(&environment), &environment) {
            agents::add_own(&config.agents);
        }
        agents::registry().iter().map(|agent| Candidate::new(agent.id(), agent.label())).collect()
    }

    /// Returns the sessions whose ids begin as is typed, the latest first.
    fn sessions(&self, typed: &str) -> Vec<Candidate> {
        let mut found = self.glimpses();
        found.retain(|glimpse| !glimpse.session_id.is_empty() && begins(&glimpse.session_id, typed));
        found.sort_unstable_by(|one, other| {
            other.last.cmp(&one.last).then(one.session_id.cmp(&other.session_id))
        });
        let mut offered: Vec<&Glimpse> = found.iter().take(MOST_SESSIONS).collect();
        // So that what all of them have in common is what all there are have: a shell writes it into the line.
        if found.len() > MOST_SESSIONS {
            let by_id = |one: &&Glimpse, other: &&Glimpse| one.session_id.cmp(&other.session_id);
            offered.extend(found.iter().min_by(by_id).into_iter().chain(found.iter().max_by(by_id)));
        }
        let mut candidates: Vec<Candidate> = Vec::with_capacity(offered.len() + 1);
        for glimpse in offered {
            if !candidates.iter().any(|known| known.value == glimpse.session_id) {
                candidates.push(Candidate::new(&glimpse.session_id, about(glimpse)));
            }
        }
        if typed.is_empty() || typed.starts_with('@') {
            candidates.push(Candidate::new("@last", "the session that was worked on last"));
        }
        candidates
    }

    /// Returns the different texts that `text` finds in sessions, with how many sessions have each, most first.
    fn counted(&self, text: fn(&Glimpse) -> &String) -> Vec<Candidate> {
        let glimpses = self.glimpses();
        let mut counts: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
        for glimpse in glimpses.iter().filter(|glimpse| !text(glimpse).is_empty()) {
            let (count, last) = counts.entry(text(glimpse)).or_default();
            *count += 1;
            *last = (*last).max(&glimpse.last);
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        let about = |count: u64, last: &str| {
            let sessions = crate::report::units::count(count, "session");
            day(last).map_or(sessions.clone(), |day| format!("{sessions}, last {day}"))
        };
        counts.into_iter().map(|(text, (count, last))| Candidate::new(text, about(count, last))).collect()
    }
}

/// Returns what is said of a session: project, day and title.
fn about(glimpse: &Glimpse) -> String {
    let day = day(&glimpse.last);
    let fields = [Some(&*glimpse.project), day.as_deref(), Some(&*glimpse.title)];
    let fields: Vec<&str> = fields.into_iter().flatten().filter(|field| !field.is_empty()).collect();
    fields.join(", ")
}

/// Returns the local day of a time.
fn day(time: &str) -> Option<String> {
    Some(parse_time(time)?.to_zoned(TimeZone::system()).strftime("%Y-%m-%d").to_string())
}
