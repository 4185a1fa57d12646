//! Decides what a changed line looks like, and looks at it once more before it is let go: it must be JSON of the
//! same shape if it was JSON before, masking it again must change nothing, and none of its strings may hold a
//! secret that only its escapes hid. What cannot be settled otherwise is masked as a whole string.

use crate::mask::findings::{Findings, Match};
use crate::mask::masker::Masker;
use crate::mask::placeholder::MASKED;
use crate::mask::scan::Scratch;
use crate::mask::text::json::{self, Compared, Kind, Tokens};
use crate::mask::text::json_string::{self, Escaping};
use crate::mask::window::Window;
use std::ops::Range;

/// A masked part of a line; offsets count from the line's start.
#[derive(Clone, Debug)]
pub(crate) struct MaskedInLine {
    pub at: Range<usize>,
    /// The match whose placeholder is written; none where a span goes on from the line before.
    pub label: Option<Match>,
}

/// JSON in strings of JSON in strings is followed so deep; rules see through escapes of any depth themselves.
const MAX_DEPTH: usize = 4;

/// Custom replacements may hold what other custom rules match: so often the result is masked again.
const MAX_ROUNDS: usize = 3;

/// What may be written in place of a match of a custom pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    /// Its replacement, as it is or escaped.
    Templates(Escaping),
    /// Nothing but `***MASKED***`.
    Plain,
}

