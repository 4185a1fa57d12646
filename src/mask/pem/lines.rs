//! Follows the lines of a key whatever stands around them, as long as it is what viewers, diffs and source code are known
//! to put there. Reads raw JSONL bytes, in which a line ends with a newline or with an escaped one of any depth.
//! Never steps over a quote that ends a JSON string.

use crate::mask::pem::limits::{LEAST_LINE, LONGEST_KEY};
use crate::mask::text::class::{BASE64, match_run};
use std::ops::Range;

/// Returns where the key ends whose BEGIN line ends at `label_end`: after its END line, or after the last line of base64.
pub(crate) fn end_after(bytes: &[u8], label_end: usize) -> Option<usize> {
    Lines { bytes, at: label_end, limit: bytes.len().min(label_end + LONGEST_KEY) }.key_end()
}

/// Returns where the lines of base64 begin right before the END line whose dashes start at `label`.
pub(crate) fn start_before(bytes: &[u8], label: usize, floor: usize) -> Option<usize> {
    let mut here = label;
    while here > floor && bytes[here - 1] == b'-' {
        here -= 1;
    }
    let mut first = None;
    loop {
        let line_end = end_of_line_before(bytes, here, floor);
        let mut from = line_end;
        while from > floor
            && (BASE64.contains(bytes[from - 1])
                || bytes[from - 1] == b'\\' && bytes[from..].starts_with(b"/"))
        {
            from -= 1;
        }
        // The letter of `\n` is no base64.
        from += usize::from(from < line_end && from > 0 && bytes[from - 1] == b'\\');
        let is_padded = first.is_none() && bytes[from..line_end].ends_with(b"=");
        if line_end == here
            || (line_end - from < LEAST_LINE && !is_padded && first.is_some())
            || from == line_end
        {
            break;
        }
        if line_end - from >= LEAST_LINE {
            first = Some(from);
        }
        here = from;
    }
    first
}

/// Steps back over line ends, raw or escaped, blanks and what viewers put before a line.
fn end_of_line_before(bytes: &[u8], mut at: usize, floor: usize) -> usize {
    while at > floor {
        match bytes[at - 1] {
            b'\n' | b'\r' | b' ' | b'\t' | b'>' | b'|' | b'\\' => at -= 1,
            b'n' | b'r' | b't' if at > floor + 1 && bytes[at - 2] == b'\\' => at -= 2,
            // The padding as encoders for the web write it.
            _ if bytes[floor..at].ends_with(b"\\u003d") || bytes[floor..at].ends_with(b"\\u003D") => at -= 5,
            _ if bytes[floor..at].ends_with(b"\\u003e") => at -= 5,
            _ if bytes[floor..at].ends_with("→".as_bytes()) => {
                at -= "→".len();
                while at > floor && bytes[at - 1].is_ascii_digit() {
                    at -= 1;
                }
            }
            _ => break,
        }
    }
    at
}

/// Returns the lines of base64 that follow the line in which `at` stands (at least one of `LEAST_LINE`), or only the
/// first of them.
pub(crate) fn lines_after(bytes: &[u8], at: usize, only_one: bool) -> Option<Range<usize>> {
    let mut lines = Lines::after_line(bytes, at);
    let first = lines.line_start(lines.at);
    if first == lines.at {
        return None;
    }
    lines.at = first;
    if only_one {
        return match lines.line() {
            Line::Base64(from, to) if to - from >= LEAST_LINE => Some(from..to),
            _ => None,
        };
    }
    lines.key_end().map(|end| first..end)
}

/// Returns whether the lines of base64 that follow the line in which `at` stands may go on after the end of `bytes`.
pub(crate) fn go_on(bytes: &[u8], at: usize) -> bool {
    let mut lines = Lines::after_line(bytes, at);
    lines.key_end();
    lines.at == bytes.len()
}

/// The length of a quote at the start of `rest` that does not end a JSON string: escaped, or a single one.
fn source_quote(rest: &[u8]) -> Option<usize> {
    let backslashes = rest.iter().take(16).take_while(|&&byte| byte == b'\\').count();
    match rest.get(backslashes..)? {
        [b'\'', ..] => Some(backslashes + 1),
        [b'"', ..] if backslashes > 0 => Some(backslashes + 1),
        [b'u', b'0', b'0', b'2', b'7' | b'2', ..] if backslashes > 0 => Some(backslashes + 5),
        _ => None,
    }
}

struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    limit: usize,
}

