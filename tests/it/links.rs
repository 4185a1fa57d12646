//! Where users' links lead: what is followed, what is not, and that nothing is passed over in silence.

use crate::checks::*;
use crate::home::*;
use crate::needs::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

const PROJECTS: &str = ".claude/projects";

/// Writes the session with this number, two lines long, into `directory`; returns its path.
fn session(home: &Home, directory: &str, number: u32) -> PathBuf {
    home.write(&format!("{directory}/{}.jsonl", id(number)), lines(&id(number), 2).concat())
}

/// Links `name` among Claude Code's projects to `target`; returns the link's path.
fn link(home: &Home, name: &str, target: impl AsRef<Path>) -> PathBuf {
    let path = home.path(PROJECTS).join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    symlink(target, &path).unwrap();
    path
}

/// Asserts that the sessions with these numbers are archived, each once, and nothing else is.
#[track_caller]
fn check_sessions(home: &Home, numbers: &[u32]) {
    let texts: Vec<Vec<u8>> = numbers.iter().map(|number| lines(&id(*number), 2).concat().into()).collect();
    check_holds(&home.store(), &texts);
}

/// Asserts that another import finds nothing to archive, and ends as the one before did.
#[track_caller]
fn check_again(home: &Home, code: i32) {
    let again = home.run(&["import"]).exits(code);
    assert_eq!(again.stdout, "", "archived once more");
}

/// Returns the lines of stderr that name a path that was not followed.
fn named(run: &Run) -> Vec<&str> {
    let mut lines: Vec<&str> = run.stderr.lines().filter(|line| line.contains(": skipped ")).collect();
    lines.sort();
    lines
}

#[test]
fn a_project_that_is_a_link_is_archived_and_what_is_not_followed_is_named() {
    let home = Home::new();
    session(&home, "elsewhere/app", 1);
    session(&home, &format!("{PROJECTS}/-new-name"), 2);
    session(&home, &format!("{PROJECTS}/-plain"), 3);
    link(&home, "-work-app", home.path("elsewhere/app"));
    link(&home, "-old-name", "-new-name");
    let looping = link(&home, "-loop", ".");
    let dangling = link(&home, "-dangling", "../../nowhere");
    let run = home.run(&["import"]).exits(3);
    check_sessions(&home, &[1, 2, 3]);
    let [first, second] = named(&run)[..] else { panic!("{}", run.stderr) };
    assert!(first.contains(&format!("{}: a symlink that leads nowhere", dangling.display())), "{first}");
    assert!(second.contains(&format!("{}: a symlink to a directory that", looping.display())), "{second}");
    assert_eq!(run.stderr.matches("hint: ").count(), 2, "{}", run.stderr);
    check_again(&home, 3);
}

#[test]
fn links_that_lead_on_and_to_files_are_followed_once() {
    let home = Home::new();
    session(&home, "elsewhere/app", 1);
    symlink("app", home.path("elsewhere/second")).unwrap();
    symlink("second", home.path("elsewhere/first")).unwrap();
    link(&home, "-chain", home.path("elsewhere/first"));
    let file = session(&home, "elsewhere/loose", 2);
    link(&home, &format!("{}.jsonl", id(2)), &file);
    link(&home, &format!("{}.jsonl", id(3)), &file);
    home.run(&["import"]).exits(0);
    check_sessions(&home, &[1, 2]);
    check_again(&home, 0);
    fs::write(&file, lines(&id(2), 4).concat()).unwrap();
    home.run(&["import"]).exits(0);
    let grown = lines(&id(2), 4).concat().into_bytes();
    check_holds(&home.store(), &[lines(&id(1), 2).concat().into_bytes(), grown]);
}

#[test]
fn a_hundred_links_to_one_place_are_followed_once() {
    let home = Home::new();
    session(&home, "elsewhere/app", 1);
    for number in 0..100 {
        link(&home, &format!("-link-{number}"), home.path("elsewhere/app"));
    }
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("archived 1, skipped 0"), "{}", run.stderr);
    check_sessions(&home, &[1]);
    let again = home.run(&["import", "-v"]).exits(0);
    assert!(again.stderr.contains("archived 0, skipped 1"), "{}", again.stderr);
    assert_eq!(again.stderr.matches("a symlink to what is looked at elsewhere").count(), 99);
}

