//! Aider: `.aider.chat.history.md` in each project, Markdown to which all sessions there append. There is no central store.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::told::{guess, note_prompt};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes};
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::agents::said::Telling;
use crate::environment::Environment;
use crate::message::{INTRODUCTION, Joints, Kind, Role, Text, Tokens};

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
                begun(&text).into_iter().for_each(|time| notes.moment(time));
            }
            Some("tool") => {
                notes.model(model_in(&text).map(Cow::Owned));
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

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        let (text, place) = (record.text("text").unwrap_or_default(), told.optional(record.get("text")));
        match record.text("role").as_deref() {
            Some("session") => {
                let time = begun(&text);
                told.event(Text::Named("session"), place).time = time;
            }
            Some("user") => drop(told.say(Role::User, Kind::Text, place)),
            // Blank lines between what others say.
            Some("assistant") if text.trim().is_empty() => told.state(Text::Named("blank")),
            Some("assistant") => drop(told.say(Role::Assistant, Kind::Text, place)),
            Some("tool") => {
                if let Some(model) = model_in(&text) {
                    let message = told.event(Text::Named(INTRODUCTION), Text::None);
                    message.model = Text::Known(model.into());
                    message.joints = Joints::default();
                }
                told.tokens(paid(&text));
                told.event(Text::Named("output"), place);
            }
            _ => {}
        }
    }
}

/// Returns when the session that a text begins was begun.
fn begun(text: &str) -> Option<Timestamp> {
    let time = text.lines().find_map(|line| line.strip_prefix(BEGINS))?;
    let time = time.trim().replacen(' ', "T", 1).parse::<DateTime>().ok()?;
    Some(time.to_zoned(TimeZone::system()).ok()?.timestamp())
}

/// Returns the model that the program says it works with: `gpt-5 with diff edit format, high reasoning`.
fn model_in(text: &str) -> Option<String> {
    let named = |before: &&str| {
        let model = text.lines().find_map(|line| line.strip_prefix(*before))?;
        model.split(" with ").next().map(|model| model.trim().to_owned())
    };
    MODELS.iter().find_map(named)
}

/// Reads what the answers that a text tells of cost, rounded as it is there: `> Tokens: 4.2k sent, 1.1k cache hit, 33
/// received.`
fn paid(text: &str) -> Option<Tokens> {
    let mut sum = Tokens::default();
    for line in text.lines().filter_map(|line| line.strip_prefix("> Tokens: ")) {
        // What was sent is all of it, with what was in a cache.
        let (mut sent, mut paid) = (0, Tokens::default());
        for (count, what) in line.split(", ").filter_map(|count| count.split_once(' ')) {
            let count = rounded(count).unwrap_or(0);
            match what {
                what if what.starts_with("sent") => sent = count,
                what if what.starts_with("cache hit") => paid.cache_read = count,
                what if what.starts_with("cache write") => paid.cache_write = count,
                what if what.starts_with("received") => paid.output = count,
                _ => {}
            }
        }
        paid.input = sent.saturating_sub(paid.cache_read).saturating_sub(paid.cache_write);
        sum.add(paid);
    }
    (!sum.is_zero()).then_some(sum)
}

/// Reads `950`, `4.2k`, `1M`, `1,024`.
fn rounded(count: &str) -> Option<u64> {
    let count = count.replace(',', "");
    let (number, factor) = match count.strip_suffix(['k', 'K']) {
        Some(number) => (number, 1e3),
        None => count.strip_suffix('M').map_or((&*count, 1.0), |number| (number, 1e6)),
    };
    let number: f64 = number.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)?;
    Some((number * factor).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
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

    #[test]
    fn a_paragraph_is_told_as_whose_it_is() {
        let lines = r######"{"document":".aider.chat.history.md","id":0,"role":"session","directory":"/w/app","text":"# aider chat started at 2026-01-02 03:04:05\n"}
{"document":".aider.chat.history.md","id":1,"role":"tool","text":"> Main model: gpt-5 with diff edit format\n"}
{"document":".aider.chat.history.md","id":2,"role":"user","text":"#### fix it\n"}
{"document":".aider.chat.history.md","id":3,"role":"assistant","text":"Done.\n"}
{"document":".aider.chat.history.md","id":4,"role":"tool","text":"> Tokens: 2.4k sent, 33 received.\n"}"######;
        assert_eq!(
            told(&Aider, lines),
            [
                r#####"system event session "# aider chat started at 2026-01-02 03:04:05\n""#####,
                r#####"system event introduction """#####,
                r#####"system event output "> Main model: gpt-5 with diff edit format\n""#####,
                r#####"user text "#### fix it\n""#####,
                r#####"assistant text "Done.\n""#####,
                r#####"system event output "> Tokens: 2.4k sent, 33 received.\n""#####,
            ]
        );
        let expected = Tokens { input: 3100, output: 33, cache_read: 1100, cache_write: 0 };
        assert_eq!(paid("> Tokens: 4.2k sent, 1.1k cache hit, 33 received. Cost: $0.01\n"), Some(expected));
        assert_eq!(paid("> Applied edit to a.rs\n"), None);
    }
}
