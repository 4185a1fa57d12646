//! How a session that is no appended text becomes lines of JSON: where it lies in a database, or what its documents
//! look like. Data alone: an agent says it, `input` does it.
//!
//! A line is one row, one element of a list, or one file:
//!
//! ```json
//! {"table":"part","id":"prt_1","message_id":"msg_1","data":{"type":"text"}}
//! {"document":"ui_messages.json","id":"12","data":{"ts":1,"say":"text"}}
//! ```
//!
//! `table` or `document` and `id` name what the line is about, and stand first: of several lines about the same thing the
//! last holds. What holds no longer is named in a line [`GONE_MEMBER`].

/// The beginning of a line that names what is not there any more: `{"sessionkeep":"gone","ids":[...],"names":[...]}`.
pub(crate) const GONE_MEMBER: &str = "{\"sessionkeep\":\"gone\",\"ids\":[";

/// How sessions lie in a database of one agent, all generations of it that may be in one file.
#[derive(Debug)]
pub(crate) struct Schema {
    /// Queries for sessions: a row is the session's id, the id of the session that it is a part of or null, when it last
    /// changed (a number of seconds, milliseconds or more since 1970, or text as RFC 3339 has it), and anything else
    /// that changes when it does. Those that do not fit the tables that are there are left out; where none fits, the
    /// schema is not this. An empty id: all of the file is the session or part that its path names.
    pub sessions: &'static [&'static str],
    /// Tables that come together: where the first is there and another is not, something is not told.
    pub together: &'static [&'static [&'static str]],
    /// Queries for what else tells that a session changed: its id, when, and anything else.
    pub marks: &'static [&'static str],
    /// What a session consists of, in the order in which it is told; none: all that is in the file.
    pub tables: &'static [Table],
}

/// A query that fits every database and finds no session: with it, a database that holds none of an agent's tables is
/// left alone, for it is full of what is none of ours.
pub(crate) const NO_SESSIONS: &str = "SELECT NULL, NULL, NULL WHERE 0";

/// One table, or what of it belongs to a session.
#[derive(Debug)]
pub(crate) struct Table {
    pub name: &'static str,
    /// The column that names a row within the table; several with commas between them: the first that is there.
    pub id: &'static str,
    /// The query for its rows: `?1` is the session's id, or, below another table, the id of that one's row.
    pub rows: &'static str,
    /// Told behind each row.
    pub below: &'static [Table],
    /// A column that holds a whole conversation as JSON, and the lists in it, named as [`Shape::Lists`] does, whose elements
    /// become lines of their own behind the row: of what is written anew at each turn, only what is new is told again.
    pub split: Option<(&'static str, &'static [&'static str])>,
}

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One JSON text. The elements of these lists become lines: members of the top, `a.b` for a member of a member, ""
    /// for the top itself. What stands around them is the first line.
    Lists(&'static [&'static str]),
    /// One JSON text, and one line.
    Whole,
    /// Markdown of a chat, in which sessions follow each other: each paragraph is a line.
    Chat,
}
