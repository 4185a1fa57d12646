//! `sessionkeep export`: sessions as files for a browser and for other programs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use super::common::select::{SelectArgs, ambiguous};
use crate::error::{Error, Kind, Result};
use crate::platform::process;
use crate::platform::thread_pool;
use crate::report::text::safe_json;
use crate::report::{Reporter, safe_path, terminal_safe, units};
use crate::search::sessions::{self, Filter, Session};
use crate::view::export::{self, Done, Form, Html, Markdown, Ndjson, Request};
use crate::view::html::Look;
use crate::view::session::{Address, Found, find};
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  sessionkeep export --html @last                  the latest session, as a page in this directory
  sessionkeep export --html 1a2b3c4d -o page.html  one session, by the beginning of its id
  sessionkeep export --html --all site/            all sessions, and site/index.html, their list
  sessionkeep export --html --project app --since 30d -o pages/
  sessionkeep export --markdown @last -o -         as a document, to standard output
  sessionkeep export --ndjson --all tables/        messages as tables, and sessions.ndjson

A page needs no other file and asks for nothing from anywhere; it runs nothing of what was said in
it. Of events, only those that say something to people are shown, and of very long texts the
beginning, unless --full asks for everything.

Lines of JSON hold everything. In a directory they are agent=A/month=M/SESSION.ndjson.gz, as table
engines like to have it.

Into a directory, only what changed since the last time is written. Files lie there as their
archives lie in the store. All of it is as private as the store: for you alone.

Exit codes: 0 done, 1 nothing to export, 3 done, but some sessions could not be read.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("form").required(true))]
pub(crate) struct Args {
    /// Sessions: the beginning of an id, @last, @last~1, or the path of an archive
    #[arg(value_name = "SESSION", conflicts_with = "all")]
    sessions: Vec<OsString>,
    /// Write a page for a browser for each session
    #[arg(long, group = "form")]
    html: bool,
    /// Write a Markdown document for each session
    #[arg(long, group = "form")]
    markdown: bool,
    /// Write the messages of each session as lines of JSON: a table that DuckDB, Polars and Spark read
    #[arg(long, group = "form")]
    ndjson: bool,
    /// Export all sessions (that the options below choose) into DIR, and a list of them
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    all: Option<Option<PathBuf>>,
    /// Where to: a file for one session, `-` for standard output, else a directory
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,
    /// Leave nothing out
    #[arg(long)]
    full: bool,
    /// Write over what is there, whatever it is, and render everything again
    #[arg(long)]
    force: bool,
    /// Print what was written as one JSON object, instead of a path
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    select: SelectArgs,
}

/// Where the files go.
enum Target {
    Standard,
    File(PathBuf),
    Directory(PathBuf),
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let config = context.reading_config()?;
    let reporter = context.reporter();
    let store = &config.store.path;
    let filter = args.select.filter(&context.environment)?;
    let (stored, listing) = match args.sessions.is_empty() {
        true => sessions::of_store(store)?,
        false => Default::default(),
    };
    let chosen = match args.sessions.is_empty() {
        true if args.all.is_none() && filter.is_empty() => return Err(nothing_named()),
        true => sessions::read_all(stored, &listing, &filter),
        false => named(&args.sessions, store, &filter, &reporter)?,
    };
    if chosen.is_empty() {
        reporter.say("no archived sessions found");
        args.select.explain_nothing(store, &reporter);
        return Ok(1);
    }
    let threads = config.threads();
    let target = target(args, &chosen)?;
    let is_directory = matches!(target, Target::Directory(_));
    if !matches!(target, Target::Standard) {
        // So that no half of a file stays behind.
        process::catch_stop_signals();
    }
    let form: Box<dyn Form> = if args.ndjson {
        Box::new(Ndjson { store, is_packed: is_directory })
    } else if args.markdown {
        Box::new(Markdown { is_full: args.full })
    } else {
        Box::new(Html { look: Look { is_full: args.full }, is_site: args.all.is_some() })
    };
    thread_pool(threads)?.install(|| match target {
        Target::Directory(directory) => {
            let request = Request {
                store,
                sessions: &chosen,
                form: &*form,
                directory: &directory,
                is_site: args.all.is_some(),
                is_forced: args.force,
                threads,
            };
            let done = export::run(&request, &reporter)?;
            summary(&done, &directory, &reporter);
            match args.json {
                true => print_json(form_name(args), &directory, &done)?,
                false => print_path(&done.list.map_or(directory.clone(), |list| directory.join(list)))?,
            }
            Ok(if done.failed > 0 { 3 } else { 0 })
        }
        Target::File(path) => {
            export::run_into_file(&chosen[0], &*form, &path, args.force, threads)?;
            let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
            match args.json {
                true => print_json(form_name(args), &path, &Done { rendered: 1, bytes, ..Done::default() })?,
                false => print_path(&path)?,
            }
            Ok(0)
        }
        Target::Standard => {
            let mut output = Output::new();
            // Markdown and pages steer no terminal; JSON may, unless what would is written as JSON escapes it.
            let is_escaped = args.ndjson && output.is_terminal();
            let mut rest: Vec<u8> = Vec::new();
            export::run_one(&chosen[0], &*form, 0, threads, &mut |piece| {
                if !is_escaped {
                    return output.write(piece);
                }
                rest.extend_from_slice(piece);
                let end = memchr::memrchr(b'\n', &rest).map_or(0, |newline| newline + 1);
                let lines: Vec<u8> = rest.drain(..end).collect();
                output.write(safe_json(String::from_utf8_lossy(&lines).into_owned()))
            })?;
            output.write(safe_json(String::from_utf8_lossy(&rest).into_owned()))?;
            output.flush()?;
            Ok(0)
        }
    })
}

