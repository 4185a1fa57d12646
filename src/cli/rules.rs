//! `sessionkeep rules`: the table of rules, and a way to try them on a file.

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use crate::error::{Error, Kind, Result};
use crate::input::{Links, Source};
use crate::mask::rule::Placeholder;
use crate::mask::{Findings, Masker, RuleInfo, Scratch, Window};
use crate::report::nearest::nearest;
use crate::report::{terminal_safe, units};
use memchr::{memchr_iter, memrchr};
use serde_json::{Value, json};
use std::ops::Range;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  sessionkeep rules
  sessionkeep rules --json | jq -r '.[] | [.id, .rotate] | @tsv'
  sessionkeep rules show jwt
  sessionkeep rules test session.jsonl";

/// Larger files are for `mask --stats`, which needs no more memory for more bytes.
const MAX_TEST_BYTES: u64 = 1 << 30;

/// Bytes shown on each side of a match.
const SURROUNDINGS: usize = 40;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print the table as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show what the rules would mask in a file: line:column, rule, and the masked surroundings
    Test {
        /// Any file, such as a transcript
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Print a JSON list of the matches
        #[arg(long)]
        json: bool,
    },
    /// Show all that is known of some rules
    Show {
        /// Ids, as the table has them
        #[arg(value_name = "RULE", required = true)]
        rules: Vec<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let config = context.config(&context.flags(), &reporter)?;
    // Tags play no part here, so the store is left alone.
    let masker = Masker::new(&config.masking)?;
    let mut output = Output::new();
    match &args.command {
        Some(Command::Test { file, json }) => {
            let matches = test(file, &masker)?;
            match json {
                true => json::print_list("rules-test", matches.iter().map(Match::to_json), &mut output)?,
                false => matches.iter().try_for_each(|one| output.line(one.to_text()))?,
            }
            let count = matches.len() as u64;
            reporter.say(format_args!("{} in {}", units::count(count, "secret"), file.display()));
        }
        Some(Command::Show { rules, json }) => {
            let found = named(rules, &masker)?;
            match json {
                true => json::print_list("rules", found.iter().map(|rule| to_json(rule)), &mut output)?,
                false => found.iter().try_for_each(|rule| print_rule(rule, &mut output))?,
            }
        }
        None if args.json => {
            json::print_list("rules", masker.rules().map(|(_, rule)| to_json(rule)), &mut output)?;
        }
        None => print_table(&masker, &mut output)?,
    }
    output.flush()?;
    Ok(0)
}

fn print_table(masker: &Masker, output: &mut Output) -> Result<()> {
    let rows: Vec<(&RuleInfo, String)> = masker.rules().map(|(_, rule)| (rule, placeholder(rule))).collect();
    let width = |of: &dyn Fn(&(&RuleInfo, String)) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let id = width(&|row| row.0.id.len());
    let provider = width(&|row| row.0.provider.len());
    let placeholder = width(&|row| row.1.len());
    for (rule, text) in &rows {
        let state = if rule.disabled { "  (disabled)" } else { "" };
        let line = format!(
            "{:<id$}  {:<provider$}  {:<placeholder$}  {}{state}",
            rule.id, rule.provider, text, rule.about
        );
        output.line(&*terminal_safe(line.trim_end().as_bytes()))?;
    }
    Ok(())
}

/// Finds the rules of these ids.
fn named<'a>(ids: &[String], masker: &'a Masker) -> Result<Vec<&'a RuleInfo>> {
    let find = |id: &String| {
        let found = masker.rules().map(|(_, rule)| rule).find(|rule| rule.id.eq_ignore_ascii_case(id));
        found.ok_or_else(|| {
            let error = Error::new(Kind::Usage, format!("there is no rule '{id}'"));
            error.with_hint(match nearest(id, masker.rules().map(|(_, rule)| &*rule.id)) {
                Some(meant) => format!("did you mean {meant}? \"sessionkeep rules\" lists them all"),
                None => "\"sessionkeep rules\" lists the ids".to_owned(),
            })
        })
    };
    ids.iter().map(find).collect()
}

fn print_rule(rule: &RuleInfo, output: &mut Output) -> Result<()> {
    output.line(&*terminal_safe(rule.id.as_bytes()))?;
    let state = if rule.disabled { "switched off by the configuration" } else { "" };
    let learns = if rule.teaches { "is masked in the rest of its session, too" } else { "" };
    let placeholder = placeholder(rule);
    for (name, text) in [
        ("finds", rule.about),
        ("of", rule.provider),
        ("becomes", &placeholder),
        ("rotate", rule.rotate.unwrap_or_default()),
        ("a match", learns),
        ("state", state),
    ] {
        if !text.is_empty() {
            output.line(format!("  {name:<8} {}", terminal_safe(text.as_bytes())))?;
        }
    }
    Ok(())
}

