//! What agents wrote stays as it is: no command writes to a source, its times or its name, puts anything beside it, or
//! opens it for writing.

use crate::home::*;
use crate::needs::can_trace;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

const ID: &str = "a1b2c3d4-0000-4000-8000-000000000001";

/// Returns bytes and stat of everything below a directory. The change time moves with whatever is done to a file, and
/// nobody can set it back; the time of the last access is left out, as reading is allowed.
fn state(directory: &Path) -> BTreeMap<PathBuf, (Vec<u8>, [i64; 6])> {
    let entries = walkdir::WalkDir::new(directory).into_iter().map(|entry| entry.unwrap());
    let of = |path: PathBuf| {
        let stat = fs::symlink_metadata(&path).unwrap();
        let numbers = [
            stat.ino() as i64,
            i64::from(stat.mode()),
            stat.nlink() as i64,
            stat.mtime_nsec() + stat.mtime() * 1_000_000_000,
            stat.ctime_nsec() + stat.ctime() * 1_000_000_000,
            stat.size() as i64,
        ];
        (path.clone(), (if stat.is_file() { fs::read(&path).unwrap() } else { Vec::new() }, numbers))
    };
    entries.map(|entry| of(entry.into_path())).collect()
}

#[test]
fn no_command_changes_a_source_or_what_lies_beside_it() {
    let home = Home::new();
    let said = [user(ID, 0, &format!("push with {}", github_token(1))), user(ID, 1, "and more")];
    let main = home.claude_session(ID, &said);
    home.write(
        &format!(".claude/projects/-home-me-my-project/{ID}/tool-results/toolu_1.txt"),
        "a tool's result\n",
    );
    home.write(
        ".claude/history.jsonl",
        "{\"display\":\"hi\",\"timestamp\":1780000000000,\"project\":\"/w\",\"sessionId\":\"s\"}\n",
    );
    let packed = zstd::encode_all(user(ID, 2, "packed").as_bytes(), 3).unwrap();
    home.write(".codex/sessions/2026/06/05/rollout-2026-06-05T15-00-00-b1b2c3d4-0000-4000-8000-000000000002.jsonl.zst", packed);
    // One that may be read and not be written to, and one with half a line.
    let read_only =
        home.write(".claude/projects/-w/c1b2c3d4-0000-4000-8000-000000000003.jsonl", user("c", 3, "kept"));
    fs::set_permissions(&read_only, fs::Permissions::from_mode(0o400)).unwrap();
    home.write(
        ".claude/projects/-w/d1b2c3d4-0000-4000-8000-000000000004.jsonl",
        user("d", 4, "torn") + "{\"half",
    );
    let before = (state(&home.path(".claude")), state(&home.path(".codex")));
    let main = main.to_str().unwrap();
    let payload = format!("{{\"session_id\": \"{ID}\", \"transcript_path\": \"{main}\"}}");
    for (arguments, input) in [
        (&["import", "--dry-run"][..], ""),
        (&["hook", "--wait"], &payload),
        (&["import"], ""),
        (&["import"], ""),
        (&["archive", main], ""),
        (&["import", "--from", ".claude/projects", "--out", "other"], ""),
        (&["audit", "--all"], ""),
        (&["doctor"], ""),
        (&["mask", main], ""),
        (&["rules", "test", main], ""),
        (&["verify", "--deep"], ""),
        (&["repair"], ""),
    ] {
        let run = home.run_with_input(arguments, input.as_bytes());
        let after = (state(&home.path(".claude")), state(&home.path(".codex")));
        assert!(after == before, "{arguments:?}: {run:?}");
    }
    assert_eq!(home.archives().len(), 6, "{:?}", home.archives());
}

#[test]
fn an_import_opens_no_source_for_writing() {
    if !can_trace() {
        return;
    }
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, "small")]);
    let long: Vec<String> = (0..4000).map(|line| user(ID, line % 60, &"word ".repeat(80))).collect();
    home.write(
        ".codex/sessions/2026/06/05/rollout-2026-06-05T15-00-00-b1b2c3d4-0000-4000-8000-000000000002.jsonl",
        long.concat(),
    );
    let trace = home.path("trace");
    let strace = ["-y", "-e", "trace=open,openat,openat2,creat", "-o", trace.to_str().unwrap()];
    for arguments in [&["import"][..], &["import", "--from", ".codex", "--out", "other"]] {
        let output = home.traced(&strace, arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let calls = fs::read_to_string(&trace).unwrap();
        let of_sources: Vec<&str> = calls
            .lines()
            .filter(|call| {
                call.contains(".jsonl") && !call.contains("sessionkeep") && !call.contains("/other")
            })
            .collect();
        assert!(!of_sources.is_empty(), "{calls}");
        for call in of_sources {
            let is_writing =
                ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "creat("].iter().any(|way| call.contains(way));
            assert!(!is_writing, "{call}");
        }
    }
}
