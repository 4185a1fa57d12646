//! Prints messages that were found: for a terminal, by session; for a pipe, a line each; as JSON.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::around::{Line, Passage};
use super::json;
use crate::agents;
use crate::cli::common::output::Output;
use crate::error::{Error, Result};
use crate::message::Kind;
use crate::message::told::Told;
use crate::report::terminal::Palette;
use crate::report::text::{Escape, escape, fit};
use crate::report::{Reporter, terminal_safe};
use crate::search::messages::{Hit, Place, Search, Sink, Snippet, Wanted};

/// Columns for who speaks, or the tool.
const SPEAKER_COLUMNS: usize = 12;

/// What results are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Terminal,
    Pipe,
    Json,
}

/// Writes results as they come.
pub(super) struct Printer<'a> {
    output: Output,
    layout: Layout,
    palette: Palette,
    wanted: Wanted,
    has_context: bool,
    reporter: &'a Reporter,
    zone: TimeZone,
    passage: Passage,
    /// The archive whose messages are being written.
    path: Option<PathBuf>,
    /// What names the session whose messages are being written, on a terminal.
    session: Option<String>,
}

impl<'a> Printer<'a> {
    pub(super) fn new(
        output: Output,
        layout: Layout,
        palette: Palette,
        search: &Search,
        reporter: &'a Reporter,
    ) -> Printer<'a> {
        Printer {
            output,
            layout,
            palette,
            wanted: search.wanted,
            has_context: search.around.before > 0 || search.around.after > 0,
            reporter,
            zone: TimeZone::system(),
            passage: Passage::default(),
            path: None,
            session: None,
        }
    }

    /// Hands over everything that was written.
    pub(super) fn finish(mut self) -> Result<()> {
        self.output.flush()
    }

    fn write_path(&mut self, path: &Path) -> Result<()> {
        let bytes = path.as_os_str().as_encoded_bytes();
        self.output.write(self.palette.path)?;
        match self.layout {
            // A path for a program must name the file.
            Layout::Pipe => self.output.write(bytes)?,
            Layout::Terminal | Layout::Json => self.output.write(terminal_safe(bytes).as_bytes())?,
        }
        self.output.write(self.palette.reset)
    }

    /// Writes a message on a line of its own, behind `:` if it was found, behind `-` if it stands near one that was.
    fn write_piped(&mut self, place: &Place, told: &Told, snippet: &Snippet, sign: char) -> Result<()> {
        self.write_path(place.path)?;
        let Palette { number, reset, .. } = self.palette;
        let index = told.message.index;
        let text = colored(snippet, Escape::Pipe, self.palette);
        self.output
            .line(format!("{sign}{number}{}{reset}{sign}{number}{index}{reset}{sign} {text}", index.line))
    }

    fn write_shown(&mut self, place: &Place, told: &Told, snippet: &Snippet, is_found: bool) -> Result<()> {
        let Palette { number, reset, .. } = self.palette;
        let time = told.message.time.map_or_else(String::new, |time| self.time(time, "%m-%d %H:%M"));
        let speaker = speaker(told);
        let speaker = fit(&speaker, SPEAKER_COLUMNS);
        let text = colored(snippet, Escape::Terminal, self.palette);
        let address = if is_found { address(place, told) } else { format!("#{}", told.message.index) };
        let address = terminal_safe(address.as_bytes());
        self.output.line(format!("  {time:11}  {speaker:SPEAKER_COLUMNS$}  {text}  {number}{address}{reset}"))
    }

    /// Writes what a session is, before its first message.
    fn write_session(&mut self, place: &Place) -> Result<()> {
        let directory = place.session.map_or(place.path, |session| &session.stored.directory);
        let stem = place.session.map_or("", |session| &session.stored.stem);
        let name = format!("{}/{stem}", directory.display());
        if self.session.as_ref() == Some(&name) {
            return Ok(());
        }
        if self.session.replace(name).is_some() {
            self.output.write("\n")?;
        }
        let Palette { path, reset, .. } = self.palette;
        let Some(session) = place.session else {
            self.write_path(place.path)?;
            return self.output.write("\n");
        };
        let title = session.title.as_deref().unwrap_or("(no title)");
        let agent = session.agent.as_deref().unwrap_or("");
        let label = agents::agent(agent).map_or(agent, |agent| agent.label());
        let date = session.last.map_or_else(String::new, |time| self.time(time, "%Y-%m-%d %H:%M"));
        let id = place.short_id.unwrap_or(&session.session_id);
        let facts =
            [title, &session.project_slug, label, &date, id].map(|fact| terminal_safe(fact.as_bytes()));
        let [title, facts @ ..] = &facts;
        let facts: Vec<&str> = facts.iter().map(|fact| &**fact).filter(|fact| !fact.is_empty()).collect();
        self.output.line(format!("{path}{title}{reset}  {}", facts.join("  ")))
    }

    fn time(&self, time: Timestamp, format: &str) -> String {
        time.to_zoned(self.zone.clone()).strftime(format).to_string()
    }

    fn write(&mut self, place: &Place, line: &Line) -> Result<()> {
        let (told, snippet, is_found) = match line {
            Line::Found(hit) => (hit.told(), hit.snippet.clone(), true),
            Line::Near(near) => (near.told(), Snippet::of(&near.told().text(), &[]), false),
            Line::Gap => return self.output.line("--"),
        };
        match self.layout {
            Layout::Terminal => self.write_shown(place, &told, &snippet, is_found),
            _ => self.write_piped(place, &told, &snippet, if is_found { ':' } else { '-' }),
        }
    }
}

