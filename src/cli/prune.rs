//! `sessionkeep prune`: removes sessions from the store by rules that say what is kept.

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use super::common::select::SelectArgs;
use crate::error::{Error, Kind, Result};
use crate::report::text::fit;
use crate::report::{Reporter, terminal, terminal_safe, units};
use crate::upkeep::prune::amount::{Age, Size};
use crate::upkeep::prune::forget::forget;
use crate::upkeep::prune::policy::Policy;
use crate::upkeep::prune::run::{self, Decided, GroupBy, Outcome, Request, Sum};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

const EXAMPLES: &str = "\
Examples:
  sessionkeep prune --older-than 12m                         what would go: nothing is removed
  sessionkeep prune --older-than 12m --yes                   remove it
  sessionkeep prune --keep-within 180d --keep-monthly 24 --group-by project
  sessionkeep prune --keep-last 20 --agent codex --yes
  sessionkeep prune --max-size 5GiB --keep-within 30d
  sessionkeep prune --all --project scratch --yes
  sessionkeep prune --forget 1a2b3c4d                        let imports archive it again

Without --yes nothing is removed. The --keep rules are restic's: each names what is kept, several
add up, and all else goes. --older-than and --max-size name what goes, the oldest first, and never
what a --keep rule names; with one of them, what no rule names stays. A session's time is its end,
as 'sessionkeep list' shows it; days, ISO weeks, months and years are local. Of a day (week...)
the latest session is kept; where there are fewer days than asked for, the oldest session, too, as
restic does. Options that choose sessions leave all others out of everything. Rules count all
chosen sessions together, or those of each group with --group-by; --max-size counts them all
together. All versions and parts of a session are one. Pinned sessions ('sessionkeep pin') stay
whatever is asked for.

Sources are left alone. What was pruned is not archived again, even moved, copied or after the
catalog is lost, unless it has grown: then it is archived anew as a whole. 'sessionkeep list
--pruned' shows it.

Ages: 36h, 180d, 6w, 12m (months), 2y, 1y6m. Sizes: 500MiB, 5GiB, 800MB.

Exit codes: 0 done, 1 the store cannot be used, 2 no rule, 3 some sessions could not be removed,
75 another run is busy.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Keep the latest N sessions
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "What is kept")]
    keep_last: Option<u64>,
    /// Keep sessions that ended at most this much before the latest one: 180d, 12m
    #[arg(long, value_name = "AGE", value_parser = age, help_heading = "What is kept")]
    keep_within: Option<Age>,
    /// Keep the latest session of each of the last N days that have any
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "What is kept")]
    keep_daily: Option<u64>,
    /// Keep the latest session of each of the last N weeks (ISO) that have any
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "What is kept")]
    keep_weekly: Option<u64>,
    /// Keep the latest session of each of the last N months that have any
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "What is kept")]
    keep_monthly: Option<u64>,
    /// Keep the latest session of each of the last N years that have any
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "What is kept")]
    keep_yearly: Option<u64>,
    /// Remove sessions that ended longer ago: 12m, 2y
    #[arg(long, value_name = "AGE", value_parser = age, help_heading = "What goes")]
    older_than: Option<Age>,
    /// Remove the oldest sessions until the rest takes no more than this: 5GiB
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "What goes")]
    max_size: Option<Size>,
    /// Remove all sessions that are chosen below; at least one option there is needed
    #[arg(long, help_heading = "What goes")]
    all: bool,
    /// Apply the rules to the sessions of each project, or of each agent; a list with commas for both
    #[arg(long, value_enum, value_name = "BY", value_delimiter = ',')]
    group_by: Vec<By>,
    /// Remove what goes; else it is only shown
    #[arg(long, short = 'y')]
    yes: bool,
    /// Only show what would go, which is what happens without --yes
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Print what is kept and what goes as one JSON object
    #[arg(long)]
    json: bool,
    /// Forget that this session was pruned, so that it is archived again where its source is there; may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    #[arg(conflicts_with_all = ["keep_last", "keep_within", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly"])]
    #[arg(conflicts_with_all = ["older_than", "max_size", "all", "group_by", "yes", "dry_run", "json"])]
    forget: Vec<String>,
    #[command(flatten)]
    select: SelectArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum By {
    Project,
    Agent,
}

