//! Masks names: paths, ids, branches, titles.
//!
//! In text a token begins where no token byte stands before it, and a hyphen is one. In names hyphens and underscores
//! are what stands in place of a slash or a space: Claude Code keeps the sessions of `/work/TOKEN` in `-work-TOKEN`.

use crate::mask::findings::Findings;
use crate::mask::masker::Masker;
use crate::mask::scan::Scratch;
use crate::mask::values::KnownValues;
use crate::mask::window::Window;

/// Letters and digits in a row that a token has at least, a digit and a letter beyond `f` among them: a name without
/// such a row, which nearly all are, needs no second look.
const TOKEN_ROW: usize = 12;

impl Masker {
    /// Returns a name masked by rules.
    pub fn mask_name(&self, name: &str) -> String {
        self.mask_name_with(name, &[])
    }

    /// Returns a name masked by rules and known values.
    pub fn mask_name_with(&self, name: &str, known: &[&KnownValues]) -> String {
        let whole = self.mask_text_with(name, known.iter().copied());
        let (mut masked, mut rest) = (String::new(), whole.as_str());
        while let Some(at) = self.token_after_separator(rest) {
            masked.push_str(&self.mask_text_with(&rest[..at], known.iter().copied()));
            let end = at + self.first_span(&rest[at..]).unwrap_or(rest.len() - at).max(1);
            let end = (end..=rest.len()).find(|&end| rest.is_char_boundary(end)).unwrap_or(rest.len());
            masked.push_str(&self.mask_text_with(&rest[at..end], known.iter().copied()));
            rest = &rest[end..];
        }
        if masked.is_empty() {
            return whole;
        }
        masked + rest
    }

    /// Returns where a token begins that has a separator before it.
    fn token_after_separator(&self, name: &str) -> Option<usize> {
        let bytes = name.as_bytes();
        let last = last_token_row(bytes)?;
        (1..=last).filter(|&at| matches!(bytes[at - 1], b'-' | b'_' | b'.')).find(|&at| {
            name.is_char_boundary(at)
                && bytes[at].is_ascii_alphanumeric()
                && self.first_span(&name[at..]).is_some()
        })
    }

    /// Returns where the match ends that `text` begins with.
    fn first_span(&self, text: &str) -> Option<usize> {
        let (mut scratch, mut findings) = (Scratch::default(), Findings::default());
        self.scan(&Window::of_whole(text.as_bytes(), 0..text.len()), &mut scratch, &mut findings);
        findings.spans.first().filter(|span| span.start == 0).map(|span| span.end as usize)
    }
}

/// Returns where the last row of letters and digits begins that may be (part of) a token.
fn last_token_row(bytes: &[u8]) -> Option<usize> {
    let (mut last, mut start) = (None, 0);
    for end in 0..=bytes.len() {
        if bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) {
            continue;
        }
        let row = &bytes[start..end];
        let is_beyond_hex = |byte: &u8| matches!(byte | 0x20, b'g'..=b'z');
        if row.len() >= TOKEN_ROW && row.iter().any(u8::is_ascii_digit) && row.iter().any(is_beyond_hex) {
            last = Some(start);
        }
        start = end + 1;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::masker::options::Options;

    fn token(prefix: &[&str]) -> String {
        [prefix.concat().as_str(), "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat()
    }

    #[test]
    fn a_token_behind_a_separator_of_names_is_masked_and_the_rest_stays() {
        let masker = Masker::new(&Options::default()).unwrap();
        let token = token(&["gh", "p_"]);
        for (before, after) in [
            ("/home/me/.claude/projects/-home-me-", "/0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f.jsonl"),
            ("agent-", ""),
            ("notes_", ".jsonl"),
            ("a.", " b"),
            ("é-", " é"),
        ] {
            let name = format!("{before}{token}{after}");
            let masked = masker.mask_name(&name);
            assert_eq!(masked, format!("{before}{}_***MASKED***{after}", &token[..3]));
            assert_eq!(masker.mask_name(&masked), masked);
            let twice = masker.mask_name(&format!("{name}-{name}"));
            assert!(!twice.contains(&token), "{twice}");
        }
    }

    #[test]
    fn usual_names_stay_as_they_are() {
        let masker = Masker::new(&Options::default()).unwrap();
        for name in [
            "",
            "/home/me/.claude/projects/-home-me-my-project/0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f.jsonl",
            "rollout-2026-11-22T20-36-17-01a204f9-4e0b-7c61-aa63-10970996f82a.jsonl.zst",
            "feature/mask-names-behind-hyphens-2026q3-release1",
        ] {
            assert_eq!(masker.mask_name(name), name);
        }
    }
}
