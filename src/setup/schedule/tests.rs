//! Schedules made and unmade with programs that stand in for `systemctl`, `crontab`, `launchctl` and `schtasks`.

use super::install::Done;
use super::plan::{Kind, Plan};
use super::*;
use crate::environment::Environment;
use std::fs;
use std::process::Command;

/// A home, and a directory of programs of its own.
struct Machine {
    directory: tempfile::TempDir,
    environment: Environment,
}

impl Machine {
    fn new() -> Machine {
        let directory = tempfile::tempdir().unwrap();
        let (home, bin) = (directory.path().join("home"), directory.path().join("bin"));
        fs::create_dir(&home).unwrap();
        fs::create_dir(&bin).unwrap();
        let environment =
            Environment::new([("HOME".into(), home.into_os_string()), ("PATH".into(), bin.into_os_string())]);
        Machine { directory, environment }
    }

    /// Adds a program, a shell script that finds the machine's directory in `$here`.
    #[cfg(unix)]
    fn program(&self, name: &str, script: &str) {
        let path = self.directory.path().join("bin").join(name);
        let here = self.directory.path().display();
        let script = format!("#!/bin/sh\nhere={here}\necho \"{name} $*\" >> $here/calls\n{script}\n");
        // By another process: a file that this one has open for writing cannot be run by another thread's child.
        let write = r#"printf %s "$1" > "$2" && chmod +x "$2""#;
        let status = Command::new("/bin/sh").args(["-c", write, "sh", &script]).arg(&path).status();
        assert!(status.unwrap().success());
    }

    fn crontab(&self) {
        let script = r#"case "$1" in
            -l) [ -f $here/table ] || { echo "no crontab for me" >&2; exit 1; }; /bin/cat $here/table ;;
            -r) /bin/rm $here/table ;;
            *) /bin/cat "$1" > $here/table ;;
        esac"#;
        self.program("crontab", script);
    }

    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.directory.path().join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    fn plan(&self, kind: Kind, out: &str) -> Plan {
        let words = ["/opt/bin/sessionkeep", "import", "--min-age", "30", "-q", "--out", out];
        let job = Job::new(&words, &self.environment).unwrap();
        plan(kind, &job, &self.environment).unwrap()
    }

    fn install(&self, plan: &Plan) -> Done {
        install(plan, &Commands::new(&self.environment)).unwrap()
    }

    fn remove(&self) -> Done {
        remove(&self.environment, &Commands::new(&self.environment)).unwrap()
    }

    fn choose(&self, system: System) -> Choice {
        choose(system, &self.environment, &Commands::new(&self.environment))
    }

    fn below_home(&self) -> Vec<String> {
        let home = self.directory.path().join("home");
        let entries = walkdir::WalkDir::new(&home).sort_by_file_name().into_iter().skip(1);
        entries
            .map(|entry| entry.unwrap().path().strip_prefix(&home).unwrap().to_string_lossy().into_owned())
            .collect()
    }
}

const UNITS: &str = ".config/systemd/user";

#[test]
fn a_timer_is_written_enabled_brought_up_to_date_and_removed() {
    let machine = Machine::new();
    machine.program("systemctl", "");
    assert_eq!(machine.choose(System::Other), Choice::Make(Kind::Systemd));
    let plan = machine.plan(Kind::Systemd, "/a");
    assert!(machine.install(&plan).notes[0].contains("loginctl enable-linger"));
    let on = ["--user daemon-reload", "--user enable --now sessionkeep-import.timer"];
    assert_eq!(machine.calls()[1..], on.map(|call| format!("systemctl {call}")));
    let link = machine
        .directory
        .path()
        .join("home")
        .join(UNITS)
        .join("timers.target.wants/sessionkeep-import.timer");
    assert!(link.symlink_metadata().unwrap().is_symlink() && link.is_file());
    assert_eq!(machine.install(&plan), Done::default(), "twice changes nothing");
    assert_eq!(machine.calls().len(), 3, "and runs nothing");
    let newer = machine.plan(Kind::Systemd, "/b");
    let steps = machine.install(&newer).steps;
    assert!(
        matches!(&steps[..], [Step::Write { before: Some(_), .. }, Step::Run { .. }, Step::Run { .. }]),
        "{steps:?}"
    );
    assert_eq!(machine.choose(System::Other), Choice::Make(Kind::Systemd));
    machine.remove();
    assert_eq!(machine.below_home(), [""; 0]);
    assert_eq!(machine.calls().last().unwrap(), "systemctl --user daemon-reload");
    assert_eq!(machine.remove(), Done::default());
}

