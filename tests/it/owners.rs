//! What belongs to somebody else: neither archived on a payload's word nor trusted with archives.

use crate::checks::*;
use crate::home::*;
use crate::needs::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

/// Calls the hook, which has to be content whatever it is told, for the transcript at `path`.
#[track_caller]
fn hook(home: &Home, path: &Path) -> Run {
    let payload = serde_json::json!({"session_id": id(1), "transcript_path": path}).to_string();
    let run = home.run_with_input(&["hook", "--wait"], payload.as_bytes()).exits(0);
    assert_eq!(run.stdout, "");
    run
}

#[test]
fn a_transcript_of_another_users_is_not_archived_on_a_hooks_word() {
    let home = Home::new();
    if !can_give_files_away() {
        return;
    }
    // Outside of every agent's own directories, so that only the payload leads to it.
    let path = home.write(&format!("elsewhere/{}.jsonl", id(1)), lines(&id(1), 2).concat());
    let part = format!("elsewhere/{}/subagents/agent-0123456789abcdef0.jsonl", id(1));
    let part = home.write(&part, user(&id(1), 1, "from an agent below"));
    chown(&path, Some(OTHER_USER), None).unwrap();
    hook(&home, &path);
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), [""; 0]);
    // Its marker stays, in case that the file is to become the user's.
    chown(&path, Some(0), None).unwrap();
    chown(&part, Some(OTHER_USER), None).unwrap();
    home.run(&["import"]).exits(0);
    check_holds(&home.store(), &[lines(&id(1), 2).concat().into_bytes()]);
}

#[test]
fn what_is_no_transcript_is_not_archived_on_a_hooks_word() {
    let home = Home::new();
    let path = home.write("elsewhere/notes.json", lines(&id(1), 2).concat());
    let link = home.path("elsewhere/link.jsonl");
    symlink(&path, &link).unwrap();
    let directory = home.path("elsewhere/directory.jsonl");
    fs::create_dir(&directory).unwrap();
    for path in [&path, &link, &directory, &home.path("elsewhere/missing.jsonl"), Path::new("/etc/shadow")] {
        hook(&home, path);
    }
    assert_eq!(home.archives(), [""; 0]);
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), [""; 0]);
}

#[test]
fn a_store_of_another_users_is_refused() {
    let home = Home::new();
    if !can_give_files_away() {
        return;
    }
    home.claude_session(&id(1), &lines(&id(1), 2));
    fs::create_dir_all(home.store()).unwrap();
    fs::set_permissions(home.store(), fs::Permissions::from_mode(0o755)).unwrap();
    let all = walkdir::WalkDir::new(home.path("")).into_iter().flatten();
    all.for_each(|entry| chown(entry.path(), Some(OTHER_USER), Some(OTHER_USER)).unwrap());
    chown(home.store(), Some(0), Some(0)).unwrap();
    let run = || home.command_as(OTHER_USER, &["import"]).output().unwrap();
    let output = run();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("belongs to another user"), "{stderr}");
    assert_eq!(fs::read_dir(home.store()).unwrap().count(), 0);
    chown(home.store(), Some(OTHER_USER), None).unwrap();
    assert!(run().status.success());
    assert_eq!(check_store(&home.store()).len(), 1);
}
