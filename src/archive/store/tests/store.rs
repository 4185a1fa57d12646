//! What may be a store, and what is made in it.

use crate::archive::content_hash::HashKey;
use crate::archive::store::Store;
use crate::platform::sync::lock;
use std::collections::HashSet;

fn new_store() -> (tempfile::TempDir, Store) {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(&root.path().join("deep/store")).unwrap();
    (root, store)
}

#[cfg(unix)]
fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
#[test]
fn everything_in_a_new_store_is_private() {
    let (root, store) = new_store();
    store.hash_key().unwrap();
    store.directory("2026/06").unwrap();
    for path in ["deep", "deep/store", "deep/store/.sessionkeep", "deep/store/2026", "deep/store/2026/06"] {
        assert_eq!(mode(&root.path().join(path)), 0o700, "{path}");
    }
    assert_eq!(mode(&store.private_path("key")), 0o600);
}

#[cfg(unix)]
#[test]
fn a_store_that_is_a_link_or_open_to_others_is_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("target")).unwrap();
    symlink("target", root.path().join("link")).unwrap();
    symlink("nowhere", root.path().join("dangling")).unwrap();
    std::fs::write(root.path().join("file"), b"").unwrap();
    for name in ["link", "link/", "dangling", "file"] {
        let error = Store::open(&root.path().join(name)).unwrap_err();
        assert_eq!(error.kind(), crate::error::Kind::Store, "{name}");
    }
    for bits in [0o777, 0o770, 0o702] {
        std::fs::set_permissions(root.path().join("target"), PermissionsExt::from_mode(bits)).unwrap();
        let error = Store::open(&root.path().join("target")).unwrap_err();
        assert!(error.hint().unwrap().contains("chmod go-w"), "{error}");
    }
    std::fs::set_permissions(root.path().join("target"), PermissionsExt::from_mode(0o755)).unwrap();
    Store::open(&root.path().join("target")).unwrap();
}

#[test]
fn a_store_that_is_not_there_is_only_made_when_asked() {
    let root = tempfile::tempdir().unwrap();
    assert!(Store::open_existing(&root.path().join("none")).unwrap().is_none());
    assert!(!root.path().join("none").exists());
    assert!(Store::open_existing(root.path()).unwrap().is_some());
}

#[test]
fn the_key_stays_the_same_until_it_is_lost_or_broken() {
    let (_root, store) = new_store();
    let key = store.hash_key().unwrap();
    assert!(store.hash_key().unwrap() == key);
    assert!(Store::open(store.path()).unwrap().hash_key().unwrap() == key);
    std::fs::write(store.private_path("key"), b"short").unwrap();
    let second = store.hash_key().unwrap();
    assert!(second != key);
    std::fs::remove_file(store.private_path("key")).unwrap();
    assert!(store.hash_key().unwrap() != second);
}

#[test]
fn many_threads_get_one_key() {
    let (_root, store) = new_store();
    let keys: Vec<HashKey> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| store.hash_key().unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[cfg(unix)]
#[test]
fn no_link_inside_a_store_is_followed() {
    use std::os::unix::fs::symlink;
    let (root, store) = new_store();
    std::fs::create_dir(root.path().join("outside")).unwrap();
    std::fs::write(root.path().join("outside/a.jsonl.gz"), b"x").unwrap();
    symlink(root.path().join("outside"), store.path().join("2026")).unwrap();
    symlink(root.path().join("outside/a.jsonl.gz"), store.path().join("b.jsonl.gz")).unwrap();
    assert!(store.directory("2026/06").is_err());
    assert!(store.open_file("2026/a.jsonl.gz").is_err());
    assert!(store.open_file("b.jsonl.gz").is_err());
    assert!(store.open_file("../outside/a.jsonl.gz").is_err());
    assert!(store.directory("../outside").is_err());
    assert!(store.archives().unwrap().is_empty());
}

#[test]
fn all_archives_are_found_and_nothing_else() {
    let (_root, store) = new_store();
    for path in ["2026/06/a.jsonl.gz", "2026/06/a.parts/p.jsonl.gz", "2025/01/b.jsonl.gz", "c.jsonl.gz"] {
        let file = store.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, b"x").unwrap();
    }
    std::fs::write(store.path().join("2026/06/a.meta.json"), b"x").unwrap();
    std::fs::write(store.private_path("x.jsonl.gz"), b"x").unwrap();
    let mut found = store.archives().unwrap();
    found.sort();
    assert_eq!(
        found,
        ["2025/01/b.jsonl.gz", "2026/06/a.jsonl.gz", "2026/06/a.parts/p.jsonl.gz", "c.jsonl.gz"]
    );
}

#[test]
fn a_directory_and_all_above_it_are_made_durable_once() {
    let (_root, store) = new_store();
    store.directory("2026/06/x.parts").unwrap();
    store.make_directory_durable("2026/06/x.parts").unwrap();
    let durable = lock(&store.inner.durable).clone();
    let expected: HashSet<String> = ["2026", "2026/06", "2026/06/x.parts"].map(String::from).into();
    assert_eq!(durable, expected);
    store.make_directory_durable("").unwrap();
}
