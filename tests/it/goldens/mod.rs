//! Stores as every version of the program left them, in `tests/goldens/`: they are listed, searched, verified, repaired
//! and imported on top of as if they had been made today. `tests/read_archive.py`, which knows only `FORMAT.md`, has to
//! read the same in them as the program.
//!
//! A golden is a directory with the bytes of a store, and a recipe here that says what lay before the program when it
//! made it. To add one: write its recipe and its row in [`GOLDENS`], then let the program that is to be pinned make it:
//!
//! ```text
//! SESSIONKEEP_GOLDEN=name SESSIONKEEP_PROGRAM=/path/to/sessionkeep cargo test --test it goldens::
//! ```
//!
//! Without `SESSIONKEEP_PROGRAM` it is the program of this tree. A golden that is there is never made anew: it stands for
//! what is on people's disks. Secrets are made from pieces when a recipe runs, so that no file here holds one. How each
//! golden came about is in `tests/goldens/README.md`.

use crate::home::*;
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

/// Runs the program with these arguments in a home directory, or does nothing where only the sources are wanted.
type Program<'a> = dyn Fn(&Home, &[&str], &[u8]) + 'a;

const GOLDENS: [Golden; 10] = [
    Golden { name: "original-0.4", recipe: original, has_catalog: false },
    Golden { name: "catalog-1", recipe: small, has_catalog: true },
    Golden { name: "release-1.0.0", recipe: small, has_catalog: true },
    Golden { name: "catalog-2", recipe: small, has_catalog: true },
    Golden { name: "parts", recipe: parts, has_catalog: false },
    Golden { name: "parts-without-main", recipe: parts_without_main, has_catalog: false },
    Golden { name: "versions", recipe: versions, has_catalog: false },
    Golden { name: "grown", recipe: grown, has_catalog: false },
    Golden { name: "forks", recipe: forks, has_catalog: false },
    Golden { name: "marks", recipe: marks, has_catalog: false },
];

/// The Python original's: its recipe cannot be run by a program of ours.
const ORIGINAL: &str = "original-0.4";

const OTHER: &str = "b1b2c3d4-0000-4000-8000-000000000002";

fn record(id: &str, second: u32, text: &str, more: Value) -> String {
    let mut record: Value = serde_json::from_str(&user(id, second, text)).unwrap();
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    format!("{record}\n")
}

fn import(home: &Home, program: &Program<'_>) {
    program(home, &["import"], b"");
}

/// Two sessions that the Python original archived, one of them without a sidecar by now.
fn original(home: &Home, _: &Program<'_>) {
    home.claude_session(ID, &[user(ID, 0, "needle in the original"), user(ID, 1, "and more")]);
    home.claude_session(OTHER, &[user(OTHER, 0, "whose sidecar is gone")]);
}

fn small(home: &Home, program: &Program<'_>) {
    let token = github_token(1);
    let said = [user(ID, 0, &format!("push with {token}")), user(ID, 1, "needle, with an é and a last line")];
    home.claude_session(ID, &said);
    let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-a1b2c3d.jsonl");
    home.write(&part, record(ID, 2, "by a subagent", json!({"isSidechain": true, "agentId": "a1b2c3d"})));
    let codex = json!({
        "timestamp": "2026-06-05T15:00:00.000Z", "type": "session_meta",
        "payload": {"id": OTHER, "timestamp": "2026-06-05T15:00:00.000Z", "cwd": "/home/me/Other Project", "originator": "codex_cli_rs", "cli_version": "0.50.0"},
    });
    home.write(
        &format!(".codex/sessions/2026/06/05/rollout-2026-06-05T15-00-00-{OTHER}.jsonl"),
        format!("{codex}\n"),
    );
    import(home, program);
}

fn write_parts(home: &Home, id: &str) {
    let below = |name: &str| format!(".claude/projects/-home-me-my-project/{id}/{name}");
    let more = json!({"isSidechain": true, "agentId": "0123456789abcdef0"});
    home.write(
        &below("subagents/agent-0123456789abcdef0.jsonl"),
        record(id, 70, "needle of a subagent", more),
    );
    home.write(&below("tool-results/toolu_1.txt"), format!("a tool said {}\nand no more", github_token(2)));
}

fn parts(home: &Home, program: &Program<'_>) {
    home.claude_session(ID, &[user(ID, 0, "a session with parts")]);
    write_parts(home, ID);
    import(home, program);
}

fn parts_without_main(home: &Home, program: &Program<'_>) {
    write_parts(home, ID);
    import(home, program);
}

/// A session that was written anew, and has grown since.
fn versions(home: &Home, program: &Program<'_>) {
    home.claude_session(ID, &[user(ID, 0, "the first version"), user(ID, 1, "needle that was taken back")]);
    import(home, program);
    let mut lines = vec![user(ID, 0, "the first version"), user(ID, 2, "what was said instead")];
    home.claude_session(ID, &lines);
    import(home, program);
    lines.push(user(ID, 3, "and needle again"));
    home.claude_session(ID, &lines);
    import(home, program);
}

