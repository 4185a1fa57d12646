//! The catalog's promises: found again after loss, damage and strangers.

use crate::archive::catalog::open::PAGE_BYTES;
use crate::archive::catalog::rows::{CATALOG_FILE, Catalog, Row};
use crate::archive::catalog::snapshot::{Entry, Flags, archive_key, identity_key, key_of_hash, path_key};
use crate::archive::content_hash::HashKey;
use crate::archive::header::tests::typical;
use crate::archive::reader::tests::build;
use crate::archive::store::Store;
use crate::archive::store::commit::{GroupCommit, Replace};
use crate::identity::Identity;
use crate::platform::EntryKind;
use rusqlite::Connection;

fn new_store() -> (tempfile::TempDir, Store) {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    (root, store)
}

fn row(number: u64) -> Row {
    let path =
        format!("/home/alice/.claude/projects/-home-alice-src-project/{number:036}.jsonl").into_bytes();
    Row {
        path_key: path_key(&HashKey::new([1; 32]), &path),
        path,
        identity: Identity {
            agent: "claude-code".into(),
            session_id: format!("{number:036}"),
            part_id: None,
        },
        archive: format!("2026/06/2026-06-05_1430_project_{number:08}.jsonl.gz"),
        inode: number,
        file_bytes: number * 10,
        mtime_ns: 1_780_000_000_000_000_000 + number as i64,
        ctime_ns: -5,
        observed_at_ns: 1_780_000_000_000_000_001,
        source_bytes: number * 10,
        clean_bytes: u64::MAX,
        content_hash: *blake3::hash(&number.to_le_bytes()).as_bytes(),
        head_hash: *blake3::hash(&(number / 2).to_le_bytes()).as_bytes(),
        rules_version: "2026.6.1".into(),
        version: 1,
        flags: Flags { is_rule_set_incomplete: number % 2 == 1, ..Flags::default() },
    }
}

/// Returns the entry that a snapshot has of this row, but for its number.
fn entry_of(row: &Row) -> Entry {
    Entry {
        id: 0,
        path: row.path_key,
        identity: identity_key(&row.identity),
        content: key_of_hash(&row.content_hash),
        head: key_of_hash(&row.head_hash),
        inode: row.inode,
        file_bytes: row.file_bytes,
        mtime_ns: row.mtime_ns,
        ctime_ns: row.ctime_ns,
        observed_at_ns: row.observed_at_ns,
        source_bytes: row.source_bytes,
        clean_bytes: row.clean_bytes,
        version: row.version,
        flags: row.flags,
    }
}
fn open(store: &Store) -> Catalog {
    let (catalog, warning) = Catalog::open(store).unwrap();
    assert_eq!(warning, None);
    catalog
}

fn put_archive(store: &Store, name: &str, source: &str, version: u32) {
    let mut header = typical();
    header.source = source.into();
    header.version = version;
    let mut staged = store.stage("2026/06").unwrap();
    staged.append(&build(&header, &[b"{}\n"])).unwrap();
    let mut group = GroupCommit::new(store);
    group.add(staged, name.to_owned(), Replace::No, None);
    group.commit();
}

#[test]
fn rows_come_back_as_they_were() {
    let (_root, store) = new_store();
    let mut catalog = open(&store);
    let mut rows: Vec<Row> = (0..100).map(row).collect();
    rows[7].path = b"/not/utf-8/\xff\xfe.jsonl".to_vec();
    rows[8].identity.part_id = Some("agent-1".into());
    catalog.record(&rows).unwrap();
    rows[3].version = 2;
    catalog.record(&rows[3..4]).unwrap();
    drop(catalog);
    let mut catalog = open(&store);
    let (snapshot, warning) = catalog.snapshot(&store).unwrap();
    assert_eq!((snapshot.len(), warning), (100, None));
    for row in &rows {
        let entry = snapshot.by_path(row.path_key).unwrap();
        assert_eq!(Entry { id: 0, ..*entry }, entry_of(row));
        assert_eq!(catalog.row(entry.id).unwrap().as_ref(), Some(row));
        assert_eq!(catalog.row_at(row.path_key).unwrap().as_ref(), Some(row));
        assert!(snapshot.by_identity(identity_key(&row.identity)).any(|found| found == entry));
        assert!(snapshot.by_content(key_of_hash(&row.content_hash)).any(|found| found == entry));
        assert!(snapshot.by_head(key_of_hash(&row.head_hash)).any(|found| found == entry));
    }
    assert_eq!(catalog.row_at(7).unwrap(), None);
}

