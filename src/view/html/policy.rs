//! What a page may do: run the one script and use the one style that stand in it, show pictures that stand in it, and nothing
//! else. A script that came from a transcript would not run even if it were there.

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use sha2::{Digest, Sha256};

/// The style and the script of a sort of page, and the policy that names them.
pub(crate) struct Assets {
    pub style: &'static str,
    pub script: &'static str,
    /// The value of the header `Content-Security-Policy`.
    pub policy: String,
}

impl Assets {
    /// Returns a page's assets. Neither text may hold `</`, which could end its element.
    pub(crate) fn new(style: &'static str, script: &'static str) -> Assets {
        let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
            hash(style),
            hash(script)
        );
        Assets { style, script, policy }
    }
}

/// Those of the page of a session.
pub(super) static PAGE: LazyLock<Assets> =
    LazyLock::new(|| Assets::new(include_str!("page.css"), include_str!("page.js")));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_assets_cannot_end_their_elements_and_ask_for_nothing() {
        for text in [PAGE.style, PAGE.script] {
            for forbidden in ["</", "<!--", "http:", "https:", "@import", "url(", "innerHTML", "eval("] {
                assert!(!text.contains(forbidden), "{forbidden}");
            }
        }
    }
}
