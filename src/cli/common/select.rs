//! Options that choose sessions, shared by `list` and `search`.

use crate::error::Result;
use crate::platform::clock;
use crate::search::sessions::{Filter, parse_since};

#[derive(Debug, clap::Args)]
pub(crate) struct SelectArgs {
    /// Only sessions of these projects; a list with commas, or repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    project: Vec<String>,
    /// Only sessions of these agents (codex, claude-code...); a list with commas, or repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    agent: Vec<String>,
    /// Only sessions with these ids, or ids that begin so; those that an agent copied from them are found, too
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    session: Vec<String>,
    /// Only sessions archived then or later: 2026-06-01, a time, or an age such as 7d, 36h, 2w
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
}

impl SelectArgs {
    /// Returns the filter that is asked for.
    pub(crate) fn filter(&self) -> Result<Filter> {
        let since = self.since.as_deref().map(|text| parse_since(text, clock::now())).transpose()?;
        let filled = |list: &[String]| list.iter().filter(|item| !item.is_empty()).cloned().collect();
        Ok(Filter {
            projects: filled(&self.project),
            agents: filled(&self.agent),
            sessions: filled(&self.session),
            since,
        })
    }
}
