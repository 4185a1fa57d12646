//! Databases as they should not be, or as somebody uses them: what is archived of them, what is said, and how the run ends.

use crate::databases::{database, goose};
use crate::home::*;
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const GOOSE: &str = ".local/share/goose/sessions/sessions.db";

const SESSION: &str = "INSERT INTO session VALUES";

/// Makes OpenCode's database with these statements behind the tables.
fn opencode(home: &Home, name: &str, statements: &str) -> Connection {
    database(
        home,
        &format!(".local/share/opencode/{name}"),
        &format!(
            "CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, title TEXT, time_updated INTEGER);
             CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
             {statements}"
        ),
    )
}

/// Returns the text of the only archive whose agent this is.
fn text_of(home: &Home, agent: &str) -> String {
    let is_its = |archive: &String| home.sidecar(archive)["agent"] == agent;
    let archives: Vec<String> = home.archives().into_iter().filter(is_its).collect();
    assert_eq!(archives.len(), 1, "{agent}: {archives:?}");
    String::from_utf8(home.text(&archives[0])).unwrap()
}

/// Asserts that of this file one line says why it cannot be read, that the run says so by its exit code, and that
/// another agent's session is archived all the same.
fn is_told(home: &Home, path: &Path, words: &str) {
    goose(home, "the rest goes on");
    let run = home.run(&["import"]).exits(3);
    let name = path.file_name().unwrap().to_str().unwrap();
    let about: Vec<&str> = run.stderr.lines().filter(|line| line.contains(name)).collect();
    assert_eq!(about.len(), 1, "{run:?}");
    assert!(about[0].contains(words), "{about:?}");
    assert!(text_of(home, "goose").contains("the rest goes on"));
    assert_eq!(home.archives().len(), 1);
}

#[test]
fn what_is_no_database_is_named_and_the_rest_is_archived() {
    let home = Home::new();
    let noise: Vec<u8> =
        (0..9000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let path = home.write(".local/share/opencode/opencode.db", noise);
    is_told(&home, &path, "no SQLite database, or an encrypted one");
}

#[test]
fn a_database_that_is_cut_off_is_named_and_the_rest_is_archived() {
    let home = Home::new();
    let rows: String = (0..400)
        .map(|number| {
            format!("{SESSION} ('ses_{number}', NULL, '/w', '{}', 1780308000000);", "x".repeat(300))
        })
        .collect();
    drop(opencode(&home, "opencode.db", &rows));
    let path = home.path(".local/share/opencode/opencode.db");
    let whole = fs::read(&path).unwrap();
    home.write(".local/share/opencode/opencode.db", &whole[..whole.len() / 2]);
    is_told(&home, &path, "damaged");
}

#[test]
fn a_database_that_somebody_locks_is_named_and_archived_by_the_next_import() {
    let home = Home::new();
    let connection =
        opencode(&home, "opencode.db", &format!("{SESSION} ('ses_1', NULL, '/w', 'one', 1780308000000);"));
    connection
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE session SET title = 'two';")
        .unwrap();
    is_told(&home, &home.path(".local/share/opencode/opencode.db"), "locked");
    connection.execute_batch("COMMIT").unwrap();
    drop(connection);
    home.run(&["import"]).exits(0);
    assert!(text_of(&home, "opencode").contains("two"));
}

#[test]
fn empty_files_and_directories_with_a_databases_name_hold_nothing_and_are_no_error() {
    let home = Home::new();
    home.write(".local/share/opencode/opencode.db", "");
    fs::create_dir_all(home.path(".local/share/opencode/opencode-dev.db")).unwrap();
    fs::create_dir_all(home.path(".hermes/state.db")).unwrap();
    goose(&home, "the rest goes on");
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 1);
}

