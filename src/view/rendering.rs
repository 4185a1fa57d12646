//! What every form of a session for people has in common: in which order what is in it comes, and what is folded.

use super::about::About;
use super::call::beginning;
use super::reading::Told;
use super::session::Part;
use crate::message::{Index, Kind};
use crate::report::units;

/// A form of a session for people: takes what comes next, and appends it to a text.
pub(crate) trait Rendering {
    /// Begins a session.
    fn begin(&mut self, about: &About, out: &mut String);
    /// Tells a message.
    fn message(&mut self, told: &Told<'_>, out: &mut String);
    /// Tells that a part ran here.
    fn part(&mut self, part: &Part, out: &mut String);
    /// Begins to tell a part that ran here; its messages follow.
    fn open_part(&mut self, part: &Part, out: &mut String);
    /// Ends a part that was begun.
    fn close_part(&mut self, out: &mut String);
    /// Tells of messages of subagents in the session's own transcript, which are not told.
    fn steps(&mut self, steps: &Steps, out: &mut String);
    /// Ends a session.
    fn end(&mut self, counts: &Counts, out: &mut String);
}

/// Messages of a subagent that follow each other in its session's own transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    pub count: u64,
    pub first: Index,
    /// The first line of the first one that says anything.
    pub about: String,
}

impl Steps {
    /// Returns the steps that begin with this one.
    pub(crate) fn of(told: &Told<'_>) -> Steps {
        let mut steps = Steps { count: 0, first: told.message.index, about: String::new() };
        steps.add(told);
        steps
    }

    /// Adds one.
    pub(crate) fn add(&mut self, told: &Told<'_>) {
        self.count += 1;
        if self.about.is_empty() && told.message.kind == Kind::Text {
            self.about = beginning(&told.text(), 1).lines.first().copied().unwrap_or_default().to_owned();
        }
    }
}

/// How many messages were told of a session, and how many of those that were asked for were not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub shown: u64,
    pub hidden_thinking: u64,
    pub hidden_events: u64,
    /// The reading was ended before the end of the session.
    pub is_cut: bool,
    /// Those that were told are not all, as others do not fit what was asked for.
    pub is_chosen: bool,
    /// Those that were told are not all, as only the last ones were asked for.
    pub is_last: bool,
}

impl Counts {
    /// Returns how many messages were told, and which these are.
    pub(crate) fn told(&self) -> String {
        match (self.shown, self.is_last, self.is_chosen) {
            (1, true, false) => "the last message".to_owned(),
            (1, true, true) => "the last message that fits".to_owned(),
            (1, false, true) => "1 message that fits".to_owned(),
            (shown, is_last, is_chosen) => format!(
                "{}{}{}",
                if is_last { "the last " } else { "" },
                units::count(shown, "message"),
                if is_chosen { " that fit" } else { "" }
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_said() {
        for (shown, is_chosen, is_last, expected) in [
            (0, false, false, "0 messages"),
            (2, false, false, "2 messages"),
            (2, false, true, "the last 2 messages"),
            (1, false, true, "the last message"),
            (2, true, false, "2 messages that fit"),
            (1, true, false, "1 message that fits"),
            (1, true, true, "the last message that fits"),
            (2, true, true, "the last 2 messages that fit"),
        ] {
            let counts = Counts { shown, is_chosen, is_last, ..Counts::default() };
            assert_eq!(counts.told(), expected);
        }
    }
}
