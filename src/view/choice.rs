//! Which messages of a session are wanted, and which of them stay folded away until they are asked for.

use std::str::FromStr;

use jiff::Timestamp;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;

use super::reading::Told;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::message::{Index, Kind, Mark, Role};
use crate::platform::clock;
use crate::search::sessions::{parse_since, parse_until};

/// One end of a range of messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    Index(Index),
    Time(Timestamp),
}

impl End {
    /// Reads what `--from` says: an index, or a time as for `--since`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] for anything else.
    pub(crate) fn first(text: &str) -> Result<End> {
        end(text, parse_since)
    }

    /// Reads what `--to` says: an index, or a time as for `--until`; the first moment that comes after it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] for anything else.
    pub(crate) fn last(text: &str) -> Result<End> {
        end(text, parse_until)
    }
}

fn end(text: &str, parse: fn(&str, Timestamp) -> Result<Timestamp>) -> Result<End> {
    if let Ok(index) = Index::from_str(text) {
        return Ok(End::Index(index));
    }
    let time = parse(text, clock::now()).map_err(|_| {
        Error::new(ErrorKind::Usage, format!("cannot tell which message '{text}' is"))
            .with_hint("write an index such as 17, or a time: 2026-06-01, 2026-06-01T14:30, 7d")
    })?;
    Ok(End::Time(time))
}

/// What a message must be to be shown; empty lists ask for nothing.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    pub roles: Vec<Role>,
    pub kinds: Vec<Kind>,
    /// Names of tools, of either case; of a server's tool, its own name is enough.
    pub tools: Vec<String>,
    pub from: Option<End>,
    pub to: Option<End>,
    pub text: Option<Words>,
    /// Thoughts of models are shown.
    pub with_thinking: bool,
    /// What is no part of the conversation is shown.
    pub with_events: bool,
}

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Shown,
    /// Not asked for.
    Other,
    /// Asked for, but folded away.
    HiddenThinking,
    HiddenEvent,
    /// Neither this one nor any that follows.
    Over,
}

impl Choice {
    /// Returns whether all messages are asked for.
    pub(crate) fn is_of_all(&self) -> bool {
        self.roles.is_empty()
            && self.kinds.is_empty()
            && self.tools.is_empty()
            && self.from.is_none()
            && self.to.is_none()
            && self.text.is_none()
    }

    /// Returns what is to be done with a message.
    pub(crate) fn verdict(&self, told: &Told<'_>) -> Verdict {
        let message = told.message;
        if let Some(End::Index(last)) = self.to
            && message.index > last_of(last)
        {
            // A row that was written anew stands where it was first: indexes need not rise.
            return if message.joints.row.is_some() { Verdict::Other } else { Verdict::Over };
        }
        let is_in = self.is_in_range(told)
            && (self.roles.is_empty() || self.roles.contains(&message.role))
            && (self.kinds.is_empty() || self.kinds.contains(&message.kind))
            && (self.tools.is_empty() || self.is_tool(told))
            && self.text.as_ref().is_none_or(|words| words.are_in(told));
        if !is_in {
            return Verdict::Other;
        }
        let is_named = self.kinds.contains(&message.kind);
        let is_marked = [Mark::Compaction, Mark::Damaged].iter().any(|mark| message.marks.has(*mark));
        match message.kind {
            Kind::Thinking if !self.with_thinking && !is_named => Verdict::HiddenThinking,
            Kind::Event if !self.with_events && !is_named && !is_marked => Verdict::HiddenEvent,
            _ => Verdict::Shown,
        }
    }

    fn is_in_range(&self, told: &Told<'_>) -> bool {
        let message = told.message;
        let is_from = match self.from {
            Some(End::Index(first)) => message.index >= first,
            Some(End::Time(first)) => message.time.is_some_and(|time| time >= first),
            None => true,
        };
        let is_to = match self.to {
            Some(End::Index(last)) => message.index <= last_of(last),
            Some(End::Time(next)) => message.time.is_some_and(|time| time < next),
            None => true,
        };
        is_from && is_to
    }

    fn is_tool(&self, told: &Told<'_>) -> bool {
        if told.message.kind == Kind::Event {
            return false;
        }
        let name = told.name();
        let own = name.rsplit("__").next().unwrap_or(&name);
        self.tools.iter().any(|tool| tool.eq_ignore_ascii_case(&name) || tool.eq_ignore_ascii_case(own))
    }
}