#[test]
fn links_in_a_circle_and_links_further_down_are_named() {
    let home = Home::new();
    session(&home, &format!("{PROJECTS}/-plain"), 1);
    session(&home, "elsewhere/app", 2);
    session(&home, "further/app", 3);
    link(&home, "-one", "-other");
    link(&home, "-other", "-one");
    link(&home, "-app", home.path("elsewhere/app"));
    let deep = link(&home, "-plain/below", home.path("further"));
    let below = home.path(PROJECTS).join("-app/below");
    symlink(home.path("further"), home.path("elsewhere/app/below")).unwrap();
    symlink(home.path(PROJECTS), home.path("elsewhere/app/back")).unwrap();
    symlink(home.path(PROJECTS).join("-plain"), home.path("elsewhere/app/known")).unwrap();
    let run = home.run(&["import"]).exits(3);
    check_sessions(&home, &[1, 2]);
    let all = named(&run);
    assert_eq!(all.len(), 5, "{}", run.stderr);
    assert_eq!(all.iter().filter(|line| line.ends_with("a symlink that leads to itself")).count(), 2);
    for path in [deep, below] {
        assert!(run.stderr.contains(&format!("skipped {}: a symlink to a directory; ", path.display())));
        assert!(run.stderr.contains(&format!("sessionkeep import --from {}\n", path.display())));
    }
    assert!(run.stderr.contains("/-app/back: a symlink to a directory that it lies in"), "{}", run.stderr);
    check_again(&home, 3);
    home.run(&["import", "--from", home.path(PROJECTS).join("-plain/below").to_str().unwrap()]).exits(0);
    check_sessions(&home, &[1, 2, 3]);
}

#[test]
fn a_link_up_does_not_lead_through_the_whole_home() {
    let home = Home::new();
    session(&home, &format!("{PROJECTS}/-plain"), 1);
    session(&home, "private", 2);
    for (name, target) in [("-home", "../.."), ("-up", ".."), ("-root", "/")] {
        link(&home, name, target);
    }
    let run = home.run(&["import"]).exits(3);
    assert_eq!(named(&run).len(), 3, "{}", run.stderr);
    check_sessions(&home, &[1]);
}

#[test]
fn a_session_stays_one_whatever_becomes_of_the_link_that_led_to_it() {
    let home = Home::new();
    session(&home, "elsewhere/app", 1);
    let old = link(&home, "-old", home.path("elsewhere/app"));
    home.run(&["import"]).exits(0);
    let new = home.path(PROJECTS).join("-new");
    fs::rename(&old, &new).unwrap();
    check_again(&home, 0);
    fs::remove_file(&new).unwrap();
    fs::rename(home.path("elsewhere/app"), &new).unwrap();
    check_again(&home, 0);
    symlink("-new", &old).unwrap();
    check_again(&home, 0);
    check_sessions(&home, &[1]);
    let more = lines(&id(1), 3).concat();
    fs::write(new.join(format!("{}.jsonl", id(1))), &more).unwrap();
    home.run(&["import"]).exits(0);
    check_holds(&home.store(), &[more.into_bytes()]);
}

#[test]
fn two_homes_with_links_to_one_place_archive_it_once() {
    let home = Home::new();
    session(&home, "elsewhere/app", 1);
    session(&home, "two/projects/-plain", 2);
    for directory in ["one", "two"] {
        fs::create_dir_all(home.path(directory).join("projects")).unwrap();
        symlink(home.path("elsewhere/app"), home.path(directory).join("projects/-app")).unwrap();
    }
    // The one home's link to the other home's directory is no way to walk that twice.
    symlink(home.path("two"), home.path("one/projects/-two")).unwrap();
    let homes = format!("{},{}", home.path("one").display(), home.path("two").display());
    let import = || Run::of(home.command(&["import"]).env("CLAUDE_CONFIG_DIR", &homes).output().unwrap());
    let run = import().exits(0);
    assert!(run.stderr.contains("archived 2, skipped 0"), "{}", run.stderr);
    check_sessions(&home, &[1, 2]);
    assert_eq!(import().exits(0).stdout, "");
}

#[test]
fn a_year_of_codex_sessions_may_be_elsewhere() {
    let home = Home::new();
    let record = format!(
        "{{\"timestamp\":\"2026-01-02T03:04:05Z\",\"type\":\"session_meta\",\"payload\":{{\"id\":\"{}\"}}}}\n",
        id(1)
    );
    home.write(&format!("disk/2026/01/02/rollout-2026-01-02T03-04-05-{}.jsonl", id(1)), &record);
    fs::create_dir_all(home.path(".codex/sessions")).unwrap();
    symlink(home.path("disk/2026"), home.path(".codex/sessions/2026")).unwrap();
    home.run(&["import"]).exits(0);
    check_holds(&home.store(), &[record.into_bytes()]);
    check_again(&home, 0);
}

