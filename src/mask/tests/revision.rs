//! Holds what is masked against what was masked when the rules' revision was last raised. An archive tells by the version
//! of its rules whether a session that grew can keep its old members: a change of what is masked that shows in no version
//! would leave secrets in them.
//!
//! `digests.tsv` has a digest of what becomes of each example of each rule and of some more texts (`outcome`), of all that
//! the table of rules says (`tables`), and of the words and numbers in the code that decides (`words`): of lists of which
//! no example holds each word. An example that is new demands no revision: its outcome is written down, and that is all.
//!
//! To write it down, run `WRITE_DIGESTS=1 cargo test --lib revision`.

use crate::mask::masker::table;
use crate::mask::masker::version::{REVISION, each_decision};
use crate::mask::recipe::{SURROUNDINGS, embed, expand};
use crate::mask::rule::Rule;
use crate::mask::{Masker, Options, StreamLearner, mask_whole};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const WRITTEN_AT: &str = "src/mask/tests/digests.tsv";
const REVISION_AT: &str = "src/mask/masker/version.rs";

/// Files that decide nothing about what is masked, or whose words are in the table: only how the work is done.
const SPARED: [&str; 14] = [
    "context/rules/key_names.rs",
    "context/rules/providers.rs",
    "context/rules/structures.rs",
    "masker/",
    "output/cutter.rs",
    "output/stream.rs",
    "recipe.rs",
    "sweep/masks.rs",
    "sweep/nibbles.rs",
    "sweep/pass.rs",
    "sweep/runs.rs",
    "sweep/simd.rs",
    "tests/",
    "tokens/rules/",
];

/// The digests by their names: `revision`, `tables`, `words`, and `outcome`, the rule's id and the example's hash.
type Digests = BTreeMap<String, String>;

fn digest(text: &[u8]) -> String {
    blake3::hash(text).to_hex()[..16].to_owned()
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(WRITTEN_AT)
}

fn written() -> Digests {
    let text = std::fs::read_to_string(path()).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.rsplit_once('\t'))
        .map(|(name, digest)| (name.into(), digest.into()))
        .collect()
}

fn write_down(digests: &Digests) {
    let mut text = String::from("# What is masked: see revision.rs.\n");
    for (name, digest) in digests {
        writeln!(text, "{name}\t{digest}").unwrap();
    }
    std::fs::write(path(), text).unwrap();
}

/// Returns what becomes of a text: by rules alone, and with the values that it teaches. Which rules it was counts, too.
fn masked(masker: &Masker, text: &[u8], out: &mut Vec<u8>) {
    let mut learner = StreamLearner::new(masker);
    learner.push(text);
    let known = masker.known(learner.finish());
    for known in [None, known.as_ref()] {
        let (bytes, tally) = mask_whole(masker, known, text);
        out.extend_from_slice(&bytes);
        for (rule, count) in &tally.by_rule {
            out.extend_from_slice(format!("\n{} {count}", masker.rule_id(*rule)).as_bytes());
        }
    }
}

/// Returns what becomes of an example in all surroundings, on lines of one session.
fn outcome(masker: &Masker, recipe: &str) -> String {
    let mut out = Vec::new();
    for seed in 0..6 {
        let made = expand(recipe, seed);
        let mut text = Vec::new();
        for (index, surroundings) in SURROUNDINGS.into_iter().enumerate() {
            text.extend_from_slice(&embed(&made, surroundings, (index + seed as usize) % 4).text);
            text.push(b'\n');
        }
        // The value alone: masked where it was learned.
        text.extend_from_slice(&made.text[made.secret]);
        text.push(b'\n');
        masked(masker, &text, &mut out);
    }
    digest(&out)
}

/// A token in two parts, neither of which is one.
fn torn_token() -> (String, String) {
    let token = String::from_utf8(expand("ghp_{alnum:36}", 7).text).unwrap();
    (token[..15].to_owned(), token[15..].to_owned())
}

