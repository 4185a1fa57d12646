//! Packed input: unpacked and masked, whatever it is called, or refused by name; never stored or passed on as if it were
//! text.

use crate::home::*;
use std::fs;
use std::io::Write;

fn skippable() -> Vec<u8> {
    b"\x52\x2a\x4d\x18\x03\0\0\0abc".to_vec()
}

/// Lines with a secret in each.
fn secret_lines(count: u32) -> Vec<String> {
    (0..count).map(|line| user(ID, line, &format!("{line} {}", github_token(line.into())))).collect()
}

fn masked(lines: &[String]) -> String {
    let mut text = lines.concat();
    for line in 0..lines.len() {
        text = text.replace(&github_token(line as u64), "ghp_***MASKED***");
    }
    text
}

/// The beginnings of what cannot be unpacked, and what each is called.
const FOREIGN: [(&[u8], &str); 8] = [
    (b"\xfd7zXZ\0\0\x04\xe6\xd6", "xz"),
    (b"BZh91AY&SY\x8f\x01", "bzip2"),
    (b"PK\x03\x04\x14\0\0\0", "a zip archive"),
    (b"\x04\x22\x4d\x18\x64\x40", "lz4"),
    (b"7z\xbc\xaf\x27\x1c\0\x04", "a 7z archive"),
    (b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0\x3d", "lzma"),
    (b"\x7fELF\x02\x01\x01\0", "an ELF program"),
    (b"SQLite format 3\0\x10\0", "an SQLite database"),
];

#[test]
fn gzip_and_zstd_are_unpacked_whatever_they_are_called() {
    let lines = secret_lines(4);
    let (first, rest) = (lines[..2].concat(), lines[2..].concat());
    let gzips = [gzip(&first), gzip(""), gzip(&rest)].concat();
    let frames = [skippable(), zstd(&first), skippable(), zstd(&rest)].concat();
    for packed in [&gzips, &frames, &zstd::encode_all(&gzips[..], 1).unwrap()] {
        for name in ["a.jsonl.gz", "a.jsonl.zst", "a.jsonl", "a.bak"] {
            let home = Home::new();
            home.write(&format!("logs/{name}"), packed);
            let run = home.run(&["import", "--from", "logs", "--pattern", "a.*"]).exits(0);
            assert!(run.stderr.contains("archived 1, skipped 0"), "{run:?}");
            assert_eq!(home.archives(), [NAME]);
            assert_eq!(String::from_utf8(home.text(NAME)).unwrap(), masked(&lines));
            let run = home.run(&["import", "--from", "logs", "--pattern", "a.*"]).exits(0);
            assert!(run.stderr.contains("archived 0, skipped 1"), "{run:?}");
            let run = home.run(&["audit", &format!("logs/{name}"), "--json"]).exits(0);
            assert!(run.stdout.contains("\"count\": 4") || run.stdout.contains("\"count\":4"), "{run:?}");
        }
    }
}

#[test]
fn what_only_is_called_compressed_is_text() {
    let home = Home::new();
    let lines = secret_lines(2);
    home.write("a.jsonl.zst", lines.concat());
    home.run(&["archive", "a.jsonl.zst"]).exits(0);
    assert_eq!(String::from_utf8(home.text(NAME)).unwrap(), masked(&lines));
}

#[test]
fn what_cannot_be_unpacked_is_refused_by_name_and_the_rest_is_archived() {
    for (bytes, what) in FOREIGN {
        let home = Home::new();
        home.claude_session(ID, &secret_lines(1));
        home.write(".claude/projects/-w/b1b2c3d4-0000-4000-8000-000000000002.jsonl", bytes);
        home.write("packed.gz", {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        });
        let run = home.run(&["import"]).exits(3);
        assert!(run.stderr.contains("b1b2c3d4-0000") && run.stderr.contains(what), "{run:?}");
        assert!(run.stderr.contains("hint: "), "{run:?}");
        assert_eq!(home.archives(), [NAME]);
        for arguments in
            [&["archive", "packed.gz"][..], &["audit", "packed.gz"], &["rules", "test", "packed.gz"]]
        {
            let run = home.run(arguments).exits(3);
            assert!(run.stderr.contains("packed.gz") && run.stderr.contains(what), "{run:?}");
        }
        assert_eq!(home.archives(), [NAME]);
    }
}

#[test]
fn of_a_cut_file_the_beginning_is_archived_and_grows_when_it_is_whole() {
    let lines = secret_lines(3);
    let filler: String =
        (0..20_000u32).map(|line| format!("{} ", line.wrapping_mul(2_654_435_761))).collect();
    let long = user(ID, 9, &filler);
    for pack in [gzip, zstd] {
        let home = Home::new();
        let whole = [pack(&lines.concat()), pack(&long)].concat();
        for cut in [whole.len() / 2, whole.len() - 3] {
            home.write("a.jsonl", &whole[..cut]);
            for archived in [1, 0] {
                let run = home.run(&["import", "--from", ".", "--pattern", "a.jsonl"]).exits(3);
                assert!(run.stderr.contains(&format!("archived {archived},")), "{run:?}");
                assert!(run.stderr.contains("a.jsonl: it ends in the middle"), "{run:?}");
            }
            assert_eq!(home.archives(), [NAME]);
            let text = String::from_utf8(home.text(NAME)).unwrap();
            assert!(text.starts_with(&masked(&lines)) && text.len() <= masked(&lines).len() + long.len());
            assert_eq!(home.run(&["audit", "a.jsonl"]).code, 3);
        }
        home.write("a.jsonl", &whole);
        home.run(&["import", "--from", ".", "--pattern", "a.jsonl"]).exits(0);
        assert_eq!(home.archives(), [NAME], "no second version");
        assert_eq!(String::from_utf8(home.text(NAME)).unwrap(), masked(&lines) + &long);
        home.run(&["verify", "--deep"]).exits(0);
    }
}

#[test]
fn what_is_packed_grows_frame_by_frame() {
    let lines = secret_lines(5);
    for pack in [gzip, zstd] {
        let home = Home::new();
        let mut packed = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            packed.extend(pack(line));
            home.write("session.v3.jsonl.zstd", &packed);
            let run = home.run(&["import", "--from", ".", "--pattern", "*.zstd"]).exits(0);
            assert!(run.stderr.contains("archived 1, skipped 0"), "{run:?}");
            assert_eq!(home.archives(), [NAME]);
            assert_eq!(String::from_utf8(home.text(NAME)).unwrap(), masked(&lines[..=index]));
        }
    }
}

