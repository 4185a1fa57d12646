//! Stores as every version of the program left them, in `tests/goldens/`: they are listed, searched, verified, repaired
//! and imported on top of as if they had been made today. `tests/read_archive.py`, which knows only `FORMAT.md`, has to
//! read the same in them as the program: `specification` sees to that.
//!
//! A golden is a directory with the bytes of a store, and a recipe in `recipes` that says what lay before the program when
//! it made it. To add one: write its recipe and its row in [`GOLDENS`], then let the program that is to be pinned make it:
//!
//! ```text
//! SESSIONKEEP_GOLDEN=name SESSIONKEEP_PROGRAM=/path/to/sessionkeep cargo test --test it goldens::
//! ```
//!
//! Without `SESSIONKEEP_PROGRAM` it is the program of this tree. A golden that is there is never made anew: it stands for
//! what is on people's disks. Secrets are made from pieces when a recipe runs, so that no file here holds one. How each
//! golden came about is in `tests/goldens/README.md`.

mod recipes;
mod specification;

use crate::home::*;
use recipes::{Program, record};
use serde_json::{Value, json};
use sessionkeep::testing::archive::{Archive, Block, Header, Identity, Sidecar, header_codec, open_catalog};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A store in `tests/goldens/`.
struct Golden {
    name: &'static str,
    /// Writes the sources into a home directory, and runs the program on them whenever there is something to see.
    recipe: fn(&Home, &Program<'_>),
    /// Its catalog is part of it. That of the others was taken away, as it says nothing new and is large.
    has_catalog: bool,
}

const GOLDENS: [Golden; 11] = [
    Golden { name: "original-0.4", recipe: recipes::original, has_catalog: false },
    Golden { name: "catalog-1", recipe: recipes::small, has_catalog: true },
    Golden { name: "release-1.0.0", recipe: recipes::small, has_catalog: true },
    Golden { name: "catalog-2", recipe: recipes::small, has_catalog: true },
    Golden { name: "parts", recipe: recipes::parts, has_catalog: false },
    Golden { name: "parts-without-main", recipe: recipes::parts_without_main, has_catalog: false },
    Golden { name: "versions", recipe: recipes::versions, has_catalog: false },
    Golden { name: "grown", recipe: recipes::grown, has_catalog: false },
    Golden { name: "forks", recipe: recipes::forks, has_catalog: false },
    Golden { name: "marks", recipe: recipes::marks, has_catalog: false },
    Golden { name: "rows", recipe: recipes::rows, has_catalog: true },
];

/// The Python original's: its recipe cannot be run by a program of ours.
const ORIGINAL: &str = "original-0.4";

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens")
}

/// Runs the program of this tree.
fn run(home: &Home, arguments: &[&str], input: &[u8]) {
    home.run_with_input(arguments, input).exits(0);
}

/// Copies a directory, private as a store has to be whatever git made of it.
fn copy(from: &Path, to: &Path) {
    make_private_directory(to);
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&from, &to);
        } else {
            write_private(&to, &fs::read(&from).unwrap());
        }
    }
}

fn make_private_directory(path: &Path) {
    fs::create_dir_all(path).unwrap();
    make_private(path, 0o700);
}

fn write_private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    make_private(path, 0o600);
}

