//! Which records hold pieces of a message, and where in them. Owns the formats: Grok's and other agents' `..._chunk`
//! updates, `text-chunks`, appends of VS Code's journals, `content.part`, and the deltas of the streams of
//! Anthropic's and OpenAI's interfaces, which agents print and proxies record.

use super::super::json::{Kind, Tokens};
use aho_corasick::packed;
use memchr::memmem;
use std::ops::Range;

/// One of these stands in every record with a piece, and in hardly any other line.
const SIGNS: [&str; 6] = ["chunk\"", "chunks\"", "delta\"", "\"kind\":2", "\"kind\": 2", "content.part"];

/// A string, or a string of a list, that goes on a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The record's line, without its end.
    pub line: Range<usize>,
    /// The content of the string, without its quotes.
    pub at: Range<usize>,
    /// The same for all pieces of a message, and seldom for those of others.
    pub key: u64,
}

/// Finds lines that may hold pieces.
pub struct Signs(Option<packed::Searcher>);

impl Signs {
    pub fn new() -> Signs {
        Signs(packed::Searcher::new(SIGNS))
    }

    /// Returns whether there is a sign in `bytes`.
    pub fn are_in(&self, bytes: &[u8]) -> bool {
        self.find(bytes, 0..bytes.len()).is_some()
    }

    /// Returns where the first sign stands in a range.
    pub fn find(&self, bytes: &[u8], range: Range<usize>) -> Option<usize> {
        if range.is_empty() {
            return None;
        }
        match &self.0 {
            Some(searcher) => {
                searcher.find_in(bytes, aho_corasick::Span::from(range)).map(|sign| sign.start())
            }
            None => {
                let part = &bytes[range.clone()];
                let first = |sign: &&str| memmem::find(part, sign.as_bytes());
                SIGNS.iter().filter_map(first).min().map(|at| range.start + at)
            }
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
}

/// Members that tell messages that stream side by side from each other. Those that differ from record to record of a
/// message (`uuid`, `event_id`, `seq`) must not be among them.
const MESSAGE_NAMES: [&[u8]; 15] = [
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

/// A string that may turn out to be a piece when the record's sort is known.
struct Candidate<'a> {
    at: Range<usize>,
    name: &'a [u8],
    /// The name of the nearest container that says what it is: `delta`, `part`, `texts`, `content`, `v`.
    within: &'static [u8],
}

/// Containers that say what the strings in them are.
const CONTAINERS: [&[u8]; 5] = [b"delta", b"part", b"texts", b"content", b"v"];

/// Adds the pieces that the record in `line` of `bytes` holds, if it is one that has any.
pub fn pieces_of(bytes: &[u8], line: Range<usize>, pieces: &mut Vec<Piece>) {
    let text = &bytes[line.clone()];
    let mut sort = None;
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
            Kind::Text if matches!(name, b"type" | b"sessionUpdate" | b"object") => {
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
                candidates.push(Candidate { at: token.at, name, within });
            }
            _ => {}
        }
    }
    let Some(sort) = sort else { return };
    for Candidate { at, name, within } in candidates {
        let is_piece = match sort {
            Sort::Chunk => within == b"content" && name == b"text" || within.is_empty() && name == b"content",
            Sort::List => within == b"texts" && name == b"texts",
            Sort::Delta => name == b"delta" || within == b"delta" && TEXT_NAMES.contains(&name),
            Sort::Part => within == b"part" && TEXT_NAMES.contains(&name),
            Sort::Append => name == b"v" || within == b"v" && TEXT_NAMES.contains(&name),
        };
        if is_piece && !at.is_empty() {
            let mut key = message.clone();
            key.add(&[sort as u8]);
            key.add(name);
            let at = line.start + at.start..line.start + at.end;
            pieces.push(Piece { line: line.clone(), at, key: key.0 });
        }
    }
}

fn sort_of(name: &[u8], value: &[u8]) -> Option<Sort> {
    match value {
        value if value.ends_with(b"_chunk") => Some(Sort::Chunk),
        value if value.ends_with(b"-chunks") => Some(Sort::List),
        b"content.part" => Some(Sort::Part),
        value if name == b"object" && value.ends_with(b".chunk") => Some(Sort::Delta),
        value if value.ends_with(b"_delta") || value.ends_with(b".delta") => Some(Sort::Delta),
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