#[test]
fn what_nothing_can_be_read_of_is_refused_and_an_empty_one_is_empty() {
    let home = Home::new();
    home.write("cut.gz", &gzip("text\n")[..10]);
    home.write("empty.gz", gzip(""));
    let run = home.run(&["import", "--from", ".", "--pattern", "*.gz"]).exits(3);
    assert!(
        run.stderr.contains("cut.gz: it ends in the middle") && !run.stderr.contains("empty.gz"),
        "{run:?}"
    );
    assert!(home.archives().is_empty());
}

#[test]
fn plain_wins_over_packed_beside_it() {
    for (suffix, pack) in [("zst", zstd as fn(&str) -> Vec<u8>), ("zstd", zstd), ("gz", gzip)] {
        let home = Home::new();
        let lines = secret_lines(3);
        home.write("logs/a.jsonl", lines.concat());
        home.write(
            &format!("logs/a.jsonl.{suffix}"),
            pack(&lines[..1].concat().replace("2.1.330", "2.1.331")),
        );
        let run = home.run(&["import", "--from", "logs", "--pattern", "*.jsonl*"]).exits(0);
        assert!(run.stderr.contains("archived 1, skipped 0"), "{run:?}");
        assert_eq!(String::from_utf8(home.text(NAME)).unwrap(), masked(&lines));
        // Alone it is as good as any.
        let run = home
            .run(&["import", "--from", "logs", "--pattern", &format!("*.{suffix}"), "--out", "o"])
            .exits(0);
        assert!(run.stderr.contains("archived 1, skipped 0"), "{run:?}");
    }
}

