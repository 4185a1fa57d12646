//! Puts the scanners and the custom rules together: one table of rules, one scan. Owns the table, its version and
//! what is left of the matches when the allowed ones are gone and the overlapping ones are joined.

use super::allow::Allowed;
use super::custom::Custom;
use super::placeholder::{self, Protected};
use super::rule::{Placeholder, Rule, Specificity};
use super::scanners::{ScannerScratch, Scanners};
use super::template::Escaping;
use super::union::{LABEL_REACH, Match, extend, join};
use super::wide;
use super::{Counts, Findings, KnownValues, Options, RuleIndex, Scratch, Span, Tally, Window};
use crate::error::{Error, Kind, Result};
use std::borrow::Cow;
use std::ops::Range;

/// What the masker finds by other means than patterns.
const BY_OTHER_MEANS: Rule = Rule {
    id: "",
    provider: "any",
    about: "",
    rotate: None,
    placeholder: Placeholder::Fixed("***MASKED***"),
    specificity: Specificity::Value,
    teaches: false,
    hits: &[],
    misses: &[],
};

/// Values known from outside the session, or learned from it.
static KNOWN_VALUE: Rule = Rule {
    id: "known-value",
    about: "value of the environment, of a .env file, or learned elsewhere in the session",
    ..BY_OTHER_MEANS
};

/// Strings in which something is found only when their escapes are undone.
static SECOND_LOOK: Rule = Rule {
    id: "second-look",
    about: "string of a masked line in which a rule still matches once its escapes are undone",
    ..BY_OTHER_MEANS
};

/// Messages that were recorded as they streamed.
static IN_PIECES: Rule = Rule {
    id: "secret-in-pieces",
    about: "secret in a message that was recorded piece by piece",
    ..BY_OTHER_MEANS
};

/// The second and all further pieces of such a secret, in place of which nothing stands: the placeholder is in the first.
static PIECE_AFTER: Rule = Rule {
    id: "secret-in-pieces-after",
    about: "further pieces of a secret that was recorded piece by piece",
    ..BY_OTHER_MEANS
};

/// A rule as the table shows it; custom ones have no examples.
#[derive(Clone, Debug)]
pub struct RuleInfo {
    /// `github-classic`, `custom-pattern-1`, `custom-literal`.
    pub id: Cow<'static, str>,
    /// The provider's name; `custom` for custom rules.
    pub provider: &'static str,
    /// What it is, a phrase.
    pub about: &'static str,
    /// Where it is revoked or rotated.
    pub rotate: Option<&'static str>,
    /// What replaces a match; custom patterns have their own replacement texts instead.
    pub placeholder: Placeholder,
    pub specificity: Specificity,
    pub teaches: bool,
    /// Whether the configuration has switched it off.
    pub disabled: bool,
}

/// All rules, built once and shared by all threads.
pub struct Masker {
    pub(super) rules: Vec<RuleInfo>,
    pub(super) scanners: Scanners,
    pub(super) custom: Custom,
    pub(super) protected: Protected,
    allowed: Allowed,
    pub(super) tag_key: Option<[u8; 32]>,
    version: String,
    pub(super) private_key_rule: RuleIndex,
    pub(super) in_pieces_rule: RuleIndex,
    pub(super) piece_after_rule: RuleIndex,
    pub(super) known_rule: RuleIndex,
    pub(super) second_look_rule: RuleIndex,
}

