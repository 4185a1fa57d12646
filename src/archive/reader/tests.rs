//! Damage of every kind, other programs' files, and the golden archive.

use super::problems::Problem;
use super::*;
use crate::archive::gzip::Compressor;
use crate::archive::header::tests::typical;
use proptest::prelude::*;
use std::io::Write;

/// Returns an archive's bytes with these blocks.
pub(crate) fn build(header: &Header, blocks: &[&[u8]]) -> Vec<u8> {
    let mut header = header.clone();
    let mut members = Vec::new();
    header.blocks.clear();
    let mut compressor = Compressor::new(6).unwrap();
    for text in blocks {
        let compressed_bytes = compressor.member(text, &mut members) as u32;
        let newlines = text.iter().filter(|&&byte| byte == b'\n').count() as u32;
        let masked_bytes = text.len() as u32;
        header.blocks.push(Block {
            compressed_bytes,
            masked_bytes,
            source_bytes: masked_bytes + 3,
            newlines,
            is_masked: header.masked_lines > 0,
        });
    }
    header.source_bytes = header.blocks.iter().map(|block| u64::from(block.source_bytes)).sum();
    header.clean_bytes = header.source_bytes;
    header.line_count = header.blocks.iter().map(|block| u64::from(block.newlines)).sum();
    let mut archive = codec::encode(&header).unwrap();
    archive.extend_from_slice(&members);
    archive
}

const ONE: &[u8] = b"{\"type\":\"user\",\"message\":\"hello\"}\n{\"type\":\"assistant\"}\n";
const TWO: &[u8] = b"{\"type\":\"user\",\"message\":\"***MASKED***\"}\n";

fn open(bytes: &[u8]) -> Archive {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    Archive::from_file(file, Path::new("test.jsonl.gz")).unwrap()
}

fn text(archive: &Archive) -> Result<Vec<u8>> {
    archive.read_to_end(&mut BlockReader::new(), 1 << 20)
}

#[test]
fn an_archive_comes_back_block_by_block() {
    let bytes = build(&typical(), &[ONE, TWO]);
    let archive = open(&bytes);
    assert_eq!(archive.verify(true), []);
    assert_eq!(archive.verify(false), []);
    let mut out = b"kept".to_vec();
    archive.read_block(1, &mut BlockReader::new(), &mut out).unwrap();
    assert_eq!(out, [b"kept", TWO].concat());
    assert_eq!(text(&archive).unwrap(), [ONE, TWO].concat());
    assert!(archive.read_block(2, &mut BlockReader::new(), &mut out).is_err());
    let range = archive.block_range(0..2).unwrap();
    assert_eq!(range.end, bytes.len() as u64);
    assert_eq!(archive.block_range(0..3), None);
}

#[test]
fn blocks_read_into_one_space_leave_nothing_of_each_other() {
    let archive = open(&build(&typical(), &[ONE, TWO]));
    let (mut reader, mut space) = (BlockReader::new(), Vec::new());
    for (block, text) in [(0, ONE), (1, TWO), (0, ONE)] {
        let length = archive.read_block_to(block, &mut reader, &mut space).unwrap();
        assert_eq!(&space[..length], text);
    }
    let bytes = build(&typical(), &[ONE, TWO]);
    let cut = open(&bytes[..bytes.len() - 1]);
    assert!(cut.read_block_to(0, &mut reader, &mut space).is_ok());
    let error = cut.read_block_to(1, &mut reader, &mut space).unwrap_err();
    assert_eq!(error.kind(), Kind::Damaged, "though the reader's buffer still holds what is cut off");
}

#[test]
fn every_flipped_bit_of_an_archive_is_named() {
    let bytes = build(&typical(), &[ONE, TWO]);
    let whole = [ONE, TWO].concat();
    for position in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[position / 8] ^= 1 << (position % 8);
        let archive = open(&damaged);
        let problems = archive.verify(true);
        let is_same =
            text(&archive).is_ok_and(|text| text == whole) && archive.header() == open(&bytes).header();
        assert!(!problems.is_empty() || is_same, "bit {position} changed something unnoticed");
        archive.verify(false);
    }
}

