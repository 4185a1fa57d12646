//! The few facts of a sidecar that a table of sessions shows, and their short form in the catalog.
//!
//! Owns no file and no decision about which sidecar's facts are wanted. Text is masked, as sidecars are, but not safe
//! for a terminal.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::sidecar::Sidecar;
use super::varint::{Cursor, push_varint};

/// What a sidecar says; what it lacks, or has as null, is `None`. Texts are borrowed where they lie in the catalog's
/// copy already: there may be 100,000 of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Facts<'a> {
    pub session_id: Option<Cow<'a, str>>,
    pub agent: Option<Cow<'a, str>>,
    pub project_slug: Option<Cow<'a, str>>,
    pub archived_at: Option<Cow<'a, str>>,
    pub started_at: Option<Cow<'a, str>>,
    pub title: Option<Cow<'a, str>>,
    pub line_count: Option<u64>,
    pub masked_lines: Option<u64>,
    pub archived_bytes: Option<u64>,
}

impl<'a> Facts<'a> {
    /// Reads a sidecar's bytes; what has another type than it should counts as missing. `None` if they are no JSON
    /// object.
    pub fn parse(bytes: &[u8]) -> Option<Facts<'static>> {
        // A list would pass for the facts in the order of their declaration.
        if bytes.first() == Some(&b'{')
            && let Ok(facts) = serde_json::from_slice(bytes)
        {
            return Some(facts);
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(map)) => Some(Facts::of_map(&map)),
            _ => None,
        }
    }

    /// Takes what has the right type; the slow way for sidecars in which something has not.
    pub fn of_map(map: &Map<String, Value>) -> Facts<'static> {
        let text = |name: &str| map.get(name).and_then(Value::as_str).map(|text| Cow::Owned(text.to_owned()));
        let number = |name: &str| map.get(name).and_then(Value::as_u64);
        Facts {
            session_id: text("session_id"),
            agent: text("agent"),
            project_slug: text("project_slug"),
            archived_at: text("archived_at"),
            started_at: text("started_at"),
            title: text("title"),
            line_count: number("line_count"),
            masked_lines: number("masked_lines"),
            archived_bytes: number("archived_bytes"),
        }
    }

    /// Appends the short form that [`Facts::decode`] reads.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let texts = [
            &self.session_id,
            &self.agent,
            &self.project_slug,
            &self.archived_at,
            &self.started_at,
            &self.title,
        ];
        encode(texts.map(Option::as_deref), [self.line_count, self.masked_lines, self.archived_bytes], out);
    }

    /// Returns the facts of a short form; `None` if it is none.
    pub fn decode(bytes: &'a [u8]) -> Option<Facts<'a>> {
        let mut cursor = Cursor { rest: bytes };
        let mut text = || -> Option<Option<Cow<'a, str>>> {
            let Some(length) = cursor.varint().ok()?.checked_sub(1) else { return Some(None) };
            let bytes = cursor.take(usize::try_from(length).ok()?).ok()?;
            Some(Some(Cow::Borrowed(std::str::from_utf8(bytes).ok()?)))
        };
        let texts = [text()?, text()?, text()?, text()?, text()?, text()?];
        let mut number = || -> Option<Option<u64>> {
            match cursor.take(1).ok()? {
                [0] => Some(None),
                _ => Some(Some(cursor.varint().ok()?)),
            }
        };
        let numbers = [number()?, number()?, number()?];
        let [session_id, agent, project_slug, archived_at, started_at, title] = texts;
        let [line_count, masked_lines, archived_bytes] = numbers;
        cursor.rest.is_empty().then_some(Facts {
            session_id,
            agent,
            project_slug,
            archived_at,
            started_at,
            title,
            line_count,
            masked_lines,
            archived_bytes,
        })
    }
}

/// Appends the short form of the facts in `sidecar`: what [`Facts::parse`] finds in its bytes, without a copy of its
/// texts.
pub fn encode_sidecar(sidecar: &Sidecar, out: &mut Vec<u8>) {
    let texts = [
        Some(sidecar.session_id.as_str()),
        sidecar.agent.as_deref(),
        Some(sidecar.project_slug.as_str()),
        Some(sidecar.archived_at.as_str()),
        sidecar.started_at.as_deref(),
        sidecar.title.as_deref(),
    ];
    let numbers = [sidecar.line_count, sidecar.masked_lines, sidecar.archived_bytes].map(Some);
    encode(texts, numbers, out);
}

/// A text is its length plus one, or 0 where there is none; a number has a byte before it that says whether it is there.
fn encode(texts: [Option<&str>; 6], numbers: [Option<u64>; 3], out: &mut Vec<u8>) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::header_codec::tests::typical;

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
        let full = Facts { title: Some("t".repeat(300).into()), masked_lines: Some(0), ..Facts::default() };
        for facts in [Facts::default(), full] {
            assert_eq!(Facts::decode(&short(&facts)), Some(facts));
        }
    }

    #[test]
    fn what_is_cut_or_too_long_is_no_short_form() {
        let facts = Facts { agent: Some("codex".into()), line_count: Some(300), ..Facts::default() };
        let bytes = short(&facts);
        for length in 0..bytes.len() {
            assert_eq!(Facts::decode(&bytes[..length]), None, "{length}");
        }
        assert_eq!(Facts::decode(&[&bytes[..], b"\0"].concat()), None);
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
