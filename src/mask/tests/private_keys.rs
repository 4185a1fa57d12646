//! Private keys as agents print them: numbered, searched, coloured, logged, quoted, wrapped, cut off. What stands around
//! their lines stays, nothing of their lines does.

use crate::mask::masker::Masker;
use crate::mask::masker::options::Options;
use crate::mask::output::mask_whole;
use crate::mask::pem;
use crate::mask::tests::learner::StreamLearner;
use crate::mask::tests::random::Random;
use crate::mask::tests::windows::{mask_as_stream, mask_in_windows};
use serde_json::Value;

/// What stands before and after a line of this number.
type Around = fn(usize) -> (String, String);

fn before(text: String) -> (String, String) {
    (text, String::new())
}

fn after(text: &str) -> (String, String) {
    (String::new(), text.to_owned())
}

const LAYOUTS: &[(&str, Around)] = &[
    ("plain", |_| before(String::new())),
    ("indented", |_| before("    ".into())),
    ("windows", |_| after("\r")),
    ("viewer, tab", |n| before(format!("{n:>6}\t"))),
    ("viewer, arrow", |n| before(format!("{n:>6}→"))),
    ("grep -n", |n| before(format!("{n}:"))),
    ("rg", |n| before(format!("key.pem:{n}:"))),
    ("rg in a directory", |n| before(format!("/home/user/project/certificates/server_key.pem:{n}:"))),
    ("grep -C", |n| before(if n == 9 { format!("key.pem:{n}:") } else { format!("key.pem-{n}-") })),
    ("grep --color", |n| {
        before(format!("\x1b[35mkey.pem\x1b[0m\x1b[36m:\x1b[0m\x1b[32m{n}\x1b[0m\x1b[36m:\x1b[0m"))
    }),
    ("grep --color, clearing", |n| {
        before(format!(
            "\x1b[35m\x1b[Kk.pem\x1b[m\x1b[K\x1b[36m\x1b[K:\x1b[m\x1b[K{n}\x1b[m\x1b[K:\x1b[m\x1b[K"
        ))
    }),
    ("coloured line", |_| ("\x1b[32m".into(), "\x1b[0m".into())),
    ("added", |_| before("+".into())),
    ("removed", |_| before("-".into())),
    ("context and added", |n| before(if n % 3 == 1 { "+" } else { " " }.into())),
    ("numbered diff", |n| before(format!("{n:>4} {n:>4} +"))),
    ("quoted", |_| before("> ".into())),
    ("quoted twice", |_| before(">> ".into())),
    ("container", |_| before("app_1  | ".into())),
    ("time stamp", |n| before(format!("2026-01-02T03:04:{:02}Z ", n % 60))),
    ("counter", |n| before(format!("[{n:04}] "))),
    ("klog", |n| before(format!("I0102 03:04:05.{n:03} pod/x "))),
    ("bat", |n| before(format!("{n:>4} │ "))),
    ("L7:", |n| before(format!("L{n}: "))),
    ("box", |_| ("│ ".into(), "   │".into())),
    ("cat -A", |_| after("$")),
    ("cat -A, windows", |_| after("^M$")),
    ("break", |_| after("<br>")),
];

/// How the letters are cut into lines: widths that take turns.
const WIDTHS: &[&[usize]] = &[&[64], &[50], &[60], &[76], &[60, 4], &[50, 14], &[12]];

const SHAPES: &[&str] = &["whole", "long", "head", "tail", "gap"];

const LABELS: &[&str] = &[
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
];

fn body(random: &mut Random, widths: &[usize], letters: usize) -> Vec<String> {
    let mut left = letters;
    let mut lines = Vec::new();
    for &width in widths.iter().cycle() {
        if left == 0 {
            break;
        }
        let width = width.min(left);
        lines.push(random.base64(width));
        left -= width;
    }
    lines
}

fn embedded(text: &str, depth: usize) -> String {
    let mut text = text.to_owned();
    for level in 0..depth {
        text = serde_json::json!({ "type": "tool_result", "output": text, "level": level }).to_string();
    }
    text
}

/// Undoes [`embedded`]; none if a level is no JSON of its shape.
fn extracted(text: &[u8], depth: usize) -> Option<String> {
    let mut text = String::from_utf8(text.to_vec()).ok()?;
    for level in (0..depth).rev() {
        let value: Value = serde_json::from_str(&text).ok()?;
        if value["level"] != level || value.as_object()?.len() != 3 {
            return None;
        }
        text = value["output"].as_str()?.to_owned();
    }
    Some(text)
}

fn masker() -> Masker {
    Masker::new(&Options::default()).unwrap()
}

