//! Adds up what archives hold: in all, and by what is asked for.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::gather::Counted;
use super::tally::Tally;
use crate::message::Tokens;

/// What sums are made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum By {
    Agent,
    Project,
    Month,
    Model,
    Tool,
    Rule,
}

/// The sums of one group; of some groups, not all of them mean anything and are 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Sum {
    /// What the group is of; empty for all.
    pub name: String,
    pub sessions: u64,
    pub parts: u64,
    /// Everything that was said, parts with it.
    pub messages: u64,
    /// What users typed.
    pub prompts: u64,
    pub tool_calls: u64,
    pub tool_errors: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub cache_read_tokens: u64,
    pub cache_write_tokens: u64,
    /// Bytes of what was archived, and of its archives.
    pub source_bytes: u64,
    pub archived_bytes: u64,
    pub masked_lines: u64,
    /// Secrets that were masked.
    pub masked: u64,
    /// From first to last, of each session, in seconds.
    pub seconds: u64,
}

impl Sum {
    /// Returns how many bytes one archived byte stands for.
    pub(crate) fn ratio(&self) -> f64 {
        if self.archived_bytes == 0 { 0.0 } else { self.source_bytes as f64 / self.archived_bytes as f64 }
    }

    fn add_tokens(&mut self, tokens: Tokens) {
        self.input_tokens += tokens.input;
        self.output_tokens += tokens.output;
        self.cache_read_tokens += tokens.cache_read;
        self.cache_write_tokens += tokens.cache_write;
    }

    /// Adds an archive as a whole. What older versions of it say again counts in bytes only.
    fn add(&mut self, counted: &Counted) {
        let tally = &counted.tally;
        self.source_bytes += tally.source_bytes;
        self.archived_bytes += tally.archived_bytes;
        if !counted.is_newest {
            return;
        }
        self.parts += u64::from(tally.is_part);
        self.messages += tally.messages;
        self.prompts += if tally.is_part { 0 } else { tally.prompts };
        let calls = tally.calls();
        self.tool_calls += calls.calls;
        self.tool_errors += calls.errors;
        self.add_tokens(tally.tokens());
        self.masked_lines += tally.masked_lines;
        self.masked += tally.masked_by_rule.values().sum::<u64>();
        self.seconds += if tally.is_part { 0 } else { tally.seconds };
    }
}

/// The sum of a group, and the sessions in it, by agent and id.
#[derive(Default)]
struct Group<'a> {
    sum: Sum,
    sessions: HashSet<(&'a str, &'a str)>,
}

/// Groups by name.
#[derive(Default)]
struct Groups<'a> {
    groups: BTreeMap<&'a str, Group<'a>>,
}

impl<'a> Groups<'a> {
    fn of(&mut self, name: &'a str, tally: &'a Tally) -> &mut Sum {
        let group = self.groups.entry(name).or_default();
        group.sessions.insert((&tally.agent, &tally.session));
        &mut group.sum
    }

    fn finish(self) -> Vec<Sum> {
        let named = |(name, group): (&str, Group<'_>)| Sum {
            name: name.to_owned(),
            sessions: group.sessions.len() as u64,
            ..group.sum
        };
        self.groups.into_iter().map(named).collect()
    }
}

/// Returns the sum of all.
pub(crate) fn total(all: &[Counted]) -> Sum {
    let mut groups = Groups::default();
    all.iter().for_each(|counted| groups.of("", &counted.tally).add(counted));
    groups.finish().pop().unwrap_or_default()
}

/// Returns the sums of groups, the largest first; months in their order.
pub(crate) fn by(by: By, all: &[Counted]) -> Vec<Sum> {
    let mut groups = Groups::default();
    for counted in all {
        let tally = &counted.tally;
        match by {
            By::Agent => groups.of(&tally.agent, tally).add(counted),
            By::Project => groups.of(&tally.project, tally).add(counted),
            By::Month => groups.of(&tally.month, tally).add(counted),
            By::Model | By::Tool | By::Rule if !counted.is_newest => {}
            By::Model => add_models(&mut groups, tally),
            By::Tool => add_tools(&mut groups, tally),
            By::Rule => {
                for (rule, masked) in &tally.masked_by_rule {
                    groups.of(rule, tally).masked += masked;
                }
            }
        }
    }
    let mut sums = groups.finish();
    match by {
        By::Month => {}
        // Those of the same size stay in the order of their names.
        _ => sums.sort_by_key(|sum| std::cmp::Reverse(size(by, sum))),
    }
    sums
}

/// Returns the number that groups are compared by.
pub(crate) fn size(by: By, sum: &Sum) -> u64 {
    match by {
        By::Agent | By::Project | By::Month => sum.messages,
        By::Model => sum.output_tokens.max(sum.messages),
        By::Tool => sum.tool_calls,
        By::Rule => sum.masked,
    }
}

fn add_models<'a>(groups: &mut Groups<'a>, tally: &'a Tally) {
    for paid in &tally.paid {
        let sum = groups.of(&paid.model, tally);
        sum.messages += paid.messages;
        sum.add_tokens(paid.tokens());
    }
}

fn add_tools<'a>(groups: &mut Groups<'a>, tally: &'a Tally) {
    for (tool, calls) in &tally.tools {
        let sum = groups.of(tool, tally);
        sum.tool_calls += calls.calls;
        sum.tool_errors += calls.errors;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::counts::tally::{Calls, Paid};

    fn counted(session: &str, is_part: bool, is_newest: bool) -> Counted {
        let mut tally = Tally {
            session: session.to_owned(),
            agent: "codex".to_owned(),
            month: "2026-06".to_owned(),
            is_part,
            source_bytes: 100,
            archived_bytes: 10,
            messages: 5,
            prompts: 2,
            ..Tally::default()
        };
        tally.tools.insert("shell".to_owned(), Calls { calls: 3, errors: 1 });
        tally.masked_by_rule.insert("jwt".to_owned(), 4);
        let paid = Paid { model: "m".to_owned(), messages: 2, output: 7, ..Paid::default() };
        tally.paid = vec![
            Paid { month: "2026-06".to_owned(), ..paid.clone() },
            Paid { month: "2026-07".to_owned(), ..paid },
        ];
        Counted { tally, is_newest }
    }

    #[test]
    fn older_versions_count_in_bytes_and_parts_belong_to_their_session() {
        let all = [
            counted("a", false, true),
            counted("a", true, true),
            counted("a", false, false),
            counted("b", false, true),
        ];
        let total = total(&all);
        assert_eq!((total.sessions, total.parts, total.messages, total.prompts), (2, 1, 15, 4));
        assert_eq!((total.source_bytes, total.archived_bytes, total.ratio()), (400, 40, 10.0));
        assert_eq!((total.tool_calls, total.tool_errors, total.output_tokens, total.masked), (9, 3, 42, 12));
        for (by_what, name) in [
            (By::Agent, "codex"),
            (By::Month, "2026-06"),
            (By::Model, "m"),
            (By::Tool, "shell"),
            (By::Rule, "jwt"),
        ] {
            let sums = by(by_what, &all);
            assert_eq!(sums.len(), 1, "{by_what:?}");
            assert_eq!((&*sums[0].name, sums[0].sessions), (name, 2), "{by_what:?}");
        }
        assert_eq!(by(By::Model, &all)[0].output_tokens, 42);
        assert_eq!(by(By::Project, &[]), []);
    }
}