#[test]
fn what_belongs_to_others_is_not_followed_and_named() {
    let home = Home::new();
    if !can_give_files_away() {
        return;
    }
    session(&home, "theirs", 1);
    let own = session(&home, "shared", 2);
    let foreign = session(&home, "shared", 3);
    let file = session(&home, "files", 4);
    for path in [&home.path("theirs"), &foreign, &file] {
        chown(path, Some(OTHER_USER), None).unwrap();
    }
    link(&home, "-theirs", home.path("theirs"));
    link(&home, "-shared", own.parent().unwrap());
    link(&home, &format!("{}.jsonl", id(4)), &file);
    let run = home.run(&["import"]).exits(3);
    check_sessions(&home, &[2]);
    assert_eq!(named(&run).len(), 3, "{}", run.stderr);
    for reason in ["-theirs: a symlink to a directory of another user's", ".jsonl: a file of another user's"]
    {
        assert!(run.stderr.contains(reason), "{}", run.stderr);
    }
    // Where no link led to it, a file in the agent's own directory counts as ever.
    let plain = session(&home, &format!("{PROJECTS}/-plain"), 5);
    chown(&plain, Some(OTHER_USER), None).unwrap();
    home.run(&["import"]).exits(3);
    check_sessions(&home, &[2, 5]);
}

#[test]
fn a_directory_that_cannot_be_read_is_named_by_its_link() {
    let home = Home::new();
    session(&home, &format!("{PROJECTS}/-plain"), 1);
    session(&home, "closed/app", 2);
    let link = link(&home, "-app", home.path("closed/app"));
    let mode = |mode| fs::set_permissions(home.path("closed/app"), fs::Permissions::from_mode(mode)).unwrap();
    let mut command = home.command_of_no_root(&["import"]);
    mode(0);
    let run = Run::of(command.output().unwrap());
    mode(0o700);
    let run = run.exits(3);
    assert!(run.stderr.contains(&format!("cannot read {}: ", link.display())), "{}", run.stderr);
    check_sessions(&home, &[1]);
}

#[test]
fn a_link_into_the_store_makes_no_archives_of_archives() {
    let home = Home::new();
    session(&home, &format!("{PROJECTS}/-plain"), 1);
    let part = format!("{PROJECTS}/-plain/{}/subagents/agent-0123456789abcdef0", id(1));
    home.write(&format!("{part}.jsonl"), user(&id(1), 5, "from below"));
    home.write(&format!("{part}.meta.json"), "{}");
    home.run(&["import"]).exits(0);
    let before = home.archives();
    link(&home, "-store", home.store());
    link(&home, "-above", home.path(".sessionkeep"));
    check_again(&home, 0);
    assert_eq!(home.archives(), before);
}

