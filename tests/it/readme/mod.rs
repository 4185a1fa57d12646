//! That the README shows what happens: each command of its terminal records is run, in their order, in the home of one
//! user, and what it prints is compared with what the README says it prints.
//!
//! In a block of the language `console`, a line that begins with `$ ` was typed and the lines behind it were printed, by
//! standard output and standard error together. A line `...` stands for any lines. What differs from run to run (how
//! long something took, how fast, today's date) counts as the same where it has the same form; see [`mod@compare`].
//!
//! After a change that is meant: `SESSIONKEEP_README=write cargo test --test it readme::` writes what is printed today
//! into the README, but for what was printed with `...`, which is for people to shorten.

mod compare;
mod home;

use crate::home::Home;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// Commands in blocks that are no terminal record, and what tries them.
const TRIED_ELSEWHERE: [(&str, &str); 6] = [
    ("cargo run --release -- import", "what is built is installed and run by tests/packages.sh"),
    ("cargo test", "this"),
    ("source <(sessionkeep completions bash)", "completions.rs, in the real shells"),
    ("sessionkeep completions fish | source", "completions.rs, in the real shells"),
    ("zcat 2026/06/*.jsonl.gz | jq", "no gzip reader knows that these are archives: see store.rs"),
    ("duckdb -c", "by hand: it is not there wherever tests run"),
];

/// One command of a terminal record and what it printed.
struct Step {
    typed: String,
    printed: Vec<String>,
}

/// A terminal record: where its lines are in the README, and its steps.
struct Record {
    /// Index of the line behind the opening fence.
    start: usize,
    /// Index of the closing fence.
    end: usize,
    steps: Vec<Step>,
}

/// Returns the terminal records of a document.
fn records(lines: &[&str]) -> Vec<Record> {
    let mut records = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at] != "```console" {
            at += 1;
            continue;
        }
        let start = at + 1;
        let end = (start..lines.len()).find(|line| lines[*line] == "```").expect("a block ends");
        let mut steps: Vec<Step> = Vec::new();
        for line in &lines[start..end] {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(typed), _) => steps.push(Step { typed: typed.to_owned(), printed: Vec::new() }),
                (None, Some(step)) => step.printed.push((*line).to_owned()),
                (None, None) => panic!("README.md:{}: a record begins with a command", start + 1),
            }
        }
        records.push(Record { start, end, steps });
        at = end;
    }
    records
}

/// Types a command line in the user's home; returns what it printed, with the home as the README calls it.
fn typed(home: &Home, line: &str) -> Vec<String> {
    let mut command = home.command_of("/bin/sh".as_ref());
    command.args(["-c", &format!("exec 2>&1; {line}")]).env("PATH", home.path("bin")).env("USER", "me");
    let output = command.output().unwrap();
    let real = home.path("").to_string_lossy().trim_end_matches('/').to_owned();
    let text = String::from_utf8_lossy(&output.stdout).replace(&real, home::SHOWN);
    // The home of the test may lie where temporary files are, and the program of a setup may not.
    let lines = text.lines().filter(|line| !line.contains("is in a place for what may go at any time"));
    lines.map(|line| line.trim_end().to_owned()).collect()
}

/// Makes the one directory of programs that the user has: this program, some of the system's, and a `crontab` that keeps
/// its table in the home, so that no test sets up anything on the machine that it runs on.
fn install(home: &Home) {
    let directory = home.path("bin");
    fs::create_dir_all(&directory).unwrap();
    let link = |from: &Path, name: &str| std::os::unix::fs::symlink(from, directory.join(name)).unwrap();
    link(Path::new(crate::home::PROGRAM), "sessionkeep");
    let path = std::env::var_os("PATH").unwrap_or_default();
    for name in ["cat", "rm", "env", "nice", "grep"] {
        let found =
            std::env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file());
        link(&found.expect("the system has it"), name);
    }
    let crontab = "#!/bin/sh\ncase $1 in -l) cat \"$HOME/.crontab\" 2>/dev/null || { echo no crontab for me >&2; exit 1; } ;; *) cat \"$1\" > \"$HOME/.crontab\";; esac\n";
    let file = directory.join("crontab");
    fs::write(&file, crontab).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn every_terminal_record_of_the_readme_shows_what_is_printed() {
    let home = home::of_a_user();
    install(&home);
    let readme = fs::read_to_string(README).unwrap();
    let mut lines: Vec<String> = readme.lines().map(str::to_owned).collect();
    let records = records(&readme.lines().collect::<Vec<_>>());
    assert!(records.len() > 5, "only {} records were found", records.len());
    let is_written = std::env::var_os("SESSIONKEEP_README").is_some_and(|value| value == "write");
    let (mut wrong, mut written) = (Vec::new(), Vec::new());
    for record in &records {
        let mut shown = Vec::new();
        let mut is_right = true;
        for step in &record.steps {
            let printed = typed(&home, &step.typed);
            if let Err(reason) = compare::compare(&step.printed, &printed) {
                is_right = false;
                let all = printed.join("\n");
                wrong.push(format!(
                    "README.md:{}: $ {}\n{reason}\nprinted:\n{all}\n",
                    record.start, step.typed
                ));
            }
            shown.push(format!("$ {}", step.typed));
            let is_shortened = step.printed.iter().any(|line| line == "...");
            shown.extend(if is_shortened { step.printed.clone() } else { printed });
        }
        if !is_right {
            written.push((record.start..record.end, shown));
        }
    }
    if is_written {
        for (range, shown) in written.into_iter().rev() {
            lines.splice(range, shown);
        }
        fs::write(README, lines.join("\n") + "\n").unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn whatever_else_the_readme_says_to_type_is_tried_somewhere() {
    let readme = fs::read_to_string(README).unwrap();
    let mut lines = readme.lines();
    let mut count = 0;
    while let Some(line) = lines.next() {
        assert!(
            !["```bash", "```shell"].contains(&line),
            "commands stand in blocks of sh, or are terminal records"
        );
        if line == "```sh" {
            for typed in lines.by_ref().take_while(|line| *line != "```") {
                let is_tried = TRIED_ELSEWHERE.iter().any(|(known, _)| typed.starts_with(known));
                assert!(is_tried, "nothing tries: {typed}");
                count += 1;
            }
        }
    }
    assert_eq!(count, TRIED_ELSEWHERE.len());
}

#[test]
fn what_is_typed_for_the_readme_reaches_nothing_outside_of_its_home() {
    let home = home::of_a_user();
    install(&home);
    assert_eq!(typed(&home, "echo $HOME; command -v crontab"), [home::SHOWN, "/home/me/bin/crontab"]);
    assert_eq!(typed(&home, "command -v systemctl ls || echo none"), ["none"]);
    assert_eq!(typed(&home, "echo line | crontab -; crontab -l"), ["line"]);
}
