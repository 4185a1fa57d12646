//! Transcripts as they should not be: what is archived of them, what is said, and how the run ends.

use crate::checks::*;
use crate::home::*;
use crate::needs::*;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const PROJECT: &str = ".claude/projects/-home-me-my-project";

/// Archives one session with this content and returns the archive's text.
fn archived(content: &[u8]) -> Vec<u8> {
    let home = Home::new();
    home.write(&format!("{PROJECT}/{}.jsonl", id(1)), content);
    home.run(&["import"]).exits(0);
    let mut texts = check_store(&home.store());
    assert_eq!(texts.len(), 1);
    texts.remove(0).1
}

#[test]
fn bytes_of_every_sort_are_kept_as_they_are() {
    let first = lines(&id(1), 1).concat();
    let cases: [(&str, Vec<u8>); 8] = [
        ("CRLF", first.replace('\n', "\r\n").into_bytes()),
        ("NUL bytes", [first.as_bytes(), &[0; 4096], b"\n", first.as_bytes()].concat()),
        ("invalid UTF-8", [first.as_bytes(), b"{\"text\":\"\xff\xfe\xc3(\"}\n"].concat()),
        ("lone surrogates", format!("{first}{{\"text\":\"\\ud800 \\udfff\"}}\n").into_bytes()),
        ("invalid JSON", format!("{first}{{\"text\": oops,,\n]]]]\n").into_bytes()),
        ("no newline at the end", format!("{first}{{\"text\":\"whole\"}}").into_bytes()),
        ("empty lines", format!("\n\n{first}\n\n\n").into_bytes()),
        ("a byte order mark", [b"\xef\xbb\xbf".as_slice(), first.as_bytes()].concat()),
    ];
    for (name, content) in cases {
        assert!(archived(&content) == content, "{name}");
    }
}

#[test]
fn deep_nesting_is_neither_followed_nor_changed() {
    for depth in [1_000, 100_000] {
        let deep = format!("{}{}\n", "[".repeat(depth), "]".repeat(depth));
        let objects = format!("{}1{}\n", "{\"a\":".repeat(depth), "}".repeat(depth));
        let content = format!("{}{deep}{objects}", lines(&id(1), 1).concat());
        assert!(archived(content.as_bytes()) == content.as_bytes(), "{depth}");
        let first = archived(objects.as_bytes());
        assert!(first == objects.as_bytes(), "as the first record, {depth}");
    }
}

