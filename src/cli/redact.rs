//! `sessionkeep redact`: masked copies, and agents' own transcripts masked where they lie.

use super::common::context::Context;
use super::common::json;
use super::common::output::{Output, failure};
use crate::agents;
use crate::error::{Error, Kind, Result};
use crate::platform::opened;
use crate::report::{Reporter, Verbosity, safe_path, terminal_safe, units};
use crate::upkeep::redact::{self, Counts, Fate, Looked, Report, Request};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  sessionkeep redact session.jsonl > masked.jsonl      a masked copy
  sessionkeep redact *.jsonl --to masked/
  sessionkeep redact --in-place                        what would be masked in the agents' own transcripts
  sessionkeep redact --in-place --agent codex --yes
  sessionkeep redact --in-place ~/.claude/projects/-home-me-app/1f0c*.jsonl

--in-place masks transcripts where their agents keep them: sessions with their parts, prompt histories, pastes,
earlier states of edited files, packed transcripts, documents and databases, and the databases and lists beside them
in which Codex, Copilot, Cline and Gemini say once more what a session says. Each keeps its lines, ids, mode, owner
and times, so that its agent can resume it; it is archived first, and what cannot be archived is not touched. Without
--yes it only says what it would do; on a terminal it then asks.

There is no way back: no copy of the clear text is kept anywhere, and the archive is masked, too. What the disk keeps
of overwritten blocks, snapshots, backups and synchronised copies is out of reach. So are binary values in databases
(they are counted), and whatever else an agent keeps that is no session: its logs and its own settings.

Left alone, and named: what was modified in the last --min-age minutes, what a process has open (Linux; elsewhere
end the agents first), what has several names (hard links), and what changes meanwhile. Links stay, and what they lead
to is masked.

Exit codes: 0 done; 3 something was left alone; 75 an import is running.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Transcripts; with --in-place and none, all that the agents on this machine have
    #[arg(value_name = "FILE", required_unless_present = "in_place")]
    files: Vec<PathBuf>,
    /// Mask the files where they lie
    #[arg(long)]
    in_place: bool,
    /// The transcripts of this agent; may be repeated
    #[arg(long, value_name = "NAME", requires = "in_place", conflicts_with = "files")]
    agent: Vec<String>,
    /// Write the masked copy to this file [default: stdout]
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["in_place", "to"])]
    output: Option<PathBuf>,
    /// Write the masked copies to this directory, under the names of the files
    #[arg(long, value_name = "DIR", conflicts_with = "in_place")]
    to: Option<PathBuf>,
    /// Leave alone what was modified in the last MIN minutes
    #[arg(long, value_name = "MIN", default_value_t = 30, requires = "in_place")]
    min_age: u64,
    /// Mask without asking
    #[arg(short, long, requires = "in_place")]
    yes: bool,
    /// Say what would be masked, and do not ask
    #[arg(long, requires = "in_place", conflicts_with = "yes")]
    dry_run: bool,
    /// Print what was done as one JSON object
    #[arg(long, requires = "in_place")]
    json: bool,
    /// Do not mask values known from outside (environment files, credentials on disk)
    #[arg(long)]
    no_known_values: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    match args.in_place {
        true => in_place(args, context),
        false => copies(args, context),
    }
}

/// Writes masked copies.
fn copies(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let mut flags = context.flags();
    flags.no_known_values = args.no_known_values;
    let config = context.config(&flags, &reporter)?;
    let Some(directory) = &args.to else {
        let [path] = &*args.files else {
            let error = Error::new(Kind::Usage, "several files need a directory to be written to");
            return Err(error.with_hint("add --to DIR, or --in-place to mask them where they lie"));
        };
        return match &args.output {
            Some(to) => {
                redact::masked_copy(path, &config, to)?;
                reporter.say(format_args!("masked {} -> {}", safe_path(path), safe_path(to)));
                Ok(0)
            }
            None => {
                let mut stdout = io::BufWriter::new(io::stdout().lock());
                redact::masked_to(path, &config, &mut stdout)?;
                stdout.flush().map_err(failure)?;
                Ok(0)
            }
        };
    };
    make_private(directory)?;
    let mut code = 0;
    for path in &args.files {
        let to = directory.join(name_of_copy(path));
        match redact::masked_copy(path, &config, &to) {
            Ok(()) => reporter.path(&to),
            Err(error) if error.kind() == Kind::NoSpace => return Err(error),
            Err(error) => {
                reporter.error(&error);
                code = Kind::Source.exit_code();
            }
        }
    }
    Ok(code)
}

