//! Questions on a terminal, one line each, and their answers.

use crate::error::{Error, Kind, Result};
use crate::report::terminal_safe;
use std::io::{self, BufRead, IsTerminal, Write};

/// Returns whether somebody is there to be asked.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// First the details.
    Details,
}

/// Asks a question that is answered by yes, which an empty line means, or no.
pub(super) fn yes_or_no(question: &str) -> Result<bool> {
    loop {
        match answer(&line(&format!("{question} [Y/n] "))?) {
            Some(Answer::Yes) => return Ok(true),
            Some(Answer::No) => return Ok(false),
            _ => say("Please answer y or n."),
        }
    }
}

/// Asks a question of which the details can be seen first.
pub(super) fn yes_no_or_details(question: &str) -> Result<Answer> {
    loop {
        match answer(&line(&format!("{question} [Y/n/d: show the difference] "))?) {
            Some(answer) => return Ok(answer),
            None => say("Please answer y, n or d."),
        }
    }
}

/// Asks for a number of days, `usual` on an empty line; `None` for no.
pub(super) fn days(question: &str, usual: u64, most: u64) -> Result<Option<u64>> {
    loop {
        let line = line(&format!("{question} [{usual}, n: leave it] "))?;
        match (answer(&line), line.trim().parse::<u64>()) {
            (Some(Answer::Yes), _) => return Ok(Some(usual)),
            (Some(Answer::No), _) => return Ok(None),
            (_, Ok(days)) if (1..=most).contains(&days) => return Ok(Some(days)),
            (_, Ok(0)) => say("0 would have every session deleted at once. Answer n to leave it as it is."),
            _ => say(&format!("Please answer with a number of days, 1 to {most}, or n.")),
        }
    }
}

fn answer(line: &str) -> Option<Answer> {
    match line.trim().to_lowercase().as_str() {
        "" | "y" | "yes" => Some(Answer::Yes),
        "n" | "no" => Some(Answer::No),
        "d" | "diff" => Some(Answer::Details),
        _ => None,
    }
}

/// Asks, and returns the line that is answered.
fn line(question: &str) -> Result<String> {
    let cannot = |error| Error::new(Kind::Usage, "cannot ask").with_source(error);
    let mut stderr = io::stderr();
    let question = terminal_safe(question.as_bytes());
    stderr.write_all(question.as_bytes()).and_then(|()| stderr.flush()).map_err(cannot)?;
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(0) => {
            say("");
            Err(Error::new(Kind::Usage, "nobody answers: nothing was changed"))
        }
        Ok(_) => Ok(line),
        Err(error) => Err(cannot(error)),
    }
}

fn say(text: &str) {
    let _ = io::stderr().write_all(format!("{text}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_line_means_yes_and_what_is_neither_is_asked_again() {
        for (line, expected) in [
            ("\n", Some(Answer::Yes)),
            (" YES \r\n", Some(Answer::Yes)),
            ("n\n", Some(Answer::No)),
            ("d\n", Some(Answer::Details)),
            ("maybe\n", None),
            ("0\n", None),
        ] {
            assert_eq!(answer(line), expected, "{line:?}");
        }
    }
}