#[test]
fn an_archive_cut_anywhere_is_named() {
    let bytes = build(&typical(), &[ONE, TWO]);
    for end in 0..bytes.len() {
        let archive = open(&bytes[..end]);
        assert!(!archive.verify(true).is_empty(), "cut at {end}");
        assert!(text(&archive).is_err(), "cut at {end}");
    }
}

#[test]
fn bytes_behind_the_end_are_named() {
    let mut bytes = build(&typical(), &[ONE]);
    bytes.extend_from_slice(b"more");
    assert_eq!(open(&bytes).verify(false), [Problem::TrailingBytes { bytes: 4 }]);
}

#[test]
fn totals_that_contradict_the_table_are_named() {
    let bytes = build(&typical(), &[ONE, TWO]);
    let archive = open(&bytes);
    let (mut header, start) = (archive.header().unwrap().clone(), archive.offsets[0] as usize);
    header.source_bytes += 1;
    header.line_count += 2;
    header.blocks[0].newlines += 1;
    let mut changed = codec::encode(&header).unwrap();
    changed.extend_from_slice(&bytes[start..]);
    let problems = open(&changed).verify(true);
    assert_eq!(
        problems,
        [Problem::TableMismatch { what: "source's length" }, Problem::BlockLines { index: 0 }]
    );
}

#[test]
fn a_block_that_claims_more_than_it_can_hold_is_refused_before_it_is_allocated() {
    let bytes = build(&typical(), &[ONE]);
    let archive = open(&bytes);
    let (mut header, start) = (archive.header().unwrap().clone(), archive.offsets[0] as usize);
    header.blocks[0].masked_bytes = codec::MAX_BLOCK_BYTES as u32;
    let mut changed = codec::encode(&header).unwrap();
    changed.extend_from_slice(&bytes[start..]);
    let mut out = Vec::new();
    let error = open(&changed).read_block(0, &mut BlockReader::new(), &mut out).unwrap_err();
    assert_eq!(error.kind(), Kind::Damaged);
    assert_eq!(out.capacity(), 0);
}

#[test]
fn a_newer_format_is_read_as_plain_gzip() {
    let mut bytes = build(&typical(), &[ONE, TWO]);
    bytes[16] = 200;
    let archive = open(&bytes);
    assert!(matches!(archive.format(), Format::Newer(200)));
    assert_eq!(archive.verify(true), [Problem::NewerFormat { version: 200 }]);
    assert_eq!(text(&archive).unwrap(), [ONE, TWO].concat());
}

#[test]
fn a_damaged_header_leaves_the_text_readable() {
    let mut bytes = build(&typical(), &[ONE, TWO]);
    bytes[40] ^= 1;
    let archive = open(&bytes);
    assert!(matches!(archive.format(), Format::DamagedHeader(_)));
    assert_eq!(text(&archive).unwrap(), [ONE, TWO].concat());
}

#[test]
fn other_programs_files_are_read_through_all_members() {
    let mut gzip =
        flate2::GzBuilder::new().filename("x.jsonl").mtime(7).write(Vec::new(), Default::default());
    gzip.write_all(ONE).unwrap();
    let first = gzip.finish().unwrap();
    let mut bytes = first.clone();
    Compressor::new(9).unwrap().member(TWO, &mut bytes);
    assert_eq!(text(&open(&bytes)).unwrap(), [ONE, TWO].concat());
    assert_eq!(open(&bytes).verify(true), []);
    bytes.extend_from_slice(&[0; 512]);
    assert_eq!(open(&bytes).verify(true), [], "padding with zeros is gzip's custom");
    bytes.extend_from_slice(b"x");
    assert_eq!(open(&bytes).verify(true).len(), 1);
    for end in 0..first.len() {
        assert!(text(&open(&first[..end])).is_err(), "cut at {end}");
        assert_eq!(open(&first[..end]).verify(true).len(), 1);
    }
    for position in 10 + 8..first.len() {
        let mut damaged = first.clone();
        damaged[position] ^= 0x10;
        let read = text(&open(&damaged));
        assert!(read.is_err() || read.unwrap() == ONE, "byte {position}");
    }
}