impl Masker {
    /// Builds the masker.
    ///
    /// # Errors
    ///
    /// [`crate::error::Kind::Config`], naming the entry, the position and the way out, when a custom rule does not
    /// compile within its limits or an id in `disable_rules` does not exist.
    pub fn new(options: &Options) -> Result<Masker> {
        let mut rules: Vec<RuleInfo> = built_in().map(RuleInfo::of).collect();
        disable(&mut rules, &options.disable_rules)?;
        let first_custom = rules.len() as u16;
        let custom = Custom::new(&options.patterns, &options.literals, first_custom)?;
        rules.extend(
            (1..=options.patterns.len()).map(|number| RuleInfo::custom(format!("custom-pattern-{number}"))),
        );
        if !options.literals.is_empty() {
            rules.push(RuleInfo::custom("custom-literal".to_owned()));
        }
        Ok(Masker {
            scanners: Scanners::new(&options.disable_rules),
            custom,
            protected: Protected::new(built_in(), &Scanners::kept_literals()),
            allowed: Allowed::new(&options.allow_literals, &options.allow_patterns)?,
            tag_key: options.tag_key,
            version: version(options),
            private_key_rule: index_of(&rules, "pem-private-key"),
            in_pieces_rule: RuleIndex(first_custom - 4),
            piece_after_rule: RuleIndex(first_custom - 3),
            known_rule: RuleIndex(first_custom - 2),
            second_look_rule: RuleIndex(first_custom - 1),
            rules,
        })
    }

    /// Returns a short text that changes whenever the built-in rules or the custom ones do.
    pub fn rules_version(&self) -> &str {
        &self.version
    }

    /// Returns the id of a rule as users see it: `github-classic`.
    pub fn rule_id(&self, rule: RuleIndex) -> &str {
        &self.rule(rule).id
    }

    /// Returns what the table says about a rule of this masker.
    pub fn rule(&self, rule: RuleIndex) -> &RuleInfo {
        &self.rules[usize::from(rule.0)]
    }

    /// Returns all rules with their indices: built-in ones first, then custom ones in the order of the
    /// configuration.
    pub fn rules(&self) -> impl Iterator<Item = (RuleIndex, &RuleInfo)> {
        self.rules.iter().enumerate().map(|(index, rule)| (RuleIndex(index as u16), rule))
    }

    /// Finds what is to be masked among the matches that start in the window's wanted range, by rule alone.
    /// The findings depend on the stream only, not on how it is cut into windows.
    pub fn scan(&self, window: &Window, scratch: &mut Scratch, findings: &mut Findings) {
        findings.clear();
        let counts = self.collect(window, window.wanted.clone(), scratch, findings, true);
        findings.counted = Some((window.wanted_in_stream(), counts));
        if scratch.matches.is_empty() {
            return;
        }
        join(&mut scratch.matches, &mut findings.spans, &mut findings.labels);
        self.look_past_the_end(window, scratch, findings);
    }

    /// Lets what starts after the wanted range, but within the last span, take part in that span's extent and
    /// label, as it does when the window goes on.
    pub(super) fn look_past_the_end(&self, window: &Window, scratch: &mut Scratch, findings: &mut Findings) {
        let mut from = window.wanted.end;
        loop {
            let Some(last) = findings.spans.last() else { return };
            let until = last.end.min(last.start + LABEL_REACH + 1).saturating_sub(window.offset);
            let until =
                usize::try_from(until).map_or(window.bytes.len(), |until| until.min(window.bytes.len()));
            if until <= from {
                return;
            }
            self.collect(window, from..until, scratch, findings, false);
            scratch.matches.sort_unstable_by_key(|one| (one.start, std::cmp::Reverse(one.end), one.rule));
            for one in &scratch.matches {
                if findings.spans.last().is_some_and(|last| one.start < last.end) {
                    extend(one, &mut findings.spans, &mut findings.labels);
                }
            }
            from = until;
        }
    }

