//! Sessions that are never quiet: archived in spite of `--min-age` once they have waited for long, and named by `doctor`.

use crate::home::*;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

const HOUR: u64 = 3600;

/// Writes the session `ID`, as if its agent had written its last record just now.
fn active_session(home: &Home, lines: &[String]) -> PathBuf {
    let path = home.claude_session(ID, lines);
    set_age(&path, Duration::ZERO);
    path
}

/// Returns a record of `age` ago.
fn record_of(age: Duration, text: &str) -> String {
    let time = jiff::Timestamp::try_from(SystemTime::now() - age).unwrap();
    user(ID, 0, text).replace("2026-06-05T14:30:00.000Z", &time.to_string())
}

/// Makes the store believe that whatever it holds was archived so much earlier.
fn archived_earlier(home: &Home, hours: i64) {
    let catalog = rusqlite::Connection::open(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    let nanoseconds = hours * HOUR as i64 * 1_000_000_000;
    let changed =
        catalog.execute("UPDATE source SET observed_at_ns = observed_at_ns - ?1", [nanoseconds]).unwrap();
    assert!(changed > 0);
}

/// Imports as a schedule does; returns what it said.
#[track_caller]
fn scheduled(home: &Home) -> String {
    home.run(&["import", "--min-age", "30"]).exits(0).stderr
}

#[test]
fn a_session_that_is_never_quiet_is_archived_as_it_stands_and_its_growth_replaces_the_archive() {
    let home = Home::new();
    let mut lines = vec![user(ID, 0, "watch the queue"), user(ID, 1, "tick")];
    let path = active_session(&home, &lines);
    let said = scheduled(&home);
    let wanted = "Claude Code: 1 file archived in spite of --min-age: not archived for more than a day";
    assert!(said.contains(wanted) && !said.contains("alone"), "{said}");
    assert_eq!(home.archives(), [NAME]);
    for (hours_earlier, is_taken) in [(0, false), (23, false), (2, true), (0, false)] {
        archived_earlier(&home, hours_earlier);
        let before = home.text(NAME);
        lines.push(user(ID, lines.len() as u32, "tock"));
        append(&path, &lines[lines.len() - 1]);
        let said = scheduled(&home);
        assert_eq!(said.contains("in spite of"), is_taken, "{hours_earlier} hours earlier: {said}");
        assert_eq!(said.contains("left 1 file alone"), !is_taken, "{hours_earlier} hours earlier: {said}");
        assert_eq!(home.archives(), [NAME], "{hours_earlier} hours earlier");
        let held = if is_taken { lines.concat().into_bytes() } else { before };
        assert_eq!(home.text(NAME), held, "{hours_earlier} hours earlier");
    }
    set_age(&path, Duration::from_secs(HOUR));
    let said = scheduled(&home);
    assert!(said.contains("archived 1") && !said.contains("in spite of"), "quiet at last: {said}");
    assert_eq!((home.archives(), home.text(NAME)), (vec![NAME.to_owned()], lines.concat().into_bytes()));
}

#[test]
fn a_session_that_began_today_is_left_alone_until_it_has_waited() {
    let home = Home::new();
    active_session(&home, &[record_of(Duration::from_secs(2 * HOUR), "a new one")]);
    let said = scheduled(&home);
    assert!(said.contains("left 1 file alone") && !said.contains("in spite of"), "{said}");
    assert_eq!(home.archives().len(), 0);
    let run = home.run(&["import", "--min-age", "30", "--max-wait", "90", "--dry-run"]).exits(0);
    assert!(run.stderr.contains("1 file would be archived in spite of --min-age"), "{run:?}");
    let run = home.run(&["import", "--min-age", "30", "--max-wait", "90"]).exits(0);
    assert!(run.stderr.contains("not archived for more than 1h 30m"), "{run:?}");
    assert_eq!(home.archives().len(), 1);
}

#[test]
fn a_first_record_that_is_long_still_tells_when_the_session_began() {
    let home = Home::new();
    active_session(&home, &[user(ID, 0, &"a pasted log ".repeat(20_000))]);
    assert!(scheduled(&home).contains("in spite of"));
}

/// Returns a record of long ago as Claude Code writes it: its time behind its message, which has so many bytes.
fn long_record(bytes: usize) -> String {
    let message = serde_json::json!({"role": "user", "content": "a pasted log ".repeat(bytes / 13)});
    let record = serde_json::json!({"type": "user", "sessionId": ID, "cwd": "/home/me/my-project", "message": message,
        "uuid": "00000000-0000-4000-8000-000000000000", "timestamp": "2026-06-05T14:30:00.000Z"});
    let mut record: Vec<_> = record.as_object().unwrap().clone().into_iter().collect();
    // Whatever order the map has.
    record.sort_by_key(|(name, _)| ["message", "uuid", "timestamp"].iter().position(|last| last == name));
    let members: Vec<String> = record.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}\n", members.join(","))
}

