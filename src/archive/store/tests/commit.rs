//! Races and outcomes of publishing.

use crate::archive::store::Store;
use crate::archive::store::commit::{GroupCommit, MAX_GROUP, Publication, Replace};
use crate::archive::store::stage::Staged;
use crate::platform::{self, process};

fn new_store() -> (tempfile::TempDir, Store) {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    (root, store)
}

fn staged(store: &Store, directory: &str, bytes: &[u8]) -> Staged {
    let mut staged = store.stage(directory).unwrap();
    staged.append(bytes).unwrap();
    staged
}

fn names(store: &Store, directory: &str) -> Vec<String> {
    let mut names: Vec<String> = store
        .directory(directory)
        .unwrap()
        .entries()
        .unwrap()
        .into_iter()
        .map(|(name, _)| name.into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Gives a staged file a hidden name, as where files cannot be without one.
fn with_hidden_name(mut staged: Staged, bytes: &[u8]) -> Staged {
    let name = platform::temporary_name().unwrap();
    staged.file = staged.directory.create_new(&name).unwrap();
    staged.temporary = Some(name);
    platform::write_all_at(&staged.file, bytes, 0).unwrap();
    staged
}

/// Publishes a group of one.
fn commit_one(
    store: &Store,
    staged: Staged,
    name: &str,
    replace: Replace,
    sidecar: Option<(&str, &[u8])>,
) -> Publication {
    let mut group = GroupCommit::new(store);
    let sidecar = sidecar.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    group.add(staged, name.to_owned(), replace, sidecar);
    group.commit().remove(0)
}

#[test]
fn a_published_file_is_whole_and_private() {
    let (root, store) = new_store();
    for is_hidden in [false, true] {
        let name = format!("a{is_hidden}.jsonl.gz");
        let mut file = staged(&store, "2026/06", b"text");
        if is_hidden {
            file = with_hidden_name(file, b"text");
        }
        let sidecar = Some(("a.meta.json", &b"{}"[..]));
        let outcome = commit_one(&store, file, &name, Replace::No, sidecar);
        assert!(matches!(outcome, Publication::Published(_)));
        let path = root.path().join("2026/06").join(&name);
        assert_eq!(std::fs::read(&path).unwrap(), b"text");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
    assert_eq!(names(&store, "2026/06"), ["a.meta.json", "afalse.jsonl.gz", "atrue.jsonl.gz"]);
}

#[test]
fn a_taken_name_gives_the_file_back_for_another() {
    let (root, store) = new_store();
    for is_hidden in [false, true] {
        let first = staged(&store, "m", b"first");
        let taken = format!("taken{is_hidden}");
        commit_one(&store, first, &taken, Replace::No, None);
        let mut second = staged(&store, "m", b"second");
        if is_hidden {
            second = with_hidden_name(second, b"second");
        }
        let outcome = commit_one(&store, second, &taken, Replace::No, Some(("s", b"x")));
        let Publication::NameTaken(second) = outcome else { panic!("{outcome:?}") };
        let free = format!("free{is_hidden}");
        commit_one(&store, second, &free, Replace::No, None);
        assert_eq!(std::fs::read(root.path().join("m").join(&taken)).unwrap(), b"first");
        assert_eq!(std::fs::read(root.path().join("m").join(&free)).unwrap(), b"second");
    }
    assert_eq!(names(&store, "m"), ["freefalse", "freetrue", "takenfalse", "takentrue"]);
}

#[test]
fn a_replaced_file_leaves_no_other_name() {
    let (root, store) = new_store();
    for text in [&b"one"[..], b"two", b"three"] {
        let outcome = commit_one(&store, staged(&store, "m", text), "a", Replace::Yes, None);
        assert!(matches!(outcome, Publication::Published(_)));
        assert_eq!(std::fs::read(root.path().join("m/a")).unwrap(), text);
    }
    assert_eq!(names(&store, "m"), ["a"]);
}

#[test]
fn of_forty_racers_for_a_name_one_wins() {
    let (root, store) = new_store();
    for hidden in [false, true] {
        let name = format!("race{hidden}");
        let winners: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..40)
                .map(|number: usize| {
                    let (store, name) = (&store, &name);
                    scope.spawn(move || {
                        let text = number.to_string();
                        let mut file = staged(store, "m", text.as_bytes());
                        if hidden {
                            file = with_hidden_name(file, text.as_bytes());
                        }
                        let outcome = commit_one(store, file, name, Replace::No, None);
                        matches!(outcome, Publication::Published(_)).then_some(number)
                    })
                })
                .collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(winners.len(), 1);
        let text = std::fs::read_to_string(root.path().join("m").join(&name)).unwrap();
        assert_eq!(text, winners[0].to_string());
    }
    assert_eq!(names(&store, "m"), ["racefalse", "racetrue"]);
}

#[test]
fn a_group_reports_each_file_by_itself() {
    let (root, store) = new_store();
    commit_one(&store, staged(&store, "m/1", b"old"), "taken", Replace::No, None);
    for count in [3, 20] {
        let mut group = GroupCommit::new(&store);
        for number in 0..count {
            let file = staged(&store, &format!("m/{}", number % 3), number.to_string().as_bytes());
            let (name, sidecar) = (format!("{count}-{number}"), format!("{count}-{number}.meta.json"));
            group.add(file, name, Replace::No, Some((sidecar, b"{}".to_vec())));
        }
        let taken = group.add(staged(&store, "m/1", b"new"), "taken".into(), Replace::No, None);
        let bad = group.add(staged(&store, "m/1", b"new"), "../evil".into(), Replace::No, None);
        let outcomes = group.commit();
        assert!(group.is_empty());
        assert_eq!(outcomes.len(), count + 2);
        for (index, outcome) in outcomes.iter().enumerate() {
            match outcome {
                Publication::NameTaken(_) => assert_eq!(index, taken),
                Publication::Failed(_) => assert_eq!(index, bad),
                Publication::NotFlushed(error) => panic!("{error}"),
                Publication::Published(_) => assert!(index < count),
            }
        }
        let last = root.path().join(format!("m/{}/{count}-{}", (count - 1) % 3, count - 1));
        assert_eq!(std::fs::read_to_string(&last).unwrap(), (count - 1).to_string());
        assert!(last.with_file_name(format!("{count}-{}.meta.json", count - 1)).exists());
    }
    assert_eq!(std::fs::read(root.path().join("m/1/taken")).unwrap(), b"old");
}

#[test]
fn a_group_fits_the_limit_of_open_files() {
    let (_root, store) = new_store();
    let group = GroupCommit::new(&store);
    assert!((1..=MAX_GROUP).contains(&group.capacity));
    assert!((group.capacity as u64) < process::open_file_limit());
}
