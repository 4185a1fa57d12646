//! The `.meta.json` beside an archive: the human-readable copy of what the archive says of itself.
//!
//! Its first eleven fields are those of sessionkeep 0.4, in its order, so that either program lists the other's
//! archives. A cache: losing one, or finding nonsense in one, costs nothing. Owns the format; `commit` writes the file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::Serialize;
use serde_json::Value;

use super::header::{Header, MAX_OTHER_IDS};
use crate::error::{Error, Kind, Result};

/// The version of the fields; 0.4 wrote 1.
pub(crate) const SCHEMA_VERSION: u64 = 2;

/// Bytes of a sidecar that are read. The list of parts makes it long: an entry takes 220 bytes as a rule and 560 at most
/// (an id of 128 characters twice, a stem of 225, and what stands around them), so that there is room for 29,000 parts of
/// the longest names.
pub(crate) const MAX_SIDECAR_BYTES: u64 = 16 << 20;

/// Rules in `masked_by_rule` that are read.
const MAX_RULES: usize = 4096;

/// What is known of an archive from its sidecar. Missing fields of 0.4's files are `None`, 0 or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sidecar {
    pub session_id: String,
    /// Local time, RFC 3339 with offset (0.4: without one, at times).
    pub archived_at: String,
    pub source: String,
    pub cwd: String,
    pub project_slug: String,
    pub source_bytes: u64,
    pub archived_bytes: u64,
    pub line_count: u64,
    pub masked_lines: u64,
    pub archive_path: String,
    pub schema_version: u64,
    pub agent: Option<String>,
    pub started_at: Option<String>,
    pub ended_at: Option<String>,
    pub title: Option<String>,
    pub model: Option<String>,
    pub git_branch: Option<String>,
    pub parts: Vec<Part>,
    pub rules_version: Option<String>,
    pub masked_by_rule: BTreeMap<String, u64>,
    pub version: u64,
    pub supersedes: Option<String>,
    /// Only there if the source has NUL bytes: a crash left holes in it.
    #[serde(skip_serializing_if = "is_zero")]
    pub nul_bytes: u64,
    /// The session of which this one is a copy that went its own way; only there if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<String>,
    /// Ids beside `session_id` that the session goes by; only there if it has any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_ids: Vec<String>,
}

/// A part of a session: a subagent's transcript or a tool's result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Part {
    pub part_id: String,
    /// Path of its archive relative to the directory of the session's.
    pub archive: String,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Sidecar {
    /// Returns the sidecar of an archive of `archived_bytes` at `archive_path` (masked, absolute).
    pub fn of_header(header: &Header, archived_bytes: u64, archive_path: &str, parts: Vec<Part>) -> Sidecar {
        Sidecar {
            session_id: header.identity.session_id.clone(),
            archived_at: header.archived_at.clone(),
            source: header.source.clone(),
            cwd: header.cwd.clone(),
            project_slug: header.project_slug.clone(),
            source_bytes: header.source_bytes,
            archived_bytes,
            line_count: header.line_count,
            masked_lines: header.masked_lines,
            archive_path: archive_path.to_owned(),
            schema_version: SCHEMA_VERSION,
            agent: Some(header.identity.agent.clone()),
            started_at: header.started_at.clone(),
            ended_at: header.ended_at.clone(),
            title: header.title.clone(),
            model: header.model.clone(),
            git_branch: header.git_branch.clone(),
            parts,
            rules_version: Some(header.rules_version.clone()),
            masked_by_rule: header.masked_by_rule.clone(),
            version: u64::from(header.version),
            supersedes: header.supersedes.clone(),
            nul_bytes: header.nul_bytes,
            forked_from: header.forked_from.clone(),
            other_ids: header.other_ids.clone(),
        }
    }

    /// Returns the file's bytes: JSON with two spaces of indentation and a newline at the end.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes =
            serde_json::to_vec_pretty(self).expect("text, numbers and maps with text keys always serialise");
        bytes.push(b'\n');
        bytes
    }

    /// Reads what there is in a sidecar's bytes. Fields that are missing or of another type are left at their
    /// defaults; `None` if it is no JSON object at all, or too large to be a sidecar.
    pub fn parse(bytes: &[u8]) -> Option<Sidecar> {
        if bytes.len() as u64 > MAX_SIDECAR_BYTES {
            return None;
        }
        let Value::Object(fields) = serde_json::from_slice(bytes).ok()? else { return None };
        let optional = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let text = |name: &str| optional(name).unwrap_or_default();
        let number = |name: &str| fields.get(name).and_then(Value::as_u64).unwrap_or(0);
        let rules = fields.get("masked_by_rule").and_then(Value::as_object);
        let parts = fields.get("parts").and_then(Value::as_array);
        let other_ids = fields.get("other_ids").and_then(Value::as_array);
        Some(Sidecar {
            session_id: text("session_id"),
            archived_at: text("archived_at"),
            source: text("source"),
            cwd: text("cwd"),
            project_slug: text("project_slug"),
            source_bytes: number("source_bytes"),
            archived_bytes: number("archived_bytes"),
            line_count: number("line_count"),
            masked_lines: number("masked_lines"),
            archive_path: text("archive_path"),
            schema_version: number("schema_version"),
            agent: optional("agent"),
            started_at: optional("started_at"),
            ended_at: optional("ended_at"),
            title: optional("title"),
            model: optional("model"),
            git_branch: optional("git_branch"),
            parts: parts.into_iter().flatten().filter_map(parse_part).collect(),
            rules_version: optional("rules_version"),
            masked_by_rule: rules
                .into_iter()
                .flatten()
                .take(MAX_RULES)
                .filter_map(|(rule, count)| Some((rule.clone(), count.as_u64()?)))
                .collect(),
            version: number("version"),
            supersedes: optional("supersedes"),
            nul_bytes: number("nul_bytes"),
            forked_from: optional("forked_from"),
            other_ids: other_ids
                .into_iter()
                .flatten()
                .filter_map(|id| Some(id.as_str()?.to_owned()))
                .take(MAX_OTHER_IDS)
                .collect(),
        })
    }

    /// Reads a sidecar from an open file; `Ok(None)` for one that makes no sense.
    pub fn read(file: File) -> Result<Option<Sidecar>> {
        let mut bytes = Vec::new();
        file.take(MAX_SIDECAR_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Error::new(Kind::Store, "cannot read a sidecar").with_source(error))?;
        Ok(Sidecar::parse(&bytes))
    }
}