#[cfg(unix)]
fn make_private(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn make_private(_: &Path, _: u32) {}

impl Golden {
    /// Returns a home directory with a copy of the store, and no sources.
    fn home(&self) -> Home {
        let home = Home::new();
        make_private_directory(&home.path(".sessionkeep"));
        copy(&goldens().join(self.name), &home.store());
        for path in files_below(&home.store()).iter().filter(|_| self.name == ORIGINAL) {
            // The original knows a source by its path alone.
            let text =
                path.extension().filter(|extension| *extension == "json").map(|_| fs::read_to_string(path));
            if let Some(Ok(text)) = text {
                let home =
                    format!("\"source\": \"{}/", home.path("").to_str().unwrap().trim_end_matches('/'));
                write_private(path, text.replace("\"source\": \"/home/me/", &home).as_bytes());
            }
        }
        home
    }

    /// Returns the same with the sources as they were in the end.
    fn home_with_sources(&self) -> Home {
        let home = self.home();
        (self.recipe)(&home, &|_, _, _| {});
        home
    }
}

/// Returns the text of every archive of the default store.
fn texts(home: &Home) -> BTreeMap<String, Vec<u8>> {
    home.archives().into_iter().map(|archive| (archive.clone(), home.text(&archive))).collect()
}

/// Returns the bytes of every file of the default store that has this suffix.
fn bytes(home: &Home, suffix: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = files_below(&home.store()).into_iter();
    let files = files.filter(|path| path.to_str().unwrap().ends_with(suffix));
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn list(home: &Home) -> Vec<Value> {
    serde_json::from_str(&home.run(&["list", "--json"]).exits(0).stdout).unwrap()
}

#[test]
fn a_golden_that_is_missing_is_made_when_it_is_asked_for() {
    let Ok(name) = std::env::var("SESSIONKEEP_GOLDEN") else { return };
    let golden = GOLDENS.iter().find(|golden| golden.name == name).expect("is in the table");
    let to = goldens().join(golden.name);
    assert!(!to.exists() && name != ORIGINAL, "{} stays as it is", to.display());
    let home = Home::new();
    // Hashes are keyed: with a key that everybody knows, everybody can check them.
    make_private_directory(&home.path(".sessionkeep"));
    make_private_directory(&home.store());
    make_private_directory(&home.store().join(".sessionkeep"));
    write_private(&home.store().join(".sessionkeep/key"), &key());
    let program = std::env::var_os("SESSIONKEEP_PROGRAM").unwrap_or(env!("CARGO_BIN_EXE_sessionkeep").into());
    (golden.recipe)(&home, &|home, arguments, input| {
        fs::write(home.path("input"), input).unwrap();
        let mut command = Command::new(&program);
        command.args(arguments).env_clear().env("HOME", home.path("")).env("TZ", "UTC");
        command.current_dir(home.path("")).stdin(fs::File::open(home.path("input")).unwrap());
        Run::of(command.output().unwrap()).exits(0);
    });
    for file in files_below(&home.store()) {
        let relative = file.strip_prefix(home.store()).unwrap().to_owned();
        let is_kept = match relative.strip_prefix(".sessionkeep") {
            Ok(private) => *private == *"key" || golden.has_catalog && *private == *"catalog.sqlite",
            Err(_) => true,
        };
        if is_kept {
            fs::create_dir_all(to.join(&relative).parent().unwrap()).unwrap();
            fs::copy(&file, to.join(&relative)).unwrap();
        }
    }
}

/// The key of the hashes in all goldens.
fn key() -> [u8; 32] {
    std::array::from_fn(|index| index as u8)
}

#[test]
fn every_golden_has_a_recipe_and_every_recipe_a_golden() {
    let there: BTreeSet<String> = fs::read_dir(goldens())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(there, GOLDENS.iter().map(|golden| golden.name.to_owned()).collect());
}

#[test]
fn every_version_that_a_program_ever_wrote_has_a_golden() {
    let (mut headers, mut sidecars, mut catalogs) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for path in GOLDENS.iter().flat_map(|golden| files_below(&goldens().join(golden.name))) {
        let bytes = fs::read(&path).unwrap();
        match path.file_name().unwrap().to_str().unwrap() {
            name if name.ends_with(".gz") && bytes[3] == 4 => drop(headers.insert(u64::from(bytes[16]))),
            name if name.ends_with(".meta.json") => {
                let sidecar: Value = serde_json::from_slice(&bytes).unwrap();
                sidecars.insert(sidecar["schema_version"].as_u64().unwrap());
            }
            "catalog.sqlite" => drop(catalogs.insert(user_version(&bytes))),
            _ => {}
        }
    }
    let header = header_of_nothing();
    let to_today = |today: u64| (1..=today).collect::<BTreeSet<u64>>();
    assert_eq!(headers, to_today(u64::from(header_codec::encode(&header).unwrap()[16])), "headers");
    assert_eq!(sidecars, to_today(Sidecar::of_header(&header, 0, "", Vec::new()).schema_version), "sidecars");
    let home = Home::new();
    open_catalog(&home.store());
    let catalog = fs::read(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    assert_eq!(catalogs, to_today(user_version(&catalog)), "catalogs");
}

/// Returns SQLite's `user_version`, which stands in the file's header.
/// Returns the tables and indexes of a catalog, as they were made.
fn tables(catalog: &Path) -> BTreeMap<String, String> {
    let path = format!("file:{}?immutable=1", catalog.display());
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_URI;
    let connection = rusqlite::Connection::open_with_flags(path, flags).unwrap();
    let mut statement =
        connection.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn the_newest_golden_has_the_catalog_that_is_made_today() {
    let home = Home::new();
    recipes::rows(&home, &run);
    let today = tables(&home.store().join(".sessionkeep/catalog.sqlite"));
    let golden = tables(&goldens().join("rows/.sessionkeep/catalog.sqlite"));
    assert!(golden.contains_key("holders"), "{golden:?}");
    assert_eq!(today, golden, "a table or an index has changed: a new golden is to show what there was");
}

fn user_version(database: &[u8]) -> u64 {
    u64::from(u32::from_be_bytes(database[60..64].try_into().unwrap()))
}

fn header_of_nothing() -> Header {
    Header {
        identity: Identity { agent: "files".into(), session_id: "none".into(), part_id: None },
        source: String::new(),
        source_bytes: 0,
        clean_bytes: 0,
        content_hash: [0; 32],
        head_hash: [0; 32],
        rules_version: String::new(),
        is_rule_set_incomplete: false,
        version: 1,
        supersedes: None,
        archived_at: String::new(),
        started_at: None,
        ended_at: None,
        cwd: String::new(),
        project_slug: String::new(),
        title: None,
        model: None,
        git_branch: None,
        forked_from: None,
        other_ids: Vec::new(),
        masked_states: Vec::new(),
        nul_bytes: 0,
        line_count: 0,
        masked_lines: 0,
        masked_by_rule: BTreeMap::new(),
        blocks: Vec::new(),
    }
}

#[test]
fn every_field_that_a_header_can_have_is_in_a_golden() {
    let mut seen = BTreeSet::new();
    for golden in &GOLDENS {
        let home = golden.home();
        for archive in home.archives() {
            let Some(header) = Archive::open(&home.store().join(archive)).unwrap().header().cloned() else {
                continue;
            };
            // Without `..`, so that a new field has to be thought of here.
            let Header {
                identity: Identity { agent: _, session_id: _, part_id },
                source: _,
                source_bytes,
                clean_bytes,
                content_hash: _,
                head_hash: _,
                rules_version: _,
                is_rule_set_incomplete,
                version,
                supersedes,
                archived_at: _,
                started_at,
                ended_at,
                cwd: _,
                project_slug: _,
                title,
                model,
                git_branch,
                forked_from,
                other_ids,
                // Only where an archive was masked again.
                masked_states: _,
                nul_bytes,
                line_count: _,
                masked_lines: _,
                masked_by_rule,
                blocks,
            } = header;
            let is_masked = |block: &Block| block.is_masked;
            let are_some_masked = blocks.iter().any(is_masked) && !blocks.iter().all(is_masked);
            for (name, is_there) in [
                ("part_id", part_id.is_some()),
                ("a last line that was cut", clean_bytes < source_bytes),
                ("is_rule_set_incomplete", is_rule_set_incomplete),
                ("version", version > 1),
                ("supersedes", supersedes.is_some()),
                ("started_at", started_at.is_some()),
                ("ended_at", ended_at.is_some()),
                ("title", title.is_some()),
                ("model", model.is_some()),
                ("git_branch", git_branch.is_some()),
                ("forked_from", forked_from.is_some()),
                ("other_ids", !other_ids.is_empty()),
                ("nul_bytes", nul_bytes > 0),
                ("masked_by_rule", !masked_by_rule.is_empty()),
                ("masked blocks", are_some_masked),
            ] {
                if is_there {
                    seen.insert(name);
                }
            }
        }
    }
    assert_eq!(seen.len(), 15, "{seen:?}");
}

#[test]
fn the_program_gives_the_same_names_to_the_same_texts_as_when_a_golden_was_made() {
    for golden in GOLDENS.iter().filter(|golden| golden.name != ORIGINAL) {
        let (home, then) = (Home::new(), golden.home());
        (golden.recipe)(&home, &run);
        assert!(texts(&home) == texts(&then), "{}: {:?} {:?}", golden.name, home.archives(), then.archives());
    }
}

#[test]
fn every_golden_is_listed() {
    for golden in &GOLDENS {
        let home = golden.home();
        let sessions = list(&home);
        assert!(!sessions.is_empty(), "{}", golden.name);
        let table = home.run(&["list"]).exits(0).stdout;
        assert_eq!(table.lines().count(), sessions.len(), "{}: {table}", golden.name);
        for session in &sessions {
            let path = session["_archive_path"].as_str().unwrap();
            assert!(table.contains(path) && Path::new(path).exists(), "{}: {table}", golden.name);
            if let Some(id) = session["session_id"].as_str() {
                let found = home.run(&["list", "--session", id]).exits(0).stdout;
                assert!(found.contains(path), "{}: {found}", golden.name);
            }
        }
    }
}

#[test]
fn every_golden_is_searched() {
    for golden in &GOLDENS {
        let home = golden.home();
        let found = home.run(&["search", "--raw", "needle", "-l"]).exits(0).stdout;
        let found: BTreeSet<&str> = found.lines().collect();
        let holds = |text: &[u8]| String::from_utf8_lossy(text).contains("needle");
        let store = home.store();
        let wanted: Vec<String> = texts(&home)
            .into_iter()
            .filter(|(_, text)| holds(text))
            .map(|(archive, _)| store.join(archive).to_str().unwrap().to_owned())
            .collect();
        assert!(
            !wanted.is_empty() && found == wanted.iter().map(String::as_str).collect(),
            "{}: {found:?}",
            golden.name
        );
    }
}

#[test]
fn every_golden_is_whole_and_a_repair_changes_nothing_that_need_not_be() {
    for golden in &GOLDENS {
        let home = golden.home();
        let verified = home.run(&["verify", "--deep"]).exits(0);
        assert!(verified.stderr.contains("none damaged"), "{}: {verified:?}", golden.name);
        let (archives, sidecars) = (bytes(&home, ".gz"), bytes(&home, ".meta.json"));
        home.run(&["repair"]).exits(0);
        assert!(bytes(&home, ".gz") == archives, "{}: no archive changes", golden.name);
        let after = bytes(&home, ".meta.json");
        for (path, before) in &sidecars {
            // A store that was copied is elsewhere, and its sidecars say so; that is all that they say otherwise.
            let members = |bytes: &[u8]| {
                let mut sidecar: Value = serde_json::from_slice(bytes).unwrap();
                sidecar.as_object_mut().unwrap().remove("archive_path");
                sidecar
            };
            assert_eq!(members(&after[path]), members(before), "{}: {}", golden.name, path.display());
        }
        let again = home.run(&["repair"]).exits(0);
        assert!(again.stderr.contains("nothing to mend"), "{}: {again:?}", golden.name);
        assert!(bytes(&home, ".meta.json") == after, "{}: repaired once", golden.name);
        home.run(&["verify", "--deep"]).exits(0);
    }
}

#[test]
fn what_is_in_a_golden_is_not_imported_again() {
    for golden in &GOLDENS {
        let home = golden.home_with_sources();
        let archives = bytes(&home, ".gz");
        let imported = home.run(&["import"]).exits(0);
        let after = bytes(&home, ".gz");
        if golden.name == ORIGINAL {
            // Of an archive without header and sidecar nobody knows whose it is.
            assert_eq!(after.len(), archives.len() + 1, "{imported:?}");
        } else if golden.name == "marks" {
            // One was masked without the user's rules, and is masked again.
            assert_eq!(after.len(), archives.len(), "{imported:?}");
            continue;
        } else {
            assert_eq!(imported.stdout, "", "{}: {imported:?}", golden.name);
        }
        assert!(archives.iter().all(|(path, bytes)| after[path] == *bytes), "{}", golden.name);
    }
}

#[test]
fn a_session_in_a_golden_that_grew_keeps_its_text_as_a_prefix() {
    for golden in &GOLDENS {
        let home = golden.home_with_sources();
        let before = texts(&home);
        for path in files_below(&home.path(".claude"))
            .iter()
            .filter(|path| path.to_str().unwrap().ends_with(".jsonl"))
        {
            let mut text = fs::read(path).unwrap();
            text.extend_from_slice(b"\n");
            text.extend_from_slice(
                record(ID, 59, "said on top of a golden", json!({"sessionId": null})).as_bytes(),
            );
            fs::write(path, text).unwrap();
        }
        home.run(&["import"]).exits(0);
        let after = texts(&home);
        for (archive, text) in &before {
            assert!(after[archive].starts_with(text), "{}: {archive}", golden.name);
        }
        let grown =
            after.values().filter(|text| String::from_utf8_lossy(text).contains("on top of a golden"));
        assert_eq!(
            grown.count(),
            files_below(&home.path(".claude"))
                .iter()
                .filter(|path| path.extension().unwrap() == "jsonl")
                .count()
        );
        if golden.name != ORIGINAL {
            assert_eq!(after.len(), before.len(), "{}: in its old archive's place", golden.name);
        }
        home.run(&["verify", "--deep"]).exits(0);
    }
}