#[test]
fn an_archive_of_our_own_is_no_source_and_can_be_looked_at() {
    let home = Home::new();
    home.claude_session(ID, &secret_lines(3));
    home.run(&["import"]).exits(0);
    let (text, store) = (home.text(NAME), home.store());
    let from = store.to_str().unwrap();
    for out in [from, "other"] {
        let run = home.run(&["import", "--from", from, "--pattern", "*.gz", "--out", out]).exits(3);
        assert!(run.stderr.contains("it is an archive of sessionkeep itself"), "{run:?}");
    }
    assert!(home.archives() == [NAME] && home.text(NAME) == text);
    let run = home.run(&["audit", from, "--pattern", "*.gz"]).exits(0);
    assert!(run.stderr.contains("no secrets in 1 file"), "{run:?}");
    // What the hint says.
    fs::create_dir_all(home.path("other/2026/06")).unwrap();
    fs::copy(store.join(NAME), home.path("other").join(NAME)).unwrap();
    home.run(&["repair", "--out", "other"]).exits(0);
    home.run(&["import", "--out", "other"]).exits(0);
    let packed = |path: &std::path::PathBuf| path.to_str().unwrap().ends_with(".gz");
    let other: Vec<_> = files_below(&home.path("other")).into_iter().filter(packed).collect();
    assert_eq!(other, [home.path("other").join(NAME)]);
}

#[test]
fn a_bomb_is_refused_before_it_fills_the_memory() {
    let home = Home::new();
    // More than a gibibyte in a few kilobytes: zeros packed, and that packed again and again.
    let piece = zstd::encode_all(&vec![b'a'; 64 << 20][..], 1).unwrap();
    home.write("bomb.zst", piece.repeat(17));
    let run = home.run(&["import", "--from", ".", "--pattern", "*.zst"]).exits(3);
    assert!(run.stderr.contains("bomb.zst: unpacked, it has more than"), "{run:?}");
    let mut nested = secret_lines(1).concat().into_bytes();
    for _ in 0..6 {
        nested = zstd::encode_all(&nested[..], 1).unwrap();
    }
    home.write("nested.gz", nested);
    let run = home.run(&["import", "--from", ".", "--pattern", "*.gz"]).exits(3);
    assert!(run.stderr.contains("nested.gz: it is compressed over and over"), "{run:?}");
    assert!(home.archives().is_empty());
}

/// More text than is held in memory.
const LARGE_BYTES: usize = 300 << 20;

/// Writes lines of which each mebibyte ends within a secret, and one line of 12 MiB, which is cut within itself, to `out`.
fn write_large(out: &mut dyn Write) {
    const MIB: usize = 1 << 20;
    let filler = user(ID, 1, &"went on with what was said before, and looked. ".repeat(150));
    let empty = user(ID, 2, "").len();
    let start = user(ID, 2, "@").find('@').unwrap();
    let mut at = 0;
    while at < LARGE_BYTES {
        // Lines up to some way before the boundary, then one whose secret lies across it.
        let boundary = (at / MIB + 1) * MIB;
        while boundary - at > filler.len() + empty + 100 {
            out.write_all(filler.as_bytes()).unwrap();
            at += filler.len();
        }
        let token = github_token((boundary / MIB) as u64);
        let length = boundary - at - start - 20;
        let mut text = format!("{}{token} ", " x".repeat(length)[length + 1..].to_owned() + " ");
        if boundary == 40 * MIB {
            for more in 1..12 {
                // The next secret begins 21 or 22 bytes before the next boundary.
                text += &" y".repeat((length + more * MIB - text.len()) / 2 - 1);
                text += &format!(" {} ", github_token(1000 + more as u64));
            }
        }
        let line = user(ID, 2, &text);
        out.write_all(line.as_bytes()).unwrap();
        at += line.len();
    }
}

