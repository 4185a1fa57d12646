//! Finds tokens in raw transcript bytes, in a time that does not grow with the number of rules.
//!
//! Almost every token holds a run of at least 16 word bytes. The runs are found with vector instructions
//! ([`runs`]), together with all that the context rules look for ([`sweep`]); the first three bytes of a run, or the
//! three before it, are looked up in a bitmap; only then is the table of rules asked ([`super::verify`], [`super::judge`]). Shapes without a literal at their start are recognised
//! from the run's length and from what stands before it (`shapes`); the few tokens without a long run, and key
//! files, by short literals ([`literals`]).
//!
//! Owns the search; not the rules, and not what becomes of overlapping matches.

pub(crate) mod literals;
mod nibbles;
mod place;
pub(crate) mod runs;
mod shapes;
mod simd;
mod stems;
pub(crate) mod sweep;

use super::escape::{self, is_left_boundary};
use super::rule::{RawSpan, Specificity};
use super::rules::{self, Pattern, SPECIALS, Special, Token};
use super::verify::{self, Tails};
use super::{RuleIndex, Window, judge, pem};
use literals::Meaning;
use place::Place;
use stems::{Stems, stem_of};
use sweep::{RUN_SEEN, Sight};

/// A literal may stand so many bytes before the match that it gives away: a comment line, a file's header, the first line
/// of a key whose lines are masked one by one.
const LITERAL_BEFORE: usize = pem::SPLIT_REACH + 64;

/// A literal may stand so many bytes after the start of the match that it gives away: the last line of a key whose
/// first lines are cut off.
const LITERAL_AFTER: usize = pem::LONGEST_CUT_KEY + 64;

/// Bytes of a token that may stand before its first long run, a sign among them.
const MOST_BEFORE_SIGN: usize = 32;

/// One literal of one pattern.
struct Entry {
    rule: RuleIndex,
    specificity: Specificity,
    literal: &'static [u8],
    pattern: &'static Pattern,
    /// Made of letters and digits only, as any blob of base64 is.
    occurs_in_blobs: bool,
}

/// What stands before a run, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// The run may begin with the rest of an escape.
    Escape,
    /// The run may be what a literal is followed by.
    Literal,
    /// The run may be a value of a JSON web key, or one that a provider's name tells.
    Quote,
}

const BEFORE: [Before; 256] = {
    let mut table = [Before::Nothing; 256];
    let mut index = 0;
    while index < 128 {
        table[index] = match index as u8 {
            b'\\' | b'%' | b'[' | b';' => Before::Escape,
            b'.' | b':' | b'=' | b'/' | b'$' | b'~' | b'!' => Before::Literal,
            b'"' | b'\'' => Before::Quote,
            _ => Before::Nothing,
        };
        index += 1;
    }
    table
};

/// What a thread reuses from window to window.
#[derive(Debug, Default)]
pub(crate) struct TokenScratch {
    tails: Tails,
}

/// All token rules, ready to be searched for; built once, shared by all threads.
pub(crate) struct TokenScanner {
    entries: Vec<Entry>,
    /// By the first three bytes of a run.
    starts: Stems,
    /// By the three bytes before a run (the first 0 where the literal has only two).
    befores: Stems,
    /// Which rule a special belongs to, if it is not disabled.
    specials: [Option<RuleIndex>; SPECIALS],
}

/// Whether a mask may begin at `start`: right after a backslash it would tear an escape apart.
fn may_begin(bytes: &[u8], start: usize) -> bool {
    is_left_boundary(bytes, start)
        && !(start > 0
            && bytes[start - 1] == b'\\'
            && matches!(bytes[start], b'n' | b't' | b'r' | b'b' | b'f' | b'u'))
}

impl TokenScanner {
    /// Builds the scanner of all token rules for whose id `disabled` is false.
    pub(crate) fn new(disabled: &dyn Fn(&str) -> bool) -> TokenScanner {
        let mut entries = Vec::with_capacity(400);
        let (mut starts, mut befores) = (Vec::with_capacity(400), Vec::with_capacity(100));
        let mut specials = [None; SPECIALS];
        for (rule, token) in rules::tokens().filter(|(_, token)| !disabled(token.rule.id)) {
            specials[token.special as usize] = Some(rule);
            TokenScanner::add_entries(rule, token, &mut entries, &mut starts, &mut befores);
        }
        specials[Special::None as usize] = None;
        let (starts, befores) = (Stems::new(starts), Stems::new(befores));
        TokenScanner { entries, starts, befores, specials }
    }

