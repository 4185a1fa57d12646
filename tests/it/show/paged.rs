//! On a terminal: colours, a pager, and neither where it is no terminal.

use super::*;
use crate::terminal::Terminal;
use std::time::Duration;

/// Runs the program with these arguments and variables on a terminal; returns what the terminal got.
fn on_terminal(home: &Home, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let terminal = Terminal::new();
    let output = terminal.output();
    let mut command = home.command(arguments);
    command.env("TERM", "xterm-256color").envs(variables.iter().copied());
    let side = || terminal.program.try_clone().unwrap();
    command.stdin(side()).stdout(side()).stderr(side());
    let mut child = command.spawn().unwrap();
    drop(command);
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    drop(terminal.program);
    let mut shown = Vec::new();
    while let Ok(more) = output.recv_timeout(Duration::from_secs(20)) {
        shown.extend(more);
    }
    String::from_utf8_lossy(&shown).into_owned()
}

#[test]
fn a_pager_of_the_users_choice_gets_it_in_colour() {
    let home = told();
    let pager = "sed -e 's/^/paged:/'";
    for (variables, is_paged) in [
        (&[("PAGER", pager)][..], true),
        (&[("PAGER", "false"), ("SESSIONKEEP_PAGER", pager)], true),
        (&[("PAGER", pager), ("SESSIONKEEP_PAGER", "cat")], false),
        (&[("PAGER", "cat")], false),
    ] {
        let shown = on_terminal(&home, &["show", "a1b2"], variables);
        assert_eq!(shown.contains("paged:"), is_paged, "{variables:?}: {shown}");
        assert!(
            shown.contains("\u{1b}[1;36muser\u{1b}[0m") && shown.contains("\u{1b}[31m-b\u{1b}[0m"),
            "{shown}"
        );
    }
    let shown = on_terminal(&home, &["show", "a1b2", "--no-pager"], &[("PAGER", pager)]);
    assert!(!shown.contains("paged:") && shown.contains("TypeError"), "{shown}");
    let shown = on_terminal(&home, &["show", "a1b2", "--json"], &[("PAGER", pager)]);
    assert!(!shown.contains("paged:") && shown.contains("\"index\":\"1\""), "{shown}");
}

#[test]
fn colours_are_left_out_where_nobody_wants_them() {
    let home = told();
    let shown = on_terminal(&home, &["show", "a1b2", "--no-pager"], &[("NO_COLOR", "1")]);
    assert!(!shown.contains('\u{1b}') && shown.contains("TypeError"), "{shown}");
    let piped = home.command(&["show", "a1b2"]).env("PAGER", "sed -e 's/^/paged:/'").output().unwrap();
    let piped = String::from_utf8(piped.stdout).unwrap();
    assert!(!piped.contains('\u{1b}') && !piped.contains("paged:"), "{piped}");
}

#[test]
fn a_pager_that_ends_early_ends_it_quietly() {
    let home = Home::new();
    home.claude_session(ID, &lines(ID, 3000));
    home.run(&["import"]).exits(0);
    let shown = on_terminal(&home, &["show", "a1b2"], &[("PAGER", "head -n 2")]);
    assert!(shown.contains("line 0 of") && !shown.contains("sessionkeep:"), "{shown}");
}

#[test]
fn stored_lines_are_harmless_on_a_terminal() {
    let home = Home::new();
    home.claude_session(ID, &[prompt(0, "x"), "no json \u{1b}[2J here\n".to_owned()]);
    home.run(&["import"]).exits(0);
    let shown = on_terminal(&home, &["show", "a1b2", "--raw"], &[]);
    assert!(shown.contains("no json \\x1b[2J here") && !shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn tables_are_harmless_on_a_terminal() {
    let home = Home::new();
    home.claude_session(ID, &[prompt(0, "a\u{9b}5nb\u{202e}c\u{e0061}d")]);
    home.run(&["import"]).exits(0);
    let arguments = ["export", "--ndjson", "a1b2", "-o", "-"];
    let shown = on_terminal(&home, &arguments, &[]);
    assert!(shown.contains("a\\u009b5nb\\u202ec\\udb40\\udc61d"), "{shown}");
    let piped = home.run(&arguments).exits(0).stdout;
    let text = |line: &str| serde_json::from_str::<Value>(line).unwrap()["text"].clone();
    assert_eq!(text(shown.trim_end()), text(piped.trim_end()));
    assert!(piped.contains('\u{9b}'), "{piped}");
}
