//! What the program says: messages and warnings on stderr, paths on stdout, the progress bar.
//!
//! Owns the wording of the lines that scripts may rely on, and that nothing live reaches a terminal. Decides nothing
//! and never sees bytes of a transcript other than as text to be made harmless. What is to be masked in a message (the
//! path of a file may be a secret) is the caller's to say.
//!
//! In come messages, paths and counts of bytes; out go lines. Met in this order: here is who says it; `text` makes text
//! harmless, `units` writes numbers as people read them, `nearest` finds the name that somebody may have meant, `terminal`
//! knows how wide and coloured lines may be, `laps` says how long it took, `progress` draws the bar.

pub(crate) mod laps;
pub(crate) mod nearest;
pub(crate) mod progress;
pub(crate) mod terminal;
pub(crate) mod text;
pub(crate) mod units;

pub(crate) use progress::Progress;
pub(crate) use text::{safe_path, terminal_safe};

use crate::error::Error;
use crate::platform::sync::lock;
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::{Mutex, OnceLock};

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors and warnings only.
    Quiet,
    #[default]
    Normal,
    /// Also why each file was skipped, what was chosen, how long it took.
    Verbose,
    /// Also what each step did, and how long it took.
    Thorough,
}

impl Verbosity {
    /// Returns the verbosity that `-q` and so many `-v` ask for.
    pub fn from_flags(is_quiet: bool, verbose: u8) -> Verbosity {
        match (is_quiet, verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            (false, 1) => Verbosity::Verbose,
            (false, _) => Verbosity::Thorough,
        }
    }
}

/// Takes out of a message what must not be read in a log.
pub(crate) type Veil = Box<dyn Fn(&str) -> String + Send + Sync>;

/// The program's voice; one a run, shared by all threads.
pub struct Reporter {
    verbosity: Verbosity,
    messages: Mutex<Box<dyn Write + Send>>,
    paths: Mutex<Box<dyn Write + Send>>,
    /// Whether paths go to a terminal, and must be made harmless.
    is_path_terminal: bool,
    progress: OnceLock<Progress>,
    veil: Option<Veil>,
}

impl Reporter {
    /// Returns a reporter to this process's stderr and stdout.
    pub fn new(verbosity: Verbosity) -> Reporter {
        let mut reporter = Reporter::to(verbosity, Box::new(std::io::stderr()), Box::new(std::io::stdout()));
        reporter.is_path_terminal = std::io::stdout().is_terminal();
        reporter
    }

    /// Returns a reporter that writes messages and paths where it is told.
    pub fn to(
        verbosity: Verbosity,
        messages: Box<dyn Write + Send>,
        paths: Box<dyn Write + Send>,
    ) -> Reporter {
        Reporter {
            verbosity,
            messages: Mutex::new(messages),
            paths: Mutex::new(paths),
            is_path_terminal: false,
            progress: OnceLock::new(),
            veil: None,
        }
    }

    /// Returns a reporter that says nothing at all.
    pub fn silent() -> Reporter {
        Reporter::to(Verbosity::Quiet, Box::new(std::io::sink()), Box::new(std::io::sink()))
    }

    /// Has all errors, warnings and details go through `veil`.
    pub fn with_veil(self, veil: Veil) -> Reporter {
        Reporter { veil: Some(veil), ..self }
    }

    fn veiled(&self, message: &impl Display) -> String {
        let message = message.to_string();
        match &self.veil {
            Some(veil) => veil(&message),
            None => message,
        }
    }