/// A session of several blocks that has grown: it keeps members, room is left in its first member, and one block of
/// several has something masked in it.
fn grown(home: &Home, program: &Program<'_>) {
    let mut lines: Vec<String> =
        (0..4000).map(|line| user(ID, line % 60, &format!("needle {line} {}", "-".repeat(400)))).collect();
    lines[7] = user(ID, 7, &format!("push with {}", github_token(3)));
    home.claude_session(ID, &lines[..3000]);
    import(home, program);
    home.claude_session(ID, &lines);
    import(home, program);
}

/// A session, a copy of it, and one that its records call by several names.
fn forks(home: &Home, program: &Program<'_>) {
    let rows = |id: &str, more: Value| -> Vec<String> {
        (0..5).map(|second| record(id, second, "what was said", more.clone())).collect()
    };
    home.claude_session(ID, &rows(ID, json!({})));
    let mut copy = rows(OTHER, json!({"sessionKind": "bg"}));
    copy.push(user(OTHER, 99, "needle in the copy only"));
    home.claude_session(OTHER, &copy);
    let (first, second) = ("c1b2c3d4-0000-4000-8000-000000000003", "d1b2c3d4-0000-4000-8000-000000000004");
    home.claude_session(
        second,
        &[user(first, 10, "begun under one id"), user(second, 11, "resumed under another")],
    );
    import(home, program);
}

/// What is seldom there: NUL bytes, a line without an end, all that a session can say of itself, and masking without the
/// user's rules.
fn marks(home: &Home, program: &Program<'_>) {
    let said = json!({
        "type": "assistant", "sessionId": ID, "timestamp": "2026-06-05T14:40:00.000Z", "uuid": "u",
        "message": {"role": "assistant", "model": "claude-opus-4-5", "content": [{"type": "text", "text": "needle"}]},
    });
    let title = json!({"type": "summary", "summary": "A session that says all of itself", "leafUuid": "u"});
    let holes = format!("{}\n", "\0".repeat(64));
    home.claude_session(
        ID,
        &[user(ID, 0, "asked"), format!("{title}\n"), format!("{said}\n"), holes, "{\"cut".into()],
    );
    import(home, program);
    let path = home.claude_session(OTHER, &[user(OTHER, 0, "masked while the configuration was broken")]);
    let config = home.write(".sessionkeep/config.json", "{");
    let payload = json!({"session_id": OTHER, "transcript_path": path, "hook_event_name": "SessionEnd"});
    program(home, &["hook", "--wait"], payload.to_string().as_bytes());
    fs::remove_file(config).unwrap();
}

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
        let found = home.run(&["search", "needle", "-l"]).exits(0).stdout;
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

/// Runs the reader that knows the specification alone; `None` where there is no Python and nobody insists on it.
fn read_by_specification(path: &Path) -> Option<Vec<u8>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/read_archive.py");
    match Command::new("python3").arg("-B").arg(script).arg(path).output() {
        Ok(output) => {
            assert!(
                output.status.success(),
                "{}: {}",
                path.display(),
                String::from_utf8_lossy(&output.stderr)
            );
            Some(output.stdout)
        }
        Err(error) => {
            crate::needs::skip(&format!("python3 cannot be run here: {error}"));
            None
        }
    }
}

/// What header, sidecar and `list` call alike.
const SAID_ALIKE: [&str; 18] = [
    "session_id",
    "agent",
    "source",
    "cwd",
    "project_slug",
    "title",
    "model",
    "git_branch",
    "archived_at",
    "started_at",
    "ended_at",
    "rules_version",
    "version",
    "supersedes",
    "source_bytes",
    "line_count",
    "masked_lines",
    "masked_by_rule",
];

#[test]
fn who_knows_the_specification_alone_reads_the_same_as_the_program() {
    for golden in &GOLDENS {
        let home = golden.home();
        let Some(lines) = read_by_specification(&home.store()) else { return };
        let said: BTreeMap<String, Value> = String::from_utf8(lines)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .map(|said| (said["archive"].as_str().unwrap().to_owned(), said))
            .collect();
        let texts = texts(&home);
        assert!(said.keys().eq(texts.keys()), "{}", golden.name);
        for (archive, text) in &texts {
            let said = &said[archive];
            assert_eq!(said["problem"], Value::Null, "{}: {archive}", golden.name);
            let mut crc = flate2::Crc::new();
            crc.update(text);
            let read = (said["text_bytes"].as_u64(), said["text_crc"].as_u64());
            assert_eq!(read, (Some(text.len() as u64), Some(crc.sum().into())), "{}: {archive}", golden.name);
        }
        let first = texts.keys().next().unwrap();
        assert_eq!(
            read_by_specification(&home.store().join(first)).as_ref(),
            texts.get(first),
            "{}",
            golden.name
        );
        for session in list(&home) {
            assert_reads_as_listed(&home, golden, &said, &session);
        }
    }
}

