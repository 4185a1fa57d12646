//! `verify`: every kind of damage is named, and nothing is changed.

use crate::home::*;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Duration;

fn findings(home: &Home, code: i32) -> Vec<(String, String)> {
    let run = home.run(&["verify", "--json"]).exits(code);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    findings
        .map(|finding| {
            assert!(!finding["mend"].as_str().unwrap().is_empty(), "{finding}");
            (finding["kind"].as_str().unwrap().to_owned(), name(finding["path"].as_str().unwrap()))
        })
        .collect()
}

#[test]
fn a_store_right_after_an_import_is_well() {
    let home = Home::archived();
    let before = files_below(&home.store());
    let run = home.run(&["verify"]).exits(0);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("2 archives, ") && run.stderr.contains("all well"), "{run:?}");
    home.run(&["verify", "--deep"]).exits(0);
    assert_eq!(files_below(&home.store()), before, "a look changes nothing");
}

#[test]
fn no_store_is_well_unless_it_was_named() {
    let home = Home::new();
    let run = home.run(&["verify"]).exits(0);
    assert!(run.stderr.contains("0 archives"), "{run:?}");
    assert!(!home.store().exists());
    home.run(&["verify", "--out", "nowhere"]).exits(1);
}

#[test]
fn every_flipped_byte_of_an_archive_that_means_anything_is_damage() {
    let home = Home::archived();
    let path = home.store().join(NAME);
    let (whole, unpacked) = (fs::read(&path).unwrap(), home.text(NAME));
    let header_bytes = memchr::memmem::rfind(&whole, b"\x1f\x8b\x08").unwrap();
    let step = (whole.len() / 40).max(1);
    for at in (0..whole.len()).step_by(step).chain([whole.len() - 1]) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        // Some bits of a code table mean nothing: a reader that is not ours finds the same text, and no other.
        let mut text = Vec::new();
        let mut reader = flate2::read::MultiGzDecoder::new(&bytes[..]);
        if at >= header_bytes && reader.read_to_end(&mut text).is_ok() && text == unpacked {
            continue;
        }
        let run = home.run(&["verify"]).exits(4);
        assert!(
            run.stdout.contains(NAME) && run.stdout.contains("to mend: sessionkeep repair"),
            "{at}: {run:?}"
        );
    }
    for length in [0, 1, 12, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        home.run(&["verify", "-q"]).exits(4);
    }
    fs::write(&path, &whole).unwrap();
    home.run(&["verify"]).exits(0);
}

#[test]
fn sidecars_that_are_missing_broken_or_stale_are_warnings() {
    let home = Home::archived();
    let sidecar = home.store().join(NAME.replace(".jsonl.gz", ".meta.json"));
    let text = fs::read_to_string(&sidecar).unwrap();
    let name = NAME.rsplit('/').next().unwrap().to_owned();
    fs::write(&sidecar, text.replace("\"line_count\": 40", "\"line_count\": 41")).unwrap();
    assert_eq!(findings(&home, 0), [("sidecar-stale".to_owned(), name.clone())]);
    fs::write(
        &sidecar,
        text.replace("agent-a1b2c3d.jsonl.gz", "agent-other.jsonl.gz")
            .replace("\"part_id\": \"", "\"part_id\": \"x"),
    )
    .unwrap();
    assert_eq!(findings(&home, 0), [("sidecar-stale".to_owned(), name.clone())], "its parts");
    fs::write(&sidecar, "{").unwrap();
    assert_eq!(findings(&home, 0), [("sidecar-invalid".to_owned(), name.clone())]);
    fs::remove_file(&sidecar).unwrap();
    assert_eq!(findings(&home, 0), [("sidecar-missing".to_owned(), name)]);
}

#[test]
fn strays_links_and_open_permissions_are_warnings() {
    let home = Home::archived();
    let month = home.store().join("2026/06");
    fs::write(month.join("notes.txt"), b"x").unwrap();
    fs::write(month.join(".tmp-1-0000"), b"x").unwrap();
    for name in ["notes.txt", ".tmp-1-0000"] {
        fs::set_permissions(month.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    set_age(&month.join(".tmp-1-0000"), Duration::from_secs(100_000));
    symlink("/etc/passwd", month.join("x.jsonl.gz")).unwrap();
    fs::set_permissions(home.store().join(NAME), fs::Permissions::from_mode(0o644)).unwrap();
    let kinds: Vec<String> = findings(&home, 0).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["permissions", "link", "temporary-file", "unknown-file"]);
}

#[test]
fn the_catalog_is_compared_with_the_archives() {
    let home = Home::archived();
    fs::remove_file(home.store().join(NAME)).unwrap();
    let kinds: Vec<String> = findings(&home, 0).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["sidecar-without-archive", "catalog-row"]);
    let catalog = home.store().join(".sessionkeep/catalog.sqlite");
    fs::write(&catalog, b"no database").unwrap();
    assert!(findings(&home, 0).iter().any(|(kind, _)| kind == "catalog"));
    assert_eq!(fs::read(&catalog).unwrap(), b"no database", "left as it is");
}

#[test]
fn archives_of_the_first_program_are_checked_as_gzip() {
    let home = Home::new();
    let path = crate::store::write_as_0_4(&home.store(), "2025/01/2025-01-02_0304_old_old", b"{}\n");
    let warnings = findings(&home, 0);
    assert!(warnings.iter().all(|(kind, _)| kind == "permissions" || kind == "catalog"), "{warnings:?}");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 6;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    home.run(&["verify"]).exits(4);
}

#[test]
fn a_deep_look_finds_what_todays_rules_would_mask_and_never_shows_it() {
    let home = Home::archived();
    let token = github_token(7);
    let text = user(ID, 0, &format!("push with {token}"));
    let session = crate::store::Session {
        stem: "2026/06/late",
        blocks: &[b"{}\n", text.as_bytes()],
        ..Default::default()
    };
    session.write(&home.store());
    home.run(&["verify"]).exits(0);
    let run = home.run(&["verify", "--deep", "--json"]).exits(0);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let finding =
        report["findings"].as_array().unwrap().iter().find(|finding| finding["kind"] == "unmasked").unwrap();
    assert_eq!(finding["rules"]["github-classic"], 1);
    assert!(!run.stdout.contains(&token) && !run.stderr.contains(&token));
}

#[test]
fn names_reach_the_terminal_without_live_control_characters() {
    let home = Home::archived();
    fs::write(home.store().join("2026/06/\x1b]52;c;x\x07.txt"), b"x").unwrap();
    let run = home.run(&["verify"]).exits(0);
    assert!(!run.stdout.contains('\x1b') && run.stdout.contains("\\x1b]52"), "{run:?}");
}
