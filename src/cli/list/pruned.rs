//! The sessions that were pruned: when, which, and why.

use crate::archive::names::PRUNED_FILE;
use crate::cli::common::context::Context;
use crate::cli::common::json;
use crate::cli::common::output::Output;
use crate::error::Result;
use crate::report::{terminal_safe, units};
use crate::search::sessions::{self, Filter};
use serde_json::{Map, Value};
use std::path::Path;

/// Lists those that `filter` accepts, the last pruned first, no more than `limit` unless that is 0.
pub(crate) fn run(
    root: &Path,
    filter: &Filter,
    limit: usize,
    is_json: bool,
    context: &Context,
) -> Result<u8> {
    let (mut pruned, warning) = sessions::pruned(root)?;
    if let Some(warning) = warning {
        context.reporter().warn(format_args!("{}: {warning}", root.join(PRUNED_FILE).display()));
    }
    pruned.retain(|(session, _)| filter.accepts(session));
    if limit > 0 {
        pruned.truncate(limit);
    }
    let mut output = Output::new();
    if is_json {
        let objects = pruned.iter().map(|(session, tombstone)| {
            let mut object = Map::new();
            let mut text = |name: &str, text: Option<&str>| {
                if let Some(text) = text {
                    object.insert(name.to_owned(), Value::from(text));
                }
            };
            text("session_id", Some(&tombstone.session_id));
            text("agent", Some(&tombstone.agent));
            text("project_slug", Some(&tombstone.project_slug));
            text("title", tombstone.title.as_deref());
            text("started_at", tombstone.started_at.as_deref());
            text("ended_at", tombstone.ended_at.as_deref());
            text("pruned_at", Some(&tombstone.pruned_at));
            text("why", Some(&tombstone.why));
            object.insert("bytes".to_owned(), Value::from(tombstone.bytes));
            object.insert("parts".to_owned(), Value::from(session.stored.part_count));
            Value::Object(object)
        });
        json::print_list("list-pruned", objects, &mut output)?;
    } else if pruned.is_empty() {
        context.reporter().say("no session was pruned");
    } else {
        for (session, tombstone) in &pruned {
            let ended = session.last_text().get(..10).map(|day| format!("of {day}")).unwrap_or_default();
            let fields = [
                tombstone.pruned_at.as_str(),
                &tombstone.agent,
                &tombstone.project_slug,
                &tombstone.session_id,
                &ended,
                &units::size(tombstone.bytes),
                &format!("({})", tombstone.why),
                tombstone.title.as_deref().unwrap_or_default(),
            ];
            let line = fields.into_iter().filter(|field| !field.is_empty()).collect::<Vec<_>>().join("  ");
            output.line(terminal_safe(line.as_bytes()).as_bytes())?;
        }
    }
    output.flush()?;
    Ok(0)
}