#[test]
fn a_lost_catalog_is_made_again_from_the_archives() {
    let (_root, store) = new_store();
    put_archive(&store, "a.jsonl.gz", "/s/a%ff.jsonl", 1);
    put_archive(&store, "a.v2.jsonl.gz", "/s/a%ff.jsonl", 2);
    let mut catalog = open(&store);
    assert_eq!(catalog.snapshot(&store).unwrap().0.len(), 2, "both versions, though they have one source");
    let row = catalog.row_at(archive_key("2026/06/a.v2.jsonl.gz")).unwrap().unwrap();
    assert_eq!((row.archive.as_str(), row.version), ("2026/06/a.v2.jsonl.gz", 2));
    assert_eq!(row.content_hash, typical().content_hash);
    assert_eq!((row.file_bytes, row.mtime_ns), (0, 0));
    assert_eq!(catalog.rows_of(&row.identity).unwrap().len(), 2);
}

#[test]
fn archives_of_the_first_program_are_known_by_their_sidecars() {
    let (root, store) = new_store();
    store.directory("2026/06").unwrap();
    std::fs::write(
        root.path().join("2026/06/old.jsonl.gz"),
        b"\x1f\x8b\x08\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\0\0",
    )
    .unwrap();
    let sidecar =
        br#"{"session_id": "x", "source": "/s/old.jsonl", "source_bytes": 77, "schema_version": 1}"#;
    std::fs::write(root.path().join("2026/06/old.meta.json"), sidecar).unwrap();
    std::fs::write(root.path().join("2026/06/lone.jsonl.gz"), b"").unwrap();
    let mut catalog = open(&store);
    let (snapshot, _) = catalog.snapshot(&store).unwrap();
    assert_eq!(snapshot.len(), 1);
    let entry = snapshot.by_path(path_key(&store.hash_key().unwrap(), b"/s/old.jsonl")).unwrap();
    assert_eq!(entry.source_bytes, 77);
    assert!(entry.flags.has_no_hashes);
    assert_eq!(snapshot.by_content(0).count(), 0);
}

#[test]
fn a_damaged_catalog_is_set_aside_and_rebuilt() {
    let (_root, store) = new_store();
    put_archive(&store, "a.jsonl.gz", "/s/a.jsonl", 1);
    let path = store.private_path(CATALOG_FILE);
    for (damage, count) in [(&b"not a database, but long enough to be looked at as one"[..], 1), (b"", 0)] {
        drop(open(&store));
        std::fs::write(&path, damage).unwrap();
        let (mut catalog, warning) = Catalog::open(&store).unwrap();
        assert_eq!(warning.is_some(), count == 1, "{warning:?}");
        assert_eq!(catalog.snapshot(&store).unwrap().0.len(), 1);
        drop(catalog);
    }
    let aside = store.private().entries().unwrap();
    let aside = aside.iter().filter(|(name, _)| name.to_string_lossy().contains(".damaged-")).count();
    assert_eq!(aside, 1);
}

#[test]
fn damage_in_the_middle_of_the_file_is_survived_wherever_it_is() {
    let (_root, store) = new_store();
    put_archive(&store, "a.jsonl.gz", "/s/a.jsonl", 1);
    let mut catalog = open(&store);
    catalog.record(&(0..300).map(row).collect::<Vec<_>>()).unwrap();
    catalog.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(catalog);
    let path = store.private_path(CATALOG_FILE);
    let whole = std::fs::read(&path).unwrap();
    for page in 0..whole.len() / PAGE_BYTES as usize {
        let mut damaged = whole.clone();
        damaged[page * PAGE_BYTES as usize..][..600].fill(0x5a);
        std::fs::write(&path, &damaged).unwrap();
        let (mut catalog, _) = Catalog::open(&store).unwrap();
        let (snapshot, _) = catalog.snapshot(&store).unwrap();
        assert!(snapshot.len() <= 301 && !catalog.is_in_memory, "page {page}");
        drop(catalog);
        for suffix in ["-wal", "-shm"] {
            let _ = store.private().remove(format!("{CATALOG_FILE}{suffix}"));
        }
    }
}

