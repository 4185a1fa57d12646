//! `sessionkeep archive PATH...`: archives transcripts by path.

use super::common::context::{ArchivingArgs, Context};
use super::common::json;
use super::common::output::Output;
use super::common::summary;
use crate::engine::{self, Settings};
use crate::error::Result;
use crate::mask::Masker;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  sessionkeep archive session.jsonl
  sessionkeep archive session.jsonl --dry-run
  sessionkeep archive logs/*.jsonl --project my-repo --out ~/backups/agent-sessions";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Transcripts to archive
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Project name [default: from the session's working directory]
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Archive again what was pruned
    #[arg(long)]
    again: bool,
    /// Report what would be archived, and how many lines hold secrets, without writing
    #[arg(long)]
    dry_run: bool,
    /// Print what was done as one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    archiving: ArchivingArgs,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let config = context.config(&context.archiving_flags(&args.archiving), &reporter)?;
    let settings = Settings {
        is_dry_run: args.dry_run,
        is_forced: args.archiving.force,
        project: args.project.clone(),
        names_by_directory: true,
        takes_pruned: args.again,
        ..Settings::default()
    };
    let totals = engine::archive(&config, &settings, &args.paths, &reporter)?;
    if args.json {
        let masker = Masker::new(&config.masking)?;
        let mut output = Output::new();
        let object = summary::to_json(&totals, &config.store.path, args.dry_run, &masker);
        json::print("archive", object, &mut output)?;
        output.flush()?;
    }
    summary::of_files(&totals, args.dry_run, &reporter);
    Ok(summary::exit_code(&totals, &reporter))
}
