//! Searches for known values: secrets that are known from outside the session or that the session itself gave
//! away elsewhere. Owns the spellings in which a value may stand, and the search for all of them at once.

use super::learned::{Learned, Looks};
use super::name_shape::is_scrambled;
use super::pem;
use super::rule::Specificity;
use super::template::escape_json;
use super::union::{Match, join};
use super::{Findings, Masker, Scratch, Window};
use std::ops::Range;
use zeroize::{Zeroize, Zeroizing};

/// A value that looks like a word and stands alone more often than this in a session is one.
const MAX_HITS_OF_A_WORD: u64 = 100;

/// A value that the session declares once, or calls, looks into or derives names from more often than this, is the name
/// of something in its code.
const MAX_USES_AS_A_NAME: u64 = 1;

/// The shortest spelling searched for. Whatever stands anywhere, of eight bytes in a row five begin at a multiple
/// of four, so that looking at five bytes at every fourth place finds it.
const MIN_SPELLING_BYTES: usize = 8;

/// Distance of the places looked at.
const STRIDE: usize = MIN_SPELLING_BYTES - SAMPLE_BYTES + 1;

/// Bytes looked at in each place.
const SAMPLE_BYTES: usize = 5;

/// Places looked at together.
const PLACES: usize = 8;

/// Bytes that looking at so many places reads.
const STEP_BYTES: usize = (PLACES - 1) * STRIDE + 8;

/// One way in which a value may stand in a transcript.
struct Spelling {
    bytes: Zeroizing<Vec<u8>>,
    /// Whether letters, digits and `_` beside it make it something else.
    stands_alone: bool,
    /// Whether it is the middle of a base64 text, whose neighbours hold a few bits of the value, too.
    is_base64: bool,
    /// Index of its value.
    value: usize,
}

/// Secret values known from outside or learned from a session, ready to be searched for. Wiped when dropped.
pub struct KnownValues {
    spellings: Vec<Spelling>,
    /// The samples of all spellings, as a set of hashes: one bit each, few of them set.
    filter: Zeroizing<Vec<u64>>,
    /// The same samples with the spelling they are of and where they begin in it; sorted.
    samples: Zeroizing<Vec<Sample>>,
    /// Values that look like words.
    wordy: Vec<bool>,
    /// Values that have the form of an identifier, whatever they look like.
    nameable: Vec<bool>,
    /// Whether a private key is among them, out of whose middle lines may stand anywhere.
    has_private_key: bool,
}

/// Five bytes of a spelling.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Sample {
    hash: u32,
    spelling: u32,
    /// Where in the spelling they begin: less than [`STRIDE`].
    at: u8,
}

impl Zeroize for Sample {
    fn zeroize(&mut self) {
        self.hash.zeroize();
    }
}

/// How often values that could be words or names were found; see [`Masker::count_known`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HitCounts {
    by_value: Vec<u64>,
    /// Of those, the ones where it is used as code uses a name.
    as_name: Vec<u64>,
}

impl HitCounts {
    /// Takes over what was counted in another part of the same session.
    pub fn merge(&mut self, other: &HitCounts) {
        for (mine, others) in [(&mut self.by_value, &other.by_value), (&mut self.as_name, &other.as_name)] {
            mine.resize(mine.len().max(others.len()), 0);
            mine.iter_mut().zip(others).for_each(|(mine, others)| *mine += others);
        }
    }
}

impl std::fmt::Debug for KnownValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KnownValues({} values)", self.wordy.len())
    }
}

impl Masker {
    /// Turns what was learned (in a session and all of its parts) into values to search for; `None` when there is
    /// nothing to search for.
    pub fn known(&self, learned: Learned) -> Option<KnownValues> {
        let mut spellings = Vec::new();
        let (mut wordy, mut nameable) = (Vec::new(), Vec::new());
        for (value, looks) in &learned.values {
            if !self.permits(value.bytes()) && !learned.names.contains(value) {
                add_spellings(value.bytes(), *looks, wordy.len(), &mut spellings);
                wordy.push(*looks == Looks::LikeWord);
                nameable.push(is_nameable(value.bytes()));
            }
        }
        KnownValues::of(spellings, wordy, nameable, learned.has_private_key)
    }

