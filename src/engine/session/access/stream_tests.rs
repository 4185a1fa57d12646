//! Tests of text that is decoded again and again.

use super::*;
use crate::input::Links;
use std::path::Path;

const MIB: u64 = 1 << 20;

/// Returns `mib` MiB of text that says where it is.
fn text(mib: u64) -> Vec<u8> {
    (0..mib * MIB / 16).flat_map(|line| format!("{line:015}\n").into_bytes()).collect()
}

fn packed(text: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a.jsonl.zst");
    std::fs::write(&path, zstd::encode_all(text, 1).unwrap()).unwrap();
    (home, path)
}

fn opened(path: &Path, streams: &Streams) -> (Source, Stream) {
    let source = Source::open(&path.into(), Links::Follow).unwrap();
    let mut proof = Proof::default();
    source.each_decoded(u64::MAX, &mut |bytes| proof.add(bytes)).unwrap();
    source.rest();
    (source, Stream::new(proof, streams))
}

fn starts(stream: &Stream) -> u64 {
    lock(&stream.shared.window).starts
}

/// Reads what a block's scan reads, and compares it.
fn read_block(stream: &Stream, source: &Source, text: &[u8], block: u64, ahead: u64) {
    read_on(&stream.reader(source), text, block, ahead);
}

fn read_on(reader: &Reader, text: &[u8], block: u64, ahead: u64) {
    let mut buffer = Vec::new();
    let end = text.len() as u64;
    let (from, to) = (block * MIB, ((block + 1) * MIB).min(end));
    let around = from.saturating_sub(64 << 10)..(to + ahead).min(end);
    for range in [from.saturating_sub(1)..from + 100, to - 1..(to + 100).min(end), from..to, around] {
        reader.read(range.clone(), &mut buffer).unwrap();
        assert!(buffer == text[range.start as usize..range.end as usize], "{range:?}");
    }
}

#[test]
fn any_range_is_what_was_packed() {
    let text = text(21);
    let (_home, path) = packed(&text[..text.len() - 77]);
    let (source, stream) = opened(&path, &Streams::default());
    let end = text.len() as u64 - 77;
    assert_eq!(stream.text_bytes(), end);
    let reader = stream.reader(&source);
    let mut buffer = vec![1];
    for range in
        [0..0, 0..9, end - 9..end, 5 * MIB - 1..5 * MIB + 1, 0..end, 3..MIB, end..end, end - MIB..end]
    {
        reader.read(range.clone(), &mut buffer).unwrap();
        assert!(buffer == text[range.start as usize..range.end as usize], "{range:?}");
    }
}

#[test]
fn several_threads_go_through_the_text_twice_and_it_is_decoded_twice() {
    let text = text(64);
    let (_home, path) = packed(&text);
    let (source, stream) = opened(&path, &Streams::default());
    for phase in 1..=2 {
        let next = Mutex::new(0..64);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    loop {
                        let reader = stream.reader(&source);
                        let mut blocks = lock(&next);
                        let Some(block) = blocks.next() else { return };
                        // That it has begun is known before the next one begins, however slow its thread is.
                        let middle = block * MIB + MIB / 2;
                        reader.read(middle..middle + 1, &mut Vec::new()).unwrap();
                        drop(blocks);
                        read_on(&reader, &text, block, 64 << 10);
                    }
                });
            }
        });
        assert_eq!(starts(&stream), phase);
    }
}

#[test]
fn one_that_is_slow_is_waited_for_and_starts_nothing_over() {
    let text = text(64);
    let (_home, path) = packed(&text);
    let (source, stream) = opened(&path, &Streams::default());
    let (slow, mut buffer) = (stream.reader(&source), Vec::new());
    slow.read(MIB..MIB + 1, &mut buffer).unwrap();
    std::thread::scope(|scope| {
        let fast = scope.spawn(|| (2..64).for_each(|block| read_block(&stream, &source, &text, block, 9)));
        // The window is full, and the fast one can go no further: or it has not come so far yet, which is as good.
        for from in [MIB, 2 * MIB, MIB / 2] {
            slow.read(from..from + MIB, &mut buffer).unwrap();
            assert!(buffer == text[from as usize..(from + MIB) as usize]);
        }
        assert!(!fast.is_finished() && lock(&stream.shared.window).next() <= 16);
        drop(slow);
        fast.join().unwrap();
    });
    assert_eq!(starts(&stream), 1);
}

#[test]
fn one_that_is_shown_far_ahead_makes_nobody_start_over_and_the_window_gets_small_again() {
    let text = text(64);
    let (_home, path) = packed(&text);
    let (source, stream) = opened(&path, &Streams::default());
    for block in 0..64 {
        read_block(&stream, &source, &text, block, 32 * MIB);
        assert!(lock(&stream.shared.window).pieces.len() <= 44);
    }
    assert_eq!(starts(&stream), 1);
    (0..64).for_each(|block| read_block(&stream, &source, &text, block, 9));
    assert!(lock(&stream.shared.window).pieces.len() <= 13);
    assert_eq!(starts(&stream), 2);
}

#[test]
fn text_that_is_not_what_it_was_is_never_given() {
    let text = text(20);
    let (_home, path) = packed(&text);
    let (source, stream) = opened(&path, &Streams::default());
    let mut other = text.clone();
    other[9 * MIB as usize + 5] ^= 1;
    std::fs::write(&path, zstd::encode_all(&other[..], 1).unwrap()).unwrap();
    let (reader, mut buffer) = (stream.reader(&source), Vec::new());
    reader.read(8 * MIB..9 * MIB, &mut buffer).unwrap();
    assert!(buffer == text[8 * MIB as usize..9 * MIB as usize]);
    for range in [9 * MIB..10 * MIB, 12 * MIB..12 * MIB + 1] {
        let error = reader.read(range, &mut buffer).unwrap_err();
        assert!(error.to_string().contains("still changing") && buffer.is_empty(), "{error}");
    }
    std::fs::write(&path, b"\x28\xb5\x2f\xfd").unwrap();
    let error = reader.read(MIB..2 * MIB, &mut buffer).unwrap_err();
    assert!(error.to_string().contains("still changing"), "{error}");
}

#[test]
fn of_many_streams_few_are_awake() {
    let text = text(3);
    let (_home, path) = packed(&text);
    let streams = Streams::default();
    let all: Vec<_> = (0..5).map(|_| opened(&path, &streams)).collect();
    for _ in 0..2 {
        all.iter().for_each(|(source, stream)| read_block(stream, source, &text, 1, 9));
    }
    let is_awake = |(_, stream): &&(Source, Stream)| lock(&stream.shared.window).text.is_some();
    assert_eq!(all.iter().filter(is_awake).count(), MOST_AWAKE);
    assert!(all.iter().all(|(_, stream)| starts(stream) == 2));
}
