//! Projects with names in any script: archived, found by every command, and old archives that keep their names.

use crate::home::*;
use std::process::Command;

fn transcript(id: &str, cwd: &str, lines: u32) -> String {
    let cwd = serde_json::to_string(cwd).unwrap();
    user(id, 0, "hello").replace("\"/home/me/my-project\"", &cwd).repeat(lines as usize)
}

fn write(home: &Home, number: u32, cwd: &str, lines: u32) {
    let path = format!(".claude/projects/-home-me-project/{}.jsonl", id(number));
    home.write(&path, transcript(&id(number), cwd, lines));
}

const NAMES: [(&str, &str); 7] = [
    ("/srv/проект", "проект"),
    ("/srv/日本", "日本"),
    ("/srv/हिन्दी", "हिन्दी"),
    ("/srv/โปรเจ็กต์ที่", "โปรเจ็กต์ที่"),
    ("/srv/e\u{301}te\u{301}", "été"),
    ("C:\\work\\CON", "_CON"),
    ("/srv/name...", "name"),
];

#[test]
fn projects_of_any_script_are_archived_under_their_names_and_found_by_every_command() {
    let home = Home::new();
    for (number, (cwd, _)) in NAMES.iter().enumerate() {
        write(&home, number as u32, cwd, 2);
    }
    home.run(&["import"]).exits(0);
    let archives = home.archives();
    for (number, (cwd, slug)) in NAMES.iter().enumerate() {
        let short = &id(number as u32)[..8];
        let name = format!("2026/06/2026-06-05_1430_{slug}_{short}.jsonl.gz");
        assert!(archives.contains(&name), "{name}: {archives:?}");
        let last = cwd.rsplit(['/', '\\']).next().unwrap();
        for written in [slug, last] {
            let listed = home.listed(&["--project", written]);
            assert_eq!(listed.len(), 1, "{written}");
            assert_eq!(listed[0]["project_slug"], *slug);
        }
        let table = home.run(&["list", "--project", slug]).exits(0).stdout;
        assert!(table.contains(&format!("  {slug}  ")) && table.trim_end().ends_with(&name), "{table}");
        let found = home.run(&["search", "-l", "hello", "--project", slug]).exits(0).stdout;
        assert!(found.trim_end().ends_with(&name), "{found}");
    }
    home.run(&["verify"]).exits(0);
    // All of it again from the archives alone.
    let before = home.run(&["list"]).stdout;
    for path in files_below(&home.store()) {
        if path.to_str().unwrap().ends_with(".meta.json") || path.ends_with("catalog.sqlite") {
            std::fs::remove_file(path).unwrap();
        }
    }
    home.run(&["repair"]).exits(0);
    home.run(&["verify"]).exits(0);
    assert_eq!(home.run(&["list"]).stdout, before);
    let again = home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), archives, "{}", again.stderr);
}

#[test]
fn the_longest_names_are_archived_with_their_parts() {
    let home = Home::new();
    for (number, letter) in ["x", "ж", "日", "𐐀", "กี่"].iter().enumerate() {
        write(&home, number as u32, &format!("/srv/{}", letter.repeat(300)), 1);
        let part =
            format!(".claude/projects/-p/{}/subagents/agent-{}.jsonl", id(number as u32), "a".repeat(100));
        home.write(&part, user(&id(number as u32), 1, "by a subagent"));
    }
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 10);
    for archive in home.archives() {
        assert!(archive.rsplit('/').next().unwrap().len() < 200, "{archive}");
    }
    home.run(&["verify"]).exits(0);
}

#[test]
fn a_session_archived_as_unknown_keeps_growing_there() {
    for forgets in [false, true] {
        let home = Home::new();
        write(&home, 1, "/srv/проект", 2);
        home.run(&["import", "--project", "unknown"]).exits(0);
        let archives = home.archives();
        assert!(archives[0].contains("_unknown_"), "{archives:?}");
        let found = home.listed(&["--project", "проект"]);
        assert_eq!((found.len(), &found[0]["project_slug"]), (1, &"unknown".into()), "by its directory");
        if forgets {
            std::fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
        }
        write(&home, 1, "/srv/проект", 5);
        home.run(&["import"]).exits(0);
        assert_eq!(home.archives(), archives);
        assert_eq!(home.text(&archives[0]), transcript(&id(1), "/srv/проект", 5).into_bytes());
        home.run(&["verify"]).exits(0);
        assert_eq!(home.listed(&["--project", "проект"]).len(), 1);
    }
}

#[test]
fn python_reads_an_archive_whose_name_is_not_ascii() {
    let home = Home::new();
    write(&home, 1, "/srv/日本", 3);
    home.run(&["import"]).exits(0);
    let reader = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/read_archive.py");
    let archive = home.store().join(&home.archives()[0]);
    let Ok(output) = Command::new("python3").arg(reader).arg(&archive).output() else { return };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("日本"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
