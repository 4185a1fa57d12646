//! `sessionkeep search QUERY`: what can be asked for, and how its help explains it.

use crate::cli::common::select::SelectArgs;
use crate::message::{Kind, Role};
use crate::report::nearest::nearest;
use crate::search::messages::Sort;
use clap::ValueEnum;

const EXAMPLES: &str = "\
Examples:
  sessionkeep search TypeError
  sessionkeep search connection refused --project my-repo --since 30d
  sessionkeep search '\"connection refused\" postgres' -x docker
  sessionkeep search -e 'panicked at .*\\.rs:[0-9]+' --max 20
  sessionkeep search migration --role user -C 2
  sessionkeep search '' --tool Bash --session a1b2c3d4
  sessionkeep search -l migration | xargs zcat | jq -r .timestamp
  sessionkeep search --json TODO | jq -r '.address + \" \" + .snippet'

A message is found if all words of the query are in it, in any order; a \"phrase\" in quotes must stand there
as it is (a quote in it is written \\\"). A word without upper-case letters matches any case, one with them
only exactly; -i makes all match any case, beyond ASCII too. What is searched is what was said: escapes are
resolved, in JSON within JSON as well. With -e the query is a regular expression (docs.rs/regex), in which ^
and $ are the ends of lines. Secrets were masked before anything was stored, so they never come up.

Not searched unless asked for with --events or --kind: state that an agent notes between messages, titles,
and images. What an agent writes twice, or copies to another session, is found once.

The session that ended last comes first. A message is named by the session and the line that it stands on,
ID#17 or ID#17.2; `sessionkeep show ID#17` opens it. In a pipe each message is one line,
  PATH:LINE:MESSAGE: what was said around the match
and with --json an object with session, agent, project, part, index, line, role, kind, time, id, parent,
tool, event, call, model, media, is_error, exit_code, tokens, marks, image_bytes, range and text as
`show --json` has them, and path, title, address, snippet, matches ({start, end} in bytes of the snippet),
with -A, -B or -C also before and after: lists of such objects. What is not known is left out.

With --raw the stored lines of JSON themselves are searched and printed, sorted by path: the query is one
text, looked for as typed and as JSON escapes it, case matters without -i, and with -e each line is matched
as it is. In a pipe lines come whole, with control characters escaped unless --bytes is given.

Exit codes: 0 found, 1 nothing found, 2 usage, 3 some archives could not be read, so there may be more.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Words and "phrases" that must all be in a message
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    pub(super) query: String,
    /// More of them
    #[arg(value_name = "MORE", conflicts_with = "raw")]
    pub(super) more: Vec<String>,
    /// Match any case, beyond ASCII too; without it words with an upper-case letter match exactly
    #[arg(short, long)]
    pub(super) ignore_case: bool,
    /// Take the query as a regular expression
    #[arg(short = 'e', long)]
    pub(super) regex: bool,
    /// Match whole words only
    #[arg(short, long, conflicts_with = "raw")]
    pub(super) words: bool,
    /// Leave out messages with this word or "phrase"; may be repeated
    #[arg(short = 'x', long, value_name = "WORD", allow_hyphen_values = true, conflicts_with = "raw")]
    pub(super) exclude: Vec<String>,
    /// Print N messages before each that is found
    #[arg(short = 'B', long, value_name = "N", conflicts_with = "raw")]
    pub(super) before: Option<usize>,
    /// Print N messages after each that is found
    #[arg(short = 'A', long, value_name = "N", conflicts_with = "raw")]
    pub(super) after: Option<usize>,
    /// Print N messages before and after each that is found
    #[arg(short = 'C', long, value_name = "N", conflicts_with = "raw")]
    pub(super) context: Option<usize>,
    /// Stop after N results
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max: Option<u64>,
    /// Print only the paths of archives with a match
    #[arg(short = 'l', long, conflicts_with_all = ["count", "json"])]
    pub(super) files_with_matches: bool,
    /// Print how many messages match in each archive that has any
    #[arg(short, long, conflicts_with = "json")]
    pub(super) count: bool,
    /// Print one JSON object for each message
    #[arg(long)]
    pub(super) json: bool,
    /// Order of sessions
    #[arg(
        long,
        value_name = "ORDER",
        default_value = "newest",
        hide_default_value = true,
        conflicts_with = "raw"
    )]
    pub(super) sort: SortArg,
    /// Search and print the stored lines as they are
    #[arg(long)]
    pub(super) raw: bool,
    /// With --raw: print lines byte for byte, control characters included, unless on a terminal
    #[arg(long, requires = "raw")]
    pub(super) bytes: bool,
    #[command(flatten)]
    pub(super) choose: ChooseArgs,
    #[command(flatten)]
    pub(super) select: SelectArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which messages")]
pub(super) struct ChooseArgs {
    /// Only messages of these roles (user, assistant, tool, system); a list with commas, or repeated
    #[arg(long, value_name = "ROLE", value_delimiter = ',', value_parser = role, conflicts_with = "raw")]
    pub(super) role: Vec<Role>,
    /// Only calls of these tools and their results, by the tool's name in any case; a list with commas, or repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',', conflicts_with = "raw")]
    pub(super) tool: Vec<String>,
    /// Only these kinds (text, thinking, tool_call, tool_result, image, summary, event); a list with commas, or repeated
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kind, conflicts_with = "raw")]
    pub(super) kind: Vec<Kind>,
    /// Search titles and other events, too
    #[arg(long, conflicts_with = "raw")]
    pub(super) events: bool,
}

/// The order of sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SortArg {
    /// The session that ended last first
    Newest,
    Path,
}

impl From<SortArg> for Sort {
    fn from(sort: SortArg) -> Sort {
        match sort {
            SortArg::Newest => Sort::Newest,
            SortArg::Path => Sort::Path,
        }
    }
}

fn role(text: &str) -> std::result::Result<Role, String> {
    named(text, Role::ALL, Role::name)
}

fn kind(text: &str) -> std::result::Result<Kind, String> {
    named(text, Kind::ALL, Kind::name)
}

fn named<T: Copy, const N: usize>(
    text: &str,
    all: [T; N],
    name: fn(T) -> &'static str,
) -> std::result::Result<T, String> {
    let found = all.into_iter().find(|one| name(*one) == text);
    found.ok_or_else(|| {
        let names = all.map(name);
        let meant = nearest(text, names).map(|meant| format!("did you mean {meant}? ")).unwrap_or_default();
        format!("{meant}there are {}", names.join(", "))
    })
}
