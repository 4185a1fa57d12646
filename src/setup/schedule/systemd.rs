//! The texts of a systemd user timer and its service. Quoting as systemd.syntax(7) and systemd.service(5) have it; where
//! they lie, and how a unit is enabled, as in systemd.unit(5).

use super::job::{INTERVAL_MINUTES, Job, MADE_BY, NICE};

pub(super) const SERVICE: &str = "sessionkeep-import.service";
pub(super) const TIMER: &str = "sessionkeep-import.timer";

/// Directory, beside the timer's, of the links to all that starts with the user's timers.
pub(super) const WANTS: &str = "timers.target.wants";

/// Returns the service's text.
///
/// Exit 3 says that some files could not be read and 75 that another import is at work: the work is done all the same.
pub(super) fn service(job: &Job) -> String {
    let mut words = Vec::new();
    // In arguments, and not in the program's path, `$` begins a variable.
    let argument = |text: &str| word(text).replace('$', "$$");
    if job.program().contains(['"', '\'', '\\']) {
        // systemd takes no program with these in its path, however they are escaped.
        words.extend(["/bin/sh".to_owned(), "-c".to_owned(), argument(r#"exec "$0" "$@""#)]);
        words.push(argument(job.program()));
    } else {
        words.push(word(job.program()));
    }
    words.extend(job.arguments().iter().map(|text| argument(text)));
    let command = words.join(" ");
    let variables: String = job
        .variables
        .iter()
        .map(|(name, value)| format!("Environment={}\n", quoted(&format!("{name}={value}"))))
        .collect();
    format!(
        "# {MADE_BY}\n\
         [Unit]\n\
         Description=Archive the sessions of AI coding agents\n\
         \n\
         [Service]\n\
         Type=oneshot\n\
         {variables}\
         ExecStart={command}\n\
         SuccessExitStatus=3 75\n\
         Nice={NICE}\n\
         IOSchedulingClass=idle\n"
    )
}

/// Returns the timer's text. What a sleep or a shutdown made it miss is made up for at once (`Persistent`).
pub(super) fn timer() -> String {
    format!(
        "# {MADE_BY}\n\
         [Unit]\n\
         Description=Archive the sessions of AI coding agents every {INTERVAL_MINUTES} minutes\n\
         \n\
         [Timer]\n\
         OnCalendar=*:0/{INTERVAL_MINUTES}\n\
         RandomizedDelaySec=5min\n\
         Persistent=true\n\
         \n\
         [Install]\n\
         WantedBy=timers.target\n"
    )
}

/// Returns a word of a command line: as it is where nothing in it means anything to systemd, else in quotes.
fn word(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:=@".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    quoted(text)
}

/// Returns text in double quotes, in which a backslash escapes and `%` begins what systemd fills in.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '%' => quoted.push_str("%%"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(words: &[&str]) -> Job {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        let variables = vec![("CODEX_HOME".to_owned(), "/a b/50%\"$x".to_owned())];
        Job { words, variables, minute: 7 }
    }

    fn command(words: &[&str]) -> String {
        let text = service(&job(words));
        text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap().to_owned()
    }

    #[test]
    fn a_plain_command_stands_as_it_is() {
        let words = ["/usr/bin/sessionkeep", "import", "--min-age", "30", "-q"];
        assert_eq!(command(&words), words.join(" "));
    }

    #[test]
    fn what_means_something_to_systemd_is_escaped() {
        assert_eq!(
            command(&["/a b/$x/50%/x", "--out", "/my $HOME/%h \"k\"\\n", ";", ""]),
            r#""/a b/$x/50%%/x" --out "/my $$HOME/%%h \"k\"\\n" ";" """#
        );
        assert_eq!(command(&["/it's $1/x", "-q"]), r#"/bin/sh -c "exec \"$$0\" \"$$@\"" "/it's $$1/x" -q"#);
        let text = service(&job(&["/x"]));
        assert!(text.contains("\nEnvironment=\"CODEX_HOME=/a b/50%%\\\"$x\"\n"), "{text}");
    }

    /// Has the units checked by systemd itself, where it is.
    #[cfg(target_os = "linux")]
    #[test]
    fn systemd_finds_nothing_wrong_with_the_units() {
        for name in ["a b $x 50% ü", "'single' \"double\" back\\slash"] {
            let directory = tempfile::tempdir().unwrap();
            let odd = directory.path().join(name);
            std::fs::create_dir(&odd).unwrap();
            let program = odd.join("sessionkeep");
            std::fs::copy("/bin/true", &program).unwrap();
            let job = job(&[program.to_str().unwrap(), "import", "--out", "/a b/%h/$HOME"]);
            std::fs::write(directory.path().join(SERVICE), service(&job)).unwrap();
            std::fs::write(directory.path().join(TIMER), timer()).unwrap();
            let mut command = std::process::Command::new("systemd-analyze");
            command
                .args(["--user", "verify"])
                .arg(directory.path().join(SERVICE))
                .arg(directory.path().join(TIMER));
            command.env("XDG_RUNTIME_DIR", directory.path()).env("HOME", directory.path());
            let Ok(output) = command.output() else {
                // Nothing here can check them.
                return;
            };
            let says = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!says.contains("sessionkeep-import"), "{says}");
            // Without the program it names the path that it read, which must be the one that was meant.
            std::fs::remove_file(&program).unwrap();
            let says = String::from_utf8_lossy(&command.output().unwrap().stderr).into_owned();
            let is_run_by_shell = name.contains('"');
            assert_eq!(says.contains(program.to_str().unwrap()), !is_run_by_shell, "{says}");
        }
    }
}
