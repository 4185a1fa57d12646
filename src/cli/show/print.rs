//! Prints what was chosen of a session, in one of the forms that it is shown in.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::pager::Page;
use crate::cli::common::json::schema;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::message::{Index, Mark};
use crate::platform::process;
use crate::report::terminal_safe;
use crate::report::text::safe_json;
use crate::view::about::About;
use crate::view::choice::{Choice, Verdict};
use crate::view::json::{self, Whose};
use crate::view::markdown::Document;
use crate::view::reading::Told;
use crate::view::rendering::{Counts, Rendering, Steps};
use crate::view::session::Part;
use crate::view::terminal;

/// What stands behind the members of a message.
#[derive(serde::Serialize)]
struct Named<'a> {
    schema: &'a str,
}

/// What a session is printed as.
pub(super) enum Form {
    Terminal(Box<terminal::Page>),
    Markdown(Document),
    /// One object a message; images with their data or not.
    Json {
        with_images: bool,
    },
    /// The stored lines.
    Raw,
}

impl Form {
    fn for_people(&mut self) -> Option<&mut dyn Rendering> {
        match self {
            Form::Terminal(page) => Some(&mut **page),
            Form::Markdown(document) => Some(document),
            Form::Json { .. } | Form::Raw => None,
        }
    }
}

/// How much of what is chosen is printed.
pub(super) enum Extent {
    All,
    /// The last so many.
    Last(usize),
    /// One, with so many around it.
    Around(Index, usize),
}

/// Prints messages as they come.
pub(super) struct Printer {
    pub form: Form,
    pub choice: Choice,
    pub extent: Extent,
    /// Subagents' steps in the session's own transcript are told one by one.
    pub unfolds: bool,
    /// Standard output is a terminal, which obeys what it is sent.
    pub is_terminal: bool,
    pub page: Page,
    pub counts: Counts,
    whose: Whose,
    steps: Option<Steps>,
    /// What was made of the messages that may still be the last ones, or stand before the one that is asked for.
    held: VecDeque<Vec<u8>>,
    /// How many come behind the one that is asked for; `None` before it came.
    behind: Option<usize>,
    /// The part that is told, and whether it was begun.
    part: Option<(Part, bool)>,
    last_raw: Option<u64>,
    is_flushed: bool,
}

impl Printer {
    pub(super) fn new(form: Form, choice: Choice, extent: Extent, page: Page, is_terminal: bool) -> Printer {
        Printer {
            form,
            choice,
            extent,
            unfolds: false,
            is_terminal,
            page,
            counts: Counts::default(),
            whose: Whose::default(),
            steps: None,
            held: VecDeque::new(),
            behind: None,
            part: None,
            last_raw: None,
            is_flushed: false,
        }
    }

    /// Returns whether the message that was asked for has been printed.
    pub(super) fn has_met(&self) -> bool {
        self.behind.is_some()
    }

    /// Returns whether the form has folds.
    pub(super) fn folds(&mut self) -> bool {
        self.form.for_people().is_some()
    }

    /// Returns how many messages wait to be printed.
    pub(super) fn held_count(&self) -> usize {
        self.held.len()
    }

    /// Forgets what was read, to read more of it.
    pub(super) fn restart(&mut self) {
        self.held.clear();
        self.counts = Counts::default();
        self.steps = None;
        self.last_raw = None;
    }

    pub(super) fn begin(&mut self, about: &About) -> Result<()> {
        self.whose = about.whose.clone();
        let mut text = String::new();
        if let Some(form) = self.form.for_people() {
            form.begin(about, &mut text);
        }
        self.page.write(text.as_bytes())
    }

    /// Takes the next message.
    pub(super) fn message(&mut self, told: &Told<'_>) -> Result<ControlFlow<()>> {
        if let Some(signal) = process::interrupted() {
            return Err(Error::new(ErrorKind::Interrupted(signal), "stopped"));
        }
        if let Extent::Around(index, around) = self.extent {
            return self.around(told, index, around);
        }
        match self.choice.verdict(told) {
            Verdict::Over => {
                self.counts.is_cut = true;
                return Ok(ControlFlow::Break(()));
            }
            Verdict::Other => return Ok(ControlFlow::Continue(())),
            Verdict::HiddenThinking => self.counts.hidden_thinking += 1,
            Verdict::HiddenEvent => self.counts.hidden_events += 1,
            Verdict::Shown => self.shown(told)?,
        }
        Ok(ControlFlow::Continue(()))
    }

    fn around(&mut self, told: &Told<'_>, index: Index, around: usize) -> Result<ControlFlow<()>> {
        let own = told.message.index;
        if self.behind.is_none() && own.line == index.line && (index.nth <= 1 || own.nth == index.nth) {
            self.counts.shown += 1;
            self.set_full(true);
            let text = self.made(told);
            self.set_full(false);
            for text in std::mem::take(&mut self.held) {
                self.page.write(&text)?;
            }
            self.page.write(&text)?;
            self.behind = Some(0);
            return Ok(self.go_on(around == 0));
        }
        if self.behind.is_none() && own.line > index.line && told.message.joints.row.is_none() {
            return Ok(ControlFlow::Break(()));
        }
        if self.choice.verdict(told) != Verdict::Shown || around == 0 {
            return Ok(ControlFlow::Continue(()));
        }
        let text = self.made(told);
        match self.behind {
            None => {
                if self.held.len() == around {
                    self.held.pop_front();
                }
                self.held.push_back(text);
                Ok(ControlFlow::Continue(()))
            }
            Some(behind) => {
                self.page.write(&text)?;
                self.behind = Some(behind + 1);
                Ok(self.go_on(behind + 1 == around))
            }
        }
    }