#[test]
fn a_line_of_40_megabytes_is_archived_in_little_memory_and_masked() {
    let home = Home::new();
    let token = github_token(7);
    let filler = "lorem ipsum dolor ".repeat((20 << 20) / 18);
    let line = user(&id(1), 0, &format!("{filler} {token} {filler}"));
    home.claude_session(&id(1), std::slice::from_ref(&line));
    let mut command = Command::new("sh");
    // 500 MB of address space: the sources, the working set and thread stacks, but not several copies of the line.
    command.args([
        "-c",
        "ulimit -v 500000; exec \"$0\" import --threads 2",
        env!("CARGO_BIN_EXE_sessionkeep"),
    ]);
    let output = command.env_clear().env("HOME", home.path("")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = &check_store(&home.store())[0].1;
    let wanted = line.replace(&token, "ghp_***MASKED***");
    assert!(text == wanted.as_bytes(), "{} bytes instead of {}", text.len(), wanted.len());
}

#[test]
fn what_is_no_regular_file_is_named_and_the_rest_archived() {
    let home = Home::new();
    home.claude_session(&id(1), &lines(&id(1), 2));
    let project = home.path(PROJECT);
    assert!(Command::new("mkfifo").arg(project.join("fifo.jsonl")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(project.join("socket.jsonl")).unwrap();
    fs::create_dir(project.join("directory.jsonl")).unwrap();
    symlink("/dev/zero", project.join("device.jsonl")).unwrap();
    symlink("nowhere", project.join("dangling.jsonl")).unwrap();
    symlink("loop.jsonl", project.join("loop.jsonl")).unwrap();
    let run = home.run(&["import"]);
    assert!(run.code == 3 || run.code == 0, "{run:?}");
    assert_eq!(check_store(&home.store()).len(), 1);
    for path in ["fifo", "socket", "directory", "device"] {
        let path = project.join(format!("{path}.jsonl"));
        let run = home.run(&["archive", path.to_str().unwrap()]).exits(3);
        assert!(run.stderr.contains("not a regular file"), "{run:?}");
    }
    let run = home.run(&["archive", "missing.jsonl"]).exits(3);
    assert!(run.stderr.contains("sessionkeep: cannot read missing.jsonl: No such file"), "{run:?}");
}

#[test]
fn a_link_in_a_project_that_leads_out_of_the_agents_directory_is_not_followed() {
    let home = Home::new();
    let outside = home.write("private/notes.jsonl", "{\"secret diary\":1}\n");
    fs::create_dir_all(home.path(PROJECT)).unwrap();
    symlink(&outside, home.path(PROJECT).join("planted.jsonl")).unwrap();
    symlink(home.path("private"), home.path(PROJECT).join("planted")).unwrap();
    let run = home.run(&["import"]).exits(3);
    assert_eq!(run.stderr.matches(": skipped ").count(), 2, "{}", run.stderr);
    assert_eq!(home.archives(), [""; 0]);
}

#[test]
fn an_unreadable_file_is_named_and_the_rest_archived() {
    let home = Home::new();
    home.claude_session(&id(1), &lines(&id(1), 2));
    let locked = home.claude_session(&id(2), &lines(&id(2), 2));
    let mut command = home.command_of_no_root(&["import"]);
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains(&format!("cannot read {}: Permission denied", locked.display())), "{stderr}");
    assert_eq!(check_store(&home.store()).len(), 1);
}

#[test]
fn an_empty_file_is_nothing_to_archive() {
    let home = Home::new();
    home.write(&format!("{PROJECT}/{}.jsonl", id(1)), "");
    let run = home.run(&["import"]).exits(0);
    assert_eq!((home.archives().len(), run.stdout.as_str()), (0, ""));
}

#[test]
fn half_a_secret_at_a_torn_end_leaks_neither_at_first_nor_when_it_is_completed() {
    let home = Home::new();
    let token = github_token(3);
    let last = user(&id(1), 1, &format!("key {token} end"));
    let whole = format!("{}{last}", user(&id(1), 0, "start"));
    let at = whole.find(&token).unwrap();
    // Each place within the token at which a write can stop, and some around it.
    for cut in (at - 2..at + token.len() + 2).step_by(3) {
        let path = home.write(&format!("{PROJECT}/{}.jsonl", id(1)), &whole[..cut]);
        home.run(&["import"]).exits(0);
        let text = String::from_utf8(check_store(&home.store())[0].1.clone()).unwrap();
        for length in 12..=token.len() {
            assert!(!text.contains(&token[..length]), "{length} bytes of the token after a cut at {cut}");
        }
        fs::write(&path, &whole).unwrap();
        home.run(&["import"]).exits(0);
        let texts = check_store(&home.store());
        assert_eq!(texts.len(), 1, "completion is growth, after a cut at {cut}");
        let text = String::from_utf8(texts[0].1.clone()).unwrap();
        assert_eq!(text, whole.replace(&token, "ghp_***MASKED***"), "after a cut at {cut}");
        fs::remove_dir_all(home.path(".sessionkeep")).unwrap();
    }
}

#[test]
fn names_that_are_not_text_are_archived_and_shown_escaped() {
    let home = Home::new();
    let directory = home.path(".claude/projects/-home-me");
    fs::create_dir_all(&directory).unwrap();
    let mut names: Vec<PathBuf> = Vec::new();
    for (number, name) in
        [b"\xff\xfe.jsonl".as_slice(), b"a\x1b[31mb.jsonl", "x\u{202e}y.jsonl".as_bytes()].iter().enumerate()
    {
        let path = directory.join(std::ffi::OsStr::from_bytes(name));
        fs::write(&path, lines(&id(number as u32 + 10), 2).concat()).unwrap();
        set_age(&path, Duration::from_secs(7200));
        names.push(path);
    }
    let run = home.run(&["import"]).exits(0);
    assert_eq!(check_store(&home.store()).len(), names.len());
    assert!(live_characters(&(run.stdout + &run.stderr)).is_empty());
    for path in &names {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    }
    // The same names in error messages.
    let mut command = home.command(&["archive"]);
    let output = command.args(&names).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(live_characters(&stderr).is_empty(), "{stderr:?}");
}

#[test]
fn text_of_a_transcript_never_reaches_a_terminal_alive() {
    let home = Home::new();
    let evil = "\u{1b}]52;c;aGk=\u{7}\u{1b}[2J\u{9b}31m \u{202e}live\u{2066} \r\u{8}\u{7f}";
    for number in 1..=3 {
        let session = match number {
            1 => evil.to_owned(),
            _ => id(number),
        };
        let record = serde_json::json!({
            "type": "user", "cwd": format!("/home/{evil}/{evil}"), "sessionId": session, "gitBranch": evil,
            "version": evil, "message": {"role": "user", "content": format!("needle {evil}")}, "slug": evil,
            "timestamp": format!("2026-06-05T14:30:0{number}.000Z"), "uuid": evil,
        });
        let title =
            serde_json::json!({"type": "summary", "summary": evil, "title": evil, "customTitle": evil});
        home.write(&format!("{PROJECT}/{}.jsonl", id(number)), format!("{record}\n{title}\n"));
    }
    for arguments in [&["import", "-v"][..], &["list"], &["list", "-v"], &["search", "-l", "needle"]] {
        let run = home.run(arguments).exits(0);
        assert_eq!(live_characters(&(run.stdout + &run.stderr)), [], "{arguments:?}");
    }
    // A pipe gets text as it is stored, but for control characters.
    let piped = home.run(&["search", "needle"]).exits(0).stdout;
    assert!(piped.contains("needle") && !piped.contains(|c: char| c.is_control() && c != '\n'), "{piped:?}");
    if has_program("script") {
        let mut command = Command::new("script");
        command.args([
            "-qec",
            &format!("{} search needle --color never", env!("CARGO_BIN_EXE_sessionkeep")),
            "/dev/null",
        ]);
        let output = command.env("HOME", home.path("")).stdin(std::process::Stdio::null()).output().unwrap();
        let shown = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n");
        assert!(shown.contains("needle"), "{shown:?}");
        assert_eq!(live_characters(&shown), [], "{shown:?}");
    }
    assert_eq!(check_store(&home.store()).len(), 3);
    for path in files_below(&home.store()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_graphic()), "{name:?}");
    }
}

