//! Help, version, completions, the manual page, and wrong usage.

use crate::home::*;
use crate::snapshot::snapshot;

/// Returns the names of the commands in the order of `help commands`.
fn commands(home: &Home) -> Vec<&'static str> {
    let told = home.run(&["help", "commands"]).exits(0).stdout;
    let commands = told.lines().take_while(|line| *line != "Topics:");
    let names = commands.filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    names.map(|name| &*name.to_owned().leak()).collect()
}

/// Returns the help of the program and of every command and subcommand, each below its command line.
pub fn all(home: &Home) -> Vec<(String, String)> {
    let mut all = vec![("sessionkeep".to_owned(), home.run(&["--help"]).exits(0).stdout)];
    let mut waiting: Vec<Vec<&'static str>> =
        commands(home).into_iter().rev().map(|command| vec![command]).collect();
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
fn the_help_of_the_program_fits_one_screen_and_names_every_command() {
    let home = Home::new();
    for flag in ["-h", "--help"] {
        let mut process = home.command(&[flag]);
        let help = Run::of(process.env("COLUMNS", "80").output().unwrap()).exits(0).stdout;
        assert!(help.lines().count() <= 25, "{} lines:\n{help}", help.lines().count());
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
        for command in commands(&home) {
            let is_named = help.split(|character: char| character != '-' && !character.is_alphanumeric());
            assert!(is_named.into_iter().any(|word| word == command), "{command}: {help}");
        }
    }
}

#[test]
fn a_short_help_has_the_options_and_a_long_one_tells_all() {
    let home = Home::new();
    for command in commands(&home) {
        let short = home.run(&[command, "-h"]).exits(0).stdout;
        let long = home.run(&["help", command]).exits(0).stdout;
        assert!(
            !short.contains("Examples:\n") && short.contains(&format!("sessionkeep help {command}")),
            "{short}"
        );
        assert!(long.contains("See also:") || long.contains("Exit codes:") || command == "hook", "{long}");
        assert!(short.lines().count() < long.lines().count(), "{command}");
        assert_eq!(home.run(&[command, "--help"]).exits(0).stdout.trim_end(), long.trim_end(), "{command}");
    }
    assert!(home.run(&["help", "config", "show"]).exits(0).stdout.contains("Usage: sessionkeep config show"));
    assert_eq!(home.run(&["help"]).exits(0).stdout.trim_end(), home.run(&["--help"]).stdout.trim_end());
}

#[test]
fn what_is_mistyped_is_met_with_what_may_have_been_meant() {
    let home = Home::archived();
    for (arguments, code, meant) in [
        (&["imprt"][..], 2, "import"),
        (&["list", "--prject", "x"], 2, "--project"),
        (&["stats", "--by", "modl"], 2, "model"),
        (&["list", "--sort", "ended-at"], 2, "ended"),
        (&["search", "x", "--role", "usr"], 2, "did you mean user?"),
        (&["help", "serch"], 2, "did you mean 'search'?"),
        (&["help", "exitcodes"], 2, "did you mean 'exit-codes'?"),
        (&["man", "serch"], 2, "did you mean 'search'?"),
        (&["import", "--agent", "claud-code"], 2, "did you mean claude-code?"),
        (&["rules", "show", "jwtt"], 2, "did you mean jwt?"),
        (&["show", "a1b3c3d4"], 1, "did you mean a1b2c3d4 (my-project, 2026-06-05)?"),
        (&["list", "--session", "a1b3c3d4"], 0, "did you mean a1b2c3d4 (my-project, 2026-06-05)?"),
        (&["list", "--project", "my-projct"], 0, "did you mean my-project?"),
        (&["search", "1", "--project", "my-pro"], 1, "did you mean my-project?"),
        (&["stats", "--agent", "cluade-code"], 1, "did you mean claude-code?"),
        (&["export", "--html", "--all", "out", "--project", "myproject"], 1, "did you mean my-project?"),
        (&["list", "--agent", "codex"], 0, "no session of the agent 'codex' is archived"),
    ] {
        let run = home.run(arguments);
        assert!(run.code == code && run.stderr.contains(meant), "{arguments:?} {run:?}");
    }
    home.write("rules.json", r#"{"disable_rules": ["jwtt"]}"#);
    let run = home.run(&["config", "check", "--config", "rules.json"]).exits(2);
    assert!(run.stderr.contains("Did you mean `jwt`?"), "{run:?}");
}

#[test]
fn more_is_said_of_time_the_more_is_asked_for() {
    let home = Home::archived();
    let page = home.path("pages").display().to_string();
    for (arguments, step) in [
        (&["import"][..], "walking: "),
        (&["verify"], "listing the store: "),
        (&["stats"], "counting: "),
        (&["search", "1"], "searching on "),
        (&["export", "--html", "--all", &page], "rendering 1 session on "),
    ] {
        let said = |flag: &[&str]| home.run(&[arguments, flag].concat()).exits(0).stderr;
        let [plain, once, twice] = [said(&[]), said(&["-v"]), said(&["-vv"])];
        assert!(!plain.contains(step) && !once.contains(step) && twice.contains(step), "{twice}");
        assert!(once.lines().count() > plain.lines().count(), "{plain} {once}");
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