/// What a line turned out to be.
enum Line {
    /// The END line, which ends here.
    End(usize),
    /// A header as `Proc-Type: 4,ENCRYPTED`, which ends here.
    Header(usize),
    /// Base64 from here to there.
    Base64(usize, usize),
    Other,
}

impl<'a> Lines<'a> {
    /// The lines after the one in which `at` stands.
    fn after_line(bytes: &'a [u8], at: usize) -> Lines<'a> {
        let line = bytes[at..]
            .iter()
            .take(80)
            .take_while(|&&byte| !matches!(byte, b'\\' | b'\n' | b'\r' | b'"'))
            .count();
        Lines { bytes, at: at + line, limit: bytes.len().min(at + LONGEST_KEY) }
    }

    /// Returns where the key ends whose lines these are; none if there is not one whole line of base64.
    fn key_end(&mut self) -> Option<usize> {
        let mut last = None;
        // A short line, which only an END line, a checksum or the end of the string may follow.
        let mut short = None;
        loop {
            self.at = self.line_start(self.at);
            match self.line() {
                Line::End(end) if last.is_some() => return Some(end),
                Line::Header(end) if last.is_none() => self.at = end,
                Line::Base64(from, to) if to - from >= LEAST_LINE && short.is_none() => {
                    last = Some(to);
                    self.at = to;
                }
                Line::Base64(from, to)
                    if last.is_some_and(|last| self.is_new_line(last, from))
                        && (short.is_none() || self.bytes[from] == b'=') =>
                {
                    short = Some(to);
                    self.at = to;
                }
                _ => break,
            }
        }
        match short {
            Some(end) if last.is_some() && self.string_ends(end) => Some(end),
            _ => last,
        }
    }

    /// Whether a line ends between two places, not only a column.
    fn is_new_line(&self, from: usize, to: usize) -> bool {
        let between = &self.bytes[from..to];
        between.contains(&b'\n') || between.windows(2).any(|pair| pair == b"\\n")
    }

    /// Whether nothing of the text follows `at`: the bytes end, or a quote stands there.
    fn string_ends(&self, at: usize) -> bool {
        let rest = &self.bytes[at..];
        let breaks = self.line_start(at) - at;
        matches!(rest.get(breaks), None | Some(b'"')) || rest.starts_with(b"\\\"")
    }

    /// Steps over line ends (raw or escaped), blanks, and what viewers and diffs put before a line.
    fn line_start(&self, mut at: usize) -> usize {
        loop {
            let before = at;
            at = self.skip_breaks(at);
            at = self.skip_colour(at);
            at = self.skip_gutter(at);
            at = self.skip_source(at);
            if at == before || at >= self.limit {
                return at.min(self.limit);
            }
        }
    }

    fn skip_breaks(&self, mut at: usize) -> usize {
        while at < self.limit {
            match self.bytes[at] {
                b'\n' | b'\r' | b'\t' | b' ' => at += 1,
                b'\\' => {
                    let backslashes =
                        self.bytes[at..].iter().take(16).take_while(|&&byte| byte == b'\\').count();
                    match self.bytes.get(at + backslashes) {
                        Some(b'n' | b'r' | b't') => at += backslashes + 1,
                        _ => return at,
                    }
                }
                _ => return at,
            }
        }
        at
    }

    /// Steps over a terminal colour, raw or escaped.
    fn skip_colour(&self, at: usize) -> usize {
        let rest = &self.bytes[at..self.limit];
        let backslashes = rest.iter().take(16).take_while(|&&byte| byte == b'\\').count();
        let escape = if rest.starts_with(b"\x1b[") {
            2
        } else if backslashes > 0 && rest[backslashes..].starts_with(b"u001b[") {
            backslashes + 6
        } else {
            return at;
        };
        let parameters =
            rest[escape..].iter().take(24).take_while(|&&b| b.is_ascii_digit() || b == b';').count();
        match rest.get(escape + parameters) {
            Some(b'm' | b'K') => at + escape + parameters + 1,
            _ => at,
        }
    }

    /// Steps over `12→`, `12:`, `12|`, `> `, `| ` or the sign of a diff.
    fn skip_gutter(&self, at: usize) -> usize {
        let rest = &self.bytes[at..];
        let digits = rest.iter().take(7).take_while(|byte| byte.is_ascii_digit()).count();
        let after = &rest[digits..];
        if digits > 0 {
            for mark in [
                &"→".as_bytes(),
                &&b"\\u2192"[..],
                &&b":"[..],
                &&b"|"[..],
                &&b"\t"[..],
                &&b"\\t"[..],
                &&b" | "[..],
            ] {
                if after.starts_with(mark) {
                    return at + digits + mark.len();
                }
            }
            return at;
        }
        let backslashes = after.iter().take(16).take_while(|&&byte| byte == b'\\').count();
        if backslashes > 0 && after[backslashes..].starts_with(b"u003e") {
            return at + backslashes + 5;
        }
        match after {
            [b'-', b'-', b'-', b'-', b'-', b'-', ..] => at + 1,
            [b'-', b'-', ..] => at,
            [b'>' | b'|' | b'-', ..] => at + 1,
            // A plus is base64 as well: a sign when the line is a byte longer than its kind.
            [b'+', ..] if self.follows_break(at) && self.is_signed(at) => at + 1,
            _ => at,
        }
    }

    /// Steps over what joins the pieces of a string in source code: `" +`, the line's end and the next quote. Never
    /// over a quote or a line end that is not escaped, but for a single quote: these end the JSON string or the line.
    fn skip_source(&self, at: usize) -> usize {
        let rest = &self.bytes[at..self.limit];
        let Some(closing) = source_quote(rest) else { return at };
        let mut here = at + closing;
        let (mut has_sign, mut has_break) = (false, false);
        while here < self.limit && here - at < 64 {
            let rest = &self.bytes[here..self.limit];
            if let (true, Some(opening)) = (has_sign || has_break, source_quote(rest)) {
                return here + opening;
            }
            let backslashes = rest.iter().take(16).take_while(|&&byte| byte == b'\\').count();
            match rest.get(backslashes) {
                Some(b'n' | b'r') if backslashes > 0 => {
                    has_break = true;
                    here += backslashes + 1;
                }
                Some(b't') if backslashes > 0 => here += backslashes + 1,
                Some(b'+' | b'.' | b'&' | b',') if !has_sign && backslashes == 0 => {
                    has_sign = true;
                    here += 1;
                }
                Some(b' ') if backslashes == 0 => here += 1,
                _ => return at,
            }
        }
        at
    }

    fn follows_break(&self, at: usize) -> bool {
        matches!(self.bytes[..at], [.., b'\n' | b'\r'] | [.., b'\\', b'n' | b'r'])
    }

    /// Whether the `+` at `at` is a diff's sign: before the END line, or before a line whose length is not a multiple
    /// of four with it.
    fn is_signed(&self, at: usize) -> bool {
        let (_, count) = match_run(BASE64, 256, self.bytes, at);
        self.bytes[at + 1..].starts_with(b"-----") || count % 4 == 1
    }

    fn line(&self) -> Line {
        let rest = &self.bytes[self.at..self.limit];
        if rest.starts_with(b"----") {
            return self.end_line();
        }
        let (end, count) = match_run(BASE64, self.limit - self.at, self.bytes, self.at);
        let after = &self.bytes[end.min(self.limit)..self.limit];
        if count > 0
            && matches!(
                after,
                [] | [b'\n' | b'\r' | b'\t' | b' ' | b'\\' | b'"' | b'\'' | b'`' | b'<' | 0x1b, ..]
                    | [b'-', b'-', b'-', b'-', ..]
            )
            && !(count < LEAST_LINE && after.starts_with(b" "))
        {
            return Line::Base64(self.at, end);
        }
        let name =
            rest.iter().take(32).take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'-').count();
        if name >= 4 && rest[name..].starts_with(b": ") {
            let mut length = name;
            while length < 200 && length < rest.len() && !matches!(rest[length], b'\n' | b'\r' | b'"') {
                // `Comment: \"me@host\"`: an escaped quote is part of the line, an escaped line end is not.
                match (rest[length], source_quote(&rest[length..])) {
                    (b'\\', None) => break,
                    (_, quote) => length += quote.unwrap_or(1),
                }
            }
            return Line::Header(self.at + length);
        }
        Line::Other
    }

    /// The END line, which may be cut off as well.
    fn end_line(&self) -> Line {
        let rest = &self.bytes[self.at..];
        let dashes = rest.iter().take(5).take_while(|&&byte| byte == b'-').count();
        let label = rest[dashes..]
            .iter()
            .take(60)
            .take_while(|&&b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ');
        let label = &rest[dashes..dashes + label.count()];
        let name = label.trim_ascii_start();
        let is_end = name.starts_with(b"END ") || b"END ".starts_with(name);
        if !is_end || (name.ends_with(b"CERTIFICATE") || name.ends_with(b"PUBLIC KEY")) {
            return Line::Other;
        }
        let after = dashes + label.len();
        let closing = rest[after..].iter().take(5).take_while(|&&byte| byte == b'-').count();
        Line::End(self.at + after + closing)
    }
}