/// Returns the name of a file's copy, which is not packed.
fn name_of_copy(path: &Path) -> &OsStr {
    let is_packed = path.extension().is_some_and(|extension| extension == "gz" || extension == "zst");
    let name = if is_packed { path.file_stem() } else { path.file_name() };
    name.unwrap_or(OsStr::new("transcript"))
}

fn make_private(directory: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| Error::io(Kind::Store, "cannot make", directory, error))
}

/// Masks files where they lie, or says what would be masked.
fn in_place(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let mut flags = context.flags();
    flags.no_known_values = args.no_known_values;
    let config = context.config(&flags, &reporter)?;
    let request = Request {
        files: args.files.clone(),
        agents: agents_named(&args.agent)?,
        min_age: Duration::from_secs(args.min_age.saturating_mul(60)),
    };
    let mut output = Output::new();
    if !args.yes {
        let report = redact::look(&config, &request, &reporter)?;
        let (files, _) = report.masked();
        let asks = !args.dry_run && !args.json && files > 0 && io::stdin().is_terminal();
        if !asks || !is_agreed(&report, &reporter, &mut output)? {
            return tell(args, &report, &reporter, &mut output);
        }
    }
    let report = redact::run(&config, &request, &reporter)?;
    tell(args, &report, &reporter, &mut output)
}

/// Returns the ids of the agents that are called so; of all, if none is named.
fn agents_named(names: &[String]) -> Result<Vec<&'static str>> {
    if names.is_empty() {
        return Ok(agents::registry().iter().map(|agent| agent.id()).collect());
    }
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        let is_called = |agent: &&&dyn agents::Agent| {
            agent.id().eq_ignore_ascii_case(name)
                || agent.label().eq_ignore_ascii_case(name)
                || (agent.id() == "claude-code" && name.eq_ignore_ascii_case("claude"))
        };
        let Some(agent) = agents::registry().iter().find(is_called) else {
            let known: Vec<&str> = agents::registry().iter().map(|agent| agent.id()).collect();
            let error = Error::new(Kind::Usage, format!("there is no agent \"{name}\""));
            return Err(error.with_hint(format!("known agents: {}", known.join(", "))));
        };
        ids.push(agent.id());
    }
    Ok(ids)
}

/// Asks on the terminal whether what was found is to be masked.
fn is_agreed(report: &Report, reporter: &Reporter, output: &mut Output) -> Result<bool> {
    print(report, reporter, output)?;
    output.flush()?;
    let (files, counts) = report.masked();
    let question = format!(
        "Mask {} in {}? This cannot be undone: no copy of the clear text is kept. \
         Blocks that the disk keeps of it, snapshots and backups are out of reach. [y/N] ",
        units::count(counts.lines, "line"),
        units::count(files, "file")
    );
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(question.as_bytes()).and_then(|()| stderr.flush());
    drop(stderr);
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    Ok(read.is_ok() && ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()))
}

/// Prints a report, says what it comes to, and returns the exit code.
fn tell(args: &Args, report: &Report, reporter: &Reporter, output: &mut Output) -> Result<u8> {
    match args.json {
        true => print_json(report, output)?,
        false => print(report, reporter, output)?,
    }
    output.flush()?;
    report.errors.iter().for_each(|error| reporter.error(error));
    summary(report, reporter);
    let left = report.left_alone(!args.files.is_empty());
    Ok(match report.errors.first() {
        Some(error) => error.kind().exit_code(),
        None if left > 0 && report.is_done => Kind::Source.exit_code(),
        None => 0,
    })
}