#[test]
fn a_first_record_of_megabytes_tells_by_its_end_when_the_session_began() {
    for bytes in [2 << 20, 9 << 20] {
        for rest in ["", "{\"type\":\"summary\",\"summary\":\"x\"}\n"] {
            let home = Home::new();
            active_session(&home, &[long_record(bytes), rest.to_owned()]);
            assert_eq!(doctor(&home).1.len(), 1, "{bytes} bytes");
            assert!(scheduled(&home).contains("in spite of"), "{bytes} bytes");
        }
    }
}

#[test]
fn only_what_is_archived_is_said_to_be_in_spite_of_its_youth() {
    let home = Home::new();
    let path = active_session(&home, &[user(ID, 0, "start")]);
    home.run(&["import"]).exits(0);
    archived_earlier(&home, 48);
    // Touched: to be looked at, and found to be as it was.
    set_age(&path, Duration::from_secs(1));
    for arguments in
        [&["import", "-v", "--min-age", "30", "--dry-run"][..], &["import", "-v", "--min-age", "30"]]
    {
        let said = home.run(arguments).exits(0).stderr;
        assert!(!said.contains("in spite of"), "{said}");
    }
    archived_earlier(&home, 48);
    append(&path, &user(ID, 1, "more"));
    let said = home.run(&["import", "-v", "--min-age", "30", "--dry-run"]).exits(0).stderr;
    let line = format!("would be archived in spite of --min-age: {}: last archived ", path.display());
    assert!(said.contains(&line), "{said}");
    let said = home.run(&["import", "-v", "--min-age", "30"]).exits(0).stderr;
    let line = format!("] archived in spite of --min-age: {}: last archived ", path.display());
    assert!(said.contains(&line), "{said}");
}

#[test]
fn a_young_history_of_which_nothing_was_archived_for_days_is_never_quiet() {
    let home = Home::new();
    let prompt = |number: u32| {
        format!(
            "{{\"display\":\"p{number}\",\"pastedContents\":{{}},\"timestamp\":178000000000{number},\"project\":\"/p\"}}\n"
        )
    };
    let path = home.write(".claude/history.jsonl", prompt(1));
    set_age(&path, Duration::ZERO);
    assert_eq!(doctor(&home).1, [path.to_str().unwrap()]);
    assert!(scheduled(&home).contains("1 file archived in spite of"));
    assert_eq!(doctor(&home), (None, vec![]));
    // That one home's history was archived today does not make that of another one wait.
    let other = home.write("second/history.jsonl", prompt(2));
    set_age(&other, Duration::ZERO);
    let homes = format!("{},{}", home.path(".claude").display(), home.path("second").display());
    let mut command = home.command(&["import", "--min-age", "30"]);
    let run = Run::of(command.env("CLAUDE_CONFIG_DIR", homes).output().unwrap()).exits(0);
    assert!(run.stderr.contains("1 file archived in spite of"), "{run:?}");
}

#[test]
fn records_without_a_time_wait_from_when_their_file_was_made() {
    let home = Home::new();
    let path = home.write("logs/plain.jsonl", "{\"note\":\"of no agent\"}\n");
    set_age(&path, Duration::ZERO);
    if fs::metadata(&path).unwrap().created().is_ok() {
        let run = home.run(&["import", "--from", "logs", "--min-age", "30"]).exits(0);
        assert!(run.stderr.contains("left 1 file alone"), "{run:?}");
    }
    let run = home.run(&["import", "--from", "logs", "--min-age", "30", "--max-wait", "0"]).exits(0);
    assert!(run.stderr.contains("archived 1"), "nothing waits: {run:?}");
}

#[test]
fn a_file_whose_time_is_yet_to_come_does_not_wait_for_ever() {
    let home = Home::new();
    let path = home.claude_session(ID, &[user(ID, 0, "from a machine with another clock")]);
    let future = SystemTime::now() + Duration::from_secs(4000 * HOUR);
    fs::File::options().append(true).open(&path).unwrap().set_modified(future).unwrap();
    assert!(scheduled(&home).contains("in spite of"));
    // As if the clock of that run had been wrong, too.
    archived_earlier(&home, -5000);
    append(&path, &user(ID, 1, "more"));
    fs::File::options().append(true).open(&path).unwrap().set_modified(future).unwrap();
    assert!(scheduled(&home).contains("in spite of"));
    assert_eq!(home.archives(), [NAME]);
}

