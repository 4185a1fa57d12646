//! `sessionkeep export`: where files go, what is written again, and what is never touched.

use crate::home::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The page of the session [`ID`], below an export's directory.
const PAGE: &str = "2026/06/2026-06-05_1430_my-project_a1b2c3d4.html";

/// Exports all sessions into `site` with these arguments more.
fn site(home: &Home, arguments: &[&str]) -> Run {
    home.run(&[&["export", "--html", "--all", "site"], arguments].concat())
}

fn modified(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

/// Returns the names of everything below `directory`, sorted.
fn names(directory: &Path) -> Vec<String> {
    let names = files_below(directory).into_iter();
    names.map(|path| path.strip_prefix(directory).unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn a_site_has_a_page_for_each_session_and_a_list_that_leads_to_it() {
    let home = Home::archived();
    let run = site(&home, &[]).exits(0);
    assert_eq!(run.stdout, "site/index.html\n");
    assert!(run.stderr.starts_with("[sessionkeep] exported 1 session ("), "{}", run.stderr);
    assert_eq!(names(&home.path("site")), [".sessionkeep-export.json", PAGE, "index.html"]);
    let index = fs::read_to_string(home.path("site/index.html")).unwrap();
    assert!(index.contains(&format!("href=\"{PAGE}\"")), "{index}");
    let page = fs::read_to_string(home.path("site").join(PAGE)).unwrap();
    assert!(page.contains("href=\"../../index.html\""));
    for line in [1, 40] {
        assert!(page.contains(&format!("id=\"m{line}\"")), "{line}");
    }
    assert!(page.contains("line 39 of "));
}

#[test]
fn a_subagent_is_folded_into_its_sessions_page() {
    let home = Home::archived();
    site(&home, &[]).exits(0);
    let page = fs::read_to_string(home.path("site").join(PAGE)).unwrap();
    let part = page.split("<details class=\"part\" id=\"p-agent-a1b2c3d\">").nth(1).unwrap();
    assert!(part.contains("by a subagent") && part.contains("id=\"p-agent-a1b2c3d/m1\""), "{part}");
}

#[test]
fn what_did_not_change_is_not_rendered_again() {
    let home = Home::archived();
    let other = id(2);
    home.claude_session(&other, &lines(&other, 3));
    home.run(&["import"]).exits(0);
    site(&home, &[]).exits(0);
    let page = home.path("site").join(PAGE);
    set_age(&page, Duration::from_secs(3600));
    let before = modified(&page);
    let again = |told: &str| {
        let run = site(&home, &[]).exits(0);
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    };
    again("exported 0 sessions, 2 unchanged");
    // Touched, as a copy of the store would be.
    let archive = home.store().join(NAME);
    set_age(&archive, Duration::from_secs(60));
    again("exported 0 sessions, 2 unchanged");
    assert_eq!(modified(&page), before);
    // Grown.
    home.claude_session(ID, &lines(ID, 41));
    home.run(&["import"]).exits(0);
    again(", 1 unchanged");
    assert!(fs::read_to_string(&page).unwrap().contains("line 40 of "));
    // A part that grew.
    let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-a1b2c3d.jsonl");
    home.write(&part, user(ID, 1, "by a subagent") + &user(ID, 2, "and more of it"));
    home.run(&["import"]).exits(0);
    again(", 1 unchanged");
    assert!(fs::read_to_string(&page).unwrap().contains("and more of it"));
    // Gone, or cut short.
    fs::remove_file(&page).unwrap();
    again(", 1 unchanged");
    fs::write(&page, "torn").unwrap();
    again(", 1 unchanged");
    assert!(fs::metadata(&page).unwrap().len() > 1000);
    // What is remembered is lost, or nonsense.
    for nonsense in
        ["", "{", "[]", "{\"version\":1,\"files\":{\"../../x\":{}}}", "{\"version\":99,\"files\":{}}"]
    {
        fs::write(home.path("site/.sessionkeep-export.json"), nonsense).unwrap();
        again("exported 2 sessions");
    }
    // Rendered in another way.
    let run = site(&home, &["--full"]).exits(0);
    assert!(run.stderr.contains("exported 2 sessions"), "{}", run.stderr);
    let run = site(&home, &["--full", "--force"]).exits(0);
    assert!(run.stderr.contains("exported 2 sessions"), "{}", run.stderr);
}

#[test]
fn a_directory_that_holds_something_else_is_left_alone() {
    let home = Home::archived();
    home.write("site/index.html", "mine");
    let run = site(&home, &[]).exits(2);
    assert!(
        run.stderr.contains("there is something else in site") && run.stderr.contains("--force"),
        "{}",
        run.stderr
    );
    assert_eq!(names(&home.path("site")), ["index.html"]);
    site(&home, &["--force"]).exits(0);
    assert!(fs::read_to_string(home.path("site/index.html")).unwrap().len() > 1000);
}

#[test]
fn nothing_is_written_through_a_link() {
    let home = Home::archived();
    site(&home, &[]).exits(0);
    let outside = home.write("outside/file", "outside");
    // In the place of a page, and of the manifest: replaced.
    for name in [PAGE, ".sessionkeep-export.json", "index.html"] {
        let path = home.path("site").join(name);
        fs::remove_file(&path).unwrap();
        symlink(&outside, &path).unwrap();
        site(&home, &[]).exits(0);
        assert!(!fs::symlink_metadata(&path).unwrap().is_symlink(), "{name}");
        assert_eq!(fs::read_to_string(&outside).unwrap(), "outside");
    }
    // In the place of a directory: not followed.
    fs::remove_dir_all(home.path("site/2026")).unwrap();
    symlink(home.path("outside"), home.path("site/2026")).unwrap();
    let run = site(&home, &[]).exits(3);
    assert!(run.stderr.contains("cannot write"), "{}", run.stderr);
    assert_eq!(names(&home.path("outside")), ["file"]);
}

#[test]
fn files_are_whole_private_and_leave_nothing_beside_them() {
    let home = Home::archived();
    site(&home, &[]).exits(0);
    for entry in walkdir::WalkDir::new(home.path("site")).into_iter().flatten() {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if entry.file_type().is_dir() { 0o700 } else { 0o600 }, "{:?}", entry.path());
        assert!(!entry.file_name().to_str().unwrap().starts_with(".tmp-"));
    }
    // An archive that is gone or is none costs its own page, and nothing else.
    let other = id(2);
    home.claude_session(&other, &lines(&other, 3));
    home.run(&["import"]).exits(0);
    let page = home.path("site").join(PAGE);
    let before = fs::read(&page).unwrap();
    fs::remove_file(home.store().join(NAME)).unwrap();
    fs::create_dir(home.store().join(NAME)).unwrap();
    let run = site(&home, &[]).exits(3);
    assert!(
        run.stderr.contains("not a regular file") && run.stderr.contains("1 could not be read"),
        "{}",
        run.stderr
    );
    assert!(fs::read(&page).unwrap() == before);
    assert_eq!(names(&home.path("site")).iter().filter(|name| name.ends_with(".html")).count(), 3);
    assert!(!names(&home.path("site")).iter().any(|name| name.contains(".tmp-")));
}

#[test]
fn one_session_goes_into_a_file_or_to_standard_output() {
    let home = Home::archived();
    let run = home.run(&["export", "--html", "@last"]).exits(0);
    assert_eq!(run.stdout, format!("{}\n", PAGE.rsplit('/').next().unwrap()));
    let page = fs::read_to_string(home.path(run.stdout.trim())).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && !page.contains("index.html"));
    let refused = home.run(&["export", "--html", "@last"]).exits(2);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    home.run(&["export", "--html", "@last", "--force"]).exits(0);
    let to_standard = home.run(&["export", "--html", &ID[..8], "-o", "-"]).exits(0);
    assert_eq!(to_standard.stdout, page);
    home.run(&["export", "--html", &ID[..8], "-o", "other.html"]).exits(0);
    assert_eq!(fs::read_to_string(home.path("other.html")).unwrap(), page);
    home.run(&["export", "--html", &ID[..8], "-o", "pages/"]).exits(0);
    assert_eq!(names(&home.path("pages")), [".sessionkeep-export.json", PAGE]);
}

#[test]
fn what_cannot_be_meant_is_refused_and_says_what_to_write() {
    let home = Home::archived();
    for (arguments, told) in [
        (&["--html"][..], "name one"),
        (&["--html", "--all"], "--all DIR"),
        (&["--html", "--all", "a", "-o", "b"], "two directories"),
        (&["--html", "--project", "my-project"], "-o DIR"),
        (&["--html", "--project", "my-project", "-o", "-"], "standard output"),
        (&["@last"], "--html"),
        (&["--html", "@first"], "@last"),
    ] {
        let run = home.run(&[&["export"], arguments].concat()).exits(2);
        assert!(run.stderr.contains(told), "{arguments:?}: {}", run.stderr);
    }
    let none = home.run(&["export", "--html", "--project", "none", "-o", "x"]).exits(1);
    assert!(none.stderr.contains("no archived sessions found"));
}

/// What would run, load or hide if it were anything but text.
const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)></style></title>]]>\
                       \u{202e}\u{1b}[31m[a](javascript:alert(4))";

/// Returns the page of a session that says [`HOSTILE`] in each field.
fn hostile_page(home: &Home) -> PathBuf {
    let record = |kind: &str, content: serde_json::Value| {
        let line = serde_json::json!({
            "type": kind, "uuid": HOSTILE, "parentUuid": HOSTILE, "sessionId": ID, "cwd": format!("/home/me/{HOSTILE}"),
            "gitBranch": HOSTILE, "version": HOSTILE, "timestamp": "2026-06-05T14:30:00.000Z", "subtype": HOSTILE,
            "message": {"role": kind, "id": HOSTILE, "model": HOSTILE, "content": content},
        });
        format!("{line}\n")
    };
    let title = serde_json::json!({"type": "ai-title", "aiTitle": HOSTILE, "sessionId": ID});
    let call = serde_json::json!([{"type": "tool_use", "id": HOSTILE, "name": HOSTILE, "input": {HOSTILE: HOSTILE}}]);
    let result = serde_json::json!([{"type": "tool_result", "tool_use_id": HOSTILE, "content": HOSTILE, "is_error": true}]);
    let picture = |media: &str, data: &str| serde_json::json!([{"type": "image", "source": {"type": "base64", "media_type": media, "data": data}}]);
    let text = serde_json::json!([{"type": "text", "text": HOSTILE}]);
    let lines = [
        format!("{title}\n"),
        record("user", HOSTILE.into()),
        record("assistant", text),
        record("assistant", call),
        record("user", result),
        record("user", picture("image/svg+xml", "PHN2Zz4=")),
        record("user", picture(HOSTILE, "PHN2Zz4=")),
        record("user", picture("image/png", HOSTILE)),
        record(HOSTILE, HOSTILE.into()),
    ];
    home.claude_session(ID, &lines);
    home.run(&["import"]).exits(0);
    site(home, &["--full"]).exits(0);
    let mut pages = files_below(&home.path("site/2026")).into_iter();
    pages.next().unwrap()
}

#[test]
fn hostile_text_is_text_in_every_field_of_page_and_list() {
    let home = Home::new();
    let page = hostile_page(&home);
    for path in [page, home.path("site/index.html")] {
        let text = fs::read_to_string(&path).unwrap();
        let (head, body) = text.split_once("</style>").unwrap();
        let (body, script) = body.rsplit_once("<script>").unwrap();
        // The program's own charts have no events.
        for tag in [
            "<script",
            "<img",
            "<svg onload",
            "<style",
            "</style",
            "</title>]]",
            "onerror=\"",
            "\u{202e}",
            "\u{1b}",
        ] {
            assert!(!body.contains(tag), "{tag} in {}", path.display());
        }
        assert!(!head.contains("alert(") || head.contains("&lt;script&gt;alert(1)"), "{}", path.display());
        assert!(!script.contains("alert(1)"));
        assert!(body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        for attribute in ["href=\"", "src=\""] {
            for value in body.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                let is_harmless =
                    value.starts_with('#') || value.starts_with("../") || value.starts_with("2026/");
                assert!(is_harmless, "{attribute}{value}");
            }
        }
    }
}

/// Returns the SHA-256 of `text` in base64, by a program that is not ours; `None` where there is none.
fn sha256(text: &str) -> Option<String> {
    use base64::Engine;
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let printed = String::from_utf8(child.wait_with_output().ok()?.stdout).ok()?;
    let digits = printed.split_whitespace().next()?;
    let bytes: Vec<u8> =
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
    Some(base64::prelude::BASE64_STANDARD.encode(bytes))
}

#[cfg(target_os = "linux")]
#[test]
fn the_policy_names_the_one_script_and_style_by_their_hashes_and_allows_nothing_else() {
    let home = Home::archived();
    site(&home, &[]).exits(0);
    for name in [PAGE, "index.html"] {
        let page = fs::read_to_string(home.path("site").join(name)).unwrap();
        let between = |start: &str, end: &str| {
            assert_eq!(page.matches(start).count(), 1, "{start} in {name}");
            page.split(start).nth(1).unwrap().split(end).next().unwrap().to_owned()
        };
        let style = sha256(&between("<style>", "</style>")).unwrap();
        let script = sha256(&between("<script>", "</script>")).unwrap();
        let policy = between("http-equiv=\"Content-Security-Policy\" content=\"", "\"").replace("&#39;", "'");
        assert_eq!(
            policy,
            format!(
                "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; img-src data:; \
                 base-uri 'none'; form-action 'none'"
            )
        );
        // It must stand before what it is about.
        assert!(page.find("Content-Security-Policy") < page.find("<style>"));
        for link in ["http://", "https://", "@import", "url("] {
            assert!(!page.contains(link), "{link} in {name}");
        }
    }
}

#[test]
fn messages_become_tables_by_agent_and_month_and_sessions_rows() {
    let home = Home::archived();
    let run = home.run(&["export", "--ndjson", "--all", "tables"]).exits(0);
    assert_eq!(run.stdout, "tables/sessions.ndjson\n");
    let file = "agent=claude-code/month=2026-06/2026-06-05_1430_my-project_a1b2c3d4.ndjson.gz";
    assert_eq!(
        names(&home.path("tables")),
        [".sessionkeep-export.json", file, "masked.ndjson", "sessions.ndjson"]
    );
    let rows = String::from_utf8(gunzip(&home.path("tables").join(file))).unwrap();
    let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 41);
    assert_eq!(rows[0]["text"], format!("line 0 of {ID}"));
    assert_eq!((&rows[40]["text"], &rows[40]["part"]), (&"by a subagent".into(), &"agent-a1b2c3d".into()));
    let sessions = fs::read_to_string(home.path("tables/sessions.ndjson")).unwrap();
    let row: serde_json::Value = serde_json::from_str(sessions.trim_end()).unwrap();
    assert_eq!((&row["session"], &row["messages"], &row["parts"]), (&ID.into(), &41.into(), &1.into()));
    let again = home.run(&["export", "--ndjson", "--all", "tables"]).exits(0);
    assert!(again.stderr.contains("1 unchanged"), "{}", again.stderr);
    let plain = home.run(&["export", "--ndjson", "@last", "-o", "-"]).exits(0);
    assert_eq!(plain.stdout.lines().count(), 41);
}

#[test]
fn sessions_become_documents_with_their_parts_in_place() {
    let home = Home::archived();
    let run = home.run(&["export", "--markdown", "@last"]).exits(0);
    assert_eq!(run.stdout, format!("{}\n", PAGE.rsplit('/').next().unwrap().replace(".html", ".md")));
    let document = fs::read_to_string(home.path(run.stdout.trim())).unwrap();
    for text in ["line 0 of ", "line 39 of ", "agent-a1b2c3d", "by a subagent"] {
        assert!(document.contains(text), "{text}: {document}");
    }
    let run = home.run(&["export", "--markdown", "--all", "documents"]).exits(0);
    assert_eq!(run.stdout, "documents\n");
    let whole = fs::read_to_string(home.path("documents").join(PAGE.replace(".html", ".md"))).unwrap();
    assert_eq!(whole, document);
    let again = home.run(&["export", "--markdown", "--all", "documents"]).exits(0);
    assert!(again.stderr.contains("1 unchanged"), "{}", again.stderr);
}
