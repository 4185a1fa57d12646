//! That README and help tell the truth: what they say can be typed can be, and what they list is what there is.

use crate::help;
use crate::home::*;
use serde_json::Value;
use std::collections::BTreeSet;

/// Options of an agent, which the README names too.
const OF_AGENTS: [&str; 1] = ["--fork-session"];

const README: &str = include_str!("../../README.md");

/// Returns the code blocks of the README with their languages.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let mut blocks = Vec::new();
    let mut rest = README;
    while let Some(start) = rest.find("\n```") {
        let (language, body) = rest[start + 4..].split_once('\n').unwrap();
        let end = body.find("```").unwrap();
        blocks.push((language, &body[..end]));
        rest = &body[end + 3..];
    }
    blocks
}

/// Returns what stands between single backticks in a text that has no code blocks.
fn spans(text: &str) -> Vec<String> {
    let spans = text.split('`').skip(1).step_by(2);
    spans.map(|span| span.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Returns the README without its code blocks.
fn prose() -> String {
    README.split("\n```").step_by(2).map(|text| format!("{text}\n")).collect()
}

/// Splits a line of a shell into the words of each command in it: quotes are taken off, redirections and what follows
/// them are left out, and so is an explanation behind two spaces.
fn commands(line: &str) -> Vec<Vec<String>> {
    let line = line.trim().trim_start_matches("$ ");
    let (mut commands, mut word, mut quote) = (vec![Vec::new()], None::<String>, None);
    let mut is_redirected = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(character),
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '|' | ';' | '#' | ' ' | '>' | '<') => {
                if let Some(word) = word.take().filter(|_| !is_redirected) {
                    // The number of a stream belongs to its redirection.
                    if !(character == '>' && word.bytes().all(|byte| byte.is_ascii_digit())) {
                        commands.last_mut().unwrap().push(word);
                    }
                }
                match character {
                    '|' | ';' => {
                        commands.push(Vec::new());
                        is_redirected = false;
                    }
                    '>' | '<' => is_redirected = true,
                    '#' => return commands,
                    _ if characters.peek() == Some(&' ') => return commands,
                    _ => {}
                }
            }
            (None, _) => word.get_or_insert_default().push(character),
        }
    }
    commands.last_mut().unwrap().extend(word.filter(|_| !is_redirected));
    commands
}

/// Returns the arguments of each call of the program in a line.
fn calls(line: &str) -> Vec<Vec<String>> {
    let calls = commands(line).into_iter().filter_map(|words| {
        let at = words.iter().position(|word| word == "sessionkeep")?;
        Some(words[at + 1..].to_vec())
    });
    calls.collect()
}

/// Asserts that the program understands these arguments: with `--help` behind them it shows help.
#[track_caller]
fn check(home: &Home, arguments: &[String], said: &str) {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(["--help"]).collect();
    let run = home.run(&arguments);
    assert!(
        run.code == 0 && run.stderr.is_empty() && run.stdout.contains("Usage: sessionkeep"),
        "{said}\n{run:?}"
    );
}

#[test]
fn lines_are_split_as_a_shell_would() {
    let calls = |line| -> Vec<String> { calls(line).iter().map(|words| words.join("|")).collect() };
    assert_eq!(calls("$ some 2>&1 | sessionkeep mask --stats > out  comment"), ["mask|--stats"]);
    assert_eq!(calls("*/10 * * * * sessionkeep import --min-age 30 -q"), ["import|--min-age|30|-q"]);
    assert_eq!(calls("sessionkeep list --json | jq -r '.[] | sessionkeep x'"), ["list|--json"]);
    assert_eq!(calls("sessionkeep search -e 'a .*b' --max 20   and more"), ["search|-e|a .*b|--max|20"]);
    assert_eq!(calls("sessionkeep import -v 2>&1 | grep 'left'"), ["import|-v"]);
    assert_eq!(calls("[sessionkeep] Codex: archived 6"), [""; 0]);
}

#[test]
fn every_command_line_of_the_readme_is_understood() {
    let home = Home::new();
    let mut count = 0;
    for (language, block) in blocks() {
        // Of a terminal's record only what was typed.
        let lines = block.lines().filter(|line| language != "console" || line.starts_with("$ "));
        for line in lines {
            for arguments in calls(line) {
                check(&home, &arguments, line);
                count += 1;
            }
        }
    }
    for (language, block) in blocks().into_iter().filter(|(language, _)| *language == "json") {
        let value: Value = serde_json::from_str(block).unwrap_or_else(|error| panic!("{language}: {error}"));
        if let Some(command) = value.pointer("/hooks/SessionEnd/0/hooks/0/command") {
            check(&home, &calls(command.as_str().unwrap())[0], block);
            count += 1;
        }
    }
    for span in spans(&prose()) {
        for arguments in calls(&span).iter().filter(|arguments| !arguments.is_empty()) {
            check(&home, arguments, &span);
            count += 1;
        }
    }
    assert!(count > 10, "only {count} were found");
}