/// Reads an age; says how one is written where it is none.
fn age(text: &str) -> Result<Age, String> {
    Age::parse(text).map_err(with_hint)
}

/// As [`age`], a size.
fn size(text: &str) -> Result<Size, String> {
    Size::parse(text).map_err(with_hint)
}

fn with_hint(error: Error) -> String {
    match error.hint() {
        Some(hint) => format!("{error}: {hint}"),
        None => error.to_string(),
    }
}

impl Args {
    fn policy(&self) -> Policy {
        Policy {
            last: self.keep_last,
            within: self.keep_within.clone(),
            daily: self.keep_daily,
            weekly: self.keep_weekly,
            monthly: self.keep_monthly,
            yearly: self.keep_yearly,
            older_than: self.older_than.clone(),
            max_size: self.max_size.clone(),
            all: self.all,
        }
    }
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let config = context.reading_config()?;
    if !args.forget.is_empty() {
        for tombstone in forget(&config, &args.forget)? {
            reporter.say(format_args!(
                "forgotten: {} ({}); the next import archives it if its source is still there",
                tombstone.session_id, tombstone.agent
            ));
        }
        return Ok(0);
    }
    let policy = args.policy();
    let filter = args.select.filter(&context.environment)?;
    if policy.is_empty() {
        return Err(Error::new(Kind::Usage, "no rule says what may go").with_hint(
            "say what is kept (--keep-last 20, --keep-within 180d) or what goes (--older-than 12m, --max-size 5GiB, \
             --all with --project NAME); nothing is removed without --yes",
        ));
    }
    if policy.all && filter.is_empty() {
        return Err(Error::new(Kind::Usage, "--all would remove every session")
            .with_hint("choose which: --all --project NAME, --all --session ID, --all --until 2024"));
    }
    let by = |by: &By| match by {
        By::Project => GroupBy::Project,
        By::Agent => GroupBy::Agent,
    };
    let group_by: Vec<GroupBy> = args.group_by.iter().map(by).collect();
    let request = Request { policy: &policy, filter: &filter, group_by: &group_by, is_dry_run: !args.yes };
    let outcome = run::run(&config, &request, &reporter)?;
    let mut output = Output::new();
    match args.json {
        true => output.line(to_json(&outcome, &args.group_by)?)?,
        false => print(&outcome, &args.group_by, &mut output)?,
    }
    output.flush()?;
    outcome.errors.iter().for_each(|error| reporter.error(error));
    summary(&outcome, &policy, &reporter);
    let is_any_left =
        |decided: &Decided| decided.fate.reasons.iter().any(|reason| reason == "could not be removed");
    Ok(match outcome.errors.first() {
        Some(error) => error.kind().exit_code(),
        None if outcome.sessions.iter().any(is_any_left) => Kind::Source.exit_code(),
        None => 0,
    })
}

/// Columns of an id that are enough for nearly every store.
const ID_COLUMNS: usize = 8;

fn print(outcome: &Outcome, group_by: &[By], output: &mut Output) -> Result<()> {
    let (zone, is_terminal) = (TimeZone::system(), output.is_terminal());
    let width = if is_terminal { terminal::width() } else { usize::MAX };
    let gone = if outcome.is_dry_run { "remove" } else { "removed" };
    for (number, names) in outcome.groups.iter().enumerate() {
        if !group_by.is_empty() {
            let (kept, removed) = (outcome.sum(Some(number), true), outcome.sum(Some(number), false));
            let names: Vec<String> =
                group_by.iter().zip(names).map(|(by, name)| format!("{} {name}", name_of(*by))).collect();
            let line = format!("{}: keep {}, {gone} {}", names.join(", "), sum(kept), sum(removed));
            output.line(terminal_safe(line.as_bytes()).as_bytes())?;
        }
        for decided in outcome.sessions.iter().filter(|decided| decided.group == number) {
            let (unit, fate) = (&decided.unit, &decided.fate);
            let time =
                unit.time.map(|time| time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string());
            let id = match is_terminal {
                true => unit.session_id.get(..ID_COLUMNS).unwrap_or(&unit.session_id),
                false => &unit.session_id,
            };
            let fields = [
                format!("{:<7}", if fate.is_kept { "keep" } else { gone }),
                time.unwrap_or_else(|| format!("{:<16}", "-")),
                unit.agent.clone(),
                unit.project.clone(),
                id.to_owned(),
                units::size(unit.files.bytes),
                format!("({})", fate.reasons.join(", ")),
                unit.title.clone().unwrap_or_default(),
            ];
            let line = fields.into_iter().filter(|field| !field.is_empty()).collect::<Vec<_>>().join("  ");
            output.line(fit(&terminal_safe(line.as_bytes()), width).as_bytes())?;
        }
    }
    Ok(())
}

