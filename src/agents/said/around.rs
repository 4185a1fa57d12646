//! What holds for each block of a list: who speaks, and, of a result, which tool of which call.

use super::telling::Telling;
use crate::agents::record::Value;
use crate::message::{Kind, Message, Role, Text};

/// What holds for the blocks of a list.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub role: Role,
    /// What a text in it is.
    pub kind: Kind,
    /// Of a result's blocks: the call and the tool.
    pub call: Option<Value<'a>>,
    pub name: Option<Value<'a>>,
    pub is_error: Option<bool>,
}

impl Block<'_> {
    /// Returns what holds for blocks of which only the role is known.
    pub(super) fn of(role: Role) -> Block<'static> {
        let kind = if role == Role::Tool { Kind::ToolResult } else { Kind::Text };
        Block { role, kind, call: None, name: None, is_error: None }
    }

    /// Says a text.
    pub(super) fn say(&self, told: &mut Telling<'_>, value: Value<'_>) {
        let text = told.place(value);
        if !text.is_empty() {
            self.put(told, self.kind, text);
        }
    }

    /// Says a text of this kind, with all that holds for the list.
    pub(super) fn put<'m>(&self, told: &'m mut Telling<'_>, kind: Kind, text: Text) -> &'m mut Message {
        let place = |told: &Telling<'_>, value: Option<Value<'_>>| {
            value.map_or(Text::None, |value| told.place(value))
        };
        let (call, name) = (place(told, self.call), place(told, self.name));
        let message = told.say(self.role, kind, text);
        message.outcome.is_error = self.is_error;
        message.call = call;
        message.name = name;
        message
    }
}
