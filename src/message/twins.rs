//! What an agent writes twice in different words, near each other: of two wordings the first counts. And what it writes in two
//! places, however far away.

use std::collections::{HashMap, VecDeque};

use super::{Message, Side};

/// Lines between two wordings of one thing, at most: a turn's user message is written with what stands around it. Counted in
/// lines, so that whoever sees only some of the messages says the same of them as whoever sees all.
const TWIN_LINES: u64 = 256;

/// The wordings that were met in the lines just before. Asked in the order of lines.
#[derive(Default)]
pub(crate) struct Twins {
    near: VecDeque<(u64, Side, u64)>,
}

impl Twins {
    /// Returns whether `message` says in other words what one before it has said; that one then has its twin.
    pub(crate) fn is_second_wording(&mut self, message: &Message) -> bool {
        let Some((number, side)) = message.joints.twin else { return false };
        let line = message.index.line;
        while self.near.front().is_some_and(|(.., at)| at + TWIN_LINES < line) {
            self.near.pop_front();
        }
        let other = self.near.iter().position(|(known, of, _)| *known == number && *of != side);
        if let Some(at) = other {
            // Two things that are said twice each are two.
            self.near.remove(at);
            return true;
        }
        self.near.push_back((number, side, line));
        false
    }
}

/// Messages of which a copy may come, by what they say.
#[derive(Default)]
pub(crate) struct Copies {
    waiting: HashMap<u64, u32>,
}

impl Copies {
    /// Returns whether `message` is a copy of one before it; that one then has its copy.
    pub(crate) fn is_copy(&mut self, message: &Message) -> bool {
        let Some((number, side)) = message.joints.copy else { return false };
        let count = self.waiting.entry(number).or_default();
        match side {
            Side::Record => *count += 1,
            Side::Screen if *count > 0 => {
                *count -= 1;
                return true;
            }
            Side::Screen => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Kind, Role, Text};

    fn at(line: u64, number: u64, side: Side) -> Message {
        let mut message = Message::new(Role::User, Kind::Text, Text::None);
        message.index.line = line;
        message.joints.twin = Some((number, side));
        message
    }

    #[test]
    fn of_two_wordings_near_each_other_the_first_counts() {
        let mut twins = Twins::default();
        assert!(!twins.is_second_wording(&at(1, 7, Side::Record)));
        assert!(!twins.is_second_wording(&at(2, 8, Side::Screen)));
        assert!(twins.is_second_wording(&at(3, 7, Side::Screen)));
        assert!(!twins.is_second_wording(&at(4, 7, Side::Screen)), "it is said again");
        assert!(!twins.is_second_wording(&at(4 + TWIN_LINES + 1, 7, Side::Record)), "far away");
    }
}