fn is_left(body: &[String], masked: &str) -> bool {
    body.iter().any(|line| {
        line.as_bytes().windows(16).any(|piece| memchr::memmem::find(masked.as_bytes(), piece).is_some())
    })
}

/// Returns what is wrong with the way a text is masked that holds the lines of `body`.
fn faults(masker: &Masker, text: &str, depth: usize, body: &[String]) -> Result<String, String> {
    let line = embedded(text, depth);
    let whole = mask_whole(masker, None, line.as_bytes());
    let out = extracted(&whole.0, depth).ok_or_else(|| "broken JSON".to_owned())?;
    if is_left(body, &out) {
        return Err(format!("left: {out}"));
    }
    if mask_whole(masker, None, &whole.0).0 != whole.0 {
        return Err(format!("masked again: {out}"));
    }
    let ends: Vec<usize> = memchr::memchr_iter(b'\n', line.as_bytes()).map(|at| at + 1).collect();
    if mask_in_windows(masker, None, line.as_bytes(), &ends) != whole {
        return Err("other in windows".to_owned());
    }
    for sizes in [&[1 << 20][..], &[if line.len() < 3000 { 1 } else { 61 }], &[7, 90, 333]] {
        if mask_as_stream(masker, None, line.as_bytes(), sizes) != whole {
            return Err(format!("other as a stream in pieces of {sizes:?}"));
        }
    }
    Ok(out)
}

#[test]
fn a_key_is_masked_in_every_layout_and_what_stands_around_it_stays() {
    let masker = masker();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut failures = Vec::new();
    let mut tried = 0;
    for (number, (name, around)) in LAYOUTS.iter().enumerate() {
        for (turn, (widths, shape)) in
            WIDTHS.iter().flat_map(|widths| SHAPES.iter().map(move |shape| (widths, *shape))).enumerate()
        {
            // Lines too short to be told from words are known by both labels only.
            if *widths == [12] && !matches!(shape, "whole" | "long") {
                continue;
            }
            let label = LABELS[(number + turn) % LABELS.len()];
            // A tail is known by a label that stands 4 KiB behind it at most, colours and escapes included.
            let letters = match shape {
                "tail" => 480,
                "long" => 3200,
                _ => 1180,
            };
            let body = body(&mut random, widths, letters + 28);
            let mut lines = body.clone();
            match shape {
                "gap" => lines.insert(5, "... 12 lines omitted ...".into()),
                "head" => drop(lines.pop()),
                _ => {}
            }
            if shape != "tail" {
                lines.insert(0, format!("-----BEGIN {label}-----"));
            }
            if matches!(shape, "whole" | "long" | "tail") {
                lines.push(format!("-----END {label}-----"));
            } else if lines.last().is_some_and(|last| last.len() < 16) {
                lines.pop();
            }
            let arounds: Vec<_> = (0..lines.len()).map(|line| around(line + 7)).collect();
            let printed: Vec<String> = lines
                .iter()
                .zip(&arounds)
                .map(|(line, (before, after))| format!("{before}{line}{after}"))
                .collect();
            let text = format!("$ show it\n{}\nand that is it, done.\n", printed.join("\n"));
            for depth in 0..4 {
                tried += 1;
                let what = format!("{name}, {shape} of {label} in lines of {widths:?} at depth {depth}");
                let out = match faults(&masker, &text, depth, &body) {
                    Ok(out) => out,
                    Err(fault) => {
                        failures.push(format!("{what}: {fault}"));
                        continue;
                    }
                };
                let is_framed = out.starts_with("$ show it\n") && out.ends_with("\nand that is it, done.\n");
                let is_plain = matches!(*name, "plain" | "indented" | "windows");
                let is_near = embedded(&text, depth).len() < pem::SPLIT_REACH;
                let kept = is_plain || !is_near || {
                    let lines: Vec<&str> = out.split('\n').collect();
                    lines.len() == printed.len() + 4 - 1
                        && arounds.iter().zip(&lines[1..]).all(|((before, after), line)| {
                            line.starts_with(before) && line.ends_with(after.as_str())
                        })
                };
                if !is_framed || !kept {
                    failures.push(format!("{what}: surroundings: {out}"));
                }
            }
        }
    }
    let shown: Vec<String> = failures.iter().step_by(1 + failures.len() / 40).cloned().collect();
    assert!(failures.is_empty(), "{} of {tried}:\n{}", failures.len(), shown.join("\n"));
}

