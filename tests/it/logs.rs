//! Archives of sources that are told in lines: logs of what was seen, which grow by what is new and lose nothing.

use crate::home::*;
use rusqlite::Connection;
use std::fs;

const SESSION: &str = "ses_one";

/// A database as OpenCode keeps it.
struct Database {
    connection: Connection,
}

impl Database {
    fn in_home(home: &Home) -> Database {
        let path = home.write(".local/share/opencode/opencode.db", "");
        let connection = Connection::open(path).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, title TEXT,
                     time_created INTEGER, time_updated INTEGER);
                 CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER,
                     data TEXT);
                 CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER,
                     time_updated INTEGER, data TEXT);
                 INSERT INTO session VALUES ('ses_one', NULL, '/w/app', 'one', 1780000000000, 1780000000000);
                 INSERT INTO message VALUES ('msg_1', 'ses_one', 1780000000000, 1780000000000, '{\"role\":\"user\"}');",
            )
            .unwrap();
        Database { connection }
    }

    /// Writes a part of a message, new or over what it was, at second `second`.
    fn part(&self, id: &str, second: i64, text: &str) {
        let data = serde_json::json!({"type": "text", "text": text}).to_string();
        let time = 1_780_000_000_000 + second * 1000;
        self.connection
            .execute(
                "INSERT OR REPLACE INTO part VALUES (?1, 'msg_1', 'ses_one', 1780000000000, ?2, ?3)",
                rusqlite::params![id, time, data],
            )
            .unwrap();
    }

    fn forget(&self, id: &str) {
        self.connection.execute("DELETE FROM part WHERE id = ?1", [id]).unwrap();
    }
}

/// The only archive's text, line by line.
fn lines(home: &Home) -> Vec<String> {
    let archives = home.archives();
    assert_eq!(archives.len(), 1, "{archives:?}");
    String::from_utf8(home.text(&archives[0])).unwrap().lines().map(str::to_owned).collect()
}

fn import(home: &Home) -> Run {
    home.run(&["import"]).exits(0)
}