    fn go_on(&self, is_over: bool) -> ControlFlow<()> {
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn set_full(&mut self, is_full: bool) {
        if let Form::Terminal(page) = &mut self.form {
            page.set_full(is_full);
        }
    }

    fn shown(&mut self, told: &Told<'_>) -> Result<()> {
        let is_step = told.message.marks.has(Mark::Sidechain) && self.part.is_none();
        if is_step && !self.unfolds && self.choice.is_of_all() && self.form.for_people().is_some() {
            match &mut self.steps {
                Some(steps) => steps.add(told),
                None => self.steps = Some(Steps::of(told)),
            }
            return Ok(());
        }
        let mut text = self.told_steps();
        if let Some((part, is_begun @ false)) = &mut self.part {
            *is_begun = true;
            if let Some(form) = self.form.for_people() {
                form.open_part(part, &mut text);
            }
        }
        let mut piece = text.into_bytes();
        piece.extend(self.made(told));
        self.counts.shown += 1;
        self.put(piece)
    }

    /// Returns what was made of the steps of a subagent that came last.
    fn told_steps(&mut self) -> String {
        let mut text = String::new();
        if let Some(steps) = self.steps.take()
            && let Some(form) = self.form.for_people()
        {
            form.steps(&steps, &mut text);
        }
        text
    }

    fn put(&mut self, text: Vec<u8>) -> Result<()> {
        if let Extent::Last(count) = self.extent {
            if self.held.len() == count {
                self.held.pop_front();
            }
            self.held.push_back(text);
            return Ok(());
        }
        self.page.write(&text)?;
        if !self.is_flushed {
            // The first lines are there before the rest is read.
            self.is_flushed = true;
            self.page.flush()?;
        }
        Ok(())
    }

    fn made(&mut self, told: &Told<'_>) -> Vec<u8> {
        if let Some(form) = self.form.for_people() {
            let mut text = String::new();
            form.message(told, &mut text);
            return text.into_bytes();
        }
        let Form::Json { with_images } = self.form else { return self.raw(told) };
        let mut line = Vec::new();
        let part = self.part.as_ref().map(|(part, _)| part.id.clone());
        let whose = Whose { part: part.or_else(|| self.whose.part.clone()), ..self.whose.clone() };
        let more = Named { schema: &schema("show") };
        json::write_with_more(told, &whose, with_images, &more, &mut line);
        match self.is_terminal {
            true => safe_json(String::from_utf8_lossy(&line).into_owned()).into_bytes(),
            false => line,
        }
    }

    /// Returns the line that a message stands on, for the first message of it.
    fn raw(&mut self, told: &Told<'_>) -> Vec<u8> {
        let line = told.message.index.line;
        if self.last_raw.replace(line) == Some(line) {
            return Vec::new();
        }
        let mut line = raw_bytes(told.line().0, self.is_terminal).into_owned();
        line.push(b'\n');
        line
    }

    /// Takes a part that ran here and is not told.
    pub(super) fn part(&mut self, part: &Part) -> Result<()> {
        if !self.choice.is_of_all() || part.is_note() || matches!(self.extent, Extent::Around(..)) {
            return Ok(());
        }
        let mut text = self.told_steps();
        if let Some(form) = self.form.for_people() {
            form.part(part, &mut text);
        }
        self.beside(&text)
    }

    /// Prints what belongs to the message before it.
    fn beside(&mut self, text: &str) -> Result<()> {
        match (&self.extent, self.held.back_mut()) {
            (Extent::Last(_), Some(last)) => last.extend_from_slice(text.as_bytes()),
            (Extent::Last(_), None) => {}
            _ => self.page.write(text.as_bytes())?,
        }
        Ok(())
    }

    /// Begins a part whose messages follow.
    pub(super) fn open_part(&mut self, part: &Part) -> Result<()> {
        let text = self.told_steps();
        self.beside(&text)?;
        self.part = Some((part.clone(), false));
        Ok(())
    }

    /// Ends the part that was begun.
    pub(super) fn close_part(&mut self) -> Result<()> {
        let mut text = self.told_steps();
        if let Some((_, true)) = self.part.take()
            && let Some(form) = self.form.for_people()
        {
            form.close_part(&mut text);
        }
        self.beside(&text)
    }

    /// Prints what is left, and waits for the reader.
    pub(super) fn end(mut self) -> Result<Counts> {
        let steps = self.told_steps();
        self.held.push_back(steps.into_bytes());
        for text in std::mem::take(&mut self.held) {
            self.page.write(&text)?;
        }
        if let Extent::Last(count) = self.extent {
            // Of what stands before it is not known what is hidden.
            let shown = self.counts.shown.min(count as u64);
            let is_last = self.counts.is_cut || self.counts.shown > shown;
            self.counts = Counts { shown, is_last, is_cut: self.counts.is_cut, ..Counts::default() };
        }
        self.counts.is_chosen = !self.choice.is_of_all();
        let is_whole = !matches!(self.extent, Extent::Around(..));
        let mut text = String::new();
        if is_whole && let Some(form) = self.form.for_people() {
            form.end(&self.counts, &mut text);
        }
        self.page.write(text.as_bytes())?;
        self.page.close()?;
        Ok(self.counts)
    }
}

/// Returns stored text for standard output: as it is, or harmless on a terminal.
pub(super) fn raw_bytes(text: &[u8], is_terminal: bool) -> Cow<'_, [u8]> {
    if !is_terminal {
        return Cow::Borrowed(text);
    }
    let mut safe = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let (line, end) = line.strip_suffix(b"\n").map_or((line, ""), |line| (line, "\n"));
        safe.extend_from_slice(terminal_safe(line).as_bytes());
        safe.extend_from_slice(end.as_bytes());
    }
    Cow::Owned(safe)
}