#[test]
fn a_key_is_masked_in_lines_joined_by_blanks_or_escapes_and_beside_another() {
    let masker = masker();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for label in LABELS {
        for width in [50, 60, 64, 76] {
            let body = body(&mut random, &[width], 900);
            for joint in [" ", "\\n", "\\\\n", "\\r\\n"] {
                let text = format!(
                    "K=-----BEGIN {label}-----{joint}{}{joint}-----END {label}-----",
                    body.join(joint)
                );
                for depth in 0..4 {
                    let out = faults(&masker, &format!("a\n{text}\nthe end\n"), depth, &body);
                    assert!(
                        out.is_ok_and(|out| out.starts_with("a\n") && out.ends_with("\nthe end\n")),
                        "{joint:?} {width} {depth}"
                    );
                }
            }
            let other: Vec<String> = body.iter().map(|line| random.base64(line.len())).collect();
            let pairs: Vec<String> =
                body.iter().zip(&other).map(|(one, two)| format!("{one}   | {two}")).collect();
            let begin = format!("-----BEGIN {label}-----");
            let text = format!("{begin}\n{}\n-----END {label}-----\n", pairs.join("\n"));
            for depth in 0..4 {
                let both = [body.clone(), other.clone()].concat();
                let out = faults(&masker, &text, depth, &both);
                assert!(out.is_ok(), "{width} {depth} {out:?}");
            }
        }
    }
}

