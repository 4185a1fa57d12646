//! Prints matches: for a terminal, for a pipe, as JSON.

use crate::cli::common::json::{internal, schema};
use crate::cli::common::output::Output;
use crate::error::{Error, Result};
use crate::report::terminal::Palette;
use crate::report::text::{Escape, escape, safe_json};
use crate::report::{Reporter, terminal_safe};
use crate::search::{FoundLine, Hits, Sink, Wanted, sessions};
use serde_json::{Value, json};
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

/// Bytes of a line that a terminal gets to see; a line of a transcript may have megabytes.
const EXCERPT_BYTES: usize = 240;

/// Bytes of them before the first match.
const LEAD_BYTES: usize = 80;

/// What results are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Terminal,
    Pipe,
    /// A pipe that takes control characters, too.
    Raw,
    Json,
}

/// Writes results as they come.
pub(crate) struct Printer<'a> {
    output: Output,
    layout: Layout,
    palette: Palette,
    wanted: Wanted,
    reporter: &'a Reporter,
    /// What JSON says about the archive whose lines are being written.
    about: Option<(PathBuf, Value)>,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(
        output: Output,
        layout: Layout,
        palette: Palette,
        wanted: Wanted,
        reporter: &'a Reporter,
    ) -> Printer<'a> {
        Printer { output, layout, palette, wanted, reporter, about: None }
    }

    /// Hands over everything that was written.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.output.flush()
    }

    fn write_path(&mut self, path: &Path) -> Result<()> {
        let bytes = path.as_os_str().as_encoded_bytes();
        self.output.write(self.palette.path)?;
        match self.layout {
            // A path for a program must name the file.
            Layout::Pipe | Layout::Raw => self.output.write(bytes)?,
            Layout::Terminal | Layout::Json => self.output.write(terminal_safe(bytes).as_bytes())?,
        }
        self.output.write(self.palette.reset)
    }

    fn write_json(&mut self, hits: &Hits, line: &FoundLine) -> Result<()> {
        if self.about.as_ref().is_none_or(|about| about.0 != hits.path) {
            self.about = Some((hits.path.to_owned(), about(hits)));
        }
        let about = self.about.as_ref().map_or(&Value::Null, |about| &about.1);
        let matches: Vec<Value> =
            line.matches.iter().map(|range| json!({"start": range.start, "end": range.end})).collect();
        let object = json!({
            "schema": schema("search-raw"),
            "path": hits.path.to_string_lossy(),
            "line": line.number,
            "session_id": about[0],
            "project": about[1],
            "agent": about[2],
            "text": String::from_utf8_lossy(line.text),
            "matches": matches,
        });
        let text = serde_json::to_string(&object).map_err(internal)?;
        self.output.line(safe_json(text))
    }

    fn write_text(&mut self, hits: &Hits, line: &FoundLine) -> Result<()> {
        self.write_path(hits.path)?;
        let Palette { number, reset, .. } = self.palette;
        self.output.write(format!(":{number}{}{reset}: ", line.number))?;
        match self.layout {
            Layout::Terminal => self.output.line(excerpt(line.text, line.matches, self.palette)),
            Layout::Raw => self.output.line(line.text),
            Layout::Pipe | Layout::Json => {
                self.output.line(colored(line.text, line.matches, Escape::Pipe, self.palette))
            }
        }
    }
}

