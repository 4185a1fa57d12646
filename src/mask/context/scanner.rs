//! Hands the anchors that the sweep shows to the parsers. Owns which parser looks at which anchor.

use crate::mask::context::forms::{
    command_line, cookie, credential_files, header, password_hash, provider_word, query, url,
};
use crate::mask::context::found::Found;
use crate::mask::context::values::value::{self, Memory};
use crate::mask::context::{assignment, rules};
use crate::mask::rule::{ContextRule, Hit};
use crate::mask::sweep::{Anchor, AnchorKind, MOST_AFTER, MOST_BEFORE, Meaning, Sight};
use crate::mask::window::{LOOK_AHEAD, Window};

/// A value begins so far behind its anchor at most (a cookie behind its header's name).
const MOST_BEFORE_VALUE: usize = MOST_BEFORE;

/// A value begins so far before its anchor at most (an AWS secret before its key id, a URL's token before nothing).
const MOST_AFTER_VALUE: usize = 512;
const _: () = assert!(MOST_AFTER_VALUE <= MOST_AFTER);

/// So much is read behind an anchor at most: its value's start plus the longest value.
const _: () = assert!(MOST_BEFORE_VALUE + 2 * value::MOST_VALUE_BYTES + MOST_AFTER_VALUE < LOOK_AHEAD);

/// The context rules, ready to run; one for all threads.
pub(crate) struct ContextScanner {
    is_enabled: Vec<bool>,
}

impl ContextScanner {
    /// Builds the scanner without the rules for whose id `disabled` says true.
    pub(crate) fn new(disabled: &dyn Fn(&str) -> bool) -> ContextScanner {
        let is_enabled = rules::all().map(|rule| !disabled(rule.id)).collect();
        ContextScanner { is_enabled }
    }

    /// Returns a function that is to be called with everything that a sweep over `window` shows, and that appends to
    /// `out` what is to be masked and starts in the window's wanted range, in no particular order and perhaps
    /// overlapping. Spans are never open: a value is read to its end or refused.
    pub(crate) fn visitor<'a>(
        &'a self,
        window: &Window<'a>,
        out: &'a mut Vec<Hit<ContextRule>>,
    ) -> impl FnMut(&Sight) + 'a {
        let (bytes, wanted) = (window.bytes, window.wanted.clone());
        let mut memory = Memory::default();
        let mut found = move |(start, end, rule): Found| {
            if wanted.contains(&start) && self.is_enabled[usize::from(rule.0)] && start < end {
                let hit = Hit { start, end, rule, open: None };
                if out.last() != Some(&hit) {
                    out.push(hit);
                }
            }
        };
        move |sight| {
            if let Sight::Literal(literal, start) = *sight
                && let Meaning::Anchor(kind) = literal.meaning
            {
                let anchor = Anchor { start, end: start + literal.text.len(), kind };
                parse(bytes, anchor, &mut memory, &mut found);
            }
        }
    }

    /// Appends what is to be masked: a sweep of its own.
    #[cfg(test)]
    pub(crate) fn scan(&self, window: &Window, out: &mut Vec<Hit<ContextRule>>) {
        let mut visitor = self.visitor(window, out);
        crate::mask::sweep::Sweep::new().each(window, &mut Default::default(), |sight| visitor(&sight));
    }
}

/// Hands an anchor to its parser.
fn parse(bytes: &[u8], anchor: Anchor, memory: &mut Memory, found: &mut impl FnMut(Found)) {
    let Anchor { start, end, kind } = anchor;
    let one = match kind {
        AnchorKind::Name => parse_name(bytes, start, end, memory),
        AnchorKind::Scheme => url::find(bytes, start),
        AnchorKind::EscapedSlashes => url::find_escaped(bytes, start),
        AnchorKind::OracleUrl => url::find_oracle(bytes, end),
        AnchorKind::Query => query::find(bytes, start, end, &mut memory.query),
        AnchorKind::Bearer => header::find_bearer(bytes, start, end, &mut memory.bearer),
        AnchorKind::Cookie => return cookie::find(bytes, end, found),
        AnchorKind::UserFlag => command_line::find_user(bytes, start, end),
        AnchorKind::PasswordFlag => command_line::find_password(bytes, start, end, &mut memory.argument),
        AnchorKind::AuthFlag => command_line::find_redis(bytes, end, &mut memory.argument),
        AnchorKind::SecureString => command_line::find_secure_string(bytes, start, end, &mut memory.argument),
        AnchorKind::IdentifiedBy => command_line::find_identified(bytes, end),
        AnchorKind::PasswordFile => credential_files::find_pgpass(bytes, start, end),
        AnchorKind::AwsKeyId => return credential_files::find_aws_secret(bytes, start, found),
        AnchorKind::Hash => password_hash::find(bytes, start, memory),
    };
    if let Some(one) = one {
        found(one);
    }
}

/// Whether a name that goes on with `rest` is that of a count: `"input_tokens":17`. In transcripts of agents most names
/// are. The first value of a list would have to be in quotes: they are refused here for speed alone.
#[inline]
fn is_count(rest: &[u8]) -> bool {
    let Some(rest) = rest.strip_prefix(b"s") else { return false };
    let rest = rest.strip_prefix(b"\\").unwrap_or(rest);
    let Some(value) = rest.strip_prefix(b"\":") else { return false };
    let value = value.strip_prefix(b" ").unwrap_or(value);
    value.first().is_some_and(u8::is_ascii_digit)
}

fn parse_name(bytes: &[u8], start: usize, end: usize, memory: &mut Memory) -> Option<Found> {
    if matches!(bytes[start], b'o' | b'k') && is_count(&bytes[end..]) {
        return None;
    }
    if header::is_authorization(bytes, end) {
        // `"AWS::Config::AggregationAuthorization"`.
        let name =
            bytes[..start].iter().rev().take(40).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if bytes[..start - name].ends_with(b"::") {
            return None;
        }
        return header::find_authorization(bytes, end + b"orization".len(), &mut memory.header);
    }
    // Some literals hold the sign after the name.
    let end = if bytes[end - 1].is_ascii_alphanumeric() { end } else { end - 1 };
    // `tokens`, `keys`: by far the most frequent, and never a secret.
    let is_plural = bytes.get(end) == Some(&b's') && matches!(bytes.get(start), Some(b'o' | b'k'));
    if is_plural {
        return assignment::find_in_list(bytes, start, end);
    }
    assignment::find(bytes, start, end, memory).or_else(|| provider_word::find(bytes, start, end))
}

#[cfg(test)]
#[path = "scanner_tests.rs"]
mod tests;
