//! The few facts of a sidecar that a table of sessions shows, and their short form in the catalog.
//!
//! Owns no file and no decision about which sidecar's facts are wanted. Text is masked, as sidecars are, but not safe
//! for a terminal.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::archive::header::MAX_OTHER_IDS;
use crate::archive::sidecar::Sidecar;
use crate::archive::varint::{Cursor, push_varint};

/// What a sidecar says; what it lacks, or has as null, is `None`. Texts are borrowed where they lie in the catalog's
/// copy already: there may be 100,000 of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Facts<'a> {
    pub session_id: Option<Cow<'a, str>>,
    pub agent: Option<Cow<'a, str>>,
    pub project_slug: Option<Cow<'a, str>>,
    pub archived_at: Option<Cow<'a, str>>,
    pub started_at: Option<Cow<'a, str>>,
    pub title: Option<Cow<'a, str>>,
    pub ended_at: Option<Cow<'a, str>>,
    pub model: Option<Cow<'a, str>>,
    pub git_branch: Option<Cow<'a, str>>,
    pub cwd: Option<Cow<'a, str>>,
    pub line_count: Option<u64>,
    pub masked_lines: Option<u64>,
    pub archived_bytes: Option<u64>,
    pub forked_from: Option<Cow<'a, str>>,
    pub other_ids: Vec<Cow<'a, str>>,
    /// Read from the short form of a program that did not know [`LATER_TEXTS`]: what the sidecar says of them is not
    /// known.
    #[serde(skip)]
    pub is_of_older_form: bool,
}

/// Stands before a short form with all texts. In a form without, the length of the first text is there, which is less
/// than these 256 MiB less a byte; a program that knows no other form takes this one for cut off, and reads the sidecar.
const MARK: [u8; 4] = [0xff, 0xff, 0xff, 0x7f];

/// Texts of the first form.
const FIRST_TEXTS: usize = 6;

/// Texts that the form with a [`MARK`] has besides: end, model, branch, directory.
const LATER_TEXTS: usize = 4;

const TEXTS: usize = FIRST_TEXTS + LATER_TEXTS;

/// Returns whether a short form is one that lacks texts.
pub(crate) fn is_of_older_form(bytes: &[u8]) -> bool {
    !bytes.starts_with(&MARK)
}

impl<'a> Facts<'a> {
    /// Reads a sidecar's bytes; what has another type than it should counts as missing. `None` if they are no JSON
    /// object.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Facts<'static>> {
        // A list would pass for the facts in the order of their declaration.
        if bytes.first() == Some(&b'{')
            && let Ok(mut facts) = serde_json::from_slice::<Facts>(bytes)
        {
            facts.other_ids.truncate(MAX_OTHER_IDS);
            return Some(facts);
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(map)) => Some(Facts::of_map(&map)),
            _ => None,
        }
    }

    /// Takes what has the right type; the slow way for sidecars in which something has not.
    pub(crate) fn of_map(map: &Map<String, Value>) -> Facts<'static> {
        let text = |name: &str| map.get(name).and_then(Value::as_str).map(|text| Cow::Owned(text.to_owned()));
        let number = |name: &str| map.get(name).and_then(Value::as_u64);
        Facts {
            session_id: text("session_id"),
            agent: text("agent"),
            project_slug: text("project_slug"),
            archived_at: text("archived_at"),
            started_at: text("started_at"),
            title: text("title"),
            ended_at: text("ended_at"),
            model: text("model"),
            git_branch: text("git_branch"),
            cwd: text("cwd"),
            line_count: number("line_count"),
            masked_lines: number("masked_lines"),
            archived_bytes: number("archived_bytes"),
            forked_from: text("forked_from"),
            other_ids: match map.get("other_ids") {
                Some(Value::Array(ids)) => {
                    let ids = ids.iter().filter_map(Value::as_str).take(MAX_OTHER_IDS);
                    ids.map(|id| Cow::Owned(id.to_owned())).collect()
                }
                _ => Vec::new(),
            },
            is_of_older_form: false,
        }
    }

    /// Appends the short form that [`Facts::decode`] reads.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let texts = [
            &self.session_id,
            &self.agent,
            &self.project_slug,
            &self.archived_at,
            &self.started_at,
            &self.title,
            &self.ended_at,
            &self.model,
            &self.git_branch,
            &self.cwd,
        ];
        encode(texts.map(Option::as_deref), [self.line_count, self.masked_lines, self.archived_bytes], out);
        encode_ids(self.forked_from.as_deref(), &self.other_ids, out);
    }

    /// Returns the facts of a short form; `None` if it is none.
    pub(crate) fn decode(bytes: &'a [u8]) -> Option<Facts<'a>> {
        let is_of_older_form = is_of_older_form(bytes);
        let (mut cursor, count) = match is_of_older_form {
            true => (Cursor { rest: bytes }, FIRST_TEXTS),
            false => (Cursor { rest: &bytes[MARK.len()..] }, TEXTS),
        };
        let mut texts = [const { None }; TEXTS];
        for text in &mut texts[..count] {
            *text = decode_text(&mut cursor)?;
        }
        let mut number = || -> Option<Option<u64>> {
            match cursor.take(1).ok()? {
                [0] => Some(None),
                _ => Some(Some(cursor.varint().ok()?)),
            }
        };
        let numbers = [number()?, number()?, number()?];
        let [
            session_id,
            agent,
            project_slug,
            archived_at,
            started_at,
            title,
            ended_at,
            model,
            git_branch,
            cwd,
        ] = texts;
        let [line_count, masked_lines, archived_bytes] = numbers;
        let (forked_from, other_ids) = decode_ids(&mut cursor)?;
        cursor.rest.is_empty().then_some(Facts {
            session_id,
            agent,
            project_slug,
            archived_at,
            started_at,
            title,
            ended_at,
            model,
            git_branch,
            cwd,
            line_count,
            masked_lines,
            archived_bytes,
            forked_from,
            other_ids,
            is_of_older_form,
        })
    }
}

