//! Messages in pieces: what is masked in them, however they are recorded and cut.

use crate::mask::masker::Masker;
use crate::mask::masker::options::Options;
use crate::mask::output::mask_whole;
use crate::mask::pieces::joined::REACH;
use crate::mask::tests::learner::StreamLearner;
use crate::mask::tests::windows::{line_ends, mask_as_stream, mask_in_windows};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

static MASKER: LazyLock<Masker> = LazyLock::new(|| Masker::new(&Options::default()).unwrap());

fn letters(seed: usize, count: usize) -> String {
    const ALPHABET: &[u8] = b"aB3dEf7hIjKl2nOpQr5tUvWxYz0cGm9sLkVe4T";
    (0..count).map(|at| ALPHABET[(at * 11 + at * at * 3 + seed * 7) % ALPHABET.len()] as char).collect()
}

fn token(seed: usize) -> String {
    ["gh", "p_", &letters(seed, 36)].concat()
}

/// How a format records pieces, and how they are read again.
struct Format {
    name: &'static str,
    write: fn(&[String]) -> String,
    read: fn(&Value) -> String,
}

fn lines(pieces: &[String], record: impl Fn(usize, &str) -> Value) -> String {
    pieces.iter().enumerate().map(|(at, piece)| format!("{}\n", record(at, piece))).collect()
}

fn at(record: &Value, pointer: &str) -> String {
    record.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned()
}

const FORMATS: [Format; 12] = [
    Format {
        name: "session updates",
        write: |pieces| {
            lines(pieces, |at, piece| {
                json!({"timestamp": 1_784_278_802 + at, "method": "session/update", "params": {"sessionId": "s1",
                    "update": {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": piece}},
                    "_meta": {"promptId": "p1"}}})
            })
        },
        read: |record| at(record, "/params/update/content/text"),
    },
    Format {
        name: "list of texts",
        write: |pieces| format!("{}\n", json!({"type": "text-chunks", "seq": 2, "data": {"texts": pieces}})),
        read: |record| {
            let texts = record.pointer("/data/texts").and_then(Value::as_array);
            texts.map_or(String::new(), |texts| texts.iter().filter_map(Value::as_str).collect())
        },
    },
    Format {
        name: "block deltas of text",
        write: |pieces| {
            lines(pieces, |at, piece| {
                json!({"type": "stream_event", "session_id": "s1", "uuid": format!("u{at}"), "event":
                    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}})
            })
        },
        read: |record| at(record, "/event/delta/text"),
    },
    Format {
        name: "block deltas of input",
        write: |pieces| {
            lines(pieces, |_, piece| {
                json!({"type": "content_block_delta", "index": 1,
                    "delta": {"type": "input_json_delta", "partial_json": piece}})
            })
        },
        read: |record| at(record, "/delta/partial_json"),
    },
    Format {
        name: "response deltas",
        write: |pieces| {
            lines(pieces, |at, piece| {
                json!({"type": "response.output_text.delta", "item_id": "m1", "output_index": 0,
                    "sequence_number": at, "delta": piece})
            })
        },
        read: |record| at(record, "/delta"),
    },
    Format {
        name: "deltas of a method",
        write: |pieces| {
            lines(
                pieces,
                |at, piece| json!({"method": "item/agentMessage/delta", "params": {"itemId": "i1", "seq": at, "delta": piece}}),
            )
        },
        read: |record| at(record, "/params/delta"),
    },
    Format {
        name: "updates of a part",
        write: |pieces| {
            lines(
                pieces,
                |at, piece| json!({"type": "message.part.updated", "properties": {"at": at, "part": {"type": "text"}, "delta": piece}}),
            )
        },
        read: |record| at(record, "/properties/delta"),
    },
    Format {
        name: "values in content that is appended",
        write: |pieces| {
            lines(
                pieces,
                |_, piece| json!({"kind": 2, "k": ["requests", 0, "response"], "v": [{"content": {"value": piece}}]}),
            )
        },
        read: |record| at(record, "/v/0/content/value"),
    },
    Format {
        name: "single chunks of text",
        write: |pieces| {
            lines(pieces, |at, piece| json!({"type": "text-chunk", "seq": at, "data": {"text": piece}}))
        },
        read: |record| at(record, "/data/text"),
    },
    Format {
        name: "completion chunks",
        write: |pieces| {
            lines(pieces, |_, piece| {
                json!({"id": "c1", "object": "chat.completion.chunk",
                    "choices": [{"index": 0, "delta": {"content": piece}}]})
            })
        },
        read: |record| at(record, "/choices/0/delta/content"),
    },
    Format {
        name: "journal of appends",
        write: |pieces| {
            lines(
                pieces,
                |_, piece| json!({"kind": 2, "k": ["requests", 0, "response"], "v": [{"value": piece}]}),
            )
        },
        read: |record| at(record, "/v/0/value"),
    },
    Format {
        name: "content parts",
        write: |pieces| {
            lines(pieces, |at, piece| {
                json!({"type": "context.append_loop_event", "event": {"type": "content.part",
                    "uuid": format!("u{at}"), "turnId": "2", "step": 1, "part": {"type": "text", "text": piece}}})
            })
        },
        read: |record| at(record, "/event/part/text"),
    },
];

