//! A slow masker that is right by construction where windows are concerned: one window over the whole stream, one
//! rewrite. What is masked in windows, in pieces or on many threads must equal this.

use super::{Findings, KnownValues, Masker, Scratch, Tally, Window};

/// Returns the masked form of a whole stream and what was counted.
pub fn mask_whole(masker: &Masker, known: Option<&KnownValues>, bytes: &[u8]) -> (Vec<u8>, Tally) {
    let (mut scratch, mut findings, mut tally) = (Scratch::default(), Findings::default(), Tally::default());
    let window = Window::of_whole(bytes, 0..bytes.len());
    masker.scan(&window, &mut scratch, &mut findings);
    if let Some(known) = known {
        masker.find_known(&window, known, &mut findings);
    }
    let mut out = Vec::new();
    if !masker.rewrite(&window, &findings, 0, &mut scratch, &mut out, &mut tally) {
        out.extend_from_slice(bytes);
    }
    (out, tally)
}
