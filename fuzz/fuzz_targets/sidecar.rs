//! A sidecar is anybody's JSON: reading it never panics, and what was read can be written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sessionkeep::testing::archive::Sidecar;

fuzz_target!(|data: &[u8]| {
    if let Some(sidecar) = Sidecar::parse(data) {
        let written = sidecar.to_bytes();
        let again = Sidecar::parse(&written).expect("our own sidecar is one");
        assert_eq!(again.to_bytes(), written);
    }
});