/// Appends the short form of the facts in `sidecar`: what [`Facts::parse`] finds in its bytes, without a copy of its
/// texts.
pub(crate) fn encode_sidecar(sidecar: &Sidecar, out: &mut Vec<u8>) {
    let texts = [
        Some(sidecar.session_id.as_str()),
        sidecar.agent.as_deref(),
        Some(sidecar.project_slug.as_str()),
        Some(sidecar.archived_at.as_str()),
        sidecar.started_at.as_deref(),
        sidecar.title.as_deref(),
        sidecar.ended_at.as_deref(),
        sidecar.model.as_deref(),
        sidecar.git_branch.as_deref(),
        Some(sidecar.cwd.as_str()),
    ];
    let numbers = [sidecar.line_count, sidecar.masked_lines, sidecar.archived_bytes].map(Some);
    encode(texts, numbers, out);
    encode_ids(sidecar.forked_from.as_deref(), &sidecar.other_ids, out);
}

/// A mark; a text is its length plus one, or 0 where there is none; a number has a byte before it that says whether it is there.
fn encode(texts: [Option<&str>; TEXTS], numbers: [Option<u64>; 3], out: &mut Vec<u8>) {
    out.extend_from_slice(&MARK);
    for text in texts {
        push_varint(out, text.map_or(0, |text| text.len() as u64 + 1));
        out.extend_from_slice(text.unwrap_or_default().as_bytes());
    }
    for number in numbers {
        out.push(u8::from(number.is_some()));
        if let Some(number) = number {
            push_varint(out, number);
        }
    }
}

fn decode_text<'a>(cursor: &mut Cursor<'a>) -> Option<Option<Cow<'a, str>>> {
    let Some(length) = cursor.varint().ok()?.checked_sub(1) else { return Some(None) };
    let bytes = cursor.take(usize::try_from(length).ok()?).ok()?;
    Some(Some(Cow::Borrowed(std::str::from_utf8(bytes).ok()?)))
}

/// Nothing where there are no such ids, as in nearly all sessions. Else the text and the other ids, up to the end.
fn encode_ids(forked_from: Option<&str>, other_ids: &[impl AsRef<str>], out: &mut Vec<u8>) {
    if forked_from.is_none() && other_ids.is_empty() {
        return;
    }
    let mut push = |text: Option<&str>| {
        push_varint(out, text.map_or(0, |text| text.len() as u64 + 1));
        out.extend_from_slice(text.unwrap_or_default().as_bytes());
    };
    push(forked_from);
    other_ids.iter().take(MAX_OTHER_IDS).for_each(|id| push(Some(id.as_ref())));
}

/// Whose copy a session is, and its other ids.
type Ids<'a> = (Option<Cow<'a, str>>, Vec<Cow<'a, str>>);

