//! No process of ours ever writes an unmasked secret: not to an archive, not to a temporary file, a log, a name, the
//! catalog, a pipe or a terminal; not even when it is killed, or cannot write.

use crate::home::*;
use crate::needs::*;
use std::fs;
use std::path::Path;
use std::process::Stdio;

/// Calls by which bytes or names leave a process.
const OUTWARD: &str = "trace=write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,openat,mkdirat,linkat,renameat,renameat2,symlinkat,execve,pread64,fsync,syncfs";

/// Runs the program under strace and asserts that no call of it or its children holds one of `secrets`.
#[track_caller]
pub fn run_watched(
    home: &Home,
    secrets: &[String],
    extra: &[&str],
    arguments: &[&str],
    input: &[u8],
) -> Option<()> {
    if !can_trace() {
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let strace = [&["-xx", "-s", "99999999", "-o", log.to_str().unwrap(), "-e", OUTWARD], extra].concat();
    let mut command = home.traced(&strace, arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
    let output = child.wait_with_output().unwrap();
    // Reading is traced only so that it can be made to fail; what is opened for reading has its name from elsewhere.
    let is_reading = |line: &str| {
        let opens = line.contains("openat(")
            && !["O_CREAT", "O_RDWR", "O_WRONLY"].iter().any(|flag| line.contains(flag));
        opens || line.contains("pread64")
    };
    let traced = fs::read_to_string(&log).unwrap();
    assert!(traced.len() > 1000, "nothing was traced: {output:?}");
    let calls: String =
        traced.lines().filter(|line| !is_reading(line)).flat_map(|line| [line, "\n"]).collect();
    for (number, secret) in secrets.iter().enumerate() {
        let hex: String = secret.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        if let Some(at) = calls.find(&hex) {
            let call = calls[..at].rfind('\n').map_or(&calls[..at], |start| &calls[start..at]);
            panic!("secret {number} was written: {:.200}", call);
        }
        for bytes in [&output.stdout, &output.stderr] {
            assert!(!contains(bytes, secret.as_bytes()), "secret {number} was printed");
        }
    }
    no_file_holds(&home.path(".sessionkeep"), secrets);
    Some(())
}

/// Asserts that no file below `directory`, compressed ones unpacked, holds a secret.
#[track_caller]
pub fn no_file_holds(directory: &Path, secrets: &[String]) {
    for path in files_below(directory) {
        let bytes = if path.extension().is_some_and(|extension| extension == "gz") {
            gunzip(&path)
        } else {
            fs::read(&path).unwrap()
        };
        for (number, secret) in secrets.iter().enumerate() {
            assert!(!contains(&bytes, secret.as_bytes()), "secret {number} is in {}", path.display());
        }
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    memchr::memmem::find(bytes, wanted).is_some()
}

/// A session with secrets in every place that something is made of: texts, title, directory, branch, parts, a torn end.
fn plant(home: &Home) -> Vec<String> {
    let password = ["correct", "Horse9", "battery", "Xq7"].concat();
    let tokens: Vec<String> = (40..48).map(github_token).collect();
    let record = serde_json::json!({
        "type": "user", "sessionId": id(1), "cwd": format!("/home/me/{}", tokens[0]), "gitBranch": tokens[1],
        "version": tokens[2], "message": {"role": "user", "content": format!("deploy with {}", tokens[3])},
        "timestamp": "2026-06-05T14:30:00.000Z", "uuid": "u",
    });
    let title = serde_json::json!({"type": "summary", "summary": format!("title {}", tokens[4]), "customTitle": tokens[4]});
    let learned = user(&id(1), 1, &format!("DB_PASSWORD={password}\nand later {password} again"));
    let torn = format!("{{\"type\":\"user\",\"text\":\"torn {}", &tokens[5][..30]);
    home.write(
        &format!(".claude/projects/-home-me-my-project/{}.jsonl", id(1)),
        format!("{record}\n{title}\n{learned}not json {}\n{torn}", tokens[6]),
    );
    home.write(
        &format!(".claude/projects/-home-me-my-project/{}/subagents/agent-0123456789abcdef0.jsonl", id(1)),
        user(&id(1), 2, &format!("{} {password}", tokens[7])),
    );
    let large: Vec<String> = (0..4000)
        .map(|line| user(&id(2), line % 600, &format!("{} {}", tokens[3], "x y ".repeat(100))))
        .collect();
    home.claude_session(&id(2), &large);
    let mut secrets = tokens.clone();
    secrets[5].truncate(30);
    secrets.push(password);
    secrets
}

#[test]
fn an_import_its_growth_and_its_repetition_write_no_secret() {
    let home = Home::new();
    let secrets = plant(&home);
    let Some(()) = run_watched(&home, &secrets, &[], &["import", "-v"], b"") else { return };
    assert_eq!(home.archives().len(), 3);
    let path = home.path(&format!(".claude/projects/-home-me-my-project/{}.jsonl", id(2)));
    let more = user(&id(2), 601, &format!("more {}", secrets[0]));
    std::io::Write::write_all(&mut fs::File::options().append(true).open(path).unwrap(), more.as_bytes())
        .unwrap();
    run_watched(&home, &secrets, &[], &["import"], b"");
    for arguments in [&["list", "-v"][..], &["search", "deploy"], &["config", "show"]] {
        run_watched(&home, &secrets, &[], arguments, b"");
    }
}

#[test]
fn a_hook_and_its_worker_write_no_secret() {
    let home = Home::new();
    let mut secrets = plant(&home);
    secrets.push(github_token(60));
    let payload = serde_json::json!({
        "session_id": id(1), "hook_event_name": "SessionEnd", "reason": secrets[9], "prompt": secrets[9],
        "last_assistant_message": format!("the key is {}", secrets[9]), "tool_input": {"command": secrets[9]},
        "transcript_path": home.path(&format!(".claude/projects/-home-me-my-project/{}.jsonl", id(1))),
    });
    // strace waits for the worker, too.
    let Some(()) = run_watched(&home, &secrets, &[], &["hook"], payload.to_string().as_bytes()) else {
        return;
    };
    assert!(!home.archives().is_empty(), "the worker has archived");
    let home = Home::new();
    plant(&home);
    let broken = format!("{{\"session_id\": \"{}\", \"last_assistant_message\": \"{}", id(1), secrets[9]);
    run_watched(&home, &secrets, &[], &["hook"], broken.as_bytes());
}

#[test]
fn runs_that_are_killed_or_cannot_write_leave_no_secret() {
    let home = Home::new();
    let secrets = plant(&home);
    for inject in [
        "inject=pwrite64:error=ENOSPC:when=5+",
        "inject=pwrite64:signal=KILL:when=6",
        "inject=linkat:signal=KILL:when=2",
        "inject=syncfs,fsync:error=EIO:when=2+",
        "inject=openat:error=EMFILE:when=60+",
        "inject=pread64:error=EIO:when=4",
    ] {
        let Some(()) = run_watched(&home, &secrets, &["-e", inject], &["import"], b"") else {
            return;
        };
        let _ = fs::remove_dir_all(home.path(".sessionkeep"));
    }
    let path = home.path(&format!(".claude/projects/-home-me-my-project/{}.jsonl", id(1)));
    run_watched(&home, &secrets, &[], &["archive", path.to_str().unwrap()], b"");
}
