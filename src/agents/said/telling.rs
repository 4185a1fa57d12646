//! Takes what an agent tells of one record, and makes messages of it.

use super::envelope::{is_injected, within};
use crate::agents::record::{Record, Value, timestamp};
use crate::message::{INTRODUCTION, Joints, Kind, Mark, Message, Role, Side, Text, Tokens, number_of};

/// What is told of one record. What holds for all of it is said first, then each message.
pub(crate) struct Telling<'a> {
    /// The bytes that places of text are counted in; the record's values lie in them.
    bytes: &'a [u8],
    /// What each message of the record begins as.
    pattern: Message,
    messages: &'a mut Vec<Message>,
    /// Messages that were there before the record.
    before: usize,
    is_silent: bool,
    /// The name of the event that the record becomes if nothing is told of it.
    otherwise: Text,
    /// The name of the event that the record becomes besides what is told of it.
    state: Option<Text>,
}

impl<'a> Telling<'a> {
    /// Returns what takes the messages of one record, whose values lie in `bytes`.
    pub(super) fn new(bytes: &'a [u8], messages: &'a mut Vec<Message>) -> Telling<'a> {
        let before = messages.len();
        let pattern = Message::new(Role::System, Kind::Event, Text::None);
        Telling { bytes, pattern, messages, before, is_silent: false, otherwise: Text::None, state: None }
    }

    /// Returns where the text of `value` stands: between the quotes of a string, or the value as it is written.
    pub(crate) fn place(&self, value: Value<'_>) -> Text {
        let raw = value.raw();
        let Some(start) = (raw.as_ptr() as usize).checked_sub(self.bytes.as_ptr() as usize) else {
            return Text::None;
        };
        let end = start + raw.len();
        if end > self.bytes.len() || raw == b"null" {
            return Text::None;
        }
        match raw {
            [b'"', inner @ .., b'"'] if memchr::memchr(b'\\', inner).is_some() => {
                Text::Escaped(start + 1..end - 1)
            }
            [b'"', .., b'"'] if raw.len() > 1 => Text::Plain(start + 1..end - 1),
            [b'"', inner @ ..] if memchr::memchr(b'\\', inner).is_some() => Text::Escaped(start + 1..end),
            [b'"', ..] => Text::Plain(start + 1..end),
            _ => Text::Plain(start..end),
        }
    }

    /// As [`place`](Telling::place), for what may not be there.
    pub(crate) fn optional(&self, value: Option<Value<'_>>) -> Text {
        value.map_or(Text::None, |value| self.place(value))
    }

    /// Says when: RFC 3339, or seconds or milliseconds since 1970. The first that means a time counts.
    pub(crate) fn time(&mut self, value: Option<Value<'_>>) {
        if self.pattern.time.is_none() {
            self.pattern.time = value.and_then(timestamp);
        }
    }

    /// Says what the agent calls this record.
    pub(crate) fn id(&mut self, value: Option<Value<'_>>) {
        self.pattern.id = self.optional(value);
    }

    /// Says which record this one answers.
    pub(crate) fn parent(&mut self, value: Option<Value<'_>>) {
        self.pattern.parent = self.optional(value);
    }

    /// Says which model speaks.
    pub(crate) fn model(&mut self, value: Option<Value<'_>>) {
        let model = self.optional(value);
        // Claude Code writes `<synthetic>` for messages of its own.
        if !model.is_empty() && model.raw(self.bytes).first() != Some(&b'<') {
            self.pattern.model = model;
        }
    }

    /// Says that what was said to hold for all of the record holds no longer: what follows is a record within it.
    pub(crate) fn afresh(&mut self) {
        self.pattern = Message::new(Role::System, Kind::Event, Text::None);
    }

    /// Says in which part or session the subagent ran that the record is about: see [`Message::part`].
    pub(crate) fn part(&mut self, value: Option<Value<'_>>) {
        self.pattern.part = self.optional(value.filter(|value| value.raw().starts_with(b"\"")));
    }

    /// Says what the record is called as an event if nothing else is told of it: the first of these that is a text.
    pub(crate) fn otherwise(&mut self, names: &[Option<Value<'_>>]) {
        let name = names.iter().flatten().find(|name| name.raw().len() > 2 && name.raw().starts_with(b"\""));
        self.otherwise = self.optional(name.copied());
    }

    /// As [`otherwise`](Telling::otherwise), where the reader has a name for it.
    pub(crate) fn name_otherwise(&mut self, name: &'static str) {
        self.otherwise = Text::Named(name);
    }

    /// Returns the bytes of `text` as they are written.
    pub(crate) fn raw<'t>(&'t self, text: &'t Text) -> &'t [u8] {
        text.raw(self.bytes)
    }

    /// Marks all messages of the record.
    pub(crate) fn mark(&mut self, mark: Mark) {
        self.pattern.marks.set(mark);
    }

    /// Says that of all records with this name, here and elsewhere in the session, the first one counts.
    pub(crate) fn once(&mut self, name: Option<Value<'_>>) {
        if let Some(name) = name.filter(|name| !matches!(name.raw(), b"null" | b"\"\"")) {
            self.once_of(&[name.raw()]);
        }
    }

    /// As [`once`](Telling::once), for what is named by several texts, or by ones that stand nowhere.
    pub(crate) fn once_of(&mut self, names: &[&[u8]]) {
        self.pattern.joints.once = Some(number_of(names));
    }

    /// Says that of all lines about the thing of this name, the last one holds.
    pub(crate) fn row(&mut self, names: &[&[u8]]) {
        self.pattern.joints.row = Some(number_of(names));
    }

    /// Says that what follows is about nothing that has a name.
    pub(crate) fn row_of_none(&mut self) {
        self.pattern.joints.row = None;
    }

    /// Says that the tokens of all records with this name were paid once.
    pub(crate) fn answer(&mut self, name: Option<Value<'_>>) {
        self.pattern.joints.answer = name.map(|name| number_of(&[b"answer", name.raw()]));
    }

    /// Says that role, time and model are those that another record [gives](Telling::introduce) to this name.
    pub(crate) fn spoken_in(&mut self, name: Option<Value<'_>>) {
        self.pattern.joints.of = name.map(|name| number_of(&[b"of", name.raw()]));
    }

    /// Says which model speaks from here on, where the records that it speaks in do not say so. It says nothing itself.
    #[allow(clippy::wrong_self_convention, reason = "nothing is made of it: what is told holds from here on")]
    pub(crate) fn from_here(&mut self, model: Option<Value<'_>>) {
        let model = self.optional(model);
        if model.is_empty() {
            return;
        }
        let message = self.say(Role::System, Kind::Event, Text::None);
        message.name = Text::Named(INTRODUCTION);
        message.model = model;
        message.joints = Joints::default();
    }

    /// Says who speaks, when and as which model, in the records that are [spoken in](Telling::spoken_in) this name. It says
    /// nothing itself.
    pub(crate) fn introduce(&mut self, name: Option<Value<'_>>, role: Role) {
        self.spoken_in(name);
        let message = self.say(role, Kind::Event, Text::None);
        message.name = Text::Named(INTRODUCTION);
    }

    /// Says what was paid.
    pub(crate) fn tokens(&mut self, tokens: Option<Tokens>) {
        self.pattern.tokens = tokens.filter(|tokens| !tokens.is_zero());
    }

    /// Says that the record holds nothing that is not told elsewhere.
    pub(crate) fn nothing(&mut self) {
        self.is_silent = true;
    }

    /// Says that the record as a whole is an event of this name, besides what else is told of it.
    pub(crate) fn state(&mut self, name: Text) {
        self.state = Some(name);
    }

    /// Says what the record is called as an event if nothing else is told of it.
    pub(crate) fn state_otherwise(&mut self, name: Text) {
        if self.messages.len() == self.before {
            self.state = Some(name);
        }
    }

    /// Returns whether all was told of the record that is to be told.
    pub(super) fn is_told(&self) -> bool {
        self.state.is_none() && (self.is_silent || self.messages.len() > self.before)
    }

    /// Says one thing. What is returned may be said in more detail.
    pub(crate) fn say(&mut self, role: Role, kind: Kind, text: Text) -> &mut Message {
        let mut message = self.pattern.clone();
        // What a record cost is told once.
        self.pattern.tokens = None;
        message.role = role;
        message.kind = kind;
        message.text = text;
        if role == Role::User && kind == Kind::Text && is_injected(message.text.raw(self.bytes)) {
            message.marks.set(Mark::Injected);
        }
        let at = self.messages.len();
        self.messages.push(message);
        &mut self.messages[at]
    }

    /// Says the text of `value` unless there is none.
    pub(crate) fn text(&mut self, role: Role, kind: Kind, value: Option<Value<'_>>) {
        let text = self.optional(value);
        if !text.is_empty() {
            self.say(role, kind, text);
        }
    }

    /// Says what the user typed, which stands in the element of markup of this name, and what the agent put before and behind
    /// it as injected; where there is no such element, all of `value` as it is.
    pub(crate) fn typed_within(&mut self, name: &str, value: Option<Value<'_>>) {
        let text = self.optional(value.filter(|value| value.raw().starts_with(b"\"")));
        let pieces = within(name, text.raw(self.bytes));
        let (Some(whole), Some(pieces)) = (text.range(), pieces) else {
            return self.content(Role::User, value);
        };
        for (at, piece) in pieces.into_iter().enumerate().filter(|(_, piece)| !piece.is_empty()) {
            let range = whole.start + piece.start..whole.start + piece.end;
            let is_escaped = memchr::memchr(b'\\', &self.bytes[range.clone()]).is_some();
            let text = if is_escaped { Text::Escaped(range) } else { Text::Plain(range) };
            let message = self.say(Role::User, Kind::Text, text);
            if at != 1 {
                message.marks.set(Mark::Injected);
            }
        }
    }

    /// Says one of two wordings of the same thing: of those that say the same text in the same role and kind, one counts.
    pub(crate) fn twin(&mut self, side: Side, role: Role, kind: Kind, value: Option<Value<'_>>) {
        let text = self.optional(value);
        if text.is_empty() {
            return;
        }
        self.sided(side, |told| {
            told.say(role, kind, text);
        });
    }

    /// Has `tell` say one of two wordings of the same thing; see [`twin`](Telling::twin).
    pub(crate) fn sided(&mut self, side: Side, tell: impl FnOnce(&mut Self)) {
        let before = self.messages.len();
        tell(self);
        let bytes = self.bytes;
        for message in &mut self.messages[before..] {
            message.joints.twin = Some((twin_number(message, bytes), side));
        }
    }

    /// Has `tell` say one of two wordings of the thing of this name, whatever the words are.
    pub(crate) fn twin_of(&mut self, side: Side, names: &[&[u8]], tell: impl FnOnce(&mut Self)) {
        let before = self.messages.len();
        tell(self);
        let number = number_of(names);
        for message in &mut self.messages[before..] {
            message.joints.twin = Some((number, side));
        }
    }

    /// Says that what was told since there were `before` messages may be told in another place of the session, too, however
    /// far away: for each message on the side of the record, one on that of the screen behind it is left out that says the
    /// same within `scope`.
    pub(crate) fn copied(&mut self, before: usize, side: Side, scope: &[u8]) {
        let bytes = self.bytes;
        for message in &mut self.messages[before..] {
            let said = match message.kind {
                Kind::ToolCall | Kind::ToolResult => message.call.of(bytes),
                _ => message.text.of(bytes),
            };
            message.joints.copy = Some((copy_number(message.kind, &said, scope), side));
        }
    }

    /// As [`copied`](Telling::copied), where these words stand for what was said.
    pub(crate) fn copied_as(&mut self, before: usize, side: Side, scope: &[u8], words: &str) {
        for message in &mut self.messages[before..] {
            message.joints.copy = Some((copy_number(message.kind, words, scope), side));
        }
    }

    /// Says that something happened that nobody said: its name, and what there is to know.
    pub(crate) fn event(&mut self, name: Text, text: Text) -> &mut Message {
        let message = self.say(Role::System, Kind::Event, text);
        message.name = name;
        message
    }

    /// Says that something happened that nobody said; see [`event`](Telling::event).
    pub(crate) fn record_as(&mut self, name: Option<Value<'_>>, text: Option<Value<'_>>) {
        let (name, text) = (self.optional(name), self.optional(text));
        self.event(name, text);
    }

    /// Returns where the name of a member stands.
    pub(crate) fn key(&self, key: &[u8]) -> Text {
        let start = (key.as_ptr() as usize).checked_sub(self.bytes.as_ptr() as usize);
        let range = start.map(|start| start..start + key.len()).filter(|range| range.end <= self.bytes.len());
        match range {
            Some(range) if memchr::memchr(b'\\', key).is_some() => Text::Escaped(range),
            Some(range) => Text::Plain(range),
            None => Text::None,
        }
    }

    /// Says what the session is called. Agents write that again and again: of those that say the same, one counts.
    pub(crate) fn title(&mut self, title: Option<Value<'_>>) {
        let text = self.optional(title);
        if !text.is_empty() {
            self.once_of(&[b"title", text.raw(self.bytes)]);
            self.event(Text::Named("title"), text);
        }
    }

    /// Says what the whole record holds as an event of its type.
    pub(super) fn record(&mut self, record: &Record<'_>, whole: Value<'_>) {
        let text = self.place(whole);
        let mut name = self.state.take().unwrap_or_else(|| std::mem::take(&mut self.otherwise));
        if name.is_none() {
            let called = ["type", "kind", "table", "document", "role"].iter().find_map(|key| record.get(key));
            name = self.optional(called.filter(|called| called.raw().starts_with(b"\"")));
        }
        self.event(name, text);
    }

    /// Returns how many messages there are, those of other records with them.
    pub(crate) fn count(&self) -> usize {
        self.messages.len()
    }

    /// Returns the message that was told last.
    pub(crate) fn last(&self) -> Option<&Message> {
        self.messages.last()
    }

    /// Returns the messages that came after there were so many.
    pub(crate) fn since(&mut self, count: usize) -> &mut [Message] {
        &mut self.messages[count..]
    }
}

fn copy_number(kind: Kind, words: &str, scope: &[u8]) -> u64 {
    number_of(&[b"copy", scope, kind.name().as_bytes(), words.trim().as_bytes()])
}

/// Returns the number of what a message says, whoever writes it and with whatever blanks around it.
fn twin_number(message: &Message, bytes: &[u8]) -> u64 {
    let text = message.text.of(bytes);
    number_of(&[message.role.name().as_bytes(), message.kind.name().as_bytes(), text.trim().as_bytes()])
}
