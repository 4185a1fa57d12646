//! `sessionkeep show SESSION`: what was said in a session.

use std::ops::ControlFlow;
use std::path::PathBuf;

use super::common::context::Context;
use super::common::output::Output;
use crate::agents;
use crate::archive::reader::Archive;
use crate::error::Result;
use crate::platform::thread_pool;
use crate::view::json::{self, Whose};
use crate::view::reading;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Path of an archive
    #[arg(value_name = "SESSION")]
    session: PathBuf,
    /// Print one JSON object for each message
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let config = context.reading_config()?;
    let archive = Archive::open(&args.session)?;
    let mut whose = Whose::default();
    if let Some(header) = archive.header() {
        whose.session = header.identity.session_id.clone();
        whose.agent = header.identity.agent.clone();
        whose.project = header.project_slug.clone();
        whose.part = header.identity.part_id.clone();
    }
    let agent = agents::agent(&whose.agent);
    let mut output = Output::new();
    let mut line = Vec::new();
    let threads = config.threads();
    thread_pool(threads)?.install(|| {
        reading::read(&archive, agent, threads, &mut |told| {
            line.clear();
            json::write(told, &whose, false, &mut line);
            output.write(&line)?;
            Ok(ControlFlow::Continue(()))
        })
    })?;
    output.flush()?;
    Ok(0)
}
