//! Finds tokens in raw transcript bytes, in a time that does not grow with the number of rules.
//!
//! Almost every token holds a run of at least 16 word bytes. The sweep finds the runs, together with all that the context
//! rules need; the first three bytes of a run, or the three before it, are looked up in a bitmap ([`super::stems`]); only
//! then are the entries of the table asked ([`super::pattern`], [`super::checks`]). Tokens without a literal at their start
//! are recognised from the run's length and from what stands before it ([`super::shapes`]); the few tokens without a long
//! run, and key files, by short literals.
//!
//! Owns which entries are tried where; not the rules, and not what becomes of overlapping matches.

use crate::mask::pem;
use crate::mask::rule::{Hit, Specificity, TokenRule};
use crate::mask::sweep::{MOST_AFTER, Meaning, RUN_SEEN, Sight, parts_before, parts_before_plain};
use crate::mask::text::escape::{self, is_left_boundary};
use crate::mask::tokens::pattern::{self, Tails};
use crate::mask::tokens::rules::{RUN_SHAPES, RunShape};
use crate::mask::tokens::search::Search;
use crate::mask::tokens::starts::{later_starts, may_begin};
use crate::mask::tokens::stems::{Stems, stem_of};
use crate::mask::tokens::vocabulary::{Glance, Pattern, PlaceFunction, Shape, Token};
use crate::mask::tokens::{checks, rules};
use crate::mask::window::Window;

/// A literal may stand so many bytes before the match that it gives away: a comment line, a file's header, the first line
/// of a key whose lines are masked one by one.
const LITERAL_BEFORE: usize = pem::SPLIT_REACH + 64;

/// The last line of a key whose first lines are cut off is the furthest from the match that it gives away.
const _: () = assert!(pem::LONGEST_CUT_KEY + 64 <= MOST_AFTER);

/// Bytes of a token that may stand before its first long run, a sign among them.
const MOST_BEFORE_SIGN: usize = 32;

/// One literal of one pattern.
struct Entry {
    rule: TokenRule,
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
    /// Which rules are searched for.
    is_enabled: [bool; rules::COUNT],
    /// The functions that look at a `~`.
    tildes: Vec<(TokenRule, PlaceFunction)>,
    /// The functions that look at a short literal.
    literals: Vec<(&'static [u8], TokenRule, PlaceFunction)>,
}

impl TokenScanner {
    /// Builds the scanner of all token rules for whose id `disabled` is false.
    pub(crate) fn new(disabled: &dyn Fn(&str) -> bool) -> TokenScanner {
        let mut entries = Vec::with_capacity(400);
        let (mut starts, mut befores) = (Vec::with_capacity(400), Vec::with_capacity(100));
        let mut is_enabled = [false; rules::COUNT];
        let (mut tildes, mut literals) = (Vec::new(), Vec::new());
        for (rule, token) in rules::all().filter(|(_, token)| !disabled(token.rule.id)) {
            TokenScanner::add_entries(rule, token, &mut entries, &mut starts, &mut befores);
            is_enabled[usize::from(rule.0)] = true;
            match token.shape {
                Some(Shape::Tilde(function)) => tildes.push((rule, function)),
                Some(Shape::Literals(texts, function)) => {
                    literals.extend(texts.iter().map(|text| (text.as_bytes(), rule, function)));
                }
                // Called by what is seen of a run.
                Some(Shape::Run(..)) | None => {}
            }
        }
        let (starts, befores) = (Stems::new(starts), Stems::new(befores));
        TokenScanner { entries, starts, befores, is_enabled, tildes, literals }
    }

    fn add_entries(
        rule: TokenRule,
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
    pub(crate) fn visitor<'a>(
        &'a self,
        window: &Window<'a>,
        scratch: &'a mut TokenScratch,
        out: &'a mut Vec<Hit<TokenRule>>,
    ) -> impl FnMut(&Sight) + 'a {
        scratch.tails.clear();
        let wanted = window.wanted.start..window.wanted.end.min(window.bytes.len());
        let first_literal = wanted.start.saturating_sub(LITERAL_BEFORE);
        let mut search =
            Search { bytes: window.bytes, is_end: window.is_end, tails: &mut scratch.tails, out, wanted };
        move |sight| match *sight {
            Sight::Run(start, end) => self.try_run(&mut search, start, end),
            Sight::Tilde(at) => {
                for &(rule, function) in &self.tildes {
                    function(&mut search, rule, at);
                }
            }
            Sight::Literal(literal, start) if start >= first_literal => match literal.meaning {
                Meaning::Start => self.try_starts(&mut search, start),
                Meaning::Shape => self.try_literal(&mut search, literal.text, start),
                Meaning::Joined => self.try_joined(&mut search, start),
                Meaning::Anchor(_) | Meaning::Piece => {}
            },
            Sight::Literal(..) => {}
        }
    }

