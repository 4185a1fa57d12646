//! A search as its caller sees it: what is asked for, who takes what is found, and how it ended.

use super::lines::Wanted;
use super::query::Query;
use crate::error::{Error, Result};
use crate::search::opened::Owner;
use crate::search::sessions::{Filter, Stored};
use std::ops::{ControlFlow, Range};
use std::path::Path;

/// What is searched for, where, and how far.
#[derive(Debug)]
pub struct Search<'a> {
    /// Root of the store.
    pub root: &'a Path,
    pub query: &'a Query,
    pub filter: &'a Filter,
    pub wanted: Wanted,
    /// Most results: lines, or archives for [`Wanted::Any`].
    pub max_results: Option<u64>,
    pub threads: usize,
}

/// An archive in which something was found.
#[derive(Debug)]
pub struct Hits<'a> {
    pub path: &'a Path,
    /// The files of the session; [`sessions::one`](crate::search::sessions::one) tells more.
    pub stored: &'a Stored,
    /// Whose it is, if it is ours and says so.
    pub owner: Option<&'a Owner>,
}

/// A line in which something was found.
#[derive(Debug)]
pub struct FoundLine<'a> {
    /// Counted from 1.
    pub number: u64,
    /// As stored, without line end.
    pub text: &'a [u8],
    /// Where the matches are in `text`.
    pub matches: &'a [Range<usize>],
}

/// Takes results as they come, in order. Breaking off ends the search.
pub trait Sink {
    /// A matching line ([`Wanted::Lines`]).
    fn line(&mut self, hits: &Hits, line: &FoundLine) -> Result<ControlFlow<()>>;

    /// An archive with `count` matching lines (at least one; exactly one for [`Wanted::Any`]), after its last line.
    fn archive(&mut self, hits: &Hits, count: u64) -> Result<ControlFlow<()>>;

    /// An archive that cannot be read, or only in part; the search goes on.
    fn damaged(&mut self, error: &Error);

    /// Nothing more has been found yet: what is held back should be shown now.
    fn idle(&mut self) -> Result<()>;
}

/// How a search ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Matching lines that were shown or counted.
    pub lines: u64,
    /// Archives with a match.
    pub archives: u64,
    /// Archives that could not be read as a whole.
    pub damaged: u64,
}
