//! Which messages of a session are wanted, and which of them stay folded away until they are asked for.

use std::str::FromStr;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use memchr::memchr;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;

use super::call::plain;
use super::reading::Told;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::message::{Index, Kind, Mark, Role, resolved};
use crate::platform::clock;
use crate::search::sessions::{parse_since, parse_until};

/// One end of a range of messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    Index(Index),
    Time(Timestamp),
    /// A time without a date, until [`Choice::settle`] knows the day.
    Clock(Clock),
}

/// A time of a day, as a session shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Clock {
    time: Time,
    /// What is written: a minute or a second.
    length: SignedDuration,
}

impl Clock {
    /// Reads `10:03` or `10:03:07`.
    fn read(text: &str) -> Option<Clock> {
        let numbers: Vec<i8> = text.split(':').map(|number| number.parse().ok()).collect::<Option<_>>()?;
        let is_digits = text.bytes().all(|byte| byte == b':' || byte.is_ascii_digit());
        let (hour, minute, second, seconds) = match numbers[..] {
            [hour, minute] => (hour, minute, 0, 60),
            [hour, minute, second] => (hour, minute, second, 1),
            _ => return None,
        };
        let time = Time::new(hour, minute, second, 0).ok().filter(|_| is_digits)?;
        Some(Clock { time, length: SignedDuration::from_secs(seconds) })
    }

    /// Returns when it was this time first, in `zone`, at `start` or later; the minute or second of `start` counts whole.
    fn first_from(&self, start: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let start = start.to_zoned(zone.clone());
        let is_that_day = start.time().duration_since(self.time) < self.length;
        let date = if is_that_day { start.date() } else { start.date().tomorrow().ok()? };
        Some(date.to_datetime(self.time).to_zoned(zone.clone()).ok()?.timestamp())
    }
}

impl End {
    /// Reads what `--from` says: an index, or a time as for `--since` or as a session shows it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] for anything else.
    pub(crate) fn first(text: &str) -> Result<End> {
        end(text, parse_since)
    }

    /// Reads what `--to` says: an index, or a time as for `--until`, the first moment that comes after it; or a time as a
    /// session shows it.
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
    if let Some(clock) = Clock::read(text) {
        return Ok(End::Clock(clock));
    }
    let time = parse(text, clock::now()).map_err(|_| {
        Error::new(ErrorKind::Usage, format!("cannot tell which message '{text}' is"))
            .with_hint("write an index such as 17, or a time: 14:30, 2026-06-01, 2026-06-01T14:30, 7d")
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

    /// Gives a time without a date its day: in `zone`, the first such time after the session has `started`; that of an end the
    /// first after the beginning that is asked for.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] where there is such a time and nobody knows when the session started.
    pub(crate) fn settle(&mut self, started: Option<Timestamp>, zone: &TimeZone) -> Result<()> {
        let unknown = || {
            Error::new(ErrorKind::Usage, "the session does not say when it was")
                .with_hint("write an index such as 17 instead of a time")
        };
        if let Some(End::Clock(clock)) = self.from {
            let first = started.and_then(|started| clock.first_from(started, zone)).ok_or_else(unknown)?;
            self.from = Some(End::Time(first));
        }
        if let Some(End::Clock(clock)) = self.to {
            let start = match self.from {
                Some(End::Time(first)) => Some(first),
                _ => started,
            };
            let last = start.and_then(|start| clock.first_from(start, zone)).ok_or_else(unknown)?;
            self.to = Some(End::Time(last.checked_add(clock.length).unwrap_or(last)));
        }
        Ok(())
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
            Some(End::Clock(_)) | None => true,
        };
        let is_to = match self.to {
            Some(End::Index(last)) => message.index <= last_of(last),
            Some(End::Time(next)) => message.time.is_some_and(|time| time < next),
            Some(End::Clock(_)) | None => true,
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
        let is_in = |text: &str| {
            // What colours an output stands between its words.
            self.0.is_match(text) || self.0.is_match(&*plain(text)) || {
                // JSON within JSON: as a search has it, escapes are resolved once more.
                let holds_escapes = memchr(b'\\', text.as_bytes()).is_some();
                holds_escapes && self.0.is_match(&*resolved(text.as_bytes()))
            }
        };
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

    #[test]
    fn a_time_without_a_date_is_the_first_such_after_the_session_started() {
        let time = |text: &str| -> Timestamp { text.parse().unwrap() };
        let settled = |from: &str, to: &str| {
            let mut choice = Choice {
                from: Some(End::first(from).unwrap()),
                to: Some(End::last(to).unwrap()),
                ..Choice::default()
            };
            choice.settle(Some(time("2026-06-05T21:30:40Z")), &jiff::tz::offset(2).to_time_zone()).unwrap();
            (choice.from.unwrap(), choice.to.unwrap())
        };
        for (from, to, first, next) in [
            ("23:30", "23:31", "2026-06-05T21:30:00Z", "2026-06-05T21:32:00Z"),
            ("23:30:40", "23:30:40", "2026-06-05T21:30:40Z", "2026-06-05T21:30:41Z"),
            ("23:30:39", "0:10", "2026-06-06T21:30:39Z", "2026-06-06T22:11:00Z"),
            ("00:05", "00:04", "2026-06-05T22:05:00Z", "2026-06-06T22:05:00Z"),
        ] {
            let expected = (End::Time(time(first)), End::Time(time(next)));
            assert_eq!(settled(from, to), expected, "{from} {to}");
        }
        for wrong in ["24:00", "1:60", "1:2:3:4", "+1:00", ":", "1:"] {
            assert_eq!(End::first(wrong).unwrap_err().kind(), ErrorKind::Usage, "{wrong}");
        }
        let mut choice = Choice { from: Some(End::first("10:03").unwrap()), ..Choice::default() };
        assert_eq!(choice.settle(None, &TimeZone::UTC).unwrap_err().kind(), ErrorKind::Usage);
    }

    #[test]
    fn escapes_that_are_left_in_a_text_are_resolved_once_more() {
        let line = serde_json::to_string(r#"{"said":"\u043fривет2 \"in\" json"}"#).unwrap();
        let mut message = Message::new(Role::Tool, Kind::ToolResult, Text::Escaped(1..line.len() - 1));
        message.index = Index { line: 1, nth: 1 };
        let told = Told { message: &message, bytes: line.as_bytes() };
        for (text, is_in) in [
            ("привет2", true),
            ("приветствие", false),
            ("ПРИВЕТ2", false),
            ("2 \"in\" json", true),
            ("said\":\"\\u043f", true),
            ("in\\\" json", true),
            ("nothing", false),
        ] {
            assert_eq!(Words::new(text).unwrap().are_in(&told), is_in, "{text}");
        }
    }
}
