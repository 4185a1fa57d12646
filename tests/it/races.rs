//! Several runs at once on one store, and sources that are written to meanwhile: nothing twice, nothing lost.

use crate::checks::*;
use crate::home::*;
use std::fs;
use std::io::Write;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn spawn(home: &Home, arguments: &[&str]) -> Child {
    home.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

#[track_caller]
fn end(child: Child) {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{:?} {}", output.status, String::from_utf8_lossy(&output.stderr));
}

/// Waits until hooks have left nothing to do and no worker runs.
fn settle(home: &Home) {
    let started = Instant::now();
    let folder = home.store().join(".sessionkeep/pending");
    while fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some())
        && started.elapsed() < Duration::from_secs(20)
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    home.run(&["import"]).exits(0);
}

#[test]
fn twenty_hooks_and_five_imports_make_each_archive_once() {
    let home = Home::new();
    let mut texts = Vec::new();
    let mut payloads = Vec::new();
    for number in 0..5 {
        let path = home.claude_session(&id(number), &lines(&id(number), 40));
        texts.push(fs::read(&path).unwrap());
        payloads.push(serde_json::json!({"session_id": id(number), "transcript_path": path, "hook_event_name": "SessionEnd"}).to_string());
    }
    let mut children = Vec::new();
    for round in 0..20 {
        let mut hook = home.command(&["hook"]);
        let mut child =
            hook.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(payloads[round % 5].as_bytes()).unwrap();
        children.push(child);
        if round % 4 == 0 {
            children.push(spawn(&home, &["import"]));
        }
    }
    children.into_iter().for_each(end);
    settle(&home);
    check_holds(&home.store(), &texts);
    let pending = fs::read_dir(home.store().join(".sessionkeep/pending")).unwrap().count();
    assert_eq!(pending, 0, "what is done is not left pending");
}

#[test]
fn imports_at_once_and_growth_in_between_lose_and_double_nothing() {
    let home = Home::new();
    let mut texts: Vec<String> = (0..12).map(|number| lines(&id(number), 5).concat()).collect();
    for round in 0..4u32 {
        for (number, text) in texts.iter_mut().enumerate() {
            text.push_str(&user(&id(number as u32), 10 + round, "grown"));
            home.claude_session(&id(number as u32), std::slice::from_ref(text));
        }
        let children: Vec<Child> = (0..3).map(|_| spawn(&home, &["import", "--threads", "2"])).collect();
        children.into_iter().for_each(end);
        let texts: Vec<Vec<u8>> = texts.iter().map(|text| text.clone().into_bytes()).collect();
        check_holds(&home.store(), &texts);
    }
}

#[test]
fn every_archive_that_is_seen_during_an_import_is_whole() {
    let home = Home::new();
    for number in 0..30 {
        let long: Vec<String> =
            (0..400).map(|line| user(&id(number), line, &format!("{line} ").repeat(40))).collect();
        home.claude_session(&id(number), &long);
    }
    let mut seen = 0;
    for round in 0..2 {
        let mut child = spawn(&home, &["import", "--threads", "1"]);
        while child.try_wait().unwrap().is_none() {
            for archive in home.archives() {
                assert!(!home.text(&archive).is_empty());
                seen += 1;
            }
            let run = home.run(&["list"]);
            assert!(run.code <= 1, "{run:?}");
        }
        end(child);
        for number in 0..30 {
            let path = home.path(&format!(".claude/projects/-home-me-my-project/{}.jsonl", id(number)));
            fs::File::options()
                .append(true)
                .open(path)
                .unwrap()
                .write_all(user(&id(number), 500 + round, "more").as_bytes())
                .unwrap();
        }
    }
    home.run(&["import"]).exits(0);
    assert_eq!(check_store(&home.store()).len(), 30);
    assert!(seen > 0);
}

#[test]
fn a_source_that_changes_while_it_is_imported_is_archived_as_it_was_at_some_moment() {
    let home = Home::new();
    let large: Vec<String> =
        (0..24_000).map(|line| user(&id(1), line % 1000, &format!("{line} ").repeat(40))).collect();
    let path = home.claude_session(&id(1), &large);
    let original = fs::read(&path).unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut round = 0u32;
            while !is_over.load(Ordering::Relaxed) {
                round += 1;
                let mut file = fs::File::options().read(true).append(true).open(&path).unwrap();
                match round % 4 {
                    0 => file.set_len(original.len() as u64 * 2 / 3).unwrap(),
                    1 => file.set_len(0).unwrap(),
                    2 => fs::write(&path, &original).unwrap(),
                    _ => file.write_all(user(&id(1), round % 1000, "appended").as_bytes()).unwrap(),
                }
                if round.is_multiple_of(2) {
                    set_age(&path, Duration::from_secs(7200));
                }
                std::thread::sleep(Duration::from_millis(u64::from(round * 7 % 23)));
            }
        });
        for _ in 0..6 {
            let run = home.run(&["import"]);
            assert!(run.code == 0 || run.code == 3, "{run:?}");
            assert!(
                run.code == 0 || run.stderr.contains("still changing") || run.stderr.contains("cannot read"),
                "{run:?}"
            );
            for (name, text) in check_store(&home.store()) {
                // Whatever moment it was, it was made of whole pieces of what the file ever held.
                let is_beginning = text.iter().zip(&original).all(|(one, other)| one == other);
                assert!(is_beginning || !text.contains(&0), "{name} holds bytes that the file never had");
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    fs::write(&path, &original).unwrap();
    home.run(&["import"]).exits(0);
    // A line may have been appended when one of these imports read it: what begins an archive is archived.
    assert!(check_store(&home.store()).iter().any(|(_, text)| text.starts_with(&original)));
}

#[test]
fn a_source_that_is_deleted_meanwhile_leaves_its_archive_alone() {
    let home = Home::new();
    let mut paths = Vec::new();
    for number in 0..40 {
        paths.push(home.claude_session(&id(number), &lines(&id(number), 200)));
    }
    let child = spawn(&home, &["import", "--threads", "1"]);
    for path in &paths {
        fs::remove_file(path).unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    end(child);
    let held = check_store(&home.store());
    for (name, text) in &held {
        assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 200, "{name}");
    }
    home.run(&["import"]).exits(0);
    assert!(check_store(&home.store()) == held);
}

#[test]
fn what_a_hook_left_pending_stays_until_it_is_archived() {
    let home = Home::new();
    let path = home.path(&format!("elsewhere/{}.jsonl", id(1)));
    let payload = serde_json::json!({"session_id": id(1), "transcript_path": path}).to_string();
    home.run_with_input(&["hook", "--wait"], payload.as_bytes()).exits(0);
    let pending = || fs::read_dir(home.store().join(".sessionkeep/pending")).unwrap().count();
    assert_eq!(pending(), 1, "its transcript is not there yet");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, lines(&id(1), 3).concat()).unwrap();
    home.run(&["import", "--min-age", "30", "--max-wait", "100000000"]).exits(0);
    assert_eq!((pending(), home.archives().len()), (1, 0), "it is too young");
    home.run(&["import", "--dry-run"]).exits(0);
    assert_eq!(pending(), 1);
    home.run(&["import"]).exits(0);
    assert_eq!((pending(), home.archives().len()), (0, 1));
}
