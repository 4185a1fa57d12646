//! Archives that lie about where they come from, and directories that lead elsewhere: nothing is written outside.

use super::*;
use sessionkeep::testing::archive::{Archive, Header, header_codec};
use std::os::unix::fs::symlink;

/// Returns a home whose one archive, of a session of two lines, has its header changed, and the archive's path.
fn lying(change: impl FnOnce(&mut Header)) -> (Home, std::path::PathBuf) {
    let home = Home::new();
    let original = home.write(&format!("backup/{ID}.jsonl"), lines(ID, 2).concat());
    home.run(&["archive", original.to_str().unwrap()]).exits(0);
    fs::remove_dir_all(home.path("backup")).unwrap();
    let path = home.store().join(&home.archives()[0]);
    let archive = Archive::open(&path).unwrap();
    let blocks = archive.block_range(0..archive.blocks().len()).unwrap();
    let bytes = fs::read(&path).unwrap();
    let mut header = archive.header().unwrap().clone();
    change(&mut header);
    let blocks = &bytes[blocks.start as usize..blocks.end as usize];
    fs::write(&path, [&header_codec::encode(&header).unwrap(), blocks].concat()).unwrap();
    (home, path)
}

#[test]
fn paths_in_archives_lead_nowhere_else() {
    for source in [
        "/home/me/.claude/projects/../../../../etc/x.jsonl",
        "/h/.claude/projects/-p/../../settings.jsonl",
        "/h/.claude/projects/-p/memory/../../../x.jsonl",
        "/h/.claude/projects/-p/memory/MEMORY.md",
        "/h/.claude/projects/-p/SID/resume-head.jsonl",
        "/h/.claude/projects/-p/",
        "/h/.claude/projects/-p/SID/subagents/agent-a1b2c3d.jsonl",
        "/h/.claude/projects/-p/a\\..\\b.jsonl",
        "/h/.claude/projects/-p/a\u{1b}]0;x\u{7}/SID.jsonl",
        "/etc/passwd",
    ] {
        let (home, path) = lying(|header| header.source = source.replace("SID", ID));
        let run = home.run(&["restore", path.to_str().unwrap()]).exits(0);
        let own = format!(".claude/projects/-home-me-my-project/{ID}.jsonl");
        assert_eq!(files_of(&home), [own], "{source}: {run:?}");
        assert!(!Path::new("/etc/x.jsonl").exists());
        assert!(!run.stderr.contains('\u{1b}') && !run.stdout.contains('\u{1b}'), "{run:?}");
    }
    // A path that is believed, as the agent finds the session by it.
    let (home, path) = lying(|header| header.source = format!("/h/.claude/projects/-p/{ID}.jsonl"));
    home.run(&["restore", path.to_str().unwrap()]).exits(0);
    assert_eq!(files_of(&home), [format!(".claude/projects/-p/{ID}.jsonl")]);
}

#[test]
fn ids_and_directories_in_archives_lead_nowhere_else() {
    for session in ["../../../x", "/etc/x", "a/b", "..", "a\u{1b}]0;x\u{7}b", "a b'; touch x; '"] {
        let (home, path) = lying(|header| header.identity.session_id = session.to_owned());
        let run = home.run(&["restore", path.to_str().unwrap()]).exits(4);
        assert_eq!(files_of(&home), Vec::<String>::new(), "{session}: {run:?}");
    }
    for cwd in ["/w/'; touch x; '", "$(touch x)", "/a\u{1b}]0;x\u{7}b", "-rf", "/w/***MASKED***"] {
        let (home, path) = lying(|header| header.cwd = cwd.to_owned());
        let run = home.run(&["restore", path.to_str().unwrap()]).exits(0);
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{run:?}");
        // What is printed is pasted.
        let shell = home.command_of("sh".as_ref()).arg("-c").arg(&run.stdout).output().unwrap();
        assert!(!shell.status.success() && !home.path("x").exists(), "{cwd}: {run:?}");
    }
}

#[test]
fn nothing_is_written_through_a_link_below_the_agents_home() {
    let (home, files) = archived();
    let outside = tempfile::tempdir().unwrap();
    for link in [
        ".claude/projects",
        ".claude/projects/-home-me-my-project",
        &format!(".claude/projects/-home-me-my-project/{ID}"),
    ] {
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
