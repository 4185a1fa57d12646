//! Exports sessions into a directory, or one into a file.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::directory::{Directory, Unfinished};
use super::fingerprint::Files;
use super::form::Form;
use super::manifest::{MANIFEST_FILE, Manifest, Written};
use crate::error::{Error, Kind, Result};
use crate::platform::process;
use crate::platform::sync::lock;
use crate::report::laps::Laps;
use crate::report::{Reporter, units};
use crate::search::sessions::Session;
use crate::view::html::{Figures, Source, Write};
use crate::view::opened;
use crate::view::session::parts_of;
use crate::view::site;

/// What is to be exported into a directory.
pub(crate) struct Request<'a> {
    /// Root of the store.
    pub store: &'a Path,
    pub sessions: &'a [Session<'a>],
    pub form: &'a dyn Form,
    pub directory: &'a Path,
    /// Write a list of all sessions beside them.
    pub is_site: bool,
    /// Write into a directory that holds something else, and render everything again.
    pub is_forced: bool,
    pub threads: usize,
}

/// What became of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub rendered: u64,
    pub unchanged: u64,
    pub failed: u64,
    /// Written.
    pub bytes: u64,
    /// The file in the directory that lists all sessions.
    pub list: Option<&'static str>,
}

/// Exports all sessions of `request`, each into a file of its own, those aside that would come out as they did last time. A
/// session that cannot be read is reported and counted.
///
/// # Errors
///
/// What makes it senseless to go on: the directory cannot be used, the disk is full, the user stopped it.
pub(crate) fn run(request: &Request<'_>, reporter: &Reporter) -> Result<Done> {
    let mut laps = Laps::start(reporter);
    let directory = Directory::open(request.directory, request.is_forced)?;
    let manifest = Manifest::read(directory.root());
    if manifest.is_none() {
        // From here on the directory is ours, whatever happens.
        write_manifest(&directory, &Manifest::empty())?;
    }
    let known = manifest.unwrap_or_else(Manifest::empty);
    let run = Run {
        request,
        directory: &directory,
        recipe: request.form.recipe(),
        known: &known,
        reporter,
        is_over: AtomicBool::new(false),
        fatal: Mutex::new(None),
    };
    let mut sessions: Vec<(&Session<'_>, Files)> =
        request.sessions.par_iter().map(|session| (session, Files::of(session))).collect();
    // The largest first, so that none is left over for one thread at the end.
    sessions.sort_by_key(|(_, files)| std::cmp::Reverse(files.bytes()));
    reporter.start_progress("exporting", sessions.iter().map(|(_, files)| files.bytes()).sum());
    let outcomes: Vec<(&Session<'_>, String, Outcome)> = sessions
        .par_iter()
        .with_max_len(1)
        .map(|(session, files)| {
            let path = request.form.path(session, request.store);
            let outcome = run.export(session, files, &path);
            reporter.advance(files.bytes());
            (*session, path, outcome)
        })
        .collect();
    reporter.finish_progress();
    let of_sessions = units::count(outcomes.len() as u64, "session");
    laps.step(format_args!("rendering {of_sessions} on {}", units::count(request.threads as u64, "thread")));
    let fatal = lock(&run.fatal).take();
    let mut done = Done::default();
    let mut manifest = known;
    let mut entries = Vec::with_capacity(outcomes.len());
    for (session, path, outcome) in outcomes {
        let written = match outcome {
            Outcome::Rendered(written) => {
                done.rendered += 1;
                done.bytes += written.bytes;
                written
            }
            Outcome::Unchanged(written) => {
                done.unchanged += 1;
                written
            }
            Outcome::Failed => {
                done.failed += 1;
                manifest.files.remove(&path);
                continue;
            }
            Outcome::Left => continue,
        };
        entries.push(site::Entry { session, path: path.clone(), figures: written.figures });
        manifest.files.insert(path, written);
    }
    write_manifest(&directory, &manifest)?;
    if let Some(error) = fatal {
        return Err(error);
    }
    if request.is_site {
        for (name, bytes) in request.form.list(&mut entries, reporter)? {
            directory.write(name, &bytes)?;
            done.list.get_or_insert(name);
        }
    }
    laps.step("writing the list and what is remembered");
    laps.end("export");
    Ok(done)
}

/// Exports one session in the form `form` to `write`.
///
/// # Errors
///
/// When its archive cannot be opened, and those of `write`.
pub(crate) fn run_one(
    session: &Session<'_>,
    form: &dyn Form,
    depth: usize,
    threads: usize,
    write: &mut Write<'_>,
) -> Result<Figures> {
    let stored = &session.stored;
    let opened = match stored.is_orphaned() {
        true => None,
        false => Some(opened::open(&stored.archive_path())?),
    };
    let parts = parts_of(stored)?;
    form.render(&Source { session, opened: opened.as_ref(), parts: &parts, threads }, depth, write)
}

/// Exports one session into the file at `path`; returns its bytes.
///
/// # Errors
///
/// As [`run_one`], and [`Kind::Usage`] when the file is there and not to be replaced.
pub(crate) fn run_into_file(
    session: &Session<'_>,
    form: &dyn Form,
    path: &Path,
    is_forced: bool,
    threads: usize,
) -> Result<u64> {
    let mut file = Unfinished::at(path)?;
    run_one(session, form, 0, threads, &mut |piece| file.write(piece))?;
    let bytes = file.bytes;
    file.finish(is_forced)?;
    Ok(bytes)
}

/// What all threads of an export share.
struct Run<'r> {
    request: &'r Request<'r>,
    directory: &'r Directory,
    recipe: String,
    known: &'r Manifest,
    reporter: &'r Reporter,
    is_over: AtomicBool,
    /// Why it is over.
    fatal: Mutex<Option<Error>>,
}

enum Outcome {
    Rendered(Written),
    Unchanged(Written),
    /// It was reported why.
    Failed,
    /// Not looked at: the run was over.
    Left,
}

impl Run<'_> {
    fn export(&self, session: &Session<'_>, files: &Files, path: &str) -> Outcome {
        if let Some(signal) = process::interrupted() {
            self.end(Error::new(Kind::Interrupted(signal), "stopped"));
        }
        if self.is_over.load(Ordering::Relaxed) {
            return Outcome::Left;
        }
        let stats = files.of_stats(&self.recipe);
        let mut contents = None;
        if !self.request.is_forced
            && let Some(known) = self.known.files.get(path)
            && self.directory.bytes_of(path) == Some(known.bytes)
        {
            if known.stats == stats {
                return Outcome::Unchanged(known.clone());
            }
            // Copied or touched, but the same.
            let now = contents.insert(files.of_contents(&self.recipe));
            if known.contents == *now {
                return Outcome::Unchanged(Written { stats, ..known.clone() });
            }
        }
        let contents = contents.unwrap_or_else(|| files.of_contents(&self.recipe));
        match self.render(session, path) {
            Ok((bytes, figures)) => Outcome::Rendered(Written { stats, contents, bytes, figures }),
            Err(error) if matches!(error.kind(), Kind::NoSpace | Kind::Interrupted(_)) => {
                self.end(error);
                Outcome::Left
            }
            Err(error) => {
                self.reporter.error(&error);
                Outcome::Failed
            }
        }
    }

    fn render(&self, session: &Session<'_>, path: &str) -> Result<(u64, Figures)> {
        let mut file = self.directory.begin(path)?;
        let depth = path.matches('/').count();
        let figures =
            run_one(session, self.request.form, depth, self.request.threads, &mut |piece| file.write(piece))?;
        let bytes = file.bytes;
        file.finish(true)?;
        Ok((bytes, figures))
    }

    /// Lets no thread begin another session.
    fn end(&self, error: Error) {
        self.is_over.store(true, Ordering::Relaxed);
        lock(&self.fatal).get_or_insert(error);
    }
}

fn write_manifest(directory: &Directory, manifest: &Manifest) -> Result<()> {
    let cannot =
        |error| Error::io(Kind::Store, "cannot write", &directory.root().path().join(MANIFEST_FILE), error);
    directory.write(MANIFEST_FILE, &manifest.encode().map_err(cannot)?)
}