#[test]
fn a_timer_is_enabled_by_hand_where_no_systemd_answers() {
    let machine = Machine::new();
    machine.program("systemctl", "echo 'Failed to connect to bus' >&2; exit 1");
    let done = machine.install(&machine.plan(Kind::Systemd, "/a"));
    assert!(done.notes[0].contains("when you log in next"), "{:?}", done.notes);
    assert!(machine.below_home().contains(&format!("{UNITS}/timers.target.wants/sessionkeep-import.timer")));
    assert_eq!(machine.install(&machine.plan(Kind::Systemd, "/a")), Done::default());
    machine.remove();
    assert_eq!(machine.below_home(), [""; 0]);
}

#[test]
fn units_of_the_users_own_and_links_to_where_they_keep_them_stay() {
    let machine = Machine::new();
    machine.program("systemctl", "");
    let home = machine.directory.path().join("home");
    let units = home.join(UNITS);
    fs::create_dir_all(home.join("dotfiles")).unwrap();
    fs::create_dir_all(units.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(home.join("dotfiles"), &units).unwrap();
    fs::write(units.join("own.timer"), "[Timer]\n").unwrap();
    fs::write(units.join("sessionkeep-import.service"), "[Service]\nExecStart=/my/own\n").unwrap();
    assert!(machine.remove().steps.is_empty(), "a unit that says nothing of us is not ours");
    machine.install(&machine.plan(Kind::Systemd, "/a"));
    assert!(units.symlink_metadata().unwrap().is_symlink());
    machine.remove();
    assert!(units.symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read_dir(home.join("dotfiles")).unwrap().count(), 1);
}

#[test]
fn a_cron_table_gets_one_line_and_gets_its_bytes_back() {
    let machine = Machine::new();
    machine.crontab();
    assert_eq!(machine.choose(System::Other), Choice::Make(Kind::Cron));
    let table = machine.directory.path().join("table");
    for before in [None, Some(&b"# mine \xff\n0 5 * * * /bin/backup 100\\%\n"[..])] {
        if let Some(before) = before {
            fs::write(&table, before).unwrap();
        }
        machine.install(&machine.plan(Kind::Cron, "/a 50%"));
        let made = fs::read(&table).unwrap();
        assert!(made.starts_with(before.unwrap_or_default()));
        assert!(
            made.ends_with(b" /opt/bin/sessionkeep import --min-age 30 -q --out '/a 50\\%'\n"),
            "{made:?}"
        );
        assert_eq!(machine.install(&machine.plan(Kind::Cron, "/a 50%")), Done::default());
        assert_eq!(machine.choose(System::Other), Choice::Make(Kind::Cron));
        machine.install(&machine.plan(Kind::Cron, "/b"));
        assert_eq!(
            fs::read(&table).unwrap().split(|&byte| byte == b'\n').count(),
            made.split(|&byte| byte == b'\n').count()
        );
        machine.remove();
        assert_eq!(fs::read(&table).ok().as_deref(), before);
    }
}

#[test]
fn a_cron_table_that_cannot_be_read_is_not_replaced() {
    let machine = Machine::new();
    machine.program("crontab", "echo 'cannot open the spool: permission denied' >&2; exit 1");
    let failed = install(&machine.plan(Kind::Cron, "/a"), &Commands::new(&machine.environment));
    assert!(failed.unwrap_err().to_string().contains("permission denied"));
    assert!(machine.calls().iter().all(|call| call == "crontab -l"), "{:?}", machine.calls());
}

#[test]
fn a_cron_table_is_handed_over_as_a_private_file_and_what_it_was_is_kept_until_it_is_taken_back() {
    let machine = Machine::new();
    machine.crontab();
    let table = machine.directory.path().join("table");
    let crontab = machine.directory.path().join("bin/crontab");
    let script = fs::read_to_string(&crontab).unwrap();
    let looks = "case $1 in -*) ;; *) /bin/ls -l \"$1\" > $here/mode ;; esac\ncase \"$1\"";
    machine.program("crontab", &script.replacen("case \"$1\"", looks, 1));
    let mine = "0 5 * * * /bin/backup\n";
    fs::write(&table, mine).unwrap();
    let setup = machine.directory.path().join("home/.sessionkeep/setup");
    let kept = || fs::read_to_string(setup.join("crontab-before")).unwrap();
    machine.install(&machine.plan(Kind::Cron, "/a"));
    assert!(machine.calls().last().unwrap().starts_with("crontab /"), "{:?}", machine.calls());
    let mode = fs::read_to_string(machine.directory.path().join("mode")).unwrap();
    assert!(mode.starts_with("-rw-------"), "{mode}");
    assert_eq!(kept(), mine);
    let names = || fs::read_dir(&setup).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    assert!(!names().contains(&"crontab-after".into()), "{:?}", names());
    machine.install(&machine.plan(Kind::Cron, "/b"));
    assert_eq!(kept(), mine, "one with a line of ours is not what it was");
    // What a run leaves that is killed while crontab runs, or before.
    fs::write(setup.join("crontab-after"), "half").unwrap();
    fs::write(setup.join(".tmp-1-2"), "half").unwrap();
    machine.remove();
    assert_eq!(fs::read_to_string(&table).unwrap(), mine);
    assert_eq!(machine.below_home(), [""; 0]);
}

#[test]
fn a_kept_cron_table_gives_way_to_no_empty_one() {
    let machine = Machine::new();
    machine.crontab();
    let table = machine.directory.path().join("table");
    fs::write(&table, "0 5 * * * /bin/backup\n").unwrap();
    machine.install(&machine.plan(Kind::Cron, "/a"));
    fs::write(&table, "").unwrap();
    machine.install(&machine.plan(Kind::Cron, "/a"));
    let kept = machine.directory.path().join("home/.sessionkeep/setup/crontab-before");
    assert_eq!(fs::read_to_string(&kept).unwrap(), "0 5 * * * /bin/backup\n");
    fs::write(&table, "0 6 * * * /bin/newer\n").unwrap();
    machine.install(&machine.plan(Kind::Cron, "/a"));
    assert_eq!(fs::read_to_string(&kept).unwrap(), "0 6 * * * /bin/newer\n");
    // Somebody took our line out; an undo has nothing to take back, and needs the copy no more.
    fs::write(&table, "0 6 * * * /bin/newer\n").unwrap();
    assert_eq!(machine.remove(), Done::default());
    assert_eq!(machine.below_home(), [""; 0]);
}

#[test]
fn a_cron_table_that_is_not_taken_is_said_and_leaves_no_file_for_crontab() {
    let machine = Machine::new();
    machine.program(
        "crontab",
        "[ $1 = -l ] || { echo 'not allowed' >&2; exit 1; }; echo '0 5 * * * /bin/backup'",
    );
    let failed = install(&machine.plan(Kind::Cron, "/a"), &Commands::new(&machine.environment));
    assert!(failed.unwrap_err().to_string().contains("not allowed"));
    assert!(!machine.below_home().iter().any(|name| name.ends_with("crontab-after")));
}

#[test]
fn a_schedule_that_somebody_made_is_left_alone() {
    let machine = Machine::new();
    machine.crontab();
    let table = machine.directory.path().join("table");
    fs::write(&table, "*/15 * * * * /usr/bin/sessionkeep import -q\n").unwrap();
    assert_eq!(machine.choose(System::Other), Choice::IsElsewhere("crontab".to_owned()));
}

#[test]
fn what_a_dry_run_says_is_what_is_done_and_it_changes_nothing() {
    let machine = Machine::new();
    machine.crontab();
    machine.program("systemctl", "");
    for kind in [Kind::Systemd, Kind::Cron] {
        let plan = machine.plan(kind, "/a");
        let commands = Commands::new(&machine.environment);
        let would = would_install(&plan, &commands).unwrap();
        assert!(!would.is_empty());
        assert_eq!(would_install(&plan, &commands).unwrap(), would, "looking changes nothing");
        assert_eq!(machine.install(&plan).steps, would);
        let would = would_remove(&machine.environment, &commands).unwrap();
        assert_eq!(machine.remove().steps, would);
    }
}

#[test]
fn agents_of_launchd_and_tasks_are_loaded_anew_and_removed() {
    let machine = Machine::new();
    machine.program("launchctl", "[ $1 = bootstrap ]");
    machine.program("schtasks", "");
    assert_eq!(machine.choose(System::MacOs), Choice::Make(Kind::Launchd));
    assert_eq!(machine.choose(System::Windows), Choice::Make(Kind::TaskScheduler));
    for kind in [Kind::Launchd, Kind::TaskScheduler] {
        machine.install(&machine.plan(kind, "/a & b"));
        assert_eq!(machine.install(&machine.plan(kind, "/a & b")), Done::default());
        assert!(!machine.install(&machine.plan(kind, "/c")).steps.is_empty());
        assert!(!machine.remove().steps.is_empty());
        assert_eq!(machine.below_home(), [""; 0]);
    }
    let calls = machine.calls();
    assert!(calls.iter().any(|call| call.starts_with("launchctl bootout gui/")), "{calls:?}");
    assert_eq!(calls.last().unwrap(), "schtasks /delete /f /tn sessionkeep-import");
}

#[test]
fn a_scheduler_that_refuses_is_named_with_what_it_says() {
    let machine = Machine::new();
    machine.program("schtasks", "echo 'ERROR: Access is denied.' >&2; exit 1");
    let failed = install(&machine.plan(Kind::TaskScheduler, "/a"), &Commands::new(&machine.environment));
    assert!(failed.unwrap_err().to_string().contains("ERROR: Access is denied."));
}

#[test]
fn without_any_scheduler_there_is_no_choice() {
    let machine = Machine::new();
    for system in [System::Other, System::MacOs, System::Windows] {
        assert_eq!(machine.choose(system), Choice::Nothing);
    }
}
