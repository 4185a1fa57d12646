//! Sessions as rows of a table: what the sidecar says of each, and what was counted in it and its parts.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::view::counts::tally::Tally;

/// One row. Nothing is null, as in the rows of messages: a text that is not known is empty.
#[derive(Serialize)]
struct Row<'a> {
    session: &'a str,
    agent: &'a str,
    project: &'a str,
    title: &'a str,
    model: &'a str,
    git_branch: &'a str,
    cwd: &'a str,
    started_at: &'a str,
    ended_at: &'a str,
    archived_at: &'a str,
    forked_from: &'a str,
    parts: u64,
    messages: u64,
    prompts: u64,
    tool_calls: u64,
    tool_errors: u64,
    input_tokens: u64,
    output_tokens: u64,
    cache_read_tokens: u64,
    cache_write_tokens: u64,
    source_bytes: u64,
    archived_bytes: u64,
    masked_lines: u64,
    masked: u64,
    archive: &'a str,
}

/// How often a rule masked something in a session.
#[derive(Serialize)]
struct Masked<'a> {
    session: &'a str,
    agent: &'a str,
    project: &'a str,
    rule: &'a str,
    count: u64,
}

/// Appends the row of a session: of what its metadata says, as `list --json` shows it, and of what its transcript, the first
/// of `tallies`, and its parts hold.
pub(crate) fn write_row(metadata: &Map<String, Value>, tallies: &[&Tally], out: &mut Vec<u8>) {
    let text = |key: &str| metadata.get(key).and_then(Value::as_str).unwrap_or_default();
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(|tally| of(tally)).sum::<u64>();
    let row = Row {
        session: text("session_id"),
        agent: text("agent"),
        project: text("project_slug"),
        title: text("title"),
        model: text("model"),
        git_branch: text("git_branch"),
        cwd: text("cwd"),
        started_at: text("started_at"),
        ended_at: text("ended_at"),
        archived_at: text("archived_at"),
        forked_from: text("forked_from"),
        parts: tallies.len().saturating_sub(1) as u64,
        messages: sum(|tally| tally.messages),
        prompts: sum(|tally| if tally.is_part { 0 } else { tally.prompts }),
        tool_calls: sum(|tally| tally.calls().calls),
        tool_errors: sum(|tally| tally.calls().errors),
        input_tokens: sum(|tally| tally.tokens().input),
        output_tokens: sum(|tally| tally.tokens().output),
        cache_read_tokens: sum(|tally| tally.tokens().cache_read),
        cache_write_tokens: sum(|tally| tally.tokens().cache_write),
        source_bytes: sum(|tally| tally.source_bytes),
        archived_bytes: sum(|tally| tally.archived_bytes),
        masked_lines: sum(|tally| tally.masked_lines),
        masked: masked(tallies).values().sum(),
        archive: text("_archive_path"),
    };
    if serde_json::to_writer(&mut *out, &row).is_ok() {
        out.push(b'\n');
    }
}

/// Appends a row for each rule that masked something in the session, as [`write_row`] has it.
pub(crate) fn write_masked(metadata: &Map<String, Value>, tallies: &[&Tally], out: &mut Vec<u8>) {
    let text = |key: &str| metadata.get(key).and_then(Value::as_str).unwrap_or_default();
    let [session, agent, project] = ["session_id", "agent", "project_slug"].map(text);
    for (rule, count) in masked(tallies) {
        if serde_json::to_writer(&mut *out, &Masked { session, agent, project, rule, count }).is_ok() {
            out.push(b'\n');
        }
    }
}

fn masked<'a>(tallies: &[&'a Tally]) -> BTreeMap<&'a str, u64> {
    let mut masked = BTreeMap::new();
    for (rule, count) in tallies.iter().flat_map(|tally| &tally.masked_by_rule) {
        *masked.entry(&**rule).or_default() += count;
    }
    masked
}
