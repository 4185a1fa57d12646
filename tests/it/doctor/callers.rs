//! Hooks that call no more, and schedules that run no more.

use super::*;

/// Says that a file in the store's private directory is of so long ago.
fn age_stamp(home: &Home, name: &str, age: Duration) {
    set_age(&home.store().join(".sessionkeep").join(name), age);
}

/// Returns a home in which the hook has archived one session, so long ago.
fn hooked(age: Duration) -> Home {
    let home = Home::new();
    home.write(".claude/settings.json", HOOKS);
    let path = home.claude_session(ID, &[user(ID, 0, "hello")]);
    set_age(&path, age);
    let payload = format!(r#"{{"session_id": "{ID}", "transcript_path": "{}"}}"#, path.display());
    home.run_with_input(&["hook", "--wait"], payload.as_bytes()).exits(0);
    age_stamp(&home, "hook-fired-claude-code", age);
    home
}

fn has_stopped(report: &serde_json::Value) -> bool {
    report["points"].as_array().unwrap().iter().any(|point| point["topic"] == "claude-code-hook-stopped")
}

#[test]
fn a_hook_that_called_once_and_not_for_the_sessions_since_is_named() {
    let home = hooked(DAY * 3);
    assert!(!has_stopped(&doctor(&home, "", 0)), "nothing happened since");
    let ids = ids(2);
    home.claude_session(&ids[0], &[user(&ids[0], 0, "one")]);
    home.run(&["import"]).exits(0);
    assert!(!has_stopped(&doctor(&home, "", 0)), "one client may have been killed");
    home.claude_session(&ids[1], &[user(&ids[1], 0, "two")]);
    home.run(&["import"]).exits(0);
    let report = doctor(&home, "", 1);
    let (is_ok, text) = point(&report, "claude-code-hook-stopped");
    assert!(!is_ok && text.contains("and not for 2 sessions since | sessionkeep setup"), "{text}");
    let run = Run::of(home.command(&["doctor", "-q"]).env("PATH", home.path("bin")).output().unwrap());
    assert_eq!(run.stdout, "sessionkeep: 1 to do: claude-code-hook-stopped (sessionkeep doctor)\n");
    let path = home.path(&format!(".claude/projects/-home-me-my-project/{}.jsonl", ids[1]));
    let payload = format!(r#"{{"session_id": "{}", "transcript_path": "{}"}}"#, ids[1], path.display());
    home.run_with_input(&["hook", "--wait"], payload.as_bytes()).exits(0);
    assert!(!has_stopped(&doctor(&home, "", 0)), "it calls again");
}

#[test]
fn a_hook_at_the_end_alone_is_waited_for_as_long_as_a_session_may_stay_open() {
    let home = hooked(DAY * 3);
    let ids = ids(3);
    ids.iter().for_each(|id| drop(home.claude_session(id, &[user(id, 0, "hello")])));
    home.run(&["import"]).exits(0);
    home.write(".claude/settings.json", HOOKS.replace("SessionStart", "Other"));
    assert!(!has_stopped(&doctor(&home, "", 0)), "they may be open");
    for id in &ids {
        let path = home.path(&format!(".claude/projects/-home-me-my-project/{id}.jsonl"));
        set_age(&path, DAY * 2);
    }
    home.run(&["import"]).exits(0);
    assert!(has_stopped(&doctor(&home, "", 1)));
}

#[test]
fn hooks_that_were_switched_off_are_a_note_and_nothing_more_where_a_schedule_runs() {
    let home = hooked(DAY * 3);
    ids(3).iter().for_each(|id| drop(home.claude_session(id, &[user(id, 0, "hello")])));
    home.run(&["import"]).exits(0);
    home.write(
        ".claude/settings.json",
        HOOKS.replace("\"hooks\": {", "\"disableAllHooks\": true, \"hooks\": {"),
    );
    let report = doctor(&home, "*/15 * * * * sessionkeep import -q", 0);
    let all = report["points"].as_array().unwrap();
    let of_hooks: Vec<_> =
        all.iter().filter(|point| point["says"].as_str().unwrap().contains("switched off")).collect();
    assert_eq!(of_hooks.len(), 1, "{report}");
    assert!(of_hooks[0]["note"].as_str().unwrap().contains("disableAllHooks"));
    let (is_ok, text) = point(&doctor(&home, "", 1), "schedule");
    assert!(!is_ok && text.contains("no hook archives Claude Code | sessionkeep setup"), "{text}");
}

#[test]
fn an_import_that_leaves_active_sessions_alone_is_a_schedules_run() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, "hello")]);
    home.write(".claude/settings.json", HOOKS);
    let stamp = home.store().join(".sessionkeep/import-scheduled");
    home.run(&["import"]).exits(0);
    home.run(&["import", "--min-age", "30", "--dry-run"]).exits(0);
    assert!(!stamp.exists(), "these are the user's own");
    home.run(&["import", "--min-age", "30", "-q"]).exits(0);
    let text = fs::read_to_string(&stamp).unwrap();
    assert_eq!(fs::metadata(&stamp).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(text.split(' ').next().unwrap().parse::<u64>().is_ok(), "{text}");
    let (is_ok, says) = point(&doctor(&home, "5 * * * * sessionkeep import -q", 0), "schedule");
    assert!(is_ok && says.starts_with("sessionkeep import is run by crontab, last 20"), "{says}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_schedule_that_has_not_run_for_a_day_is_to_do_and_one_that_is_new_or_slept_is_not() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, "hello")]);
    home.write(".claude/settings.json", HOOKS);
    home.run(&["import", "--min-age", "30"]).exits(0);
    let table = "5 * * * * sessionkeep import -q";
    // What the machine was awake for since is in the stamp.
    let start = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let awake = u64::try_from(rustix::time::clock_gettime(rustix::time::ClockId::Monotonic).tv_sec).unwrap();
    let stamp = home.store().join(".sessionkeep/import-scheduled");
    let write = |awake_then: u64| {
        let then = (now - DAY * 3).as_secs();
        fs::write(&stamp, format!("{then} {} {awake_then}", start.trim())).unwrap();
        set_age(&stamp, DAY * 3);
    };
    write(awake.saturating_sub(3600));
    assert!(point(&doctor(&home, table, 0), "schedule").0, "it slept most of the time");
    if awake < 7200 {
        return crate::needs::skip("this machine has not run for two hours");
    }
    write(awake - 7200);
    let (is_ok, text) = point(&doctor(&home, table, 1), "schedule");
    assert!(
        !is_ok && text.contains("should be run by crontab, and was last run by a schedule: 20"),
        "{text}"
    );
}

#[test]
fn a_schedule_of_a_program_that_is_gone_is_to_do() {
    let home = Home::new();
    let (is_ok, text) = point(&doctor(&home, "5 * * * * /gone/sessionkeep import -q", 1), "schedule");
    assert!(!is_ok, "{text}");
    assert_eq!(text, "crontab runs /gone/sessionkeep, which is not there | sessionkeep setup");
}