fn cut(text: &str, size: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(size).map(|piece| piece.iter().collect()).collect()
}

fn read(format: &Format, journal: &[u8]) -> String {
    let records = journal.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    records.map(|line| (format.read)(&serde_json::from_slice(line).unwrap())).collect()
}

/// Whether 16 letters of a secret are left.
fn is_left(text: &str, secret: &str) -> bool {
    secret.as_bytes().windows(16).any(|part| memchr::memmem::find(text.as_bytes(), part).is_some())
}

/// Masks a journal in every way there is, and returns what all of them give.
fn masked(journal: &str, name: &str) -> Vec<u8> {
    let bytes = journal.as_bytes();
    let whole = mask_whole(&MASKER, None, bytes);
    let ends = line_ends(bytes);
    // Each window looks at all around it: a large journal in windows of a line takes long.
    let least = if bytes.len() < REACH { 1 } else { 200 };
    for step in [least, 3 * least, 50 * least] {
        let cuts: Vec<usize> = ends.iter().copied().step_by(step).collect();
        assert!(mask_in_windows(&MASKER, None, bytes, &cuts) == whole, "{name} in windows of {step} lines");
    }
    for size in [97, 5_000, 300_000] {
        assert!(mask_as_stream(&MASKER, None, bytes, &[size]) == whole, "{name} in chunks of {size}");
    }
    assert!(mask_whole(&MASKER, None, &whole.0).0 == whole.0, "{name} masked once more");
    whole.0
}

#[test]
fn a_secret_in_pieces_of_any_size_is_masked_in_every_format() {
    for (seed, format) in FORMATS.iter().enumerate() {
        for size in [1, 2, 5, 9, 30, 70] {
            let (secret, word) = (token(seed), letters(seed + 3, 24));
            let text =
                format!("I found \"{secret}\" there,\nand DATABASE_PASSWORD={word} in it. That is all.");
            let out = masked(&(format.write)(&cut(&text, size)), format.name);
            let left = read(format, &out);
            assert!(!is_left(&left, &secret) && !is_left(&left, &word), "{} {size}: {left}", format.name);
            assert!(left.starts_with("I found \"") && left.ends_with(" in it. That is all."), "{left}");
        }
    }
}

#[test]
fn a_secret_far_behind_the_first_segment_is_masked_whatever_the_windows() {
    let format = &FORMATS[0];
    for far in [REACH - 2_000, 2 * REACH - 1_000, 5 * REACH] {
        let before = "some words and ".repeat(far / 250);
        let text = format!("{before}{} and more. {}", token(9), "Then other words. ".repeat(2_000));
        let out = masked(&(format.write)(&cut(&text, 7)), format.name);
        let left = read(format, &out);
        assert!(!is_left(&left, &token(9)), "{far}");
        assert_eq!(left, text.replace(&token(9), "***MASKED***"), "{far}");
    }
}

#[test]
fn messages_side_by_side_and_other_records_between_do_not_hide_a_secret() {
    let delta = |index: usize, text: &str| {
        json!({"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": text}})
            .to_string()
    };
    let (one, other) = (cut(&token(1), 6), cut(&token(2), 6));
    let mut journal = String::new();
    for (one, other) in one.iter().zip(&other) {
        let ping = "{\"type\":\"ping\"}";
        journal += &[&delta(0, one), ping, &delta(1, other), "no record\n"].join("\n");
    }
    let out = masked(&journal, "side by side");
    let joined = |index: usize| -> String {
        let records = out.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
        let of_message = |record: &Value| record.pointer("/index") == Some(&json!(index));
        records.filter(of_message).map(|record: Value| at(&record, "/delta/text")).collect()
    };
    let masked = "***MASKED***".to_owned();
    assert_eq!((joined(0), joined(1)), (masked.clone(), masked));
}

