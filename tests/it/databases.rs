//! Agents that keep their sessions in databases: each is imported whole, once, and from a database that nobody writes to.

use crate::checks::settle_sources;
use crate::home::*;
use crate::leaks::run_watched;
use crate::needs::can_trace;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A conversation of Cursor CLI.
const CHAT: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

/// A conversation of Antigravity CLI.
const STEPS: &str = "1a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

/// Makes a database in a home by these statements, and says that it was last written to two hours ago.
pub fn database(home: &Home, path: &str, statements: &str) -> Connection {
    let path = home.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(statements).unwrap();
    set_age(&path, std::time::Duration::from_secs(7200));
    connection
}

/// Makes Goose's database with one session, in which the user said `text`.
pub fn goose(home: &Home, text: &str) -> Connection {
    let content = serde_json::json!([{"type": "text", "text": text}]).to_string();
    database(
        home,
        ".local/share/goose/sessions/sessions.db",
        &format!(
            "CREATE TABLE sessions (id TEXT PRIMARY KEY, description TEXT, working_dir TEXT, created_at TIMESTAMP,
                 updated_at TIMESTAMP);
             CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT, session_id TEXT, role TEXT,
                 content_json TEXT, created_timestamp INTEGER, tokens INTEGER, metadata_json TEXT);
             INSERT INTO sessions VALUES ('20260601_1', 'of goose', '/w/goose', '2026-06-01 10:00:00', '2026-06-01 10:05:00');
             INSERT INTO messages (session_id, role, content_json, created_timestamp)
                 VALUES ('20260601_1', 'user', '{content}', 1780308000);"
        ),
    )
}

/// Makes Crush's database in a project in the home, with a session and one that is part of it.
fn crush(home: &Home, project: &str, text: &str) -> Connection {
    let parts = serde_json::json!([{"type": "text", "data": {"text": text}}]).to_string();
    database(
        home,
        &format!("{project}.crush/crush.db"),
        &format!(
            "CREATE TABLE sessions (id TEXT PRIMARY KEY, parent_session_id TEXT, title TEXT, updated_at INTEGER,
                 created_at INTEGER);
             CREATE TABLE messages (id TEXT PRIMARY KEY, session_id TEXT, role TEXT, parts TEXT, model TEXT,
                 created_at INTEGER, updated_at INTEGER);
             INSERT INTO sessions VALUES ('crush-one', NULL, 'of crush', 1780308009, 1780308000);
             INSERT INTO sessions VALUES ('crush-child', 'crush-one', 'a task', 1780308009, 1780308000);
             INSERT INTO messages VALUES ('m2', 'crush-one', 'assistant', '[]', 'm', 1780308002, 1780308002);
             INSERT INTO messages VALUES ('m1', 'crush-one', 'user', '{parts}', NULL, 1780308001, 1780308001);
             INSERT INTO messages VALUES ('m3', 'crush-child', 'user', '{parts}', NULL, 1780308003, 1780308003);"
        ),
    )
}

fn hermes(home: &Home, text: &str) -> Connection {
    let marked = serde_json::json!([{"type": "text", "text": text}]).to_string();
    let connection = database(
        home,
        ".hermes/state.db",
        "CREATE TABLE sessions (id TEXT PRIMARY KEY, source TEXT, model TEXT, started_at REAL, cwd TEXT, git_branch TEXT,
             title TEXT, archived INTEGER);
         CREATE TABLE messages (id INTEGER PRIMARY KEY, session_id TEXT, role TEXT, content TEXT, active INTEGER);
         INSERT INTO sessions VALUES ('hermes-one', 'cli', 'm', 1780308000.25, '/w/hermes', 'dev', 'of hermes', 0);",
    );
    let insert =
        "INSERT INTO messages (session_id, role, content, active) VALUES ('hermes-one', 'user', ?1, 1)";
    connection.execute(insert, [format!("\0json:{marked}")]).unwrap();
    connection.execute(insert, [format!("\0 no JSON: {text}")]).unwrap();
    connection
}

