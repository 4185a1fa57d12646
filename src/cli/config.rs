//! `sessionkeep config check|path|show`: which configuration is used, and whether it can be.

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use crate::config::{self, Config, FileState, Placeholders};
use crate::environment;
use crate::error::{Error, Kind, Result};
use crate::mask::Masker;
use crate::report::{safe_path, terminal_safe, units};
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  sessionkeep config check
  sessionkeep config check --config ./team.json
  sessionkeep config show --json

The file, all of it optional:
  {
    \"mask_patterns\": [\"ACME-[0-9]{6}\", {\"pattern\": \"(key=)\\\\w+\", \"replacement\": \"\\\\1***MASKED***\"}],
    \"mask_literals\": [\"internal-host.corp\"],
    \"allow_literals\": [\"AKIAIOSFODNN7EXAMPLE\"],
    \"allow_patterns\": [\"^test-\"],
    \"disable_rules\": [\"jwt\"],
    \"placeholders\": \"plain\",
    \"mask_known_values\": true,
    \"agents\": [{\"name\": \"ours\", \"label\": \"Our agent\", \"family\": \"claude-code\", \"roots\": [\"~/.ours/projects\"]}]
  }";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Check the file: whether it is read, what it holds, whether every rule compiles
    Check {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the path of the file, whether it exists or not
    Path,
    /// Print what is in force
    Show {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let mut output = Output::new();
    match args.command {
        Command::Check { json: true } => check_json(context, &mut output)?,
        Command::Check { json: false } => check(context, &mut output)?,
        Command::Path => path(context, &mut output)?,
        Command::Show { json } => show(context, json, &mut output)?,
    }
    output.flush()?;
    Ok(0)
}

fn path(context: &Context, output: &mut Output) -> Result<()> {
    match config::file_place(&context.flags(), &context.environment)? {
        Some((place, _)) if output.is_terminal() => output.line(safe_path(&place.path)),
        Some((place, _)) => output.line(place.path.as_os_str().as_encoded_bytes()),
        None => Err(Error::new(Kind::Config, "there is no configuration file without a home directory")
            .with_hint("set $HOME, or name the file with --config PATH")),
    }
}

/// Says what is known before the file is read, so that it is there when the file turns out wrong.
fn check(context: &Context, output: &mut Output) -> Result<()> {
    let flags = context.flags();
    if let Some((place, _)) = config::file_place(&flags, &context.environment)? {
        output.line(format!("file: {} (from {})", safe_path(&place.path), place.decided_by))?;
    }
    let store = Config::resolve_without_file(&flags, &context.environment)?.store;
    output.line(format!("store: {} (from {})", safe_path(&store.path), store.decided_by))?;
    output.line(format!("environment: {}", environment(context)))?;
    output.flush()?;
    let config = context.config(&flags, &context.reporter())?;
    print_entries(&config, output)?;
    output.flush()?;
    let masker = Masker::new(&config.masking)?;
    output.line(format!("rules: all compile, version {}", masker.rules_version()))
}

fn check_json(context: &Context, output: &mut Output) -> Result<()> {
    let flags = context.flags();
    let place = config::file_place(&flags, &context.environment)?;
    let config = context.config(&flags, &context.reporter())?;
    let masker = Masker::new(&config.masking)?;
    let object = json!({
        "file": place.as_ref().map(|(place, _)| place.path.to_string_lossy()),
        "file_from": place.as_ref().map(|(place, _)| place.decided_by.to_string()),
        "is_read": matches!(config.file, FileState::Read(_)),
        "store": config.store.path.to_string_lossy(),
        "store_from": config.store.decided_by.to_string(),
        "warnings": config.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "rules_version": masker.rules_version().to_string(),
    });
    json::print("config-check", object, output)
}

fn show(context: &Context, as_json: bool, output: &mut Output) -> Result<()> {
    let config = context.config(&context.flags(), &context.reporter())?;
    if as_json {
        return print_json(&config, output);
    }
    output.line(format!("store: {} (from {})", safe_path(&config.store.path), config.store.decided_by))?;
    print_entries(&config, output)?;
    output.line(format!("threads: {}", config.threads()))?;
    output.line(format!("level: {}", config.level))
}

fn print_entries(config: &Config, output: &mut Output) -> Result<()> {
    output.line(match &config.file {
        FileState::Read(_) => "config: read".to_owned(),
        _ => "config: no file, built-in rules only".to_owned(),
    })?;
    let masking = &config.masking;
    for (index, (pattern, replacement)) in masking.patterns.iter().enumerate() {
        let (pattern, replacement) = (quoted(pattern), quoted(replacement));
        output.line(format!("mask_patterns[{index}]: {pattern} -> {replacement}"))?;
    }
    // What is masked because it is secret is counted, not shown.
    output.line(format!("mask_literals: {}", units::count(masking.literals.len() as u64, "text")))?;
    let lists = [
        ("allow_literals", &masking.allow_literals),
        ("allow_patterns", &masking.allow_patterns),
        ("disable_rules", &masking.disable_rules),
    ];
    for (name, list) in lists {
        for (index, text) in list.iter().enumerate() {
            output.line(format!("{name}[{index}]: {}", quoted(text)))?;
        }
    }
    for (index, agent) in config.agents.iter().enumerate() {
        let (name, label, family) = (&agent.name, quoted(&agent.label), &agent.family);
        let roots: Vec<String> = agent.roots.iter().map(|root| quoted(root)).collect();
        output.line(format!("agents[{index}]: {name} ({label}), as {family}: {}", roots.join(", ")))?;
    }
    output.line(format!("placeholders: {}", placeholders(config)))?;
    output.line(format!("mask_known_values: {}", config.masks_known_values))
}

fn print_json(config: &Config, output: &mut Output) -> Result<()> {
    let masking = &config.masking;
    let patterns: Vec<_> = masking
        .patterns
        .iter()
        .map(|(pattern, replacement)| json!({"pattern": pattern, "replacement": replacement}))
        .collect();
    let agents: Vec<_> = config
        .agents
        .iter()
        .map(|agent| {
            json!({"name": agent.name, "label": agent.label, "family": agent.family, "roots": agent.roots})
        })
        .collect();
    let file = match &config.file {
        FileState::Read(place) => json!(place.path.to_string_lossy()),
        _ => json!(null),
    };
    let object = json!({
        "file": file,
        "store": config.store.path.to_string_lossy(),
        "store_from": config.store.decided_by.to_string(),
        "mask_patterns": patterns,
        "mask_literals": masking.literals.len(),
        "allow_literals": masking.allow_literals,
        "allow_patterns": masking.allow_patterns,
        "disable_rules": masking.disable_rules,
        "agents": agents,
        "placeholders": placeholders(config),
        "mask_known_values": config.masks_known_values,
        "threads": config.threads(),
        "level": config.level,
    });
    json::print("config-show", object, output)
}

fn environment(context: &Context) -> String {
    let environment = &context.environment;
    let mut parts = Vec::new();
    if let Some(home) = environment.home() {
        parts.push(format!("home {}", safe_path(home)));
    }
    for name in [environment::STORE_VARIABLE, environment::FILE_VARIABLE] {
        if let Some(value) = environment.variable(name) {
            parts.push(format!("{name}={}", terminal_safe(value.as_encoded_bytes())));
        }
    }
    if parts.is_empty() { "nothing set".to_owned() } else { parts.join(", ") }
}

fn placeholders(config: &Config) -> &'static str {
    match config.placeholders {
        Placeholders::Plain => "plain",
        Placeholders::Tagged => "tagged",
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", terminal_safe(text.as_bytes()))
}
