//! The user's cron table: read with `crontab -l`, replaced as a whole, with a copy of what it was until that is taken back.
//! What is in it is [`lines`]'s.

use super::lines;
use crate::error::Result;
use crate::setup::journal::{self, Journal};
use crate::setup::schedule::commands::{Commands, cannot_run};
use std::ffi::OsString;

/// Returns the user's cron table; an empty one if there is none.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) when it cannot be read: it must not be replaced then.
pub(crate) fn read(commands: &Commands) -> Result<Vec<u8>> {
    let words = ["crontab", "-l"];
    let ran = commands.look(&words);
    if ran.is_done {
        return Ok(ran.stdout);
    }
    // As the crontabs of Debian, of Fedora and of BusyBox say that there is none.
    let says = ran.says.to_lowercase();
    if ["no crontab", "no such file"].iter().any(|phrase| says.contains(phrase)) {
        return Ok(Vec::new());
    }
    Err(cannot_run(&words, &ran))
}

/// Returns the user's cron table, and the same without our lines; `None` if they are not in it, or there is no cron.
///
/// # Errors
///
/// As [`read`].
pub(crate) fn without_ours(commands: &Commands) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
    if commands.find("crontab").is_none() {
        return Ok(None);
    }
    let before = read(commands)?;
    Ok(lines::without(&before).map(|after| (before, after)))
}

/// Replaces the user's cron table, and keeps what it was. The new one is handed over as a file that is whole before
/// `crontab` starts: what comes through a pipe ends where this process is killed, and an empty table would take the place of
/// the user's.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) when `crontab` does not take it; as [`Journal::open`] and
/// [`Journal::add`] when no copy can be kept. The table is as it was then.
pub(crate) fn write(before: &[u8], after: &[u8], commands: &Commands) -> Result<()> {
    let journal = Journal::open(commands.environment())?;
    let written = write_kept(before, after, commands, &journal);
    journal.remove_table();
    journal.close();
    written
}

fn write_kept(before: &[u8], after: &[u8], commands: &Commands, journal: &Journal) -> Result<()> {
    journal.keep_table(before, lines::without(before).is_none())?;
    let is_nothing_left = after.is_empty() && !before.is_empty();
    let table = match is_nothing_left {
        true => OsString::from("-r"),
        false => journal.write_table(after)?.into_os_string(),
    };
    let words = [OsString::from("crontab"), table];
    let ran = commands.run(&words);
    if ran.is_done { Ok(()) } else { Err(cannot_run(&words, &ran)) }
}

/// Removes the copy of what the table was, once nothing of ours is in the table any more.
///
/// # Errors
///
/// As [`read`], and as [`Journal::open`].
pub(crate) fn forget(commands: &Commands) -> Result<()> {
    let environment = commands.environment();
    if !journal::has_table(environment) || commands.find("crontab").is_none() {
        return Ok(());
    }
    if without_ours(commands)?.is_some() {
        return Ok(());
    }
    let journal = Journal::open(environment)?;
    journal.forget_table();
    journal.close();
    Ok(())
}
