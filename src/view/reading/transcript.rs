//! Reads one transcript from its archive: in one go what can be held, else as a stream; or only its end, or a place in it.

use std::ops::ControlFlow;

use super::joiner::Joiner;
use super::lines::each_unit;
use super::rewinds;
use super::rows::Rows;
use super::tree;
use super::unit::Unit;
use crate::agents::Agent;
use crate::archive::reader::Archive;
use crate::error::Result;
use crate::message::told::Told;
use crate::message::{Mark, Message};

/// Bytes of text up to which a transcript is held as a whole while it is read.
pub(crate) const HELD_BYTES: u64 = 64 << 20;

/// Takes messages in order. Breaking off ends the reading.
pub(crate) type Sink<'s> = dyn FnMut(&Told<'_>) -> Result<ControlFlow<()>> + 's;

/// Hands all messages of the transcript in `archive` to `sink`. `agent` is whose it is.
///
/// # Errors
///
/// Those of the sink. What cannot be read becomes an event, and reading goes on behind it.
pub(crate) fn read(
    archive: &Archive,
    agent: Option<&dyn Agent>,
    threads: usize,
    sink: &mut Sink,
) -> Result<()> {
    let blocks = archive.blocks();
    let bytes: u64 = blocks.iter().map(|block| u64::from(block.masked_bytes)).sum();
    let is_small = if archive.header().is_some() {
        bytes <= HELD_BYTES
    } else {
        archive.stat().bytes <= HELD_BYTES / 16
    };
    if is_small {
        read_held(archive, agent, 0, threads, sink)
    } else {
        read_stream(archive, agent, threads, sink)
    }
}

/// Hands the messages in the last blocks of the transcript to `sink`, as many blocks as hold `bytes` of text or more;
/// returns whether that is all of it. Nothing before is read, so that what was only said there, such as a result's tool, is
/// not known; but of one that is told in rows, all is, as nothing in its end says who speaks.
pub(crate) fn read_end(
    archive: &Archive,
    agent: Option<&dyn Agent>,
    bytes: u64,
    threads: usize,
    sink: &mut Sink,
) -> Result<bool> {
    let blocks = archive.blocks();
    let mut held = 0;
    let mut first = blocks.len();
    while first > 0 && held < bytes {
        first -= 1;
        held += u64::from(blocks[first].masked_bytes);
    }
    if first == 0 || is_told_in_rows(archive, agent)? {
        return read(archive, agent, threads, sink).map(|()| true);
    }
    read_held(archive, agent, first, threads, sink).map(|()| false)
}

/// Hands the messages from the block on in which line `line` stands, counted from 1, to `sink`, one after the other. Nothing
/// before is read, but who speaks where that is said elsewhere.
pub(crate) fn read_from(
    archive: &Archive,
    agent: Option<&dyn Agent>,
    line: u64,
    threads: usize,
    sink: &mut Sink,
) -> Result<()> {
    let blocks = archive.blocks();
    // The line begins behind the end of the one before, which may be in an earlier block than its own end.
    let mut before = 0;
    let block = blocks.iter().position(|block| {
        before += u64::from(block.newlines);
        before + 1 >= line
    });
    let first = block.unwrap_or(blocks.len().saturating_sub(1));
    let mut joiner = Joiner::default();
    if first > 0 && is_told_in_rows(archive, agent)? {
        each_unit(archive, agent, 0..blocks.len(), threads, &mut |unit| {
            unit.messages.iter().for_each(|message| joiner.foresee(message, &unit.bytes));
            Ok(ControlFlow::Continue(()))
        })?;
    }
    each_unit(archive, agent, first..blocks.len(), threads, &mut |unit| {
        pass_on(unit, &mut joiner, None, sink)
    })
}

/// Returns whether the transcript's lines are rows or elements, as its first ones are.
fn is_told_in_rows(archive: &Archive, agent: Option<&dyn Agent>) -> Result<bool> {
    let mut is_row = false;
    each_unit(archive, agent, 0..archive.blocks().len().min(1), 1, &mut |unit| {
        is_row = unit.messages.iter().any(|message| message.joints.row.is_some());
        Ok(ControlFlow::Break(()))
    })?;
    Ok(is_row)
}

