//! Masking is a function of the input alone, masks masked text to itself, and never lets a plain secret through.

#![no_main]

mod secrets;

use libfuzzer_sys::fuzz_target;
use sessionkeep::testing::mask::mask_whole;
use sessionkeep::testing::mask::{Masker, Options, StreamMasker};
use std::sync::LazyLock;

static MASKER: LazyLock<Masker> =
    LazyLock::new(|| Masker::new(&Options::default()).expect("the built-in rules compile"));

fuzz_target!(|data: &[u8]| {
    let Some((&[first, second], rest)) = data.split_first_chunk::<2>() else { return };
    let mut text = secrets::expand(rest);
    let canary = secrets::secret(0);
    text.extend_from_slice(format!("\n{canary}\n").as_bytes());
    let (whole, _) = mask_whole(&MASKER, None, &text);
    for size in [usize::from(first) + 1, usize::from(second) * 257 + 1] {
        let mut streamed = Vec::new();
        let mut masker = StreamMasker::new(&MASKER, None);
        for piece in text.chunks(size) {
            masker.push(piece, &mut streamed);
        }
        masker.finish(&mut streamed);
        assert!(streamed == whole, "pieces of {size} bytes are masked otherwise");
    }
    let (again, _) = mask_whole(&MASKER, None, &whole);
    assert!(again == whole, "masking masked text changes it");
    // Only where it stands alone: the fuzzer learns it and puts it right behind letters, where it is none.
    assert!(!whole.ends_with(format!("\n{canary}\n").as_bytes()), "a secret on a line of its own");
});
