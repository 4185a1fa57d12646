//! `sessionkeep rules`: the table of rules, and a way to try them on a file.

use super::common::context::Context;
use super::common::output::Output;
use crate::error::{Error, Kind, Result};
use crate::input::{Links, Source};
use crate::mask::rule::Placeholder;
use crate::mask::{Findings, Masker, RuleInfo, Scratch, Window};
use crate::report::text::safe_json;
use crate::report::{terminal_safe, units};
use memchr::{memchr_iter, memrchr};
use serde_json::{Value, json};
use std::ops::Range;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  sessionkeep rules
  sessionkeep rules --json | jq -r '.[] | [.id, .rotate] | @tsv'
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
    },
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let config = context.config(&context.flags(), &reporter)?;
    // Tags play no part here, so the store is left alone.
    let masker = Masker::new(&config.masking)?;
    let mut output = Output::new();
    match &args.command {
        Some(Command::Test { file }) => {
            let count = test(file, &masker, &mut output)?;
            reporter.say(format_args!("{} in {}", units::count(count, "secret"), file.display()));
        }
        None if args.json => print_json(&masker, &mut output)?,
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

fn print_json(masker: &Masker, output: &mut Output) -> Result<()> {
    let rules: Vec<Value> = masker
        .rules()
        .map(|(_, rule)| {
            json!({
                "id": rule.id,
                "provider": rule.provider,
                "about": rule.about,
                "placeholder": placeholder(rule),
                "rotate": rule.rotate,
                "teaches": rule.teaches,
                "disabled": rule.disabled,
            })
        })
        .collect();
    let text = serde_json::to_string_pretty(&rules)
        .map_err(|error| Error::new(Kind::Internal, "cannot write JSON").with_source(error))?;
    output.line(safe_json(text))
}

fn placeholder(rule: &RuleInfo) -> String {
    match rule.placeholder {
        Placeholder::Fixed(text) => text.to_owned(),
        Placeholder::KeepLiteral => "<literal>***MASKED***".to_owned(),
        Placeholder::RuleId => format!("***MASKED:{}***", rule.id),
    }
}

/// Prints a line for each match in `file`; returns how many there are.
fn test(file: &Path, masker: &Masker, output: &mut Output) -> Result<u64> {
    let bytes = read(file)?;
    let mut findings = Findings::default();
    masker.scan(&Window::of_whole(&bytes, 0..bytes.len()), &mut Scratch::default(), &mut findings);
    let spans: Vec<(Range<usize>, &str)> = findings
        .spans
        .iter()
        .map(|span| (span.start as usize..(span.end as usize).min(bytes.len()), masker.rule_id(span.rule)))
        .collect();
    let (mut line, mut counted) = (1, 0);
    for (index, (range, rule)) in spans.iter().enumerate() {
        line += memchr_iter(b'\n', &bytes[counted..range.start]).count();
        counted = range.start;
        let column = range.start - memrchr(b'\n', &bytes[..range.start]).map_or(0, |at| at + 1) + 1;
        let shown = surroundings(&bytes, &spans, index);
        output.line(format!("{line}:{column}: {rule}: {shown}"))?;
    }
    Ok(spans.len() as u64)
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
