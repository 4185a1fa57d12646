//! `repair`: what can be made anew is, nothing is deleted, and a second run has nothing to do.

use crate::home::*;
use std::fs;

fn flip_last_byte(home: &Home) {
    let path = home.store().join(NAME);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
}

fn set_aside(home: &Home) -> Vec<String> {
    let names = files_below(&home.store()).into_iter();
    names.map(|path| path.display().to_string()).filter(|path| path.contains(".damaged-")).collect()
}

#[test]
fn a_store_that_is_well_is_left_alone() {
    let home = Home::archived();
    let before: Vec<_> = files_below(&home.store()).iter().map(|path| fs::read(path).unwrap()).collect();
    let run = home.run(&["repair"]).exits(0);
    assert!(run.stdout.is_empty() && run.stderr.contains("nothing to mend"), "{run:?}");
    // The lock names its holder's process.
    let is_same = |path: &std::path::PathBuf, bytes: &Vec<u8>| {
        path.ends_with("locks/import") || fs::read(path).unwrap() == *bytes
    };
    assert!(files_below(&home.store()).iter().zip(&before).all(|(path, bytes)| is_same(path, bytes)));
    Home::new().run(&["repair"]).exits(0);
}

#[test]
fn sidecars_come_back_as_they_were_parts_included() {
    let home = Home::archived();
    let sidecars: Vec<_> = files_below(&home.store())
        .into_iter()
        .filter(|path| path.to_string_lossy().ends_with(".meta.json"))
        .map(|path| (fs::read_to_string(&path).unwrap(), path))
        .collect();
    assert_eq!(sidecars.len(), 2);
    assert!(sidecars.iter().any(|(text, _)| text.contains("agent-a1b2c3d")));
    sidecars.iter().for_each(|(_, path)| fs::remove_file(path).unwrap());
    let run = home.run(&["repair", "--dry-run"]).exits(0);
    assert!(run.stdout.contains("would be written anew") && !sidecars[0].1.exists(), "{run:?}");
    home.run(&["repair"]).exits(0);
    for (text, path) in &sidecars {
        assert_eq!(&fs::read_to_string(path).unwrap(), text);
    }
    home.run(&["verify"]).exits(0);
}

#[test]
fn a_damaged_archive_is_set_aside_and_its_session_archived_again() {
    let home = Home::archived();
    let text = home.text(NAME);
    flip_last_byte(&home);
    let damaged = fs::read(home.store().join(NAME)).unwrap();
    home.run(&["repair", "--dry-run"]).exits(0);
    assert_eq!(fs::read(home.store().join(NAME)).unwrap(), damaged, "a dry run changes nothing");
    let run = home.run(&["repair"]).exits(0);
    assert!(run.stdout.contains("archived again"), "{run:?}");
    assert_eq!(home.text(NAME), text);
    let aside = set_aside(&home);
    assert_eq!(aside.len(), 2, "{aside:?}");
    assert_eq!(fs::read(aside.iter().find(|path| path.contains(".gz.")).unwrap()).unwrap(), damaged);
    let verified = home.run(&["verify"]).exits(0);
    assert!(verified.stderr.contains("none damaged"), "{verified:?}");
    let again = home.run(&["repair"]).exits(0);
    assert!(again.stderr.contains("nothing to mend"), "{again:?}");
    assert_eq!(set_aside(&home), aside);
    let import = home.run(&["import"]).exits(0);
    assert!(import.stderr.contains("archived 0"), "{import:?}");
}

#[test]
fn a_damaged_archive_without_a_source_is_kept_and_named() {
    let home = Home::archived();
    flip_last_byte(&home);
    fs::remove_dir_all(home.path(".claude")).unwrap();
    let run = home.run(&["repair"]).exits(4);
    assert!(run.stdout.contains("its source is gone"), "{run:?}");
    assert_eq!(set_aside(&home).len(), 2);
    let run = home.run(&["repair"]).exits(0);
    assert!(run.stderr.contains("nothing to mend"), "{run:?}");
}

#[test]
fn a_damaged_or_lost_catalog_is_made_anew() {
    let home = Home::archived();
    let catalog = home.store().join(".sessionkeep/catalog.sqlite");
    fs::write(&catalog, b"no database, and long enough for nobody to take it for an empty one").unwrap();
    let run = home.run(&["repair", "--json"]).exits(0);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(!report["catalog"].as_array().unwrap().is_empty(), "{report}");
    let verified = home.run(&["verify"]).exits(0);
    assert!(verified.stderr.contains("all well"), "{verified:?}");
    fs::remove_file(home.store().join(NAME)).unwrap();
    fs::remove_file(&catalog).unwrap();
    home.run(&["repair"]).exits(0);
    let import = home.run(&["import"]).exits(0);
    assert!(import.stderr.contains("archived 1"), "what is gone is archived again: {import:?}");
}

#[test]
fn an_archive_out_of_the_way_is_archived_again() {
    let home = Home::archived();
    let path = home.store().join(NAME);
    fs::rename(&path, home.store().join(format!("{NAME}.damaged-0"))).unwrap();
    let run = home.run(&["repair"]).exits(0);
    assert!(run.stdout.contains("archived again") && path.exists(), "{run:?}");
}

#[test]
fn a_repair_waits_for_nobody_else_than_imports() {
    let home = Home::archived();
    let lock = fs::File::open(home.store().join(".sessionkeep/locks/import")).unwrap();
    lock.lock().unwrap();
    home.run(&["repair", "--dry-run"]).exits(0);
    let verified = home.run(&["verify"]).exits(0);
    assert!(verified.stderr.contains("all well"), "{verified:?}");
}
