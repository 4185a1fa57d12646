//! What sums can be made by, as it is written on the command line.

use crate::view::counts::groups;

/// What sums are made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum By {
    Agent,
    Project,
    Month,
    Model,
    Tool,
    Rule,
}

impl By {
    pub(super) const ALL: [By; 6] = [By::Agent, By::Project, By::Month, By::Model, By::Tool, By::Rule];
    /// What is shown where nothing is asked for.
    pub(super) const USUAL: [By; 4] = [By::Agent, By::Month, By::Model, By::Tool];

    /// Returns what the sums are asked for by.
    pub(super) fn groups(self) -> groups::By {
        match self {
            By::Agent => groups::By::Agent,
            By::Project => groups::By::Project,
            By::Month => groups::By::Month,
            By::Model => groups::By::Model,
            By::Tool => groups::By::Tool,
            By::Rule => groups::By::Rule,
        }
    }

    /// Returns what a group is of.
    pub(super) fn name(self) -> &'static str {
        match self {
            By::Agent => "agent",
            By::Project => "project",
            By::Month => "month",
            By::Model => "model",
            By::Tool => "tool",
            By::Rule => "rule",
        }
    }
}
