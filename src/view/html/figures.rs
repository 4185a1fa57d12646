//! What was counted while a session was rendered: for its own page, and for the list of all.

use serde::{Deserialize, Serialize};

use crate::message::{Kind, Mark, Role};
use crate::view::reading::Told;

/// How much of what is in a session, its parts included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Figures {
    /// Everything but events.
    pub messages: u64,
    /// What the user wrote, parts aside.
    pub prompts: u64,
    pub answers: u64,
    pub tool_calls: u64,
    /// Results that say that a call failed.
    pub failures: u64,
    pub images: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
}

impl Figures {
    /// Figures a message; `is_part` says whether it is of a part.
    pub(super) fn take(&mut self, told: &Told<'_>, is_part: bool) {
        let message = told.message;
        let is_own =
            !is_part && ![Mark::Injected, Mark::Sidechain].iter().any(|mark| message.marks.has(*mark));
        self.messages += u64::from(message.kind != Kind::Event);
        match (message.role, message.kind) {
            (Role::User, Kind::Text) => self.prompts += u64::from(is_own),
            (Role::Assistant, Kind::Text) => self.answers += 1,
            (_, Kind::ToolCall) => self.tool_calls += 1,
            (_, Kind::ToolResult) => self.failures += u64::from(message.outcome.failed()),
            (_, Kind::Image) => self.images += 1,
            _ => {}
        }
        if let Some(tokens) = message.tokens {
            let input = tokens.input.saturating_add(tokens.cache_read).saturating_add(tokens.cache_write);
            self.input_tokens = self.input_tokens.saturating_add(input);
            self.output_tokens = self.output_tokens.saturating_add(tokens.output);
        }
    }

    /// Returns each number with its name.
    pub(super) fn named(&self) -> [(&'static str, u64); 8] {
        [
            ("Messages", self.messages),
            ("Prompts", self.prompts),
            ("Answers", self.answers),
            ("Tool calls", self.tool_calls),
            ("Failed calls", self.failures),
            ("Images", self.images),
            ("Tokens read", self.input_tokens),
            ("Tokens written", self.output_tokens),
        ]
    }
}