#[test]
fn a_session_is_taken_with_all_its_parts_and_what_one_teaches_is_masked_in_the_others() {
    let home = Home::new();
    let secret = ["hunt", "er2-", "Gx8qLw93"].concat();
    let main = active_session(&home, &[user(ID, 0, "start")]);
    let parts = format!(".claude/projects/-home-me-my-project/{ID}");
    let part = home.write(
        &format!("{parts}/subagents/agent-0123456789abcdef0.jsonl"),
        record_of(Duration::from_secs(60), &format!("DB_PASSWORD={secret}")),
    );
    set_age(&part, Duration::ZERO);
    let said = scheduled(&home);
    assert!(
        said.contains("2 files archived in spite of"),
        "the part has not waited, its session has: {said}"
    );
    let folder = NAME.replace(".jsonl.gz", ".parts/");
    let archives = home.archives();
    assert!(
        archives.len() == 2 && archives.iter().any(|archive| archive.starts_with(&folder)),
        "{archives:?}"
    );

    // A part that the catalog does not know has waited; the transcript was archived today.
    append(&main, &user(ID, 1, &format!("it is {secret} there")));
    let late = home.write(
        &format!("{parts}/subagents/agent-0123456789abcdef1.jsonl"),
        user(ID, 2, "an agent of long ago"),
    );
    set_age(&late, Duration::ZERO);
    assert!(scheduled(&home).contains("2 files archived in spite of"));
    assert_eq!(home.archives().len(), 3);
    let text = String::from_utf8(home.text(NAME)).unwrap();
    assert!(text.contains("it is ") && !text.contains(&secret), "{text}");
    assert_eq!(home.sidecar(NAME)["parts"].as_array().unwrap().len(), 2);
    let said = scheduled(&home);
    assert!(said.contains("left 3 files alone") && !said.contains("in spite of"), "{said}");
}

#[test]
fn a_session_of_another_name_is_not_taken_along() {
    let home = Home::new();
    active_session(&home, &[user(ID, 0, "long ago")]);
    let other = ID.replace("a1b2c3d4", "b1b2c3d4");
    let path = home.claude_session(&other, &[record_of(Duration::ZERO, "now").replace(ID, &other)]);
    set_age(&path, Duration::ZERO);
    let said = scheduled(&home);
    assert!(said.contains("1 file archived in spite of") && said.contains("left 1 file alone"), "{said}");
    assert_eq!(home.archives(), [NAME]);
}

#[test]
fn a_token_that_is_cut_off_where_the_session_stands_is_masked_and_masked_when_it_is_whole() {
    let home = Home::new();
    let token = github_token(7);
    let line = user(ID, 1, &format!("push with {token}"));
    let cut = line.find(&token).unwrap() + 20;
    let path = active_session(&home, &[user(ID, 0, "start"), line[..cut].to_owned()]);
    assert!(scheduled(&home).contains("in spite of"));
    let text = String::from_utf8(home.text(NAME)).unwrap();
    assert!(text.contains("push with") && !text.contains(&token[..20]), "{text}");
    append(&path, &line[cut..]);
    archived_earlier(&home, 25);
    assert!(scheduled(&home).contains("in spite of"));
    let text = String::from_utf8(home.text(NAME)).unwrap();
    assert!(text.ends_with("}\n") && !text.contains(&token[..20]), "{text}");
    assert_eq!(home.archives(), [NAME], "no second version");
}

#[test]
fn what_a_hook_asked_for_is_done_when_the_session_is_archived_in_spite_of_its_youth() {
    let home = Home::new();
    let path = home.path(&format!("elsewhere/{ID}.jsonl"));
    let payload = serde_json::json!({"session_id": ID, "transcript_path": path}).to_string();
    home.run_with_input(&["hook", "--wait"], payload.as_bytes()).exits(0);
    let pending = || fs::read_dir(home.store().join(".sessionkeep/pending")).unwrap().count();
    assert_eq!(pending(), 1, "its transcript is not there yet");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, record_of(Duration::from_secs(HOUR), "one")).unwrap();
    scheduled(&home);
    assert_eq!((pending(), home.archives().len()), (1, 0), "it began today");
    fs::write(&path, user(ID, 0, "of long ago")).unwrap();
    home.run(&["import", "--min-age", "30", "--dry-run"]).exits(0);
    assert_eq!(pending(), 1, "nothing was written");
    scheduled(&home);
    assert_eq!((pending(), home.archives().len()), (0, 1));
}

