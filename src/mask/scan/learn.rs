//! What a scanned window teaches about the rest of its session: values that stand where secrets stand.

use crate::mask::context::is_after_verdict;
use crate::mask::findings::Findings;
use crate::mask::masker::Masker;
use crate::mask::name_shape::could_be_name;
use crate::mask::pieces;
use crate::mask::values::{Learned, MAX_VALUE_BYTES};
use crate::mask::window::Window;
use std::ops::Range;

impl Masker {
    /// Adds to `learned` the values that this window's findings teach about the session (`DB_PASSWORD=...`).
    pub fn learn(&self, window: &Window, findings: &Findings, learned: &mut Learned) {
        learned.has_private_key |= findings.spans.iter().any(|span| span.rule == self.private_key_rule);
        for taught in &findings.taught {
            let start = (taught.start - window.offset) as usize;
            let end = ((taught.end - window.offset) as usize).min(window.bytes.len());
            learn_value(window.bytes, start..end, learned);
        }
        if findings.may_have_pieces(window) {
            pieces::each_taught(self, window, &mut |text, value| learn_value(text, value, learned));
        }
    }
}

/// Learns the value that stands in a part of `text`.
fn learn_value(text: &[u8], at: Range<usize>, learned: &mut Learned) {
    // Masked once, a name would vanish from all of the session: where it is defined, called, and talked about.
    let value = &text[at.clone()];
    let may_teach = !could_be_name(value) || is_assigned_to_variable(text, at.start);
    if value.len() <= MAX_VALUE_BYTES && may_teach && !is_after_verdict(text, at.start) {
        learned.add_escaped(value);
    }
}

/// Returns whether the value at `start` is what a variable of the environment is set to: `DB_PASSWORD=...`. There
/// stands no name of code, and a passphrase may be made of words.
fn is_assigned_to_variable(bytes: &[u8], start: usize) -> bool {
    let before = &bytes[start.saturating_sub(64)..start];
    let quotes = before.iter().rev().take_while(|byte| b"\"'\\".contains(byte)).count();
    let Some(before) = before[..before.len() - quotes].strip_suffix(b"=") else { return false };
    let name = before
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'_');
    let name = &before[before.len() - name.count()..];
    // `PASSWORD_HASHER=argon2id` sets no secret.
    let secrets: [&[u8]; 8] =
        [b"PASSWORD", b"PASSWD", b"PASS", b"PWD", b"PASSPHRASE", b"SECRET", b"TOKEN", b"KEY"];
    name.len() >= 4 && secrets.iter().any(|secret| name.ends_with(secret))
}
