//! `sessionkeep verify`: is everything that was archived whole?

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use crate::config::{Config, Decided};
use crate::error::Result;
use crate::mask::Masker;
use crate::report::{Reporter, terminal_safe, units};
use crate::upkeep::verify::finding::{Finding, FindingKind};
use crate::upkeep::verify::{self, Verified};
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  sessionkeep verify
  sessionkeep verify --deep                        would today's rules mask anything that is archived?
  sessionkeep verify --json | jq -r '.findings[] | [.kind, .path, .what] | @tsv'

Reads every archive to its last byte and compares it with its checksums and with what it says of itself;
then sidecars, catalog, names and permissions. Nothing is changed. Each finding comes with a command that
mends it.

Exit codes: 0 no archive is damaged (anything else found is a warning), 3 something could not be read,
4 an archive is damaged.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Mask the archived text again with today's rules, and tell what they would catch
    #[arg(long)]
    deep: bool,
    /// Print everything that was found as one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let config = match args.deep {
        true => context.config(&context.flags(), &reporter)?,
        // Without rules nothing can be masked again, but bytes can be checked.
        false => {
            Config::resolve(&context.flags(), &context.environment).or_else(|_| context.reading_config())?
        }
    };
    // Tags play no part here, so the store is left alone.
    let masker = match Masker::new(&config.masking) {
        Err(error) if args.deep => return Err(error),
        made => made.ok(),
    };
    let verified = match verify::run(&config, masker.as_ref(), args.deep, &reporter) {
        // Nobody has archived anything yet. A store that was named must be there, though.
        Err(_) if config.store.decided_by == Decided::Default && !config.store.path.exists() => {
            Verified::default()
        }
        other => other?,
    };
    let mut output = Output::new();
    match args.json {
        true => print_json(&verified, &config.store.path.to_string_lossy(), args.deep, &mut output)?,
        false => print(&verified, &mut output)?,
    }
    output.flush()?;
    summary(&verified, &reporter);
    Ok(verified.exit_code())
}

/// Writes the findings, those that one command mends together.
fn print(verified: &Verified, output: &mut Output) -> Result<()> {
    let is_together = |one: &Finding, other: &Finding| one.kind == other.kind && one.mend == other.mend;
    for group in verified.findings.chunk_by(is_together) {
        for finding in group {
            let path = terminal_safe(finding.path.as_os_str().as_encoded_bytes());
            output.line(format!("{path}: {}", terminal_safe(finding.what.as_bytes())))?;
        }
        if let Some(first) = group.first() {
            output.line(format!("  to mend: {}", terminal_safe(first.mend.as_bytes())))?;
        }
    }
    Ok(())
}

fn print_json(verified: &Verified, store: &str, deep: bool, output: &mut Output) -> Result<()> {
    let findings: Vec<Value> = verified
        .findings
        .iter()
        .map(|finding| {
            json!({
                "kind": finding.kind.name(),
                "is_damage": finding.kind == FindingKind::Damaged,
                "path": finding.path.to_string_lossy(),
                "what": finding.what,
                "mend": finding.mend,
                "rules": finding.rules,
            })
        })
        .collect();
    let object = json!({
        "store": store,
        "is_deep": deep,
        "is_import_running": verified.is_import_running,
        "archives": verified.archives,
        "archived_bytes": verified.archived_bytes,
        "text_bytes": verified.text_bytes,
        "damaged": verified.count(FindingKind::Damaged),
        "findings": findings,
    });
    json::print("verify", object, output)
}

fn summary(verified: &Verified, reporter: &Reporter) {
    let damaged = verified.count(FindingKind::Damaged);
    let others = verified.findings.len() - damaged;
    let verdict = match (damaged, others) {
        (0, 0) => "all well".to_owned(),
        (0, _) => format!("none damaged, {}", units::count(others as u64, "warning")),
        (_, 0) => format!("{damaged} damaged"),
        _ => format!("{damaged} damaged, {}", units::count(others as u64, "warning")),
    };
    let archives = units::count(verified.archives, "archive");
    reporter.say(format_args!("{archives}, {}: {verdict}", units::size(verified.archived_bytes)));
    if verified.is_import_running && others > 0 {
        reporter.say("an import is running: what disagrees now may agree when it is done");
    }
}