    /// Returns how much is said.
    pub fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// Says one line, `[sessionkeep] MESSAGE`, unless quiet.
    pub fn say(&self, message: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            self.line("[sessionkeep] ", &message.to_string());
        }
    }

    /// Says one line if `-v` was given.
    pub fn detail(&self, message: impl Display) {
        if self.verbosity >= Verbosity::Verbose {
            self.line("[sessionkeep] ", &self.veiled(&message));
        }
    }

    /// Says a warning, also when quiet: something the user should know that did not stop the work.
    pub fn warn(&self, message: impl Display) {
        self.line("[sessionkeep] warning: ", &self.veiled(&message));
    }

    /// Says an error, also when quiet: `sessionkeep: cannot read PATH: reason`, and the hint on a line of
    /// its own.
    pub fn error(&self, error: &Error) {
        self.line("sessionkeep: ", &self.veiled(error));
        if let Some(hint) = error.hint() {
            self.line("hint: ", &self.veiled(&hint));
        }
    }

    /// Says what became of one transcript.
    pub fn archived(&self, lines: u64, masked_lines: u64, archive: &Path) {
        self.say(format_args!("archived {lines} lines ({masked_lines} masked) -> {}", archive.display()));
    }

    /// Says what would become of one transcript.
    pub fn would_archive(&self, lines: u64, masked_lines: u64, archive: &Path) {
        let archive = archive.display();
        self.say(format_args!("dry-run: {lines} lines, {masked_lines} with secrets -> {archive}"));
    }

    /// Says what became of an import from one place (`Codex`, a directory).
    pub fn imported(&self, place: &str, archived: u64, skipped: u64, is_dry_run: bool) {
        let verb = if is_dry_run { "would archive" } else { "archived" };
        self.say(format_args!("{place}: {verb} {archived}, skipped {skipped} already-archived"));
    }

    /// Writes the path of an archive to stdout, unless quiet: as it is to a pipe, made harmless on a terminal.
    ///
    /// A reader that has gone away must not stop archiving, so failures to write are dropped here.
    pub fn path(&self, path: &Path) {
        if self.verbosity == Verbosity::Quiet {
            return;
        }
        let mut line = if self.is_path_terminal {
            safe_path(path).into_bytes()
        } else {
            path.as_os_str().as_encoded_bytes().to_vec()
        };
        line.push(b'\n');
        self.around_progress(|| {
            let mut paths = lock(&self.paths);
            let _ = paths.write_all(&line).and_then(|()| paths.flush());
        });
    }

    /// Starts the progress bar over `total_bytes`, once a run. Hidden when quiet or not on a terminal.
    pub fn start_progress(&self, what: &str, total_bytes: u64) {
        self.progress.get_or_init(|| match self.verbosity {
            Verbosity::Quiet => Progress::hidden(),
            _ => Progress::new(&terminal_safe(what.as_bytes()), total_bytes),
        });
    }

    /// Adds `bytes` to what is done; nothing before [`Reporter::start_progress`].
    pub fn advance(&self, bytes: u64) {
        if let Some(progress) = self.progress.get() {
            progress.advance(bytes);
        }
    }

    /// Takes the progress bar off the terminal.
    pub fn finish_progress(&self) {
        if let Some(progress) = self.progress.get() {
            progress.finish();
        }
    }

    /// Writes one line to stderr in one piece, harmless whatever is in it. If stderr is gone there is nobody to tell.
    fn line(&self, prefix: &str, message: &str) {
        let line = format!("{prefix}{}\n", terminal_safe(message.as_bytes()));
        self.around_progress(|| {
            let mut messages = lock(&self.messages);
            let _ = messages.write_all(line.as_bytes()).and_then(|()| messages.flush());
        });
    }

    fn around_progress(&self, write: impl FnOnce()) {
        match self.progress.get() {
            Some(progress) => progress.suspend(write),
            None => write(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use std::sync::Arc;

    /// A place to write to that the test keeps a hand on.
    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Page {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    fn said(verbosity: Verbosity, talk: impl FnOnce(&Reporter)) -> (String, String) {
        let (messages, paths) = (Page::default(), Page::default());
        talk(&Reporter::to(verbosity, Box::new(messages.clone()), Box::new(paths.clone())));
        (messages.text(), paths.text())
    }

    #[test]
    fn the_lines_that_scripts_rely_on_keep_their_form() {
        let (messages, paths) = said(Verbosity::Normal, |reporter| {
            reporter.archived(1423, 2, Path::new("/s/a.jsonl.gz"));
            reporter.would_archive(3, 1, Path::new("/s/b.jsonl.gz"));
            reporter.imported("Codex", 7, 23, false);
            reporter.imported("./logs", 1, 0, true);
            reporter.path(Path::new("/s/a.jsonl.gz"));
        });
        assert_eq!(
            messages,
            "[sessionkeep] archived 1423 lines (2 masked) -> /s/a.jsonl.gz\n\
             [sessionkeep] dry-run: 3 lines, 1 with secrets -> /s/b.jsonl.gz\n\
             [sessionkeep] Codex: archived 7, skipped 23 already-archived\n\
             [sessionkeep] ./logs: would archive 1, skipped 0 already-archived\n"
        );
        assert_eq!(paths, "/s/a.jsonl.gz\n");
    }

    #[test]
    fn quiet_keeps_errors_and_warnings() {
        let (messages, paths) = said(Verbosity::Quiet, |reporter| {
            reporter.say("nothing");
            reporter.detail("nothing");
            reporter.path(Path::new("/nothing"));
            reporter.warn("one");
            reporter.error(&Error::new(Kind::Source, "cannot read").with_path("/a").with_hint("look"));
        });
        assert_eq!(messages, "[sessionkeep] warning: one\nsessionkeep: cannot read /a\nhint: look\n");
        assert_eq!(paths, "");
    }

    #[test]
    fn details_are_for_verbose_runs() {
        assert_eq!(said(Verbosity::Normal, |reporter| reporter.detail("x")).0, "");
        assert_eq!(said(Verbosity::Verbose, |reporter| reporter.detail("x")).0, "[sessionkeep] x\n");
    }

    #[test]
    fn no_message_can_forge_a_second_line_or_reach_the_terminal_live() {
        let (messages, _) = said(Verbosity::Normal, |reporter| {
            reporter.say("a\n[sessionkeep] forged\x1b]0;title\x07");
            reporter.error(&Error::new(Kind::Source, "cannot read").with_path("/a\r\nb\u{202e}"));
        });
        assert_eq!(
            messages,
            "[sessionkeep] a\\n[sessionkeep] forged\\x1b]0;title\\x07\n\
             sessionkeep: cannot read /a\\r\\nb\\u{202e}\n"
        );
    }

    #[test]
    fn errors_warnings_and_details_go_through_the_veil() {
        let page = Page::default();
        let reporter = Reporter::to(Verbosity::Verbose, Box::new(page.clone()), Box::new(std::io::sink()))
            .with_veil(Box::new(|message| message.replace("hidden", "***")));
        reporter.warn("a hidden one");
        reporter.detail("hidden");
        reporter.error(&Error::new(Kind::Source, "cannot read").with_path("/hidden").with_hint("not hidden"));
        assert!(!page.text().contains("hidden"), "{}", page.text());
    }

    #[test]
    fn paths_on_a_pipe_keep_their_bytes() {
        let (_, paths) = said(Verbosity::Normal, |reporter| reporter.path(Path::new("/s/ä\tb.gz")));
        assert_eq!(paths, "/s/ä\tb.gz\n");
    }
}
