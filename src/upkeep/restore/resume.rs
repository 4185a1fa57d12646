//! The command line that goes on with a session that was put back, to be pasted into a shell.

use std::path::Path;

use crate::agents::{Agent, Lost, Resume};
use crate::report::terminal_safe;
use crate::upkeep::command::shell_word;

/// What to type, and what to know before.
#[derive(Debug, Default)]
pub(super) struct Command {
    pub line: Option<String>,
    pub remarks: Vec<String>,
}

/// Returns how to go on with the session whose transcript lies at `path`. `to`: the directory that stands for the agent's
/// home.
pub(super) fn command(agent: &dyn Agent, lost: &Lost<'_>, path: &Path, to: Option<&Path>) -> Command {
    let label = agent.label();
    let Some(Resume { before, words, needs_directory }) = agent.resume(lost, path) else {
        let remark = format!("go on with it in {label}: how a command line does that is not known here");
        return Command { line: None, remarks: vec![remark] };
    };
    let mut remarks = Vec::new();
    let home = match (to, agent.home_variable()) {
        (Some(to), Some(variable)) => format!("{variable}={} ", shell_word(to)),
        (Some(_), None) => {
            let remark = format!("{label} looks for sessions in its own home only: move them there");
            return Command { line: None, remarks: vec![remark] };
        }
        (None, _) => String::new(),
    };
    let lines = [before, words].into_iter().filter(|words| !words.is_empty()).map(|words| {
        let words: Vec<String> = words.iter().map(|word| argument(word)).collect();
        format!("{home}{}", words.join(" "))
    });
    let mut line = lines.collect::<Vec<_>>().join(" && ");
    let is_known = Path::new(lost.cwd).has_root() && !lost.cwd.contains("MASKED") && is_safe(lost.cwd);
    let is_there = is_known && Path::new(lost.cwd).is_dir();
    if is_there || (is_known && needs_directory) {
        line = format!("cd {} && {line}", shell_word(Path::new(lost.cwd)));
    }
    if needs_directory && !is_known {
        remarks.push(format!("run it in the directory that the session was in: {label} looks for it there"));
    } else if needs_directory && !is_there {
        remarks.push(format!(
            "the directory that the session was in is gone: make it again, {label} looks for it there"
        ));
    }
    Command { line: Some(line).filter(|line| is_safe(line)), remarks }
}

/// Returns a word of a command line, in quotes unless it is plain. An option's name is.
fn argument(word: &str) -> String {
    let (dashes, rest) = word.split_at(word.len() - word.trim_start_matches('-').len());
    match shell_word(Path::new(rest)) {
        plain if plain == rest => format!("{dashes}{plain}"),
        _ => shell_word(Path::new(word)),
    }
}

/// Returns whether a terminal shows the text as it is.
fn is_safe(text: &str) -> bool {
    terminal_safe(text.as_bytes()) == text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::agent;

    const ID: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    fn line(name: &str, cwd: &str, to: Option<&str>) -> (Option<String>, usize) {
        let lost = Lost { session_id: ID, cwd, file_name: "", started: None };
        let command = command(agent(name).unwrap(), &lost, Path::new("/h/s.jsonl"), to.map(Path::new));
        (command.line.map(|line| line.replace(ID, "ID")), command.remarks.len())
    }

    #[test]
    fn a_command_goes_to_the_directory_and_names_the_home() {
        let cwd = tempfile::tempdir().unwrap();
        let there = cwd.path().join("it's");
        std::fs::create_dir(&there).unwrap();
        let quoted = shell_word(&there);
        let there = there.to_str().unwrap();
        assert_eq!(line("claude-code", there, None), (Some(format!("cd {quoted} && claude --resume ID")), 0));
        assert_eq!(
            line("claude-code", "/gone/x", None),
            (Some("cd /gone/x && claude --resume ID".into()), 1)
        );
        assert_eq!(line("claude-code", "", None), (Some("claude --resume ID".into()), 1));
        assert_eq!(line("claude-code", "/a\u{1b}b", None), (Some("claude --resume ID".into()), 1));
        assert_eq!(line("codex", "/gone/x", None), (Some("codex resume ID".into()), 0));
        assert_eq!(line("codex", "", Some("/b c")), (Some("CODEX_HOME='/b c' codex resume ID".into()), 0));
        assert_eq!(line("droid", "", Some("/b")), (None, 1));
        let lost = Lost { session_id: ID, cwd: "", file_name: "", started: None };
        let archived = Path::new("/h/.codex/archived_sessions/rollout-x.jsonl");
        let archived = command(agent("codex").unwrap(), &lost, archived, None).line.unwrap();
        assert_eq!(archived.replace(ID, "ID"), "codex unarchive ID && codex resume ID");
        assert_eq!(line("grok", "", None), (None, 1));
    }
}