#[test]
fn a_message_after_another_one_begins_anew() {
    let delta =
        |text: &str| json!({"type": "response.output_text.delta", "item_id": "m", "delta": text}).to_string();
    let secret = token(4);
    let (start, end) = secret.split_at(15);
    let journal =
        [&delta("all of it is done"), "{\"type\":\"turn\"}", &delta(start), &delta(end), ""].join("\n");
    let out = masked(&journal, "one after another");
    let shown = String::from_utf8(out).unwrap();
    assert!(!shown.contains(start) && !shown.contains(end), "{shown}");
    assert!(shown.starts_with(&delta("all of it is done")));
}

#[test]
fn escapes_that_are_cut_in_two_stay_as_they_are() {
    let piece = |raw: &str| format!("{{\"type\":\"x.delta\",\"item_id\":\"m\",\"delta\":\"{raw}\"}}\n");
    let secret = token(5);
    let journal = [
        piece("a \\ud83d"),
        piece("\\ude00 \\u0067"),
        piece(&secret[1..9]),
        piece(&secret[9..]),
        piece("\\ud83d"),
    ]
    .concat();
    let out = masked(&journal, "halves");
    let shown = String::from_utf8(out).unwrap();
    assert!(shown.starts_with(&[piece("a \\ud83d"), piece("\\ude00 ***MASKED***")].concat()), "{shown}");
    assert!(shown.ends_with(&piece("\\ud83d")) && !shown.contains(&secret[9..]), "{shown}");
}

#[test]
fn what_holds_no_secret_and_what_is_encrypted_stays() {
    for format in &FORMATS {
        let text = "Nothing to see here but words, 1234567 of them, and src/mask/pieces/mod.rs.".repeat(20);
        let mut journal = (format.write)(&cut(&text, 4));
        journal += &format!("{{\"type\":\"x_delta\",\"encrypted_content\":\"{}\"}}\n", letters(3, 400));
        assert_eq!(masked(&journal, format.name), journal.as_bytes(), "{}", format.name);
    }
}

#[test]
fn a_list_longer_than_what_is_joined_over_records_is_joined_whole() {
    let format = &FORMATS[1];
    let text = format!("{} {} {}", "words ".repeat(20_000), token(6), "words ".repeat(20_000));
    let out = masked(&(format.write)(&cut(&text, 3)), format.name);
    assert!(!is_left(&read(format, &out), &token(6)));
}

#[test]
fn a_value_that_pieces_teach_is_masked_where_it_stands_bare_and_in_other_pieces() {
    let (format, word) = (&FORMATS[4], letters(11, 22));
    let bare = format!("{{\"a\":\"it is {word}, really\"}}\n");
    let said = (format.write)(&cut(&format!("set DATABASE_PASSWORD={word} there"), 4));
    let again = (format.write)(&cut(&format!("so {word} it was"), 4));
    let journal = [&bare, &said, "{\"b\":1}\n", &again].concat();
    let mut learner = StreamLearner::new(&MASKER);
    journal.as_bytes().chunks(1_000).for_each(|chunk| learner.push(chunk));
    let known = MASKER.known(learner.finish()).unwrap();
    let (out, _) = mask_whole(&MASKER, Some(&known), journal.as_bytes());
    let shown = String::from_utf8_lossy(&out);
    assert!(shown.starts_with("{\"a\":\"it is ***MASKED***, really\"}\n"), "{shown}");
    assert!(!is_left(&read(format, &out), &word), "{shown}");
    assert_eq!(mask_as_stream(&MASKER, Some(&known), journal.as_bytes(), &[777]).0, out);
}

