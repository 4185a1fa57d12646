//! What the long help of a command says beside its examples: what it reads and writes, and what to look at next.

/// The notes on one command.
pub(crate) struct Note {
    pub(crate) command: &'static str,
    pub(crate) reads: &'static str,
    pub(crate) writes: &'static str,
    pub(crate) see_also: &'static [&'static str],
}

const fn note(
    command: &'static str,
    reads: &'static str,
    writes: &'static str,
    see_also: &'static [&'static str],
) -> Note {
    Note { command, reads, writes, see_also }
}

/// Nothing but standard output.
const NOTHING: &str = "nothing";

const NOTES: &[Note] = &[
    note(
        "import",
        "the directories of the agents, the configuration, the catalog of the store",
        "archives and sidecars, the catalog; never a source",
        &["archive", "agents", "doctor", "list"],
    ),
    note(
        "archive",
        "the files that are named, the configuration",
        "archives and sidecars, the catalog; never a source",
        &["import", "mask"],
    ),
    note(
        "hook",
        "the agent's message on standard input, the session that it names, the configuration",
        "a note of what is pending, then archives as import writes them; never a source",
        &["import", "doctor"],
    ),
    note("list", "sidecars, or the catalog's copy of them", NOTHING, &["show", "search", "stats"]),
    note(
        "show",
        "archives; with the path of a transcript that file, which is masked before it is shown",
        NOTHING,
        &["list", "search", "export"],
    ),
    note("search", "archives, and the sidecars of those that match", NOTHING, &["show", "list"]),
    note(
        "stats",
        "archives that were not counted yet, and what is remembered of the others",
        "what it counted, in the private directory of the store",
        &["list", "audit"],
    ),
    note("export", "archives and sidecars", "the file or directory that is named", &["show", "restore"]),
    note(
        "restore",
        "archives, the directories of the agent that is to find the session",
        "transcripts and parts below these directories, never over a file that is there",
        &["list", "export", "doctor"],
    ),
    note(
        "agents",
        "the directories of the agents (no transcript is opened), the catalog",
        NOTHING,
        &["import", "doctor", "config"],
    ),
    note("mask", "standard input, the configuration", NOTHING, &["rules", "audit", "redact"]),
    note(
        "audit",
        "the transcripts that are named or found, the configuration",
        NOTHING,
        &["rules", "mask", "redact"],
    ),
    note("verify", "all of the store", NOTHING, &["repair", "doctor"]),
    note(
        "repair",
        "all of the store, and the sources of damaged archives",
        "sidecars, the catalog, new names of damaged archives, archives made again",
        &["verify", "import"],
    ),
    note(
        "doctor",
        "the configuration, the store, settings and directories of the agents, schedules",
        NOTHING,
        &["setup", "agents", "verify"],
    ),
    note("config", "the configuration file, the environment", NOTHING, &["rules", "doctor"]),
    note(
        "rules",
        "the configuration; with test the file that is named",
        NOTHING,
        &["mask", "audit", "config"],
    ),
    note(
        "setup",
        "settings and directories of the agents, schedules, the configuration",
        "hooks in the agents' settings, a schedule, copies of what was there; then as import",
        &["doctor", "import", "agents"],
    ),
    note(
        "prune",
        "the sessions of the store, what is pinned",
        "removes sessions from the store with --yes, and remembers them; never a source",
        &["pin", "list", "stats"],
    ),
    note(
        "pin",
        "the sessions of the store",
        "which sessions are kept for ever, in the store",
        &["unpin", "prune"],
    ),
    note(
        "unpin",
        "the sessions of the store",
        "which sessions are kept for ever, in the store",
        &["pin", "prune"],
    ),
    note(
        "restore",
        "archives and sidecars, the directories of the agents",
        "new files where the agent finds them, or below --to; never over an existing file",
        &["show", "export"],
    ),
    note(
        "redact",
        "the files that are named, the configuration",
        "standard output; with --in-place the agents' own transcripts",
        &["mask", "audit", "restore"],
    ),
    note(
        "remask",
        "archives, the configuration",
        "archives and sidecars that are masked again, the catalog; never a source",
        &["rules", "verify", "audit"],
    ),
    note("completions", NOTHING, NOTHING, &["man"]),
    note("man", NOTHING, NOTHING, &["help", "completions"]),
    note("help", NOTHING, NOTHING, &["man"]),
];

/// Returns the notes on a command, if there are any.
pub(crate) fn of(command: &str) -> Option<&'static Note> {
    NOTES.iter().find(|note| note.command == command)
}
