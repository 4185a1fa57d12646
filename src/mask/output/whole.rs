//! Masks a whole stream that is in memory: one window, one rewrite. Right by construction where windows are concerned, so
//! that what is masked in windows, in pieces or on many threads must equal this; and what short texts are masked with.

use crate::mask::findings::Findings;
use crate::mask::masker::Masker;
use crate::mask::scan::Scratch;
use crate::mask::tally::Tally;
use crate::mask::values::KnownValues;
use crate::mask::window::Window;

/// Returns the masked form of a whole stream, by rules and known values, and what was counted.
pub fn mask_whole<'a>(
    masker: &Masker,
    known: impl IntoIterator<Item = &'a KnownValues>,
    bytes: &[u8],
) -> (Vec<u8>, Tally) {
    let (mut scratch, mut findings, mut tally) = (Scratch::default(), Findings::default(), Tally::default());
    let window = Window::of_whole(bytes, 0..bytes.len());
    masker.scan(&window, &mut scratch, &mut findings);
    for known in known {
        masker.find_known(&window, known, &mut findings);
    }
    let mut out = Vec::new();
    if !masker.rewrite(&window, &findings, 0, &mut scratch, &mut out, &mut tally) {
        out.extend_from_slice(bytes);
    }
    (out, tally)
}

impl Masker {
    /// Returns `text` masked: for names and metadata, which are streams of their own.
    pub fn mask_text(&self, text: &str) -> String {
        self.mask_text_with(text, None)
    }

    /// Returns `text` masked by rules and known values: for metadata that a session's own text went into.
    pub fn mask_text_with<'a>(&self, text: &str, known: impl IntoIterator<Item = &'a KnownValues>) -> String {
        let (masked, _) = mask_whole(self, known, text.as_bytes());
        String::from_utf8_lossy(&masked).into_owned()
    }
}