/// Asserts that the program lists of a session what the archives and sidecars in `said` say.
fn assert_reads_as_listed(home: &Home, golden: &Golden, said: &BTreeMap<String, Value>, session: &Value) {
    let path = Path::new(session["_archive_path"].as_str().unwrap()).strip_prefix(home.store()).unwrap();
    let path = path.to_str().unwrap();
    let is_whose =
        |said: &&Value| said["session_id"] == session["session_id"] && said["agent"] == session["agent"];
    let parts =
        said.values().filter(is_whose).filter_map(|said| said["part_id"].as_str()).collect::<BTreeSet<_>>();
    if let Some(listed) = session["parts"].as_array() {
        let listed: BTreeSet<&str> = listed.iter().map(|part| part["part_id"].as_str().unwrap()).collect();
        assert_eq!(listed, parts, "{}: {path}", golden.name);
    }
    let Some(said) = said.get(path) else {
        assert!(session["has_main"] == false && !parts.is_empty(), "{}: {path}", golden.name);
        return;
    };
    if said["format"] == 0 {
        let sidecar = &said["sidecar"];
        for name in sidecar.as_object().into_iter().flatten().map(|(name, _)| name) {
            assert_eq!(sidecar[name], session[name], "{}: {path}: {name}", golden.name);
        }
        return;
    }
    for name in SAID_ALIKE {
        assert_eq!(said[name], session[name], "{}: {path}: {name}", golden.name);
    }
    let or = |name: &str, other: Value| session.get(name).cloned().unwrap_or(other);
    assert_eq!(said["forked_from"], or("forked_from", Value::Null), "{}: {path}", golden.name);
    assert_eq!(said["other_ids"], or("other_ids", json!([])), "{}: {path}", golden.name);
    assert_eq!(said["nul_bytes"], or("nul_bytes", json!(0)), "{}: {path}", golden.name);
}

/// One row of a dump in the specification: where its bytes are, the bytes, and what they are said to be.
struct DumpRow {
    offset: usize,
    bytes: Vec<u8>,
    said: String,
}

/// Returns the blocks of text behind the heading of the example, and the rows of those that are dumps.
fn example() -> Vec<(String, Vec<DumpRow>)> {
    let specification = include_str!("../../src/archive/FORMAT.md");
    let (_, example) = specification.split_once("\n## An example").unwrap();
    let blocks = example.split("```text\n").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    let row = |line: &str| {
        let offset = usize::from_str_radix(line.get(..4)?, 16).ok()?;
        let (bytes, said) = line.get(6..)?.split_at_checked(48).unwrap_or((line.get(6..)?, ""));
        let bytes: Result<Vec<u8>, _> =
            bytes.split_whitespace().map(|byte| u8::from_str_radix(byte, 16)).collect();
        Some(DumpRow { offset, bytes: bytes.ok()?, said: said.trim().to_owned() })
    };
    blocks.map(|block| (block.to_owned(), block.lines().filter_map(row).collect())).collect()
}

#[test]
fn the_example_in_the_specification_is_an_archive_and_what_it_says_of_its_bytes_is_true() {
    let example = example();
    let [(first_line, _), (dump, rows), (metadata, _)] = &example[..] else { panic!("three blocks") };
    assert_eq!(rows.len(), dump.lines().count());
    let mut archive = Vec::new();
    for row in rows {
        assert_eq!(row.offset, archive.len(), "{}", row.said);
        archive.extend_from_slice(&row.bytes);
    }
    let at = |what: &str| rows.iter().find(|row| row.said == what).expect(what).offset;
    let mut inflated = Vec::new();
    let deflated = &archive[at("the deflated metadata")..at("1 block")];
    flate2::read::DeflateDecoder::new(deflated).read_to_end(&mut inflated).unwrap();
    let listed = metadata.lines().flat_map(|line| line[4..line.len().min(49)].split_whitespace());
    let listed: Vec<u8> = listed.map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    assert_eq!(listed, inflated);
    let head_hash = blake3::keyed_hash(&key(), first_line.trim_end().as_bytes());
    assert_eq!(&archive[at("head hash")..at("head hash") + 32], head_hash.as_bytes());

    let home = Home::new();
    make_private_directory(&home.path(".sessionkeep"));
    make_private_directory(&home.store().join("2026/06"));
    let path = home.store().join("2026/06/2026-06-05_1630_app_0a1b2c3d.jsonl.gz");
    write_private(&path, &archive);
    if let Some(text) = read_by_specification(&path) {
        assert_eq!(text, gunzip(&path));
    }
    let verified = home.run(&["verify", "--deep"]).exits(0);
    assert!(verified.stderr.contains("none damaged"), "{verified:?}");
    let session = &list(&home)[0];
    for line in metadata.lines().filter(|line| line.len() > 51) {
        let (name, said) = line[51..].split_at(14);
        let name = match name.trim() {
            "project" => "project_slug".to_owned(),
            "rule" => {
                assert_eq!(said, "1 of github-classic");
                continue;
            }
            // No sidecar has it.
            "clean bytes" => continue,
            name => name.replace(' ', "_"),
        };
        let listed = session[&name].as_str().map_or_else(|| session[&name].to_string(), str::to_owned);
        assert_eq!(listed, said, "{name}");
    }
    assert_eq!(session["masked_by_rule"], json!({"github-classic": 1}));
    assert!(home.run(&["search", "Hello"]).exits(0).stdout.contains(first_line.trim_end()));
}