fn to_json(rule: &RuleInfo) -> Value {
    json!({
        "id": rule.id,
        "provider": rule.provider,
        "about": rule.about,
        "placeholder": placeholder(rule),
        "rotate": rule.rotate,
        "teaches": rule.teaches,
        "disabled": rule.disabled,
    })
}

fn placeholder(rule: &RuleInfo) -> String {
    match rule.placeholder {
        Placeholder::Fixed(text) => text.to_owned(),
        Placeholder::KeepLiteral => "<literal>***MASKED***".to_owned(),
        Placeholder::RuleId => format!("***MASKED:{}***", rule.id),
    }
}

/// A match, with nothing of the secret in it.
struct Match {
    line: usize,
    /// In bytes, from 1.
    column: usize,
    rule: String,
    shown: String,
}

impl Match {
    fn to_text(&self) -> String {
        format!("{}:{}: {}: {}", self.line, self.column, self.rule, self.shown)
    }

    fn to_json(&self) -> Value {
        json!({"line": self.line, "column": self.column, "rule": self.rule, "shown": self.shown})
    }
}

/// Returns what the rules find in `file`, in its order.
fn test(file: &Path, masker: &Masker) -> Result<Vec<Match>> {
    let bytes = read(file)?;
    let mut findings = Findings::default();
    masker.scan(&Window::of_whole(&bytes, 0..bytes.len()), &mut Scratch::default(), &mut findings);
    let spans: Vec<(Range<usize>, &str)> = findings
        .spans
        .iter()
        .map(|span| (span.start as usize..(span.end as usize).min(bytes.len()), masker.rule_id(span.rule)))
        .collect();
    let (mut line, mut counted) = (1, 0);
    let mut matches = Vec::with_capacity(spans.len());
    for (index, (range, rule)) in spans.iter().enumerate() {
        line += memchr_iter(b'\n', &bytes[counted..range.start]).count();
        counted = range.start;
        let column = range.start - memrchr(b'\n', &bytes[..range.start]).map_or(0, |at| at + 1) + 1;
        let shown = surroundings(&bytes, &spans, index);
        matches.push(Match { line, column, rule: (*rule).to_owned(), shown });
    }
    Ok(matches)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let source = Source::open(&file.into(), Links::Follow)?;
    let Some(bytes) = source.len() else { return source.decoded(MAX_TEST_BYTES as usize) };
    if bytes > MAX_TEST_BYTES {
        return Err(Error::new(Kind::Source, "too large to be tested:")
            .with_path(file)
            .with_hint("\"sessionkeep mask --stats\" takes files of any size"));
    }
    let mut text = vec![0; bytes as usize];
    let count = source.read_at(0, &mut text)?;
    text.truncate(count);
    Ok(text)
}

/// Returns what stands around a match on its line, with every match in it replaced by its rule's id. Nothing of a
/// match is ever shown, also where a neighbour is cut by the edge.
fn surroundings(bytes: &[u8], spans: &[(Range<usize>, &str)], index: usize) -> String {
    let range = &spans[index].0;
    let line_start = memrchr(b'\n', &bytes[..range.start]).map_or(0, |at| at + 1);
    let line_end = memchr::memchr(b'\n', &bytes[range.end..]).map_or(bytes.len(), |at| range.end + at);
    let start = line_start.max(range.start.saturating_sub(SURROUNDINGS));
    let end = line_end.min(range.end + SURROUNDINGS);
    let mut shown = String::new();
    let mut done = start;
    let first = spans.partition_point(|(range, _)| range.end <= start);
    for (range, rule) in spans[first..].iter().take_while(|(range, _)| range.start < end) {
        if done < range.start {
            shown.push_str(&terminal_safe(&bytes[done..range.start]));
        }
        shown.push_str(&format!("***{rule}***"));
        done = range.end;
    }
    if done < end {
        shown.push_str(&terminal_safe(&bytes[done..end]));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_cut_by_the_edge_are_not_shown() {
        let bytes = [b"x\n".as_slice(), &b"S".repeat(60), b" ab ", &b"T".repeat(10), b" tail\nnext"].concat();
        let spans = [(2..62, "one"), (66..76, "two")];
        assert_eq!(surroundings(&bytes, &spans, 1), "***one*** ab ***two*** tail");
        assert_eq!(surroundings(&bytes, &spans, 0), "***one*** ab ***two*** tail");
    }
}