/// Returns the hash of what an archive holds, its bytes, and how many secrets are masked in it.
fn large_text(home: &Home) -> (u32, u64, usize) {
    let archive = fs::File::open(home.store().join(NAME)).unwrap();
    let (mut text, mut piece) = (flate2::read::MultiGzDecoder::new(archive), vec![0; 1 << 20]);
    let (mut hash, mut bytes, mut masks, mut end) = (crc32fast::Hasher::new(), 0, 0, Vec::new());
    loop {
        let count = std::io::Read::read(&mut text, &mut piece).unwrap();
        if count == 0 {
            return (hash.finalize(), bytes, masks);
        }
        hash.update(&piece[..count]);
        bytes += count as u64;
        end.extend_from_slice(&piece[..count]);
        assert!(memchr::memmem::find(&end, b"ghp_a1").is_none(), "a secret at {bytes}");
        // What is complete is counted; a mask that may go on is not.
        let mask = b"ghp_***MASKED***";
        let found: Vec<usize> = memchr::memmem::find_iter(&end, mask).collect();
        masks += found.len();
        let from = found.last().map_or(0, |at| at + mask.len()).max(end.len().saturating_sub(mask.len() - 1));
        end.drain(..from);
    }
}

/// What is unpacked is not held, and nothing unmasked may touch the disk: it is decoded again for each look at it.
#[test]
fn a_large_packed_transcript_is_archived_as_the_same_text_is_when_it_is_not_packed() {
    let plain = Home::new();
    let mut out = std::io::BufWriter::new(fs::File::create(plain.write("logs/a.jsonl", "")).unwrap());
    write_large(&mut out);
    out.flush().unwrap();
    plain.run(&["import", "--from", "logs", "--pattern", "a.*"]).exits(0);
    let expected = large_text(&plain);
    assert!(expected.1 > LARGE_BYTES as u64 - (1 << 20) && expected.2 >= 290, "{expected:?}");
    for packing in ["zst", "gz"] {
        let home = Home::new();
        let path = home.write(&format!("logs/a.jsonl.{packing}"), "");
        let file = fs::File::create(path).unwrap();
        if packing == "zst" {
            let mut encoder = zstd::Encoder::new(file, 1).unwrap();
            write_large(&mut encoder);
            encoder.finish().unwrap();
        } else {
            let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::new(1));
            write_large(&mut encoder);
            encoder.finish().unwrap();
        }
        home.run(&["import", "--from", "logs", "--pattern", "a.*"]).exits(0);
        assert_eq!(home.archives(), [NAME]);
        assert_eq!(large_text(&home), expected, "{packing}");
        home.run(&["verify", "--deep"]).exits(0);
        let run = home.run(&["import", "--from", "logs", "--pattern", "a.*"]).exits(0);
        assert!(run.stderr.contains("archived 0, skipped 1"), "{run:?}");
    }
}

#[test]
fn the_filter_refuses_what_is_no_text_and_writes_nothing() {
    let home = Home::new();
    let text = secret_lines(2).concat();
    let packed =
        [(gzip(&text), "gzip"), (zstd(&text), "zstd"), ([skippable(), zstd(&text)].concat(), "zstd")];
    let foreign = FOREIGN.map(|(bytes, what)| (bytes.to_vec(), what));
    for (bytes, what) in packed.into_iter().chain(foreign) {
        let path = home.write("input", &bytes);
        let of_file = home.command(&["mask"]).stdin(fs::File::open(path).unwrap()).output().unwrap();
        for run in [home.run_with_input(&["mask"], &bytes), Run::of(of_file)] {
            assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{what}: {run:?}");
            assert!(run.stderr.starts_with("sessionkeep: cannot mask standard input: it is "), "{run:?}");
            assert!(run.stderr.contains(what) && run.stderr.contains("hint: "), "{run:?}");
        }
    }
    for text in ["", "P", "BZh", "BZh9 is text\n", "\u{1f}\n", "7z\n", "a\0b\n", "\n", "%PDF-1.7 is text\n"] {
        let run = home.run_with_input(&["mask"], text.as_bytes());
        assert_eq!((run.code, run.stdout.as_str()), (0, text));
    }
}
