//! Counts what one transcript holds.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::message::{Kind, Mark, Role, Tokens};
use crate::view::opened::Opened;
use crate::view::reading::{self, Told};

/// What one archive holds. All text is masked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub session: String,
    pub agent: String,
    pub project: String,
    pub is_part: bool,
    /// Month in which it began, in UTC: `2026-06`; empty where no time is known.
    pub month: String,
    /// From the first to the last time in it, in seconds.
    pub seconds: u64,
    /// Bytes of masked text, of the source, and of the archive's file.
    pub text_bytes: u64,
    pub source_bytes: u64,
    pub archived_bytes: u64,
    pub masked_lines: u64,
    pub masked_by_rule: BTreeMap<String, u64>,
    /// Everything that was said, events apart.
    pub messages: u64,
    /// What users typed.
    pub prompts: u64,
    pub events: u64,
    /// By tool.
    pub tools: BTreeMap<String, Calls>,
    /// By model and month.
    pub paid: Vec<Paid>,
}

/// How often a tool was called, and how often that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Calls {
    pub calls: u64,
    pub errors: u64,
}

/// What the answers of a model cost in a month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Paid {
    pub model: String,
    pub month: String,
    pub messages: u64,
    pub input: u64,
    pub output: u64,
    pub cache_read: u64,
    pub cache_write: u64,
}

impl Paid {
    /// Returns the tokens.
    pub(crate) fn tokens(&self) -> Tokens {
        let Paid { input, output, cache_read, cache_write, .. } = *self;
        Tokens { input, output, cache_read, cache_write }
    }
}

impl Tally {
    /// Returns how often tools were called, and how often that failed.
    pub(crate) fn calls(&self) -> Calls {
        let mut sum = Calls::default();
        for calls in self.tools.values() {
            sum.calls += calls.calls;
            sum.errors += calls.errors;
        }
        sum
    }

    /// Returns all tokens.
    pub(crate) fn tokens(&self) -> Tokens {
        let mut sum = Tokens::default();
        self.paid.iter().for_each(|paid| sum.add(paid.tokens()));
        sum
    }
}

/// Reads a transcript and counts what is in it.
///
/// # Errors
///
/// None but those of memory: what cannot be read is counted as an event.
pub(crate) fn count(opened: &Opened, threads: usize) -> Result<Tally> {
    let mut counting = Counting { tally: of_header(opened), ..Counting::default() };
    reading::read(&opened.archive, opened.agent, threads, &mut |told| {
        counting.take(told);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(counting.finish())
}

fn of_header(opened: &Opened) -> Tally {
    let whose = &opened.whose;
    let mut tally = Tally {
        session: whose.session.clone(),
        agent: whose.agent.clone(),
        project: whose.project.clone(),
        is_part: whose.part.is_some(),
        archived_bytes: opened.archive.stat().bytes,
        ..Tally::default()
    };
    if let Some(header) = opened.archive.header() {
        tally.text_bytes = header.blocks.iter().map(|block| u64::from(block.masked_bytes)).sum();
        tally.source_bytes = header.source_bytes;
        tally.masked_lines = header.masked_lines;
        tally.masked_by_rule = header.masked_by_rule.clone();
    }
    tally
}

#[derive(Default)]
struct Counting {
    tally: Tally,
    first: Option<jiff::Timestamp>,
    last: Option<jiff::Timestamp>,
    /// The model that spoke last: tokens may be told apart from what was said.
    model: String,
    month: (i64, String),
    paid: BTreeMap<(String, String), Paid>,
    /// Tools of calls that failed, by the call, so that a result of several pieces counts once.
    last_failed: Vec<u8>,
}

impl Counting {
    fn take(&mut self, told: &Told<'_>) {
        let message = told.message;
        if let Some(time) = message.time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = self.last.max(Some(time));
        }
        if let Some(model) = told.said(&message.model)
            && *model != *self.model
        {
            self.model = model.into_owned();
        }
        self.tally.messages += u64::from(message.kind != Kind::Event);
        self.tally.events += u64::from(message.kind == Kind::Event);
        if message.role == Role::User && message.kind == Kind::Text {
            let is_typed = !message.marks.has(Mark::Injected) && !message.marks.has(Mark::Sidechain);
            self.tally.prompts += u64::from(is_typed);
        }
        match message.kind {
            Kind::ToolCall => self.tool(told).calls += 1,
            Kind::ToolResult if message.outcome.failed() => self.failed(told),
            _ => {}
        }
        self.pay(told);
    }

    fn tool(&mut self, told: &Told<'_>) -> &mut Calls {
        let name = told.name();
        // Most calls are of tools that were called before.
        if !self.tally.tools.contains_key(&*name) {
            self.tally.tools.insert(name.to_string(), Calls::default());
        }
        self.tally.tools.entry(name.into_owned()).or_default()
    }

    fn failed(&mut self, told: &Told<'_>) {
        let call = told.message.call.raw(told.bytes);
        if call.is_empty() || call != self.last_failed {
            self.last_failed = call.to_vec();
            self.tool(told).errors += 1;
        }
    }

    fn pay(&mut self, told: &Told<'_>) {
        let message = told.message;
        let is_answer = message.role == Role::Assistant && message.kind != Kind::Event;
        if message.tokens.is_none() && !is_answer {
            return;
        }
        let month = self.month_of(message.time);
        let paid = self.paid.entry((self.model.clone(), month)).or_default();
        paid.messages += u64::from(is_answer);
        if let Some(tokens) = message.tokens {
            paid.input += tokens.input;
            paid.output += tokens.output;
            paid.cache_read += tokens.cache_read;
            paid.cache_write += tokens.cache_write;
        }
    }

    /// Returns the month of `time`, which is that of the last one as a rule.
    fn month_of(&mut self, time: Option<jiff::Timestamp>) -> String {
        let Some(time) = time.or(self.last) else { return String::new() };
        let hour = time.as_second() / 3600;
        if self.month.0 != hour || self.month.1.is_empty() {
            self.month = (hour, month(time));
        }
        self.month.1.clone()
    }

    fn finish(mut self) -> Tally {
        if let (Some(first), Some(last)) = (self.first, self.last) {
            self.tally.month = month(first);
            self.tally.seconds = (last.as_second() - first.as_second()).max(0) as u64;
        }
        let named = |((model, month), paid): ((String, String), Paid)| Paid { model, month, ..paid };
        self.tally.paid = self.paid.into_iter().map(named).collect();
        self.tally
    }
}

/// Returns the month of `time` in UTC: `2026-06`.
pub(crate) fn month(time: jiff::Timestamp) -> String {
    let date = time.to_zoned(jiff::tz::TimeZone::UTC).date();
    format!("{:04}-{:02}", date.year(), date.month())
}
