//! The questions that setup asks on a terminal.

use super::*;
use crate::terminal::Terminal;
use std::io::Write;
use std::time::Duration;

/// Runs setup on a terminal on which `answers` are typed; returns the exit code and what was shown.
fn typed(home: &Home, arguments: &[&str], answers: &str) -> (i32, String) {
    let terminal = Terminal::new();
    let output = terminal.output();
    let mut command = command(home, arguments);
    let side = || terminal.program.try_clone().unwrap();
    command.stdin(side()).stdout(side()).stderr(side());
    let mut child = command.spawn().unwrap();
    drop(command);
    terminal.keyboard().write_all(answers.as_bytes()).unwrap();
    let status = child.wait().unwrap();
    let mut shown = Vec::new();
    while let Ok(more) = output.recv_timeout(Duration::from_millis(300)) {
        shown.extend(more);
    }
    (status.code().unwrap(), String::from_utf8_lossy(&shown).into_owned())
}

#[test]
fn each_step_is_asked_for_and_done_as_answered() {
    let home = home();
    home.claude_session(ID, &lines(ID, 3));
    // The difference is looked at, hooks are wanted, days are mistyped, then given, the import is declined.
    let (code, shown) = typed(&home, &["--no-schedule"], "maybe\nd\ny\n0\n100\nn\n");
    assert_eq!(code, 0, "{shown}");
    for part in
        ["Found:", "Claude Code", "Please answer y, n or d.", "+++ ", "would have every session deleted"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let after = text(&home, ".claude/settings.json");
    assert!(after.contains("\"cleanupPeriodDays\": 100") && after.contains("sessionkeep hook"), "{after}");
    assert!(home.archives().is_empty());
}

#[test]
fn no_to_everything_and_the_end_of_input_change_nothing() {
    let home = home();
    let settings = || {
        let mut all = everything(&home);
        all.retain(|path, _| !path.starts_with(home.path(".sessionkeep")));
        all
    };
    let before = settings();
    let (code, shown) = typed(&home, &["--no-schedule"], "n\nn\nn\n");
    assert_eq!(code, 0, "{shown}");
    assert_eq!(settings(), before);
    let (code, shown) = typed(&home, &["--no-schedule"], "y\n\u{4}");
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("nothing was changed"), "{shown}");
    assert_eq!(settings(), before);
}

#[test]
fn taking_back_is_asked_for_too() {
    let home = home();
    set_up(&home).exits(0);
    let after = text(&home, ".claude/settings.json");
    let (code, shown) = typed(&home, &["--undo"], "n\n");
    assert_eq!(code, 2, "{shown}");
    assert_eq!(text(&home, ".claude/settings.json"), after);
    let (code, shown) = typed(&home, &["--undo"], "y\n");
    assert_eq!(code, 0, "{shown}");
    assert_eq!(text(&home, ".claude/settings.json"), settings("\n"));
}
