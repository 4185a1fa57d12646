//! `sessionkeep list` and the catalog: what is listed is what the store holds now, whatever the catalog says.

use crate::home::*;
use crate::needs::*;
use crate::store::{Session, write_as_0_4};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A store of three imported sessions, all known to the catalog.
fn imported() -> Home {
    let home = Home::new();
    for (index, name) in ["one", "two", "three"].iter().enumerate() {
        home.write(&format!("from/{name}.jsonl"), transcript(name, index + 1));
    }
    import(&home);
    home
}

fn transcript(name: &str, lines: usize) -> String {
    let line = format!(
        "{{\"type\":\"user\",\"sessionId\":\"{name}-0000\",\"cwd\":\"/home/me/{name}\",\
         \"timestamp\":\"2026-06-05T14:30:00Z\",\"message\":{{\"role\":\"user\",\"content\":\"hello\"}}}}\n"
    );
    line.repeat(lines)
}

fn import(home: &Home) {
    let run = home.run(&["import", "-q", "--from", "from"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

fn catalog(home: &Home) -> PathBuf {
    home.store().join(".sessionkeep/catalog.sqlite")
}

/// Returns project and line count of each session, as the table and as JSON show them, which must agree.
fn listed(home: &Home) -> Vec<String> {
    let table = home.run(&["list"]);
    assert_eq!(table.code, 0, "{}", table.stderr);
    let mut rows: Vec<String> = table
        .stdout
        .lines()
        .map(|line| line.split_whitespace().skip(2).take(2).collect::<Vec<_>>().join(" "))
        .collect();
    rows.sort();
    let json: Vec<Value> = serde_json::from_str(&home.run(&["list", "--json"]).stdout).expect("is JSON");
    let mut objects: Vec<String> = json
        .iter()
        .map(|session| format!("{} {}", session["project_slug"].as_str().unwrap(), session["line_count"]))
        .collect();
    objects.sort();
    assert_eq!(rows, objects);
    rows
}

const ALL: [&str; 3] = ["one 1", "three 3", "two 2"];

/// Returns the sidecar of the session of a project.
fn sidecar(home: &Home, project: &str) -> PathBuf {
    let month = home.store().join("2026/06");
    let entries = fs::read_dir(&month).unwrap().map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.contains(&format!("_{project}_")) && name.ends_with(".meta.json")
    };
    entries.into_iter().find(is_it).expect("is there")
}

fn archive(sidecar: &Path) -> PathBuf {
    sidecar.to_str().unwrap().replace(".meta.json", ".jsonl.gz").into()
}

#[cfg(target_os = "linux")]
#[test]
fn sidecars_that_the_catalog_knows_are_not_opened() {
    if !can_trace() {
        return;
    }
    let home = imported();
    let output = home.traced(&["-e", "trace=open,openat"], &["list"]).output().unwrap();
    let trace = String::from_utf8_lossy(&output.stderr);
    assert!(trace.contains("catalog.sqlite") && !trace.contains(".meta.json"), "{trace}");
}

#[test]
fn a_sidecar_edited_in_place_is_listed_as_it_is_now() {
    let home = imported();
    assert_eq!(listed(&home), ALL);
    let path = sidecar(&home, "two");
    let metadata = fs::metadata(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap().replace("\"line_count\": 2", "\"line_count\": 7");
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(&path, text).unwrap();
    // Whoever edits may put size and modification time back, but not the change time.
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(metadata.modified().unwrap()).unwrap();
    assert_eq!(file.metadata().unwrap().len(), metadata.len());
    assert_eq!(listed(&home), ["one 1", "three 3", "two 7"]);
}

#[test]
fn a_sidecar_replaced_by_renaming_is_listed_as_it_is_now() {
    let home = imported();
    let path = sidecar(&home, "one");
    let text = fs::read_to_string(&path).unwrap().replace("\"line_count\": 1", "\"line_count\": 9");
    let other = home.write("other", text);
    fs::rename(other, &path).unwrap();
    assert_eq!(listed(&home), ["one 9", "three 3", "two 2"]);
}

#[test]
fn two_sidecars_that_change_places_are_told_apart() {
    let home = imported();
    let (one, two) = (sidecar(&home, "one"), sidecar(&home, "two"));
    let (first, second) = (fs::read(&one).unwrap(), fs::read(&two).unwrap());
    fs::rename(&one, home.path("aside")).unwrap();
    fs::rename(&two, &one).unwrap();
    fs::rename(home.path("aside"), &two).unwrap();
    assert_eq!((fs::read(&one).unwrap(), fs::read(&two).unwrap()), (second, first));
    let stdout = home.run(&["list"]).stdout;
    for line in stdout.lines() {
        let project = line.split_whitespace().nth(2).unwrap();
        let name = match project {
            "one" => "_two_",
            "two" => "_one_",
            other => &format!("_{other}_"),
        };
        assert!(line.contains(name), "{line}");
    }
}

#[test]
fn a_removed_sidecar_leaves_the_word_to_its_archive() {
    let home = imported();
    fs::remove_file(sidecar(&home, "two")).unwrap();
    assert_eq!(listed(&home), ALL);
    // Nor does it hide a damaged header: nothing else knew the session.
    let path = sidecar(&home, "three");
    fs::remove_file(&path).unwrap();
    fs::write(archive(&path), b"no archive").unwrap();
    assert_eq!(listed(&home), ["one 1", "two 2"]);
}

#[test]
fn sessions_that_were_removed_are_not_listed() {
    let home = imported();
    let path = sidecar(&home, "two");
    fs::remove_file(archive(&path)).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(listed(&home), ["one 1", "three 3"]);
    fs::remove_dir_all(home.store().join("2026")).unwrap();
    assert_eq!(listed(&home), [""; 0]);
}

#[test]
fn sessions_added_by_hand_and_by_sessionkeep_0_4_are_listed() {
    let home = imported();
    Session { stem: "2026/06/by-hand", project: "by-hand", ..Session::default() }.write(&home.store());
    write_as_0_4(&home.store(), "2025/01/2025-01-02_0304_old-project_old", b"one\ntwo\n");
    assert_eq!(listed(&home), ["by-hand 1", "old-project 2", "one 1", "three 3", "two 2"]);
    // An import in between takes nothing away.
    import(&home);
    write_as_0_4(&home.store(), "2025/01/2025-01-02_0304_old-project_old", b"one\ntwo\nthree\n");
    assert_eq!(listed(&home), ["by-hand 1", "old-project 3", "one 1", "three 3", "two 2"]);
}

#[test]
fn a_session_that_grew_is_listed_as_it_is_now() {
    let home = imported();
    home.write("from/two.jsonl", transcript("two", 5));
    import(&home);
    assert_eq!(listed(&home), ["one 1", "three 3", "two 5"]);
}

#[test]
fn a_store_that_was_copied_is_listed_from_its_own_sidecars() {
    let home = imported();
    let copy = home.path("copy");
    copy_tree(&home.store(), &copy);
    let path = sidecar(&home, "one");
    let text = fs::read_to_string(&path).unwrap().replace("\"line_count\": 1", "\"line_count\": 8");
    fs::write(copy.join(path.strip_prefix(home.store()).unwrap()), text).unwrap();
    let stdout = home.run(&["list", "--out", copy.to_str().unwrap()]).stdout;
    assert!(stdout.contains(" 8 lines ") && stdout.lines().count() == 3, "{stdout}");
    assert_eq!(listed(&home), ALL);
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_tree(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn a_missing_or_damaged_catalog_costs_nothing_but_time() {
    let home = imported();
    let path = catalog(&home);
    let whole = fs::read(&path).unwrap();
    for damage in [&b""[..], b"not a database, but long enough to be looked at as one", &[0; 40_000]] {
        fs::write(&path, damage).unwrap();
        assert_eq!(listed(&home), ALL);
        assert_eq!(fs::read(&path).unwrap(), damage, "a listing mends nothing");
    }
    // Every page but the first, which the header is in.
    let mut torn = whole.clone();
    torn[4096..].fill(0xa5);
    fs::write(&path, &torn).unwrap();
    assert_eq!(listed(&home), ALL);
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(listed(&home), ALL);
    fs::remove_file(&path).unwrap();
    assert_eq!(listed(&home), ALL);
    assert!(!path.exists(), "a listing writes nothing");
}

#[test]
fn a_flipped_bit_in_the_catalog_is_never_shown() {
    let home = imported();
    let path = catalog(&home);
    let whole = fs::read(&path).unwrap();
    let facts: Vec<usize> = whole
        .windows(16)
        .enumerate()
        .filter(|(_, window)| window.starts_with(b"claude-code") || window.starts_with(b"2026-06-05T14:30"))
        .map(|(at, _)| at)
        .collect();
    assert!(!facts.is_empty());
    for at in facts {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(&path, damaged).unwrap();
        assert_eq!(listed(&home), ALL);
        let stdout = home.run(&["list"]).stdout;
        assert_eq!(stdout.matches("  claude-code  ").count(), 3, "{stdout}");
    }
}

#[test]
fn a_catalog_of_another_layout_is_not_believed_and_gets_its_listing_at_the_next_import() {
    let home = imported();
    let connection = rusqlite::Connection::open(catalog(&home)).unwrap();
    for version in ["0", "99"] {
        connection.execute_batch(&format!("PRAGMA user_version = {version}")).unwrap();
        assert_eq!(listed(&home), ALL);
    }
    connection.execute_batch("PRAGMA user_version = 1; DROP TABLE listing").unwrap();
    assert_eq!(listed(&home), ALL);
    std::thread::sleep(std::time::Duration::from_millis(100));
    import(&home);
    let rows: i64 =
        connection.query_row("SELECT count(*) FROM listing", [], |row| row.get(0)).expect("is there again");
    assert_eq!(rows, 3);
    assert_eq!(listed(&home), ALL);
}

/// Makes the rows of the listing those of a program that knew neither ends nor models, branches and directories: six
/// texts, and all that follows them.
fn make_older(home: &Home) {
    let connection = rusqlite::Connection::open(catalog(home)).unwrap();
    let mut select = connection.prepare("SELECT inode, sealed FROM listing").unwrap();
    let rows: Vec<(i64, Vec<u8>)> =
        select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    for (inode, sealed) in rows {
        let (seal, facts) = sealed.split_at(28);
        let facts = facts.strip_prefix(b"\xff\xff\xff\x7f").expect("is of the latest form");
        let mut ends = vec![0];
        for _ in 0..10 {
            let start = *ends.last().unwrap();
            assert!(facts[start] < 0x80, "short texts");
            ends.push(start + 1 + usize::from(facts[start].saturating_sub(1)));
        }
        let older = [&seal[4..], &facts[..ends[6]], &facts[ends[10]..]].concat();
        let mut hasher = flate2::Crc::new();
        hasher.update(&inode.to_le_bytes());
        hasher.update(&older);
        let older = [&hasher.sum().to_le_bytes()[..], &older].concat();
        connection.execute("UPDATE listing SET sealed = ?2 WHERE inode = ?1", (inode, older)).unwrap();
    }
}

#[test]
fn rows_that_lack_what_is_shown_are_not_believed_and_are_whole_after_the_next_import() {
    let home = imported();
    let before = home.run(&["list"]).stdout;
    let chosen = |home: &Home| home.run(&["list", "--project", "/home/me/two"]).stdout;
    assert_eq!(chosen(&home).lines().count(), 1);
    make_older(&home);
    assert_eq!(home.run(&["list"]).stdout, before);
    assert_eq!(chosen(&home).lines().count(), 1);
    if cfg!(target_os = "linux") && can_trace() {
        let opens = |home: &Home| {
            let output = home.traced(&["-e", "trace=open,openat"], &["list"]).output().unwrap();
            String::from_utf8_lossy(&output.stderr).matches(".meta.json").count()
        };
        assert_eq!(opens(&home), 3, "the sidecars say it");
        std::thread::sleep(std::time::Duration::from_millis(100));
        import(&home);
        assert_eq!(opens(&home), 0);
    }
    assert_eq!(home.run(&["list"]).stdout, before);
}

#[test]
fn a_locked_catalog_is_not_waited_for() {
    let home = imported();
    let connection = rusqlite::Connection::open(catalog(&home)).unwrap();
    connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;").unwrap();
    connection.execute_batch("DELETE FROM source").unwrap();
    let started = std::time::Instant::now();
    assert_eq!(listed(&home), ALL);
    assert!(started.elapsed() < std::time::Duration::from_secs(4), "{:?}", started.elapsed());
}

#[cfg(unix)]
#[test]
fn a_read_only_store_is_listed() {
    use std::os::unix::fs::PermissionsExt;
    let home = imported();
    let private = home.store().join(".sessionkeep");
    let set = |file: u32, directory: u32| {
        fs::set_permissions(catalog(&home), fs::Permissions::from_mode(file)).unwrap();
        fs::set_permissions(&private, fs::Permissions::from_mode(directory)).unwrap();
    };
    for (file, directory) in [(0o400, 0o500), (0o000, 0o700), (0o600, 0o000)] {
        set(file, directory);
        let stdout = home.run(&["list"]).stdout;
        set(0o600, 0o700);
        assert_eq!(stdout.lines().count(), 3, "{stdout}");
    }
}

#[test]
fn a_repaired_store_has_a_listing_of_the_sidecars_there_are() {
    let home = imported();
    fs::remove_file(sidecar(&home, "two")).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(100));
    let connection = rusqlite::Connection::open(catalog(&home)).unwrap();
    connection.execute_batch("DELETE FROM listing").unwrap();
    let run = home.run(&["repair"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let rows: i64 = connection.query_row("SELECT count(*) FROM listing", [], |row| row.get(0)).unwrap();
    assert!(rows >= 2, "{rows}");
    assert_eq!(listed(&home), ALL);
}

#[test]
fn filters_of_a_search_see_sidecars_as_they_are_now() {
    let home = imported();
    let path = sidecar(&home, "one");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replace("\"project_slug\": \"one\"", "\"project_slug\": \"new\"");
    fs::write(&path, text).unwrap();
    assert_eq!(home.run(&["search", "hello", "-l", "--project", "new"]).stdout.lines().count(), 1);
    assert_eq!(home.run(&["search", "hello", "-l", "--project", "one"]).code, 1);
    assert_eq!(home.run(&["search", "hello", "-l", "--project", "two"]).stdout.lines().count(), 1);
}
