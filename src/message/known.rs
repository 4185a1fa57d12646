//! What one message of a session tells of others: the tool of a call whose result comes later, and who speaks, when and as
//! which model in the records that name another one, or in all that follow.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{INTRODUCTION, Kind, Mark, Message, Role, Text, Tokens, number_of};

/// What was told so far. A few dozen bytes a call or a record.
#[derive(Default)]
pub(crate) struct Known {
    introduced: HashMap<u64, Introduction>,
    /// The model that speaks where nothing else is said.
    model: Option<Arc<str>>,
    tools: HashMap<u64, Arc<str>>,
}

struct Introduction {
    role: Role,
    time: Option<Timestamp>,
    model: Option<Arc<str>>,
    /// Whether what is said is a summary.
    is_summary: bool,
    /// What all of it cost, as the introduction says.
    tokens: Option<Tokens>,
    /// What it cost as its records say step by step, and what was told of either.
    steps: Tokens,
    told: Tokens,
}

impl Known {
    /// Takes what `message`, whose texts stand in `bytes`, tells of others. Returns whether that is all it is for: then
    /// nothing is said in it.
    pub(crate) fn take(&mut self, message: &Message, bytes: &[u8]) -> bool {
        if matches!(message.name, Text::Named(INTRODUCTION)) {
            self.introduce(message, bytes);
            return true;
        }
        if message.kind == Kind::ToolCall
            && !message.name.is_empty()
            && let Some(call) = call_of(message, bytes)
        {
            self.tools.insert(call, Arc::from(&*message.name.of(bytes)));
        }
        false
    }

    /// Takes what `message`, which comes later, says of others, if it does.
    pub(crate) fn foresee(&mut self, message: &Message, bytes: &[u8]) {
        if matches!(message.name, Text::Named(INTRODUCTION)) && message.joints.of.is_some() {
            self.introduce(message, bytes);
        }
    }

    /// Completes `message` with what others have told of it.
    pub(crate) fn complete(&self, message: &mut Message, bytes: &[u8]) {
        self.complete_speaker(message);
        if matches!(message.kind, Kind::ToolResult | Kind::Image)
            && message.name.is_empty()
            && let Some(name) = call_of(message, bytes).and_then(|call| self.tools.get(&call))
        {
            message.name = Text::Known(Arc::clone(name));
        }
    }

    fn introduce(&mut self, message: &Message, bytes: &[u8]) {
        let model = (!message.model.is_empty()).then(|| Arc::from(&*message.model.of(bytes)));
        let Some(name) = message.joints.of else {
            self.model = model;
            return;
        };
        let before = self.introduced.get(&name).map(|known| (known.steps, known.told)).unwrap_or_default();
        let introduction = Introduction {
            role: message.role,
            time: message.time,
            model,
            is_summary: message.kind == Kind::Summary,
            tokens: message.tokens,
            steps: before.0,
            told: before.1,
        };
        self.introduced.insert(name, introduction);
    }

    /// A result in somebody's message is still the tool's, and what happened meanwhile nobody's.
    fn complete_speaker(&self, message: &mut Message) {
        let Some(known) = message.joints.of.and_then(|name| self.introduced.get(&name)) else {
            let speaks = message.role == Role::Assistant || message.tokens.is_some();
            if message.model.is_none() && speaks {
                message.model = self.model.clone().map_or(Text::None, Text::Known);
            }
            return;
        };
        if message.role != Role::Tool && message.kind != Kind::Event {
            message.role = known.role;
        }
        message.time = message.time.or(known.time);
        if message.model.is_none()
            && message.role == Role::Assistant
            && let Some(model) = &known.model
        {
            message.model = Text::Known(Arc::clone(model));
        }
        if known.is_summary && message.kind == Kind::Text {
            message.kind = Kind::Summary;
            message.marks.set(Mark::Compaction);
        }
    }

    /// Leaves those tokens to `message` that were not told of what it is said in.
    pub(crate) fn pay(&mut self, message: &mut Message) {
        if let Some(known) = message.joints.of.and_then(|name| self.introduced.get_mut(&name)) {
            known.pay(message);
        }
    }
}

impl Introduction {
    /// Leaves those tokens to `message` that were not told yet: of the first thing that was said all that are known, of each
    /// step those that are beyond.
    fn pay(&mut self, message: &mut Message) {
        let sum = match message.tokens {
            Some(tokens) => {
                self.steps.add(tokens);
                self.steps
            }
            None if message.role == Role::Assistant && message.kind != Kind::Event => {
                let Some(tokens) = self.tokens else { return };
                tokens
            }
            None => return,
        };
        message.tokens = Some(sum.beyond(self.told)).filter(|tokens| !tokens.is_zero());
        self.told = self.told.most(sum);
    }
}

fn call_of(message: &Message, bytes: &[u8]) -> Option<u64> {
    let call = message.call.raw(bytes);
    (!call.is_empty()).then(|| number_of(&[call]))
}
