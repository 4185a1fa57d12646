//! What was said in a session, in one form for all agents: the message.
//!
//! An agent turns a record into messages; whoever shows, finds, counts or exports what was said knows these alone. A message
//! holds no text: it says where in the bytes around it its text stands ([`Text`]), so that reading a session copies nothing
//! and only what is looked at is decoded.
//!
//! The files in the order in which they are met: [`text`] is a place of text and how it is decoded, [`index`] how people and
//! scripts name a message, [`facts`] what is known of one besides its text; [`told`] is a message with the bytes around it,
//! and [`json`] how programs see one. What is known of a message from others before it: [`known`] is what those told of it,
//! and [`twins`] that one of them has said it already.
//!
//! Each text of a message is one string of its record, decoded, or one value of its record as it is written. So whatever is
//! shown of a session can be found again in the line that it names.

mod facts;
mod index;
pub(crate) mod json;
pub(crate) mod known;
mod text;
pub(crate) mod told;
pub(crate) mod twins;

pub(crate) use facts::{Kind, Mark, Marks, Outcome, Role, Tokens};
pub(crate) use index::Index;
pub(crate) use text::{Text, resolved};

use jiff::Timestamp;

/// One thing that was said, done or noted in a session. Its texts stand in the bytes of the lines that it was read with.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// The line that it stands on, and which of that line's messages it is.
    pub index: Index,
    /// Where that line begins in the bytes.
    pub start: usize,
    pub role: Role,
    pub kind: Kind,
    pub marks: Marks,
    pub time: Option<Timestamp>,
    /// What the agent calls the record, and the record that it answers.
    pub id: Text,
    pub parent: Text,
    /// Of a call and its result: the tool. Of an event: what sort of one.
    pub name: Text,
    /// What joins a call and its result.
    pub call: Text,
    /// The model that said it.
    pub model: Text,
    /// What was said. Of a call: what it was called with, JSON as a rule. Of an image: its data in base64, or where it is.
    pub text: Text,
    /// Of an image: its media type.
    pub media: Text,
    /// Of a call that starts a subagent, or of its result: the id of the part or session in which that ran, as the record
    /// has it. A part is called so, or so behind what its agent begins such names with: `agent-<id>`.
    pub part: Text,
    pub tokens: Option<Tokens>,
    pub outcome: Outcome,
    /// How what its agent tells in several places becomes one message.
    pub joints: Joints,
}

/// What must be known of other messages to tell one: numbers that are the same where the same thing is meant.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Joints {
    /// Of several messages with the same, the first counts: rows that are written again word for word.
    pub once: Option<u64>,
    /// The row or element that it was read from: of several lines about the same one, the last holds.
    pub row: Option<u64>,
    /// What the agent writes twice in different words: of two with the same number and different sides, which stand near
    /// each other, the first counts.
    pub twin: Option<(u64, Side)>,
    /// What the tokens were paid for: of several messages of one answer, each tells the tokens of all.
    pub answer: Option<u64>,
    /// What is told in two places that may be far apart: of two with the same number and different sides, that of the
    /// record counts, which comes first.
    pub copy: Option<(u64, Side)>,
    /// Whose the role, time and model are, where another record says them.
    pub of: Option<u64>,
    /// What the user took back here.
    pub rewind: Option<Rewind>,
}

/// What of all that stands before a message the user took back with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rewind {
    /// The record whose id has this [number](number_of), and what came after it.
    From(u64),
    /// So many of the user's last prompts, and what came after the first of these.
    Prompts(u64),
    /// What the parents of the records tell: what went on from here took the place of what had gone on from the same one.
    Branch,
}

/// One of two ways in which an agent writes the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    /// What the model is given.
    Record,
    /// What the user was shown.
    Screen,
}

impl Message {
    /// Returns a message of which nothing is known but this.
    pub(crate) fn new(role: Role, kind: Kind, text: Text) -> Message {
        Message {
            index: Index::default(),
            start: 0,
            role,
            kind,
            marks: Marks::default(),
            time: None,
            id: Text::None,
            parent: Text::None,
            name: Text::None,
            call: Text::None,
            model: Text::None,
            text,
            media: Text::None,
            part: Text::None,
            tokens: None,
            outcome: Outcome::default(),
            joints: Joints::default(),
        }
    }
}

/// The name of an event that tells nothing itself but what holds for other messages.
pub(crate) const INTRODUCTION: &str = "introduction";

/// Returns the number that stands for `parts` wherever they are met, within one run of the program.
pub(crate) fn number_of(parts: &[&[u8]]) -> u64 {
    use std::hash::Hasher;
    let mut hasher = std::hash::DefaultHasher::new();
    for part in parts {
        hasher.write(part);
        hasher.write_u8(0xff);
    }
    hasher.finish()
}
