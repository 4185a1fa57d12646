//! Reads what a message consists of: one text, or a list of blocks.

use super::around::Block;
use super::blocks::tell_block;
use super::telling::Telling;
use crate::agents::record::Value;
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

    pub(super) fn blocks(&mut self, around: &Block<'_>, content: Option<Value<'_>>, depth: usize) {
        let Some(content) = content else { return };
        match content.raw().first() {
            Some(b'"') => around.say(self, content),
            Some(b'[') if depth < MOST_DEPTH => {
                for block in content.elements() {
                    match block.raw().first() {
                        Some(b'{') => tell_block(self, around, block, depth),
                        Some(b'"') => around.say(self, block),
                        _ => {}
                    }
                }
            }
            Some(b'{') if depth < MOST_DEPTH => tell_block(self, around, content, depth),
            _ => {}
        }
    }
}