    /// Gathers in `scratch.matches` the allowed-for matches of all rules that start in `wanted`. Returns what was
    /// counted there.
    fn collect(
        &self,
        window: &Window,
        wanted: Range<usize>,
        scratch: &mut Scratch,
        findings: &mut Findings,
        teach: bool,
    ) -> Counts {
        let part = Window { wanted, ..window.clone() };
        let Scratch { scanners, matches, .. } = scratch;
        matches.clear();
        let permits = |start: u64, end: u64| {
            let at = |offset: u64| ((offset - window.offset) as usize).min(window.bytes.len());
            !self.allowed.is_empty() && self.allowed.permits(&window.bytes[at(start)..at(end)])
        };
        let counts = self.scanners.scan(&part, scanners, &mut |found| {
            let rule = &self.rules[usize::from(found.rule)];
            let (start, end) = (window.offset + found.start as u64, window.offset + found.end as u64);
            if rule.disabled || end <= start || permits(start, end) {
                return;
            }
            if teach && rule.teaches {
                findings.taught.push(start..end);
            }
            if found.open.is_some() {
                findings.open = found.open;
            }
            matches.push(Match { start, end, rule: RuleIndex(found.rule), specificity: rule.specificity });
        });
        if wide::may_have(window.bytes, &part.wanted, &counts) {
            self.collect_wide(&part, matches);
        }
        self.custom.find(&part, &self.protected, &mut |found| {
            if !permits(found.start, found.end) {
                matches.push(found);
            }
        });
        if counts.has_pieces {
            self.collect_in_pieces(&part, matches);
        }
        counts
    }

    /// Adds what the built-in rules find in letters with a NUL between them.
    fn collect_wide(&self, window: &Window, matches: &mut Vec<Match>) {
        let mut scratch = ScannerScratch::default();
        wide::runs(window.bytes, window.offset, &window.wanted, &mut |run, wanted| {
            let text = Window::of_whole(&run.text, 0..run.text.len());
            self.scanners.scan(&text, &mut scratch, &mut |found| {
                let rule = &self.rules[usize::from(found.rule)];
                let place = run.place(found.start..found.end.max(found.start + 1));
                let is_permitted = self.permits(&run.text[found.start..found.end]);
                if rule.disabled || is_permitted || !wanted.contains(&place.start) {
                    return;
                }
                let (start, end) = (window.offset + place.start as u64, window.offset + place.end as u64);
                let rule_index = RuleIndex(found.rule);
                matches.push(Match { start, end, rule: rule_index, specificity: rule.specificity });
            });
        });
    }

    /// Returns whether the bytes of a known value may stay.
    pub(super) fn permits(&self, matched: &[u8]) -> bool {
        !self.allowed.is_empty() && self.allowed.permits(matched)
    }

    /// Appends what stands in place of a span labelled by `label`. `line` is the line it starts in (or what is at
    /// hand of it), and begins at `line_offset` of the stream.
    pub(super) fn write_placeholder(
        &self,
        label: &Match,
        line: &[u8],
        line_offset: u64,
        how: Escaping,
        out: &mut Vec<u8>,
    ) {
        if label.rule == self.piece_after_rule {
            return;
        }
        let start = ((label.start.max(line_offset) - line_offset) as usize).min(line.len());
        if self.custom.owns(label.rule) {
            return self.custom.replace(label.rule, line, start, how, out);
        }
        let end = ((label.end.max(line_offset) - line_offset) as usize).clamp(start, line.len());
        let rule = self.rule(label.rule);
        let value = &line[start..end];
        let kept = match rule.placeholder {
            Placeholder::KeepLiteral => Scanners::kept_bytes(label.rule.0, value),
            _ => 0,
        };
        placeholder::write(rule.placeholder, &rule.id, value, kept, self.tag_key.as_ref(), out);
    }

    /// Returns `text` masked: for names and metadata, which are streams of their own.
    pub fn mask_text(&self, text: &str) -> String {
        self.mask_text_with(text, None)
    }