/// Writes a line for each file that is masked or left alone; of what is only young, and of what is clean, when asked for
/// more.
fn print(report: &Report, reporter: &Reporter, output: &mut Output) -> Result<()> {
    let is_verbose = reporter.verbosity() >= Verbosity::Verbose;
    let verb = if report.is_done { "masked" } else { "would mask" };
    for Looked { path, fate, bytes, .. } in &report.files {
        let path = terminal_safe(path.as_bytes());
        match fate {
            Fate::Masked(counts) => {
                let rules: Vec<String> =
                    counts.by_rule.iter().map(|(rule, count)| format!("{count} {rule}")).collect();
                let (lines, size) = (units::count(counts.lines, "line"), units::size(*bytes));
                let rules = rules.join(", ");
                let rules = terminal_safe(rules.as_bytes());
                if counts.lines > 0 {
                    output.line(format!("{path}: {verb} {lines} of {size} ({rules})"))?;
                }
                if counts.uncovered > 0 {
                    let values = units::count(counts.uncovered, "value");
                    output.line(format!("{path}: {values} that cannot be masked where they lie"))?;
                }
            }
            Fate::LeftAlone(redact::Reason::Young) if !is_verbose => {}
            Fate::LeftAlone(reason) => {
                let reason = reason.to_string();
                output.line(format!("{path}: left alone: {}", terminal_safe(reason.as_bytes())))?;
            }
            Fate::Clean if is_verbose => output.line(format!("{path}: nothing to mask"))?,
            Fate::Clean => {}
        }
    }
    Ok(())
}

fn print_json(report: &Report, output: &mut Output) -> Result<()> {
    let file = |looked: &Looked| {
        let mut object = json!({"path": looked.path, "agent": looked.agent, "bytes": looked.bytes});
        let more = match &looked.fate {
            Fate::Clean => json!({"fate": "clean"}),
            Fate::Masked(counts) => {
                let mut counted = of_counts(counts);
                counted["fate"] = "masked".into();
                counted
            }
            Fate::LeftAlone(reason) => json!({"fate": "left_alone", "reason": reason.to_string()}),
        };
        if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
            object.extend(more);
        }
        object
    };
    let (masked, counts) = report.masked();
    let files: Vec<Value> = report.files.iter().map(file).collect();
    let mut object = of_counts(&counts);
    object["is_done"] = report.is_done.into();
    object["files_masked"] = masked.into();
    object["errors"] = report.errors.iter().map(ToString::to_string).collect::<Vec<_>>().into();
    object["files"] = files.into();
    json::print("redact", object, output)
}

fn of_counts(counts: &Counts) -> Value {
    json!({
        "lines": counts.lines,
        "places": counts.places(),
        "by_rule": counts.by_rule,
        "not_maskable": counts.uncovered,
    })
}

fn summary(report: &Report, reporter: &Reporter) {
    let (files, counts) = report.masked();
    let young = |looked: &&Looked| matches!(looked.fate, Fate::LeftAlone(redact::Reason::Young));
    let young = report.files.iter().filter(young).count() as u64;
    let left = report.left_alone(false);
    if young > 0 {
        reporter.say(format_args!("left {} alone, modified a short time ago", units::count(young, "file")));
    }
    if left > 0 {
        reporter.say(format_args!("{} not masked, or not all of it: see above", units::count(left, "file")));
    }
    let looked = units::count(report.files.len() as u64, "file");
    if files == 0 {
        return reporter.say(format_args!("nothing to mask in {looked}"));
    }
    let (places, lines) = (units::count(counts.places(), "place"), units::count(counts.lines, "line"));
    if report.is_done {
        return reporter.say(format_args!("masked {places} in {lines} of {files} of {looked}"));
    }
    reporter.say(format_args!("would mask {places} in {lines} of {files} of {looked}"));
    if !opened::can_see() {
        reporter.say("end all agents first: which files they have open cannot be seen on this system");
    }
    reporter.say("this cannot be undone; to do it: the same command with --yes");
}
