//! What one message of a session tells of others: the tool of a call whose result comes later, and who speaks, when and as
//! which model in the records that name another one.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Kind, Message, Role, Text, number_of};

/// What was told so far. A few dozen bytes a call or a record.
#[derive(Default)]
pub(crate) struct Known {
    introduced: HashMap<u64, Introduction>,
    tools: HashMap<u64, Arc<str>>,
}

struct Introduction {
    role: Role,
    time: Option<Timestamp>,
    model: Option<Arc<str>>,
}

impl Known {
    /// Takes what `message`, whose texts stand in `bytes`, tells of others. Returns whether that is all it is for: then
    /// nothing is said in it.
    pub(crate) fn take(&mut self, message: &Message, bytes: &[u8]) -> bool {
        if matches!(message.name, Text::Named("introduction")) {
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
        let Some(name) = message.joints.of else { return };
        let model = (!message.model.is_empty()).then(|| Arc::from(&*message.model.of(bytes)));
        self.introduced.insert(name, Introduction { role: message.role, time: message.time, model });
    }

    /// A result in somebody's message is still the tool's.
    fn complete_speaker(&self, message: &mut Message) {
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
}

fn call_of(message: &Message, bytes: &[u8]) -> Option<u64> {
    let call = message.call.raw(bytes);
    (!call.is_empty()).then(|| number_of(&[call]))
}