impl Masker {
    /// Appends `line`, with its pieces masked, to `out`. Returns how many strings only the second look masked.
    pub(crate) fn mask_line(
        &self,
        line: &[u8],
        pieces: &[MaskedInLine],
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> u64 {
        let start = out.len();
        let is_json = self.compose(line, pieces, out);
        let mut inner = scratch.inner.take().unwrap_or_default();
        self.settle(start, is_json, &mut inner, out);
        let found = if is_json { self.look_into_strings(start, &mut inner, out) } else { 0 };
        scratch.inner = Some(inner);
        found
    }

    /// Appends the masked line in the first of several ways that keeps its shape, and returns whether it is JSON.
    fn compose(&self, line: &[u8], pieces: &[MaskedInLine], out: &mut Vec<u8>) -> bool {
        let start = out.len();
        self.write_pieces(line, pieces, Texts::Templates(Escaping::None), out);
        match json::compare(line, &out[start..]) {
            Compared::NotJson => return false,
            Compared::Kept => return true,
            Compared::Broken => out.truncate(start),
        }
        self.write_pieces(line, pieces, Texts::Templates(Escaping::Json), out);
        if json::compare(line, &out[start..]) == Compared::Kept {
            return true;
        }
        for texts in [Texts::Templates(Escaping::Json), Texts::Plain] {
            out.truncate(start);
            self.write_within_strings(line, pieces, texts, out);
            if json::compare(line, &out[start..]) == Compared::Kept {
                break;
            }
        }
        true
    }

    fn write_text(&self, label: &Match, line: &[u8], texts: Texts, out: &mut Vec<u8>) {
        match texts {
            Texts::Plain if self.custom.owns(label.rule) => out.extend_from_slice(MASKED),
            Texts::Plain => self.write_placeholder(label, line, 0, Escaping::Json, out),
            Texts::Templates(how) => self.write_placeholder(label, line, 0, how, out),
        }
    }

    fn write_pieces(&self, line: &[u8], pieces: &[MaskedInLine], texts: Texts, out: &mut Vec<u8>) {
        let mut position = 0;
        for piece in pieces {
            out.extend_from_slice(&line[position..piece.at.start]);
            if let Some(label) = &piece.label {
                self.write_text(label, line, texts, out);
            }
            position = piece.at.end;
        }
        out.extend_from_slice(&line[position..]);
    }

    /// Appends a line that is JSON with only the contents of its strings masked, and its numbers: those become 0,
    /// and stay numbers. Keys keep their names if the piece reaches a value.
    fn write_within_strings(&self, line: &[u8], pieces: &[MaskedInLine], texts: Texts, out: &mut Vec<u8>) {
        let tokens: Vec<json::Token> = Tokens::new(line).map_while(Result::ok).collect();
        let mut position = 0;
        let mut masked_until = 0;
        for piece in pieces {
            let first = tokens.partition_point(|token| token.at.end <= piece.at.start);
            let touched = || tokens[first..].iter().take_while(|token| token.at.start < piece.at.end);
            let reaches_value = touched().any(|token| matches!(token.kind, Kind::Text | Kind::Number));
            let mut label = piece.label.as_ref();
            let is_custom = label.is_none_or(|label| self.custom.owns(label.rule));
            for token in touched() {
                let part = match token.kind {
                    // A built-in rule that reaches a number from outside took the end of a string for a beginning.
                    Kind::Number if !is_custom && piece.at.start < token.at.start => continue,
                    Kind::Number => token.at.clone(),
                    Kind::Key if reaches_value => continue,
                    Kind::Key | Kind::Text => whole_escapes(line, token, piece),
                    _ => continue,
                };
                let part = part.start.max(masked_until)..part.end;
                if part.is_empty() {
                    continue;
                }
                out.extend_from_slice(&line[position..part.start]);
                match (token.kind, label.take()) {
                    (Kind::Number, kept) => {
                        label = kept;
                        out.push(b'0');
                    }
                    (_, Some(label)) => self.write_text(label, line, texts, out),
                    (_, None) => out.extend_from_slice(MASKED),
                }
                position = part.end;
                masked_until = part.end;
            }
        }
        out.extend_from_slice(&line[position..]);
    }

    /// Masks what masking has brought about, until masking changes nothing any more.
    fn settle(&self, start: usize, is_json: bool, inner: &mut (Scratch, Findings), out: &mut Vec<u8>) {
        for round in 0..=MAX_ROUNDS {
            let pieces = self.pieces_of(&out[start..], inner);
            if pieces.is_empty() {
                return;
            }
            let line = out.split_off(start);
            if round == MAX_ROUNDS && is_json {
                mask_strings(&line, |token| pieces.iter().any(|piece| overlap(&piece.at, &token.at)), out);
            } else if is_json {
                self.write_within_strings(&line, &pieces, Texts::Plain, out);
            } else {
                self.write_pieces(&line, &pieces, Texts::Plain, out);
            }
            if out[start..] == line {
                return;
            }
        }
    }

    /// Returns what rules find in a text on its own.
    fn pieces_of(&self, text: &[u8], (scratch, findings): &mut (Scratch, Findings)) -> Vec<MaskedInLine> {
        self.scan(&Window::of_whole(text, 0..text.len()), scratch, findings);
        let pieces = findings.spans.iter().zip(&findings.labels);
        pieces
            .map(|(span, label)| MaskedInLine {
                at: span.start as usize..span.end as usize,
                label: Some(*label),
            })
            .collect()
    }

    /// Undoes the escapes of the strings of the line that begins at `start` and masks what built-in rules find
    /// then. Returns in how many strings that was.
    fn look_into_strings(&self, start: usize, inner: &mut (Scratch, Findings), out: &mut Vec<u8>) -> u64 {
        let line = &out[start..];
        let mut replaced: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
        for token in Tokens::new(line).map_while(Result::ok) {
            if !matches!(token.kind, Kind::Key | Kind::Text) {
                continue;
            }
            let content = &line[token.at.clone()];
            if memchr::memchr(b'\\', content).is_some()
                && let Some(masked) = self.look_into(content, inner)
            {
                replaced.push((token.at, masked));
            }
        }
        if replaced.is_empty() {
            return 0;
        }
        let line = out.split_off(start);
        let mut position = 0;
        for (at, content) in &replaced {
            out.extend_from_slice(&line[position..at.start]);
            out.extend_from_slice(content);
            position = at.end;
        }
        out.extend_from_slice(&line[position..]);
        replaced.len() as u64
    }

    /// Returns the content of a string with what was found in it masked, if anything was: the parts found, or
    /// all of it when that is not enough.
    fn look_into(&self, content: &[u8], inner: &mut (Scratch, Findings)) -> Option<Vec<u8>> {
        let mut decoded = Vec::new();
        let mut origins = Vec::new();
        json_string::decode(content, &mut decoded, None);
        let found = self.found_in(&decoded, inner);
        if found.is_empty() {
            return self.hides_deeper(&decoded, 1, inner).then(|| MASKED.to_vec());
        }
        decoded.clear();
        json_string::decode(content, &mut decoded, Some(&mut origins));
        let origin = |at: usize| origins.get(at).map_or(content.len(), |&origin| origin as usize);
        let mut masked = Vec::with_capacity(content.len());
        let mut position = 0;
        for part in found {
            let part = origin(part.start)..origin(part.end);
            masked.extend_from_slice(&content[position..part.start.max(position)]);
            masked.extend_from_slice(MASKED);
            position = part.end.max(position);
        }
        masked.extend_from_slice(&content[position..]);
        decoded.clear();
        json_string::decode(&masked, &mut decoded, None);
        let is_clean = self.found_in(&decoded, inner).is_empty()
            && self.found_in(&masked, inner).is_empty()
            && !self.hides_deeper(&decoded, 1, inner);
        Some(if is_clean { masked } else { MASKED.to_vec() })
    }

    /// Returns whether a text that is JSON holds a string in which something is found when its escapes are undone.
    fn hides_deeper(&self, text: &[u8], depth: usize, inner: &mut (Scratch, Findings)) -> bool {
        let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
        if depth == MAX_DEPTH || !matches!(first, Some(b'{' | b'[' | b'"')) || !json::is_json(text) {
            return false;
        }
        let mut decoded = Vec::new();
        Tokens::new(text).map_while(Result::ok).any(|token| {
            decoded.clear();
            matches!(token.kind, Kind::Key | Kind::Text)
                && json_string::decode(&text[token.at], &mut decoded, None)
                && (!self.found_in(&decoded, inner).is_empty()
                    || self.hides_deeper(&decoded, depth + 1, inner))
        })
    }

    /// Returns where built-in rules find something in a text on its own.
    fn found_in(&self, text: &[u8], inner: &mut (Scratch, Findings)) -> Vec<Range<usize>> {
        let pieces = self.pieces_of(text, inner).into_iter();
        let built_in = |piece: &MaskedInLine| !piece.label.is_some_and(|label| self.custom.owns(label.rule));
        pieces.filter(built_in).map(|piece| piece.at).collect()
    }
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Appends the line with the strings that `chosen` picks masked whole.
fn mask_strings(line: &[u8], chosen: impl Fn(&json::Token) -> bool, out: &mut Vec<u8>) {
    let mut position = 0;
    for token in Tokens::new(line).map_while(Result::ok) {
        if matches!(token.kind, Kind::Key | Kind::Text) && !token.at.is_empty() && chosen(&token) {
            out.extend_from_slice(&line[position..token.at.start]);
            out.extend_from_slice(MASKED);
            position = token.at.end;
        }
    }
    out.extend_from_slice(&line[position..]);
}

/// Returns the part of a string that a piece covers, with the escapes at its edges taken in.
fn whole_escapes(line: &[u8], token: &json::Token, piece: &MaskedInLine) -> Range<usize> {
    let mut part = piece.at.start.max(token.at.start)..piece.at.end.min(token.at.end);
    let mut position = token.at.start;
    while let Some(at) = memchr::memchr(b'\\', &line[position..part.end]) {
        let escape = position + at;
        let length = if line.get(escape + 1) == Some(&b'u') { 6 } else { 2 };
        let end = (escape + length).min(token.at.end);
        if escape < part.start && part.start < end {
            part.start = escape;
        }
        if escape < part.end && part.end < end {
            part.end = end;
        }
        position = end;
        if position >= part.end {
            break;
        }
    }
    part
}