#[test]
fn a_schema_that_nobody_knows_is_told_table_by_table_but_not_that_of_an_editor() {
    let home = Home::new();
    let secret = github_token(3);
    database(
        &home,
        ".local/share/opencode/opencode-next.db",
        &format!(
            "CREATE TABLE talk (id TEXT, said TEXT); INSERT INTO talk VALUES ('a', 'with {secret}'), ('b', 'more');"
        ),
    );
    database(
        &home,
        ".config/Code/User/globalStorage/state.vscdb",
        "CREATE TABLE ItemTable (key TEXT, value BLOB); INSERT INTO ItemTable VALUES ('a', 'never told');",
    );
    let run = home.run(&["import"]).exits(3);
    assert!(run.stderr.contains("opencode-next.db: its tables are none that are known"), "{run:?}");
    assert_eq!(home.archives().len(), 1);
    let text = text_of(&home, "opencode");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(
        text.contains("\"table\":\"talk\"") && text.contains("more") && !text.contains(&secret),
        "{text}"
    );
}

#[test]
fn a_database_that_lacks_tables_is_told_as_far_as_it_goes() {
    let home = Home::new();
    opencode(
        &home,
        "opencode.db",
        &format!(
            "{SESSION} ('ses_1', NULL, '/w', 'one', 1780308000000); DROP TABLE message; CREATE TABLE session_v2 (id TEXT);"
        ),
    );
    let run = home.run(&["import"]).exits(3);
    assert!(run.stderr.contains("it has no table \"message\""), "{run:?}");
    assert!(text_of(&home, "opencode").contains("ses_1"));
}

#[test]
fn what_a_writer_committed_is_read_from_its_log_and_what_it_did_not_is_not() {
    let home = Home::new();
    let connection = goose(&home, "in the file");
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;").unwrap();
    let say = |text: &str| {
        let content = serde_json::json!([{"type": "text", "text": text}]).to_string();
        let insert = "INSERT INTO messages (session_id, role, content_json, created_timestamp)
                          VALUES ('20260601_1', 'user', ?1, 1780308100)";
        connection.execute(insert, [content]).unwrap();
    };
    say("in the log");
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    say("not yet");
    assert!(home.path(&format!("{GOOSE}-wal")).metadata().unwrap().len() > 0);
    home.run(&["import"]).exits(0);
    let text = text_of(&home, "goose");
    assert!(
        text.contains("in the file") && text.contains("in the log") && !text.contains("not yet"),
        "{text}"
    );
    connection.execute_batch("COMMIT").unwrap();
    home.run(&["import"]).exits(0);
    assert!(text_of(&home, "goose").contains("not yet"));
    assert!(home.path(&format!("{GOOSE}-wal")).metadata().unwrap().len() > 0, "nobody wrote it back");
}

#[test]
fn a_log_without_its_index_in_a_directory_that_may_not_be_written_to_is_read() {
    let home = Home::new();
    let connection = goose(&home, "in the file");
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;").unwrap();
    connection.execute("UPDATE sessions SET description = 'in the log'", []).unwrap();
    // As a crash or a backup leaves it.
    let (file, log) =
        (fs::read(home.path(GOOSE)).unwrap(), fs::read(home.path(&format!("{GOOSE}-wal"))).unwrap());
    drop(connection);
    let directory = home.path(".local/share/goose/sessions");
    fs::remove_dir_all(&directory).unwrap();
    home.write(GOOSE, &file);
    home.write(&format!("{GOOSE}-wal"), &log);
    let before = files_below(&directory);
    fs::create_dir_all(home.path(".sessionkeep")).unwrap();
    let mut command = home.command_of_no_root(&["import"]);
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o555)).unwrap();
    let run = Run::of(command.output().unwrap()).exits(0);
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(text_of(&home, "goose").contains("in the log"), "{run:?}");
    assert_eq!(files_below(&directory), before);
    assert_eq!(fs::read(home.path(&format!("{GOOSE}-wal"))).unwrap(), log);
}

#[test]
fn a_database_whose_columns_have_names_that_are_no_text_is_damaged() {
    let home = Home::new();
    drop(opencode(&home, "opencode.db", "ALTER TABLE session ADD COLUMN odd_name TEXT;"));
    let path = home.path(".local/share/opencode/opencode.db");
    let mut bytes = fs::read(&path).unwrap();
    let at = memchr::memmem::find(&bytes, b"odd_name").unwrap();
    bytes[at + 3] = 0xff;
    home.write(".local/share/opencode/opencode.db", &bytes);
    is_told(&home, &path, "damaged");
}