    /// Appends to `out` every token: a sweep of its own.
    #[cfg(test)]
    fn scan(&self, window: &Window, scratch: &mut TokenScratch, out: &mut Vec<Hit<TokenRule>>) {
        let mut visitor = self.visitor(window, scratch, out);
        crate::mask::sweep::Sweep::new().each(window, &mut Default::default(), |sight| visitor(&sight));
    }

    #[inline]
    fn try_run(&self, search: &mut Search, start: usize, end: usize) {
        let bytes = search.bytes;
        if start > 0 && matches!(bytes[start - 1], b'+' | b'/' | b'%') {
            self.try_before_sign(search, start);
        }
        let before = if start == 0 { Before::Nothing } else { BEFORE[usize::from(bytes[start - 1])] };
        if self.starts.may_hold(stem_of(bytes, start)) {
            self.try_starts(search, start);
        }
        if before != Before::Nothing || bytes[start] == b'-' {
            self.try_before(search, start, end, before);
        }
        if end - start >= 36 {
            self.try_whole(search, start, end);
        }
        // A longer run is not always seen to its end.
        if end - start <= RUN_SEEN && bytes.get(end) == Some(&b'{') {
            self.try_shapes(search, Glance::BeforeBrace, start, end);
        }
    }

    /// Calls the functions that look at runs of which `glance` is seen.
    #[inline(always)]
    fn try_shapes(&self, search: &mut Search, glance: Glance, start: usize, end: usize) {
        let [first, second, third, fourth] = &RUN_SHAPES[glance as usize];
        // One by one: where the glance is known here, so are the functions.
        self.try_shape(first, search, start, end);
        self.try_shape(second, search, start, end);
        self.try_shape(third, search, start, end);
        self.try_shape(fourth, search, start, end);
    }

    #[inline(always)]
    fn try_shape(&self, shape: &Option<RunShape>, search: &mut Search, start: usize, end: usize) {
        if let Some((rule, function)) = *shape
            && self.is_enabled[usize::from(rule.0)]
        {
            function(search, rule, start, end);
        }
    }

    /// Tries the run at `start` once more where an escape or a sign that it begins with ends, and asks what stands
    /// before it.
    #[inline(never)]
    fn try_before(&self, search: &mut Search, start: usize, end: usize, before: Before) {
        match before {
            Before::Nothing | Before::Escape => {
                for begin in later_starts(search.bytes, start).into_iter().flatten() {
                    if begin + 3 <= end && self.starts.may_hold(stem_of(search.bytes, begin)) {
                        self.try_starts(search, begin);
                    }
                }
            }
            Before::Literal => self.try_literal_before(search, start, end),
            Before::Quote => {
                if search.bytes[start - 1] == b'"' && end - start >= 20 {
                    self.try_shapes(search, Glance::InDoubleQuotes, start, end);
                }
                if (20..=64).contains(&(end - start)) {
                    self.try_shapes(search, Glance::InQuotes, start, end);
                }
            }
        }
    }

    /// Tries where the base64 begins whose first long run is at `start`: a sign stands among its first bytes.
    #[inline(never)]
    fn try_before_sign(&self, search: &mut Search, start: usize) {
        let bytes = search.bytes;
        let before = match bytes[..start].last_chunk::<MOST_BEFORE_SIGN>() {
            Some(bytes) => parts_before(bytes),
            None => parts_before_plain(&bytes[..start]),
        };
        let begin = start - before;
        if before == MOST_BEFORE_SIGN || before < 4 {
            return;
        }
        for begin in [Some(begin)].into_iter().chain(later_starts(bytes, begin)).flatten() {
            if self.starts.may_hold(stem_of(bytes, begin)) {
                self.try_starts(search, begin);
            }
        }
    }