#[test]
fn a_hostile_session_id_makes_a_harmless_name() {
    for session in [
        "../../../x",
        "/etc/passwd",
        &"a".repeat(10_000),
        "a\u{0}b",
        "..",
        ".",
        "",
        "CON",
        "a/../b",
        "é\u{301}",
    ] {
        let home = Home::new();
        let record = user(session, 0, "hello");
        home.write("logs/any.jsonl", &record);
        home.write("logs/rollout.jsonl", record.replace("sessionId", "session_id"));
        home.run(&["import", "--from", "logs"]).exits(0);
        let payload =
            serde_json::json!({"session_id": session, "transcript_path": home.path("logs/any.jsonl")});
        assert_eq!(home.run_with_input(&["hook", "--wait"], payload.to_string().as_bytes()).code, 0);
        let texts = check_store(&home.store());
        assert!(!texts.is_empty() && texts.len() <= 2, "{session:.20?}: {:?}", home.archives());
        let everything = walkdir::WalkDir::new(home.path("")).into_iter().flatten();
        for entry in everything.filter(|entry| entry.file_type().is_file()) {
            let relative = entry.path().strip_prefix(home.path("")).unwrap();
            assert!(
                relative.starts_with("logs") || relative.starts_with(".sessionkeep"),
                "{}",
                relative.display()
            );
        }
    }
}
