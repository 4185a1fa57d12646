//! `sessionkeep search QUERY`: finds text in everything that was archived.
//!
//! In: the query and the options that choose sessions. Out: matches, and an exit code that says whether there were any. Here
//! the search is asked for; `print` writes what it finds.

mod print;

use super::common::context::Context;
use super::common::output::Output;
use super::common::select::SelectArgs;
use crate::error::{Kind, Result};
use crate::report::terminal::Palette;
use crate::search::{self, Query, Search, Wanted};
use print::{Layout, Printer};

const EXAMPLES: &str = "\
Examples:
  sessionkeep search TypeError
  sessionkeep search -i 'connection refused' --project my-repo --since 30d
  sessionkeep search -e 'panicked at .*\\.rs:[0-9]+' --max 20
  sessionkeep search -l migration | xargs zcat | jq -r .timestamp
  sessionkeep search --json TODO | jq -r '.path + \":\" + (.line | tostring)'

The query is looked for in the masked lines as they are stored, so secrets never come up again. Where
JSON escapes something (quotes, backslashes, line breaks, characters beyond ASCII), plain text is looked
for both as typed and as JSON stores it. With -e it is a regular expression (docs.rs/regex), matched
against each stored line as it is.

Results come sorted by path. On a terminal long lines are cut around the match; in a pipe they are whole,
with control characters escaped unless --raw is given.

Exit codes: 0 found, 1 nothing found, 2 usage, 3 some archives could not be read, so there may be more.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Text to search for
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    query: String,
    /// Ignore case, beyond ASCII too
    #[arg(short, long)]
    ignore_case: bool,
    /// Take the query as a regular expression
    #[arg(short = 'e', long)]
    regex: bool,
    /// Stop after N results
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max: Option<u64>,
    /// Print only the paths of archives with a match
    #[arg(short = 'l', long, conflicts_with_all = ["count", "json"])]
    files_with_matches: bool,
    /// Print how many lines match in each archive that has any
    #[arg(short, long, conflicts_with = "json")]
    count: bool,
    /// Print one JSON object for each matching line
    #[arg(long)]
    json: bool,
    /// Print lines byte for byte, control characters included, unless on a terminal
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    select: SelectArgs,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let config = context.reading_config()?;
    let reporter = context.reporter();
    let query = match args.regex {
        true => Query::of_pattern(&args.query, args.ignore_case)?,
        false => Query::of_text(&args.query, args.ignore_case)?,
    };
    let search = Search {
        root: &config.store.path,
        query: &query,
        filter: &args.select.filter(&context.environment)?,
        wanted: match (args.files_with_matches, args.count) {
            (true, _) => Wanted::Any,
            (false, true) => Wanted::Count,
            (false, false) => Wanted::Lines,
        },
        max_results: args.max,
        threads: config.threads(),
    };
    let output = Output::new();
    let layout = match (args.json, args.raw, output.is_terminal()) {
        (true, _, _) => Layout::Json,
        (false, _, true) => Layout::Terminal,
        (false, true, false) => Layout::Raw,
        (false, false, false) => Layout::Pipe,
    };
    let palette = Palette::new(config.is_colored(output.is_terminal()));
    let mut printer = Printer::new(output, layout, palette, search.wanted, &reporter);
    let counts = search::run(&search, &mut printer)?;
    printer.finish()?;
    if counts.archives == 0 {
        reporter.say(format_args!("no matches for '{}'", args.query));
    }
    Ok(match (counts.damaged, counts.archives) {
        (0, 0) => 1,
        (0, _) => 0,
        _ => Kind::Source.exit_code(),
    })
}
