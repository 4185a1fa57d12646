//! The two scanners of built-in rules behind one interface: the table of all their rules, and their matches.
//! Owns how a scanner's own rule indices become indices of the masker's table; knows nothing of custom rules.

use super::Window;
use super::context::{ContextScanner, rules::CONTEXT_RULES};
use super::rule::{ByteClass, RawSpan, Rule};

/// One match of a built-in rule, in offsets of the window's bytes.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    pub start: usize,
    pub end: usize,
    /// Index in [`Scanners::rules`].
    pub rule: u16,
    /// What the match goes on with when the window ends before it does.
    pub open: Option<ByteClass>,
}

/// What the scanners reuse from window to window.
#[derive(Default)]
pub struct ScannerScratch {
    spans: Vec<RawSpan>,
}

/// All scanners of built-in rules.
pub struct Scanners {
    context: ContextScanner,
}

impl Scanners {
    /// Builds the scanners without the rules of these ids.
    pub fn new(disabled: &[String]) -> Scanners {
        let is_disabled = |id: &str| disabled.iter().any(|disabled| disabled == id);
        Scanners { context: ContextScanner::new(&is_disabled) }
    }

    /// Returns the rules of all scanners, in the order of their indices.
    pub fn rules() -> impl Iterator<Item = &'static Rule> {
        CONTEXT_RULES.iter()
    }

    /// Returns the literals that placeholders of rules keep.
    pub fn kept_literals() -> Vec<&'static [u8]> {
        Vec::new()
    }

    /// Returns how much of a match of `rule` its placeholder keeps, if it keeps the literal.
    pub fn kept_bytes(_rule: u16, _matched: &[u8]) -> usize {
        0
    }

    /// Hands every match that starts in the window's wanted range to `found`, in no order.
    pub fn scan(&self, window: &Window, scratch: &mut ScannerScratch, found: &mut dyn FnMut(BuiltIn)) {
        let ScannerScratch { spans } = scratch;
        spans.clear();
        self.context.scan(window, spans);
        for span in spans.drain(..) {
            found(BuiltIn { start: span.start, end: span.end, rule: span.rule.0, open: span.open });
        }
    }
}
