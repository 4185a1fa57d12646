//! Aider: `.aider.chat.history.md` in each project, Markdown to which all sessions there append. There is no central store.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::told::{guess, note_prompt};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes};
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::environment::Environment;

const ID: &str = "aider";

/// The file's name, unless a variable says otherwise.
const NAME: &str = ".aider.chat.history.md";

/// What stands before the time, in local time, in the first line of a session.
const BEGINS: &str = "# aider chat started at ";

/// What stands before the model in what the program says; the first one weighs more.
const MODELS: [&str; 2] = ["> Main model: ", "> Model: "];

pub(crate) struct Aider;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Aider {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Aider"
    }

    /// The directory of the file that `$AIDER_CHAT_HISTORY_FILE` names, if that is called as usual.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let named = environment.path("AIDER_CHAT_HISTORY_FILE");
        let named =
            named.filter(|path| path.is_absolute() && path.file_name().is_some_and(|name| name == NAME));
        named.and_then(|path| path.parent().map(Path::to_path_buf)).into_iter().collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".aider"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        (path.name() == NAME.as_bytes()).then(|| Recognised::Ours(guess(ID, None, None)))
    }

    /// Nothing but the file itself: what lies below is the user's project.
    fn enters(&self, _path: &PathTail<'_>) -> bool {
        false
    }

    fn form(&self, _path: &Path) -> Form {
        Form::Chat
    }

    fn in_projects(&self) -> &'static [&'static str] {
        &[NAME]
    }

    /// It writes to the top of the repository wherever in it is worked.
    fn is_in_repositories(&self) -> bool {
        true
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        notes.cwd(record.text("directory"));
        let Some(text) = record.text("text") else { return };
        match record.text("role").as_deref() {
            Some("session") => {
                let time = text.lines().find_map(|line| line.strip_prefix(BEGINS));
                let time = time.and_then(|time| time.trim().replacen(' ', "T", 1).parse::<DateTime>().ok());
                let time = time.and_then(|time| time.to_zoned(TimeZone::system()).ok());
                time.into_iter().for_each(|time| notes.moment(time.timestamp()));
            }
            Some("tool") => {
                let named = |before: &&str| {
                    let model = text.lines().find_map(|line| line.strip_prefix(*before))?;
                    // `gpt-5 with diff edit format, high reasoning`
                    model.split(" with ").next().map(|model| model.trim().to_owned())
                };
                notes.model(MODELS.iter().find_map(named).map(Cow::Owned));
            }
            Some("user") => {
                let typed = text.lines().next().map(|line| line.trim_start_matches('#').trim());
                // A command of the program's is no prompt.
                let typed = typed.filter(|line| !line.is_empty() && !line.starts_with('/'));
                typed.into_iter().for_each(|line| note_prompt(line, notes));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_chat_is_recognised_and_what_else_aider_writes_is_not() {
        assert_eq!(guess_path(Path::new("/w/app/.aider.chat.history.md")).agent, Some(ID));
        assert_eq!(guess_path(Path::new("/w/app/.aider.input.history")).agent, None);
        let environment =
            Environment::new([("AIDER_CHAT_HISTORY_FILE".into(), "/d/.aider.chat.history.md".into())]);
        assert_eq!(Aider.roots(&environment), [PathBuf::from("/d")]);
        assert!(Aider.roots(&Environment::with_home("/h")).is_empty());
    }

    #[test]
    fn its_first_lines_tell_where_and_when_it_was() {
        let head = br######"{"document":".aider.chat.history.md","id":0,"role":"session","directory":"/w/app","text":"# aider chat started at 2026-01-02 03:04:05\n"}
{"document":".aider.chat.history.md","id":1,"role":"tool","text":"> Aider v0.86\n> Main model: gpt-5 with diff edit format  \n> Weak model: x\n"}
{"document":".aider.chat.history.md","id":2,"role":"user","text":"#### /add a.rs\n"}
{"document":".aider.chat.history.md","id":3,"role":"user","text":"#### fix it\n#### now\n"}
"######;
        let told = describe(ID, head, b"");
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w/app"), Some("fix it")));
        assert_eq!(told.model.as_deref(), Some("gpt-5"));
        let local: DateTime = "2026-01-02T03:04:05".parse().unwrap();
        assert_eq!(told.started_at, Some(local.to_zoned(TimeZone::system()).unwrap().timestamp()));
    }
}
