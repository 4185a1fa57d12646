//! Help, version, completions, the manual page, and wrong usage.

use crate::home::*;
use crate::snapshot::snapshot;

/// Returns the help of the program and of every command and subcommand, each below its command line.
pub fn all(home: &Home) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut waiting = vec![Vec::new()];
    while let Some(command) = waiting.pop() {
        let mut process = home.command(&[&command[..], &["--help"]].concat());
        let run = Run::of(process.env("COLUMNS", "100").output().unwrap()).exits(0);
        assert_eq!(run.stderr, "");
        let lines = run.stdout.lines().skip_while(|line| *line != "Commands:").skip(1);
        let names = lines.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("    "));
        let names = names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
        let below: Vec<Vec<&'static str>> =
            names.map(|name| [&command[..], &[&*name.to_owned().leak()]].concat()).collect();
        waiting.extend(below.into_iter().rev());
        all.push((["sessionkeep"].iter().chain(&command).copied().collect::<Vec<_>>().join(" "), run.stdout));
    }
    all
}

#[test]
fn the_version_is_one_line() {
    let run = Home::new().run(&["--version"]);
    assert_eq!((run.code, run.stdout), (0, format!("sessionkeep {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn the_help_of_every_command_is_as_in_the_snapshot() {
    let all = all(&Home::new());
    let named = |command: &str| all.iter().any(|(other, _)| other == command);
    assert!(
        all.len() > 15 && named("sessionkeep import") && named("sessionkeep config show"),
        "all are found"
    );
    let text: String = all.iter().flat_map(|(command, help)| ["## ", command, "\n\n", help, "\n"]).collect();
    snapshot("help", &text);
}

#[test]
fn every_command_has_examples() {
    for (command, help) in all(&Home::new()) {
        let is_below_another = command.split(' ').count() > 2;
        assert!(help.contains("Example") || command == "sessionkeep hook" || is_below_another, "{help}");
        assert!(help.contains(&format!("Usage: {command}")), "{help}");
    }
}

#[test]
fn wrong_usage_exits_2_and_goes_to_stderr() {
    let home = Home::new();
    for arguments in
        [&["bogus"][..], &["archive"], &["search", "a", "--max", "0"], &["list", "--color", "pink"], &[]]
    {
        let run = home.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(!run.stderr.is_empty());
    }
}

#[test]
fn the_hook_exits_0_and_says_nothing_on_stdout_whatever_happens() {
    let home = Home::new();
    for arguments in [&["hook", "--bogus"][..], &["hook", "--threads", "x"], &["hook", "extra"], &["hook"]] {
        let run = home.run_with_input(arguments, b"not json");
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{arguments:?}");
    }
}

#[test]
fn completions_and_manual_are_generated() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = home.run(&["completions", shell]);
        assert!(run.code == 0 && run.stdout.contains("sessionkeep"), "{shell}");
    }
    let page = home.run(&["man"]).stdout;
    assert!(page.contains(".TH sessionkeep 1") && page.contains("import"), "{page}");
    assert!(home.run(&["man", "search"]).stdout.contains("regular expression"));
    assert_eq!(home.run(&["man", "bogus"]).code, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_stdout_is_an_error() {
    let home = Home::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.command(&["man"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("sessionkeep: cannot write to standard output: "), "{stderr}");
}
