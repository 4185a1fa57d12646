//! Gemini CLI: `~/.gemini/tmp/<project>/chats/session-<time>-<id8>.jsonl`, subagents in `chats/<session>/<id>.jsonl`, long
//! output of tools in `tool-outputs/session-<session>/<tool>.txt`; which directory the project is in `.project_root`.
//!
//! Before 0.40 a session was one document in a `.json` file; where it is resumed, it becomes a `.jsonl`.
//!
//! Here is what its paths and records tell of a session; `said` is what its records say, and
//! `settings` has its hooks and when it deletes sessions.

mod said;
mod settings;

use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes};
use crate::agents::found::Guess;
use crate::agents::known::beside;
use crate::agents::known::documents::gemini_chats;
use crate::agents::lost::{Lost, Resume, with_own_member};
use crate::agents::names::{PathTail, part_id, stem};
use crate::agents::record::Record;
use crate::agents::said::Telling;
use crate::agents::settings::{HookCall, Settings, Wanted};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid, uuid_in};

const ID: &str = "gemini";

/// Directory of what tools said, where that was too long for a transcript.
const TOOL_OUTPUTS: &[u8] = b"tool-outputs";

/// What the ids of such parts begin with.
const TOOL_OUTPUT: &str = "tool-output";

pub(crate) struct Gemini;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Gemini {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Gemini CLI"
    }

    /// `.gemini` in `$GEMINI_CLI_HOME`, else in the user's home.
    fn homes(&self, environment: &Environment) -> Vec<PathBuf> {
        let home = environment.path("GEMINI_CLI_HOME").map(|home| home.join(".gemini"));
        home.map_or_else(|| environment.in_home(".gemini"), |home| vec![home])
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        self.homes(environment).iter().map(|home| home.join("tmp")).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".gemini", "chats", "tool-outputs"]
    }

    fn settings(&self, home: &Path) -> Option<Settings> {
        Some(settings::of_home(home))
    }

    fn wanted_hooks(&self, home: &Path, call: &HookCall) -> Vec<Wanted> {
        settings::wanted_hooks(home, call)
    }

    fn wanted_days(&self, home: &Path, days: u64) -> Vec<Wanted> {
        settings::wanted_days(home, days)
    }

    fn cleanup_days(&self, environment: &Environment) -> Option<u64> {
        self.homes(environment).iter().filter_map(|home| settings::cleanup_days(home)).min()
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let ours =
            |session_id, part_id| Some(Recognised::Ours(Guess { agent: Some(ID), session_id, part_id }));
        if path.above(2) == TOOL_OUTPUTS && path.name().ends_with(b".txt") {
            let session_id =
                path.above(1).strip_prefix(b"session-").filter(|id| is_uuid(id)).and_then(uuid_in)?;
            let part = part_id(&[TOOL_OUTPUT.as_bytes(), stem(path.name())]);
            return Some(Recognised::part(ID, session_id, part));
        }
        let Some(stem) = path.jsonl_stem() else { return gemini_chats::recognise(ID, path) };
        if path.above(1) == b"chats" && stem.starts_with(b"session-") {
            return ours(None, None);
        }
        if path.above(2) == b"chats" && is_uuid(path.above(1)) {
            return ours(uuid_in(path.above(1)), Some(id_of_name(stem)));
        }
        None
    }

    fn form(&self, path: &Path) -> Form {
        gemini_chats::form(path)
    }

    fn id_in_document(&self, head: &[u8]) -> Option<String> {
        gemini_chats::session_id(head)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_document = stray.name().starts_with("session-") && stray.name().ends_with(".json");
        let is_ours = is_document
            && stray.is_document(|document| document.has("sessionId") && document.has("messages"));
        is_ours.then(|| stray.in_root(".gemini/tmp/project/chats", 1))
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        record.text("sessionId").filter(|_| is_header(record)).map(Claim::session)
    }

    fn is_foreign_part(&self, part_id: &str) -> bool {
        part_id.starts_with(TOOL_OUTPUT)
    }

    fn home_variable(&self) -> Option<&'static str> {
        Some("GEMINI_CLI_HOME")
    }

    fn resume(&self, lost: &Lost<'_>, _path: &Path) -> Option<Resume> {
        Resume::in_directory(["gemini", "--resume", lost.session_id])
    }

    fn marked_copy(&self, line: &[u8], record: &Record<'_>, original: &str) -> Option<Vec<u8>> {
        is_header(record).then(|| with_own_member(line, "forkedFrom", &format!("\"{original}\"")))?
    }

    /// `.project_root`, in the directory of the project.
    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        let root = path.ancestors().nth(2).and_then(|project| beside::read(&project.join(".project_root")));
        let root = root.map(|root| root.trim().to_owned()).filter(|root| Path::new(root).has_root());
        notes.cwd(root.map(Into::into));
    }

    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[b"\"projectHash\"", b"\"startTime\""]
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        if !gemini_chats::tell(record, told) {
            said::tell(record, told);
        }
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        if gemini_chats::note(record, notes) {
            return;
        }
        notes.model(record.text("model"));
        if is_header(record) {
            notes.copied_by_header(record);
            notes.lineage().id(record.text("sessionId"));
        }
        if record.is("type", "user") {
            notes.prompt(record.get("content"));
        }
        if let Some(directories) = record.record("$set").and_then(|set| set.get("directories")) {
            notes.cwd(directories.elements().next().and_then(|directory| directory.text()));
        }
    }
}

/// Returns whether a record is the header of a transcript; some have no hash of the project.
fn is_header(record: &Record<'_>) -> bool {
    let has_hash = record.has("projectHash");
    let is_plain = || record.has("startTime") && record.has("kind") && !record.has("type");
    record.has("sessionId") && (has_hash || is_plain())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_tools_said_at_length_is_a_part_of_its_session() {
        let session = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        let guess = |path: String| crate::agents::guess_path(Path::new(&path));
        let part = guess(format!("/h/.gemini/tmp/w/tool-outputs/session-{session}/run_shell_command_1.txt"));
        let told = (part.session_id.as_deref(), part.part_id.as_deref());
        assert_eq!(told, (Some(session), Some("tool-output-run_shell_command_1")));
        assert_eq!(guess("/h/.gemini/tmp/w/tool-outputs/x_1.txt".to_owned()).agent, None);
    }

    #[test]
    fn a_project_says_in_which_directory_it_is() {
        use crate::agents::{describe, describe_with_beside};
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(".project_root"), "/home/me/app\n").unwrap();
        let path = home.path().join("chats/session-x.jsonl");
        assert_eq!(
            describe_with_beside(ID, &path, describe(ID, b"", b"")).cwd.as_deref(),
            Some("/home/me/app")
        );
    }
}