#[test]
fn chunks_of_a_stream_end_with_lines() {
    let line = [vec![b'x'; 99_999], b"\n".to_vec()].concat();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..50 {
        gzip.write_all(&line).unwrap();
    }
    gzip.write_all(&vec![b'y'; 20_000_000]).unwrap();
    let archive = open(&gzip.finish().unwrap());
    let (mut total, mut largest) = (0, 0);
    archive
        .for_each_chunk(&mut BlockReader::new(), &mut |chunk| {
            assert!(chunk.ends_with(b"\n") || chunk.ends_with(b"y"));
            total += chunk.len();
            largest = largest.max(chunk.len());
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(total, 50 * 100_000 + 20_000_000);
    assert!(largest <= MAX_CHUNK_BYTES + (1 << 16));
    assert!(archive.read_to_end(&mut BlockReader::new(), 1000).is_err());
    let mut calls = 0;
    let stop = &mut |_: &[u8]| {
        calls += 1;
        ControlFlow::Break(())
    };
    archive.for_each_chunk(&mut BlockReader::new(), stop).unwrap();
    assert_eq!(calls, 1);
}

#[test]
fn what_was_whole_before_the_damage_of_a_stream_is_handed_out() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(ONE).unwrap();
    let mut bytes = gzip.finish().unwrap();
    bytes.extend_from_slice(b"no gzip member");
    for (bytes, expected) in [(&bytes[..], vec![ONE]), (&bytes[..5], vec![])] {
        let mut chunks = Vec::new();
        let read = open(bytes).for_each_chunk(&mut BlockReader::new(), &mut |chunk| {
            chunks.push(chunk.to_vec());
            ControlFlow::Continue(())
        });
        assert_eq!(read.unwrap_err().kind(), Kind::Damaged);
        assert_eq!(chunks, expected);
    }
}

#[cfg(unix)]
#[test]
fn links_and_directories_are_not_archives() {
    let root = tempfile::tempdir().unwrap();
    let real = root.path().join("a.jsonl.gz");
    std::fs::write(&real, build(&typical(), &[ONE])).unwrap();
    std::os::unix::fs::symlink(&real, root.path().join("link.jsonl.gz")).unwrap();
    assert!(Archive::open(&real).is_ok());
    for name in ["link.jsonl.gz", "none.jsonl.gz", "."] {
        assert_eq!(Archive::open(&root.path().join(name)).unwrap_err().kind(), Kind::Store, "{name}");
    }
}

/// The format's pin: bytes written by the first version with this format.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/goldens/archive-v1.jsonl.gz");

#[test]
fn the_golden_archive_is_read_byte_for_byte() {
    let archive = Archive::open(Path::new(GOLDEN)).unwrap();
    assert_eq!(archive.verify(true), []);
    assert_eq!(text(&archive).unwrap(), [ONE, TWO].concat());
    let expected = open(&build(&typical(), &[ONE, TWO]));
    assert_eq!(archive.header(), expected.header());
}

#[test]
fn other_readers_read_the_golden_archive() {
    let python = "import gzip,sys;sys.stdout.buffer.write(gzip.open(sys.argv[1]).read())";
    for (program, arguments) in [("zcat", vec![GOLDEN]), ("python3", vec!["-c", python, GOLDEN])] {
        // Where a program is not installed there is nothing to ask.
        let Ok(output) = std::process::Command::new(program).args(arguments).output() else { continue };
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.stdout, [ONE, TWO].concat(), "{program}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn hostile_files_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..600), kind in 0..3) {
        match kind {
            0 => {}
            1 => bytes.splice(0..0, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]).for_each(drop),
            _ => {
                let whole = build(&typical(), &[ONE, TWO]);
                let at = bytes.len() % whole.len();
                bytes.splice(0..0, whole[..at].iter().copied()).for_each(drop);
            }
        }
        let archive = open(&bytes);
        let _ = text(&archive);
        archive.verify(true);
        archive.verify(false);
    }
}
