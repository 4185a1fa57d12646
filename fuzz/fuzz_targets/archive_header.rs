//! A header is read without a panic, and what was read is what writing it again gives.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sessionkeep::testing::archive::header_codec;

fuzz_target!(|data: &[u8]| {
    let Ok(header) = header_codec::decode(data) else { return };
    // A header that cannot be written again may be one of more blocks or longer texts than we make.
    let Ok(member) = header_codec::encode(&header) else { return };
    assert!(
        member.len() <= header_codec::reserve_len(&header, header.blocks.len()),
        "more room than was reserved"
    );
});
