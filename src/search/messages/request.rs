//! A search of messages as its caller sees it: what is asked for, who takes what is found, and how it ended.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::query::Query;
use super::snippet::Snippet;
use crate::error::{Error, Result};
use crate::message::told::Told;
use crate::message::{Kind, Mark, Message, Role, Text};
use crate::search::opened::Owner;
use crate::search::sessions::{Filter, Session};

/// The name of the event that tells of a line which is too long to be decoded.
pub(crate) const LONG_LINE: &str = "long line";

/// What is searched for, where, and how far.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    /// Root of the store.
    pub root: &'a Path,
    pub query: &'a Query,
    pub filter: &'a Filter,
    pub chosen: &'a Chosen,
    pub wanted: Wanted,
    pub around: Around,
    pub sort: Sort,
    /// Most results: messages, or archives for [`Wanted::Archives`].
    pub max_results: Option<u64>,
    pub threads: usize,
}

/// What is wanted of what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Each message.
    Messages,
    /// How many messages there are in each archive.
    Count,
    /// Whether there are any in an archive.
    Archives,
}

/// The order of archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// The session that ended last comes first, its parts behind it.
    Newest,
    Path,
}

/// How many messages before and behind one that is found are told with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Around {
    pub before: usize,
    pub after: usize,
}

/// Which messages are looked at; empty lists choose nothing out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen {
    pub roles: Vec<Role>,
    pub kinds: Vec<Kind>,
    /// Names of tools, in lower case: only calls of these and their results.
    pub tools: Vec<String>,
    /// Events are looked at as well as what was said.
    pub with_events: bool,
}

impl Chosen {
    /// Returns whether a message of this kind is looked at. Of events, lines that are no records always are, if no kind is
    /// asked for: they are text.
    pub(crate) fn takes_kind(&self, message: &Message) -> bool {
        if message.kind == Kind::Event && self.with_events {
            return true;
        }
        if !self.kinds.is_empty() {
            return self.kinds.contains(&message.kind);
        }
        match message.kind {
            Kind::Event => {
                message.marks.has(Mark::Damaged) || matches!(message.name, Text::Named("line" | LONG_LINE))
            }
            Kind::Image => false,
            _ => true,
        }
    }

    /// Returns whether messages in this role are looked at.
    pub(crate) fn takes_role(&self, role: Role) -> bool {
        self.roles.is_empty() || self.roles.contains(&role)
    }

    /// Returns whether `message`, whose texts stand in `line`, is of a tool that is asked for.
    pub(crate) fn takes_tool(&self, message: &Message, line: &[u8]) -> bool {
        self.tools.is_empty()
            || message.kind != Kind::Event && self.tools.contains(&message.name.of(line).to_lowercase())
    }
}

/// A message in which something was found.
#[derive(Debug)]
pub(crate) struct Hit {
    pub message: Message,
    /// The line that its texts stand in; empty where only numbers are wanted.
    pub line: Arc<[u8]>,
    /// The same for the same text.
    pub said: u64,
    pub snippet: Snippet,
    pub before: Vec<Neighbour>,
    pub after: Vec<Neighbour>,
}

/// A message near one in which something was found.
#[derive(Debug)]
pub(crate) struct Neighbour {
    pub message: Message,
    pub line: Arc<[u8]>,
}

impl Hit {
    /// Returns the message with its line.
    pub(crate) fn told(&self) -> Told<'_> {
        Told { message: &self.message, bytes: &self.line }
    }
}

impl Neighbour {
    /// Returns the message with its line.
    pub(crate) fn told(&self) -> Told<'_> {
        Told { message: &self.message, bytes: &self.line }
    }
}

/// An archive in which something was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub path: &'a Path,
    /// The session, of a part the one that it is a part of; `None` where nothing is known of it.
    pub session: Option<&'a Session<'a>>,
    /// What the archive says of itself, if it is ours.
    pub owner: Option<&'a Owner>,
    /// What names the session on a command line, unless only its path does.
    pub short_id: Option<&'a str>,
}

/// Takes results as they come, in order. Breaking off ends the search.
pub(crate) trait Sink {
    /// A message that matches ([`Wanted::Messages`]).
    fn hit(&mut self, place: &Place, hit: Hit) -> Result<ControlFlow<()>>;

    /// An archive with `count` such messages (at least one; exactly one for [`Wanted::Archives`]), after its last one.
    fn archive(&mut self, place: &Place, count: u64) -> Result<ControlFlow<()>>;

    /// An archive that cannot be read, or only in part; the search goes on.
    fn damaged(&mut self, error: &Error);

    /// Nothing more has been found yet: what is held back should be shown now.
    fn idle(&mut self) -> Result<()>;
}

/// How a search ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Messages that were shown or counted.
    pub messages: u64,
    /// Archives with a match.
    pub archives: u64,
    /// Archives that could not be read as a whole.
    pub damaged: u64,
}