    /// Adds to `findings` where known values occur in the window's wanted range.
    pub fn find_known(&self, window: &Window, known: &KnownValues, findings: &mut Findings) {
        let mut matches = Vec::new();
        known.each(window, &window.wanted, &mut |at, _| {
            if !self.permits(&window.bytes[at.clone()]) {
                matches.push(Match {
                    start: window.offset + at.start as u64,
                    end: window.offset + at.end as u64,
                    rule: self.known_rule,
                    specificity: Specificity::Value,
                });
            }
        });
        if known.has_private_key {
            self.find_lines_of_keys(window, &mut matches);
        }
        if findings.may_have_pieces(window) {
            self.find_known_in_pieces(window, known, &mut matches);
        }
        if matches.is_empty() {
            return;
        }
        // Spans found by rule join in as they are: whole, and with their labels.
        matches.sort_unstable_by_key(|one| (one.start, std::cmp::Reverse(one.end)));
        let spans = std::mem::take(&mut findings.spans);
        let labels = std::mem::take(&mut findings.labels);
        merge(matches, spans.into_iter().zip(labels).collect(), findings);
        self.look_past_the_end(window, &mut Scratch::default(), findings);
    }

    /// Adds lines that may be out of the middle of a private key.
    fn find_lines_of_keys(&self, window: &Window, matches: &mut Vec<Match>) {
        pem::middle_lines(window.bytes, &window.wanted, &mut |line| {
            if !self.permits(&window.bytes[line.clone()]) {
                matches.push(Match {
                    start: window.offset + line.start as u64,
                    end: window.offset + line.end as u64,
                    rule: self.private_key_rule,
                    specificity: Specificity::Value,
                });
            }
        });
    }

    /// Counts where values that could be words or names occur in the window's wanted range. Worth a pass over the whole
    /// session only if [`KnownValues::must_be_counted`].
    pub fn count_known(&self, window: &Window, known: &KnownValues, counts: &mut HitCounts) {
        counts.by_value.resize(known.wordy.len(), 0);
        counts.as_name.resize(known.wordy.len(), 0);
        known.each(window, &window.wanted, &mut |at, value| {
            counts.by_value[value] += 1;
            if known.nameable[value] {
                counts.as_name[value] += uses_as_name(window.bytes, &at);
            }
        });
    }
}

/// Joins known values with spans that rules have found.
fn merge(matches: Vec<Match>, spans: Vec<(super::Span, Match)>, findings: &mut Findings) {
    use super::union::LABEL_REACH;
    let (mut known_spans, mut known_labels) = (Vec::new(), Vec::new());
    let mut matches = matches;
    join(&mut matches, &mut known_spans, &mut known_labels);
    let mut all: Vec<(super::Span, Match)> = known_spans.into_iter().zip(known_labels).chain(spans).collect();
    all.sort_by_key(|(span, label)| {
        (span.start, std::cmp::Reverse(label.specificity), std::cmp::Reverse(span.end))
    });
    for (span, label) in all {
        match (findings.spans.last_mut(), findings.labels.last_mut()) {
            (Some(last), Some(last_label)) if span.start < last.end => {
                last.end = last.end.max(span.end);
                if label.specificity > last_label.specificity && label.start - last.start <= LABEL_REACH {
                    *last_label = label;
                    last.rule = label.rule;
                }
            }
            _ => {
                findings.spans.push(span);
                findings.labels.push(label);
            }
        }
    }
}

impl KnownValues {
    fn of(
        spellings: Vec<Spelling>,
        wordy: Vec<bool>,
        nameable: Vec<bool>,
        has_private_key: bool,
    ) -> Option<KnownValues> {
        if spellings.is_empty() && !has_private_key {
            return None;
        }
        let mut samples = Zeroizing::new(Vec::with_capacity(spellings.len() * STRIDE));
        for (index, spelling) in spellings.iter().enumerate() {
            for at in 0..STRIDE {
                let mut eight = [0; 8];
                eight[..SAMPLE_BYTES].copy_from_slice(&spelling.bytes[at..at + SAMPLE_BYTES]);
                samples.push(Sample { hash: hash(eight), spelling: index as u32, at: at as u8 });
            }
        }
        samples.sort_unstable();
        // Sixty-four bits a sample keep false hits near one in a hundred; at least 8 KiB, which any cache holds.
        let bits = (samples.len() * 64).next_power_of_two().max(1 << 16);
        let mut filter = Zeroizing::new(vec![0u64; bits / 64]);
        let mask = filter.len() - 1;
        samples.iter().for_each(|sample| filter[sample.hash as usize >> 6 & mask] |= 1 << (sample.hash & 63));
        Some(KnownValues { spellings, filter, samples, wordy, nameable, has_private_key })
    }

    /// Returns whether there are values that could be words or names, of which it pays to know how they occur.
    pub fn must_be_counted(&self) -> bool {
        self.wordy.contains(&true) || self.nameable.contains(&true)
    }