/// Finds the sessions that were named, each once.
fn named(
    names: &[OsString],
    store: &Path,
    filter: &Filter,
    reporter: &Reporter,
) -> Result<Vec<Session<'static>>> {
    let mut chosen: Vec<Session<'static>> = Vec::new();
    for name in names {
        let address = Address::parse(name)?;
        if address.index.is_some() {
            let error = Error::new(Kind::Usage, format!("'{}' names a message", Path::new(name).display()));
            return Err(error.with_hint("export takes whole sessions; sessionkeep show prints one message"));
        }
        match find(store, &address.name, filter)? {
            Found::One(session) => {
                if !chosen.iter().any(|known| known.stored == session.stored) {
                    chosen.push(*session);
                }
            }
            Found::Several(several) => {
                return Err(ambiguous(&address.name, &several, reporter));
            }
        }
    }
    Ok(chosen)
}

fn nothing_named() -> Error {
    let error = Error::new(Kind::Usage, "no session is named");
    error.with_hint("name one (its id, @last), choose with --project or --since, or export --all")
}

/// Decides where the files go.
fn target(args: &Args, chosen: &[Session<'_>]) -> Result<Target> {
    let usage = |what: &str, hint: &str| Err(Error::new(Kind::Usage, what).with_hint(hint));
    if let Some(site) = &args.all {
        return match (site, &args.output) {
            (Some(directory), None) | (None, Some(directory)) => Ok(Target::Directory(directory.clone())),
            (Some(_), Some(_)) => usage("two directories are named", "name one, with --all or with -o"),
            (None, None) => usage("no directory is named", "write --all DIR"),
        };
    }
    let is_one = args.sessions.len() == 1 && chosen.len() == 1;
    match &args.output {
        Some(path) if path.as_os_str() == "-" && args.json => usage(
            "--json and the session cannot both go to standard output",
            "leave out --json, or write -o FILE",
        ),
        Some(path) if path.as_os_str() == "-" && is_one => Ok(Target::Standard),
        Some(path) if path.as_os_str() == "-" => {
            usage("more than one session cannot go to standard output", "write -o DIR")
        }
        Some(path) if !is_one || path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/") => {
            Ok(Target::Directory(path.clone()))
        }
        Some(path) => Ok(Target::File(path.clone())),
        None if is_one => {
            let suffix = if args.ndjson {
                ".ndjson"
            } else if args.markdown {
                ".md"
            } else {
                ".html"
            };
            Ok(Target::File(export::file_name(&chosen[0].stored, suffix).into()))
        }
        None => usage("no directory is named", "write -o DIR"),
    }
}

fn summary(done: &Done, directory: &Path, reporter: &Reporter) {
    let mut line = format!("exported {}", units::count(done.rendered, "session"));
    if done.rendered > 0 {
        line.push_str(&format!(" ({})", units::size(done.bytes)));
    }
    if done.unchanged > 0 {
        line.push_str(&format!(", {} unchanged", done.unchanged));
    }
    if done.failed > 0 {
        line.push_str(&format!(", {} could not be read", done.failed));
    }
    reporter.say(format_args!("{line}: {}", safe_path(directory)));
}

fn form_name(args: &Args) -> &'static str {
    match (args.html, args.markdown) {
        (true, _) => "html",
        (_, true) => "markdown",
        _ => "ndjson",
    }
}

fn print_json(form: &str, path: &Path, done: &Done) -> Result<()> {
    let mut output = Output::new();
    let object = json!({
        "form": form,
        "path": path.to_string_lossy(),
        "list": done.list,
        "exported": done.rendered,
        "unchanged": done.unchanged,
        "failed": done.failed,
        "bytes": done.bytes,
    });
    json::print("export", object, &mut output)?;
    output.flush()
}

fn print_path(path: &Path) -> Result<()> {
    let mut output = Output::new();
    output.line(terminal_safe(path.as_os_str().as_encoded_bytes()).as_bytes())?;
    output.flush()
}
