//! Reasonix: transcripts anywhere in `~/.reasonix`, `<session>.jsonl`, with what is known of each in `<session>.jsonl.meta`
//! and events of its screen in `<session>.events.jsonl`.
//!
//! Its records carry no session id: the path is all there is.

use std::path::{Path, PathBuf};

use super::beside;
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::{PathTail, part_id};
use crate::agents::record::Record;
use crate::agents::said::{Telling, tell_any};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::message::Mark;

const ID: &str = "reasonix";

/// What names end with, and which part that is.
const PARTS: [(&[u8], &str); 4] = [
    (b".jsonl.meta", "meta"),
    (b".meta.json", "meta-json"),
    (b".events.jsonl", "events"),
    (b".plan.json", "plan"),
];

pub(crate) struct Reasonix;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Reasonix {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Reasonix"
    }

    /// `$REASONIX_HOME`, else `~/.reasonix`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.paths_or_home("REASONIX_HOME", ".reasonix")
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".reasonix", "sessions"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let components = path.components();
        let home = components.iter().rposition(|name| *name == b".reasonix")?;
        let part = PARTS.iter().find_map(|(end, part)| Some((path.name().strip_suffix(*end)?, *part)));
        let (stem, part) = match part {
            Some((stem, part)) => (stem, Some(part)),
            None => (path.jsonl_stem()?, None),
        };
        if stem.is_empty() {
            return None;
        }
        // Where most are. Elsewhere the directories tell two of one name apart.
        let directories = components.get(home + 1..components.len() - 1).unwrap_or_default();
        let directories = directories.strip_prefix(&[b"sessions".as_slice()]).unwrap_or(directories);
        let session_id = part_id(&[directories, &[stem]].concat());
        Some(match part {
            Some(part) => Recognised::part(ID, session_id, part.to_owned()),
            None => Recognised::session(ID, Some(session_id)),
        })
    }

    fn form(&self, path: &Path) -> Form {
        beside::form(path)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let stem = stray.name().strip_suffix(".jsonl").filter(|stem| !stem.ends_with(".events"))?;
        let is_ours = stray.begins_with(|record| {
            let ends = [".jsonl.meta", ".meta.json", ".events.jsonl"];
            record.has("role") && ends.iter().any(|end| stray.has_beside(&format!("{stem}{end}")))
        });
        is_ours.then(|| stray.in_root(".reasonix/sessions", 1))
    }

    /// None: nothing in its records is its own.
    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn is_named_by_path(&self) -> bool {
        true
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        let message = record.record("message");
        if message.as_ref().unwrap_or(record).is("role", "system") {
            told.mark(Mark::Injected);
        }
        tell_any(record, told);
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        notes.common(record);
        if record.is("role", "user") {
            notes.prompt(record.get("content"));
        }
    }

    /// `<session>.jsonl.meta`, else `<session>.meta.json`.
    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".meta");
        for document in [path.with_file_name(name), path.with_extension("meta.json")] {
            let Some(text) = beside::read(&document) else { continue };
            let Some(meta) = Record::of_document(text.as_bytes()) else { continue };
            let cwd = ["cwd", "workspace", "workingDirectory"].iter().find_map(|member| meta.text(member));
            notes.cwd(cwd);
            notes.model(meta.text("model"));
            notes.git_branch(meta.text("branch"));
            let title = ["title", "summary", "name"].iter().find_map(|member| meta.text(member));
            notes.title(TitleRank::Generated, title);
            ["createdAt", "created_at", "updatedAt", "updated_at"]
                .iter()
                .filter_map(|member| meta.get(member))
                .for_each(|time| notes.time(time));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, describe_with_beside, guess_path, identify};
    use std::fs;

    #[test]
    fn a_transcript_and_what_lies_beside_it_are_one_session() {
        for (path, session, part) in [
            ("sessions/code-1.jsonl", "code-1", None),
            ("sessions/code-1.jsonl.meta", "code-1", Some("meta")),
            ("sessions/code-1.events.jsonl", "code-1", Some("events")),
            ("projects/app/code-1.jsonl", "projects-app-code-1", None),
            ("projects/app/code-1.jsonl.meta", "projects-app-code-1", Some("meta")),
        ] {
            let path = format!("/h/.reasonix/{path}");
            let found = identify(Path::new(&path), &guess_path(Path::new(&path)), b"{\"role\":\"user\"}");
            assert_eq!(
                (found.agent, &*found.session_id, found.part_id.as_deref()),
                (ID, session, part),
                "{path}"
            );
        }
        assert_eq!(guess_path(Path::new("/h/.reasonix/config.json")).agent, None);
        assert_eq!(guess_path(Path::new("/h/x/a.jsonl.meta")).agent, None);
    }

    #[test]
    fn the_document_beside_the_records_tells_where() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.jsonl");
        fs::write(
            home.path().join("a.jsonl.meta"),
            "{\n \"workspace\": \"/w\",\n \"summary\": \"Sorting\"\n}",
        )
        .unwrap();
        let told = describe_with_beside(ID, &path, describe(ID, br#"{"role":"user","content":"hi"}"#, b""));
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w"), Some("Sorting")));
    }

    #[test]
    fn messages_are_told() {
        let lines = r#"{"role":"system","content":"cwd: /w"}
{"role":"user","content":[{"type":"text","text":"hi"}],"timestamp":"2026-01-02T03:04:05Z"}
{"message":{"role":"assistant","model":"m","content":"Well","usage":{"prompt_tokens":3,"completion_tokens":2},"tool_calls":[{"id":"c","function":{"name":"run","arguments":"{}"}}]}}
{"role":"tool","tool_call_id":"c","content":"a"}
{"type":"status","text":"x"}"#;
        assert_eq!(
            crate::agents::said::testing::told(ID, lines),
            [
                "system text [injected]: cwd: /w",
                "user text: hi",
                "assistant text by m 3+2+0+0: Well",
                "assistant tool_call run (c) by m: {}",
                "tool tool_result (c): a",
                r#"system event status: {"type":"status","text":"x"}"#,
            ]
        );
    }
}