fn read_held(
    archive: &Archive,
    agent: Option<&dyn Agent>,
    first: usize,
    threads: usize,
    sink: &mut Sink,
) -> Result<()> {
    let mut units: Vec<Unit> = Vec::new();
    let mut rows = Rows::default();
    each_unit(archive, agent, first..archive.blocks().len(), threads, &mut |unit| {
        unit.messages.iter().for_each(|message| rows.take(message, &unit.bytes));
        units.push(unit);
        Ok(ControlFlow::Continue(()))
    })?;
    tell_all(units, &rows, sink)
}

/// Hands the messages of all of a transcript's `units` to `sink`, in order.
pub(super) fn tell_all(mut units: Vec<Unit>, rows: &Rows, sink: &mut Sink) -> Result<()> {
    let mut messages = in_order(&mut units, rows);
    let mut joiner = Joiner::default();
    messages.retain_mut(|(unit, message)| joiner.take(message, &units[*unit].bytes));
    rewinds::mark(&mut messages, &units);
    let left = tree::left_behind(messages.iter().map(|(unit, message)| (message, &*units[*unit].bytes)));
    for (at, (unit, message)) in messages.iter_mut().enumerate() {
        if left.contains(&at) {
            message.marks.set(Mark::Rewound);
        }
        if sink(&Told { message, bytes: &units[*unit].bytes })?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Takes the messages out of `units`, each with the number of its unit. What a row says last stands where it was first
/// told of.
fn in_order(units: &mut [Unit], rows: &Rows) -> Vec<(usize, Message)> {
    let mut all: Vec<(usize, Message)> = Vec::new();
    for (number, unit) in units.iter_mut().enumerate() {
        all.extend(std::mem::take(&mut unit.messages).into_iter().map(|message| (number, message)));
    }
    if rows.is_empty() {
        return all;
    }
    let mut first: std::collections::HashMap<u64, usize> = std::collections::HashMap::new();
    for (at, (_, message)) in all.iter().enumerate() {
        if let Some(row) = message.joints.row {
            first.entry(row).or_insert(at);
        }
    }
    let mut placed: Vec<(usize, usize, (usize, Message))> = Vec::with_capacity(all.len());
    for (at, (unit, mut message)) in all.into_iter().enumerate() {
        if rows.is_outdated(&message) {
            continue;
        }
        rows.mark(&mut message);
        let place = message.joints.row.map_or(at, |row| first[&row]);
        placed.push((place, at, (unit, message)));
    }
    placed.sort_by_key(|(place, at, _)| (*place, *at));
    placed.into_iter().map(|(_, _, message)| message).collect()
}

fn read_stream(archive: &Archive, agent: Option<&dyn Agent>, threads: usize, sink: &mut Sink) -> Result<()> {
    let all = 0..archive.blocks().len();
    let mut rows = Rows::default();
    let mut joiner = Joiner::default();
    let mut is_first = true;
    each_unit(archive, agent, all.clone(), threads, &mut |unit| {
        for message in &unit.messages {
            rows.take(message, &unit.bytes);
            // What a row says last may stand behind what it is said of.
            joiner.foresee(message, &unit.bytes);
        }
        // Only a transcript that is told in rows need be read twice.
        let goes_on = !std::mem::take(&mut is_first) || !rows.is_empty();
        Ok(if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    let rows = (!rows.is_empty()).then_some(rows);
    each_unit(archive, agent, all, threads, &mut |unit| pass_on(unit, &mut joiner, rows.as_ref(), sink))
}

fn pass_on(unit: Unit, joiner: &mut Joiner, rows: Option<&Rows>, sink: &mut Sink) -> Result<ControlFlow<()>> {
    let Unit { bytes, messages, .. } = unit;
    for mut message in messages {
        if let Some(rows) = rows {
            if rows.is_outdated(&message) {
                continue;
            }
            rows.mark(&mut message);
        }
        if joiner.take(&mut message, &bytes) && sink(&Told { message: &message, bytes: &bytes })?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
