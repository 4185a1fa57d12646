//! Amp, before it kept threads on its servers alone: `~/.local/share/amp/threads/T-<uuid>.json`, one document each.

use std::path::{Path, PathBuf};

use super::told::{guess, note_message, note_times};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::known::beside::path_of_url;
use crate::agents::names::PathTail;
use crate::agents::record::{Record, Value};
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid};
use crate::recipe::Shape;

const ID: &str = "amp";

pub(crate) struct Amp;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Amp {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Amp"
    }

    /// `$AMP_THREADS_DIR`, and `amp/threads` in `$XDG_DATA_HOME`, else in `~/.local/share`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let data = environment.path("XDG_DATA_HOME");
        let homes = data.map_or_else(|| environment.in_home(".local/share"), |data| vec![data]);
        let own = homes.iter().map(|home| home.join("amp/threads"));
        environment.path("AMP_THREADS_DIR").into_iter().chain(own).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["amp", "threads"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let stem = path.name().strip_suffix(b".json")?;
        is_uuid(stem.strip_prefix(b"T-")?).then(|| Recognised::Ours(guess(ID, Some(id_of_name(stem)), None)))
    }

    fn form(&self, path: &Path) -> Form {
        Form::Documents(vec![(path.to_path_buf(), Shape::Lists(&["messages"]))])
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        let Some(data) = record.record("data") else { return };
        if let Some(sent) = data.inside("meta", "sentAt") {
            notes.time(sent);
        }
        if let Some(usage) = data.record("usage") {
            notes.model(usage.text("model"));
            note_times(&usage, notes);
        }
        note_message(&data, notes);
        notes.title(TitleRank::Given, data.text("title"));
        let Some(tree) = data.inside("env", "initial").and_then(|initial| initial.member("trees")) else {
            return;
        };
        let Some(tree) = tree.elements().next() else { return };
        let directory = tree.member("uri").and_then(Value::text);
        notes.cwd(directory.and_then(|url| path_of_url(&url)).map(Into::into));
        let branch = tree.member("repository").and_then(|repository| repository.member("ref")?.text());
        notes.git_branch(branch.map(|name| match name.strip_prefix("refs/heads/") {
            Some(branch) => branch.to_owned().into(),
            None => name,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_thread_is_named_by_its_file_and_tells_where_it_was() {
        let id = "T-0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        let found = guess_path(Path::new(&format!("/x/{id}.json")));
        assert_eq!((found.agent, found.session_id.as_deref()), (Some("amp"), Some(id)));
        assert_eq!(guess_path(Path::new("/x/T-1.json")).agent, None);
        let head = br#"{"document":"T.json","id":"messages/0","data":{"role":"user","content":[{"type":"text","text":"fix it"}],"meta":{"sentAt":1767323045678}}}
{"document":"T.json","id":"messages/1","data":{"role":"assistant","content":[],"usage":{"model":"m","timestamp":"2026-01-02T03:05:00Z"}}}
{"document":"T.json","id":null,"data":{"v":2,"created":1767323045678,"messages":[],"env":{"initial":{"trees":[{"uri":"file:///w/my%20app","repository":{"ref":"refs/heads/dev"}}]}}}}
"#;
        let told = describe("amp", head, b"");
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w/my app"), Some("fix it")));
        assert_eq!((told.model.as_deref(), told.git_branch.as_deref()), (Some("m"), Some("dev")));
        assert_eq!(told.started_at, "2026-01-02T03:04:05.678Z".parse().ok());
        assert_eq!(told.ended_at, "2026-01-02T03:05:00Z".parse().ok());
    }
}
