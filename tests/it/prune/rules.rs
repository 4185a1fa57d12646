//! Each rule, groups, filters, and what is said.

use super::*;

const DAYS: [(&str, &str); 6] = [
    ("one", "2024-12-30"),
    ("two", "2025-12-31"),
    ("one", "2026-05-30"),
    ("two", "2026-05-31"),
    ("one", "2026-06-05"),
    ("one", "2026-06-05"),
];

/// Returns what stays, and why, of the sessions that a dry run decides about.
fn kept(home: &Home, arguments: &[&str]) -> Vec<(u32, String)> {
    let said = pruned(home, arguments);
    let mut kept: Vec<(u32, String)> = said["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|session| session["action"] == "keep")
        .map(|session| {
            let number = (0..100).find(|number| session["session_id"] == id(*number)).unwrap();
            let reasons = session["reasons"].as_array().unwrap().iter();
            (number, reasons.map(|reason| reason.as_str().unwrap()).collect::<Vec<_>>().join(", "))
        })
        .collect();
    kept.sort();
    kept
}

fn owned(kept: &[(u32, &str)]) -> Vec<(u32, String)> {
    kept.iter().map(|(number, why)| (*number, (*why).to_owned())).collect()
}

#[test]
fn each_rule_says_what_it_keeps_and_several_add_up() {
    let home = archived(&DAYS);
    // Of two that ended at the same moment the first one counts as the later.
    let tie = kept(&home, &["--keep-last", "1"])[0].0;
    assert!(tie == 4 || tie == 5);
    for (arguments, expected) in [
        (&["--keep-daily", "2"][..], owned(&[(3, "daily 2026-05-31"), (tie, "daily 2026-06-05")])),
        (
            &["--keep-weekly", "9"],
            owned(&[
                (0, "weekly 2025-W01"),
                (1, "weekly 2026-W01"),
                (3, "weekly 2026-W22"),
                (tie, "weekly 2026-W23"),
            ]),
        ),
        (&["--keep-monthly", "2"], owned(&[(3, "monthly 2026-05"), (tie, "monthly 2026-06")])),
        (
            &["--keep-yearly", "5", "--keep-last", "1"],
            owned(&[(0, "yearly 2024"), (1, "yearly 2025"), (tie, "last 1, yearly 2026")]),
        ),
        (
            &["--keep-within", "6d"],
            owned(&[(2, "within 6d"), (3, "within 6d"), (4, "within 6d"), (5, "within 6d")]),
        ),
    ] {
        assert_eq!(kept(&home, arguments), expected, "{arguments:?}");
    }
}

#[test]
fn the_oldest_session_stays_where_there_are_fewer_periods_than_asked_for() {
    let home = archived(&[("one", "2026-05-30"), ("one", "2026-05-30"), ("one", "2026-06-05")]);
    // Both ended at the same moment: one is the latest of its day, the other the oldest of all.
    let reasons = |arguments: &[&str]| -> Vec<String> {
        let mut reasons: Vec<String> = kept(&home, arguments).into_iter().map(|(_, why)| why).collect();
        reasons.sort();
        reasons
    };
    assert_eq!(reasons(&["--keep-daily", "2"]), ["daily 2026-05-30", "daily 2026-06-05"]);
    assert_eq!(
        reasons(&["--keep-daily", "3"]),
        ["daily 2026-05-30", "daily 2026-06-05", "oldest daily 2026-05-30"]
    );
}

#[test]
fn an_age_or_a_size_that_is_none_is_answered_with_how_they_are_written() {
    let home = Home::new();
    for (arguments, told) in [(["--older-than", "5x"], "180d, 12m"), (["--max-size", "5X"], "5GiB")] {
        let run = home.run(&[&["prune"][..], &arguments].concat()).exits(2);
        assert!(run.stderr.contains(told), "{run:?}");
    }
}

#[test]
fn what_is_too_old_or_does_not_fit_goes_unless_a_rule_keeps_it() {
    let home = archived(&DAYS);
    let numbers = |arguments: &[&str]| -> Vec<u32> {
        kept(&home, arguments).into_iter().map(|(number, _)| number).collect()
    };
    let all = pruned(&home, &["--max-size", "1TiB"]);
    let bytes = |number: u32| -> u64 {
        let sessions = all["sessions"].as_array().unwrap();
        sessions.iter().find(|session| session["session_id"] == id(number)).unwrap()["bytes"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(all["total"]["remove"], 0);
    let room = bytes(3) + bytes(4) + bytes(5);
    assert_eq!(numbers(&["--max-size", &room.to_string()]), [3, 4, 5]);
    assert_eq!(numbers(&["--max-size", &(room - 1).to_string()]), [4, 5]);
    assert_eq!(numbers(&["--max-size", "1", "--keep-yearly", "9", "--keep-last", "2"]), [0, 1, 4, 5]);
    let today =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 86_400;
    // Days since the 30th of May 2026, 12 o'clock, at least.
    let days = today - 20_603;
    assert_eq!(numbers(&["--older-than", &format!("{}d", days + 40)]), [2, 3, 4, 5]);
    assert_eq!(numbers(&["--older-than", &format!("{}d", days + 40), "--keep-yearly", "2"]), [1, 2, 3, 4, 5]);
}

#[test]
fn groups_have_rules_of_their_own_and_filters_leave_the_others_out() {
    let home = archived(&DAYS);
    let said = pruned(&home, &["--keep-last", "1", "--group-by", "project"]);
    let groups = said["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2);
    assert_eq!(
        (&groups[0]["project"], &groups[0]["keep"], &groups[0]["remove"]),
        (&"one".into(), &1.into(), &3.into())
    );
    assert_eq!(
        (&groups[1]["project"], &groups[1]["keep"], &groups[1]["remove"]),
        (&"two".into(), &1.into(), &1.into())
    );
    let run = home.run(&["prune", "--keep-last", "1", "--group-by", "project"]).exits(0);
    assert!(run.stdout.contains("project two: keep 1 session ("), "{run:?}");
    pruned(&home, &["--all", "--project", "two", "--yes"]);
    assert_eq!(numbers(&home, &[]), [0, 2, 4, 5]);
    pruned(&home, &["--all", "--session", &id(0)[..8], "--yes"]);
    assert_eq!(numbers(&home, &[]), [2, 4, 5]);
    pruned(&home, &["--keep-last", "9", "--until", "2026-05", "--yes"]);
    assert_eq!(numbers(&home, &[]), [2, 4, 5]);
}

#[test]
fn without_yes_nothing_is_written_and_without_a_rule_nothing_is_done() {
    let home = archived(&DAYS);
    let files = || -> Vec<_> {
        let files = files_below(&home.store()).into_iter();
        files
            .filter(|path| {
                !path.components().any(|part| part.as_os_str() == ".sessionkeep/sessions/.sessionkeep")
            })
            .collect()
    };
    let before = files();
    let run = home.run(&["prune", "--keep-last", "2"]).exits(0);
    assert_eq!(run.stdout.lines().filter(|line| line.starts_with("remove ")).count(), 4);
    assert!(run.stderr.contains("would remove 4 of 6 sessions, "), "{run:?}");
    assert!(run.stderr.contains("nothing was removed: --yes does it"), "{run:?}");
    assert_eq!(files(), before);
    for arguments in [
        &["prune"][..],
        &["prune", "--project", "one"],
        &["prune", "--all"],
        &["prune", "--keep-last", "0"],
        &["prune", "--older-than", "soon"],
        &["prune", "--max-size", "much"],
        &["prune", "--project", "one", "--yes"],
    ] {
        home.run(arguments).exits(2);
    }
    assert_eq!(files(), before);
    assert_eq!(numbers(&home, &[]).len(), 6);
    let run = Home::new().run(&["prune", "--keep-last", "1", "--yes"]).exits(0);
    assert!(run.stderr.contains("no archived sessions found"), "{run:?}");
}

#[test]
fn versions_and_parts_of_a_session_go_with_it_and_sources_stay() {
    let home = Home::new();
    let source = session(&home, 0, "one", "2026-06-01");
    let part = format!(".claude/projects/-home-me-one/{}/subagents/agent-0123456789abcdef0.jsonl", id(0));
    home.write(&part, said(&id(0), "one", "2026-06-01", "by a subagent"));
    session(&home, 1, "one", "2026-06-02");
    home.run(&["import"]).exits(0);
    home.write(
        source.strip_prefix(home.path("")).unwrap().to_str().unwrap(),
        said(&id(0), "one", "2026-06-01", "otherwise"),
    );
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 4, "{:?}", home.archives());
    let said = pruned(&home, &["--keep-last", "1", "--yes"]);
    assert_eq!(said["sessions"][1]["archives"], 3);
    assert_eq!(home.archives().len(), 1, "{:?}", home.archives());
    assert!(files_below(&home.store()).iter().all(|path| !path.to_string_lossy().contains(&id(0)[..8])));
    assert!(source.is_file() && home.path(&part).is_file());
    is_well(&home);
    imports(&home, 0, 2);
}

#[test]
fn a_session_with_a_file_that_is_not_ours_or_that_is_damaged_stays() {
    let home = archived(&DAYS[..3]);
    let of = |number: u32| {
        let archives = home.archives().into_iter();
        home.store().join(archives.into_iter().find(|path| path.contains(&id(number)[..8])).unwrap())
    };
    let parts = of(0).to_string_lossy().replace(".jsonl.gz", ".parts");
    std::fs::create_dir(&parts).unwrap();
    std::fs::write(format!("{parts}/notes.txt"), "mine").unwrap();
    std::fs::write(of(1), b"nothing of the kind").unwrap();
    let said = pruned(&home, &["--older-than", "1d", "--yes"]);
    assert_eq!(said["total"]["remove"], 1, "{said}");
    assert!(said["sessions"].to_string().contains("holds a file that is not sessionkeep's"), "{said}");
    assert!(
        std::path::Path::new(&format!("{parts}/notes.txt")).is_file() && of(0).is_file() && of(1).is_file()
    );
    assert_eq!(numbers(&home, &[]), [0, 1]);
}