#[test]
fn a_lost_catalog_makes_no_session_wait_and_archives_nothing_twice() {
    let home = Home::new();
    let path = active_session(&home, &[user(ID, 0, "start")]);
    scheduled(&home);
    fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
    append(&path, &user(ID, 1, "more"));
    assert!(scheduled(&home).contains("in spite of"));
    assert_eq!(home.archives(), [NAME]);
    append(&path, &user(ID, 2, "and more"));
    assert!(scheduled(&home).contains("left 1 file alone"));
}

#[test]
fn a_lost_catalog_makes_no_session_of_today_wait_less() {
    let home = Home::new();
    let path = active_session(&home, &[record_of(Duration::from_secs(HOUR), "new")]);
    home.run(&["import"]).exits(0);
    fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
    append(&path, &record_of(Duration::ZERO, "more"));
    assert!(scheduled(&home).contains("left 1 file alone"));
}

#[test]
fn without_min_age_nothing_waits_whatever_max_wait_says() {
    let home = Home::new();
    active_session(&home, &[record_of(Duration::ZERO, "new")]);
    let run = home.run(&["import", "--max-wait", "600"]).exits(0);
    assert!(run.stderr.contains("archived 1") && !run.stderr.contains("in spite of"), "{run:?}");
}

/// Returns what `doctor` says of sessions that are never quiet: its point, and the paths of all.
fn doctor(home: &Home) -> (Option<String>, Vec<String>) {
    let output = home.command(&["doctor", "--json"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let point = report["points"].as_array().unwrap().iter().find(|point| point["topic"] == "never-quiet");
    let point = point.map(|point| {
        assert_eq!((&point["is_ok"], output.status.code()), (&false.into(), Some(1)), "{report}");
        format!("{} | {}", point["says"].as_str().unwrap(), point["advice"].as_str().unwrap())
    });
    let waiting = report["never_quiet"].as_array().unwrap();
    for one in waiting {
        assert_eq!(one["agent"], "claude-code");
        let since: jiff::Timestamp = one["waits_since"].as_str().unwrap().parse().unwrap();
        assert!(jiff::Timestamp::now().duration_since(since).as_hours() >= 24, "{one}");
    }
    (point, waiting.iter().map(|one| one["path"].as_str().unwrap().to_owned()).collect())
}

#[test]
fn doctor_names_sessions_that_are_never_quiet_until_they_are_archived() {
    let home = Home::new();
    let path = active_session(&home, &[user(ID, 0, "watch the queue")]);
    let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-0123456789abcdef0.jsonl");
    set_age(&home.write(&part, user(ID, 2, "of the same session")), Duration::ZERO);
    let shown = path.to_string_lossy().into_owned();
    let (point, paths) = doctor(&home);
    let point = point.expect("it was never archived");
    assert!(point.starts_with("1 session ") && point.contains(&shown), "{point}");
    assert!(point.contains(" days)") && point.contains("| sessionkeep import"), "{point}");
    assert_eq!(paths, [shown.as_str()], "once, by its transcript");
    let run = home.run(&["doctor"]).exits(1);
    assert!(run.stdout.contains("to do never-quiet: 1 session") && run.stdout.contains(&shown), "{run:?}");

    scheduled(&home);
    append(&path, &user(ID, 1, "tick"));
    assert_eq!(doctor(&home), (None, vec![]), "its archive is of today");
    archived_earlier(&home, 25);
    let (point, paths) = doctor(&home);
    assert!(point.is_some_and(|point| point.contains("(25h 0")), "its archive has not followed");
    assert_eq!(paths, [shown.as_str()]);
    set_age(&path, Duration::from_secs(2 * HOUR));
    assert_eq!(doctor(&home), (None, vec![]), "a scheduled import takes it, for it is quiet");
}

#[test]
fn doctor_takes_no_session_for_never_quiet_that_is_new_or_was_taken_up_again() {
    let home = Home::new();
    let path = active_session(&home, &[record_of(Duration::from_secs(HOUR), "new")]);
    assert_eq!(doctor(&home), (None, vec![]));
    home.run(&["import"]).exits(0);
    archived_earlier(&home, 200);
    append(&path, &record_of(Duration::from_secs(60), "taken up again"));
    assert_eq!(doctor(&home), (None, vec![]));
}

#[test]
fn doctor_shows_no_secret_that_a_session_is_named_after() {
    let home = Home::new();
    let token = github_token(3);
    let path =
        home.write(&format!(".claude/projects/-home-me-{token}/{ID}.jsonl"), user(ID, 0, "watch the queue"));
    set_age(&path, Duration::ZERO);
    let (point, paths) = doctor(&home);
    let point = point.unwrap();
    assert!(point.contains("MASKED") && !point.contains(&token[4..]), "{point}");
    assert!(paths.len() == 1 && !paths[0].contains(&token[4..]), "{paths:?}");
}
