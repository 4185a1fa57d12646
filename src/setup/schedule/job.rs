//! What a schedule runs, whatever runs it: the words of a command line, the variables that it needs, and when. Knows no
//! scheduler; what a scheduler's text cannot say is refused here, once for all of them.

use crate::environment::Environment;
use crate::error::{Error, Kind, Result};
use crate::platform::process;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Minutes between two imports.
pub(super) const INTERVAL_MINUTES: u64 = 30;

/// How far below others our processes stand with the processor, as nice(1) counts.
pub(super) const NICE: u8 = 10;

/// What every text of ours says of itself: by this it is known again.
pub(super) const MADE_BY: &str = "Made by sessionkeep setup; sessionkeep setup --undo removes it.";

/// Variables that say where agents keep their sessions. A scheduler does not know them: they are set in a shell's files,
/// and an import without them would look in the wrong places.
const VARIABLES: [&str; 26] = [
    "AIDER_CHAT_HISTORY_FILE",
    "AMP_THREADS_DIR",
    "CLAUDE_CONFIG_DIR",
    "CLINE_DATA_DIR",
    "CLINE_DIR",
    "CLINE_SESSION_DATA_DIR",
    "CODEX_HOME",
    "COPILOT_HOME",
    "GEMINI_CLI_HOME",
    "GOOSE_PATH_ROOT",
    "GPTME_LOGS_HOME",
    "GROK_HOME",
    "HERMES_HOME",
    "KIMI_CODE_HOME",
    "OPENCODE_DB",
    "OPENHANDS_CONVERSATIONS_DIR",
    "OPENHANDS_PERSISTENCE_DIR",
    "PI_CODING_AGENT_DIR",
    "PI_CODING_AGENT_SESSION_DIR",
    "QWEN_HOME",
    "QWEN_RUNTIME_DIR",
    "REASONIX_HOME",
    "SNOWFLAKE_HOME",
    "VIBE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
];

/// What is to be run every half hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// The program's absolute path, then its arguments. Text without control characters.
    pub words: Vec<String>,
    /// Names and values that are set for it; the same holds of these.
    pub variables: Vec<(String, String)>,
    /// The minute of the hour at which it runs first, 0 to 29: another one for each home, so that machines that share a
    /// disk do not begin together.
    pub minute: u8,
}

impl Job {
    /// Returns the job that runs `words` as this environment would have it run.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] when the program's path is not absolute, or when a word or variable holds what no scheduler's text
    /// can say: control characters, and what is not UTF-8.
    pub(crate) fn new(words: &[impl AsRef<OsStr>], environment: &Environment) -> Result<Job> {
        if words.first().is_none_or(|program| !Path::new(program.as_ref()).is_absolute()) {
            return Err(Error::new(Kind::Usage, "a schedule needs the absolute path of its program"));
        }
        let words = words.iter().map(|word| text(word.as_ref())).collect::<Result<Vec<String>>>()?;
        let mut variables = Vec::new();
        for name in VARIABLES {
            if let Some(value) = environment.variable(name) {
                variables.push((name.to_owned(), text(value)?));
            }
        }
        // A scheduler takes the home directory from the user database.
        let known = home_in("/etc/passwd", process::effective_user());
        if let (Some(home), Some(known)) = (environment.home(), known)
            && home != known
        {
            variables.insert(0, ("HOME".to_owned(), text(home.as_os_str())?));
        }
        let home = environment.home().unwrap_or(Path::new("")).as_os_str().as_encoded_bytes();
        let minute = blake3::hash(home).as_bytes()[0] % 30;
        Ok(Job { words, variables, minute })
    }

    /// Returns the program's path.
    pub(super) fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Returns the program's arguments.
    pub(super) fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }
}

/// Returns `word` as text that a line of a file can hold.
fn text(word: &OsStr) -> Result<String> {
    match word.to_str() {
        Some(text) if !text.chars().any(|c| c.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&c)) => {
            Ok(text.to_owned())
        }
        _ => {
            let what = "a schedule cannot name a path with control characters, or one that is not UTF-8:";
            let hint = "move it to a path of plain text, or let cron run a script of your own";
            Err(Error::new(Kind::Usage, what).with_path(Path::new(word)).with_hint(hint))
        }
    }
}

/// Returns the home directory that a user database, a file like `/etc/passwd`, gives a user; `None` where it does not know
/// the user, as where a directory service does.
fn home_in(passwd: &str, user: u32) -> Option<PathBuf> {
    let table = fs::read_to_string(passwd).ok()?;
    let user = user.to_string();
    table.lines().find_map(|line| {
        let mut fields = line.split(':').skip(2);
        let is_user = fields.next()? == user;
        is_user.then(|| fields.nth(2).map(PathBuf::from)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_carries_what_says_where_agents_keep_their_sessions_and_no_other_variable() {
        let variables = [("CODEX_HOME", "/data/codex"), ("SECRET", "x"), ("CLAUDE_CONFIG_DIR", "")];
        let environment = Environment::new(variables.map(|(name, value)| (name.into(), value.into())));
        let job = Job::new(&["/bin/sessionkeep", "import"], &environment).unwrap();
        assert_eq!(job.variables, [("CODEX_HOME".to_owned(), "/data/codex".to_owned())]);
        assert_eq!((job.program(), job.arguments()), ("/bin/sessionkeep", &["import".to_owned()][..]));
        assert!(job.minute < 30);
    }

    #[test]
    fn what_no_line_can_hold_and_what_depends_on_the_directory_is_refused() {
        let environment = Environment::new([]);
        for program in ["sessionkeep", "./sessionkeep", "/bin/a\nb", "/bin/a\u{7f}", ""] {
            assert!(Job::new(&[program], &environment).is_err(), "{program:?}");
        }
        assert!(Job::new(&[""; 0], &environment).is_err());
        assert!(Job::new(&["/bin/ü & \"x\" %"], &environment).is_ok());
    }

    #[test]
    fn the_home_of_a_user_is_read_from_the_user_database() {
        let directory = tempfile::tempdir().unwrap();
        let passwd = directory.path().join("passwd");
        fs::write(&passwd, "root:x:0:0:root:/root:/bin/sh\nme:x:1000:1000:Me,,:/home/me:/bin/sh\nbad\n")
            .unwrap();
        let home = |user| home_in(passwd.to_str().unwrap(), user);
        assert_eq!(home(1000), Some(PathBuf::from("/home/me")));
        assert_eq!(home(1), None);
        assert_eq!(home_in("/nowhere/passwd", 0), None);
    }
}
