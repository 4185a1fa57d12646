//! Sessions as rows of a table: what the sidecar says of each, and what was counted in it and its parts.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::view::counts::tally::Tally;

#[derive(Serialize)]
struct Row<'a> {
    session: &'a str,
    agent: &'a str,
    project: &'a str,
    title: Option<&'a str>,
    model: Option<&'a str>,
    git_branch: Option<&'a str>,
    cwd: Option<&'a str>,
    started_at: Option<&'a str>,
    ended_at: Option<&'a str>,
    archived_at: Option<&'a str>,
    forked_from: Option<&'a str>,
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
    masked_by_rule: Vec<Masked<'a>>,
    archive: Option<&'a str>,
}

/// A list of pairs, not an object: rules are values, and columns of a table are not.
#[derive(Serialize)]
struct Masked<'a> {
    rule: &'a str,
    count: u64,
}

/// Appends the row of a session: of what its metadata says, as `list --json` shows it, and of what its transcript, the first
/// of `tallies`, and its parts hold.
pub(crate) fn write_row(metadata: &Map<String, Value>, tallies: &[&Tally], out: &mut Vec<u8>) {
    let text = |key: &str| metadata.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(|tally| of(tally)).sum::<u64>();
    let mut masked: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for (rule, count) in tallies.iter().flat_map(|tally| &tally.masked_by_rule) {
        *masked.entry(rule).or_default() += count;
    }
    let row = Row {
        session: text("session_id").unwrap_or_default(),
        agent: text("agent").unwrap_or_default(),
        project: text("project_slug").unwrap_or_default(),
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
        masked_by_rule: masked.into_iter().map(|(rule, count)| Masked { rule, count }).collect(),
        archive: text("_archive_path"),
    };
    if serde_json::to_writer(&mut *out, &row).is_ok() {
        out.push(b'\n');
    }
}