fn cursor(home: &Home, text: &str) {
    let directory = format!(".cursor/chats/d41d8cd98f00b204e9800998ecf8427e/{CHAT}");
    let meta = serde_json::json!({"agentId": CHAT, "name": "of cursor", "createdAt": 1780308000000_i64, "workspacePath": "/w/cursor"});
    let hex: String = meta.to_string().bytes().map(|byte| format!("{byte:02x}")).collect();
    let connection = database(
        home,
        &format!("{directory}/store.db"),
        &format!(
            "CREATE TABLE blobs (id TEXT PRIMARY KEY, data BLOB); CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
             INSERT INTO meta VALUES ('0', '{hex}');"
        ),
    );
    let message = serde_json::json!({"role": "user", "content": text}).to_string();
    let protobuf = [b"\x0a\x20\xff\x00", text.as_bytes(), b"\x12\x00\xfe"].concat();
    let insert = "INSERT INTO blobs VALUES (?1, ?2)";
    connection.execute(insert, rusqlite::params!["ff", message.as_bytes()]).unwrap();
    connection.execute(insert, rusqlite::params!["aa", protobuf]).unwrap();
    home.write(&format!("{directory}/meta.json"), r#"{"title":"of cursor","createdAtMs":1780308000000}"#);
}

fn cursor_ide(home: &Home, text: &str) -> Connection {
    let composer = serde_json::json!({
        "composerId": "c1", "name": "of the editor", "createdAt": 1780308000000_i64, "lastUpdatedAt": 1780308009000_i64,
        "fullConversationHeadersOnly": [{"bubbleId": "zz", "type": 1}, {"bubbleId": "aa", "type": 2}],
    });
    let connection = database(
        home,
        ".config/Cursor/User/globalStorage/state.vscdb",
        "CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);
         CREATE TABLE cursorDiskKV (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);
         INSERT INTO ItemTable VALUES ('cursorAuth/accessToken', 'never told');",
    );
    let insert = "INSERT INTO cursorDiskKV VALUES (?1, ?2)";
    for (key, value) in [
        ("composerData:c1", composer.to_string()),
        ("bubbleId:c1:zz", serde_json::json!({"type": 1, "text": text}).to_string()),
        ("bubbleId:c1:aa", r#"{"type":2,"text":"the answer"}"#.to_owned()),
        ("bubbleId:c1:00", r#"{"type":2,"text":"named nowhere"}"#.to_owned()),
        ("checkpointId:c1:1", "a checkpoint".to_owned()),
    ] {
        connection.execute(insert, rusqlite::params![key, value.as_bytes()]).unwrap();
    }
    connection
}

/// A thread of Zed's as it is packed into a row.
pub fn thread(texts: &[&str]) -> Vec<u8> {
    let messages: Vec<_> = texts
        .iter()
        .map(|text| serde_json::json!({"User": {"id": "u", "content": [{"Text": text}]}}))
        .collect();
    zstd(&serde_json::json!({"title": "of zed", "model": {"model": "m"}, "messages": messages}).to_string())
}

pub fn zed(home: &Home, text: &str) -> Connection {
    let connection = database(
        home,
        ".local/share/zed/threads/threads.db",
        "CREATE TABLE threads (id TEXT PRIMARY KEY, summary TEXT, updated_at TEXT, data_type TEXT, data BLOB);",
    );
    connection
        .execute(
            "INSERT INTO threads VALUES ('zed-one', 'of zed', '2026-06-01T10:00:00Z', 'zstd', ?1)",
            [thread(&[text])],
        )
        .unwrap();
    connection
}

fn kiro(home: &Home, text: &str) {
    let value = |id: &str| {
        serde_json::json!({"conversation_id": id, "history": [{"user": {"content": {"Prompt": {"prompt": text}}}}]})
            .to_string()
    };
    let connection = database(
        home,
        ".local/share/kiro-cli/data.sqlite3",
        "CREATE TABLE conversations_v2 (key TEXT, conversation_id TEXT, value TEXT, created_at INTEGER, updated_at INTEGER);
         CREATE TABLE conversations (key TEXT PRIMARY KEY, value TEXT);
         CREATE TABLE auth_kv (key TEXT PRIMARY KEY, value TEXT);
         INSERT INTO auth_kv VALUES ('token', 'never told');",
    );
    let insert =
        "INSERT INTO conversations_v2 VALUES ('/w/kiro', 'kiro-two', ?1, 1780308000000, 1780308009000)";
    connection.execute(insert, [value("kiro-two")]).unwrap();
    connection.execute("INSERT INTO conversations VALUES ('/w/old', ?1)", [value("kiro-one")]).unwrap();
}

fn antigravity(home: &Home, text: &str) {
    let connection = database(
        home,
        &format!(".gemini/antigravity-cli/conversations/{STEPS}.db"),
        "CREATE TABLE steps (idx INTEGER PRIMARY KEY, step_payload BLOB);",
    );
    let step = [b"\x0a\x20\xff\x00", text.as_bytes(), b"\x12\x00\xfe"].concat();
    connection.execute("INSERT INTO steps VALUES (0, ?1)", [step]).unwrap();
}

/// Makes a home with a database of each agent, in which `text` is said.
pub fn every_agent(home: &Home, text: &str) {
    goose(home, text);
    crush(home, "", text);
    hermes(home, text);
    cursor(home, text);
    cursor_ide(home, text);
    zed(home, text);
    kiro(home, text);
    antigravity(home, text);
}

/// Makes the catalog believe that what it knows of sources and databases was looked at three seconds later.
fn settle(home: &Home) {
    settle_sources(home);
    let catalog = Connection::open(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    let changed = catalog.execute("UPDATE holders SET observed_at_ns = observed_at_ns + 3000000000", []);
    assert!(changed.unwrap() > 0);
}

/// Returns the text of each archive by its session's id, and its part's.
fn texts(home: &Home) -> BTreeMap<String, String> {
    let of = |archive: String| {
        let session = home.sidecar(&archive)["session_id"].as_str().unwrap().to_owned();
        let part =
            archive.split_once(".parts/").map(|(_, part)| format!("/{}", part.trim_end_matches(".jsonl.gz")));
        (session + &part.unwrap_or_default(), String::from_utf8(home.text(&archive)).unwrap())
    };
    home.archives().into_iter().map(of).collect()
}

/// Runs the program under strace, and returns the calls that name something in the home that is no store.
fn calls(home: &Home, arguments: &[&str]) -> Vec<String> {
    let trace = home.path("trace");
    let names = "trace=open,openat,openat2,creat,unlink,unlinkat,rename,renameat,renameat2,link,linkat,mkdir,mkdirat,\
                 truncate,ftruncate,chmod,fchmod,fchmodat,utimensat,symlinkat";
    let strace = ["-y", "-s", "4096", "-e", names, "-o", trace.to_str().unwrap()];
    let output = home.traced(&strace, arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let traced = fs::read_to_string(&trace).unwrap();
    fs::remove_file(&trace).unwrap();
    let in_home = home.path("").to_str().unwrap().to_owned();
    let lines = traced.lines().filter(|call| call.contains(&in_home) && !call.contains(".sessionkeep"));
    lines.map(str::to_owned).collect()
}

fn names_a_database(call: &str) -> bool {
    [".db", ".vscdb", ".sqlite3", "-wal", "-shm", "-journal", "etilqs"].iter().any(|name| call.contains(name))
}

#[test]
fn every_agent_is_imported_whole_and_nothing_of_what_is_no_session() {
    let home = Home::new();
    let secret = github_token(11);
    every_agent(&home, &format!("deploy with {secret}"));
    home.run(&["import"]).exits(0);
    let texts = texts(&home);
    let counts: Vec<(&str, usize)> = texts.iter().map(|(id, text)| (&**id, text.lines().count())).collect();
    let meta = format!("{CHAT}/meta");
    assert_eq!(
        counts,
        [
            (CHAT, 3),
            (&*meta, 1),
            (STEPS, 1),
            ("20260601_1", 2),
            ("c1", 5),
            ("crush-one", 3),
            ("crush-one/crush-child", 2),
            ("hermes-one", 3),
            ("kiro-one", 2),
            ("kiro-two", 2),
            ("zed-one", 2),
        ]
    );
    for (id, text) in &texts {
        text.lines()
            .for_each(|line| assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}"));
        assert!(!text.contains(&secret) && !text.contains("never told"), "{id}: {text}");
        assert!(*id == meta || text.contains("deploy with"), "{id}: {text}");
    }
    let order: Vec<&str> =
        texts["crush-one"].lines().map(|line| &line[..line.find(",\"session").unwrap_or(30)]).collect();
    assert!(order[1].contains("m1") && order[2].contains("m2"), "{order:?}");
    let order: Vec<usize> =
        ["zz", "aa", "00"].map(|id| texts["c1"].find(&format!("bubbleId:c1:{id}\"")).unwrap()).to_vec();
    assert!(order.is_sorted(), "{}", texts["c1"]);
    let told: BTreeMap<String, (String, String)> = home
        .archives()
        .iter()
        .filter(|archive| !archive.contains(".parts/"))
        .map(|archive| home.sidecar(archive))
        .map(|sidecar| {
            let text = |member: &str| sidecar[member].as_str().unwrap_or("").to_owned();
            (text("session_id"), (text("agent"), format!("{} in {}", text("title"), text("cwd"))))
        })
        .collect();
    let in_home = format!("of crush in {}", fs::canonicalize(home.path("")).unwrap().display());
    for (session, agent, what) in [
        ("20260601_1", "goose", "of goose in /w/goose"),
        ("crush-one", "crush", &in_home),
        ("hermes-one", "hermes", "of hermes in /w/hermes"),
        ("c1", "cursor-ide", "of the editor in "),
        ("zed-one", "zed", "of zed in "),
        (CHAT, "cursor", "of cursor in /w/cursor"),
    ] {
        assert_eq!(told[session], (agent.to_owned(), what.to_owned()));
    }
    assert!(told["kiro-two"].1.ends_with("in /w/kiro"), "{told:?}");
}

#[test]
fn databases_are_never_written_to_and_those_that_did_not_change_are_not_opened() {
    if !can_trace() {
        return;
    }
    let home = Home::new();
    every_agent(&home, "nothing secret");
    let before = files_below(&home.path(""));
    let opened = calls(&home, &["import"]);
    assert!(opened.iter().filter(|call| names_a_database(call)).count() >= 7, "{opened:?}");
    for call in &opened {
        let is_writing = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|way| call.contains(way));
        let is_other = ["open(", "openat(", "openat2("].iter().all(|open| !call.contains(open));
        assert!(!is_writing && !is_other, "{call}");
    }
    settle(&home);
    home.run(&["import"]).exits(0);
    let opened = calls(&home, &["import"]);
    let of_databases: Vec<&String> = opened.iter().filter(|call| names_a_database(call)).collect();
    assert!(of_databases.is_empty(), "{of_databases:?}");
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("archived 0"), "{run:?}");
    let is_agents = |path: &std::path::PathBuf| !path.to_string_lossy().contains(".sessionkeep");
    assert_eq!(files_below(&home.path("")).into_iter().filter(is_agents).collect::<Vec<_>>(), before);
}

#[test]
fn no_secret_in_a_database_is_written_anywhere_in_clear() {
    let home = Home::new();
    let secrets = [github_token(12), github_token(13)];
    every_agent(&home, &format!("deploy with {}", secrets[0]));
    let Some(()) = run_watched(&home, &secrets, &[], &["import", "-v"], b"") else { return };
    assert!(home.archives().len() > 8, "{:?}", home.archives());
    let connection = Connection::open(home.path(".crush/crush.db")).unwrap();
    let parts = format!(r#"[{{"type":"text","data":{{"text":"and {}"}}}}]"#, secrets[1]);
    connection.execute("UPDATE messages SET parts = ?1, updated_at = 1780308020", [parts]).unwrap();
    run_watched(&home, &secrets, &[], &["import", "-v"], b"");
    assert_eq!(texts(&home)["crush-one"].lines().count(), 5);
}

#[test]
fn of_many_sessions_in_one_database_only_the_one_that_changed_is_read() {
    let home = Home::new();
    let connection = goose(&home, "the first");
    connection
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
             INSERT INTO sessions SELECT '20260601_' || i, 'number ' || i, '/w', '2026-06-01 10:00:00',
                 '2026-06-01 10:05:00' FROM n;
             INSERT INTO messages (session_id, role, content_json, created_timestamp)
                 SELECT id, 'user', '[{\"type\":\"text\",\"text\":\"hi\"}]', 1780308000 FROM sessions WHERE id != '20260601_1';",
        )
        .unwrap();
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 300);
    let change = "INSERT INTO messages (session_id, role, content_json, created_timestamp)
                      VALUES ('20260601_7', 'user', '[{\"type\":\"text\",\"text\":\"more\"}]', 1780308100)";
    connection.execute(change, []).unwrap();
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("archived 1,"), "{run:?}");
    assert_eq!(texts(&home)["20260601_7"].lines().count(), 3);
    // Each session that is read opens the database once, and the list of them does once more.
    if can_trace() {
        connection.execute(change, []).unwrap();
        let opened = calls(&home, &["import"]);
        let times =
            opened.iter().filter(|call| call.contains("sessions.db") && !call.contains("-wal")).count();
        assert!(times <= 8, "{times}");
    }
}

#[test]
fn of_a_thread_that_is_written_anew_only_what_is_new_is_told_again() {
    let home = Home::new();
    let connection = zed(&home, "first");
    home.run(&["import"]).exits(0);
    let before = texts(&home)["zed-one"].clone();
    let update = "UPDATE threads SET updated_at = '2026-06-01T11:00:00Z', data = ?1";
    connection.execute(update, [thread(&["first", "second"])]).unwrap();
    home.run(&["import"]).exits(0);
    let after = texts(&home)["zed-one"].clone();
    assert!(after.starts_with(&before), "{after}");
    let new: Vec<&str> = after[before.len()..].lines().collect();
    assert_eq!(new.len(), 2, "the row and what was said: {new:?}");
    assert!(new[0].starts_with("{\"table\":\"threads\",\"id\":\"zed-one\",") && !new[0].contains("first"));
    assert!(new[1].starts_with("{\"table\":\"threads\",\"id\":\"zed-one/messages/1\",\"data\":"), "{new:?}");
}

#[test]
fn a_project_that_another_agent_worked_in_is_looked_into() {
    let home = Home::new();
    let project = fs::canonicalize(home.path("")).unwrap().join("work/app");
    crush(&home, "work/app/", "by crush");
    home.write(
        "work/app/.aider.chat.history.md",
        "# aider chat started at 2026-06-02 10:00:00\n\n#### by hand\n",
    );
    let record = user(ID, 0, "by claude").replace("/home/me/my-project", project.to_str().unwrap());
    home.claude_session(ID, &[record]);
    home.run(&["import"]).exits(0);
    assert!(texts(&home).contains_key(ID));
    home.run(&["import"]).exits(0);
    let texts = texts(&home);
    assert!(texts["crush-one"].contains("by crush"), "{texts:?}");
    let listed = home.listed(&[]);
    let crush = listed.iter().find(|session| session["session_id"] == "crush-one").unwrap();
    assert_eq!(crush["cwd"], project.to_str().unwrap());
    assert_eq!(crush["project_slug"], "app");
    let aider = listed.iter().find(|session| session["agent"] == "aider").unwrap();
    assert_eq!(aider["cwd"], project.to_str().unwrap());
}

#[test]
fn a_link_in_a_project_and_a_directory_that_the_user_named_lead_into_no_project() {
    let home = Home::new();
    let project = fs::canonicalize(home.path("")).unwrap().join("work/app");
    crush(&home, "elsewhere/", "by crush");
    fs::create_dir_all(&project).unwrap();
    std::os::unix::fs::symlink(home.path("elsewhere/.crush"), project.join(".crush")).unwrap();
    let record = user(ID, 0, "by claude").replace("/home/me/my-project", project.to_str().unwrap());
    home.claude_session(ID, &[record]);
    home.run(&["import"]).exits(0);
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 1, "{:?}", home.archives());
    home.run(&["import", "--from", ".claude"]).exits(0);
    assert_eq!(home.archives().len(), 1, "{:?}", home.archives());
    home.run(&["import", "--from", "elsewhere"]).exits(0);
    assert_eq!(home.archives().len(), 3, "{:?}", home.archives());
    assert!(Path::new(&project).exists());
}
