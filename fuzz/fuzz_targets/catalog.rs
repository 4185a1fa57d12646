//! A catalog of hostile bytes is used or set aside; either way the run has one that answers.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sessionkeep::testing::archive::Catalog;
use sessionkeep::testing::archive::Identity;
use sessionkeep::testing::archive::Store;

fuzz_target!(|data: &[u8]| {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let store = Store::open(&directory.path().join("store")).expect("a new store opens");
    std::fs::write(store.private_path("catalog.sqlite"), data).expect("can be written");
    let (mut catalog, _) = Catalog::open(&store).expect("there is always a catalog");
    let Ok((snapshot, _)) = catalog.snapshot(&store) else { return };
    let identity = Identity { agent: "claude-code".into(), session_id: "a".into(), part_id: None };
    let _ = catalog.rows_of(&identity);
    let _ = catalog.row_at(7);
    drop(snapshot);
});
