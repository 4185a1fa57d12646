//! What `doctor` has to say, point by point, and how it says a time.

use crate::platform::Stat;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::Path;

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
    /// Which of our own commands does that, if one does.
    pub mend: Option<Mend>,
}

/// A command of ours that mends something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mend {
    Repair,
    Setup,
    Import,
}

impl Mend {
    /// Returns the words of its command line behind the program.
    pub(crate) fn words(self) -> &'static [&'static str] {
        match self {
            Mend::Repair => &["repair"],
            // What nobody was asked about, as for how long agents keep sessions, stays.
            Mend::Setup => &["setup", "--yes", "--no-cleanup-days", "--no-import"],
            Mend::Import => &["import"],
        }
    }
}

impl Point {
    /// Makes a point that has nothing to do with it, nor details.
    pub(crate) fn new(topic: impl Into<String>, says: impl Into<String>) -> Point {
        Point {
            topic: topic.into(),
            says: says.into(),
            details: Vec::new(),
            note: None,
            advice: None,
            mend: None,
        }
    }
}

/// Points in the order in which they are worth mending.
#[derive(Clone, Debug, Default)]
pub(crate) struct Points(pub Vec<Point>);

impl Points {
    /// Returns whether there is nothing to be done.
    pub(crate) fn is_well(&self) -> bool {
        self.0.iter().all(|point| point.advice.is_none())
    }

    /// Notes that something is as it should be.
    pub(crate) fn ok(&mut self, topic: impl Into<String>, says: impl Into<String>) {
        self.0.push(Point::new(topic, says));
    }

    /// Notes that there is something to do, and what.
    pub(crate) fn act(
        &mut self,
        topic: impl Into<String>,
        says: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.0.push(Point { advice: Some(advice.into()), ..Point::new(topic, says) });
    }

    /// Notes that there is something to do that a command of ours does; `advice` is its command line.
    pub(crate) fn mend(
        &mut self,
        topic: impl Into<String>,
        says: impl Into<String>,
        mend: Mend,
        advice: impl Into<String>,
    ) {
        self.0.push(Point { advice: Some(advice.into()), mend: Some(mend), ..Point::new(topic, says) });
    }

    /// Returns the topics of what is to be done.
    pub(crate) fn topics_to_do(&self) -> Vec<&str> {
        self.0.iter().filter(|point| point.advice.is_some()).map(|point| &*point.topic).collect()
    }

    /// Returns our commands that mend something, each once, in the order in which they are to be run.
    pub(crate) fn mends(&self) -> Vec<Mend> {
        let mut mends: Vec<Mend> = self.0.iter().filter_map(|point| point.mend).collect();
        mends.sort();
        mends.dedup();
        mends
    }

    /// Adds what is known about the last point and no command can mend.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        if let Some(point) = self.0.last_mut() {
            point.note = Some(note.into());
        }
    }

    /// Adds what the last point is about, one by one.
    pub(crate) fn detail(&mut self, details: impl IntoIterator<Item = String>) {
        if let Some(point) = self.0.last_mut() {
            point.details.extend(details);
        }
    }
}

/// Returns a time, seconds since 1970, as people read it: local, to the minute.
pub(crate) fn when(seconds: i64) -> String {
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Returns when a file was last written to, seconds since 1970.
pub(crate) fn modified(path: &Path) -> Option<i64> {
    let stat = Stat::of(&std::fs::symlink_metadata(path).ok()?);
    Some(stat.mtime_ns.div_euclid(1_000_000_000))
}