impl Sink for Printer<'_> {
    fn hit(&mut self, place: &Place, hit: Hit) -> Result<ControlFlow<()>> {
        if self.layout == Layout::Json {
            let address = address(place, &hit.told());
            let line = json::line(place, &json::whose(place), &address, &hit, self.has_context);
            self.output.line(line)?;
            return Ok(ControlFlow::Continue(()));
        }
        let is_first = self.path.as_ref().is_none_or(|path| path != place.path);
        if is_first {
            let is_other = self.path.replace(place.path.to_owned()).is_some();
            if self.layout == Layout::Terminal {
                self.write_session(place)?;
            } else if is_other && self.has_context {
                self.output.line("--")?;
            }
        }
        for line in self.passage.take(hit) {
            self.write(place, &line)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn archive(&mut self, place: &Place, count: u64) -> Result<ControlFlow<()>> {
        match self.wanted {
            Wanted::Messages => {
                for near in self.passage.end() {
                    self.write(place, &Line::Near(near))?;
                }
                return Ok(ControlFlow::Continue(()));
            }
            Wanted::Archives => self.write_path(place.path)?,
            Wanted::Count => {
                self.write_path(place.path)?;
                let Palette { number, reset, .. } = self.palette;
                self.output.write(format!(": {number}{count}{reset}"))?;
            }
        }
        self.output.write("\n")?;
        Ok(ControlFlow::Continue(()))
    }

    fn damaged(&mut self, error: &Error) {
        self.reporter.warn(error);
    }

    fn idle(&mut self) -> Result<()> {
        self.output.flush()
    }
}

/// Returns what names a message on a command line.
fn address(place: &Place, told: &Told) -> String {
    match place.short_id {
        Some(id) => format!("{id}#{}", told.message.index),
        None => format!("{}#{}", place.path.display(), told.message.index),
    }
}

/// Returns who speaks, or which tool, or what sort of thing it is; harmless.
fn speaker(told: &Told) -> String {
    let name = told.name();
    let speaker = match told.message.kind {
        Kind::ToolCall | Kind::ToolResult | Kind::Event if !name.is_empty() => &*name,
        Kind::Thinking | Kind::Summary => told.message.kind.name(),
        _ => told.message.role.name(),
    };
    terminal_safe(speaker.as_bytes()).into_owned()
}

/// Returns a snippet harmless, with its matches coloured.
fn colored(snippet: &Snippet, how: Escape, palette: Palette) -> String {
    let text = snippet.text.as_bytes();
    if palette.found.is_empty() {
        return escape(text, how).into_owned();
    }
    let mut shown = String::with_capacity(text.len() + 32);
    let mut done = 0;
    for range in &snippet.matches {
        shown.push_str(&escape(&text[done..range.start], how));
        shown.push_str(palette.found);
        shown.push_str(&escape(&text[range.clone()], how));
        shown.push_str(palette.reset);
        done = range.end;
    }
    shown.push_str(&escape(&text[done..], how));
    shown
}