#[test]
fn every_option_that_the_readme_names_of_a_command_exists() {
    let home = Home::new();
    let helps = help::all(&home);
    let help = |command: &str| {
        let full = format!("sessionkeep {command}");
        helps.iter().find(|(other, _)| *other == full).map(|(_, help)| help.as_str())
    };
    let prose = prose();
    let from = prose.find("\n## Commands").unwrap();
    let to = prose[from..].find("\n### Exit codes").unwrap() + from;
    let mut count = 0;
    for section in prose[from..to].split("\n### ").skip(1) {
        let (title, text) = section.split_once('\n').unwrap();
        let here: String =
            title.split(", ").map(|name| help(name).expect("a section is of commands")).collect();
        for span in spans(text) {
            let words: Vec<&str> = span.split(' ').collect();
            if span.starts_with('-') {
                let options = words.iter().map(|word| word.trim_end_matches([',', ';']));
                let is_ours = |word: &&str| word.starts_with('-') && !OF_AGENTS.contains(word);
                for option in options.filter(is_ours) {
                    let is_there = here.split([' ', '\n', ',']).any(|word| word == option);
                    assert!(is_there, "{title}: there is no {option}");
                    count += 1;
                }
            } else if words.len() > 1 && help(words[0]).is_some() {
                let is_placeholder = |word: &&&str| !word.bytes().all(|byte| byte.is_ascii_uppercase());
                let words: Vec<String> =
                    words.iter().filter(is_placeholder).map(|word| word.to_string()).collect();
                check(&home, &words, &span);
                count += 1;
            }
        }
    }
    assert!(count > 20, "only {count} were found");
}

#[test]
fn every_example_of_the_help_is_understood() {
    let home = Home::new();
    let mut count = 0;
    for (command, help) in help::all(&home) {
        let examples = help.lines().skip_while(|line| !line.starts_with("Example")).skip(1);
        for line in examples.take_while(|line| !line.is_empty()) {
            for arguments in calls(line) {
                check(&home, &arguments, &format!("{command}: {line}"));
                count += 1;
            }
        }
    }
    assert!(count > 40, "only {count} were found");
}

#[test]
fn the_configuration_of_the_readme_is_one() {
    let home = Home::new();
    let is_configuration = |block: &&str| block.contains("mask_patterns");
    let configuration = blocks().into_iter().map(|(_, block)| block).find(is_configuration).unwrap();
    home.write(".sessionkeep/config.json", configuration);
    let run = home.run(&["config", "check"]).exits(0);
    assert!(run.stderr.is_empty() && run.stdout.contains("mask_patterns[1]"), "{run:?}");
}

#[test]
fn the_readme_counts_the_rules_and_names_the_agents_right() {
    let home = Home::new();
    let (_, behind) = README.split_once("More than ").unwrap();
    let counted: usize = behind.split(' ').next().unwrap().parse().unwrap();
    assert!(behind[counted.to_string().len()..].starts_with(" built-in rules"), "{behind:.40}");
    let rules = home.run(&["rules"]).exits(0).stdout.lines().count();
    assert!(rules > counted && rules < counted + 50, "{rules} rules, more than {counted} in the README");
    let run = home.run(&["import", "--agent", "nobody"]).exits(2);
    let known = run.stderr.split("known agents: ").nth(1).unwrap().trim();
    let row = README.lines().find(|line| line.starts_with('|') && line.contains("`--agent NAME`")).unwrap();
    let named: BTreeSet<String> = spans(row.split('|').nth(2).unwrap()).into_iter().collect();
    assert_eq!(known.split(", ").map(str::to_owned).collect::<BTreeSet<_>>(), named);
}

#[test]
fn the_readme_lists_the_members_of_a_sidecar() {
    let home = Home::archived();
    let there: BTreeSet<String> = home.sidecar(NAME).as_object().unwrap().keys().cloned().collect();
    let start = README.find("A `.meta.json` has ").unwrap();
    let paragraph = README[start..].split("\n\n").next().unwrap();
    let is_member = |span: &String| span.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let named: BTreeSet<String> = spans(paragraph).into_iter().filter(is_member).collect();
    assert_eq!(there.difference(&named).collect::<Vec<_>>(), Vec::<&String>::new(), "not in the README");
    let elsewhere: Vec<&str> = named.difference(&there).map(String::as_str).collect();
    assert_eq!(elsewhere, ["forked_from", "nul_bytes", "other_ids"], "only where there are any");
}
