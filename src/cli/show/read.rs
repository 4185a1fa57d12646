//! Reads no more of a session than what is asked for takes.

use std::ops::ControlFlow;

use super::print::{Extent, Form, Printer, raw_bytes};
use super::source::Source;
use crate::agents::{self, Agent};
use crate::archive::reader::{Archive, BlockReader};
use crate::error::Result;
use crate::message::Index;
use crate::view::choice::End;
use crate::view::reading::{self, HELD_BYTES, Told};
use crate::view::session::{Part, Placer, Step, read_whole};

/// Bytes of text at the end that are looked at first for the last messages.
const END_BYTES: u64 = 256 << 10;

/// Lines before a message that are looked at first for those that stand before it, for each of them.
const LINES_A_MESSAGE: u64 = 8;

/// Reads `source` and hands what `printer` may want of it to it.
pub(super) fn read(source: &Source, printer: &mut Printer, threads: usize) -> Result<()> {
    let agent = agents::agent(&source.about.whose.agent);
    printer.begin(&source.about)?;
    match (&printer.extent, &source.main) {
        (&Extent::Around(index, around), Some(main)) => {
            read_around(main, agent, index, around as u64, threads, printer)
        }
        (&Extent::Last(count), Some(main)) => read_last(main, agent, source, count, threads, printer),
        (_, Some(main)) if matches!(printer.form, Form::Raw) && printer.choice.is_of_all() => {
            read_raw(main, printer)
        }
        (_, Some(main)) => match printer.choice.from {
            Some(End::Index(first)) if is_large(main) => {
                let mut placer = Placer::new(&source.parts).of_named();
                reading::read_from(main, agent, first.line, threads, &mut |told| {
                    with_parts(told, &mut placer, printer, threads)
                })
            }
            _ => read_all(source, agent, threads, printer),
        },
        (_, None) => read_all(source, agent, threads, printer),
    }
}

fn is_large(main: &Archive) -> bool {
    main.blocks().iter().map(|block| u64::from(block.masked_bytes)).sum::<u64>() > HELD_BYTES
}

fn read_all(source: &Source, agent: Option<&dyn Agent>, threads: usize, printer: &mut Printer) -> Result<()> {
    // Where there is nothing else, a program wants the parts.
    let is_all_there_is = source.main.is_none() && !printer.folds();
    read_whole(source.main.as_ref(), agent, &source.parts, threads, &mut |step| match step {
        Step::Message(told) => printer.message(told),
        Step::Part(part) => {
            tell_part(part, printer.unfolds || is_all_there_is, printer, threads)?;
            Ok(ControlFlow::Continue(()))
        }
    })
}

fn with_parts(
    told: &Told<'_>,
    placer: &mut Placer<'_>,
    printer: &mut Printer,
    threads: usize,
) -> Result<ControlFlow<()>> {
    for part in placer.before(told) {
        tell_part(part, printer.unfolds, printer, threads)?;
    }
    printer.message(told)
}

fn tell_part(part: &Part, unfolds: bool, printer: &mut Printer, threads: usize) -> Result<()> {
    if !unfolds {
        return printer.part(part);
    }
    let archive = part.open()?;
    printer.open_part(part)?;
    // A range of indexes is one of the session's own transcript.
    let (from, to) = (printer.choice.from.take(), printer.choice.to.take());
    let read =
        reading::read(&archive, agents::agent(&part.agent), threads, &mut |told| printer.message(told));
    (printer.choice.from, printer.choice.to) = (from, to);
    read?;
    printer.close_part()
}

/// Reads so much of the end that the last `count` messages are in it.
fn read_last(
    main: &Archive,
    agent: Option<&dyn Agent>,
    source: &Source,
    count: usize,
    threads: usize,
    printer: &mut Printer,
) -> Result<()> {
    let mut bytes = END_BYTES;
    loop {
        let mut placer = Placer::new(&source.parts).of_named();
        let is_all = reading::read_end(main, agent, bytes, threads, &mut |told| {
            with_parts(told, &mut placer, printer, threads)
        })?;
        if is_all || printer.held_count() >= count {
            printer.counts.is_cut = !is_all;
            return Ok(());
        }
        printer.restart();
        bytes = bytes.saturating_mul(4);
    }
}

/// Reads one message and `around` before and behind it.
fn read_around(
    main: &Archive,
    agent: Option<&dyn Agent>,
    index: Index,
    around: u64,
    threads: usize,
    printer: &mut Printer,
) -> Result<()> {
    if !is_large(main) {
        return reading::read(main, agent, threads, &mut |told| printer.message(told));
    }
    let mut lines = around.saturating_mul(LINES_A_MESSAGE);
    loop {
        let first = index.line.saturating_sub(lines).max(1);
        let mut is_enough = first == 1;
        reading::read_from(main, agent, first, threads, &mut |told| {
            if told.message.index.line >= index.line && !printer.has_met() {
                is_enough |= printer.held_count() as u64 >= around;
                if !is_enough {
                    return Ok(ControlFlow::Break(()));
                }
            }
            printer.message(told)
        })?;
        if is_enough || printer.has_met() {
            return Ok(());
        }
        printer.restart();
        lines = lines.saturating_mul(4);
    }
}

/// Hands on all of the text as it is stored.
fn read_raw(main: &Archive, printer: &mut Printer) -> Result<()> {
    let is_terminal = printer.is_terminal;
    let mut failed = None;
    main.for_each_chunk(&mut BlockReader::new(), &mut |text| match printer
        .page
        .write(&raw_bytes(text, is_terminal))
    {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    })?;
    failed.map_or(Ok(()), Err)
}
