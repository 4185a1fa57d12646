//! Known values end to end: in every spelling in which they may stand, and not where they are something else.

use crate::mask::masker::Masker;
use crate::mask::masker::options::Options;
use crate::mask::output::mask_whole;
use crate::mask::values::{HitCounts, KnownValues, Learned, outside};
use crate::mask::window::Window;
use std::ffi::OsString;

/// A value with bytes that every spelling writes differently, from pieces so that it stands nowhere.
fn tricky() -> String {
    ["qZ7/w\"v", "\\x+K9 é", "=Lm4T"].concat()
}

fn known(masker: &Masker, values: &[&str]) -> KnownValues {
    let environment = values
        .iter()
        .enumerate()
        .map(|(index, value)| (OsString::from(format!("SERVICE_{index}_TOKEN")), OsString::from(value)));
    masker.known(outside::collect(None, None, environment)).expect("the values are worth searching for")
}

fn masked(values: &[&str], text: &str) -> String {
    let masker = Masker::new(&Options::default()).unwrap();
    let known = known(&masker, values);
    let (out, _) = mask_whole(&masker, Some(&known), text.as_bytes());
    let (again, tally) = mask_whole(&masker, Some(&known), &out);
    assert_eq!((again, tally.masked_lines), (out.clone(), 0));
    String::from_utf8(out).unwrap()
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for index in 0..=group.len() {
            out.push(ALPHABET[(bits >> (18 - 6 * index)) as usize & 63] as char);
        }
    }
    out
}

#[test]
fn a_value_is_masked_raw_and_escaped_at_every_depth() {
    let mut text = tricky();
    for depth in 0..4 {
        let line = format!("before {text} after\n");
        assert_eq!(masked(&[&tricky()], &line), "before ***MASKED*** after\n", "depth {depth}");
        let json = serde_json::to_string(&text).unwrap();
        text = json[1..json.len() - 1].to_owned();
    }
}

#[test]
fn a_value_is_masked_in_urls() {
    let text = "https://h/?a=qZ7%2Fw%22v%5Cx%2BK9%20%C3%A9%3DLm4T&b=1";
    assert_eq!(masked(&[&tricky()], text), "https://h/?a=***MASKED***&b=1");
    assert_eq!(masked(&[&tricky()], &text.replace("%20", "+")), "https://h/?a=***MASKED***&b=1");
}

#[test]
fn a_value_is_masked_in_base64_at_every_alignment() {
    for before in ["", "u", "us", "user"] {
        for after in ["", "x", "xy"] {
            let plain = format!("{before}{}{after}", tricky());
            let text = format!("Basic {} end", base64(plain.as_bytes()));
            let out = masked(&[&tricky()], &text);
            assert!(out.contains("***MASKED***"), "{text} {out}");
            let web = text.replace('+', "-").replace('/', "_");
            assert!(masked(&[&tricky()], &web).contains("***MASKED***"), "{web}");
        }
    }
}

#[test]
fn a_value_that_looks_like_a_word_counts_only_where_it_stands_alone() {
    let value = ["hunter", "2024"].concat();
    let text = format!("{value} x{value} {value}y\\n{value}\\n");
    let expected = format!("***MASKED*** x{value} {value}y\\n***MASKED***\\n");
    assert_eq!(masked(&[&value], &text), expected);
}

#[test]
fn a_value_that_looks_like_a_word_and_is_everywhere_is_dropped() {
    let masker = Masker::new(&Options::default()).unwrap();
    let value = ["hunter", "2024"].concat();
    for (repeats, is_kept) in [(100, true), (101, false)] {
        let known = known(&masker, &[&value]);
        assert!(known.must_be_counted());
        let text = format!("{value} ").repeat(repeats);
        let mut counts = HitCounts::default();
        let (first, second) = (0..text.len() / 2, text.len() / 2..text.len());
        for wanted in [first, second] {
            let mut part = HitCounts::default();
            masker.count_known(&Window::of_whole(text.as_bytes(), wanted), &known, &mut part);
            counts.merge(&part);
        }
        assert_eq!(known.settle(&counts).is_some(), is_kept, "{repeats}");
    }
}

