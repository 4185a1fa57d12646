//! Stores that were copied: the catalog's rows are of files with other inodes, and nothing of what is masked stays in them.

use super::*;

/// Returns whether any file that belongs to the store's database holds this, in whatever place.
fn is_in_catalog(home: &Home, secret: &str) -> bool {
    let is_in = |path: &PathBuf| memchr::memmem::find(&fs::read(path).unwrap(), secret.as_bytes()).is_some();
    let is_of_catalog = |path: &PathBuf| path.to_string_lossy().contains("catalog.sqlite");
    files_below(&home.store()).iter().filter(|path| is_of_catalog(path)).any(is_in)
}

/// Makes the store one whose files are copies of what they were.
fn copy(home: &Home) {
    let (from, to) = (home.path(".sessionkeep"), home.path("moved"));
    fs::rename(&from, &to).unwrap();
    let copied = std::process::Command::new("cp").arg("-a").arg(&to).arg(&from).status().unwrap();
    assert!(copied.success());
}

/// Returns a home whose store has clear titles, made by older rules; many, so that the listing has more than one page.
fn titled() -> Home {
    let home = Home::new();
    home.write(".sessionkeep/config.json", OLDER);
    for number in 1..150 {
        let text = format!("{} {}", github_token(number.into()), "lorem ".repeat(12));
        home.claude_session(&id(number), &[user(&id(number), number % 60, &text)]);
    }
    home.run(&["import"]).exits(0);
    assert!(is_in_catalog(&home, &github_token(7)));
    todays_rules(&home);
    home
}

#[track_caller]
fn has_no_title(home: &Home) {
    for number in 1..150 {
        assert!(!is_in_catalog(home, &github_token(number)), "the title of session {number} is left");
        assert!(!holds(home, &github_token(number)), "session {number}");
    }
}

#[test]
fn no_clear_title_stays_in_the_catalog_of_a_store_that_was_copied() {
    let home = titled();
    copy(&home);
    home.run(&["remask"]).exits(0);
    has_no_title(&home);
    assert_eq!(home.listed(&[]).len(), 149);
    assert!(home.run(&["verify"]).exits(0).stderr.contains("all well"));
}

#[test]
fn no_clear_title_stays_in_the_catalog_of_a_store_that_was_not() {
    let home = titled();
    home.run(&["remask"]).exits(0);
    has_no_title(&home);
}

#[test]
fn no_clear_title_stays_in_the_catalog_of_a_copied_store_that_is_archived_anew_from_its_sources() {
    let home = titled();
    copy(&home);
    home.run(&["remask", "--from-source"]).exits(0);
    has_no_title(&home);
}

#[test]
fn rows_that_a_run_left_are_gone_after_one_that_has_nothing_to_do() {
    let home = titled();
    let old = fs::read(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    home.run(&["remask"]).exits(0);
    fs::write(home.store().join(".sessionkeep/catalog.sqlite"), old).unwrap();
    assert!(is_in_catalog(&home, &github_token(7)));
    assert!(home.run(&["remask"]).exits(0).stderr.contains("nothing to do"));
    has_no_title(&home);
}
