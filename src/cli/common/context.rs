//! What a command runs in: the options that all commands share, the configuration they lead to, and the reporter.

use crate::agents;
use crate::config::{ColorChoice, Config, Flags};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::mask::{Masker, Options};
use crate::report::{Reporter, Verbosity};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::sync::LazyLock;

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct CommonArgs {
    /// Store to use [default: $SESSIONKEEP_DIR or ~/.sessionkeep/sessions]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Configuration file [default: $SESSIONKEEP_CONFIG or ~/.sessionkeep/config.json]
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) config: Option<PathBuf>,
    /// Print only results, warnings and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more about what is done and why, and how long it took; -vv with counts, and the time of each step
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Threads to work with; 0 for one for each processor
    #[arg(long, global = true, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) threads: usize,
    /// Colour the output
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    pub(crate) color: When,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

/// How transcripts are masked and compressed; for the commands that archive.
#[derive(Debug, Args)]
pub(crate) struct ArchivingArgs {
    /// Compression level [default: 6]; 1 takes 2/3 of the time for 8 % more bytes, 9 takes 1.8 times as long for 1 % less
    #[arg(long, value_name = "1..12", value_parser = clap::value_parser!(u8).range(1..=12))]
    pub(crate) level: Option<u8>,
    /// Do not mask values known from outside (environment files, credentials on disk)
    #[arg(long)]
    pub(crate) no_known_values: bool,
    /// Start, and go on, even where the disk may become full
    #[arg(long)]
    pub(crate) force: bool,
}

/// What a command runs in: the options that all share, and the environment.
pub(crate) struct Context {
    pub(crate) common: CommonArgs,
    pub(crate) environment: Environment,
}

impl Context {
    pub(crate) fn new(common: CommonArgs) -> Context {
        Context { common, environment: Environment::of_process() }
    }

    pub(crate) fn reporter(&self) -> Reporter {
        let reporter = Reporter::new(Verbosity::from_flags(self.common.quiet, self.common.verbose));
        let (flags, environment) = (self.flags(), self.environment.clone());
        // A message names files, and a file's name may hold anything. Built for the first message, as most runs have
        // none; where the configuration is what is wrong, the built-in rules stand in.
        let masker = LazyLock::new(move || {
            let configured =
                Config::resolve(&flags, &environment).and_then(|config| Masker::new(&config.masking));
            configured.or_else(|_| Masker::new(&Options::default()))
        });
        reporter.with_veil(Box::new(move |message| match &*masker {
            Ok(masker) => masker.mask_name(message),
            Err(_) => "a message that could not be masked".to_owned(),
        }))
    }

    pub(crate) fn flags(&self) -> Flags {
        Flags {
            store: self.common.out.clone(),
            file: self.common.config.clone(),
            threads: Some(self.common.threads),
            level: None,
            color: match self.common.color {
                When::Auto => ColorChoice::Auto,
                When::Always => ColorChoice::Always,
                When::Never => ColorChoice::Never,
            },
            no_known_values: false,
        }
    }

    pub(crate) fn archiving_flags(&self, args: &ArchivingArgs) -> Flags {
        Flags { level: args.level, no_known_values: args.no_known_values, ..self.flags() }
    }

    /// Returns the configuration of a command that masks, after saying what is odd about its file. The agents of the user's
    /// own are known from then on.
    pub(crate) fn config(&self, flags: &Flags, reporter: &Reporter) -> Result<Config> {
        let config = Config::resolve(flags, &self.environment)?;
        for warning in &config.warnings {
            reporter.warn(warning);
        }
        agents::add_own(&config.agents);
        Ok(config)
    }

    /// Returns the configuration of a command that goes on though its file cannot be used, and why it cannot. The agents
    /// of the user's own are known from then on.
    pub(crate) fn config_or_builtin(&self) -> Result<(Config, Option<Error>)> {
        let (config, broken) = Config::resolve_or_builtin(&self.flags(), &self.environment)?;
        agents::add_own(&config.agents);
        Ok((config, broken))
    }

    /// Returns the configuration of a command that only reads the store; the file is left alone.
    pub(crate) fn reading_config(&self) -> Result<Config> {
        Config::resolve_without_file(&self.flags(), &self.environment)
    }
}
