//! What the command line of setup says.

/// Days for which agents keep sessions unless something else is asked for: ten years.
pub(super) const DEFAULT_DAYS: u64 = 3650;

/// More days than this are longer than any clock of an agent's can count.
pub(super) const MOST_DAYS: u64 = 100_000;

const EXAMPLES: &str = "\
Examples:
  sessionkeep setup                        asks before each step
  sessionkeep setup --dry-run              shows every line that would change, and changes nothing
  sessionkeep setup --yes                  does all that --dry-run shows
  sessionkeep setup --yes --agent claude-code --no-schedule
  sessionkeep setup --yes --keep-days 365
  sessionkeep setup --undo

Writes into the settings of the agents found here that they call sessionkeep when a session ends or begins; has the
system run an import every half hour (systemd, cron, launchd or the Task Scheduler); has agents that delete old
sessions keep them longer; archives what is there; and says what is left to do. What is set up already is left as it
is: a second run changes nothing.

Settings keep everything that is not sessionkeep's, comments and layout included. What they were is kept in
~/.sessionkeep/setup, private, until --undo gives it back, byte for byte; out of a file that was changed since, --undo
takes only what is sessionkeep's. The store is never touched by it.

Exit codes: 0 done, or nothing to do, 1 something has to be done by hand, 2 usage, 3 some sessions could not be read.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Do everything without asking
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Show what would be done, line by line, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Take back what setup did
    #[arg(long, conflicts_with_all = ["no_hooks", "keep_days", "no_cleanup_days", "no_import"])]
    pub(super) undo: bool,
    /// Only this agent; may be repeated [default: every agent found]
    #[arg(long, value_name = "NAME")]
    pub(super) agent: Vec<String>,
    /// Leave the hooks as they are
    #[arg(long)]
    pub(super) no_hooks: bool,
    /// Leave the schedule as it is
    #[arg(long)]
    pub(super) no_schedule: bool,
    /// Have agents that delete old sessions keep them for so many days; never fewer than they do
    #[arg(long, value_name = "DAYS", default_value_t = DEFAULT_DAYS)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=MOST_DAYS))]
    pub(super) keep_days: u64,
    /// Leave the days for which agents keep sessions as they are
    #[arg(long, conflicts_with = "keep_days")]
    pub(super) no_cleanup_days: bool,
    /// Archive nothing now
    #[arg(long)]
    pub(super) no_import: bool,
    /// Print what was done, or would be, as one JSON object
    #[arg(long)]
    pub(super) json: bool,
}