/// Up to a line means up to its last message.
fn last_of(index: Index) -> Index {
    if index.nth <= 1 { Index { nth: u32::MAX, ..index } } else { index }
}

/// A text to look for.
#[derive(Debug)]
pub(crate) struct Words(Regex);

impl Words {
    /// Returns what finds `text`: in any case, of any script, unless there are capitals in it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] when it is too long to look for.
    pub(crate) fn new(text: &str) -> Result<Words> {
        let is_small = !text.chars().any(char::is_uppercase);
        let regex = Regex::builder()
            .syntax(syntax::Config::new().case_insensitive(is_small))
            .build(&regex_syntax::escape(text))
            .map_err(|error| Error::new(ErrorKind::Usage, "cannot look for the text").with_source(error))?;
        Ok(Words(regex))
    }

    /// Returns whether the text is in what a message says or is called.
    pub(crate) fn are_in(&self, told: &Told<'_>) -> bool {
        let is_in = |text: &str| self.0.is_match(text);
        // An image's data is no text.
        (told.message.kind != Kind::Image && is_in(&told.text())) || is_in(&told.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Message, Text};

    fn message(role: Role, kind: Kind, line: u64) -> Message {
        let mut message = Message::new(role, kind, Text::Named("Größe of it"));
        message.index = Index { line, nth: 1 };
        message.name = Text::Named("mcp__files__Read");
        message
    }

    fn verdict(choice: &Choice, message: &Message) -> Verdict {
        choice.verdict(&Told { message, bytes: b"" })
    }

    #[test]
    fn what_is_not_asked_for_is_left_out_and_what_is_beside_the_conversation_is_folded() {
        let call = message(Role::Assistant, Kind::ToolCall, 3);
        let choice = |text: &str| Choice { text: Some(Words::new(text).unwrap()), ..Choice::default() };
        let tools = |tool: &str| Choice { tools: vec![tool.to_owned()], ..Choice::default() };
        for (choice, expected) in [
            (Choice::default(), Verdict::Shown),
            (Choice { roles: vec![Role::User], ..Choice::default() }, Verdict::Other),
            (Choice { kinds: vec![Kind::ToolCall], ..Choice::default() }, Verdict::Shown),
            (choice("GRÖSSE"), Verdict::Other),
            (choice("größe"), Verdict::Shown),
            (choice("größE"), Verdict::Other),
            (choice("of it"), Verdict::Shown),
            (choice("."), Verdict::Other),
            (tools("read"), Verdict::Shown),
            (tools("mcp__files__read"), Verdict::Shown),
            (tools("write"), Verdict::Other),
        ] {
            assert_eq!(verdict(&choice, &call), expected, "{choice:?}");
        }
        let (thought, event) =
            (message(Role::Assistant, Kind::Thinking, 1), message(Role::System, Kind::Event, 1));
        assert_eq!(verdict(&Choice::default(), &thought), Verdict::HiddenThinking);
        assert_eq!(verdict(&Choice::default(), &event), Verdict::HiddenEvent);
        let named = Choice { kinds: vec![Kind::Thinking, Kind::Event], ..Choice::default() };
        assert_eq!([verdict(&named, &thought), verdict(&named, &event)], [Verdict::Shown; 2]);
    }

    #[test]
    fn a_range_takes_in_its_ends_and_reading_stops_behind_it() {
        let range = |from: &str, to: &str| Choice {
            from: Some(End::first(from).unwrap()),
            to: Some(End::last(to).unwrap()),
            ..Choice::default()
        };
        for (line, expected) in
            [(1, Verdict::Other), (2, Verdict::Shown), (4, Verdict::Shown), (5, Verdict::Over)]
        {
            assert_eq!(
                verdict(&range("2", "#4"), &message(Role::User, Kind::Text, line)),
                expected,
                "{line}"
            );
        }
        let mut message = message(Role::User, Kind::Text, 1);
        message.time = Some("2026-06-05T12:00:00Z".parse().unwrap());
        assert_eq!(verdict(&range("2026-06-05", "2026-06-05"), &message), Verdict::Shown);
        assert_eq!(verdict(&range("2026-06-06", "2026-06-07"), &message), Verdict::Other);
        assert_eq!(End::first("soon").unwrap_err().kind(), ErrorKind::Usage);
    }
}
