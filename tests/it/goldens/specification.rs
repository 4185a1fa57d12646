//! Goldens as who knows the specification alone reads them, and the example in it.

use super::*;

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
        // A directory that nobody named is empty in a list, and not there in a header.
        let is_nothing = said[name] == Value::Null && session[name] == "";
        assert!(is_nothing || said[name] == session[name], "{}: {path}: {name}: {session}", golden.name);
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
    let specification = include_str!("../../../src/archive/FORMAT.md");
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
    assert!(home.run(&["search", "--raw", "Hello"]).exits(0).stdout.contains(first_line.trim_end()));
}