    fn add_entries(
        rule: RuleIndex,
        token: &'static Token,
        entries: &mut Vec<Entry>,
        starts: &mut Vec<(u32, u16)>,
        befores: &mut Vec<(u32, u16)>,
    ) {
        for pattern in token.patterns {
            for literal in pattern.literals {
                let (index, literal) = (entries.len() as u16, literal.as_bytes());
                match literal.iter().rposition(|&byte| !escape::is_word(byte)) {
                    None => starts.push((stem_of(literal, 0), index)),
                    Some(1) => {
                        befores.push((u32::from(literal[0]) << 8 | u32::from(literal[1]) << 16, index))
                    }
                    Some(last) => befores.push((stem_of(literal, last - 2), index)),
                }
                entries.push(Entry {
                    rule,
                    specificity: token.rule.specificity,
                    literal,
                    pattern,
                    occurs_in_blobs: literal.iter().all(u8::is_ascii_alphanumeric),
                });
            }
        }
    }

    /// Returns a function that is to be called with everything that a sweep over `window` shows, and that appends to
    /// `out` every token that starts in the window's wanted range, in no particular order; tokens may overlap. What is
    /// found depends on the stream alone, not on the window.
    pub(crate) fn looker<'a>(
        &'a self,
        window: &Window<'a>,
        scratch: &'a mut TokenScratch,
        out: &'a mut Vec<RawSpan>,
    ) -> impl FnMut(&Sight) + 'a {
        scratch.tails.clear();
        let wanted = window.wanted.start..window.wanted.end.min(window.bytes.len());
        let first_literal = wanted.start.saturating_sub(LITERAL_BEFORE);
        let mut place =
            Place { bytes: window.bytes, is_end: window.is_end, tails: &mut scratch.tails, out, wanted };
        move |sight| match *sight {
            Sight::Run(start, end) => self.look_at_run(&mut place, start, end),
            Sight::Tilde(at) => {
                if let Some(rule) = self.special(Special::AzureClientSecret) {
                    shapes::azure_client_secret(&mut place, rule, at);
                }
            }
            Sight::Literal(literal, start) if start >= first_literal => match literal.meaning {
                Meaning::Token(special) => self.look_at_literal(&mut place, special, start),
                Meaning::Joined => self.begins_joined(&mut place, start),
                Meaning::Anchor(_) | Meaning::Piece => {}
            },
            Sight::Literal(..) => {}
        }
    }

    /// Appends to `out` every token: a sweep of its own.
    #[cfg(test)]
    fn scan(&self, window: &Window, scratch: &mut TokenScratch, out: &mut Vec<RawSpan>) {
        let mut looker = self.looker(window, scratch, out);
        sweep::Sweep::new().each(window, &mut Default::default(), |sight| looker(&sight));
    }

    #[inline]
    fn look_at_run(&self, place: &mut Place, start: usize, end: usize) {
        let bytes = place.bytes;
        if start > 0 && matches!(bytes[start - 1], b'+' | b'/' | b'%') {
            self.look_before_sign(place, start);
        }
        let before = if start == 0 { Before::Nothing } else { BEFORE[usize::from(bytes[start - 1])] };
        if self.starts.may_hold(stem_of(bytes, start)) {
            self.begins_at(place, start);
        }
        if before != Before::Nothing || bytes[start] == b'-' {
            self.look_before(place, start, end, before);
        }
        if end - start >= 36 {
            self.look_at_length(place, start, end);
        }
        // A longer run is not always seen to its end.
        if end - start <= RUN_SEEN
            && bytes.get(end) == Some(&b'{')
            && let Some(rule) = self.special(Special::TornToken)
        {
            shapes::torn_token(place, rule, start, end);
        }
    }

    fn special(&self, special: Special) -> Option<RuleIndex> {
        self.specials[special as usize]
    }

    /// Tries the run at `start` once more where an escape or a sign that it begins with ends, and asks what stands
    /// before it.
    #[inline(never)]
    fn look_before(&self, place: &mut Place, start: usize, end: usize, before: Before) {
        match before {
            Before::Nothing | Before::Escape => {
                for begin in later_starts(place.bytes, start).into_iter().flatten() {
                    if begin + 3 <= end && self.starts.may_hold(stem_of(place.bytes, begin)) {
                        self.begins_at(place, begin);
                    }
                }
            }
            Before::Literal => self.look_for_literal_before(place, start, end),
            Before::Quote => {
                if let Some(rule) = self.special(Special::Jwk)
                    && place.bytes[start - 1] == b'"'
                {
                    shapes::jwk(place, rule, start, end);
                }
                if let Some(rule) = self.special(Special::NamedByProvider)
                    && (20..=64).contains(&(end - start))
                {
                    shapes::named_by_provider(place, rule, start, end);
                }
            }
        }
    }

    /// Tries where the base64 begins whose first long run is at `start`: a sign stands among its first bytes.
    #[inline(never)]
    fn look_before_sign(&self, place: &mut Place, start: usize) {
        let bytes = place.bytes;
        let before = match bytes[..start].last_chunk::<MOST_BEFORE_SIGN>() {
            Some(bytes) => simd::parts_before(bytes),
            None => simd::parts_before_plain(&bytes[..start]),
        };
        let begin = start - before;
        if before == MOST_BEFORE_SIGN || before < 4 {
            return;
        }
        for begin in [Some(begin)].into_iter().chain(later_starts(bytes, begin)).flatten() {
            if self.starts.may_hold(stem_of(bytes, begin)) {
                self.begins_at(place, begin);
            }
        }
    }

    fn look_for_literal_before(&self, place: &mut Place, start: usize, end: usize) {
        let bytes = place.bytes;
        if bytes[start] == b'-' {
            self.look_before(place, start, end, Before::Nothing);
        }
        if start >= 2 {
            let mark = start - 1;
            // `\/` counts as `/`.
            let ahead =
                if bytes[mark] == b'/' { mark - escape::backslashes_before(bytes, mark) } else { mark };
            if ahead >= 2 {
                let two = u32::from(bytes[ahead - 1]) << 8 | u32::from(bytes[mark]) << 16;
                // `1\/\/0` counts as `1//0`.
                let third =
                    if bytes[ahead - 1] == b'/' { escape::backslashes_before(bytes, ahead - 1) } else { 0 };
                let third = (ahead - 2).checked_sub(third).map_or(0, |at| bytes[at]);
                for stem in [two | u32::from(third), two] {
                    if self.befores.may_hold(stem) {
                        self.follows_literal(place, start, stem);
                    }
                }
            } else if ahead == 1 {
                let two = u32::from(bytes[0]) << 8 | u32::from(bytes[mark]) << 16;
                self.follows_literal(place, start, two);
            }
        }
        self.shapes_before(place, start, end);
    }

    /// Tries the shapes that are recognised by the byte before a run.
    fn shapes_before(&self, place: &mut Place, start: usize, end: usize) {
        type Shape = fn(&mut Place, RuleIndex, usize, usize);
        let candidates: &[(Special, Shape)] = match place.bytes[start - 1] {
            b'.' => &[
                (Special::DiscordBot, shapes::discord_bot),
                (Special::Terraform, shapes::terraform),
                (Special::Doppler, shapes::doppler),
                (Special::Snyk, shapes::snyk),
            ],
            b':' => &[(Special::Telegram, shapes::telegram), (Special::FirebaseFcm, shapes::firebase_fcm)],
            // Most are parts of paths; the id before the slash is in capitals.
            b'/' if start >= 2 && matches!(place.bytes[start - 2], b'A'..=b'Z' | b'0'..=b'9' | b'\\') => {
                &[(Special::SlackHook, shapes::slack_hook)]
            }
            b'!' => &[(Special::Salesforce, shapes::salesforce)],
            _ => &[],
        };
        for &(special, shape) in candidates {
            if let Some(rule) = self.special(special) {
                shape(place, rule, start, end);
            }
        }
    }

    /// Tries the shapes that are recognised by a run's length.
    #[inline(never)]
    fn look_at_length(&self, place: &mut Place, start: usize, end: usize) {
        type Shape = fn(&mut Place, RuleIndex, usize, usize);
        let candidates: &[(Special, Shape)] = match end - start {
            76.. => &[(Special::AzureDevops, shapes::azure_devops), (Special::AzureAi, shapes::azure_ai)],
            ..=48 => match &place.bytes[end - 5..end] {
                [b'-', b'u', b's', _, _] | [_, b'-', b'u', b's', _] => {
                    &[(Special::Mailchimp, shapes::mailchimp)]
                }
                [_, b'_', b'm', b'm', b'k'] => &[(Special::Maxmind, shapes::maxmind)],
                _ => return,
            },
            _ => return,
        };
        for begin in [Some(start)].into_iter().chain(later_starts(place.bytes, start)).flatten() {
            for &(special, shape) in candidates {
                if let Some(rule) = self.special(special) {
                    shape(place, rule, begin, end);
                }
            }
        }
    }

    /// Tries all literals that may begin at `start`.
    #[inline(never)]
    fn begins_at(&self, place: &mut Place, start: usize) {
        let mut best = None;
        for index in self.starts.entries(stem_of(place.bytes, start)) {
            let entry = &self.entries[index];
            if place.bytes[start..].starts_with(entry.literal) && self.may_begin_at(place, start) {
                self.verify(place, entry, start, start + entry.literal.len(), &mut best);
            }
        }
        report(place, best);
    }

    /// Whether a token may begin at `start`, if it begins with a word byte.
    fn may_begin_at(&self, place: &Place, start: usize) -> bool {
        !escape::is_word(place.bytes[start]) || may_begin(place.bytes, start)
    }

    /// Tries all literals that may begin at `start`, where a hyphen or an underscore joins what follows to a name.
    #[inline(never)]
    fn begins_joined(&self, place: &mut Place, start: usize) {
        let bytes = place.bytes;
        let is_joined = start > 0 && matches!(bytes[start - 1], b'-' | b'_');
        if !is_joined || is_left_boundary(bytes, start) || judge::is_in_url_blob(bytes, start) {
            return;
        }
        let mut best = None;
        for index in self.starts.entries(stem_of(bytes, start)) {
            let entry = &self.entries[index];
            if bytes[start..].starts_with(entry.literal) {
                self.verify(place, entry, start, start + entry.literal.len(), &mut best);
            }
        }
        report(place, best);
    }

    /// Tries all literals that may end, but for a few word bytes, where a run starts.
    fn follows_literal(&self, place: &mut Place, run: usize, stem: u32) {
        let mut best = None;
        for index in self.befores.entries(stem) {
            let entry = &self.entries[index];
            let word_bytes = entry.literal.iter().rev().take_while(|&&byte| escape::is_word(byte)).count();
            let (head, rest) = entry.literal.split_at(entry.literal.len() - word_bytes);
            if place.bytes[run..].starts_with(rest)
                && let Some(start) = verify::match_back(head, place.bytes, run)
                && self.may_begin_at(place, start)
            {
                self.verify(place, entry, start, run + rest.len(), &mut best);
            }
        }
        report(place, best);
    }

    /// Puts a match of `entry`, which may begin at `start`, into `best` if it is one and says more than what is there.
    fn verify<'a>(
        &'a self,
        place: &Place,
        entry: &'a Entry,
        start: usize,
        body: usize,
        best: &mut Option<(&'a Entry, usize, usize)>,
    ) {
        let rank = |entry: &Entry| (entry.specificity, entry.literal.len());
        if best.is_some_and(|(other, ..)| rank(other) >= rank(entry)) {
            return;
        }
        let (bytes, pattern) = (place.bytes, entry.pattern);
        let Some(end) = verify::match_parts(pattern.body, bytes, body) else { return };
        let judged = &bytes[body..verify::judged_end(pattern.body, bytes, end, judge::JUDGED_BYTES)];
        if judge::accepts(pattern.checks, judged, bytes.get(end).copied())
            && (pattern.near.is_empty() || judge::is_near(pattern.near, bytes, start, end))
            && !(entry.occurs_in_blobs && judge::is_in_blob(bytes, start))
        {
            let start = if pattern.keeps_literal { body } else { start };
            *best = Some((entry, start, end));
        }
    }

    fn look_at_literal(&self, place: &mut Place, special: Special, at: usize) {
        let bytes = place.bytes;
        let Some(rule) = self.special(special) else { return };
        match special {
            Special::Pem => {
                pem::private_key(bytes, at, &mut |found| place.add_closed(rule, found.start, found.end));
            }
            Special::Putty | Special::Minisign => {
                let only_one = special == Special::Minisign;
                pem::lines_after(bytes, at, only_one, &mut |found| {
                    place.add_closed(rule, found.start, found.end);
                });
            }
            Special::AzureStorage => shapes::azure_storage(place, rule, at),
            Special::Wireguard => shapes::wireguard(place, rule, at),
            Special::ZapierHook => shapes::zapier_hook(place, rule, at),
            _ => self.begins_at(place, at),
        }
    }
}