fn parse_part(part: &Value) -> Option<Part> {
    let text = |name: &str| part.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Part { part_id: text("part_id")?, archive: text("archive")? })
}

/// Returns a time as sidecars and headers have it: local, RFC 3339 with offset, whole seconds.
pub(crate) fn time_text(time: Timestamp) -> String {
    in_zone(&time.to_zoned(TimeZone::system()))
}

fn in_zone(time: &Zoned) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::header::tests::typical;

    #[test]
    fn the_fields_come_in_the_order_of_their_first_program() {
        let part = Part { part_id: "agent-1".into(), archive: "x.parts/agent-1.jsonl.gz".into() };
        let bytes = Sidecar::of_header(&typical(), 4500, "/s/x.jsonl.gz", vec![part]).to_bytes();
        let text = String::from_utf8(bytes).unwrap();
        let keys: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("  \"")?.split_once('"').map(|(key, _)| key))
            .collect();
        assert_eq!(
            keys,
            [
                "session_id",
                "archived_at",
                "source",
                "cwd",
                "project_slug",
                "source_bytes",
                "archived_bytes",
                "line_count",
                "masked_lines",
                "archive_path",
                "schema_version",
                "agent",
                "started_at",
                "ended_at",
                "title",
                "model",
                "git_branch",
                "parts",
                "rules_version",
                "masked_by_rule",
                "version",
                "supersedes",
            ]
        );
        assert!(text.ends_with("}\n"));
        assert!(text.contains("\n  \"line_count\": 38,\n"));
    }

    #[test]
    fn a_sidecar_comes_back_as_it_was() {
        let mut sidecar = Sidecar::of_header(&typical(), 4500, "/s/x.jsonl.gz", Vec::new());
        sidecar.nul_bytes = 3;
        sidecar.forked_from = Some("0a1b2c3d".into());
        sidecar.other_ids = vec!["one".into(), "two".into()];
        sidecar.title = Some("quotes \" and \u{1b}[31m".into());
        assert_eq!(Sidecar::parse(&sidecar.to_bytes()), Some(sidecar));
    }

    #[test]
    fn ten_thousand_parts_of_the_longest_names_are_no_sign_of_nonsense() {
        let parts = (0..10_000).map(|number| {
            let part_id = format!("{number:0>128}");
            let archive = format!("{}.parts/{part_id}.v2.jsonl.gz", "s".repeat(225));
            Part { part_id, archive }
        });
        let sidecar = Sidecar::of_header(&typical(), 4500, "/s/x.jsonl.gz", parts.collect());
        assert_eq!(Sidecar::parse(&sidecar.to_bytes()).map(|sidecar| sidecar.parts.len()), Some(10_000));
    }

    #[test]
    fn a_sidecar_of_the_first_program_is_read() {
        let bytes = br#"{
  "session_id": "a1b2c3d4",
  "archived_at": "2026-06-05T14:31:00",
  "source": "/home/a/.claude/projects/p/a1b2c3d4.jsonl",
  "cwd": null,
  "project_slug": "p",
  "source_bytes": 2048,
  "archived_bytes": 512,
  "line_count": 10,
  "masked_lines": 1,
  "archive_path": "/home/a/.sessionkeep/sessions/2026/06/x.jsonl.gz",
  "schema_version": 1
}"#;
        let sidecar = Sidecar::parse(bytes).unwrap();
        assert_eq!((sidecar.source_bytes, sidecar.schema_version, sidecar.agent), (2048, 1, None));
        assert_eq!(sidecar.cwd, "");
    }

    #[test]
    fn nonsense_is_no_sidecar_and_no_panic() {
        let deep = "[".repeat(100_000);
        let huge = format!("{{\"source\": \"{}\"}}", "x".repeat(16 << 20));
        for text in ["", "null", "[]", "{", "\u{0}", &deep, &huge, "{\"a\":\"\\ud800\"}"] {
            assert_eq!(Sidecar::parse(text.as_bytes()), None, "{:.20}", text);
        }
        assert_eq!(Sidecar::parse(b"\xff\xfe"), None);
        let odd = Sidecar::parse(
            br#"{"source_bytes": -1, "parts": [1, {}], "masked_by_rule": [], "version": 1e99}"#,
        );
        assert_eq!(odd, Some(Sidecar::default()));
    }

    #[test]
    fn the_time_has_seconds_and_an_offset() {
        let time: jiff::Zoned = "2026-06-05T16:31:22.987[Europe/Berlin]".parse().unwrap();
        assert_eq!(in_zone(&time), "2026-06-05T16:31:22+02:00");
    }
}
