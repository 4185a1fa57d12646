//! Goes through the messages of a transcript in order and joins what its agent tells in several places.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use super::unit::Told;
use crate::message::{INTRODUCTION, Kind, Mark, Message, Role, Side, Text, Tokens, number_of};

/// Messages between two wordings of one thing: a turn's user message is written with what stands around it.
const TWIN_DISTANCE: usize = 64;

/// What was read of the transcript so far, as far as later messages need it. A few dozen bytes a message.
#[derive(Default)]
pub(crate) struct Joiner {
    once: HashSet<u64>,
    answers: HashMap<u64, Tokens>,
    introduced: HashMap<u64, Introduction>,
    /// The model that speaks where nothing else is said.
    model: Option<Arc<str>>,
    tools: HashMap<u64, Arc<str>>,
    twins: VecDeque<(u64, Side)>,
    /// Messages of which a copy may come, by what they say.
    copied: HashMap<u64, u32>,
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

impl Joiner {
    /// Returns whether `message`, whose texts stand in `bytes`, is told; then with what earlier messages know of it.
    pub(crate) fn take(&mut self, message: &mut Message, bytes: &[u8]) -> bool {
        if let Some(once) = message.joints.once
            // All messages of one row have its number.
            && !self.once.insert(once ^ u64::from(message.index.nth).wrapping_mul(0x9e37_79b9_7f4a_7c15))
        {
            return false;
        }
        if matches!(message.name, Text::Named(INTRODUCTION)) {
            self.introduce(message, bytes);
            return false;
        }
        if self.is_second_wording(message) || self.is_copy(message) {
            return false;
        }
        self.complete(message);
        self.count_once(message);
        self.name_tool(message, bytes);
        true
    }

    /// Takes what `message`, which comes later, says of others, if it does.
    pub(crate) fn foresee(&mut self, message: &Message, bytes: &[u8]) {
        if matches!(message.name, Text::Named(INTRODUCTION)) && message.joints.of.is_some() {
            self.introduce(message, bytes);
        }
    }

    fn introduce(&mut self, message: &Message, bytes: &[u8]) {
        let told = Told { message, bytes };
        let model = told.said(&message.model).map(|model| Arc::from(&*model));
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
    fn complete(&mut self, message: &mut Message) {
        let Some(known) = message.joints.of.and_then(|name| self.introduced.get_mut(&name)) else {
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
        known.pay(message);
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

    fn is_copy(&mut self, message: &Message) -> bool {
        let Some((number, side)) = message.joints.copy else { return false };
        let count = self.copied.entry(number).or_default();
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