#[test]
fn a_key_is_masked_whatever_its_record_escapes() {
    let masker = masker();
    let mut random = Random(0x0bad_5eed_0bad_5eed);
    let mut failures = Vec::new();
    for (name, around) in LAYOUTS {
        let body = body(&mut random, &[64], 340);
        let mut lines = vec!["-----BEGIN RSA PRIVATE KEY-----".to_owned()];
        lines.extend(body.iter().cloned());
        lines.push("-----END RSA PRIVATE KEY-----".into());
        for part in [&lines[..], &lines[..lines.len() - 1], &lines[1..]] {
            let printed = part.iter().enumerate().map(|(number, line)| {
                let (before, after) = around(number + 7);
                format!("{before}{line}{after}")
            });
            let text = format!("first\n{}\nlast\n", printed.collect::<Vec<_>>().join("\n"));
            for depth in 1..4 {
                let mut line = embedded(&text, depth);
                for (sign, escape) in [
                    ("/", "\\/"),
                    ("→", "\\u2192"),
                    ("│", "\\u2502"),
                    (">", "\\u003e"),
                    ("<", "\\u003c"),
                    ("+", "\\u002b"),
                ] {
                    line = line.replace(sign, escape);
                }
                let out = mask_whole(&masker, None, line.as_bytes()).0;
                let is_settled = mask_whole(&masker, None, &out).0 == out;
                match extracted(&out, depth) {
                    Some(out) if is_settled && !is_left(&body, &out) && out.ends_with("\nlast\n") => {}
                    out => failures.push(format!("{name} at depth {depth}: {out:?}")),
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn lines_of_a_putty_key_are_masked_in_every_layout() {
    let masker = masker();
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut failures = Vec::new();
    for (name, around) in LAYOUTS {
        let body = body(&mut random, &[64], 300);
        let mut lines =
            vec!["PuTTY-User-Key-File-3: ssh-rsa".to_owned(), format!("Private-Lines: {}", body.len())];
        lines.extend(body.iter().cloned());
        lines.push("Private-MAC: 0".into());
        let printed = lines.iter().enumerate().map(|(number, line)| {
            let (before, after) = around(number + 7);
            format!("{before}{line}{after}")
        });
        let text = printed.collect::<Vec<_>>().join("\n") + "\n";
        for depth in 0..4 {
            if let Err(fault) = faults(&masker, &text, depth, &body) {
                failures.push(format!("{name} at depth {depth}: {fault}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_only_looks_like_a_key_stays() {
    let masker = masker();
    let mut random = Random(0xdead_beef_cafe_f00d);
    let lines = body(&mut random, &[64], 640).join("\n");
    let begin = ["-----BEGIN RSA", " PRIVATE KEY-----"].concat();
    let end = ["-----END RSA", " PRIVATE KEY-----"].concat();
    let hashes: Vec<String> =
        (0..6u64).map(|n| format!("{n:032x}{:032x}  src/file_{n}.rs", n * 77)).collect();
    let texts = [
        format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"),
        format!("-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"),
        format!(
            "     1→-----BEGIN CERTIFICATE-----\n     2→{}\n     3→-----END CERTIFICATE-----\n",
            random.base64(64)
        ),
        format!("if line == \"{begin}\" {{\n    return parsePrivateKeyFromReader(line)\n}}\n"),
        format!("    12→    if line == '{begin}':\n    13→        return parsePrivateKeyFromReader(line)\n"),
        format!("{begin}\n...\n{end}\n"),
        format!("> {begin}\n> ...\n> {end}\n"),
        format!("`{begin}`\n\nThe header is followed by base64.\n"),
        format!("7:{begin}\n8:fn main() {{\n9:    let a = 1;\n"),
        format!("{begin} is what it starts with\n{}\n", hashes.join("\n")),
        format!("{}\n", hashes.join("\n")),
        format!("image:\n{lines}\n"),
        format!("     1→image:\n     2→{}\n     3→done\n", random.base64(76)),
    ];
    for text in &texts {
        for depth in 0..4 {
            let line = embedded(text, depth);
            let out = mask_whole(&masker, None, line.as_bytes()).0;
            assert_eq!(String::from_utf8_lossy(&out), line);
            assert!(mask_as_stream(&masker, None, line.as_bytes(), &[50]).0 == out);
        }
    }
}

#[test]
fn lines_out_of_the_middle_of_a_key_are_masked_where_its_head_is_shown_elsewhere() {
    let masker = Masker::new(&Options::default()).unwrap();
    let mut random = Random(5);
    let lines: Vec<String> = (0..12).map(|_| random.base64(64)).collect();
    for (name, around) in LAYOUTS {
        let layout = |numbers: std::ops::Range<usize>| -> String {
            let line = |n: usize| {
                let (before, after) = around(n);
                format!("{before}{}{after}\n", lines[n])
            };
            numbers.map(line).collect()
        };
        let head = format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n{}\n", lines[0], lines[1]);
        let record = |text: &str| format!("{}\n", serde_json::json!({ "result": text }));
        let middle = record(&format!("$ sed -n 5,9p key.pem\n{}", layout(4..9)));
        let alone = mask_whole(&masker, None, middle.as_bytes()).0;
        assert_eq!(alone, middle.as_bytes(), "{name}");
        for session in [record(&head) + &middle, middle.clone() + &record(&head)] {
            let mut learner = StreamLearner::new(&masker);
            learner.push(session.as_bytes());
            let known = masker.known(learner.finish());
            let (out, _) = mask_whole(&masker, known.as_ref(), session.as_bytes());
            let out = String::from_utf8_lossy(&out).into_owned();
            let shown = lines.iter().find(|line| out.contains(&line[8..24]));
            assert_eq!(shown, None, "{name}: {out}");
            assert!(out.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{name}: {out}");
        }
    }
}

#[test]
fn a_key_is_masked_where_a_search_coloured_a_part_of_its_label() {
    let masker = Masker::new(&Options::default()).unwrap();
    let mut random = Random(9);
    let lines: Vec<String> = (0..25).map(|_| random.base64(64)).collect();
    let label = "-----BEGIN RSA PRIVATE KEY-----";
    for word in ["PRIVATE", "BEGIN", "KEY", "RSA", "RSA PRIVATE", "PRIVATE KEY"] {
        for (colour, end) in [("\x1b[01;31m\x1b[K", "\x1b[m\x1b[K"), ("\x1b[31m", "\x1b[0m")] {
            for prefix in ["", "3-", "key.pem-3-", "\x1b[35mkey.pem\x1b[0m\x1b[36m-\x1b[0m"] {
                let first = label.replace(word, &format!("{colour}{word}{end}"));
                let rest: String = lines.iter().map(|line| format!("{prefix}{line}\n")).collect();
                let text = format!("{prefix}{first}\n{rest}");
                for text in [text.clone(), format!("{}\n", serde_json::json!({ "a": text }))] {
                    let (out, _) = mask_whole(&masker, None, text.as_bytes());
                    let out = String::from_utf8_lossy(&out).into_owned();
                    let shown = lines.iter().find(|line| out.contains(&line[8..24]));
                    assert_eq!(shown, None, "{word}, {prefix}: {out}");
                }
            }
        }
    }
}

#[test]
fn the_head_of_an_encrypted_key_is_masked_whatever_stands_around_its_headers() {
    let masker = Masker::new(&Options::default()).unwrap();
    let mut random = Random(10);
    let lines: Vec<String> = (0..9).map(|_| random.base64(64)).collect();
    let mut all = vec!["-----BEGIN RSA PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED"];
    all.extend(["DEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF", ""]);
    all.extend(lines.iter().map(String::as_str));
    for (name, around) in LAYOUTS {
        let text: String = all
            .iter()
            .enumerate()
            .map(|(n, line)| {
                let (before, after) = around(n + 1);
                format!("{before}{line}{after}\n")
            })
            .collect();
        for text in [text.clone(), format!("{}\n", serde_json::json!({ "a": text }))] {
            let (out, _) = mask_whole(&masker, None, text.as_bytes());
            let out = String::from_utf8_lossy(&out).into_owned();
            let shown = lines.iter().find(|line| out.contains(&line[8..24]));
            assert_eq!(shown, None, "{name}: {out}");
        }
    }
}
