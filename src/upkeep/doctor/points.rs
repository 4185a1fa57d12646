//! What `doctor` has to say, point by point.

use super::{never_quiet, unarchived};

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    /// `store`, `claude-code-hook`: stable, for scripts.
    pub topic: String,
    /// How it is, a phrase.
    pub says: String,
    /// What it is about, one by one; a line each.
    pub details: Vec<String>,
    /// What is known about something that no command can mend. `None`: nothing more to say.
    pub note: Option<String>,
    /// What to do about it: commands, or lines to paste; several where it has several causes. `None`: all well.
    pub advice: Option<String>,
}

impl Point {
    /// Makes a point that has nothing to do with it, nor details.
    pub(crate) fn new(topic: impl Into<String>, says: impl Into<String>) -> Point {
        Point { topic: topic.into(), says: says.into(), details: Vec::new(), note: None, advice: None }
    }
}

/// What was looked at, in the order in which it is worth mending.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub points: Vec<Point>,
    /// What each agent has that has anything.
    pub sessions: Vec<unarchived::Sessions>,
    /// The sessions that are never quiet and wait to be archived.
    pub waiting: Vec<never_quiet::Waiting>,
}

impl Report {
    /// Returns whether there is nothing to be done.
    pub(crate) fn is_well(&self) -> bool {
        self.points.iter().all(|point| point.advice.is_none())
    }

    /// Notes that something is as it should be.
    pub(crate) fn ok(&mut self, topic: impl Into<String>, says: impl Into<String>) {
        self.points.push(Point::new(topic, says));
    }

    /// Notes that there is something to do, and what.
    pub(crate) fn act(
        &mut self,
        topic: impl Into<String>,
        says: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.points.push(Point { advice: Some(advice.into()), ..Point::new(topic, says) });
    }

    /// Adds what the last point is about, one by one.
    pub(crate) fn detail(&mut self, details: impl IntoIterator<Item = String>) {
        if let Some(point) = self.points.last_mut() {
            point.details.extend(details);
        }
    }
}
