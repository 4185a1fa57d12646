//! `sessionkeep show SESSION`: what was said in a session, for people and for programs.
//!
//! In: what names a session, and the options that choose messages. Out: those messages, in one of four forms. `args` is
//! what is asked for; `source` finds the session, `read` reads no more of it than it must, `print` writes what was chosen, and
//! `pager` is where that goes.

mod args;
mod pager;
mod print;
mod read;
mod source;

use jiff::tz::TimeZone;

use super::common::context::Context;
use super::common::output::Output;
use crate::error::{Error, Kind, Result};
use crate::report::terminal;
use crate::view::markdown::Document;
use crate::view::session::{Address, Part};
use crate::view::terminal::{Colors, Style};
use pager::Page;
use print::{Extent, Form, Printer};
use source::Source;

pub(crate) use args::Args;

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let address = Address::parse(&args.address)?;
    let mut choice = args.choice()?;
    let filter = args.select.filter(&context.environment)?;
    let reporter = context.reporter();
    let (config, _) = context.config_or_builtin()?;
    let mut source = source::open(&address.name, &filter, &config.store.path, context, &reporter)?;
    if let Some(wanted) = &args.part {
        source = of_part(source, wanted)?;
    }
    choice.settle(source.about.started.or(source.about.ended), &TimeZone::system())?;
    if source.is_unarchived {
        reporter.say("not archived: masked to be shown, as 'sessionkeep archive' would keep it");
    }
    let is_terminal = Output::new().is_terminal();
    let is_for_people = !args.raw && !args.json;
    let page = Page::open(is_for_people && !args.no_pager, &context.environment);
    let form = match (args.raw, args.json, args.markdown) {
        (true, _, _) => Form::Raw,
        (_, true, _) => Form::Json { with_images: args.full },
        (_, _, true) => Form::Markdown(Document::new(TimeZone::system())),
        _ => Form::Terminal(Box::new(crate::view::terminal::Page::new(Style {
            columns: is_terminal.then(terminal::width),
            zone: TimeZone::system(),
            is_full: args.full,
            colors: Colors::new(config.is_colored(is_terminal)),
        }))),
    };
    let extent = match (address.index, args.tail) {
        (Some(index), _) => Extent::Around(index, args.context),
        (None, Some(count)) => Extent::Last(count as usize),
        (None, None) => Extent::All,
    };
    let mut printer = Printer::new(form, choice, extent, page, is_terminal);
    // All of a part is a subagent's.
    printer.unfolds = args.parts || args.full || source.about.whose.part.is_some();
    let threads = config.threads();
    crate::platform::thread_pool(threads)?.install(|| read::read(&source, &mut printer, threads))?;
    let has_met = printer.has_met();
    let is_of_all = printer.choice.is_of_all();
    let counts = printer.end()?;
    if let (Some(index), false) = (address.index, has_met) {
        let error = Error::new(Kind::Store, format!("no message #{index} in '{}'", address.name));
        return Err(
            error.with_hint("see the indexes of messages with 'sessionkeep show SESSION'; --raw shows lines")
        );
    }
    if counts.shown > 0 || is_of_all || address.index.is_some() {
        return Ok(0);
    }
    reporter.say(match counts.hidden_thinking + counts.hidden_events {
        0 => "no message of the session matches",
        _ => "all that matches is hidden: see it with --thinking and --events",
    });
    Ok(1)
}

/// Returns the part that `wanted` names, by its id or the beginning of what is its own in it, as a session of its own.
fn of_part(mut source: Source, wanted: &str) -> Result<Source> {
    let named = |part: &&Part| part.id == wanted;
    let begins =
        |part: &&Part| !part.is_note() && (part.id.starts_with(wanted) || part.token().starts_with(wanted));
    let mut found: Vec<&Part> = source.parts.iter().filter(named).collect();
    if found.is_empty() {
        found = source.parts.iter().filter(begins).collect();
    }
    let list = |parts: &mut dyn Iterator<Item = &Part>| {
        parts.take(20).map(|part| part.id.as_str()).collect::<Vec<_>>().join(", ")
    };
    match found[..] {
        [part] => {
            (source.about, source.main) = (source.about.part(part), Some(part.open()?));
            source.parts.clear();
            Ok(source)
        }
        [] if source.parts.is_empty() => {
            Err(Error::new(Kind::Store, "the session has no parts").with_hint("leave out --part"))
        }
        [] => {
            let error = Error::new(Kind::Store, format!("no part of the session is '{wanted}'"));
            Err(error.with_hint(format!("its parts: {}", list(&mut source.parts.iter()))))
        }
        ref several => {
            let what = format!("'{wanted}' could be any of {} parts", several.len());
            let hint = format!("write more of it: {}", list(&mut several.iter().copied()));
            Err(Error::new(Kind::Usage, what).with_hint(hint))
        }
    }
}
