//! The listing's promises: what a row says is what its sidecar says, or nobody hears of it.

use crate::archive::catalog::facts::Facts;
use crate::archive::catalog::listing::{Changes, Listed, Listing, TICK};
use crate::archive::catalog::rows::{CATALOG_FILE, Catalog};
use crate::archive::header::tests::typical;
use crate::archive::sidecar::Sidecar;
use crate::archive::store::Store;
use crate::platform::{EntryKind, Stat};

/// A store with one sidecar that the catalog knows.
struct Known {
    root: tempfile::TempDir,
    store: Store,
    sidecar: Sidecar,
}

const NAME: &str = "2026/06/a.meta.json";

impl Known {
    fn new() -> Known {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let directory = store.directory("2026/06").unwrap();
        let sidecar = Sidecar::of_header(&typical(), 4500, "/s/a.jsonl.gz", Vec::new());
        let stat = store.write_sidecar(&directory, "a.meta.json", &sidecar.to_bytes()).unwrap();
        let listed = Listed::of_sidecar(&sidecar, &stat).unwrap();
        let mut catalog = Catalog::open(&store).unwrap().0;
        catalog.record_listed(&[], &Changes { listed: vec![listed], replaced: Vec::new() }).unwrap();
        Known { root, store, sidecar }
    }

    fn stat(&self) -> Stat {
        Stat::of(&std::fs::symlink_metadata(self.root.path().join(NAME)).unwrap())
    }

    fn find(&self) -> Option<Vec<u8>> {
        Listing::read(self.root.path()).find(&self.stat()).map(short)
    }

    fn expected(&self) -> Option<Vec<u8>> {
        Facts::parse(&self.sidecar.to_bytes()).map(short)
    }

    fn execute(&self, sql: &str) {
        Catalog::open(&self.store).unwrap().0.connection.execute_batch(sql).unwrap();
    }
}

/// Returns facts in the form in which they can outlive a listing.
fn short(facts: Facts) -> Vec<u8> {
    let mut bytes = Vec::new();
    facts.encode(&mut bytes);
    bytes
}

#[test]
fn a_row_is_believed_while_its_sidecar_stays_as_it_was() {
    let known = Known::new();
    assert_eq!(known.find(), known.expected());
    std::fs::hard_link(known.root.path().join(NAME), known.root.path().join("b")).unwrap();
    assert_eq!(known.find(), None, "a new change time, whatever changed");
}

#[test]
fn a_row_is_not_believed_for_another_state_of_its_sidecar() {
    let known = Known::new();
    let listing = Listing::read(known.root.path());
    let stat = known.stat();
    assert!(listing.find(&stat).is_some());
    for other in [
        Stat { inode: stat.inode + 1, ..stat },
        Stat { bytes: stat.bytes + 1, ..stat },
        Stat { mtime_ns: stat.mtime_ns - 1, ..stat },
        Stat { ctime_ns: stat.ctime_ns + 1, ..stat },
        Stat { kind: EntryKind::Symlink, ..stat },
    ] {
        assert_eq!(listing.find(&other), None, "{other:?}");
    }
}

#[test]
fn a_damaged_row_is_not_believed() {
    let known = Known::new();
    let row = "SELECT sealed FROM listing";
    let catalog = Catalog::open(&known.store).unwrap().0;
    let sealed: Vec<u8> = catalog.connection.query_row(row, [], |row| row.get(0)).unwrap();
    for at in 0..sealed.len() {
        let mut damaged = sealed.clone();
        damaged[at] ^= 1;
        catalog.connection.execute("UPDATE listing SET sealed = ?1", [damaged]).unwrap();
        assert_eq!(known.find(), None, "{at}");
    }
    for length in 0..sealed.len() {
        catalog.connection.execute("UPDATE listing SET sealed = ?1", [&sealed[..length]]).unwrap();
        assert_eq!(known.find(), None, "{length}");
    }
}

#[test]
fn an_inode_that_is_replaced_and_given_away_again_in_one_group_stays_known() {
    let known = Known::new();
    let stat = known.stat();
    let listed = Listed::of_sidecar(&known.sidecar, &stat).unwrap();
    let mut catalog = Catalog::open(&known.store).unwrap().0;
    let changes = Changes { listed: vec![listed], replaced: vec![stat.inode] };
    catalog.record_listed(&[], &changes).unwrap();
    assert!(known.find().is_some());
    catalog.record_listed(&[], &Changes { listed: Vec::new(), replaced: vec![stat.inode] }).unwrap();
    assert!(Listing::read(known.root.path()).is_empty());
}

#[test]
fn a_catalog_without_a_listing_gets_one_from_the_sidecars_there_are() {
    let known = Known::new();
    std::fs::write(known.root.path().join("2026/06/a.jsonl.gz"), b"").unwrap();
    for sql in [
        "DROP TABLE listing",
        "DROP TABLE listing; CREATE TABLE listing (strange)",
        "ALTER TABLE listing RENAME COLUMN sealed TO bytes",
    ] {
        std::thread::sleep(2 * TICK);
        known.execute(sql);
        assert!(Listing::read(known.root.path()).is_empty());
        drop(Catalog::open(&known.store).unwrap());
        assert_eq!(known.find(), known.expected(), "{sql}");
    }
}

#[test]
fn sidecars_that_may_still_be_changing_and_parts_are_not_listed_anew() {
    let known = Known::new();
    for name in ["2026/06/a.jsonl.gz", "2026/06/a.parts/b.jsonl.gz", "2026/06/a.parts/b.meta.json"] {
        std::fs::create_dir_all(known.root.path().join(name).parent().unwrap()).unwrap();
        std::fs::write(known.root.path().join(name), known.sidecar.to_bytes()).unwrap();
    }
    let mut catalog = Catalog::open(&known.store).unwrap().0;
    std::thread::sleep(2 * TICK);
    catalog.list_anew(&known.store).unwrap();
    assert_eq!(Listing::read(known.root.path()).all().count(), 1);
    std::fs::write(known.root.path().join(NAME), b"{}").unwrap();
    catalog.list_anew(&known.store).unwrap();
    assert_eq!(known.find(), None, "the old row says something else, and a new one was not made");
    std::thread::sleep(2 * TICK);
    catalog.list_anew(&known.store).unwrap();
    assert_eq!(known.find(), Some(short(Facts::default())));
}

#[test]
fn whatever_the_catalog_is_reading_it_does_no_harm() {
    let known = Known::new();
    let path = known.store.private_path(CATALOG_FILE);
    for bytes in [&b""[..], b"not a database, but long enough to be looked at as one", &[0; 100_000]] {
        std::fs::write(&path, bytes).unwrap();
        assert!(Listing::read(known.root.path()).is_empty());
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "it is not ours to mend");
    }
    std::fs::remove_file(&path).unwrap();
    assert!(Listing::read(known.root.path()).is_empty());
    assert!(!path.exists());
}
