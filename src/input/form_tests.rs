//! What bytes are, by the first of them.

use super::*;
use crate::mask::tests::random::Random;

#[test]
fn bytes_that_no_text_has_are_binary_and_text_in_any_encoding_is_not() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut bytes = |count| (0..count).map(|_| random.byte()).collect::<Vec<u8>>();
    let taken = (0..1000).filter(|_| form(&bytes(9000), true) == Some(Form::Text)).count();
    assert!(taken <= 40, "{taken} of 1000");
    for level in [b'\x01', b'\x9c', b'\xda'] {
        let bytes = [vec![0x78, level, 0xed, 0xbd], bytes(600)].concat();
        assert!(matches!(form(&bytes, true), Some(Form::Foreign(_))), "{level}");
    }
    // GB 18030, Shift JIS and Latin-1: letters of one and two bytes, and no control characters.
    for text in [
        &b"\xc4\xe3\xba\xc3\xca\xc0\xbd\xe7 "[..],
        b"\x82\xb1\x82\xf1\x82\xc9\x82\xbf ",
        b"\xe4\xf6\xfc f\xfcr x^",
    ] {
        assert_eq!(form(&text.repeat(200), true), Some(Form::Text), "{text:?}");
    }
    assert_eq!(form(b"x^2 + y^2, in words", true), Some(Form::Text));
}

fn foreign(bytes: &[u8]) -> Option<&'static str> {
    match form(bytes, true) {
        Some(Form::Foreign(foreign)) => Some(foreign.what),
        _ => None,
    }
}

#[test]
fn what_is_no_text_is_known_by_its_first_bytes() {
    for (bytes, what) in [
        (&b"\xfd7zXZ\0\0\x04"[..], "compressed with xz"),
        (b"BZh91AY&SY\x12", "compressed with bzip2"),
        (b"BZh9\x17\x72\x45\x38\x50\x90", "compressed with bzip2"),
        (b"PK\x03\x04\x14\0", "a zip archive"),
        (b"\x04\x22\x4d\x18\x64", "compressed with lz4"),
        (b"7z\xbc\xaf\x27\x1c\0", "a 7z archive"),
        (b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0", "compressed with lzma"),
        (b"\x7fELF\x02", "an ELF program"),
        (b"\x89PNG\r\n\x1a\n\0", "a PNG image"),
        (b"SQLite format 3\0\x10", "an SQLite database"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
        (b"\xff\xfe\0\0x\0\0\0", "UTF-32 text"),
    ] {
        assert_eq!(foreign(bytes), Some(what), "{bytes:?}");
    }
    let mut tar = [0; 600];
    tar[..7].copy_from_slice(b"a.jsonl");
    tar[257..262].copy_from_slice(b"ustar");
    assert_eq!(foreign(&tar), Some("a tar archive"));
}

#[test]
fn text_that_begins_like_something_else_is_text() {
    for bytes in [
        &b"BZh is how bzip2 begins\n"[..],
        b"BZh9 and more\n",
        b"PK\n",
        b"%PDF-1.7 is what it says\n",
        b"MZ is a magic\n",
        b"GIF89a\n",
        b"7z\n",
        b"SQLite format 3\n",
        b"P*M\n",
        b"]\0\0 three bytes that are none of lzma",
        b"(\n",
        b"\x1f\n",
        b"",
        b"\0",
        b"a\0b\xff\n",
    ] {
        assert_eq!(form(bytes, true), Some(Form::Text), "{bytes:?}");
    }
}

#[test]
fn what_it_is_does_not_depend_on_the_pieces_that_it_comes_in() {
    for bytes in [
        &b"{\"a\":1}\n{\"b\":2}\n"[..],
        b"BZh91AY&SY",
        b"BZh9 no\n",
        b"\x28\xb5\x2f\xfd\x04",
        b"\x50\x2a\x4d\x18\x04",
        b"P*M no",
        b"\x1f\x8b\x08\0",
        b"\xff\xfea\0b\0c\0",
        b"a\0b\0c\0d\0\n\0e\0",
        b"\0a\0b\0c\0d\0\n\0e",
        b"a\0b\n",
        b"%PDF-1\n\xff",
    ] {
        let whole = form(bytes, true);
        for length in 0..bytes.len() {
            let early = form(&bytes[..length], false);
            assert!(early.is_none() || early == whole, "{bytes:?} at {length}: {early:?}");
        }
    }
}

#[test]
fn pieces_of_anything_are_what_the_whole_is() {
    let pieces: [&[u8]; 16] = [
        b"\0",
        b"a",
        b"\n",
        b"a\0",
        b"\0a",
        b"\n\0",
        b"\0\n",
        b"\0\0",
        b"\xff\xfe",
        b"\xfe",
        b"\x4e\x0a",
        b"abc\n",
        b"BZh9",
        b"P",
        b"\x2a\x4d\x18",
        b"MZ",
    ];
    let mut state = 1u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    for _ in 0..20_000 {
        // Few different ones in each, so that there are patterns.
        let (few, count) = ([next(16), next(16), next(16)], next(30));
        let bytes: Vec<u8> = (0..count).flat_map(|_| pieces[few[next(9) / 4]]).copied().collect();
        let whole = form(&bytes, true);
        assert!(whole.is_some());
        for length in 0..bytes.len() {
            let early = form(&bytes[..length], false);
            assert!(early.is_none() || early == whole, "{bytes:?} at {length}: {early:?}, not {whole:?}");
        }
    }
}

#[test]
fn a_line_of_a_live_pipe_is_not_held_back() {
    for line in [
        &b"a line\n"[..],
        b"{\"a\":1}\n",
        b"P\n",
        b"BZ\n",
        b"a\0b\n",
        b"\xff\n",
        "größere\n".as_bytes(),
        "你好\n".as_bytes(),
    ] {
        assert_eq!(form(line, false), Some(Form::Text), "{line:?}");
    }
}