/// Reads to the end.
fn decode_ids<'a>(cursor: &mut Cursor<'a>) -> Option<Ids<'a>> {
    let mut ids = Vec::new();
    if cursor.rest.is_empty() {
        return Some((None, ids));
    }
    let forked_from = decode_text(cursor)?;
    while !cursor.rest.is_empty() {
        ids.push(decode_text(cursor)??);
    }
    (forked_from.is_some() || !ids.is_empty()).then_some((forked_from, ids))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::header::tests::typical;

    fn short(facts: &Facts) -> Vec<u8> {
        let mut bytes = Vec::new();
        facts.encode(&mut bytes);
        bytes
    }

    #[test]
    fn the_short_form_of_a_sidecar_says_what_its_bytes_say() {
        let mut sidecar = Sidecar::of_header(&typical(), 4500, "/s/x.jsonl.gz", Vec::new());
        sidecar.title = Some("quotes \" and \u{1b}[31m é".into());
        sidecar.line_count = u64::MAX;
        for agent in [None, Some(String::new()), Some("codex".into())] {
            sidecar.forked_from = agent.clone();
            sidecar.other_ids.extend(agent.clone());
            sidecar.agent = agent;
            let mut bytes = Vec::new();
            encode_sidecar(&sidecar, &mut bytes);
            let facts = Facts::decode(&bytes);
            assert_eq!(facts, Facts::parse(&sidecar.to_bytes()));
            assert_eq!(bytes, short(&facts.unwrap()));
        }
    }

    #[test]
    fn facts_come_back_as_they_were() {
        let full = Facts {
            title: Some("t".repeat(300).into()),
            ended_at: Some("e".into()),
            cwd: Some("".into()),
            masked_lines: Some(0),
            ..Facts::default()
        };
        let told = Facts { model: Some("m".into()), git_branch: Some("b".into()), ..full.clone() };
        let fork = Facts { forked_from: Some("whose".into()), ..full.clone() };
        let renamed = Facts { other_ids: vec!["one".into(), "two".into()], ..full.clone() };
        let both = Facts { other_ids: renamed.other_ids.clone(), ..fork.clone() };
        for facts in [Facts::default(), full, told, fork, renamed, both] {
            assert_eq!(Facts::decode(&short(&facts)), Some(facts));
        }
    }

    #[test]
    fn the_form_of_a_program_that_knew_fewer_texts_is_read_and_told_from_a_whole_one() {
        for (bytes, owner) in [
            (&b"\x02i\x06codex\0\0\0\x02t\x01\x07\0\x01\x09"[..], None),
            (b"\0\0\0\0\0\0\0\0\0\x02o", Some("o")),
        ] {
            let facts = Facts::decode(bytes).unwrap();
            assert!(facts.is_of_older_form && is_of_older_form(bytes));
            assert_eq!(facts.forked_from.as_deref(), owner);
            assert_eq!((facts.ended_at, facts.model, facts.git_branch, facts.cwd), (None, None, None, None));
        }
        let facts = Facts::decode(b"\x02i\x06codex\0\0\0\x02t\x01\x07\0\x01\x09").unwrap();
        assert_eq!((facts.agent.as_deref(), facts.title.as_deref()), (Some("codex"), Some("t")));
        assert_eq!((facts.line_count, facts.archived_bytes), (Some(7), Some(9)));
        assert!(!is_of_older_form(&short(&facts)));
    }

    #[test]
    fn what_is_cut_or_too_long_is_no_short_form() {
        let facts = Facts { agent: Some("codex".into()), line_count: Some(300), ..Facts::default() };
        let bytes = short(&facts);
        for length in 0..bytes.len() {
            assert_eq!(Facts::decode(&bytes[..length]), None, "{length}");
        }
        let fork = short(&Facts { forked_from: Some("whose".into()), ..facts });
        for length in bytes.len() + 1..fork.len() {
            assert_eq!(Facts::decode(&fork[..length]), None, "{length}");
        }
        for whole in [&bytes[..], &fork[..]] {
            assert_eq!(Facts::decode(&[whole, b"\0"].concat()), None);
        }
        assert_eq!(Facts::decode(b"\x02\xff\0\0\0\0\0\0\0\0"), None, "not UTF-8");
        assert_eq!(Facts::decode(&[0xff; 40]), None);
    }

    #[test]
    fn only_an_object_has_facts() {
        for text in ["", "null", "{", r#"["id", "agent"]"#, "7"] {
            assert_eq!(Facts::parse(text.as_bytes()), None, "{text}");
        }
        let odd = Facts::parse(br#"{"session_id": 7, "project_slug": "p", "line_count": -1}"#);
        assert_eq!(odd, Some(Facts { project_slug: Some("p".into()), ..Facts::default() }));
    }
}
