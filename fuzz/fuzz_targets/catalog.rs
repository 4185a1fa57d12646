//! A catalog of hostile bytes is used or set aside; either way the run has one that answers.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sessionkeep::testing::archive::ask_catalog_of;

fuzz_target!(|data: &[u8]| {
    let directory = tempfile::tempdir().expect("a temporary directory");
    ask_catalog_of(&directory.path().join("store"), data);
});
