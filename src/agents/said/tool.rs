//! Tells calls of tools and their results.

use super::around::Block;
use super::telling::Telling;
use crate::agents::record::{Record, Value};
use crate::message::{Kind, Message, Outcome, Role, Text};

/// Names that agents have for what joins a call and its result.
const CALL: [&str; 9] = [
    "tool_use_id",
    "toolCallId",
    "call_id",
    "tool_call_id",
    "callID",
    "callId",
    "toolUseId",
    "tool_id",
    "id",
];
const NAME: [&str; 5] = ["name", "toolName", "tool_name", "tool", "title"];
const INPUT: [&str; 8] =
    ["input", "arguments", "args", "params", "parameters", "rawInput", "toolInput", "tool_input"];
const OUTPUT: [&str; 8] = ["content", "output", "result", "response", "toolResult", "text", "value", "error"];

/// Tells a call: the tool, and what it was called with.
pub(super) fn call(told: &mut Telling<'_>, around: &Block<'_>, block: &Record<'_>) {
    // OpenAI's and Goose's have it one level further down.
    let inner = ["function", "toolCall", "tool_call", "value"].iter().find_map(|key| block.record(key));
    let inner = inner.map(|inner| inner.record("value").unwrap_or(inner));
    let find = |keys: &[&str]| {
        let inside = inner.as_ref().and_then(|inner| keys.iter().find_map(|key| inner.get(key)));
        inside.or_else(|| keys.iter().find_map(|key| block.get(key)))
    };
    let by_block = CALL.iter().find_map(|key| block.get(key));
    let (id, name, input) = (by_block.or_else(|| find(&CALL)), find(&NAME), find(&INPUT));
    told.call(around.role, id, name, input);
}

/// Tells a result: what the tool said, block by block.
pub(super) fn result(told: &mut Telling<'_>, around: &Block<'_>, block: &Record<'_>, depth: usize) {
    let is_true = |key: &str| block.get(key).map(Value::is_true);
    let find = |keys: &[&str]| keys.iter().find_map(|key| block.get(key));
    let inside = Block {
        role: Role::Tool,
        kind: Kind::ToolResult,
        call: find(&CALL).or(around.call),
        name: find(&NAME[..4]).or(around.name),
        is_error: is_true("is_error").or(is_true("isError")).or(around.is_error),
    };
    let output = OUTPUT.iter().find_map(|key| block.get(key).filter(|value| value.raw() != b"null"));
    told.result_in(&inside, output, depth);
}

impl Telling<'_> {
    /// Says that a tool is called, in whatever form the object is.
    pub(crate) fn tool_call(&mut self, role: Role, value: Value<'_>) {
        if let Some(block) = value.record() {
            call(self, &Block::of(role), &block);
        }
    }

    /// Says that a tool is called: what joins the call to its result, the tool's name, and what it is called with.
    pub(crate) fn call(
        &mut self,
        role: Role,
        id: Option<Value<'_>>,
        name: Option<Value<'_>>,
        input: Option<Value<'_>>,
    ) -> &mut Message {
        let place = |value: Option<Value<'_>>| value.map_or(Text::None, |value| self.place(value));
        let (id, name, input) = (place(id), place(name), place(input));
        let message = self.say(role, Kind::ToolCall, input);
        message.call = id;
        message.name = name;
        message
    }

    /// Says what a tool answered: a text, blocks, or a value of any form; and how the call ended. Of several blocks, each is
    /// a message, and the first says how it ended.
    pub(crate) fn result(
        &mut self,
        id: Option<Value<'_>>,
        name: Option<Value<'_>>,
        output: Option<Value<'_>>,
        outcome: Outcome,
    ) {
        let before = self.count();
        let around = Block { call: id, name, is_error: outcome.is_error, ..Block::of(Role::Tool) };
        self.result_in(&around, output, 0);
        if let Some(first) = self.since(before).first_mut() {
            first.outcome.exit_code = outcome.exit_code;
        }
    }

    pub(super) fn result_in(&mut self, around: &Block<'_>, output: Option<Value<'_>>, depth: usize) {
        let before = self.count();
        match output {
            Some(output) if output.raw().starts_with(b"{") && !is_block(output) => around.say(self, output),
            Some(output) if output.raw().first().is_some_and(|byte| !b"\"[{".contains(byte)) => {
                around.say(self, output);
            }
            output => self.blocks(around, output, depth + 1),
        }
        for further in self.since(before).iter_mut().skip(1) {
            further.outcome = Outcome::default();
        }
        // That a tool answered nothing is an answer.
        if self.count() == before {
            let empty = output.map_or(Text::None, |output| self.place(output));
            around.put(self, Kind::ToolResult, empty);
        }
    }
}

/// Returns whether an object is a block and not an answer of a form of its own.
fn is_block(value: Value<'_>) -> bool {
    value.member("type").is_some() || value.member("inlineData").is_some()
}
