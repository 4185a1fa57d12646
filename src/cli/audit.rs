//! `sessionkeep audit`: which secrets are in transcripts?

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use crate::error::{Kind, Result};
use crate::mask::{Masker, RuleInfo};
use crate::report::text::{columns, safe_json};
use crate::report::{Reporter, Verbosity, terminal_safe, units};
use crate::upkeep::audit::{self, Audit, Target};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  sessionkeep audit --all
  sessionkeep audit --all -v                       with file and line of every secret
  sessionkeep audit ~/.codex/sessions session.jsonl
  sessionkeep audit . --fail-on-findings -q        in a hook or a pipeline
  sessionkeep audit --all --json | jq -r '.rules[] | [.count, .rule, .rotate] | @tsv'

Nothing is archived or written, and no value is ever shown: only which rule matched, where, and the
provider's page to rotate it on. Counts are of places, not of different secrets.

Exit codes: 0 done, 1 something was found and --fail-on-findings was given, 3 some files could not be read.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Transcripts, or directories of them
    #[arg(value_name = "PATH", required_unless_present = "all", conflicts_with = "all")]
    paths: Vec<PathBuf>,
    /// The transcripts of every agent found on this machine
    #[arg(long)]
    all: bool,
    /// Which files of a directory are transcripts
    #[arg(long, value_name = "GLOB", default_value = crate::agents::DEFAULT_PATTERN)]
    pattern: String,
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
    /// Exit with 1 if anything is found
    #[arg(long)]
    fail_on_findings: bool,
    /// Do not look for values known from outside (environment files, credentials on disk)
    #[arg(long)]
    no_known_values: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let mut flags = context.flags();
    flags.no_known_values = args.no_known_values;
    let config = context.config(&flags, &reporter)?;
    // Tags play no part here, so the store is left alone.
    let masker = Masker::new(&config.masking)?;
    let targets: Vec<Target> = match args.all {
        true => vec![Target::AllAgents],
        false => {
            let target = |path: &PathBuf| Target::Path { path: path.clone(), pattern: args.pattern.clone() };
            args.paths.iter().map(target).collect()
        }
    };
    let audit = audit::run(&config, &masker, &targets, &reporter)?;
    let mut output = Output::new();
    if args.json {
        print_json(&audit, &masker, &mut output)?;
    } else {
        print_table(&audit, &masker, &mut output)?;
        if reporter.verbosity() >= Verbosity::Verbose {
            print_matches(&audit, &masker, &mut output)?;
        }
    }
    output.flush()?;
    audit.errors.iter().for_each(|error| reporter.error(error));
    summary(&audit, &reporter);
    Ok(match (audit.rules.is_empty(), audit.errors.is_empty()) {
        (false, _) if args.fail_on_findings => 1,
        (_, false) => Kind::Source.exit_code(),
        _ => 0,
    })
}

/// Writes a line for each rule that found something, most first.
fn print_table(audit: &Audit, masker: &Masker, output: &mut Output) -> Result<()> {
    let rows: Vec<[String; 5]> = audit
        .rules
        .iter()
        .map(|sum| {
            let rule = masker.rule(sum.rule);
            [
                sum.count.to_string(),
                units::count(sum.sessions, "session"),
                format!("last {}", day(sum.last_seen)),
                rule.id.to_string(),
                meaning(rule),
            ]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|row| columns(&row[column])).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3)];
    for row in &rows {
        let [count, sessions, last, rule, meaning] = row;
        let line = format!(
            "{count:>0$}  {sessions:>1$}  {last:<2$}  {rule:<3$}  {meaning}",
            widths[0], widths[1], widths[2], widths[3]
        );
        output.line(&*terminal_safe(line.as_bytes()))?;
    }
    Ok(())
}

/// Says what a rule finds and where that is rotated.
fn meaning(rule: &RuleInfo) -> String {
    let what = match rule.provider {
        "any" | "custom" => rule.about.to_owned(),
        provider => format!("{provider} {}", rule.about),
    };
    match rule.rotate {
        Some(page) => format!("{what}; rotate: {page}"),
        None => what,
    }
}

/// Returns the local day of a time.
fn day(time: Timestamp) -> String {
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d").to_string()
}

fn print_matches(audit: &Audit, masker: &Masker, output: &mut Output) -> Result<()> {
    for file in &audit.found {
        let path = terminal_safe(file.path.as_bytes());
        for one in &file.matches {
            output.line(format!("{path}:{} {}", one.line, masker.rule_id(one.rule)))?;
        }
        let left = file.counts.values().sum::<u64>() - file.matches.len() as u64;
        if left > 0 {
            output.line(format!("{path}: and {left} more"))?;
        }
    }
    Ok(())
}

fn print_json(audit: &Audit, masker: &Masker, output: &mut Output) -> Result<()> {
    let rules: Vec<Value> = audit
        .rules
        .iter()
        .map(|sum| {
            let rule = masker.rule(sum.rule);
            json!({
                "rule": rule.id,
                "provider": rule.provider,
                "about": rule.about,
                "rotate": rule.rotate,
                "count": sum.count,
                "sessions": sum.sessions,
                "last_seen": sum.last_seen.to_string(),
            })
        })
        .collect();
    let matches: usize = audit.found.iter().map(|file| file.matches.len()).sum();
    let object = json!({
        "files": audit.files,
        "bytes": audit.bytes,
        "count": audit.count(),
        "files_with_findings": audit.found.len(),
        "errors": audit.errors.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "rules": rules,
        "findings_left_out": audit.count() - matches as u64,
    });
    let text = json::pretty(&json::with_schema("audit", object))?;
    // There may be millions of findings, so they are written one by one into the object.
    output.write(text.trim_end_matches(['}', '\n']))?;
    output.write(",\n  \"findings\": [")?;
    let mut separator = "\n    ";
    for file in &audit.found {
        for one in &file.matches {
            let finding = json!({
                "path": file.path,
                "line": one.line,
                "rule": masker.rule_id(one.rule),
                "provider": masker.rule(one.rule).provider,
                "agent": file.agent,
                "session_id": file.session_id,
                "part_id": file.part_id,
                "last_seen": file.last_seen.to_string(),
            });
            output.write(separator)?;
            output.write(safe_json(serde_json::to_string(&finding).map_err(json::internal)?))?;
            separator = ",\n    ";
        }
    }
    output.line("\n  ]\n}")
}

fn summary(audit: &Audit, reporter: &Reporter) {
    let (files, size) = (units::count(audit.files, "file"), units::size(audit.bytes));
    match audit.count() {
        0 => reporter.say(format_args!("no secrets in {files} ({size})")),
        count => reporter.say(format_args!(
            "{} of {} in {} of {files} ({size})",
            units::count(count, "secret"),
            units::count(audit.rules.len() as u64, "kind"),
            audit.found.len(),
        )),
    }
}