/// Texts that no rule has as an example, by what they are about.
fn other_texts() -> Vec<(&'static str, String)> {
    let (one, two) = torn_token();
    let in_records = |record: &dyn Fn(&str) -> String| format!("{}\n{}\n", record(&one), record(&two));
    let token = format!("{one}{two}");
    let wide = |nul: &str| token.chars().map(|letter| format!("{letter}{nul}")).collect::<String>();
    let made = |recipe: &str| String::from_utf8(expand(recipe, 3).text).unwrap();
    let key =
        made("-----BEGIN PRIVATE KEY-----\n{base64:64}\n{base64:64}\n{base64:64}\n-----END PRIVATE KEY-----");
    let middle = key.lines().nth(2).unwrap();
    vec![
        (
            "pieces-chunk",
            in_records(&|text| {
                format!(
                    r#"{{"update":{{"sessionUpdate":"agent_message_chunk","content":{{"type":"text","text":"{text}"}}}}}}"#
                )
            }),
        ),
        (
            "pieces-list",
            format!("{{\"type\":\"text-chunks\",\"data\":{{\"texts\":[\"{one}\",\"{two}\"]}}}}\n"),
        ),
        (
            "pieces-delta",
            in_records(&|text| {
                format!(
                    r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{text}"}}}}"#
                )
            }),
        ),
        (
            "pieces-output-delta",
            in_records(&|text| {
                format!(r#"{{"type":"response.output_text.delta","item_id":"m","delta":"{text}"}}"#)
            }),
        ),
        (
            "pieces-part",
            in_records(&|text| {
                format!(r#"{{"type":"content.part","turnId":"2","part":{{"type":"text","text":"{text}"}}}}"#)
            }),
        ),
        (
            "pieces-append",
            in_records(&|text| {
                format!(r#"{{"kind":2,"k":["requests",0,"response"],"v":[{{"value":"{text}"}}]}}"#)
            }),
        ),
        (
            "pieces-flagged",
            in_records(&|text| {
                format!(r#"{{"type":"message","role":"assistant","content":"{text}","delta":true}}"#)
            }),
        ),
        ("wide-raw", format!("{}\n", wide("\0"))),
        ("wide-escaped", format!("{{\"a\":\"{}\"}}\n", wide("\\u0000"))),
        ("key-middle", format!("{key}\nlater: \n{middle}\n{middle}\n")),
        ("torn-record", format!("{{\"a\":\"{token}{{\"b\":1}}\n")),
        ("second-look", format!("{{\"a\":\"x \\u0067hp_{}\"}}\n", &token[4..])),
        (
            "custom",
            "{\"id\":\"JIRA-1234\",\"text\":\"word-of-mine and JIRA-77\"}\nJIRA-5 allowed-thing=1\n"
                .to_owned(),
        ),
    ]
}

fn outcomes(digests: &mut Digests) {
    let masker = Masker::new(&Options::default()).unwrap();
    for Rule { id, hits, misses, .. } in table::built_in() {
        for recipe in hits.iter().chain(*misses) {
            let name = format!("outcome\t{id}\t{}", digest(recipe.as_bytes()));
            digests.insert(name, outcome(&masker, recipe));
        }
    }
    let options = Options {
        patterns: vec![(r"(JIRA)-(\d+)".into(), r"\1-***".into())],
        literals: vec!["word-of-mine".into()],
        allow_literals: vec!["allowed-thing".into()],
        ..Options::default()
    };
    let masker = Masker::new(&options).unwrap();
    for (about, text) in other_texts() {
        let mut out = Vec::new();
        masked(&masker, text.as_bytes(), &mut out);
        digests.insert(format!("outcome\t{about}\t{}", digest(text.as_bytes())), digest(&out));
    }
}

fn tables() -> String {
    let mut all = Vec::new();
    each_decision(&mut |text| all.extend_from_slice(format!("{}:{text}\n", text.len()).as_bytes()));
    digest(&all)
}

/// Returns the texts and numbers in a source, in order; comments and tests are not looked at, nor are 0 and 1.
fn words_of(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or(source);
    let bytes = source.as_bytes();
    let until =
        |from: usize, end: &str| source[from..].find(end).map_or(bytes.len(), |at| from + at + end.len());
    let (mut words, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let rest = &source[at..];
        let end = match bytes[at] {
            b'/' if rest.starts_with("//") => {
                at = until(at, "\n");
                continue;
            }
            b'r' if rest.starts_with("r#\"") => until(at + 3, "\"#"),
            b'"' => {
                let mut end = at + 1;
                while bytes[end] != b'"' {
                    end += 1 + usize::from(bytes[end] == b'\\');
                }
                end + 1
            }
            b'\'' if bytes[at + 1] == b'\\' => until(at + 3, "'"),
            b'\'' if rest.chars().nth(2) == Some('\'') => until(at + 1, "'").max(at + 3),
            b'0'..=b'9' => {
                let is_number = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
                let mut end = at + bytes[at..].iter().take_while(is_number).count();
                if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
                    end += 1 + bytes[end + 1..].iter().take_while(is_number).count();
                }
                end
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'_' if !matches!(rest.as_bytes(), [b'b', b'"' | b'\'', ..]) => {
                at += rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
                continue;
            }
            _ => {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            }
        };
        if !matches!(&source[at..end], "0" | "1") {
            words.push(source[at..end].to_owned());
        }
        at = end;
    }
    words
}

fn sources(directory: &Path, root: &Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        if path.is_dir() {
            sources(&path, root, out);
        } else if name.ends_with(".rs")
            && !name.ends_with("tests.rs")
            && !SPARED.iter().any(|spared| name.starts_with(spared))
        {
            out.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Returns a digest of all words and numbers of the code that decides, wherever in it they stand.
fn words() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mask");
    let mut all = Vec::new();
    sources(&root, &root, &mut all);
    let mut words: Vec<String> = all.iter().flat_map(|source| words_of(source)).collect();
    words.sort_unstable();
    digest(words.join("\n").as_bytes())
}

#[test]
fn what_is_masked_changes_with_a_new_revision_only() {
    let written = written();
    let mut digests = Digests::new();
    digests.insert("revision".into(), REVISION.into());
    digests.insert("tables".into(), tables());
    digests.insert("words".into(), words());
    outcomes(&mut digests);
    let changed: Vec<&String> = digests
        .iter()
        .filter(|(name, digest)| written.get(*name).is_some_and(|old| old != *digest))
        .map(|it| it.0)
        .collect();
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (written.keys().collect(), digests.keys().collect());
    let is_same_revision = written.get("revision").is_some_and(|old| old == REVISION);
    // Words change with code that is only written otherwise; all else is a change of what is masked.
    let is_other_mask = changed.iter().any(|name| *name != "words" && *name != "revision");
    let may_write = std::env::var_os("WRITE_DIGESTS").is_some();
    assert!(
        !(is_same_revision && is_other_mask),
        "what is masked has changed: bump REVISION in {REVISION_AT}, then set the digests in {WRITTEN_AT} to the new ones \
         with WRITE_DIGESTS=1: {changed:?}"
    );
    if may_write {
        return write_down(&digests);
    }
    assert!(
        changed.is_empty(),
        "what is masked has changed: bump REVISION in {REVISION_AT} (unless code was only written otherwise), then set \
         the digests in {WRITTEN_AT} to the new ones with WRITE_DIGESTS=1: {changed:?}"
    );
    assert!(
        old == new,
        "examples have come or gone, which needs no new revision: write their digests down with WRITE_DIGESTS=1: {:?}",
        old.symmetric_difference(&new).collect::<Vec<_>>()
    );
}

#[test]
fn words_are_read_as_the_compiler_reads_them() {
    let source = "//! \"no\"\nconst A: &[&[u8]] = &[b\"one\", b\"t\\\"wo\"]; // \"no\"\nfn f<'a>(x: &'a str) { x == 'q' && 0..22 }\n\
                  let e = 3.25 + 0x1f; r#\"raw \"q\"#; '\\'' ; '\"'";
    let expected =
        ["b\"one\"", "b\"t\\\"wo\"", "'q'", "22", "3.25", "0x1f", "r#\"raw \"q\"#", "'\\''", "'\"'"];
    let words = words_of(source);
    let without_prefix: Vec<&str> = expected.iter().map(|word| word.trim_start_matches('b')).collect();
    assert_eq!(words.iter().map(|word| word.trim_start_matches('b')).collect::<Vec<_>>(), without_prefix);
}

#[test]
fn the_version_of_the_rules_does_not_depend_on_examples() {
    let mut texts = BTreeSet::new();
    each_decision(&mut |text| {
        texts.insert(text.to_owned());
    });
    for rule in table::built_in() {
        for example in rule.hits.iter().chain(rule.misses) {
            assert!(!texts.contains(*example), "{}: {example}", rule.id);
        }
    }
}
