//! `sessionkeep list`: what is in the store, as a table, as JSON, or as fields with tabs between them.
//!
//! In: the options that choose sessions. Out: their list. Here it is asked for, and written as JSON; `sort` puts it in order,
//! `table` lays it out for people, `tabs` for other programs; `pruned` lists what was there.

mod pruned;
mod sort;
mod table;
mod tabs;

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use super::common::select::SelectArgs;
use crate::archive::ledger::pins::{self, Pin};
use crate::error::{Error, Kind, Result};
use crate::identity::{FILES, safe_id};
use crate::report::terminal::Palette;
use crate::report::text::safe_json;
use crate::search::sessions::{self, MetadataReader, Session};
use rayon::prelude::*;
use serde_json::Value;
use sort::Sort;
use std::mem::ManuallyDrop;

const EXAMPLES: &str = "\
Examples:
  sessionkeep list --limit 10
  sessionkeep list --project my-repo,other-repo --since 2026-06-01 --until 2026-06-30
  sessionkeep list --project ~/code --title 'flaky test' --model opus
  sessionkeep list --agent codex --branch main --sort size
  sessionkeep list --part-of 1a2b3c4d
  sessionkeep list --pruned
  sessionkeep list --json | jq -r '.[].session_id'
  sessionkeep list --tsv | cut -f 1,4

Sessions that ended last come first. Times are those of what is sorted by; with --sort size, of the
end. Where it is not known when a session ended, its start counts, or else when it was archived.

On a terminal the last column is the session's title where there is one, and columns that leave no
room for it are left out; in a pipe it is always the path of the archive, the title stands before
it, and nothing but long titles is cut. Subagents and other parts are counted with their session;
of one whose main transcript was never written there are \"parts only\", and the path is that of
their directory. In JSON, such a session has \"has_main\": false. Sessions that an agent copied say
from which one; --session finds them by its id, too.

With --pruned the list is of sessions that 'sessionkeep prune' removed: when, and by what rule. In JSON,
a session that 'sessionkeep pin' keeps has \"pinned\": true.

With --tsv the first line names the fields; in a field, a tab is \\t, a line break \\n or \\r, and a
backslash \\\\.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Show only the first N sessions; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    limit: usize,
    /// What to sort by: latest or largest first
    #[arg(long, value_enum, value_name = "BY", default_value_t = Sort::Ended)]
    sort: Sort,
    /// Print the full metadata as JSON
    #[arg(long)]
    json: bool,
    /// Print a line a session, with tabs between its fields
    #[arg(long, conflicts_with = "json")]
    tsv: bool,
    /// Show the parts (subagents, tool results) of the session with this id, or an id that begins so
    #[arg(long, value_name = "SESSION")]
    part_of: Option<String>,
    /// Show the sessions that were pruned, last pruned first
    #[arg(long, conflicts_with_all = ["part_of", "sort", "tsv"])]
    pruned: bool,
    #[command(flatten)]
    select: SelectArgs,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let config = context.reading_config()?;
    let filter = args.select.filter(&context.environment)?;
    if args.pruned {
        return pruned::run(&config.store.path, &filter, args.limit, args.json, context);
    }
    let (stored, listing) = sessions::of_store(&config.store.path)?;
    // Never dropped: the program ends here, and to free 100,000 of them one by one takes time.
    let all = ManuallyDrop::new(match &args.part_of {
        None => sessions::read_all(stored, &listing, &filter),
        Some(id) => sessions::parts_of(stored, &listing, id, &filter)?,
    });
    let mut sessions = args.sort.sorted(&all);
    if !filter.sessions.is_empty() {
        // What was asked for before what is only called so as well, or was copied from it.
        sessions.sort_by_key(|session| !filter.is_called(session));
    }
    if args.limit > 0 {
        sessions.truncate(args.limit);
    }
    let mut output = Output::new();
    if args.json {
        // What is pinned is a word beside the rest: a list without it is better than none.
        let pins = pins::read(&config.store.path).unwrap_or_default();
        print_json(&sessions, &pins, &mut output)?;
    } else if args.tsv {
        tabs::print(&sessions, &mut output)?;
    } else if sessions.is_empty() {
        let what = if args.part_of.is_some() { "parts" } else { "sessions" };
        let reporter = context.reporter();
        reporter.say(format_args!("no archived {what} found"));
        args.select.explain_nothing(&config.store.path, &reporter);
    } else {
        let palette = Palette::new(config.is_colored(output.is_terminal()));
        table::print(&sessions, args.sort, palette, &mut output)?;
    }
    output.flush()?;
    Ok(0)
}

/// Writes an array as Python's `json.dumps(..., indent=2)` lays it out, like sessionkeep 0.4.
fn print_json(sessions: &[&Session], pins: &[Pin], output: &mut Output) -> Result<()> {
    if sessions.is_empty() {
        return output.line("[]");
    }
    /// Sidecars that are read and laid out at a time: enough for all threads, little enough for the memory.
    const CHUNK: usize = 1024;
    /// Those that a thread takes of them: it opens their directory once.
    const BATCH: usize = 64;
    let mut before = "[\n";
    for chunk in sessions.chunks(CHUNK) {
        let batches: Vec<String> = chunk
            .par_chunks(BATCH)
            .with_max_len(1)
            .map(|batch| json_objects(batch, pins).map_err(|error| internal("cannot write JSON", error)))
            .collect::<Result<_>>()?;
        for objects in batches {
            output.write(before)?;
            output.write(objects)?;
            before = ",\n";
        }
    }
    output.line("\n]")
}

/// Returns the items of a JSON array, without its brackets.
fn json_objects(sessions: &[&Session], pins: &[Pin]) -> serde_json::Result<String> {
    let mut reader = MetadataReader::default();
    let object = |session: &&Session| {
        let mut object = reader.read(&session.stored);
        let agent = session.agent.as_deref().unwrap_or(FILES);
        if pins.iter().any(|pin| pin.is_of(agent, &safe_id(&session.session_id))) {
            object.insert("pinned".to_owned(), Value::from(true));
        }
        json::with_schema("list", Value::Object(object))
    };
    let objects: Vec<_> = sessions.iter().map(object).collect();
    let mut array = serde_json::to_string_pretty(&objects)?;
    array.truncate(array.len() - "\n]".len());
    array.drain(.."[\n".len());
    Ok(safe_json(array))
}

fn internal(what: &str, error: serde_json::Error) -> Error {
    Error::new(Kind::Internal, what).with_source(error)
}
