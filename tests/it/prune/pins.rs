//! What is pinned stays.

use super::*;

#[test]
fn a_pinned_session_stays_whatever_is_asked_for_until_it_is_unpinned() {
    let home = archived(&[("one", "2026-06-01"), ("one", "2026-06-02"), ("one", "2026-06-03")]);
    assert!(home.run(&["pin", "--list"]).exits(0).stderr.contains("no session is pinned"));
    home.run(&["pin", &id(1)[..8], "@last"]).exits(0);
    assert!(home.run(&["pin", &id(1)[..8]]).exits(0).stderr.contains("was pinned already"));
    let pins = home.run(&["pin", "--list", "--json"]).exits(0).stdout;
    assert_eq!(serde_json::from_str::<Value>(&pins).unwrap().as_array().unwrap().len(), 2);
    let pinned: Vec<bool> = home.listed(&[]).iter().map(|session| session["pinned"] == true).collect();
    assert_eq!(pinned, [true, true, false]);
    std::fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
    pruned(&home, &["--all", "--project", "one", "--yes"]);
    assert_eq!(numbers(&home, &[]), [1, 2]);
    home.run(&["unpin", &id(1)]).exits(0);
    pruned(&home, &["--all", "--project", "one", "--yes"]);
    assert_eq!(numbers(&home, &[]), [2]);
    home.run(&["pin", "--unpin", "@last"]).exits(0);
    assert!(home.run(&["pin", "--list"]).exits(0).stdout.is_empty());
    home.run(&["pin", "ffffffff"]).exits(1);
    home.run(&["pin"]).exits(2);
    is_well(&home);
}

#[test]
fn pins_that_cannot_be_read_keep_everything() {
    let home = archived(&[("one", "2026-06-01")]);
    home.write(".sessionkeep/sessions/pinned.jsonl", "nonsense\n");
    home.run(&["prune", "--older-than", "1d", "--yes"]).exits(1);
    assert_eq!(numbers(&home, &[]), [0]);
    let run = home.run(&["verify"]).exits(3);
    assert!(run.stdout.contains("pinned.jsonl: cannot read: line 1 is no pin"), "{run:?}");
}