#[test]
fn a_hook_and_an_import_agree_on_what_a_link_leads_to() {
    let home = Home::new();
    let real = session(&home, "elsewhere/app", 1);
    let link = link(&home, "-app", home.path("elsewhere/app"));
    for path in [link.join(real.file_name().unwrap()), real.clone()] {
        let payload = serde_json::json!({"session_id": id(1), "transcript_path": path}).to_string();
        home.run_with_input(&["hook", "--wait"], payload.as_bytes()).exits(0);
        check_sessions(&home, &[1]);
        check_again(&home, 0);
    }
    let report = home.run(&["doctor", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&report.stdout).unwrap();
    assert_eq!((&report["agents"][0]["files"], &report["agents"][0]["unarchived"]), (&1.into(), &0.into()));
}

#[test]
fn links_in_a_directory_that_the_user_named_are_not_followed() {
    let home = Home::new();
    session(&home, "from/-plain", 1);
    let outside = session(&home, "elsewhere/app", 2);
    symlink(home.path("elsewhere/app"), home.path("from/-app")).unwrap();
    symlink(&outside, home.path("from").join(format!("{}.jsonl", id(2)))).unwrap();
    let run = home.run(&["import", "--from", "from"]).exits(3);
    assert_eq!(named(&run).len(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("a symlink to a file outside of the tree"), "{}", run.stderr);
    check_sessions(&home, &[1]);
}

/// Fills an agent's directory with what it leaves beside its sessions; returns the files, and why each is left alone.
fn litter(home: &Home) -> Vec<(PathBuf, &'static str)> {
    let place = |name: &str| format!("{PROJECTS}/-plain/{name}");
    let mut all: Vec<(PathBuf, &'static str)> = [
        ("settings.json", "metadata or settings"),
        ("x.meta.json", "metadata or settings"),
        ("state.sqlite", "a database"),
        ("state.sqlite-wal", "a database"),
        ("notes.txt", "not named like a transcript"),
        ("README", "not named like a transcript"),
        ("session.lock", "a temporary or lock file"),
        ("old.jsonl.xz", "packed, and not as the agent packs its sessions"),
        ("memory/MEMORY.md", "in a directory of notes, which holds no sessions"),
        ("memory/below/a.jsonl", "in a directory of notes, which holds no sessions"),
    ]
    .map(|(name, why)| (home.write(&place(name), "x"), why))
    .to_vec();
    let head = format!("{PROJECTS}/-plain/{}/resume-head.jsonl", id(1));
    all.push((home.write(&head, "x"), "the agent's own bookkeeping"));
    all.push((home.write(&place("empty.jsonl"), ""), "empty"));
    let socket = home.path(&place("socket"));
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    all.push((socket, "a socket, FIFO or device"));
    let link = home.path(&place("latest"));
    symlink(format!("{}.jsonl", id(1)), &link).unwrap();
    all.push((link, "a symlink to what is looked at elsewhere"));
    all.sort();
    all
}

#[test]
fn every_file_that_is_left_alone_is_told_to_whom_asks() {
    let home = Home::new();
    session(&home, &format!("{PROJECTS}/-plain"), 1);
    let mut all = litter(&home);
    let quiet = home.run(&["import"]).exits(0);
    assert!(!quiet.stderr.contains("left alone"), "{}", quiet.stderr);
    let young = session(&home, &format!("{PROJECTS}/-plain"), 2);
    set_age(&young, Duration::from_secs(60));
    all.push((young, "too young for --min-age"));
    let run = home.run(&["import", "-v", "--min-age", "30", "--max-wait", "100000000"]).exits(0);
    let told = run.stderr.lines().filter_map(|line| line.split_once("left alone: ")).map(|(_, told)| told);
    let mut told: Vec<String> = told.map(str::to_owned).collect();
    told.sort();
    let expected = all.iter().map(|(path, why)| format!("{}: {why}", path.display()));
    let mut expected: Vec<String> = expected.collect();
    expected.sort();
    assert_eq!(told, expected);
}

#[test]
fn doctor_counts_what_is_left_alone_and_lists_it_to_whom_asks() {
    let home = Home::new();
    session(&home, &format!("{PROJECTS}/-plain"), 1);
    let all = litter(&home);
    home.run(&["import"]).exits(0);
    let dangling = link(&home, "-dangling", "nowhere");
    let expected: Vec<String> = all.iter().map(|(path, why)| format!("{}: {why}", path.display())).collect();
    let shown = |run: &Run| expected.iter().filter(|line| run.stdout.contains(line.as_str())).count();
    let run = home.run(&["doctor"]);
    assert!(
        run.stdout
            .contains("ok    claude-code-left-alone: Claude Code: 14 files left alone (1 the agent's own")
    );
    assert!(run.stdout.contains("2 metadata or settings; "), "{}", run.stdout);
    assert!(run.stdout.contains("and 11 more: sessionkeep doctor -v"), "{}", run.stdout);
    assert_eq!(shown(&run), 3, "{}", run.stdout);
    assert_eq!(shown(&home.run(&["doctor", "-v"])), all.len());
    assert_eq!(shown(&home.run(&["doctor", "-q"])), 0);
    let to_do = format!(
        "to do claude-code-not-read: Claude Code: 1 path not followed or read\n        {}: a symlink that leads nowhere\n",
        dangling.display()
    );
    assert!(run.stdout.contains(&to_do), "{}", run.stdout);
    let report: serde_json::Value = serde_json::from_str(&home.run(&["doctor", "--json"]).stdout).unwrap();
    let listed = report["agents"][0]["left_alone"].as_array().unwrap().iter();
    let listed: Vec<String> = listed
        .map(|item| format!("{}: {}", item["path"].as_str().unwrap(), item["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(listed, expected);
    assert_eq!(report["agents"][0]["not_read"][0]["path"], dangling.to_str().unwrap());
}

#[test]
fn a_secret_in_the_name_of_a_file_that_is_left_alone_is_not_shown() {
    let home = Home::new();
    session(&home, &format!("{PROJECTS}/-plain"), 1);
    let token = github_token(7);
    home.write(&format!("{PROJECTS}/-plain/{token}.txt"), "x");
    link(&home, &format!("-{token}"), "nowhere");
    for arguments in [&["import", "-v"][..], &["doctor", "-v"], &["doctor", "--json"]] {
        let run = home.run(arguments);
        assert!(
            run.stderr.contains("left alone")
                || run.stdout.contains("left_alone")
                || run.stdout.contains("left alone")
        );
        assert!(!run.stdout.contains(&token) && !run.stderr.contains(&token), "{arguments:?}");
    }
}
