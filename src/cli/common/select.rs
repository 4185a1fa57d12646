//! Options that choose sessions, shared by `list` and `search`.

use crate::environment::Environment;
use crate::error::Result;
use crate::platform::clock;
use crate::search::sessions::{Filter, Project, parse_since, parse_until};

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

fn filled(list: &[String]) -> Vec<String> {
    list.iter().filter(|item| !item.is_empty()).cloned().collect()
}
