//! Reads what a message consists of: one text, or a list of blocks.

use super::around::Block;
use super::blocks::tell_block;
use super::telling::Telling;
use crate::agents::record::{Record, Value};
use crate::message::{Kind, Role};

/// Lists within lists that are looked into: a result holds blocks, an agent's result those of another.
const MOST_DEPTH: usize = 4;

impl Telling<'_> {
    /// Says what `content` holds in the words of `role`: a text, or a list of blocks in any of the forms that agents and
    /// models have for them. Results of tools in it are the tool's words.
    pub(crate) fn content(&mut self, role: Role, content: Option<Value<'_>>) {
        self.blocks(&Block::of(role), content, 0);
    }

    /// As [`content`](Telling::content), where a text is of this kind.
    pub(crate) fn content_of(&mut self, role: Role, kind: Kind, content: Option<Value<'_>>) {
        self.blocks(&Block { kind, ..Block::of(role) }, content, 0);
    }

    /// As [`content`](Telling::content), for one block of a list whose members were read already; `value` is all of it.
    pub(crate) fn block(&mut self, role: Role, value: Value<'_>, block: Option<&Record<'_>>) {
        match block {
            Some(block) => tell_block(self, &Block::of(role), block, value, 1),
            None => self.content(role, Some(value)),
        }
    }

    pub(super) fn blocks(&mut self, around: &Block<'_>, content: Option<Value<'_>>, depth: usize) {
        let Some(content) = content else { return };
        match content.raw().first() {
            Some(b'"') => around.say(self, content),
            Some(b'[') if depth < MOST_DEPTH => {
                for (value, block) in content.records() {
                    match block {
                        Some(block) => tell_block(self, around, &block, value, depth),
                        None if value.raw().starts_with(b"\"") => around.say(self, value),
                        None => {}
                    }
                }
            }
            Some(b'{') if depth < MOST_DEPTH => {
                if let Some(block) = content.record() {
                    tell_block(self, around, &block, content, depth);
                }
            }
            _ => {}
        }
    }
}
