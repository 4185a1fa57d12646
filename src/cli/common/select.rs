//! Options that choose sessions, shared by `list` and `search`.

use crate::agents;
use crate::environment::Environment;
use crate::error::{Error, Kind, Result};
use crate::platform::clock;
use crate::report::nearest::several;
use crate::report::{Reporter, terminal_safe};
use crate::search::sessions::{
    Filter, Glimpse, Project, Session, glance, nearest_sessions, parse_since, parse_until,
};
use crate::view::session::{Name, candidate_line};
use std::collections::BTreeSet;
use std::path::Path;

/// Names that are said instead of one that there is not.
const MOST_MEANT: usize = 3;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which sessions")]
pub(crate) struct SelectArgs {
    /// Only these projects, by name, or all below a directory (~/code, /srv/app, .); a list with commas, or repeated
    #[arg(long, value_name = "NAME|DIR", value_delimiter = ',')]
    project: Vec<String>,
    /// Only sessions of these agents (codex, claude-code...); a list with commas, or repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    agent: Vec<String>,
    /// Only sessions with these ids, or ids that begin so; those that an agent copied from them are found, too
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    session: Vec<String>,
    /// Only sessions that ended then or later: 2026-06-01, a time, or an age such as 7d, 36h, 2w
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Only sessions that ended then or earlier, written as for --since; a day, a month or a year counts whole
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// Only sessions on these Git branches; a list with commas, or repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    branch: Vec<String>,
    /// Only sessions with models whose name holds this, in any case; a list with commas, or repeated
    #[arg(long, value_name = "TEXT", value_delimiter = ',')]
    model: Vec<String>,
    /// Only sessions whose title holds this, in any case
    #[arg(long, value_name = "TEXT")]
    title: Vec<String>,
}

impl SelectArgs {
    /// Returns the filter that is asked for.
    pub(crate) fn filter(&self, environment: &Environment) -> Result<Filter> {
        let now = clock::now();
        let project =
            |text: &String| Project::of(text, environment.directory(), |path| environment.expand(path));
        let small = |list: &[String]| filled(list).iter().map(|text| text.to_lowercase()).collect();
        Ok(Filter {
            projects: filled(&self.project).iter().map(project).collect(),
            agents: filled(&self.agent),
            sessions: filled(&self.session),
            branches: filled(&self.branch),
            models: small(&self.model),
            titles: small(&self.title),
            since: self.since.as_deref().map(|text| parse_since(text, now)).transpose()?,
            before: self.until.as_deref().map(|text| parse_until(text, now)).transpose()?,
        })
    }
}

impl SelectArgs {
    /// Says, where nothing was found in the store at `root`, which of the names that were asked for is the name of
    /// nothing there, and what may have been meant.
    pub(crate) fn explain_nothing(&self, root: &Path, reporter: &Reporter) {
        let names = [&self.project, &self.agent, &self.session, &self.branch];
        if names.iter().all(|list| list.is_empty()) {
            return;
        }
        let glimpses = glance(root);
        let known = |text: fn(&Glimpse) -> &String| -> BTreeSet<&str> {
            glimpses.iter().map(|glimpse| text(glimpse).as_str()).filter(|text| !text.is_empty()).collect()
        };
        let mut in_agents = known(|glimpse| &glimpse.agent);
        let is_of_no_session = |name: &str| !in_agents.contains(name);
        let unused: Vec<&String> = self.agent.iter().filter(|name| is_of_no_session(name)).collect();
        for name in unused {
            if agents::agent(name).is_some() {
                reporter.say(format_args!("no session of the agent '{name}' is archived"));
                in_agents.insert(name);
            }
        }
        in_agents.extend(agents::registry().iter().map(|agent| agent.id()));
        let is_path = |name: &str| name.contains('/') || name.starts_with(['~', '.']);
        let projects = self.project.iter().filter(|name| !is_path(name));
        say_unknown("project", projects, &known(|glimpse| &glimpse.project), reporter);
        say_unknown("agent", self.agent.iter(), &in_agents, reporter);
        say_unknown("branch", self.branch.iter(), &known(|glimpse| &glimpse.branch), reporter);
        for id in &self.session {
            let meant = nearest_sessions(id, &glimpses);
            if !meant.is_empty() {
                reporter
                    .say(format_args!("no session begins with '{id}'; did you mean {}?", meant.join(" or ")));
            }
        }
    }
}

fn say_unknown<'a>(
    what: &str,
    names: impl Iterator<Item = &'a String>,
    known: &BTreeSet<&str>,
    reporter: &Reporter,
) {
    for name in names.filter(|name| !name.is_empty() && !known.contains(name.as_str())) {
        match &several(name, known.iter().copied(), MOST_MEANT)[..] {
            [] => reporter.say(format_args!("there is no {what} '{name}'")),
            meant => reporter
                .say(format_args!("there is no {what} '{name}'; did you mean {}?", meant.join(" or "))),
        }
    }
}

/// Candidates that are said one by one.
const MOST_CANDIDATES: usize = 20;

/// Says which sessions `name` could be, the first of them, and returns the error for that.
pub(crate) fn ambiguous(name: &Name, sessions: &[Session<'_>], reporter: &Reporter) -> Error {
    for session in sessions.iter().take(MOST_CANDIDATES) {
        reporter.say(terminal_safe(candidate_line(session).as_bytes()));
    }
    let more = sessions.len().saturating_sub(MOST_CANDIDATES);
    if more > 0 {
        reporter.say(format_args!("and {more} more"));
    }
    let error = Error::new(Kind::Usage, format!("'{name}' could be any of {} sessions", sessions.len()));
    error.with_hint(match name {
        Name::Path(_) => "choose one with --session ID",
        _ => "write more of the id, or narrow with --agent, --project or --since",
    })
}

fn filled(list: &[String]) -> Vec<String> {
    list.iter().filter(|item| !item.is_empty()).cloned().collect()
}
