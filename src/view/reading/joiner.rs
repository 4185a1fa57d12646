//! Goes through the messages of a transcript in order and joins what its agent tells in several places.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use crate::message::told::Told;
use crate::message::{Kind, Message, Role, Side, Text, Tokens, number_of};

/// Messages between two wordings of one thing: a turn's user message is written with what stands around it.
const TWIN_DISTANCE: usize = 64;

/// What was read of the transcript so far, as far as later messages need it. A few dozen bytes a message.
#[derive(Default)]
pub(crate) struct Joiner {
    once: HashSet<u64>,
    answers: HashMap<u64, Tokens>,
    introduced: HashMap<u64, Introduction>,
    tools: HashMap<u64, Arc<str>>,
    twins: VecDeque<(u64, Side)>,
}

struct Introduction {
    role: Role,
    time: Option<Timestamp>,
    model: Option<Arc<str>>,
}

impl Joiner {
    /// Returns whether `message`, whose texts stand in `bytes`, is told; then with what earlier messages know of it.
    pub(crate) fn take(&mut self, message: &mut Message, bytes: &[u8]) -> bool {
        if let Some(once) = message.joints.once
            // All messages of one row have its number.
            && !self.once.insert(once ^ u64::from(message.index.nth).wrapping_mul(0x9e37_79b9_7f4a_7c15))
        {
            return false;
        }
        if matches!(message.name, Text::Named("introduction")) {
            self.introduce(message, bytes);
            return false;
        }
        if self.is_second_wording(message) {
            return false;
        }
        self.complete(message);
        self.count_once(message);
        self.name_tool(message, bytes);
        true
    }

    fn introduce(&mut self, message: &Message, bytes: &[u8]) {
        let Some(name) = message.joints.of else { return };
        let told = Told { message, bytes };
        let model = told.said(&message.model).map(|model| Arc::from(&*model));
        self.introduced.insert(name, Introduction { role: message.role, time: message.time, model });
    }

    /// A result in somebody's message is still the tool's.
    fn complete(&self, message: &mut Message) {
        let Some(known) = message.joints.of.and_then(|name| self.introduced.get(&name)) else { return };
        if message.role != Role::Tool {
            message.role = known.role;
        }
        message.time = message.time.or(known.time);
        if message.model.is_none()
            && message.role == Role::Assistant
            && let Some(model) = &known.model
        {
            message.model = Text::Known(Arc::clone(model));
        }
    }

    fn is_second_wording(&mut self, message: &Message) -> bool {
        let Some((number, side)) = message.joints.twin else { return false };
        let other = self.twins.iter().position(|(known, of)| *known == number && *of != side);
        if let Some(at) = other {
            // Two things that are said twice each are two.
            self.twins.remove(at);
            return true;
        }
        if self.twins.len() == TWIN_DISTANCE {
            self.twins.pop_front();
        }
        self.twins.push_back((number, side));
        false
    }

    fn count_once(&mut self, message: &mut Message) {
        let (Some(answer), Some(tokens)) = (message.joints.answer, message.tokens) else { return };
        let told = self.answers.entry(answer).or_default();
        message.tokens = Some(tokens.beyond(*told)).filter(|tokens| !tokens.is_zero());
        *told = told.most(tokens);
    }

    fn name_tool(&mut self, message: &mut Message, bytes: &[u8]) {
        let call = message.call.raw(bytes);
        if call.is_empty() {
            return;
        }
        let call = number_of(&[call]);
        match message.kind {
            Kind::ToolCall if !message.name.is_empty() => {
                self.tools.insert(call, Arc::from(&*message.name.of(bytes)));
            }
            Kind::ToolResult | Kind::Image if message.name.is_empty() => {
                if let Some(name) = self.tools.get(&call) {
                    message.name = Text::Known(Arc::clone(name));
                }
            }
            _ => {}
        }
    }
}
