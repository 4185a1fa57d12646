//! What one command finds in a store, all find: search, list, verify, repair and the catalog go by one rule of what is an
//! archive, whatever else lies there.

use crate::home::*;
use sessionkeep::testing::archive::Compressor;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

const ID: &str = "a1b2c3d4-0000-4000-8000-000000000001";
const STEM: &str = "2026/06/2026-06-05_1430_my-project_a1b2c3d4";

/// A gzip file as another program makes it.
fn packed(text: &str) -> Vec<u8> {
    let mut member = Vec::new();
    Compressor::new(6).unwrap().member(text.as_bytes(), &mut member);
    member
}

/// An archive of ours, and all that can lie beside it. Returns the home and the paths of all archives.
fn odd_store() -> (Home, BTreeSet<String>) {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 1, "needle")]);
    home.run(&["import"]).exits(0);
    let ours = fs::read(home.store().join(format!("{STEM}.jsonl.gz"))).unwrap();
    let sidecar = fs::read(home.store().join(format!("{STEM}.meta.json"))).unwrap();
    let deep = format!("{}deep", "d/".repeat(12));
    let put = |path: &str, bytes: &[u8]| {
        let path = home.store().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let others = packed("{\"text\":\"needle\"}\n");
    let archives = [
        (format!("{STEM}.jsonl.gz"), &ours),
        // Without a sidecar.
        (format!("{STEM}.v2.jsonl.gz"), &ours),
        (format!("{deep}.jsonl.gz"), &ours),
        ("at-the-top.jsonl.gz".to_owned(), &ours),
        ("2026/07.jsonl.gz/in-a-directory-called-so.jsonl.gz".to_owned(), &ours),
        (format!("{STEM}.parts/agent-1.jsonl.gz"), &ours),
        // Results of tools, packed by another program.
        (format!("{STEM}.parts/result.txt.gz"), &others),
        (format!("{STEM}.parts/deeper/result.gz"), &others),
        ("2026/06/of-nobody.parts/agent-2.jsonl.gz".to_owned(), &ours),
    ];
    for (path, bytes) in &archives {
        put(path, bytes);
    }
    for strange in [
        "2026/06/.hidden.jsonl.gz",
        "2026/06/.tmp-1-0.jsonl.gz",
        ".hidden/x.jsonl.gz",
        ".sessionkeep/x.jsonl.gz",
        "2026/06/UPPER.JSONL.GZ",
        "2026/06/no-lines.gz",
        "2026/06/x.jsonl.gz.damaged-1780000000",
        "2026/06/x.jsonl.gz~",
        ".jsonl.gz",
    ] {
        put(strange, &ours);
    }
    put(&format!("{STEM}.parts/notes.txt"), b"needle");
    put("2026/06/alone.meta.json", &sidecar);
    put("2026/06/x.meta.json.damaged-1780000000", &sidecar);
    // A link leads to what is an archive where it lies.
    let outside = home.path("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("x.jsonl.gz"), &ours).unwrap();
    symlink(&outside, home.store().join("2026/05")).unwrap();
    symlink(outside.join("x.jsonl.gz"), home.store().join("2026/06/link.jsonl.gz")).unwrap();
    assert!(
        std::process::Command::new("mkfifo")
            .arg(home.store().join("2026/06/fifo.jsonl.gz"))
            .status()
            .unwrap()
            .success()
    );
    let archives = archives.into_iter().map(|(path, _)| path).collect();
    (home, archives)
}

fn relative(home: &Home, path: &str) -> String {
    Path::new(path).strip_prefix(home.store()).unwrap().to_str().unwrap().to_owned()
}

fn json(home: &Home, arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&home.run(arguments).stdout).unwrap()
}

#[test]
fn all_commands_find_the_same_archives() {
    let (home, archives) = odd_store();
    let searched = |how: &str| -> BTreeSet<String> {
        let found = home.run(&["search", "-l", "needle", how]).exits(0).stdout;
        found.lines().map(|line| relative(&home, line)).collect()
    };
    assert_eq!(searched("--raw"), archives, "search --raw");
    // What is copied is found once: ours are all the same, and each of the others is another's.
    let found = searched("--events");
    assert!(found.is_subset(&archives) && found.len() == 3, "{found:?}");

    let is_part = |path: &&String| path.contains(".parts/");
    let sessions: BTreeSet<String> = json(&home, &["list", "--json"])
        .as_array()
        .unwrap()
        .iter()
        .map(|session| relative(&home, session["_archive_path"].as_str().unwrap()))
        .collect();
    let mut expected: BTreeSet<String> = archives.iter().filter(|path| !is_part(path)).cloned().collect();
    // A sidecar stands for its session, and parts do for one without a transcript.
    expected.extend(["2026/06/alone.jsonl.gz".to_owned(), "2026/06/of-nobody.parts".to_owned()]);
    assert_eq!(sessions, expected, "list");

    let report = json(&home, &["verify", "--json"]);
    assert_eq!(report["archives"], archives.len(), "verify");
    let found = |kind: &str| -> BTreeSet<String> {
        let findings = report["findings"].as_array().unwrap().iter();
        let of_kind = findings.filter(|finding| finding["kind"] == kind);
        of_kind.map(|finding| relative(&home, finding["path"].as_str().unwrap())).collect()
    };
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(found("link"), named(&["2026/05", "2026/06/link.jsonl.gz"]));
    assert_eq!(
        found("set-aside"),
        named(&["2026/06/x.jsonl.gz.damaged-1780000000", "2026/06/x.meta.json.damaged-1780000000"])
    );
    assert_eq!(found("sidecar-without-archive"), named(&["2026/06/alone.meta.json"]));
    let notes = format!("{STEM}.parts/notes.txt");
    let strangers =
        ["2026/06/UPPER.JSONL.GZ", "2026/06/fifo.jsonl.gz", "2026/06/no-lines.gz", "2026/06/x.jsonl.gz~"];
    assert_eq!(found("unknown-file"), named(&[&strangers[..], &[&notes]].concat()));

    let is_ours = |path: &&String| path.ends_with(".jsonl.gz");
    let ours: BTreeSet<String> = archives.iter().filter(is_ours).cloned().collect();
    home.run(&["repair"]);
    assert_eq!(in_catalog(&home), ours, "repair");
    fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    home.run(&["import"]);
    assert_eq!(in_catalog(&home), ours, "a catalog that is made anew");
}

fn in_catalog(home: &Home) -> BTreeSet<String> {
    let catalog = rusqlite::Connection::open(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    let mut statement = catalog.prepare("SELECT archive FROM source").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn what_verify_calls_damaged_repair_sets_aside_wherever_it_lies() {
    let (home, archives) = odd_store();
    for archive in &archives {
        let path = home.store().join(archive);
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 6;
        bytes[last] ^= 1;
        fs::write(&path, bytes).unwrap();
    }
    let report = json(&home, &["verify", "--json"]);
    assert_eq!(report["damaged"], archives.len());
    home.run(&["repair"]);
    let report = json(&home, &["verify", "--json"]);
    assert_eq!(report["damaged"], 0, "{report:#}");
    let left: Vec<_> = files_below(&home.store());
    for archive in &archives {
        let is_aside = |path: &std::path::PathBuf| {
            relative(&home, path.to_str().unwrap()).starts_with(&format!("{archive}.damaged-"))
        };
        assert!(left.iter().any(is_aside), "{archive} was set aside");
    }
}