impl Sink for Printer<'_> {
    fn line(&mut self, hits: &Hits, line: &FoundLine) -> Result<ControlFlow<()>> {
        match self.layout {
            Layout::Json => self.write_json(hits, line)?,
            _ => self.write_text(hits, line)?,
        }
        Ok(ControlFlow::Continue(()))
    }

    fn archive(&mut self, hits: &Hits, count: u64) -> Result<ControlFlow<()>> {
        match self.wanted {
            Wanted::Lines => return Ok(ControlFlow::Continue(())),
            Wanted::Any => self.write_path(hits.path)?,
            Wanted::Count => {
                self.write_path(hits.path)?;
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

/// Returns the session's id, its project and its agent as JSON has them, null where they are not known.
fn about(hits: &Hits) -> Value {
    if let Some(owner) = hits.owner {
        return json!([owner.session_id, owner.project_slug, owner.agent]);
    }
    // Another program's archive: its sidecar may say it.
    match sessions::one(hits.stored) {
        Some(session) => json!([session.session_id, session.project_slug, session.agent]),
        None => json!([null, null, null]),
    }
}

/// Returns the part of a line around its first match, with `…` where it was cut.
fn excerpt(line: &[u8], matches: &[Range<usize>], palette: Palette) -> String {
    let first = matches.first().map_or(0, |range| range.start);
    let start = if line.len() <= EXCERPT_BYTES { 0 } else { first.saturating_sub(LEAD_BYTES) };
    let start = character_start(line, start.min(line.len().saturating_sub(EXCERPT_BYTES)));
    let end = character_start(line, (start + EXCERPT_BYTES).min(line.len()));
    let shifted: Vec<Range<usize>> = matches
        .iter()
        .filter(|range| range.start < end && range.end > start)
        .map(|range| range.start.max(start) - start..range.end.min(end) - start)
        .collect();
    let text = colored(&line[start..end], &shifted, Escape::Terminal, palette);
    let cut = |is_cut: bool| if is_cut { "…" } else { "" };
    format!("{}{text}{}", cut(start > 0), cut(end < line.len()))
}

/// Returns the last place at or before `at` where a UTF-8 character starts.
fn character_start(line: &[u8], at: usize) -> usize {
    let is_start = |at: &usize| line.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    // A character has four bytes at most; what is no UTF-8 may be cut anywhere.
    (at.saturating_sub(3)..=at).rev().find(is_start).unwrap_or(at)
}

/// Returns `line` harmless, with its matches coloured.
fn colored(line: &[u8], matches: &[Range<usize>], how: Escape, palette: Palette) -> String {
    if palette.found.is_empty() {
        return escape(line, how).into_owned();
    }
    let mut text = String::with_capacity(line.len() + 32);
    let mut done = 0;
    for range in matches.iter().filter(|range| !range.is_empty()) {
        text.push_str(&escape(&line[done..range.start], how));
        text.push_str(palette.found);
        text.push_str(&escape(&line[range.clone()], how));
        text.push_str(palette.reset);
        done = range.end;
    }
    text.push_str(&escape(&line[done..], how));
    text
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "matches are lists of ranges, often of one")]
mod tests {
    use super::*;

    fn plain() -> Palette {
        Palette::new(false)
    }

    #[test]
    fn short_lines_are_shown_whole() {
        assert_eq!(excerpt(b"a \x1b[31mb", &[2..3], plain()), "a \\x1b[31mb");
        assert_eq!(excerpt(b"", &[], plain()), "");
    }

    #[test]
    fn long_lines_are_cut_around_the_match() {
        let line = format!("{}NEEDLE{}", "ä".repeat(500), "z".repeat(500));
        let shown = excerpt(line.as_bytes(), &[1000..1006], plain());
        assert!(shown.starts_with("…ä") && shown.ends_with("z…") && shown.contains("äNEEDLEz"), "{shown}");
        assert!(shown.len() <= EXCERPT_BYTES + 2 * "…".len());
        let at_end = excerpt(line.as_bytes(), &[1505..1506], plain());
        assert!(at_end.starts_with('…') && at_end.ends_with('z'));
        let at_start = excerpt(line.as_bytes(), &[0..2], plain());
        assert!(at_start.starts_with('ä') && at_start.ends_with('…'));
    }

    #[test]
    fn a_match_longer_than_the_excerpt_is_cut() {
        let line = "x".repeat(1000);
        let shown = excerpt(line.as_bytes(), &[0..1000], Palette::new(true));
        assert_eq!(shown, format!("\x1b[1;31m{}\x1b[0m…", "x".repeat(EXCERPT_BYTES)));
    }

    #[test]
    fn colours_enclose_matches_and_nothing_of_the_line_is_live() {
        let shown = colored(b"a\x1bb ab", &[0..1, 4..5], Escape::Pipe, Palette::new(true));
        assert_eq!(shown, "\x1b[1;31ma\x1b[0m\\x1bb \x1b[1;31ma\x1b[0mb");
    }
}
