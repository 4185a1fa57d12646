//! `sessionkeep stats`: how much there is of what.
//!
//! In: the options that choose sessions, and what to add up by. Out: sums, as tables or as JSON. Here they are asked for;
//! `by` is what they are made by, `table` lays them out for people.

mod by;
mod table;

use std::mem::ManuallyDrop;

use serde_json::{Map, Value, json};

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use super::common::select::SelectArgs;
use crate::error::{Kind, Result};
use crate::platform::thread_pool;
use crate::report::terminal::Palette;
use crate::view::counts::gather::gather;
use crate::view::counts::groups::{self, Sum};
use by::By;

const EXAMPLES: &str = "\
Examples:
  sessionkeep stats
  sessionkeep stats --by model,month --since 90d
  sessionkeep stats --by tool --project my-repo --limit 0
  sessionkeep stats --json | jq '.by_model[] | {name, output_tokens}'

Messages are all that was said, done or thought, subagents with it; prompts are what you typed. Tokens are
as agents tell them, each answer once; what was read from a cache stands apart. A session is counted in the
month in which it began (UTC), and by model in every group it has answers of. Of a session that was
rewritten only the newest version counts, but for bytes. A copy that an agent made of a session (a fork)
is a session of its own, and what it holds counts there as well.

Each archive is read once: what it holds is remembered in the store.

Exit codes: 0 done, 1 no session, 2 usage, 3 some archives could not be read.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What to add up by; a list with commas, or repeated [default: agent, month, model, tool]
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    by: Vec<By>,
    /// Show the N largest groups, of months the last N; 0 for all
    #[arg(long, value_name = "N", default_value_t = 12)]
    limit: usize,
    /// Print all sums as one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    select: SelectArgs,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let config = context.reading_config()?;
    let reporter = context.reporter();
    let filter = args.select.filter(&context.environment)?;
    let pool = thread_pool(config.threads())?;
    // Never dropped: the program ends here, and to free 100,000 of them one by one takes time.
    let gathered = ManuallyDrop::new(pool.install(|| gather(&config.store.path, &filter, &reporter))?);
    let total = groups::total(&gathered.tallies);
    let chosen: &[By] = match (args.by.is_empty(), args.json) {
        (false, _) => &args.by,
        (true, true) => &By::ALL,
        (true, false) => &By::USUAL,
    };
    let sums: Vec<(By, Vec<Sum>)> =
        chosen.iter().map(|by| (*by, groups::by(by.groups(), &gathered.tallies))).collect();
    let mut output = Output::new();
    if args.json {
        output.line(to_json(&total, &sums)?)?;
    } else if total.sessions > 0 {
        let palette = Palette::new(config.is_colored(output.is_terminal()));
        table::print(&total, &sums, args.limit, palette, &mut output)?;
    }
    output.flush()?;
    if total.sessions == 0 && gathered.failed == 0 {
        reporter.say("no sessions; sessionkeep import archives them");
        args.select.explain_nothing(&config.store.path, &reporter);
    }
    Ok(match (gathered.failed, total.sessions) {
        (0, 0) => 1,
        (0, _) => 0,
        _ => Kind::Source.exit_code(),
    })
}

fn to_json(total: &Sum, sums: &[(By, Vec<Sum>)]) -> Result<String> {
    let mut object = Map::new();
    let mut all = json!(total);
    if let Value::Object(all) = &mut all {
        all.shift_remove("name");
        all.insert("ratio".to_owned(), json!((total.ratio() * 100.0).round() / 100.0));
    }
    object.insert("total".to_owned(), all);
    for (by, sums) in sums {
        object.insert(format!("by_{}", by.name()), json!(sums));
    }
    json::pretty(&json::with_schema("stats", Value::Object(object)))
}
