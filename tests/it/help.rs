//! Help, version, completions, the manual page, and wrong usage.

use crate::home::*;

const COMMANDS: [&str; 14] = [
    "archive",
    "import",
    "hook",
    "list",
    "search",
    "mask",
    "audit",
    "verify",
    "repair",
    "doctor",
    "config",
    "rules",
    "completions",
    "man",
];

#[test]
fn the_version_is_one_line() {
    let run = Home::new().run(&["--version"]);
    assert_eq!((run.code, run.stdout), (0, format!("sessionkeep {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn help_lists_every_command_and_each_has_examples() {
    let home = Home::new();
    let help = home.run(&["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    for command in COMMANDS {
        assert!(help.stdout.contains(&format!("\n  {command} ")), "{command} in {}", help.stdout);
        let own = home.run(&[command, "--help"]);
        assert_eq!(own.code, 0);
        assert!(own.stdout.contains("Example") || command == "hook", "{command}: {}", own.stdout);
        assert!(own.stdout.contains(&format!("Usage: sessionkeep {command}")), "{}", own.stdout);
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
