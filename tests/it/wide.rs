//! Text of two bytes a character, as Windows PowerShell writes it: recognised, and masked.

use crate::home::*;
use std::fs;

const MARK: &str = "\u{feff}";

type ToBytes = fn(u16) -> [u8; 2];
const ORDERS: [ToBytes; 2] = [u16::to_le_bytes, u16::to_be_bytes];

fn wide(text: &str, to_bytes: ToBytes) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

fn secret(text: &str) -> String {
    user(ID, 0, &format!("{} {text} \u{e9} \u{4e0a}\u{6d77} \u{1f600}", github_token(1)))
}

fn masked(text: &str) -> String {
    text.replace(&github_token(1), "ghp_***MASKED***")
}

#[test]
fn wide_transcripts_and_parts_are_masked_in_either_order_with_and_without_a_mark() {
    for to_bytes in ORDERS {
        for mark in ["", MARK] {
            let home = Home::new();
            let text = secret("one").replace('\n', "\r\n") + &secret("two");
            let path = format!(".claude/projects/-home-me-my-project/{ID}.jsonl");
            home.write(&path, wide(&format!("{mark}{text}"), to_bytes));
            let part = format!("TOKEN={}\r\nand more", github_token(1));
            home.write(
                &format!(".claude/projects/-home-me-my-project/{ID}/tool-results/b1.txt"),
                wide(&format!("{mark}{part}"), to_bytes),
            );
            home.run(&["import"]).exits(0);
            let archives = home.archives();
            assert_eq!(archives.len(), 2);
            let texts: Vec<String> =
                archives.iter().map(|name| String::from_utf8(home.text(name)).unwrap()).collect();
            assert_eq!(archives[0], NAME);
            assert_eq!(texts, [masked(&text), masked(&part)]);
            let run = home.run(&["import"]).exits(0);
            assert!(run.stderr.contains("archived 0, skipped 2"), "{run:?}");
            let run = home.run(&["audit", &path, "--json"]).exits(0);
            assert!(run.stdout.contains("github-classic"), "{run:?}");
        }
    }
}

#[test]
fn a_wide_transcript_grows_also_where_it_was_cut_within_a_character() {
    for to_bytes in ORDERS {
        let home = Home::new();
        let text = secret("one") + &secret("two");
        let whole = wide(&text, to_bytes);
        let emoji = wide(&text[..text.find('\u{1f600}').unwrap()], to_bytes).len();
        for cut in [emoji + 1, emoji + 2, emoji + 3, (whole.len() / 4 * 3) | 1] {
            home.write("a.jsonl", &whole[..cut]);
            let run = home.run(&["import", "--from", "."]).exits(3);
            assert!(run.stderr.contains("a.jsonl: it ends in the middle of a character"), "{run:?}");
            let run = home.run(&["import", "--from", "."]).exits(3);
            assert!(run.stderr.contains("archived 0, skipped 1"), "{run:?}");
        }
        home.write("a.jsonl", &whole);
        home.run(&["import", "--from", "."]).exits(0);
        let archives = home.archives();
        assert_eq!(archives.len(), 1, "no second version: {archives:?}");
        assert_eq!(String::from_utf8(home.text(&archives[0])).unwrap(), masked(&text));
    }
}

#[test]
fn lone_surrogates_are_kept() {
    let home = Home::new();
    let mut bytes = wide(&secret("one"), u16::to_le_bytes);
    bytes.extend(b"\x3d\xd8a\0\n\0");
    home.write("a.jsonl", &bytes);
    home.run(&["import", "--from", "."]).exits(0);
    assert_eq!(home.text(NAME), [masked(&secret("one")).as_bytes(), b"\xed\xa0\xbda\n"].concat());
}

#[test]
fn what_is_wide_only_in_part_is_refused_rather_than_read_as_what_it_is_not() {
    let home = Home::new();
    let bytes = [wide(&secret("one"), u16::to_le_bytes), secret("two").into_bytes()].concat();
    home.write("a.jsonl", &bytes);
    let run = home.run(&["import", "--from", "."]).exits(3);
    assert!(run.stderr.contains("a.jsonl: it is UTF-16 only in part"), "{run:?}");
    assert!(home.archives().is_empty());
    let output =
        home.command(&["mask"]).stdin(fs::File::open(home.path("a.jsonl")).unwrap()).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(!String::from_utf8_lossy(&output.stdout).contains(&github_token(1)));
}

#[test]
fn the_filter_masks_wide_text_and_leaves_it_wide() {
    for to_bytes in ORDERS {
        for mark in ["", MARK] {
            for text in [secret("one") + "x\r\n" + &secret("two"), format!("{}\r\n", github_token(1))] {
                let home = Home::new();
                let text = format!("{mark}{text}");
                // An odd byte, too, stays what it is.
                let bytes = [wide(&text, to_bytes), vec![7]].concat();
                let expected = [wide(&masked(&text), to_bytes), vec![7]].concat();
                let path = home.write("input", &bytes);
                let of_file = home.command(&["mask"]).stdin(fs::File::open(&path).unwrap()).output().unwrap();
                assert!(of_file.stdout == expected, "{of_file:?}");
                let (reader, mut writer) = std::io::pipe().unwrap();
                let writing = std::thread::spawn(move || {
                    for piece in bytes.chunks(3) {
                        std::io::Write::write_all(&mut writer, piece).unwrap();
                    }
                });
                let of_pipe = home.command(&["mask"]).stdin(reader).output().unwrap();
                writing.join().unwrap();
                assert!(of_pipe.stdout == expected, "{of_pipe:?}");
            }
        }
    }
}
