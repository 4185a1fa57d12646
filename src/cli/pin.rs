//! `sessionkeep pin SESSION...` and `sessionkeep unpin SESSION...`: what no policy prunes.

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use crate::archive::ledger::pins::{self, Pin};
use crate::archive::sidecar::time_text;
use crate::archive::store::Store;
use crate::archive::store::lock::IMPORT_WAIT;
use crate::error::{Error, Kind, Result};
use crate::identity::{FILES, Identity, safe_id};
use crate::platform::clock;
use crate::report::{Reporter, terminal_safe};
use crate::search::sessions::{Filter, Session};
use crate::view::session::{Address, Found, candidate_line, find};
use serde_json::json;
use std::ffi::OsString;
use std::path::Path;

const EXAMPLES: &str = "\
Examples:
  sessionkeep pin 1a2b3c4d
  sessionkeep pin @last
  sessionkeep pin --list
  sessionkeep unpin 1a2b3c4d

'sessionkeep prune' never removes a pinned session, whatever it is asked for. Pins are kept in the store,
in pinned.jsonl.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Sessions: the beginning of an id, @last, @last~1, or the path of an archive
    #[arg(value_name = "SESSION", required_unless_present = "list", conflicts_with = "list")]
    sessions: Vec<OsString>,
    /// Show what is pinned
    #[arg(long)]
    list: bool,
    /// With --list: print it as JSON
    #[arg(long, requires = "list")]
    json: bool,
    /// Unpin these sessions, as 'sessionkeep unpin' does
    #[arg(long, conflicts_with = "list")]
    unpin: bool,
}

const UNPIN_EXAMPLES: &str = "\
Examples:
  sessionkeep unpin 1a2b3c4d
  sessionkeep pin --list                   what is pinned";

#[derive(Debug, clap::Args)]
#[command(after_help = UNPIN_EXAMPLES)]
pub(crate) struct UnpinArgs {
    /// Sessions: the beginning of an id, @last, @last~1, or the path of an archive
    #[arg(value_name = "SESSION", required = true)]
    sessions: Vec<OsString>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    match (args.list, args.unpin) {
        (true, _) => list(args.json, context),
        (false, true) => unpin(&args.sessions, context),
        (false, false) => pin(&args.sessions, context),
    }
}

pub(crate) fn run_unpin(args: &UnpinArgs, context: &Context) -> Result<u8> {
    unpin(&args.sessions, context)
}

fn pin(names: &[OsString], context: &Context) -> Result<u8> {
    let (config, reporter) = (context.reading_config()?, context.reporter());
    let root = &config.store.path;
    // All are found before anything is written.
    let found: Vec<Identity> =
        names.iter().map(|name| named(root, name, &reporter)).collect::<Result<_>>()?;
    let store = Store::open(root)?;
    // Whoever prunes looks at the pins with these held.
    let _locks = store.lock_sessions(&found, IMPORT_WAIT)?;
    let pinned_at = time_text(clock::now());
    let mut already = Vec::new();
    pins::change(&store, |pins| {
        for session in &found {
            let Identity { agent, session_id, .. } = session.clone();
            if pins.iter().any(|pin| pin.is_of(&agent, &session_id)) {
                already.push(session_id);
            } else {
                pins.push(Pin { agent, session_id, pinned_at: pinned_at.clone() });
            }
        }
    })?;
    for session in &found {
        let word = if already.contains(&session.session_id) { "was pinned already" } else { "pinned" };
        reporter.say(format_args!("{word}: {} ({})", session.session_id, session.agent));
    }
    Ok(0)
}

fn unpin(names: &[OsString], context: &Context) -> Result<u8> {
    let (config, reporter) = (context.reading_config()?, context.reporter());
    let root = &config.store.path;
    let known = pins::read(root)?;
    let mut gone = Vec::new();
    for name in names {
        // Of a session that is not archived any more, the pin tells the id.
        let of_pin = name.to_str().map(|id| begins(&known, id)).unwrap_or_default();
        match of_pin[..] {
            [pin] => gone.push(pin.session()),
            [] => gone.push(named(root, name, &reporter)?),
            _ => {
                let what = format!("'{}' could be {} pinned sessions", name.to_string_lossy(), of_pin.len());
                return Err(Error::new(Kind::Usage, what)
                    .with_hint("write more of the id; sessionkeep pin --list shows them"));
            }
        }
    }
    if known.is_empty() {
        reporter.say("no session is pinned");
        return Ok(0);
    }
    pins::change(&Store::open(root)?, |pins| pins.retain(|pin| !gone.contains(&pin.session())))?;
    for session in &gone {
        let was = known.iter().any(|pin| pin.session() == *session);
        let word = if was { "unpinned" } else { "was not pinned" };
        reporter.say(format_args!("{word}: {} ({})", session.session_id, session.agent));
    }
    Ok(0)
}

fn begins<'a>(pins: &'a [Pin], id: &str) -> Vec<&'a Pin> {
    let is_it = |pin: &&Pin| {
        let start = pin.session_id.as_bytes().get(..id.len());
        !id.is_empty() && start.is_some_and(|start| start.eq_ignore_ascii_case(id.as_bytes()))
    };
    let found: Vec<&Pin> = pins.iter().filter(is_it).collect();
    match found.iter().find(|pin| pin.session_id.eq_ignore_ascii_case(id)) {
        Some(whole) if found.iter().filter(|pin| pin.session_id == whole.session_id).count() == 1 => {
            vec![whole]
        }
        _ => found,
    }
}

/// Returns the session that is meant; where it could be several, says which.
fn named(root: &Path, name: &OsString, reporter: &Reporter) -> Result<Identity> {
    let address = Address::parse(name)?;
    if address.index.is_some() {
        let error = Error::new(Kind::Usage, "a session is pinned as a whole");
        return Err(error.with_hint("leave out what stands behind the #"));
    }
    match find(root, &address.name, &Filter::default())? {
        Found::One(session) => identity(&session),
        Found::Several(several) => {
            for session in &several {
                reporter.say(terminal_safe(candidate_line(session).as_bytes()));
            }
            let what = format!("'{}' could be any of {} sessions", address.name, several.len());
            Err(Error::new(Kind::Usage, what).with_hint("write more of the id"))
        }
    }
}

fn identity(session: &Session<'_>) -> Result<Identity> {
    if session.session_id.is_empty() {
        return Err(Error::new(Kind::Store, "cannot pin a session that does not say its id:")
            .with_path(session.stored.archive_path()));
    }
    let agent = session.agent.as_deref().unwrap_or(FILES).to_owned();
    Ok(Identity { agent, session_id: safe_id(&session.session_id), part_id: None })
}

fn list(is_json: bool, context: &Context) -> Result<u8> {
    let config = context.reading_config()?;
    let pins = pins::read(&config.store.path)?;
    let mut output = Output::new();
    if is_json {
        let objects = pins
            .iter()
            .map(|pin| json!({"session_id": pin.session_id, "agent": pin.agent, "pinned_at": pin.pinned_at}));
        json::print_list("pin", objects, &mut output)?;
    } else if pins.is_empty() {
        context.reporter().say("no session is pinned");
    } else {
        for pin in &pins {
            let line = format!("{}  {}  {}", pin.pinned_at, pin.agent, pin.session_id);
            output.line(terminal_safe(line.as_bytes()).as_bytes())?;
        }
    }
    output.flush()?;
    Ok(0)
}