    /// Drops the values that look like words and are so common in the session that they must be words, and those that
    /// its code uses as names.
    pub fn settle(self, counts: &HitCounts) -> Option<KnownValues> {
        let KnownValues { spellings, wordy, nameable, has_private_key, .. } = self;
        let exceeds =
            |counts: &[u64], value: usize, most: u64| counts.get(value).is_some_and(|&it| it > most);
        let is_dropped = |value: usize| {
            wordy[value] && exceeds(&counts.by_value, value, MAX_HITS_OF_A_WORD)
                || nameable[value] && exceeds(&counts.as_name, value, MAX_USES_AS_A_NAME)
        };
        let kept = spellings.into_iter().filter(|spelling| !is_dropped(spelling.value)).collect();
        KnownValues::of(kept, wordy, nameable, has_private_key)
    }

    /// Hands out every occurrence that starts in `wanted`, with the index of its value. Occurrences may overlap.
    pub(super) fn each(
        &self,
        window: &Window,
        wanted: &Range<usize>,
        found: &mut dyn FnMut(Range<usize>, usize),
    ) {
        if self.spellings.is_empty() {
            return;
        }
        let bytes = window.bytes;
        // The byte before a base64 middle belongs to the match: the middle may start right after the range.
        let last = bytes.len().min(wanted.end.saturating_add(MIN_SPELLING_BYTES));
        let mut place = wanted.start;
        let mut look = |place: usize, hash: u32| {
            let from = self.samples.partition_point(|sample| sample.hash < hash);
            for sample in self.samples[from..].iter().take_while(|sample| sample.hash == hash) {
                let spelling = &self.spellings[sample.spelling as usize];
                let start = place.checked_sub(usize::from(sample.at));
                if let Some(at) = start.and_then(|start| spelling.at(bytes, start))
                    && wanted.contains(&at.start)
                {
                    found(at, spelling.value);
                }
            }
        };
        let (filter, mask) = (self.filter.as_slice(), self.filter.len() - 1);
        let is_known = |hash: u32| filter[hash as usize >> 6 & mask] >> (hash & 63) & 1;
        while let Some(step) = bytes[place..].first_chunk::<STEP_BYTES>() {
            if place >= last {
                return;
            }
            // Without a branch for each place: hits are rare, and the places independent of each other.
            let mut hashes = [0; PLACES];
            let mut any = 0;
            for (index, slot) in hashes.iter_mut().enumerate() {
                let mut eight = [0; 8];
                eight.copy_from_slice(&step[index * STRIDE..index * STRIDE + 8]);
                *slot = hash(eight);
                any |= is_known(*slot);
            }
            if any != 0 {
                for (index, &hash) in hashes.iter().enumerate().filter(|(_, hash)| is_known(**hash) != 0) {
                    look(place + index * STRIDE, hash);
                }
            }
            place += PLACES * STRIDE;
        }
        while place < last {
            let mut eight = [0; 8];
            let rest = &bytes[place..bytes.len().min(place + 8)];
            eight[..rest.len()].copy_from_slice(rest);
            if rest.len() >= SAMPLE_BYTES {
                look(place, hash(eight));
            }
            place += STRIDE;
        }
    }
}

impl Spelling {
    /// Returns what is to be masked if the spelling stands at `start`.
    fn at(&self, bytes: &[u8], start: usize) -> Option<Range<usize>> {
        if !bytes[start..].starts_with(&self.bytes) {
            return None;
        }
        let mut at = start..start + self.bytes.len();
        if self.is_base64 {
            let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
            at.start -= usize::from(
                at.start > 0 && is_base64(&bytes[at.start - 1]) && !is_escape_letter(bytes, at.start - 1),
            );
            at.end += usize::from(bytes.get(at.end).is_some_and(is_base64));
        }
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if self.stands_alone {
            let joined_before = start > 0 && is_word(bytes[start - 1]) && !is_escape_letter(bytes, start - 1);
            let joined_after = bytes.get(at.end).is_some_and(|&byte| is_word(byte));
            if joined_before || joined_after {
                return None;
            }
        }
        Some(at)
    }
}

/// Returns whether a value has the form of an identifier and does not look drawn by lot.
fn is_nameable(value: &[u8]) -> bool {
    value.len() <= 64
        && !value[0].is_ascii_digit()
        && value.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !is_scrambled(value)
}

/// Words that declare the name after them.
const DECLARING: [&[u8]; 19] = [
    b"fn ",
    b"def ",
    b"func ",
    b"class ",
    b"struct ",
    b"enum ",
    b"type ",
    b"function ",
    b"interface ",
    b"trait ",
    b"const ",
    b"let ",
    b"var ",
    b"val ",
    b"static ",
    b"mut ",
    b"union ",
    b"macro ",
    b"#define ",
];

