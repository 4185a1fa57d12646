//! Finds the messages in whole lines that are asked for, with what stands around them.

use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr, memchr_iter, memmem, memrchr};

use super::archive::Opened;
use super::request::{Hit, Neighbour, Search, Wanted};
use super::snippet::Snippet;
use crate::agents::{Agent, tell_line};
use crate::message::{Kind, Message, Text, number_of};

/// Lines on each side of a message in which what stands around it is looked for: state may fill many.
const MOST_NEAR_LINES: usize = 256;

/// Lines before a result that name its call and are looked at for the tool.
const MOST_CALL_LINES: usize = 4;

/// Bytes of the address of an image; what is longer is the image, and no text.
const MAX_ADDRESS_BYTES: usize = 2048;

/// What is searched for, in whose lines.
pub(super) struct Lines<'a> {
    pub search: &'a Search<'a>,
    pub opened: &'a Opened,
    pub agent: Option<&'a dyn Agent>,
}

/// What was found in some lines.
#[derive(Debug, Default)]
pub(super) struct LinesFound {
    pub hits: Vec<Hit>,
    /// There may be more behind the last hit.
    pub is_cut: bool,
}

impl Lines<'_> {
    /// Adds the hits in `text`, whole lines of which the first has the number `first_line`, to `found`, up to `most` in all or
    /// a few more. If `is_begun` says so, the first line began before and is not looked at.
    pub(super) fn find(
        &self,
        text: &[u8],
        first_line: u64,
        is_begun: &mut dyn FnMut() -> bool,
        most: u64,
        found: &mut LinesFound,
    ) {
        let prefilter = self.search.query.prefilter();
        let mut messages = Vec::new();
        let (mut from, mut counted, mut number) = (0, 0, first_line);
        while from < text.len() {
            if found.hits.len() as u64 >= most {
                found.is_cut = true;
                return;
            }
            let Some(at) = prefilter.next(text, from) else { return };
            let start = memrchr(b'\n', &text[from..at]).map_or(from, |newline| from + newline + 1);
            let end = memchr(b'\n', &text[at..]).map_or(text.len(), |newline| at + newline);
            from = end + 1;
            if !prefilter.accepts(&text[start..end]) || start == 0 && is_begun() {
                continue;
            }
            number += memchr_iter(b'\n', &text[counted..start]).count() as u64;
            counted = start;
            self.line(text, start..end, number, &mut messages, &mut found.hits);
        }
    }

    fn line(
        &self,
        text: &[u8],
        range: Range<usize>,
        number: u64,
        messages: &mut Vec<Message>,
        hits: &mut Vec<Hit>,
    ) {
        let line = &text[range.clone()];
        tell_line(self.agent, line, 0..line.len(), number, messages);
        let mut shared: Option<Arc<[u8]>> = None;
        for mut message in messages.drain(..) {
            let Some(snippet) = self.snippet(&message, line) else { continue };
            self.complete(&mut message, text, range.start, line);
            let chosen = self.search.chosen;
            if !chosen.takes_role(message.role) || !chosen.takes_tool(&message, line) {
                continue;
            }
            let said = number_of(&[message.text.raw(line)]);
            let mut hit =
                Hit { message, line: Arc::default(), said, snippet, before: Vec::new(), after: Vec::new() };
            if self.search.wanted == Wanted::Messages {
                hit.line = Arc::clone(shared.get_or_insert_with(|| Arc::from(line)));
                self.add_neighbours(text, &range, &mut hit);
            }
            hits.push(hit);
        }
    }

    /// Returns what is shown of a message that matches; `None` where it does not.
    fn snippet(&self, message: &Message, line: &[u8]) -> Option<Snippet> {
        if is_introduction(message) || !self.search.chosen.takes_kind(message) {
            return None;
        }
        let is_data = message.kind == Kind::Image && message.text.raw(line).len() > MAX_ADDRESS_BYTES;
        let text = if is_data { &Text::None } else { &message.text };
        let found = self.search.query.find(text, line)?;
        Some(match self.search.wanted {
            Wanted::Messages => Snippet::of(&found.text, &found.matches),
            Wanted::Count | Wanted::Archives => Snippet::default(),
        })
    }

    /// Completes a message with what others tell of it. The whole archive is read for that only where somebody asks for a
    /// speaker or a tool that stands nowhere near.
    fn complete(&self, message: &mut Message, text: &[u8], start: usize, line: &[u8]) {
        let asks_for_tools = !self.search.chosen.tools.is_empty();
        let is_shown = self.search.wanted == Wanted::Messages;
        if message.joints.of.is_some() && (is_shown || !self.search.chosen.roles.is_empty()) {
            self.opened.known(self.agent).complete(message, line);
        }
        let is_nameless = matches!(message.kind, Kind::ToolResult | Kind::Image)
            && message.name.is_empty()
            && !message.call.is_empty();
        if !is_nameless || !asks_for_tools && !is_shown {
            return;
        }
        if let Some(name) = self.tool_before(text, start, message.call.raw(line)) {
            message.name = Text::Known(name);
        } else if asks_for_tools {
            self.opened.known(self.agent).complete(message, line);
        }
    }

    /// Returns the tool of a call in the lines of `text` before `start`, the last ones that name it.
    fn tool_before(&self, text: &[u8], start: usize, call: &[u8]) -> Option<Arc<str>> {
        let mut before = &text[..start];
        for _ in 0..MOST_CALL_LINES {
            let at = memmem::rfind(before, call)?;
            let begin = memrchr(b'\n', &before[..at]).map_or(0, |newline| newline + 1);
            let end = memchr(b'\n', &text[at..start]).map_or(start, |newline| at + newline);
            let line = &text[begin..end];
            let mut messages = Vec::new();
            tell_line(self.agent, line, 0..line.len(), 0, &mut messages);
            let is_it = |message: &&Message| {
                message.kind == Kind::ToolCall && message.call.raw(line) == call && !message.name.is_empty()
            };
            if let Some(message) = messages.iter().find(is_it) {
                return Some(Arc::from(&*message.name.of(line)));
            }
            before = &text[..begin];
        }
        None
    }

    fn add_neighbours(&self, text: &[u8], range: &Range<usize>, hit: &mut Hit) {
        let around = self.search.around;
        if around.before == 0 && around.after == 0 {
            return;
        }
        let mut seen = Vec::new();
        see(&hit.message, &mut seen);
        let index = hit.message.index;
        let is_before = |message: &Message| message.index < index;
        let is_after = |message: &Message| message.index > index;
        let (mut start, mut line) = (range.clone(), index.line);
        for _ in 0..MOST_NEAR_LINES {
            let mut near = self.told(text, start.clone(), line, &is_before, &mut seen);
            near.reverse();
            hit.before.extend(near);
            if hit.before.len() >= around.before || start.start == 0 {
                break;
            }
            let end = start.start - 1;
            let begin = memrchr(b'\n', &text[..end]).map_or(0, |newline| newline + 1);
            (start, line) = (begin..end, line - 1);
        }
        hit.before.truncate(around.before);
        hit.before.reverse();
        let (mut next, mut line) = (range.clone(), index.line);
        for _ in 0..MOST_NEAR_LINES {
            hit.after.extend(self.told(text, next.clone(), line, &is_after, &mut seen));
            if hit.after.len() >= around.after || next.end + 1 >= text.len() {
                break;
            }
            let begin = next.end + 1;
            let end = memchr(b'\n', &text[begin..]).map_or(text.len(), |newline| begin + newline);
            (next, line) = (begin..end, line + 1);
        }
        hit.after.truncate(around.after);
    }

    /// Returns the messages of a line that `is_there` takes and that are worth telling beside another one, without those that
    /// say what was `seen`.
    fn told(
        &self,
        text: &[u8],
        range: Range<usize>,
        number: u64,
        is_there: &dyn Fn(&Message) -> bool,
        seen: &mut Vec<u64>,
    ) -> Vec<Neighbour> {
        let line = &text[range];
        let mut messages = Vec::new();
        tell_line(self.agent, line, 0..line.len(), number, &mut messages);
        messages.retain(|message| {
            is_there(message)
                && !is_introduction(message)
                && (message.kind != Kind::Event || self.search.chosen.takes_kind(message))
                && see(message, seen)
        });
        if messages.is_empty() {
            return Vec::new();
        }
        let line: Arc<[u8]> = Arc::from(line);
        let complete = |mut message: Message| {
            if message.joints.of.is_some() {
                self.opened.known(self.agent).complete(&mut message, &line);
            }
            Neighbour { message, line: Arc::clone(&line) }
        };
        messages.into_iter().map(complete).collect()
    }
}

fn is_introduction(message: &Message) -> bool {
    matches!(message.name, Text::Named("introduction"))
}

/// Notes what tells `message` apart from others that say the same; returns whether it is the first of them.
fn see(message: &Message, seen: &mut Vec<u64>) -> bool {
    let joints = &message.joints;
    let once = joints.once.or(joints.row).map(|number| number.wrapping_add(u64::from(message.index.nth)));
    let twin = joints.twin.map(|(number, _)| number);
    let is_new = once.iter().chain(&twin).all(|number| !seen.contains(number));
    seen.extend(once.iter().chain(&twin));
    is_new
}