    fn try_literal_before(&self, search: &mut Search, start: usize, end: usize) {
        let bytes = search.bytes;
        if bytes[start] == b'-' {
            self.try_before(search, start, end, Before::Nothing);
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
                        self.try_after_literal(search, start, stem);
                    }
                }
            } else if ahead == 1 {
                let two = u32::from(bytes[0]) << 8 | u32::from(bytes[mark]) << 16;
                self.try_after_literal(search, start, two);
            }
        }
        self.try_shapes_before(search, start, end);
    }

    /// Tries the shapes that are recognised by the byte before a run.
    fn try_shapes_before(&self, search: &mut Search, start: usize, end: usize) {
        let glance = match search.bytes[start - 1] {
            b'.' => Glance::AfterStop,
            b':' => Glance::AfterColon,
            // Most are parts of paths; the id before the slash is in capitals.
            b'/' if start >= 2 && matches!(search.bytes[start - 2], b'A'..=b'Z' | b'0'..=b'9' | b'\\') => {
                Glance::AfterId
            }
            b'!' => Glance::AfterExclamation,
            _ => return,
        };
        self.try_shapes(search, glance, start, end);
    }

    /// Tries the shapes that are recognised by a run's length and its end.
    #[inline(never)]
    fn try_whole(&self, search: &mut Search, start: usize, end: usize) {
        let glance = match end - start {
            76.. => Glance::Long,
            ..=48 => match &search.bytes[end - 5..end] {
                [b'-', b'u', b's', _, _] | [_, b'-', b'u', b's', _] => Glance::EndsInRegion,
                [_, b'_', b'm', b'm', b'k'] => Glance::EndsInMmk,
                _ => return,
            },
            _ => return,
        };
        for begin in [Some(start)].into_iter().chain(later_starts(search.bytes, start)).flatten() {
            self.try_shapes(search, glance, begin, end);
        }
    }

    /// Tries all literals that may begin at `start`.
    #[inline(never)]
    fn try_starts(&self, search: &mut Search, start: usize) {
        let mut best = None;
        for index in self.starts.entries(stem_of(search.bytes, start)) {
            let entry = &self.entries[index];
            if search.bytes[start..].starts_with(entry.literal) && self.may_begin_at(search, start) {
                self.compare(search, entry, start, start + entry.literal.len(), &mut best);
            }
        }
        report(search, best);
    }

    /// Whether a token may begin at `start`, if it begins with a word byte.
    fn may_begin_at(&self, search: &Search, start: usize) -> bool {
        !escape::is_word(search.bytes[start]) || may_begin(search.bytes, start)
    }

    /// Tries all literals that may begin at `start`, where a hyphen or an underscore joins what follows to a name.
    #[inline(never)]
    fn try_joined(&self, search: &mut Search, start: usize) {
        let bytes = search.bytes;
        let is_joined = start > 0 && matches!(bytes[start - 1], b'-' | b'_');
        if !is_joined || is_left_boundary(bytes, start) || checks::is_in_url_blob(bytes, start) {
            return;
        }
        let mut best = None;
        for index in self.starts.entries(stem_of(bytes, start)) {
            let entry = &self.entries[index];
            if bytes[start..].starts_with(entry.literal) {
                self.compare(search, entry, start, start + entry.literal.len(), &mut best);
            }
        }
        report(search, best);
    }

    /// Tries all literals that may end, but for a few word bytes, where a run starts.
    fn try_after_literal(&self, search: &mut Search, run: usize, stem: u32) {
        let mut best = None;
        for index in self.befores.entries(stem) {
            let entry = &self.entries[index];
            let word_bytes = entry.literal.iter().rev().take_while(|&&byte| escape::is_word(byte)).count();
            let (head, rest) = entry.literal.split_at(entry.literal.len() - word_bytes);
            if search.bytes[run..].starts_with(rest)
                && let Some(start) = pattern::match_back(head, search.bytes, run)
                && self.may_begin_at(search, start)
            {
                self.compare(search, entry, start, run + rest.len(), &mut best);
            }
        }
        report(search, best);
    }

    /// Puts a match of `entry`, which may begin at `start`, into `best` if it is one and says more than what is there.
    fn compare<'a>(
        &'a self,
        search: &Search,
        entry: &'a Entry,
        start: usize,
        body: usize,
        best: &mut Option<(&'a Entry, usize, usize)>,
    ) {
        let rank = |entry: &Entry| (entry.specificity, entry.literal.len());
        if best.is_some_and(|(other, ..)| rank(other) >= rank(entry)) {
            return;
        }
        let (bytes, pattern) = (search.bytes, entry.pattern);
        let Some(end) = pattern::match_parts(pattern.body, bytes, body) else { return };
        let checked = &bytes[body..pattern::checked_end(pattern.body, bytes, end, checks::CHECKED_BYTES)];
        if checks::accept(pattern.checks, checked, bytes.get(end).copied())
            && (pattern.near.is_empty() || checks::is_near(pattern.near, bytes, start, end))
            && !(entry.occurs_in_blobs && checks::is_in_blob(bytes, start))
        {
            let start = if pattern.keeps_literal { body } else { start };
            *best = Some((entry, start, end));
        }
    }

    /// Calls the functions that a short literal asks for.
    fn try_literal(&self, search: &mut Search, text: &[u8], at: usize) {
        for &(_, rule, function) in self.literals.iter().filter(|(literal, ..)| *literal == text) {
            function(search, rule, at);
        }
    }
}

/// Adds the best of the matches at one search.
fn report(search: &mut Search, best: Option<(&Entry, usize, usize)>) {
    if let Some((entry, start, end)) = best {
        search.add(entry.rule, start, end, pattern::tail_class(entry.pattern.body));
    }
}

#[cfg(test)]
#[path = "scanner_tests.rs"]
mod tests;