    /// Returns `text` masked by rules and known values: for metadata that a session's own text went into.
    pub fn mask_text_with(&self, text: &str, known: Option<&KnownValues>) -> String {
        let (mut scratch, mut findings, mut out) = (Scratch::default(), Findings::default(), Vec::new());
        let window = Window::of_whole(text.as_bytes(), 0..text.len());
        self.scan(&window, &mut scratch, &mut findings);
        if let Some(known) = known {
            self.find_known(&window, known, &mut findings);
        }
        if self.rewrite(&window, &findings, 0, &mut scratch, &mut out, &mut Tally::default()) {
            String::from_utf8_lossy(&out).into_owned()
        } else {
            text.to_owned()
        }
    }
}

impl RuleInfo {
    fn of(rule: &'static Rule) -> RuleInfo {
        RuleInfo {
            id: Cow::Borrowed(rule.id),
            provider: rule.provider,
            about: rule.about,
            rotate: rule.rotate,
            placeholder: rule.placeholder,
            specificity: rule.specificity,
            teaches: rule.teaches,
            disabled: false,
        }
    }

    fn custom(id: String) -> RuleInfo {
        RuleInfo {
            id: Cow::Owned(id),
            provider: "custom",
            about: "rule of the configuration",
            rotate: None,
            placeholder: Placeholder::Fixed("***MASKED***"),
            specificity: Specificity::Value,
            teaches: false,
            disabled: false,
        }
    }
}

/// Returns all built-in rules in the order of their indices; those that are not in the scanners come last.
pub(crate) fn built_in() -> impl Iterator<Item = &'static Rule> {
    Scanners::rules().chain([&IN_PIECES, &PIECE_AFTER, &KNOWN_VALUE, &SECOND_LOOK])
}

fn disable(rules: &mut [RuleInfo], ids: &[String]) -> Result<()> {
    for (index, id) in ids.iter().enumerate() {
        let mut any = false;
        for rule in rules.iter_mut().filter(|rule| rule.id == id.as_str()) {
            rule.disabled = true;
            any = true;
        }
        if !any {
            let what =
                format!("cannot use disable_rules entry {}: there is no rule `{}`", index + 1, shown(id));
            return Err(Error::new(Kind::Config, what).with_hint("`sessionkeep rules` lists the ids."));
        }
    }
    Ok(())
}

/// Returns what may be shown of a text that should be an id and is not: nothing that could be a secret.
fn shown(id: &str) -> &str {
    let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    if id.len() <= 40 && id.bytes().all(is_id) { id } else { "..." }
}

/// Returns the place of a built-in rule in the table.
fn index_of(rules: &[RuleInfo], id: &str) -> RuleIndex {
    let index = rules.iter().position(|rule| rule.id == id);
    debug_assert!(index.is_some(), "no rule is called {id}");
    RuleIndex(index.unwrap_or(rules.len()) as u16)
}

/// Changes with every change of what the scanners find that shows in no rule.
const REVISION: &str = "11";

/// Returns a hash over everything that decides what masked text looks like, the tags' key aside.
fn version(options: &Options) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    add(env!("CARGO_PKG_VERSION"));
    add(REVISION);
    for rule in built_in() {
        add(rule.id);
        add(&format!("{:?} {:?} {}", rule.placeholder, rule.specificity, rule.teaches));
        rule.hits.iter().chain(rule.misses).for_each(|example| add(example));
    }
    for (pattern, replacement) in &options.patterns {
        add(pattern);
        add(replacement);
    }
    for list in [&options.literals, &options.allow_literals, &options.allow_patterns, &options.disable_rules]
    {
        add(&list.len().to_string());
        list.iter().for_each(|entry| add(entry));
    }
    add(if options.tag_key.is_some() { "tagged" } else { "plain" });
    hasher.finalize().to_hex()[..12].to_owned()
}

impl Span {
    /// Returns where the span is in a window's bytes, clipped to `range`.
    pub(super) fn within(&self, offset: u64, range: &Range<usize>) -> Range<usize> {
        let local = |at: u64| usize::try_from(at.saturating_sub(offset)).unwrap_or(usize::MAX);
        local(self.start).clamp(range.start, range.end)..local(self.end).clamp(range.start, range.end)
    }
}
