//! Sessions as Markdown documents.

use std::ops::ControlFlow;

use jiff::tz::TimeZone;

use super::form::Form;
use crate::agents;
use crate::error::Result;
use crate::message::Kind;
use crate::view::about::About;
use crate::view::html::{self, Source, Write};
use crate::view::markdown::Document;
use crate::view::reading::{self, Told};
use crate::view::rendering::{Counts, Rendering};
use crate::view::session::{Part, Step, read_whole};

/// One document a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Markdown {
    /// Thinking and events, too.
    pub is_full: bool,
}

/// Changes whenever a document of the same session would come out otherwise.
const MARKDOWN_VERSION: u32 = 1;

/// Bytes that are collected before they are written.
const PIECE_BYTES: usize = 1 << 20;

impl Form for Markdown {
    fn suffix(&self) -> &'static str {
        ".md"
    }

    fn recipe(&self) -> String {
        let zone = TimeZone::system();
        let zone = zone.iana_name().unwrap_or_default();
        format!("markdown {MARKDOWN_VERSION} {} full={} zone={zone}", env!("CARGO_PKG_VERSION"), self.is_full)
    }

    fn render(&self, source: &Source<'_>, _: usize, write: &mut Write<'_>) -> Result<html::Figures> {
        let mut writer = Writer {
            document: Document::new(TimeZone::system()),
            out: String::new(),
            counts: Counts::default(),
            is_full: self.is_full,
            write,
        };
        writer.document.begin(&About::session(source.session, source.parts.len()), &mut writer.out);
        let (archive, agent) = source.opened.map(|opened| (&opened.archive, opened.agent)).unzip();
        read_whole(archive, agent.flatten(), source.parts, source.threads, &mut |step| {
            match step {
                Step::Message(told) => writer.message(told)?,
                Step::Part(part) => writer.part(part, source.threads)?,
            }
            Ok(ControlFlow::Continue(()))
        })?;
        writer.document.end(&writer.counts, &mut writer.out);
        (writer.write)(writer.out.as_bytes())?;
        Ok(html::Figures { messages: writer.counts.shown, ..html::Figures::default() })
    }
}

struct Writer<'a, 'w> {
    document: Document,
    out: String,
    counts: Counts,
    is_full: bool,
    write: &'a mut Write<'w>,
}

impl Writer<'_, '_> {
    fn message(&mut self, told: &Told<'_>) -> Result<()> {
        match told.message.kind {
            Kind::Thinking if !self.is_full => self.counts.hidden_thinking += 1,
            Kind::Event if !self.is_full => self.counts.hidden_events += 1,
            _ => {
                self.counts.shown += 1;
                self.document.message(told, &mut self.out);
            }
        }
        if self.out.len() >= PIECE_BYTES {
            (self.write)(self.out.as_bytes())?;
            self.out.clear();
        }
        Ok(())
    }

    fn part(&mut self, part: &Part, threads: usize) -> Result<()> {
        // A part that is a file and no transcript, or cannot be read, is named.
        let is_transcript = part.path.to_str().is_some_and(|path| path.ends_with(".jsonl.gz"));
        let Some(archive) = part.open().ok().filter(|_| is_transcript) else {
            self.document.part(part, &mut self.out);
            return Ok(());
        };
        self.document.open_part(part, &mut self.out);
        reading::read(&archive, agents::agent(&part.agent), threads, &mut |told| {
            self.message(told)?;
            Ok(ControlFlow::Continue(()))
        })?;
        self.document.close_part(&mut self.out);
        Ok(())
    }
}