/// Adds the best of the matches at one place.
fn report(place: &mut Place, best: Option<(&Entry, usize, usize)>) {
    if let Some((entry, start, end)) = best {
        place.add(entry.rule, start, end, verify::tail_class(entry.pattern.body));
    }
}

/// Returns where a token may begin a few bytes into the run at `start`: after the rest of an escape, and after a sign
/// that stands there.
fn later_starts(bytes: &[u8], start: usize) -> [Option<usize>; 2] {
    let after = &bytes[start..];
    let is_hex =
        |range: std::ops::Range<usize>| after.get(range).is_some_and(|b| b.iter().all(u8::is_ascii_hexdigit));
    let skipped = match start.checked_sub(1).map(|at| bytes[at]) {
        Some(b'\\') => match after[0] {
            b'n' | b't' | b'r' | b'b' | b'f' => 1,
            b'u' if is_hex(1..5) => 5,
            _ => 0,
        },
        Some(b'%') if after.starts_with(b"25") && is_hex(2..4) => 4,
        Some(b'%') if is_hex(0..2) => 2,
        Some(b'[' | b';') => {
            let digits = after.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
            if after.get(digits) == Some(&b'm') { digits + 1 } else { 0 }
        }
        _ => 0,
    };
    let begin = start + skipped;
    let signed = (bytes.get(begin) == Some(&b'-')).then_some(begin + 1);
    [(skipped > 0).then_some(begin), signed]
}

#[cfg(test)]
mod tests;