/// Returns how surely what stands at `at` is used as a name. Twice where it is declared or in a path (`x::y`); once where
/// it is called (`x(`), looked into (`x.y`) or part of another name (`x_y`), all of which may come about by chance. A
/// full stop ends sentences: it counts only where a letter follows.
fn uses_as_name(bytes: &[u8], at: &Range<usize>) -> u64 {
    let (before, after) = (&bytes[..at.start], &bytes[at.end..]);
    let is_in_path = after.starts_with(b"::") || before.ends_with(b"::");
    // `type this word and press enter` is no declaration.
    let signs: [&[u8]; 8] = [b"(", b"<", b":", b"=", b";", b" =", b" {", b" <"];
    let is_followed = || signs.iter().any(|sign| after.starts_with(sign));
    if is_in_path || DECLARING.iter().any(|word| before.ends_with(word)) && is_followed() {
        return 2;
    }
    let is_member = matches!(after, [b'.', next, ..] if next.is_ascii_alphabetic());
    let is_part = after.starts_with(b"_") || before.ends_with(b"_") && before.len() > 1;
    u64::from(is_member || is_part || after.starts_with(b"("))
}

/// Returns whether the byte at `position` is the letter of `\n`, `\t` and the like, or the last digit of `\u003d`.
fn is_escape_letter(bytes: &[u8], position: usize) -> bool {
    let before = &bytes[..position];
    matches!(bytes[position], b'n' | b't' | b'r' | b'b' | b'f') && before.ends_with(b"\\")
        || bytes[position].is_ascii_hexdigit()
            && before.len() >= 5
            && before[..before.len() - 3].ends_with(b"\\u")
}

/// Hashes the first five of eight bytes.
#[inline(always)]
fn hash(eight: [u8; 8]) -> u32 {
    let bits = u64::from_le_bytes(eight) << (64 - 8 * SAMPLE_BYTES);
    (bits.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

/// Adds the ways in which a value may stand: as it is, escaped up to three times, in a URL, and in base64.
fn add_spellings(value: &[u8], looks: Looks, index: usize, spellings: &mut Vec<Spelling>) {
    let mut seen: Vec<Zeroizing<Vec<u8>>> = Vec::new();
    let mut add = |bytes: Vec<u8>, is_base64: bool| {
        let bytes = Zeroizing::new(bytes);
        if bytes.len() >= MIN_SPELLING_BYTES && !seen.contains(&bytes) {
            seen.push(bytes.clone());
            let stands_alone = looks == Looks::LikeWord && !is_base64;
            spellings.push(Spelling { bytes, stands_alone, is_base64, value: index });
        }
    };
    let mut escaped = Zeroizing::new(value.to_vec());
    for _ in 0..4 {
        add(escaped.to_vec(), false);
        add(with_escaped_slashes(&escaped), false);
        let mut next = Zeroizing::new(Vec::new());
        escape_json(&escaped, &mut next);
        escaped = next;
    }
    add(in_ascii(value), false);
    for (upper, blank) in [(true, &b"%20"[..]), (false, b"%20"), (true, b"+")] {
        add(in_url(value, upper, blank), false);
    }
    for shift in 0..3 {
        add(base64_middle(value, shift, b"+/"), true);
        add(base64_middle(value, shift, b"-_"), true);
    }
}

fn with_escaped_slashes(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for &byte in value {
        if byte == b'/' {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out
}

/// Returns a value as a JSON writer that keeps to ASCII writes it.
fn in_ascii(value: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(value) else { return value.to_vec() };
    let mut out = Vec::with_capacity(value.len());
    for character in text.chars() {
        if character.is_ascii() {
            escape_json(&[character as u8], &mut out);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
            }
        }
    }
    out
}

fn in_url(value: &[u8], upper: bool, blank: &[u8]) -> Vec<u8> {
    let digits: &[u8; 16] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let mut out = Vec::with_capacity(value.len());
    for &byte in value {
        match byte {
            b' ' => out.extend_from_slice(blank),
            _ if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => out.push(byte),
            _ => {
                out.extend_from_slice(&[b'%', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]])
            }
        }
    }
    out
}

/// Returns the characters of base64 that a value decides alone when `shift` bytes stand before it in its group
/// of three.
fn base64_middle(value: &[u8], shift: usize, marks: &[u8; 2]) -> Vec<u8> {
    let bits_before = shift * 8;
    let first = bits_before.div_ceil(6);
    let last = (bits_before + value.len() * 8) / 6;
    let bit = |at: usize| value[at / 8] >> (7 - at % 8) & 1;
    (first..last)
        .map(|character| {
            let from = character * 6 - bits_before;
            let index = (from..from + 6).fold(0u8, |sum, at| sum << 1 | bit(at));
            match index {
                0..26 => b'A' + index,
                26..52 => b'a' + index - 26,
                52..62 => b'0' + index - 52,
                62 => marks[0],
                _ => marks[1],
            }
        })
        .collect()
}