#[test]
fn a_private_key_in_pieces_is_masked_as_text_and_as_input_of_a_tool() {
    let body: Vec<String> = (0..26).map(|line| letters(line, 64)).collect();
    let [begin, end] = ["BEGIN", "END"].map(|word| format!("-----{word} RSA PRIV{} KEY-----", "ATE"));
    for (format, line_end) in [(&FORMATS[0], "\n"), (&FORMATS[1], "\n"), (&FORMATS[3], "\\n")] {
        for size in [4, 11] {
            let key = [&begin, &body.join(line_end), &end].map(String::as_str).join(line_end);
            let text = format!("the key is {key}{line_end} and that is it");
            let left = read(format, &masked(&(format.write)(&cut(&text, size)), format.name));
            let lines_left = body.iter().filter(|line| is_left(&left, line)).count();
            assert_eq!(lines_left, 0, "{} {size}: {left}", format.name);
            assert!(left.starts_with("the key is ") && left.ends_with(" and that is it"), "{left}");
        }
    }
}

#[test]
fn lines_leave_a_stream_that_holds_a_message_back_when_enough_has_gone_by() {
    let format = &FORMATS[0];
    let (mut stream, mut out) = (crate::mask::output::StreamMasker::new(&MASKER, None), Vec::new());
    stream.push(b"{\"a\":1}\n", &mut out);
    assert_eq!(out, b"{\"a\":1}\n");
    stream.push((format.write)(&cut("a message", 3)).as_bytes(), &mut out);
    assert_eq!(out, b"{\"a\":1}\n");
    stream.push("{\"b\":2}\n".repeat(crate::mask::pieces::SHOWN / 4).as_bytes(), &mut out);
    assert!(out.len() > 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn random_cuts_hide_nothing(
        seed in 0usize..1000,
        format in 0usize..FORMATS.len(),
        sizes in prop::collection::vec(1usize..20, 1..12),
        before in "[a-z \"\\\\\n\u{e9}\u{1f600}]{0,60}",
    ) {
        let format = &FORMATS[format];
        let text = format!("{before} key {} and {before}.", token(seed));
        let (mut letters, mut pieces, mut turn) = (&text[..], Vec::new(), 0);
        while !letters.is_empty() {
            let end = letters.char_indices().nth(sizes[turn % sizes.len()]).map_or(letters.len(), |(at, _)| at);
            pieces.push(letters[..end].to_owned());
            (letters, turn) = (&letters[end..], turn + 1);
        }
        let out = masked(&(format.write)(&pieces), format.name);
        let left = read(format, &out);
        prop_assert!(!is_left(&left, &token(seed)), "{left}");
        let expected = text.replace(&token(seed), "***MASKED***");
        prop_assert_eq!(left.replace("ghp_***MASKED***", "***MASKED***"), expected);
    }
}

#[test]
fn pieces_of_answers_that_stream_side_by_side_are_told_apart_by_their_ids() {
    let token = token(3);

    let chunk = |id: &str, piece: &str| {
        let delta = json!({"id": id, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": piece}}]});
        format!("data: {delta}\n\n")
    };
    let pieces = cut(&format!("the key {token} is it"), 4);
    let journal: String =
        pieces.iter().map(|piece| chunk("chatcmpl-A", piece) + &chunk("chatcmpl-B", "so it is ")).collect();
    let (out, _) = mask_whole(&MASKER, None, journal.as_bytes());
    let out = String::from_utf8_lossy(&out).into_owned();
    let said: String = out
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok())
        .filter(|record| record["id"] == "chatcmpl-A")
        .map(|record| at(&record, "/choices/0/delta/content"))
        .collect();
    assert_eq!(said, "the key ***MASKED*** is it");
    assert_eq!(out.matches("so it is ").count(), pieces.len());
}

#[test]
fn the_first_word_of_the_next_message_is_no_part_of_a_secret_before_it() {
    let token = token(4);
    let delta = |piece: &str| {
        let delta = json!({"type": "text_delta", "text": piece});
        format!("{}\n", json!({"type": "content_block_delta", "index": 0, "delta": delta}))
    };
    let stop = format!("{}\n", json!({"type": "content_block_stop", "index": 0}));
    let result = format!("{}\n", json!({"type": "user", "message": {"content": "ok"}}));
    let start = format!("{}\n", json!({"type": "message_start", "message": {"id": "m2"}}));
    let next = delta("Done") + &delta(". Next I look");
    let journal =
        delta("the key is ") + &delta(&token[..20]) + &delta(&token[20..]) + &stop + &result + &start + &next;
    let (out, _) = mask_whole(&MASKER, None, journal.as_bytes());
    let out = String::from_utf8_lossy(&out).into_owned();
    assert!(!out.contains(&token[4..18]) && out.contains("***MASKED***"), "{out}");
    assert!(out.ends_with(&next), "{out}");
}
