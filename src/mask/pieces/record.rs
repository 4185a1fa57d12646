//! Which records hold pieces of a message, and where in them. Owns the formats: Grok's and other agents' `..._chunk`
//! updates, `text-chunks`, appends of VS Code's journals, `content.part`, and the deltas of the streams of
//! Anthropic's and OpenAI's interfaces, which agents print and proxies record.

use crate::mask::text::json::{Kind, Tokens};
use aho_corasick::packed;
use memchr::memmem;
use std::ops::Range;
use std::sync::LazyLock;

/// One of these stands in every record with a piece, and in hardly any other line. The sweep over all bytes looks for the
/// same ones, as literals.
pub(crate) const SIGNS: [&str; 7] =
    ["chunk\"", "chunks\"", "delta\"", "\"kind\":2", "\"kind\": 2", "\"kind\" : 2", "content.part"];

/// A string, or a string of a list, that goes on a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The record's line, without its end.
    pub line: Range<usize>,
    /// The content of the string, without its quotes.
    pub at: Range<usize>,
    /// The same for all pieces of a message, and seldom for those of others.
    pub key: u64,
}

/// Built when the first record with a piece is seen: few runs see any. `None` where the processor has no vectors for it.
static SEARCHER: LazyLock<Option<packed::Searcher>> = LazyLock::new(|| packed::Searcher::new(SIGNS));

/// Returns where the first sign of a piece stands in a range of `bytes`.
pub(crate) fn find_sign(bytes: &[u8], range: Range<usize>) -> Option<usize> {
    if range.is_empty() {
        return None;
    }
    match &*SEARCHER {
        Some(searcher) => searcher.find_in(bytes, aho_corasick::Span::from(range)).map(|sign| sign.start()),
        None => {
            let first = |sign: &&str| memmem::find(&bytes[range.clone()], sign.as_bytes());
            SIGNS.iter().filter_map(first).min().map(|at| range.start + at)
        }
    }
}

/// What sort of record it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// `{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"..."}}`
    Chunk = 1,
    /// `{"type":"text-chunks","data":{"texts":["...","..."]}}`
    List,
    /// `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"..."}}`,
    /// `{"type":"response.output_text.delta","item_id":"...","delta":"..."}`
    Delta,
    /// `{"type":"content.part","turnId":"2","part":{"type":"text","text":"..."}}`
    Part,
    /// `{"kind":2,"k":["requests",0,"response"],"v":[{"value":"..."}]}`
    Append,
    /// `{"method":"item/agentMessage/delta","params":{"delta":"..."}}`, `{"type":"message.part.updated","delta":"..."}`
    Named,
    /// `{"type":"message","role":"assistant","content":"...","delta":true}`
    Flagged,
}

/// Members that tell messages that stream side by side from each other. Those that differ from record to record of a
/// message (`uuid`, `event_id`, `seq`) must not be among them.
const MESSAGE_NAMES: [&[u8]; 22] = [
    b"sessionId",
    b"session_id",
    b"index",
    b"item_id",
    b"output_index",
    b"content_index",
    b"parent_tool_use_id",
    b"toolCallId",
    b"tool_call_id",
    b"call_id",
    b"messageId",
    b"turnId",
    b"step",
    b"agentId",
    b"thread_id",
    b"promptId",
    b"stepUuid",
    b"message_id",
    b"messageID",
    b"partID",
    b"response_id",
    b"responseId",
];

/// Members that hold the text of a delta or a part.
const TEXT_NAMES: [&[u8]; 14] = [
    b"text",
    b"thinking",
    b"think",
    b"partial_json",
    b"content",
    b"reasoning",
    b"reasoning_content",
    b"arguments",
    b"refusal",
    b"output",
    b"value",
    b"delta",
    b"chunk",
    b"input",
];

/// Members that hold the text of a chunk that has no `content`.
const CHUNK_NAMES: [&[u8]; 5] = [b"content", b"text", b"delta", b"output", b"chunk"];

/// Lists of texts.
const LIST_NAMES: [&[u8]; 3] = [b"texts", b"chunks", b"data"];

/// Members that hold the text of what is appended to a journal.
const APPENDED_NAMES: [&[u8]; 6] = [b"value", b"text", b"content", b"data", b"message", b"thinking"];

/// How ids begin that all chunks of an answer share.
const ANSWER_IDS: [&[u8]; 5] = [b"chatcmpl", b"cmpl-", b"gen-", b"resp_", b"msg_"];

/// So much may stand before a record in its line.
const MOST_BEFORE: usize = 64;

/// A string that may turn out to be a piece when the record's sort is known.
struct Candidate<'a> {
    at: Range<usize>,
    name: &'a [u8],
    /// The name of the nearest container that says what it is: `delta`, `part`, `texts`, `content`, `v`.
    within: &'static [u8],
    /// Whether it stands in what is appended to a journal.
    is_appended: bool,
    /// How many containers it is in.
    depth: usize,
}

/// Containers that say what the strings in them are.
const CONTAINERS: [&[u8]; 6] = [b"delta", b"part", b"texts", b"content", b"data", b"v"];