fn name_of(by: By) -> &'static str {
    match by {
        By::Project => "project",
        By::Agent => "agent",
    }
}

fn sum(sum: Sum) -> String {
    format!("{} ({})", units::count(sum.sessions, "session"), units::size(sum.bytes))
}

fn to_json(outcome: &Outcome, group_by: &[By]) -> Result<String> {
    let sums = |group: Option<usize>| {
        let (kept, removed) = (outcome.sum(group, true), outcome.sum(group, false));
        let mut sums = Map::new();
        sums.insert("keep".to_owned(), Value::from(kept.sessions));
        sums.insert("keep_bytes".to_owned(), Value::from(kept.bytes));
        sums.insert("remove".to_owned(), Value::from(removed.sessions));
        sums.insert("remove_bytes".to_owned(), Value::from(removed.bytes));
        sums
    };
    let groups: Vec<Value> = outcome
        .groups
        .iter()
        .enumerate()
        .map(|(number, names)| {
            let named = group_by
                .iter()
                .zip(names)
                .map(|(by, name)| (name_of(*by).to_owned(), Value::from(name.as_str())));
            Value::Object(named.chain(sums(Some(number))).collect())
        })
        .collect();
    let object = json!({
        "schema_version": 1,
        "is_dry_run": outcome.is_dry_run,
        "total": sums(None),
        "groups": groups,
        "sessions": outcome.sessions.iter().map(session_json).collect::<Vec<_>>(),
        "errors": outcome.errors.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    json::pretty(&json::with_schema("prune", object))
}

fn session_json(decided: &Decided) -> Value {
    let (unit, fate) = (&decided.unit, &decided.fate);
    let mut object = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            object.insert(name.to_owned(), value);
        }
    };
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    put("action", Some(Value::from(if fate.is_kept { "keep" } else { "remove" })));
    put("reasons", Some(Value::from(fate.reasons.clone())));
    put("session_id", Some(Value::from(unit.session_id.as_str())));
    put("agent", Some(Value::from(unit.agent.as_str())));
    put("project_slug", Some(Value::from(unit.project.as_str())));
    put("title", text(&unit.title));
    put("started_at", text(&unit.started_at));
    put("ended_at", text(&unit.ended_at));
    put("bytes", Some(Value::from(unit.files.bytes)));
    put("archives", Some(Value::from(unit.files.archives.len())));
    put("archive_path", Some(Value::from(unit.archive_path.to_string_lossy())));
    Value::Object(object)
}

fn summary(outcome: &Outcome, policy: &Policy, reporter: &Reporter) {
    let (kept, removed) = (outcome.sum(None, true), outcome.sum(None, false));
    if outcome.sessions.is_empty() {
        return reporter.say("no archived sessions found");
    }
    let all = units::count(kept.sessions + removed.sessions, "session");
    let (count, bytes) = (removed.sessions, units::size(removed.bytes));
    match outcome.is_dry_run {
        true if count == 0 => reporter.say(format_args!("nothing would be removed of {all}")),
        true => reporter
            .say(format_args!("would remove {count} of {all}, {bytes}; nothing was removed: --yes does it")),
        false => reporter.say(format_args!("removed {count} of {all}, {bytes}; {} kept", sum(kept))),
    }
    if let Some(size) = policy.max_size.as_ref().filter(|size| kept.bytes > size.bytes) {
        let (kept, wanted) = (units::size(kept.bytes), &size.text);
        reporter.say(format_args!("what has to be kept takes {kept}, more than {wanted}"));
    }
}
