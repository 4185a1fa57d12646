//! Which command is for which task: the order in which help names commands. Knows nothing else of them.

/// A task, what it is about, and its commands in the order in which they are met.
pub(crate) struct Group {
    pub(crate) task: &'static str,
    pub(crate) commands: &'static [&'static str],
}

/// The tasks. A command that the program does not have is left out where they are shown.
const GROUPS: [Group; 4] = [
    Group {
        task: "Set up",
        commands: &["setup", "doctor", "schedule", "agents", "config", "completions", "man", "help"],
    },
    Group { task: "Keep", commands: &["import", "archive", "hook"] },
    Group { task: "Read", commands: &["list", "show", "search", "stats", "export", "restore"] },
    Group {
        task: "Look after",
        commands: &[
            "verify", "repair", "prune", "pin", "unpin", "remask", "audit", "mask", "redact", "rules",
        ],
    },
];

/// Those that nobody has put to a task.
const REST: &str = "More";

/// Returns the tasks with the visible commands of `program`, each command once.
pub(crate) fn of(program: &clap::Command) -> Vec<(&'static str, Vec<&clap::Command>)> {
    let find = |name: &&str| program.find_subcommand(name).filter(|command| !command.is_hide_set());
    let mut groups: Vec<(&str, Vec<&clap::Command>)> =
        GROUPS.iter().map(|group| (group.task, group.commands.iter().filter_map(find).collect())).collect();
    let is_placed = |name: &str| GROUPS.iter().any(|group| group.commands.contains(&name));
    let rest = program.get_subcommands().filter(|command| !command.is_hide_set());
    groups.push((REST, rest.filter(|command| !is_placed(command.get_name())).collect()));
    groups.retain(|(_, commands)| !commands.is_empty());
    groups
}