/// Adds the pieces that the record in `line` of `bytes` holds, if it is one that has any.
pub(crate) fn pieces_of(bytes: &[u8], line: Range<usize>, pieces: &mut Vec<Piece>) {
    // Server-sent events have `data: ` before each record, logs a time.
    let Some(start) = memchr::memchr(b'{', &bytes[line.start..line.end.min(line.start + MOST_BEFORE)]) else {
        return;
    };
    let base = line.start + start;
    let text = &bytes[base..line.end];
    let mut sort = None;
    let mut id: Option<Range<usize>> = None;
    let mut message = Hash::new();
    let mut candidates: Vec<Candidate> = Vec::new();
    // The names of open containers; an array's strings go by the array's name.
    let mut open: Vec<(&[u8], bool)> = Vec::new();
    let mut name: &[u8] = b"";
    for token in Tokens::new(text) {
        let Ok(token) = token else { return };
        let value = &text[token.at.clone()];
        if let Some((of_array, true)) = open.last()
            && !matches!(token.kind, Kind::ObjectEnd | Kind::ArrayEnd)
        {
            name = of_array;
        }
        match token.kind {
            Kind::Key => name = value,
            Kind::ObjectStart => open.push((name, false)),
            Kind::ArrayStart => open.push((name, true)),
            Kind::ObjectEnd | Kind::ArrayEnd => drop(open.pop()),
            Kind::Number if name == b"kind" && open.len() == 1 && value == b"2" => sort = Some(Sort::Append),
            Kind::Word if name == b"delta" && value == b"true" => sort = sort.or(Some(Sort::Flagged)),
            Kind::Text if name == b"id" && open.len() == 1 => id = Some(token.at),
            Kind::Text if matches!(name, b"type" | b"sessionUpdate" | b"object" | b"method") => {
                sort = sort.or_else(|| sort_of(name, value));
                message.add(value);
            }
            Kind::Text | Kind::Number
                if MESSAGE_NAMES.contains(&name) || open.iter().any(|of| of.0 == b"k") =>
            {
                message.add(name);
                message.add(value);
            }
            Kind::Text => {
                let nearest = |of: &(&[u8], bool)| CONTAINERS.iter().find(|container| **container == of.0);
                let within = open.iter().rev().find_map(nearest).copied().unwrap_or(b"");
                let is_appended = open.iter().any(|of| of.0 == b"v");
                candidates.push(Candidate { at: token.at, name, within, is_appended, depth: open.len() });
            }
            _ => {}
        }
    }
    let has_delta = || candidates.iter().any(|candidate| candidate.name == b"delta");
    let Some(sort) = sort.or_else(|| has_delta().then_some(Sort::Named)) else { return };
    // The same in all chunks of an answer; of other records each has one of its own.
    if let Some(id) = id.filter(|_| sort == Sort::Delta) {
        let id = &text[id];
        if ANSWER_IDS.iter().any(|begin| id.starts_with(begin)) {
            message.add(id);
        }
    }
    for Candidate { at, name, within, is_appended, depth } in candidates {
        let is_piece = match sort {
            Sort::Chunk if within == b"content" || within == b"data" => TEXT_NAMES.contains(&name),
            Sort::Chunk => within.is_empty() && CHUNK_NAMES.contains(&name),
            Sort::List => {
                within == b"texts" && name == b"texts" || within == b"data" && LIST_NAMES.contains(&name)
            }
            Sort::Delta => name == b"delta" || within == b"delta" && TEXT_NAMES.contains(&name),
            Sort::Part => within == b"part" && TEXT_NAMES.contains(&name),
            Sort::Append => name == b"v" || is_appended && APPENDED_NAMES.contains(&name),
            Sort::Named => name == b"delta",
            Sort::Flagged => depth == 1 && matches!(name, b"content" | b"text"),
        };
        if is_piece && !at.is_empty() {
            let mut key = message.clone();
            key.add(&[sort as u8]);
            key.add(name);
            let at = base + at.start..base + at.end;
            pieces.push(Piece { line: line.clone(), at, key: key.0 });
        }
    }
}

fn sort_of(name: &[u8], value: &[u8]) -> Option<Sort> {
    match value {
        value if value.ends_with(b"_chunk") || value.ends_with(b"-chunk") => Some(Sort::Chunk),
        value if value.ends_with(b"-chunks") => Some(Sort::List),
        b"content.part" => Some(Sort::Part),
        value if name == b"object" && value.ends_with(b".chunk") => Some(Sort::Delta),
        value if [&b"_delta"[..], b".delta", b"-delta", b"/delta"].iter().any(|end| value.ends_with(end)) => {
            Some(Sort::Delta)
        }
        _ => None,
    }
}

/// FNV-1a, over texts that must not run into each other.
#[derive(Clone)]
struct Hash(u64);

impl Hash {
    fn new() -> Hash {
        Hash(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, text: &[u8]) {
        for &byte in text.iter().chain(&[0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}
