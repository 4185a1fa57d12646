//! Completions in the shells themselves: what is offered, that it is quick to nothing, and that nothing in it can act.

use crate::home::*;
use crate::needs::has_program;
use std::fs;
use std::process::Command;

/// A title that would do much harm if any shell or terminal took it for more than text.
const TITLE: &str = "$(touch pwned) `touch pwned`; touch pwned \u{1b}]0;pwned\u{7} 'x' \"y\" * ~ \\ end";

/// Returns a home with three sessions, one of them with a title that wants to act.
fn home() -> Home {
    let home = Home::new();
    for (id, text) in [(ID, TITLE), (&id(2), "the second"), (&id(3), "the third")] {
        home.claude_session(id, &[user(id, 1, text), user(id, 2, "more")]);
    }
    home.run(&["import"]).exits(0);
    home
}

/// Returns what a shell prints that runs `script` with the script of completions loaded from `$SCRIPT`.
fn shell(home: &Home, name: &str, arguments: &[&str], script: &str) -> String {
    let completions = home.run(&["completions", name]).exits(0).stdout;
    let file = home.path(&format!("_sessionkeep_{name}"));
    fs::write(&file, completions).unwrap();
    let mut command = home.command_of(name.as_ref());
    command.args(arguments).arg("-c").arg(script).env("SCRIPT", file).env("TERM", "xterm");
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{name}: {script}");
    assert!(!home.path("pwned").exists(), "a title was run");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns what bash offers for the words; `kind` is its COMP_TYPE.
fn bash(home: &Home, kind: u8, words: &[&str]) -> Vec<String> {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect();
    let script = format!(
        "source \"$SCRIPT\"; COMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE={kind}; COMP_LINE='x'
        _sessionkeep; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        quoted.join(" "),
        words.len() - 1
    );
    shell(home, "bash", &["--norc"], &script).lines().map(str::to_owned).collect()
}

/// Returns what the program itself answers a shell.
fn asked(home: &Home, shell: &str, words: &[&str]) -> Vec<String> {
    let index = (words.len() - 1).to_string();
    let run = home.run(&[&["complete", shell, &index, "--"], words].concat()).exits(0);
    assert_eq!(run.stderr, "");
    run.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_sessions_projects_agents_and_rules() {
    if !has_program("bash") {
        return;
    }
    let home = home();
    let ids = bash(&home, 9, &["sessionkeep", "show", "a1b"]);
    assert_eq!(ids, [ID], "the whole id, and nothing else");
    assert_eq!(bash(&home, 9, &["sessionkeep", "list", "--project", ""]), ["my-project"]);
    assert_eq!(bash(&home, 9, &["sessionkeep", "list", "--project", "=", "my"]), ["my-project"]);
    assert_eq!(bash(&home, 9, &["sessionkeep", "list", "--agent", "claude"]), ["claude-code"]);
    assert_eq!(
        bash(&home, 9, &["sessionkeep", "search", "x", "--agent", "gemini,claude"]),
        ["gemini,claude-code"]
    );
    assert_eq!(bash(&home, 9, &["sessionkeep", "rules", "show", "github-cl"]), ["github-classic"]);
    assert_eq!(bash(&home, 9, &["sessionkeep", "impo"]), ["import"]);
    assert_eq!(bash(&home, 9, &["sessionkeep", "import", "--dry"]), ["--dry-run"]);
    assert_eq!(bash(&home, 9, &["sessionkeep", "stats", "--by", "mon"]), ["month"]);
    let shown = bash(&home, b'?', &["sessionkeep", "show", ""]);
    assert_eq!(shown.len(), 4, "{shown:?}");
    let of_first = shown.iter().find(|line| line.starts_with(ID)).unwrap();
    assert!(of_first.contains("(my-project, 2026-06-05, "), "{of_first}");
}

#[test]
fn zsh_offers_the_same_with_what_is_known_of_it() {
    if !has_program("zsh") {
        return;
    }
    let home = home();
    // The completion system runs only while a line is edited: what it would be given is printed instead.
    let script = "_describe() { print -rl -- ${(P)4-}${(P)4:+} ; shift 4; local -a all; all=(\"${(@P)1}\"); print -rl -- $all }
        compdef() { print -r -- \"compdef $*\" }
        source \"$SCRIPT\"
        words=(sessionkeep show a1b); CURRENT=3; BUFFER='sessionkeep show a1b'
        _sessionkeep";
    let script = script.replace("print -rl -- ${(P)4-}${(P)4:+} ; shift 4;", "shift 4;");
    let shown = shell(&home, "zsh", &["-f"], &script);
    assert!(shown.contains("compdef _sessionkeep sessionkeep"), "{shown}");
    assert!(shown.contains(&format!("\n{ID}:my-project, 2026-06-05, ")), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{7}'), "{shown:?}");
}

#[test]
fn fish_offers_the_same_with_what_is_known_of_it() {
    if !has_program("fish") {
        return;
    }
    let home = home();
    let fish = |line: &str| {
        let script = format!("source $SCRIPT; complete -C '{line}'");
        shell(&home, "fish", &["--no-config"], &script)
    };
    let shown = fish("sessionkeep show a1b");
    assert!(shown.starts_with(&format!("{ID}\tmy-project, 2026-06-05, ")), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{7}') && shown.lines().count() == 1, "{shown:?}");
    assert_eq!(fish("sessionkeep list --project "), "my-project\t3 sessions, last 2026-06-05\n");
    assert_eq!(fish("sessionkeep list --project=my").split('\t').next(), Some("--project=my-project"));
    assert_eq!(fish("sessionkeep import --agent code"), "codex\tCodex\n");
    assert_eq!(fish("sessionkeep rules show github-cl").split('\t').next(), Some("github-classic"));
}

#[test]
fn the_store_is_the_one_that_the_line_names() {
    let home = home();
    fs::rename(home.store(), home.path("other")).unwrap();
    let other = home.path("other").display().to_string();
    assert!(asked(&home, "fish", &["sessionkeep", "show", "a1b"]).is_empty());
    let both = [
        &["sessionkeep", "--out", &other, "show", "a1b"][..],
        &["sessionkeep", "show", "--out", "~/other", "a1b"],
        &["sessionkeep", "show", &format!("--out={other}"), "a1b"],
    ];
    for words in both {
        assert_eq!(asked(&home, "bash", words), [ID], "{words:?}");
    }
    let mut command = home.command(&["complete", "bash", "2", "--", "sessionkeep", "show", "a1b"]);
    let run = Run::of(command.env("SESSIONKEEP_DIR", &other).output().unwrap());
    assert_eq!(run.stdout.trim_end(), ID);
    let before = format!("--before=SESSIONKEEP_DIR={other}");
    let run = home.run(&["complete", "zsh", "2", &before, "--", "sessionkeep", "show", "a1b"]);
    assert!(run.stdout.starts_with(ID), "{run:?}");
}

#[test]
fn names_of_files_that_would_act_are_kept_from_it() {
    let home = Home::new();
    home.write("a $(touch pwned);x.json", "{}");
    home.write("a\nb.json", "{}");
    home.write("a\u{1b}[31m.json", "{}");
    let found = asked(&home, "bash", &["sessionkeep", "list", "--config", "a"]);
    assert_eq!(found, ["a\\ \\$\\(touch\\ pwned\\)\\;x.json"]);
    for shell in ["fish", "zsh", "elvish"] {
        assert_eq!(
            asked(&home, shell, &["sessionkeep", "list", "--config", "a"]),
            ["a $(touch pwned);x.json"]
        );
    }
    let found = asked(&home, "powershell", &["sessionkeep", "list", "--config", "a"]);
    assert_eq!(found, ["'a $(touch pwned);x.json'"]);
}

#[test]
fn whatever_is_wrong_the_answer_is_silence_and_nothing_is_written() {
    let home = home();
    let before = |home: &Home| -> Vec<(std::path::PathBuf, Vec<u8>, std::time::SystemTime)> {
        let files = files_below(&home.path(".sessionkeep")).into_iter();
        let with_time = |path: std::path::PathBuf| {
            let changed = fs::metadata(path.parent().unwrap()).unwrap().modified().unwrap();
            (path.clone(), fs::read(&path).unwrap(), changed)
        };
        files.map(with_time).collect()
    };
    let known = before(&home);
    for words in [&["sessionkeep", "show", "a1b"][..], &["sessionkeep", "list", "--project", ""]] {
        assert_eq!(asked(&home, "fish", words).len(), 1);
    }
    assert!(before(&home) == known, "no file of the store was changed, none was made");
    for arguments in [
        &["complete"][..],
        &["complete", "csh", "1"],
        &["complete", "bash", "x"],
        &["complete", "bash", "1", "--bogus"],
        &["complete", "bash", "99", "--", "sessionkeep"],
        &["complete", "bash", "0", "--"],
        &["complete", "bash", "2", "--", "sessionkeep", "show", "zzz"],
        &["complete", "bash", "3", "--", "sessionkeep", "--out", "/dev/null", "show", "zzz"],
        &["complete", "bash", "3", "--", "sessionkeep", "--config", "none.json", "import", "--agent"],
    ] {
        let run = home.run(arguments).exits(0);
        assert_eq!(run.stderr, "", "{arguments:?}");
    }
    fs::write(home.store().join(".sessionkeep/catalog.sqlite"), "no database").unwrap();
    assert_eq!(asked(&home, "bash", &["sessionkeep", "show", "a1b"]), [ID], "the sidecars still say it");
    fs::write(home.path(".sessionkeep/config.json"), "{").unwrap();
    assert_eq!(asked(&home, "bash", &["sessionkeep", "import", "--agent", "codex"]), ["codex"]);
}

#[test]
fn the_scripts_are_sound_in_their_shells() {
    let home = Home::new();
    for (name, flags) in [("bash", &["-n"][..]), ("zsh", &["-n"]), ("fish", &["--no-execute"])] {
        if !has_program(name) {
            continue;
        }
        let file = home.write(&format!("script.{name}"), home.run(&["completions", name]).exits(0).stdout);
        let output = Command::new(name).args(flags).arg(file).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{name} {output:?}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.run(&["completions", shell]).exits(0).stdout;
        assert!(script.contains(PROGRAM), "{shell}");
        assert!(!script.contains("@PROGRAM@"), "{shell}");
    }
}
