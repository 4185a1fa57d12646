//! Files that are not archived: masked in memory, shown, and left as they are.

use super::*;
use std::path::Path;

/// Returns what is shown of a file, and asserts that it is said where it comes from.
#[track_caller]
fn read(home: &Home, path: &Path, arguments: &[&str]) -> String {
    let run = home.run(&[&["show", path.to_str().unwrap()], arguments].concat()).exits(0);
    assert!(run.stderr.contains("not archived"), "{}", run.stderr);
    run.stdout
}

#[test]
fn a_file_that_is_not_archived_is_masked_before_it_is_shown() {
    let home = Home::new();
    let token = github_token(7);
    let text = prompt(0, &format!("push with {token}"));
    for (name, bytes) in [
        ("session.jsonl", text.clone().into_bytes()),
        ("session.jsonl.zst", zstd(&text)),
        ("session.jsonl.gz", gzip(&text)),
    ] {
        let path = home.write(name, bytes);
        for form in [&[][..], &["--json"], &["--raw"], &["--markdown"], &["--full"], &["--tail", "1"]] {
            let shown = read(&home, &path, form);
            assert!(shown.contains("push with") && !shown.contains(&token), "{name} {form:?}: {shown}");
            assert!(shown.contains("MASKED"), "{shown}");
        }
    }
    assert!(!home.store().exists(), "nothing is archived");
}

#[test]
fn rules_and_agents_of_the_users_own_hold_for_it() {
    let home = Home::new();
    home.write(".sessionkeep/config.json", "{\"mask_literals\": [\"my-customer\"]}");
    let path = home.write("session.jsonl", prompt(0, "for my-customer only"));
    assert!(!read(&home, &path, &[]).contains("my-customer"));
    home.write(".sessionkeep/config.json", "{\"mask_literals\": 7}");
    let run = home.run(&["show", path.to_str().unwrap()]).exits(2);
    assert_eq!(run.stdout, "");
}

#[test]
fn nothing_is_left_behind() {
    let home = Home::new();
    let path = home.write("session.jsonl", prompt(0, "hello"));
    let temporary = home.path("temporary");
    std::fs::create_dir(&temporary).unwrap();
    for arguments in [&["show", path.to_str().unwrap()][..], &["show", "./empty.jsonl"]] {
        home.write("empty.jsonl", "");
        home.command(arguments).env("TMPDIR", &temporary).output().unwrap();
        assert_eq!(files_below(&temporary), Vec::<std::path::PathBuf>::new());
        assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
    }
}

#[test]
fn what_is_no_transcript_says_why() {
    let home = Home::new();
    home.write("empty.jsonl", "");
    home.write("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    for (name, said) in [("./empty.jsonl", "nothing is said in"), ("./picture.png", "picture.png"), (".", "")]
    {
        let run = home.run(&["show", name]);
        assert_ne!(run.code, 0, "{name}");
        assert_eq!(run.stdout, "", "{name}");
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
}
