//! Archives that lie about where they come from, and directories that lead elsewhere: nothing is written outside.

use super::*;
use std::os::unix::fs::symlink;

/// Returns a home whose one archive names this source and id. The length of both stays, as the header counts it.
fn lying(source: &str, session: &str) -> Home {
    let home = Home::new();
    let long = format!("{}x.jsonl", "d/".repeat(60));
    let original = home.write(&long, lines(ID, 2).concat());
    home.run(&["archive", original.to_str().unwrap()]).exits(0);
    fs::remove_dir_all(home.path("d")).unwrap();
    let archive = home.store().join(&home.archives()[0]);
    let mut bytes = fs::read(&archive).unwrap();
    let mut replace = |old: &str, new: &str| {
        assert_eq!(old.len(), new.len(), "{new}");
        let at = bytes.windows(old.len()).position(|window| window == old.as_bytes()).unwrap();
        bytes[at..at + old.len()].copy_from_slice(new.as_bytes());
    };
    let old = original.to_str().unwrap();
    let filler = old.len() - source.len();
    replace(old, &source.replace('@', &"/".repeat(filler + 1)));
    replace(ID, session);
    fs::write(archive, bytes).unwrap();
    home
}

#[test]
fn paths_in_archives_lead_nowhere_else() {
    for source in [
        "@home/me/.claude/projects/../../../../etc/x.jsonl",
        "@h/.claude/projects/-p/../../settings.jsonl",
        "@h/.claude/projects/-p/memory/../../../x.jsonl",
        "@etc/passwd.jsonl",
        "@h/.claude/projects/",
        "@h/.claude/projects/-p/a\\..\\b.jsonl",
    ] {
        let home = lying(source, ID);
        let path = home.store().join(&home.archives()[0]);
        let run = home.run(&["restore", path.to_str().unwrap()]);
        for file in files_of(&home) {
            let is_its = file == format!(".claude/projects/-home-me-my-project/{ID}.jsonl")
                || file.ends_with(".ndjson");
            assert!(is_its, "{source}: {file} {run:?}");
        }
        assert!(!Path::new("/etc/x.jsonl").exists());
    }
}

#[test]
fn ids_in_archives_lead_nowhere_else() {
    for session in [format!("../../../{}", "x".repeat(27)), format!("/etc/{}", "x".repeat(31)), format!("{}\u{1b}]0;x", "x".repeat(31))] {
        let home = lying("@backup/x.jsonl", &session);
        let path = home.store().join(&home.archives()[0]);
        let run = home.run(&["restore", path.to_str().unwrap()]);
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{run:?}");
        assert!(files_of(&home).iter().all(|file| file.ends_with(".ndjson")), "{session}: {:?}", files_of(&home));
    }
}

#[test]
fn nothing_is_written_through_a_link_below_the_agents_home() {
    let (home, files) = archived();
    let outside = tempfile::tempdir().unwrap();
    for link in [".claude/projects", ".claude/projects/-home-me-my-project", &format!(".claude/projects/-home-me-my-project/{ID}")] {
        forget(&home);
        fs::create_dir_all(home.path(link).parent().unwrap()).unwrap();
        symlink(outside.path(), home.path(link)).unwrap();
        let run = home.run(&["restore", ID]).exits(2);
        assert!(run.stderr.contains("through a link"), "{link}: {run:?}");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0, "{link}");
    }
    // A link in the place of a file is a file in the way, wherever it leads.
    forget(&home);
    fs::create_dir_all(home.path(&files[0]).parent().unwrap()).unwrap();
    symlink(outside.path().join("new"), home.path(&files[0])).unwrap();
    home.run(&["restore", ID]).exits(2);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    // The home itself may be a link, as users have it.
    forget(&home);
    symlink(outside.path(), home.path(".claude")).unwrap();
    home.run(&["restore", ID]).exits(0);
    assert_eq!(files_below(outside.path()).len(), 3);
}
