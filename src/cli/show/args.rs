//! What `show` takes.

use std::ffi::OsString;

use clap::ValueEnum;

use crate::cli::common::select::SelectArgs;
use crate::error::Result;
use crate::message::{Kind, Role};
use crate::view::choice::{Choice, End, Words};

const EXAMPLES: &str = "\
Examples:
  sessionkeep show @last
  sessionkeep show @last~1 --project . --tail 20
  sessionkeep show 1a2b3c4d --role user
  sessionkeep show 1a2b3c4d#17 -C 3
  sessionkeep show 1a2b3c4d --tool Bash --grep 'cargo test' --full
  sessionkeep show 1a2b3c4d --part agent-a1b2c3d
  sessionkeep show ~/.codex/sessions/2026/06/05/rollout.jsonl
  sessionkeep show @last --json | jq -r 'select(.kind == \"tool_call\") | .tool'

SESSION is the beginning of an id, @last for the session that was worked on last, @last~2 for the one two
before it, or the path of an archive. A path may also be a transcript that is not archived: it is masked
before anything of it is shown. Behind SESSION, #17 is one message, shown whole: the first of line 17 of the
transcript, #17.2 the second.

Long results, changes and what agents put in themselves are cut to a few lines, and subagents to one, where
they ran; --full shows everything. Control characters are never obeyed. On a terminal a pager is used:
$SESSIONKEEP_PAGER, else $PAGER, else less.

Exit codes: 0 done, 1 no such session or message, 2 usage, or several sessions fit.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Beginning of an id, @last, @last~N, or a path; with #INDEX, one message
    #[arg(value_name = "SESSION")]
    pub(super) address: OsString,
    /// Show everything: nothing cut, subagents unfolded
    #[arg(long)]
    pub(super) full: bool,
    /// Show what the model thought
    #[arg(long)]
    thinking: bool,
    /// Show what else agents write: state, times, titles
    #[arg(long)]
    events: bool,
    /// Show one part (a subagent, a tool's result) alone
    #[arg(long, value_name = "ID")]
    pub(super) part: Option<String>,
    /// Unfold subagents and other parts where they ran
    #[arg(long, conflicts_with = "part")]
    pub(super) parts: bool,
    /// Only what these say; a list with commas, or repeated
    #[arg(long, value_enum, value_name = "ROLE", value_delimiter = ',')]
    role: Vec<RoleName>,
    /// Only calls and results of these tools, in any case; a list with commas, or repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    tool: Vec<String>,
    /// Only messages of these kinds; a list with commas, or repeated
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',')]
    kind: Vec<KindName>,
    /// Begin with this message: an index, a time as shown (10:03), or one as for --since
    #[arg(long, value_name = "INDEX|WHEN")]
    from: Option<String>,
    /// End with this message: an index, a time as shown, or one as for --until
    #[arg(long, value_name = "INDEX|WHEN")]
    to: Option<String>,
    /// Only messages that hold this text, in any case unless it has capitals
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    grep: Option<String>,
    /// Only the last N of them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) tail: Option<u32>,
    /// With #INDEX, show N messages before and behind it
    #[arg(short = 'C', long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(super) context: usize,
    /// Print the stored lines, byte for byte unless on a terminal
    #[arg(long, conflicts_with_all = ["json", "markdown"])]
    pub(super) raw: bool,
    /// Print one JSON object for each message; with --full, images with their data
    #[arg(long, conflicts_with = "markdown")]
    pub(super) json: bool,
    /// Print Markdown
    #[arg(long)]
    pub(super) markdown: bool,
    /// Do not use a pager
    #[arg(long)]
    pub(super) no_pager: bool,
    #[command(flatten)]
    pub(super) select: SelectArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    User,
    Assistant,
    Tool,
    System,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum KindName {
    Text,
    Thinking,
    #[value(name = "tool_call", alias = "tool-call", alias = "call")]
    ToolCall,
    #[value(name = "tool_result", alias = "tool-result", alias = "result")]
    ToolResult,
    Image,
    Summary,
    Event,
}

impl Args {
    /// Returns which messages are asked for.
    pub(super) fn choice(&self) -> Result<Choice> {
        // Programs leave out what they do not want by themselves.
        let is_for_program = self.json || self.raw;
        Ok(Choice {
            roles: self.role.iter().map(|role| Role::ALL[*role as usize]).collect(),
            kinds: self.kind.iter().map(|kind| Kind::ALL[*kind as usize]).collect(),
            tools: self.tool.clone(),
            from: self.from.as_deref().map(End::first).transpose()?,
            to: self.to.as_deref().map(End::last).transpose()?,
            text: self.grep.as_deref().map(Words::new).transpose()?,
            with_thinking: self.thinking || is_for_program,
            with_events: self.events || is_for_program,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_of_a_role_or_kind_is_that_of_the_message() {
        for role in RoleName::value_variants() {
            let name = role.to_possible_value().unwrap();
            assert_eq!(name.get_name(), Role::ALL[*role as usize].name());
        }
        for kind in KindName::value_variants() {
            let name = kind.to_possible_value().unwrap();
            assert_eq!(name.get_name(), Kind::ALL[*kind as usize].name());
        }
    }
}