#[test]
fn a_row_that_changed_is_added_and_what_it_was_stays() {
    let home = Home::new();
    let database = Database::in_home(&home);
    database.part("prt_1", 0, "running");
    database.part("prt_2", 0, "second");
    import(&home);
    let before = lines(&home);
    assert_eq!(before.len(), 4);
    assert!(before[0].starts_with(r#"{"table":"session","id":"ses_one""#), "{before:?}");
    database.part("prt_1", 5, "completed");
    let run = import(&home);
    assert!(run.stderr.contains("archived 1"), "{run:?}");
    let after = lines(&home);
    assert_eq!(after[..4], before[..]);
    assert_eq!(after.len(), 5);
    assert!(after[4].starts_with(r#"{"table":"part","id":"prt_1""#) && after[4].contains("completed"));
    assert_eq!(home.sidecar(&home.archives()[0])["line_count"], 5);
    let run = import(&home);
    assert!(run.stderr.contains("archived 0, skipped 1 already-archived"), "{run:?}");
    // Back to what it was: that is news, too.
    database.part("prt_1", 6, "running");
    database.part("prt_1", 0, "running");
    import(&home);
    assert_eq!(lines(&home).len(), 6);
    home.run(&["verify", "--deep"]).exits(0);
}

#[test]
fn what_is_not_there_any_more_is_named_and_kept() {
    let home = Home::new();
    let database = Database::in_home(&home);
    database.part("prt_1", 0, "first");
    database.part("prt_2", 1, "second");
    import(&home);
    database.forget("prt_1");
    database.part("prt_3", 2, "third");
    import(&home);
    let text = lines(&home);
    assert!(text.iter().any(|line| line.contains("first")), "{text:?}");
    let gone: serde_json::Value = serde_json::from_str(text.last().unwrap()).unwrap();
    assert_eq!(gone["sessionkeep"], "gone");
    assert!(gone["ids"][0].as_str().unwrap().contains("prt_1"), "{gone}");
    let count = text.len();
    database.part("prt_4", 3, "fourth");
    import(&home);
    assert_eq!(lines(&home).len(), count + 1, "it is named once");
    database.part("prt_1", 4, "first");
    import(&home);
    assert_eq!(lines(&home).len(), count + 2, "it came back");
    home.run(&["verify", "--deep"]).exits(0);
}

#[test]
fn what_a_session_teaches_later_is_masked_in_what_is_archived_and_makes_nothing_new_of_it() {
    let home = Home::new();
    let database = Database::in_home(&home);
    let secret = github_token(7).replace("ghp_", "zq");
    database.part("prt_1", 0, &format!("it is {secret} and more"));
    database.part("prt_2", 0, "second");
    import(&home);
    assert!(lines(&home).concat().contains(&secret), "no rule knows it");
    database.part("prt_3", 5, &format!("API_TOKEN={secret}"));
    import(&home);
    let text = lines(&home);
    assert!(!text.concat().contains(&secret), "{text:?}");
    assert_eq!(text.len(), 5);
    let run = import(&home);
    assert!(run.stderr.contains("archived 0"), "{run:?}");
}

#[test]
fn new_rules_mask_what_is_archived_and_make_nothing_new_of_it() {
    let home = Home::new();
    let database = Database::in_home(&home);
    database.part("prt_1", 0, "the customer is acme-corp-internal");
    import(&home);
    home.write(
        ".sessionkeep/config.json",
        r#"{"mask_patterns":[{"pattern":"acme-corp-\\w+","replacement":"[C]"}]}"#,
    );
    database.part("prt_2", 5, "second");
    import(&home);
    let text = lines(&home);
    assert_eq!(text.len(), 4, "{text:?}");
    assert!(text.concat().contains("[C]") && !text.concat().contains("acme"), "{text:?}");
}

#[test]
fn many_imports_do_not_make_many_members() {
    let home = Home::new();
    let database = Database::in_home(&home);
    for second in 0..12 {
        database.part(&format!("prt_{second:02}"), second, &"words ".repeat(200));
        import(&home);
    }
    let path = home.store().join(&home.archives()[0]);
    let archive = fs::read(path).unwrap();
    let members = memchr::memmem::find_iter(&archive, b"\x1f\x8b\x08").count();
    assert!(members <= 5, "{members} members");
    assert_eq!(lines(&home).len(), 14);
}

#[test]
fn a_dry_run_tells_what_would_be_added_and_adds_nothing() {
    let home = Home::new();
    let database = Database::in_home(&home);
    database.part("prt_1", 0, "first");
    let run = home.run(&["import", "--dry-run"]).exits(0);
    assert!(run.stderr.contains("would archive 1"), "{run:?}");
    import(&home);
    database.part("prt_2", 1, "second");
    let run = home.run(&["import", "--dry-run"]).exits(0);
    assert!(run.stderr.contains("would archive 1"), "{run:?}");
    assert_eq!(lines(&home).len(), 3);
    import(&home);
    assert_eq!(lines(&home).len(), 4);
    assert!(lines(&home)[3].contains(SESSION));
}

#[test]
fn a_damaged_archive_of_a_session_in_a_database_is_made_again_by_a_repair() {
    let home = Home::new();
    let database = Database::in_home(&home);
    database.part("prt_1", 0, "first");
    import(&home);
    let name = home.archives().remove(0);
    let path = home.store().join(&name);
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 12;
    bytes[last] ^= 0xff;
    fs::write(&path, bytes).unwrap();
    home.run(&["verify"]).exits(4);
    home.run(&["repair"]).exits(0);
    assert_eq!(home.archives(), [name]);
    assert_eq!(lines(&home).len(), 3);
    home.run(&["verify", "--deep"]).exits(0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_is_continued_once_whatever_kills_an_import() {
    use crate::needs::can_trace;
    const KILLS: [(&str, &[u32]); 7] = [
        ("pwrite64", &[1, 2, 4]),
        ("write", &[1, 2]),
        ("linkat", &[1, 2]),
        ("renameat", &[1, 2, 3]),
        ("fsync", &[1, 2]),
        ("flock", &[1, 2, 3]),
        ("openat", &[30, 45, 60]),
    ];
    if !can_trace() {
        return;
    }
    let mut kills = 0;
    for (call, when) in
        KILLS.into_iter().flat_map(|(call, numbers)| numbers.iter().map(move |when| (call, *when)))
    {
        let home = Home::new();
        let database = Database::in_home(&home);
        database.part("prt_1", 0, "first");
        database.part("prt_2", 0, "second");
        import(&home);
        let before = lines(&home);
        database.part("prt_1", 5, "changed");
        database.forget("prt_2");
        kills += u32::from(crate::kills::killed(&home, call, when));
        import(&home);
        let after = lines(&home);
        assert_eq!(after[..before.len()], before[..], "after a kill at {call} {when}");
        assert_eq!(after.len(), before.len() + 2, "after a kill at {call} {when}: {after:?}");
        let again = import(&home);
        assert!(again.stderr.contains("archived 0"), "after a kill at {call} {when}: {again:?}");
    }
    assert!(kills >= 8, "only {kills} kills");
}

#[test]
fn imports_at_once_continue_a_log_once() {
    let home = Home::new();
    let database = Database::in_home(&home);
    database.part("prt_1", 0, "first");
    import(&home);
    for round in 1..4 {
        database.part("prt_1", round, &format!("changed {round}"));
        let imports: Vec<_> = (0..4).map(|_| home.command(&["import", "-q"]).spawn().unwrap()).collect();
        for mut import in imports {
            assert!(import.wait().unwrap().success());
        }
        assert_eq!(lines(&home).len(), 3 + round as usize);
    }
    home.run(&["verify", "--deep"]).exits(0);
}

#[test]
fn a_line_longer_than_a_block_is_added_when_it_changed_and_at_no_other_time() {
    let home = Home::new();
    let database = Database::in_home(&home);
    let long = |last: &str| format!("{} {} {last}", "many words ".repeat(300_000), github_token(9));
    database.part("prt_1", 0, &long("first"));
    database.part("prt_2", 0, "second");
    import(&home);
    assert_eq!(lines(&home).len(), 4);
    database.part("prt_2", 1, "changed");
    import(&home);
    assert_eq!(lines(&home).len(), 5);
    database.part("prt_1", 2, &long("last"));
    import(&home);
    let text = lines(&home);
    assert_eq!(text.len(), 6);
    assert!(text[5].len() > 3 << 20 && text[5].contains(" ghp_***MASKED*** last"));
    home.run(&["verify", "--deep"]).exits(0);
}