#[test]
fn a_value_that_the_sessions_code_uses_as_a_name_is_dropped() {
    let masker = Masker::new(&Options::default()).unwrap();
    let value = ["hunter", "2024"].concat();
    for (text, is_kept) in [
        (format!("{value}() and mod::{value}"), false),
        (format!("x = {value}.field; {value}(1)"), false),
        (format!("const {value}: usize = 1;"), false),
        (format!("use a::{value};"), false),
        (format!("{value}() once"), true),
        (format!("it is {value}. Or {value}, twice"), true),
    ] {
        let known = known(&masker, &[&value]);
        let mut counts = HitCounts::default();
        masker.count_known(&Window::of_whole(text.as_bytes(), 0..text.len()), &known, &mut counts);
        assert_eq!(known.settle(&counts).is_some(), is_kept, "{text}");
    }
}

#[test]
fn overlapping_values_are_masked_as_one() {
    let (one, other) = (["aK7w", "Zq93"].concat(), ["Zq93", "Lm5X"].concat());
    assert_eq!(masked(&[&one, &other], &format!("<{one}{}>", &other[4..])), "<***MASKED***>");
}

#[test]
fn nothing_learned_is_nothing_to_search_for() {
    let masker = Masker::new(&Options::default()).unwrap();
    assert!(masker.known(Learned::default()).is_none());
    let environment = [("HOME", "/home/someone"), ("MY_TOKEN", "localhost"), ("A_KEY_PATH", "/x/y8gFz2Lq")];
    let environment = environment.iter().chain(&[("USER", "k9zQw7Lx"), ("DB_PASSWORD", "k9zQw7Lx")]);
    let environment = environment.map(|(name, value)| (OsString::from(name), OsString::from(value)));
    assert!(masker.known(outside::collect(None, None, environment)).is_none());
}

#[test]
fn files_of_secrets_are_read_up_to_the_root_of_the_repository() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("work/repository");
    let cwd = root.join("deep/er");
    std::fs::create_dir_all(&cwd).unwrap();
    std::fs::create_dir(root.join(".git")).unwrap();
    let value = |number: u32| format!("k{number}Zq{}w7Lx", number * 7919);
    let write = |path: std::path::PathBuf, text: String| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        cwd.join(".env"),
        format!("# c\nexport A_TOKEN=\"{}\"\nPORT=3000\nB_SECRET={} # c\n", value(1), value(2)),
    );
    write(root.join(".env.local"), format!("DATABASE_URL=postgres://u:{}@h:5/d\n", value(3)));
    write(root.join(".npmrc"), format!("//registry.example/:_authToken={}\n", value(4)));
    write(home.path().join("work/.env"), format!("OUTSIDE_TOKEN={}\n", value(5)));
    write(home.path().join(".netrc"), format!("machine h login u password {}\n", value(6)));
    write(home.path().join(".aws/credentials"), format!("[default]\naws_secret_access_key = {}\n", value(7)));
    let auth = base64(format!("user:{}", value(8)).as_bytes());
    write(
        home.path().join(".docker/config.json"),
        format!("{{\"auths\":{{\"r\":{{\n\"auth\": \"{auth}\"\n}}}}}}"),
    );
    write(home.path().join(".kube/config"), format!("users:\n- name: x\n  user:\n    token: {}\n", value(9)));
    let learned = outside::collect(Some(&cwd), Some(home.path()), []);
    let masker = Masker::new(&Options::default()).unwrap();
    let known = masker.known(learned).unwrap();
    for number in 1..=9 {
        let (out, _) = mask_whole(&masker, Some(&known), value(number).as_bytes());
        assert_eq!(out == b"***MASKED***", number != 5, "value {number}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_a_file_of_secrets_is_not_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(".env");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert!(outside::collect(Some(directory.path()), None, []).is_empty());
}
