//! Masking is a function of the stream alone: not of windows, blocks, chunks or the order of threads.

use crate::mask::findings::Findings;
use crate::mask::masker::Masker;
use crate::mask::output::{StreamMasker, mask_whole};
use crate::mask::scan::Scratch;
use crate::mask::tally::Tally;
use crate::mask::tests::lines::{masker, transcript};
use crate::mask::values::KnownValues;
use crate::mask::window::{CUT, LONG_LINE, Window};
use proptest::prelude::*;

/// Masks a stream in windows that end at `cuts`, with one scratch for the scans and another for the rewriting.
pub(crate) fn mask_in_windows(
    masker: &Masker,
    known: Option<&KnownValues>,
    bytes: &[u8],
    cuts: &[usize],
) -> (Vec<u8>, Tally) {
    let mut out = Vec::new();
    let mut total = Tally::default();
    let (mut scratch, mut findings, mut masked_until) = (Scratch::default(), Findings::default(), 0);
    let mut start = 0;
    for &end in cuts.iter().chain([&bytes.len()]) {
        let window = Window::of_whole(bytes, start..end);
        masker.scan(&window, &mut scratch, &mut findings);
        if let Some(known) = known {
            masker.find_known(&window, known, &mut findings);
        }
        let mut tally = Tally::default();
        if !masker.rewrite(&window, &findings, masked_until, &mut scratch, &mut out, &mut tally) {
            out.extend_from_slice(&bytes[start..end]);
        }
        total.merge(&tally);
        masked_until = findings.masked_until(masked_until);
        start = end;
    }
    (out, total)
}

pub(crate) fn mask_as_stream(
    masker: &Masker,
    known: Option<&KnownValues>,
    bytes: &[u8],
    sizes: &[usize],
) -> (Vec<u8>, Tally) {
    let mut stream = StreamMasker::new(masker, known);
    let mut out = Vec::new();
    let (mut rest, mut turn) = (bytes, 0);
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(sizes[turn % sizes.len()].clamp(1, rest.len()));
        stream.push(chunk, &mut out);
        (rest, turn) = (after, turn + 1);
    }
    let tally = stream.finish(&mut out);
    (out, tally)
}

pub(crate) fn line_ends(bytes: &[u8]) -> Vec<usize> {
    memchr::memchr_iter(b'\n', bytes).map(|at| at + 1).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn blocks_of_lines_give_what_the_whole_gives(
        bytes in transcript(),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let (masker, known) = masker();
        let ends = line_ends(&bytes);
        let mut cuts: Vec<usize> = picks.iter().filter(|_| !ends.is_empty()).map(|pick| *pick.get(&ends)).collect();
        cuts.sort_unstable();
        let whole = mask_whole(masker, Some(known), &bytes);
        prop_assert!(mask_in_windows(masker, Some(known), &bytes, &cuts) == whole);
        prop_assert!(mask_in_windows(masker, Some(known), &bytes, &ends) == whole);
    }

    #[test]
    fn a_stream_in_any_chunks_gives_what_the_whole_gives(
        bytes in transcript(),
        sizes in prop::collection::vec(1usize..3000, 1..6),
    ) {
        let (masker, known) = masker();
        let whole = mask_whole(masker, Some(known), &bytes);
        prop_assert!(mask_as_stream(masker, Some(known), &bytes, &sizes) == whole);
    }
}

/// A line that is too long to be held, with things to mask at and around the places where it may be cut.
fn long_line(line_bytes: usize) -> Vec<u8> {
    let mut line = b"{\"text\":\"".to_vec();
    let mut at = 1;
    while line.len() < line_bytes {
        let next = (at * CUT).saturating_sub(4 + at % 7);
        while line.len() < next {
            line.extend_from_slice(b"word ");
        }
        line.extend_from_slice(format!("CUSTOMER-{:06} ", at * 31).as_bytes());
        line.extend_from_slice(crate::mask::tests::lines::known_value().as_bytes());
        at += 1;
    }
    line.extend_from_slice(b"\"}");
    line
}

#[test]
fn a_line_too_long_to_hold_is_masked_alike_in_pieces_and_as_a_whole() {
    let (masker, known) = masker();
    for length in [LONG_LINE - 10, LONG_LINE, LONG_LINE + CUT + 17] {
        let mut bytes = b"{\"a\":\"CUSTOMER-000001\"}\n".to_vec();
        bytes.extend(long_line(length));
        bytes.extend_from_slice(b"\n{\"a\":\"CUSTOMER-000002\"}");
        let whole = mask_whole(masker, Some(known), &bytes);
        assert_eq!(whole.1.lines, 3);
        assert_eq!(whole.1.masked_lines, 3);
        assert!(memchr::memmem::find(&whole.0, b"CUSTOMER-0").is_none());
        let cuts: Vec<usize> = (1..bytes.len().div_ceil(CUT)).map(|at| at * CUT).collect();
        let is_long = bytes.len() > LONG_LINE + 2 * CUT;
        if is_long {
            assert!(mask_in_windows(masker, Some(known), &bytes, &cuts) == whole, "{length} in windows");
        }
        for sizes in [vec![1 << 20], vec![CUT, 77, 300_001], vec![bytes.len()]] {
            let (out, tally) = mask_as_stream(masker, Some(known), &bytes, &sizes);
            assert_eq!(tally, whole.1);
            assert!(out == whole.0, "{length} as a stream");
        }
    }
}

#[test]
fn a_key_without_end_line_is_masked_alike_in_pieces_and_as_a_whole() {
    let (masker, known) = masker();
    let line = |seed: usize| -> String {
        (0..64)
            .map(|at| b"2f39dMRUnaO8Ag9rw5PB9zRjvzTlvI+/Kq"[(at * (2 * seed + 5) + seed) % 34] as char)
            .collect()
    };
    let key = [
        "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPublic-Lines: 1\n",
        &line(1),
        "\nPrivate-Lines: 3\n",
        &[line(2), line(3), line(4)[..40].to_owned()].join("\n"),
    ];
    for after in ["", "\n", "\nPrivate-MAC: d1130cc42b1af210d45\n", "\nand then\n", "\r\n\r\n"] {
        let text = [&key.concat(), after].concat();
        let whole = mask_whole(masker, Some(known), text.as_bytes());
        assert!(memchr::memmem::find(&whole.0, &line(3).as_bytes()[..16]).is_none(), "{after:?}");
        for size in [1, 7, 65, 92, 130, 300] {
            let stream = mask_as_stream(masker, Some(known), text.as_bytes(), &[size]);
            assert!(stream == whole, "{after:?} in pieces of {size}");
        }
    }
}

#[test]
fn prose_about_a_key_is_not_held() {
    let (masker, known) = masker();
    let (mut stream, mut out) = (StreamMasker::new(masker, Some(known)), Vec::new());
    stream.push(b"the file says Private-Lines: 14\nand that is it\n", &mut out);
    assert_eq!(out, b"the file says Private-Lines: 14\nand that is it\n");
}

#[test]
fn whole_lines_leave_a_stream_with_the_push_that_ends_them() {
    let (masker, known) = masker();
    let mut stream = StreamMasker::new(masker, Some(known));
    let mut out = Vec::new();
    stream.push(b"{\"a\":\"CUSTOMER-0", &mut out);
    assert!(out.is_empty());
    stream.push(b"00001\"}\n{\"b", &mut out);
    assert_eq!(out, b"{\"a\":\"***MASKED***\"}\n");
    let tally = stream.finish(&mut out);
    assert!(out.ends_with(b"\n{\"b"));
    assert_eq!((tally.lines, tally.masked_lines), (2, 1));
}
