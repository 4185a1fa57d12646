//! Reads what an answer cost, in whatever words.

use crate::agents::record::Value;
use crate::message::Tokens;

/// Names that agents have for what was read anew.
const INPUT: [&str; 7] = [
    "input_tokens",
    "prompt_tokens",
    "inputTokens",
    "input",
    "promptTokenCount",
    "promptTokens",
    "inputOther",
];
const OUTPUT: [&str; 7] = [
    "output_tokens",
    "completion_tokens",
    "outputTokens",
    "output",
    "candidatesTokenCount",
    "completionTokens",
    "candidates",
];
const CACHE_READ: [&str; 9] = [
    "cache_read_input_tokens",
    "cached_input_tokens",
    "cacheRead",
    "cacheReadTokens",
    "cacheReadInputTokens",
    "cache_read_tokens",
    "cachedContentTokenCount",
    "cached",
    "inputCacheRead",
];
const CACHE_WRITE: [&str; 8] = [
    "cache_creation_input_tokens",
    "cache_write_input_tokens",
    "cacheWrite",
    "cacheWriteTokens",
    "cacheCreationInputTokens",
    "cache_write_tokens",
    "cacheCreation",
    "inputCacheCreation",
];

/// Whether what was read from a cache is counted in what was read at all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cached {
    Apart,
    Within,
}

/// Reads an object of counts. `None` where it is none, or says nothing.
pub(crate) fn tokens(usage: Option<Value<'_>>, cached: Cached) -> Option<Tokens> {
    let usage = usage?;
    let record = usage.record()?;
    let number =
        |value: Value<'_>| value.number().filter(|number| *number >= 0.0).map(|number| number as u64);
    let read = |names: &[&str]| names.iter().find_map(|name| number(record.get(name)?)).unwrap_or(0);
    // OpenCode keeps the cache's counts in an object of their own.
    let in_cache = |name: &str| record.inside("cache", name).and_then(number).unwrap_or(0);
    let cache_read = read(&CACHE_READ).max(in_cache("read"));
    let cache_write = read(&CACHE_WRITE).max(in_cache("write"));
    let mut input = read(&INPUT);
    if cached == Cached::Within {
        input = input.saturating_sub(cache_read).saturating_sub(cache_write);
    }
    let tokens = Tokens { input, output: read(&OUTPUT), cache_read, cache_write };
    (!tokens.is_zero()).then_some(tokens)
}

/// Reads an object of counts as Google's interface has them: what was read from a cache is counted in what was read at all,
/// and what was thought is not always counted in what was said, but always in all.
pub(crate) fn google_tokens(usage: Option<Value<'_>>) -> Option<Tokens> {
    let mut paid = tokens(usage, Cached::Within)?;
    let count = |names: [&str; 2]| {
        let number = names.iter().find_map(|name| usage?.member(name)?.number());
        number.filter(|number| *number >= 0.0).map(|number| number as u64)
    };
    let tool = count(["tool", "toolUsePromptTokenCount"]).unwrap_or(0);
    if let Some(all) = count(["total", "totalTokenCount"]) {
        let read = paid.input + paid.cache_read + paid.cache_write;
        paid.output = paid.output.max(all.saturating_sub(read).saturating_sub(tool));
    }
    Some(paid)
}
