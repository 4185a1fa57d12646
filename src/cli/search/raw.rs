//! `search --raw`: asks for lines as they are stored.

use super::arguments::Args;
use super::raw_print::{Layout, Printer};
use crate::cli::common::context::Context;
use crate::cli::common::output::Output;
use crate::error::{Kind, Result};
use crate::report::terminal::Palette;
use crate::search::{self, Query, Search, Wanted};

pub(super) fn run(args: &Args, context: &Context) -> Result<u8> {
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
    let layout = match (args.json, args.bytes, output.is_terminal()) {
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
