//! The schedule that setup makes, with programs that stand in for the system's.

use super::*;
use std::os::unix::fs::PermissionsExt;

/// Puts a `crontab` into the home's programs that keeps its table in a file of the home, and replaces it in one step.
pub(super) fn fake_crontab(home: &Home) {
    let table = home.path("table");
    let script = format!(
        "#!/bin/sh\ncase $1 in -l) [ -f '{0}' ] || {{ echo no crontab for me >&2; exit 1; }}; /bin/cat '{0}';; \
         -r) /bin/rm '{0}';; *) /bin/cat \"$1\" > '{0}.new' && /bin/mv '{0}.new' '{0}';; esac\n",
        table.display()
    );
    let path = home.write("bin/crontab", script);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_line_of_the_cron_table_is_made_once_and_taken_back() {
    let home = home();
    fake_crontab(&home);
    home.write("table", "0 5 * * * backup\n");
    setup(&home, &["--yes", "--no-import"]).exits(0);
    let table = text(&home, "table");
    assert!(table.starts_with("0 5 * * * backup\n") && table.contains("import --min-age 30"), "{table}");
    assert!(table.contains(&*home.path("bin/sessionkeep").to_string_lossy()), "{table}");
    let run = setup(&home, &["--yes", "--no-import"]).exits(0);
    assert!(run.stdout.contains("was so   schedule"), "{run:?}");
    assert_eq!(text(&home, "table"), table);
    assert_eq!(text(&home, ".sessionkeep/setup/crontab-before"), "0 5 * * * backup\n");
    setup(&home, &["--undo"]).exits(0);
    assert_eq!(text(&home, "table"), "0 5 * * * backup\n");
    assert!(!home.path(".sessionkeep/setup").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn where_nothing_runs_a_schedule_it_is_said_and_fails_only_for_agents_without_hooks() {
    let home = home();
    let run = setup(&home, &["--yes", "--no-import", "--agent", "claude-code"]).exits(0);
    assert!(run.stdout.contains("neither systemd nor cron"), "{run:?}");
    fs::create_dir_all(home.path(".local/share/goose/sessions")).unwrap();
    fs::create_dir_all(home.path(".config/goose")).unwrap();
    setup(&home, &["--yes", "--no-import", "--agent", "goose"]).exits(1);
}

#[test]
#[cfg(target_os = "linux")]
fn a_dry_run_shows_no_other_line_of_the_cron_table() {
    let home = home();
    fake_crontab(&home);
    home.write("table", "PIN=word\n0 5 * * * backup --with horse-battery\n");
    let shown = setup(&home, &["--dry-run"]).exits(0).stdout;
    assert!(shown.contains("+++ crontab") && shown.contains("import --min-age 30"), "{shown}");
    assert!(!shown.contains("word") && !shown.contains("backup"), "{shown}");
}
