//! In which order messages that are found and those around them are written, so that none is written twice.

use crate::message::Index;
use crate::search::messages::{Hit, Neighbour};

/// One message to write.
pub(super) enum Line {
    Found(Hit),
    Near(Neighbour),
    /// What follows does not follow right behind what came before.
    Gap,
}

/// Goes through what is found in one archive.
#[derive(Default)]
pub(super) struct Passage {
    /// The last message that was written.
    last: Option<Index>,
    /// What stands behind the last one that was found, as far as it is wanted and not written.
    after: Vec<Neighbour>,
}

impl Passage {
    /// Returns what is to be written for a message that is found, in order.
    pub(super) fn take(&mut self, mut hit: Hit) -> Vec<Line> {
        let index = hit.message.index;
        let has_context = !hit.before.is_empty() || !hit.after.is_empty();
        let mut is_next = self.after.iter().any(|near| near.message.index >= index);
        let mut lines: Vec<Line> = Vec::new();
        for near in self.after.drain(..).filter(|near| near.message.index < index) {
            self.last = Some(near.message.index);
            lines.push(Line::Near(near));
        }
        let last = self.last;
        let mut before = std::mem::take(&mut hit.before);
        let all = before.len();
        before.retain(|near| last.is_none_or(|last| near.message.index > last));
        is_next |= before.len() < all;
        if has_context && last.is_some() && !is_next {
            lines.push(Line::Gap);
        }
        lines.extend(before.into_iter().map(Line::Near));
        self.after = std::mem::take(&mut hit.after);
        self.last = Some(index);
        lines.push(Line::Found(hit));
        lines
    }

    /// Returns what is left to be written behind the last message that was found.
    pub(super) fn end(&mut self) -> Vec<Neighbour> {
        self.last = None;
        std::mem::take(&mut self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Kind, Message, Role, Text};
    use crate::search::messages::Snippet;
    use std::sync::Arc;

    fn near(line: u64) -> Neighbour {
        let mut message = Message::new(Role::User, Kind::Text, Text::None);
        message.index = Index { line, nth: 1 };
        Neighbour { message, line: Arc::default() }
    }

    fn hit(line: u64) -> Hit {
        let Neighbour { message, line: bytes } = near(line);
        let (before, after) = ([line - 2, line - 1].map(near).into(), [line + 1, line + 2].map(near).into());
        Hit { message, line: bytes, said: 0, snippet: Snippet::default(), before, after }
    }

    #[test]
    fn no_message_is_written_twice_and_gaps_are_told() {
        let mut passage = Passage::default();
        let mut written = Vec::new();
        for line in [3, 4, 7, 20] {
            written.extend(passage.take(hit(line)).into_iter().map(|line| match line {
                Line::Found(hit) => format!("*{}", hit.message.index),
                Line::Near(near) => near.message.index.to_string(),
                Line::Gap => "--".to_owned(),
            }));
        }
        written.extend(passage.end().iter().map(|near| near.message.index.to_string()));
        assert_eq!(written.join(" "), "1 2 *3 *4 5 6 *7 8 9 -- 18 19 *20 21 22");
    }
}
