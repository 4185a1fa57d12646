//! Asks for messages.

use super::arguments::Args;
use super::print::{Layout, Printer};
use crate::cli::common::context::Context;
use crate::cli::common::output::Output;
use crate::error::{Kind, Result};
use crate::report::laps::Laps;
use crate::report::terminal::Palette;
use crate::report::units;
use crate::search::messages::{self, Around, Asked, Chosen, Query, Search, Wanted};

pub(super) fn run(args: &Args, context: &Context) -> Result<u8> {
    let config = context.reading_config()?;
    let reporter = context.reporter();
    let mut laps = Laps::start(&reporter);
    let queries: Vec<String> = std::iter::once(&args.query).chain(&args.more).cloned().collect();
    let query = Query::new(&Asked {
        queries: &queries,
        excluded: &args.exclude,
        is_regex: args.regex,
        ignores_case: args.ignore_case,
        is_whole_words: args.words,
    })?;
    let search = Search {
        root: &config.store.path,
        query: &query,
        filter: &args.select.filter(&context.environment)?,
        chosen: &chosen(args),
        wanted: match (args.files_with_matches, args.count) {
            (true, _) => Wanted::Archives,
            (false, true) => Wanted::Count,
            (false, false) => Wanted::Messages,
        },
        around: Around {
            before: args.before.or(args.context).unwrap_or(0),
            after: args.after.or(args.context).unwrap_or(0),
        },
        sort: args.sort.into(),
        max_results: args.max,
        threads: config.threads(),
    };
    let output = Output::new();
    let layout = match (args.json, output.is_terminal()) {
        (true, _) => Layout::Json,
        (false, true) => Layout::Terminal,
        (false, false) => Layout::Pipe,
    };
    let palette = Palette::new(config.is_colored(output.is_terminal()));
    let mut printer = Printer::new(output, layout, palette, &search, &reporter);
    let counts = messages::run(&search, &mut printer)?;
    printer.finish()?;
    laps.step(format_args!(
        "searching on {}: matches in {}",
        units::count(config.threads() as u64, "thread"),
        units::count(counts.archives, "archive")
    ));
    laps.end("search");
    if counts.archives == 0 {
        reporter.say(format_args!("no matches for '{}'", queries.join(" ")));
        args.select.explain_nothing(&config.store.path, &reporter);
    }
    Ok(match (counts.damaged, counts.archives) {
        (0, 0) => 1,
        (0, _) => 0,
        _ => Kind::Source.exit_code(),
    })
}

fn chosen(args: &Args) -> Chosen {
    let tools = args.choose.tool.iter().filter(|name| !name.is_empty());
    Chosen {
        roles: args.choose.role.clone(),
        kinds: args.choose.kind.clone(),
        tools: tools.map(|name| name.to_lowercase()).collect(),
        with_events: args.choose.events,
    }
}
