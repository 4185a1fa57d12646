//! Reads a session as one: its transcript's messages in order, and among them where each part ran.
//!
//! A part stands before the result that names it: a subagent's id stands in what its tool gives back, a result's file in the
//! result that is too long. One that no result names stands before the first prompt after its end, or at the end of all.

use std::collections::HashMap;
use std::ops::ControlFlow;

use aho_corasick::{AhoCorasick, Input, MatchKind};

use super::parts::Part;
use crate::agents::Agent;
use crate::archive::reader::Archive;
use crate::error::Result;
use crate::message::{Kind, Mark, Role};
use crate::view::reading::{self, Told};

/// What comes next in a session.
pub(crate) enum Step<'a> {
    Message(&'a Told<'a>),
    /// A part ran here. Nothing of it was read.
    Part(&'a Part),
}

/// A token of fewer bytes could be anything.
const LEAST_TOKEN_BYTES: usize = 6;

/// Knows which parts of a session have not been met yet, and what names them.
pub(crate) struct Placer<'p> {
    parts: &'p [Part],
    is_met: Vec<bool>,
    left: usize,
    /// The parts that each token names.
    named: HashMap<String, Vec<usize>>,
    tokens: Option<AhoCorasick>,
    /// The line that was looked at last: a line may hold several results.
    line: u64,
    /// Parts that no result names are left out.
    is_of_named: bool,
}

impl<'p> Placer<'p> {
    /// Returns one for these parts, none of which was met.
    pub(crate) fn new(parts: &'p [Part]) -> Placer<'p> {
        let mut named: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, part) in parts.iter().enumerate() {
            if part.token().len() >= LEAST_TOKEN_BYTES {
                named.entry(part.token().to_owned()).or_default().push(at);
            }
        }
        // Without it, parts are placed by time.
        let tokens = (!named.is_empty())
            .then(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(named.keys()).ok())
            .flatten();
        let is_met = vec![false; parts.len()];
        Placer { parts, is_met, left: parts.len(), named, tokens, line: 0, is_of_named: false }
    }

    /// Returns it for some of the messages: of parts that no result names it is not known whether they ran among those.
    pub(crate) fn of_named(self) -> Placer<'p> {
        Placer { is_of_named: true, ..self }
    }

    /// Returns the parts that ran right before `told`, in the order in which they began.
    pub(crate) fn before(&mut self, told: &Told<'_>) -> Vec<&'p Part> {
        if self.left == 0 {
            return Vec::new();
        }
        let message = told.message;
        let mut found: Vec<usize> = Vec::new();
        if message.kind == Kind::ToolResult && (message.index.line != self.line || self.line == 0) {
            self.line = message.index.line;
            found = self.named_in(told.line().0);
        }
        let is_prompt = message.role == Role::User
            && message.kind == Kind::Text
            && ![Mark::Injected, Mark::Sidechain].iter().any(|mark| message.marks.has(*mark));
        if is_prompt
            && !self.is_of_named
            && let Some(now) = message.time
        {
            let ended = |part: &Part| part.ended.or(part.started).is_some_and(|ended| ended < now);
            found.extend((0..self.parts.len()).filter(|at| !self.is_met[*at] && ended(&self.parts[*at])));
        }
        self.meet(found)
    }

    /// Returns the parts that were not met.
    pub(crate) fn rest(&mut self) -> Vec<&'p Part> {
        let rest = (0..self.parts.len()).filter(|at| !self.is_met[*at] && !self.is_of_named).collect();
        self.meet(rest)
    }

    /// Finds what a line names that was not met, as whole words.
    fn named_in(&self, line: &[u8]) -> Vec<usize> {
        let Some(tokens) = &self.tokens else { return Vec::new() };
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(hit) = tokens.find(Input::new(line).range(at..)) {
            at = hit.end();
            let before = hit.start().checked_sub(1).and_then(|before| line.get(before));
            let is_whole =
                !is_word(line.get(hit.end())) && (!is_word(before) || is_escape(line, hit.start()));
            if is_whole && let Some(parts) = self.named.get(&*String::from_utf8_lossy(&line[hit.range()])) {
                found.extend(parts.iter().filter(|part| !self.is_met[**part]));
            }
        }
        found
    }

    fn meet(&mut self, mut found: Vec<usize>) -> Vec<&'p Part> {
        found.sort_unstable();
        found.dedup();
        found.retain(|at| !std::mem::replace(&mut self.is_met[*at], true));
        self.left -= found.len();
        found.into_iter().map(|at| &self.parts[at]).collect()
    }
}

/// Returns whether what stands before `at` is the letter of an escape such as `\n`.
fn is_escape(line: &[u8], at: usize) -> bool {
    at >= 2 && line[at - 2] == b'\\'
}

/// Hands all messages of the transcript in `archive`, and the places of `parts` among them, to `sink`. `agent` is whose the
/// transcript is; without an archive there are the parts alone.
///
/// # Errors
///
/// Those of the sink.
pub(crate) fn read_whole(
    archive: Option<&Archive>,
    agent: Option<&dyn Agent>,
    parts: &[Part],
    threads: usize,
    sink: &mut dyn FnMut(Step<'_>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut placer = Placer::new(parts);
    let mut is_over = false;
    if let Some(archive) = archive {
        reading::read(archive, agent, threads, &mut |told| {
            for part in placer.before(told) {
                if sink(Step::Part(part))?.is_break() {
                    is_over = true;
                    return Ok(ControlFlow::Break(()));
                }
            }
            let flow = sink(Step::Message(told))?;
            is_over = flow.is_break();
            Ok(flow)
        })?;
    }
    if is_over {
        return Ok(());
    }
    for part in placer.rest() {
        if sink(Step::Part(part))?.is_break() {
            break;
        }
    }
    Ok(())
}
