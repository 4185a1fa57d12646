//! Which argument of which command is being typed. Reads the parser's own description of the commands; knows no values.

use super::line::Line;
use clap::{Arg, Command};

/// Where the cursor is.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub command: &'a Command,
    /// The argument that a value is typed for.
    pub argument: Option<&'a Arg>,
    /// The current word may be the name of a command.
    pub takes_commands: bool,
    /// The current word may be a flag.
    pub takes_flags: bool,
    /// How many bytes of the current word stand before the value: `--project=`.
    pub value_start: usize,
    /// The words that stand for the argument already.
    pub given: Vec<&'a str>,
}

impl<'a> Place<'a> {
    /// Finds the place at the end of `line`; `program` is built.
    pub(super) fn find(program: &'a Command, line: &'a Line) -> Place<'a> {
        let mut walk =
            Walk { command: program, open: None, position: 0, only_values: false, given: Vec::new() };
        line.before.iter().for_each(|word| walk.word(word));
        walk.end(&line.current)
    }
}

/// What is known after some words.
struct Walk<'a> {
    command: &'a Command,
    /// An option that takes the next word, and how many it has.
    open: Option<(&'a Arg, usize)>,
    /// How many words stood for themselves.
    position: usize,
    /// A `--` was met.
    only_values: bool,
    given: Vec<(&'a str, &'a str)>,
}

impl<'a> Walk<'a> {
    fn word(&mut self, word: &'a str) {
        if let Some((argument, count)) = self.open.take()
            && (!word.starts_with('-') || argument.is_allow_hyphen_values_set())
        {
            self.given.push((argument.get_id().as_str(), word));
            let most = argument.get_num_args().map_or(1, |range| range.max_values());
            self.open = (count + 1 < most).then_some((argument, count + 1));
            return;
        }
        if self.only_values {
            return self.value(word);
        }
        if word == "--" {
            self.only_values = true;
        } else if let Some(long) = word.strip_prefix("--") {
            let (name, value) =
                long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            let Some(argument) = self.long(name).filter(|argument| takes_values(argument)) else { return };
            match value {
                Some(value) => self.given.push((argument.get_id().as_str(), value)),
                None => self.open = Some((argument, 0)),
            }
        } else if word.len() > 1 && word.starts_with('-') {
            let mut letters = word[1..].chars();
            while let Some(letter) = letters.next() {
                let short = |argument: &&Arg| argument.get_short() == Some(letter);
                let Some(argument) = self.command.get_arguments().find(short) else { return };
                if takes_values(argument) {
                    self.open = letters.as_str().is_empty().then_some((argument, 0));
                    return;
                }
            }
        } else if let Some(command) = self.below(word) {
            (self.command, self.position) = (command, 0);
            self.given.clear();
        } else {
            self.value(word);
        }
    }

    fn value(&mut self, word: &'a str) {
        if let Some(argument) = self.positional() {
            self.given.push((argument.get_id().as_str(), word));
        }
        self.position += 1;
    }

