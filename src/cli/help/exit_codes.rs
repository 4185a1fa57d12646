//! The exit codes of all commands in one table. [`Kind::exit_code`](crate::error::Kind::exit_code) decides them.

/// What the program ends with, its name, and when.
const TABLE: [(&str, &str); 8] = [
    ("0", "done; for a check: all is well; hook ends with nothing else"),
    (
        "1",
        "nothing found (search, show, stats, export), something found (audit --fail-on-findings), something\nto do (doctor); the store or standard output cannot be used; no space; a mistake of ours",
    ),
    (
        "2",
        "wrong usage: an unknown option or value, a name that fits several sessions; a configuration that\ncannot be used",
    ),
    ("3", "done, but some files could not be read; the others were"),
    ("4", "an archive is damaged"),
    ("75", "another run has the store; try again later"),
    ("130", "stopped by Ctrl-C (SIGINT); what is archived is kept"),
    ("143", "stopped by SIGTERM; 129 by SIGHUP: 128 and the signal's number"),
];

/// Returns the table.
pub(crate) fn text() -> String {
    let mut text = "Exit codes:\n".to_owned();
    for (code, meaning) in TABLE {
        let mut code = code;
        for line in meaning.lines() {
            text.push_str(&format!("  {code:>3}  {line}\n"));
            code = "";
        }
    }
    text.push_str(
        "\nIf several hold, the worst decides. A reader of the output that goes away (| head) is no failure.",
    );
    text
}
