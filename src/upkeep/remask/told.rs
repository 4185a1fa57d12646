//! What an archive says of itself, masked again: texts of a header, and of another program's sidecar. In: what is said, and
//! what is known in the session. Out: the same with today's masks. Owns no archive's text.

use crate::archive::header::Header;
use crate::archive::names::slug;
use crate::mask::{KnownValues, Masker};
use serde_json::{Map, Value};

/// Characters at the end of a title that are taken for the beginning of a secret, if they are one's.
const LEAST_OF_A_SECRET: usize = 4;

/// Masks texts of one session.
pub(super) struct Teller<'a> {
    pub masker: &'a Masker,
    pub known: &'a [&'a KnownValues],
}

impl Teller<'_> {
    fn masked(&self, text: &str) -> String {
        self.masker.mask_name_with(text, self.known)
    }

    fn mask(&self, text: &mut String) {
        let masked = self.masked(text);
        if masked != *text {
            *text = masked;
        }
    }

    /// Masks the texts of a header. `cut_title` is where the beginning of a secret begins that a cut title ends with. Ids
    /// that the session is called by beside its own are left out if there is something to mask in them.
    pub(super) fn header(&self, header: &mut Header, cut_title: Option<usize>) {
        if let (Some(title), Some(at)) = (&mut header.title, cut_title)
            && title.is_char_boundary(at)
        {
            title.truncate(at);
            title.push_str("***MASKED***");
        }
        self.mask(&mut header.source);
        self.mask(&mut header.cwd);
        let slug_now = self.masked(&header.project_slug);
        if slug_now != header.project_slug {
            header.project_slug = slug(&slug_now);
        }
        let texts = [&mut header.title, &mut header.model, &mut header.git_branch];
        texts.into_iter().flatten().for_each(|text| self.mask(text));
        let is_harmless = |id: &String| self.masker.mask_name(id) == *id;
        header.other_ids.retain(is_harmless);
        header.forked_from = header.forked_from.take().filter(is_harmless);
    }

    /// Masks the texts of a sidecar that another program wrote, whatever members it has.
    pub(super) fn sidecar(&self, members: &mut Map<String, Value>) {
        // The path and the id lead to the archive.
        let is_told = |name: &str| !matches!(name, "session_id" | "archive_path" | "parts" | "rules_version");
        for (_, value) in members.iter_mut().filter(|(name, _)| is_told(name)) {
            if let Value::String(text) = value {
                self.mask(text);
            }
        }
    }
}

/// Returns where in a title that was cut the beginning of `secret` begins, if it ends so: it is known for no secret by any
/// rule.
pub(super) fn cut_secret(title: &str, secret: &[u8]) -> Option<usize> {
    let title = title.strip_suffix('…')?.as_bytes();
    let most = title.len().min(secret.len().saturating_sub(1));
    (LEAST_OF_A_SECRET..=most)
        .rev()
        .find(|length| title.ends_with(&secret[..*length]))
        .map(|length| title.len() - length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_secret_at_the_end_of_a_cut_title_is_found() {
        assert_eq!(cut_secret("deploy with ACME-12…", b"ACME-123456"), Some(12));
        assert_eq!(cut_secret("deploy with ACME-12", b"ACME-123456"), None, "it is not cut");
        assert_eq!(cut_secret("deploy with AC…", b"ACME-123456"), None);
        assert_eq!(cut_secret("ACME-123456…", b"ACME-123456"), None, "whole, it is found by its rule");
    }
}