    fn end(self, current: &str) -> Place<'a> {
        let given = |argument: Option<&Arg>| {
            let id = argument.map_or("", |argument| argument.get_id().as_str());
            self.given.iter().filter(|(of, _)| *of == id).map(|(_, word)| *word).collect()
        };
        let mut place = Place {
            command: self.command,
            argument: None,
            takes_commands: false,
            takes_flags: false,
            value_start: 0,
            given: Vec::new(),
        };
        if let Some((argument, count)) = self.open {
            let least = argument.get_num_args().map_or(1, |range| range.min_values());
            place.argument = Some(argument);
            place.takes_flags = count >= least && current.starts_with('-');
        } else if !self.only_values && current.starts_with('-') {
            place.takes_flags = true;
            if let Some((name, _)) = current.strip_prefix("--").and_then(|long| long.split_once('=')) {
                place.argument = self.long(name).filter(|argument| takes_values(argument));
                place.value_start = name.len() + "--=".len();
                place.takes_flags = false;
            }
        } else {
            place.argument = self.positional();
            place.takes_commands = !self.only_values && self.position == 0;
            place.takes_flags = !self.only_values && current.is_empty();
        }
        place.given = given(place.argument);
        place
    }

    fn long(&self, name: &str) -> Option<&'a Arg> {
        let is_called = |argument: &&Arg| {
            argument.get_long() == Some(name)
                || argument.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
        };
        self.command.get_arguments().find(is_called)
    }

    /// Returns the command that `word` names below the present one, unless it must be a value.
    fn below(&self, word: &str) -> Option<&'a Command> {
        if self.position > 0 { None } else { self.command.find_subcommand(word) }
    }

    /// Returns the argument that the next word that stands for itself is a value of.
    fn positional(&self) -> Option<&'a Arg> {
        let mut left = self.position;
        for argument in self.command.get_positionals() {
            let most = argument.get_num_args().map_or(1, |range| range.max_values());
            if left < most {
                return Some(argument);
            }
            left -= most;
        }
        None
    }
}

/// Returns whether an option is followed by a value.
pub(super) fn takes_values(argument: &Arg) -> bool {
    argument.get_num_args().is_some_and(|range| range.takes_values())
}

#[cfg(test)]
mod tests {
    use super::super::shell::Shell;
    use super::*;

    /// A program with what there is of arguments.
    fn program() -> Command {
        use clap::ArgAction::{Append, SetTrue};
        let list = Command::new("list")
            .arg(Arg::new("project").long("project").action(Append))
            .arg(Arg::new("all").long("all").num_args(0..=1))
            .arg(Arg::new("raw").short('r').action(SetTrue))
            .arg(Arg::new("name").short('n'))
            .arg(Arg::new("session"))
            .arg(Arg::new("more").num_args(0..));
        let common = Arg::new("out").long("out").global(true);
        let mut program = Command::new("program").arg(common).subcommand(list);
        program.build();
        program
    }

    fn place(words: &str) -> String {
        let program = program();
        let words: Vec<_> = words.split(' ').map(Into::into).collect();
        let line = Line::new(Shell::Fish, &words, words.len() - 1, None);
        let place = Place::find(&program, &line);
        let argument = place.argument.map_or("-", |argument| argument.get_id().as_str());
        let kinds = [(place.takes_commands, "commands"), (place.takes_flags, "flags")];
        let kinds: Vec<&str> = kinds.into_iter().filter(|(is_it, _)| *is_it).map(|(_, name)| name).collect();
        format!("{} {argument} {}", place.command.get_name(), kinds.join("+"))
    }

    #[test]
    fn the_argument_at_the_cursor_is_found() {
        for (words, expected) in [
            ("p ", "program - commands+flags"),
            ("p li", "program - commands"),
            ("p --out ", "program out "),
            ("p --out list list ", "list session commands+flags"),
            ("p list ", "list session commands+flags"),
            ("p list a ", "list more flags"),
            ("p list a b c", "list more "),
            ("p list --project ", "list project "),
            ("p list --project a --project ", "list project "),
            ("p list --project=a", "list project "),
            ("p list --project a ", "list session commands+flags"),
            ("p list --project list ", "list session commands+flags"),
            ("p list --pro", "list - flags"),
            ("p list -r", "list - flags"),
            ("p list -r -n ", "list name "),
            ("p list -rn ", "list name "),
            ("p list -rnx ", "list session commands+flags"),
            ("p list --all ", "list all "),
            ("p list --all --project ", "list project "),
            ("p list --out x ", "list session commands+flags"),
            ("p list -- --pro", "list session "),
            ("p list -- a ", "list more "),
            ("p bogus ", "program - flags"),
        ] {
            assert_eq!(place(words), expected, "{words}");
        }
    }
}