#[test]
fn a_catalog_of_a_newer_program_is_left_alone() {
    let (_root, store) = new_store();
    put_archive(&store, "a.jsonl.gz", "/s/a.jsonl", 1);
    let catalog = open(&store);
    catalog.connection.pragma_update(None, "user_version", 99).unwrap();
    drop(catalog);
    let (mut catalog, warning) = Catalog::open(&store).unwrap();
    assert!(catalog.is_in_memory && warning.unwrap().0.contains("newer"));
    assert_eq!(catalog.snapshot(&store).unwrap().0.len(), 1);
    catalog.record(&[row(1)]).unwrap();
    let left = Connection::open(store.private_path(CATALOG_FILE)).unwrap();
    assert_eq!(left.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap(), 99);
}

#[cfg(unix)]
#[test]
fn a_link_in_the_catalogs_place_is_not_written_through() {
    let (root, store) = new_store();
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("target");
    std::fs::write(&target, b"").unwrap();
    std::os::unix::fs::symlink(&target, store.private_path(CATALOG_FILE)).unwrap();
    let (catalog, warning) = Catalog::open(&store).unwrap();
    assert!(catalog.is_in_memory && warning.is_some());
    assert_eq!(std::fs::read(&target).unwrap(), b"");
    drop(root);
}

#[cfg(unix)]
#[test]
fn the_catalog_and_its_journals_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let (_root, store) = new_store();
    let mut catalog = open(&store);
    catalog.record(&[row(1)]).unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(store.private().path()).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with(CATALOG_FILE) {
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
            count += 1;
        }
    }
    assert!(count >= 2);
}

#[test]
fn two_runs_record_at_the_same_time() {
    let (_root, store) = new_store();
    drop(open(&store));
    std::thread::scope(|scope| {
        for run in 0..4u64 {
            let store = store.clone();
            scope.spawn(move || {
                let mut catalog = Catalog::open(&store).unwrap().0;
                for number in 0..20 {
                    catalog.record(&[row(run * 100 + number)]).unwrap();
                }
            });
        }
    });
    assert_eq!(open(&store).snapshot(&store).unwrap().0.len(), 80);
}

#[test]
fn a_catalog_of_an_older_program_or_of_a_lost_key_is_made_anew_and_nothing_of_it_stays() {
    let (_root, store) = new_store();
    put_archive(&store, "a.jsonl.gz", "/s/a.jsonl", 1);
    let path = store.private_path(CATALOG_FILE);
    let fill = |store: &Store| {
        let mut catalog = open(store);
        let mut old = row(1);
        old.path = b"/what/only/the/old/catalog/knew.jsonl".to_vec();
        catalog.record(&[old]).unwrap();
        catalog
    };
    let older = fill(&store);
    older.connection.pragma_update(None, "user_version", 1).unwrap();
    drop(older);
    let mut catalog = open(&store);
    assert_eq!(catalog.snapshot(&store).unwrap().0.len(), 1, "what the archives say");
    drop(catalog);
    let holds_old = || {
        let files = store.private().entries().unwrap().into_iter();
        let files = files.filter(|(_, kind)| *kind == EntryKind::File);
        files
            .map(|(name, _)| std::fs::read(store.private_path(name.to_str().unwrap())).unwrap())
            .any(|bytes| memchr::memmem::find(&bytes, b"only/the/old/catalog").is_some())
    };
    assert!(path.is_file() && !holds_old());
    drop(fill(&store));
    assert!(holds_old());
    store.private().remove("key").unwrap();
    let mut catalog = open(&store);
    assert_eq!(catalog.snapshot(&store).unwrap().0.len(), 1);
    drop(catalog);
    assert!(!holds_old());
}
