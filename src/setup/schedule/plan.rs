//! What a schedule is made of, as data: files, links, a line of the cron table, and the commands that switch it on and
//! off. Made of a [`Job`] and an environment alone; writes and runs nothing.

use super::job::Job;
use super::{cron, launchd, systemd, windows};
use crate::environment::Environment;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::platform::process;
use std::path::PathBuf;

/// What runs a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Systemd,
    Cron,
    Launchd,
    TaskScheduler,
}

/// All kinds.
pub(super) const KINDS: [Kind; 4] = [Kind::Systemd, Kind::Cron, Kind::Launchd, Kind::TaskScheduler];

impl Kind {
    /// Returns the name to show to people.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Kind::Systemd => "a systemd user timer",
            Kind::Cron => "cron",
            Kind::Launchd => "launchd",
            Kind::TaskScheduler => "the Task Scheduler",
        }
    }
}

/// A file that a scheduler reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedFile {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

/// Everything that a schedule consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub kind: Kind,
    pub files: Vec<PlannedFile>,
    /// The link by which systemd knows that a timer is enabled, and where it leads.
    pub link: Option<(PathBuf, PathBuf)>,
    /// The line of the cron table.
    pub cron_line: Option<String>,
    /// Commands that make the scheduler take up the files.
    pub switch_on: Vec<Vec<String>>,
    /// Commands that are run before the files go, whatever they say.
    pub switch_off: Vec<Vec<String>>,
    /// Commands that are run when the files have gone.
    pub afterwards: Vec<Vec<String>>,
}

/// Returns what a schedule of this kind consists of.
///
/// # Errors
///
/// [`ErrorKind::Usage`] when there is no home directory that its files could lie in.
pub(crate) fn plan(kind: Kind, job: &Job, environment: &Environment) -> Result<Plan> {
    let mut plan = empty(kind, environment)?;
    let texts = match kind {
        Kind::Systemd => vec![systemd::service(job).into_bytes(), systemd::timer().into_bytes()],
        Kind::Launchd => vec![launchd::plist(job).into_bytes()],
        Kind::TaskScheduler => vec![windows::definition(job)],
        Kind::Cron => {
            plan.cron_line = Some(cron::line(job));
            Vec::new()
        }
    };
    for (file, bytes) in plan.files.iter_mut().zip(texts) {
        file.bytes = bytes;
    }
    Ok(plan)
}

/// Returns what a schedule of this kind consists of, but for what is in its files: enough to find one and to remove it.
pub(super) fn empty(kind: Kind, environment: &Environment) -> Result<Plan> {
    let mut plan = Plan {
        kind,
        files: Vec::new(),
        link: None,
        cron_line: None,
        switch_on: Vec::new(),
        switch_off: Vec::new(),
        afterwards: Vec::new(),
    };
    let words = |command: &str| command.split(' ').map(str::to_owned).collect::<Vec<String>>();
    let file = |path| PlannedFile { path, bytes: Vec::new() };
    match kind {
        Kind::Systemd => {
            let units = systemd_directory(environment).ok_or_else(no_home)?;
            plan.files = vec![file(units.join(systemd::SERVICE)), file(units.join(systemd::TIMER))];
            // As `systemctl enable` makes it.
            let link = units.join(systemd::WANTS).join(systemd::TIMER);
            plan.link = Some((link, units.join(systemd::TIMER)));
            let reload = words("systemctl --user daemon-reload");
            let timer = |what: &str| words(&format!("systemctl --user {what} --now {}", systemd::TIMER));
            plan.switch_on = vec![reload.clone(), timer("enable")];
            plan.switch_off = vec![timer("disable")];
            plan.afterwards = vec![reload];
        }
        Kind::Launchd => {
            let home = environment.home().ok_or_else(no_home)?;
            let path = home.join("Library/LaunchAgents").join(format!("{}.plist", launchd::LABEL));
            let domain = format!("gui/{}", process::effective_user());
            let off = words(&format!("launchctl bootout {domain}/{}", launchd::LABEL));
            let mut on = words(&format!("launchctl bootstrap {domain}"));
            on.push(path.to_string_lossy().into_owned());
            plan.files = vec![file(path)];
            plan.switch_on = vec![on];
            plan.switch_off = vec![off];
        }
        Kind::TaskScheduler => {
            let data = environment.path("LOCALAPPDATA");
            let data = data.or_else(|| environment.home().map(|home| home.join("AppData").join("Local")));
            let path = data.ok_or_else(no_home)?.join("sessionkeep").join(format!("{}.xml", windows::TASK));
            let mut on = words(&format!("schtasks /create /f /tn {} /xml", windows::TASK));
            on.push(path.to_string_lossy().into_owned());
            plan.files = vec![file(path)];
            plan.switch_on = vec![on];
            plan.switch_off = vec![words(&format!("schtasks /delete /f /tn {}", windows::TASK))];
        }
        Kind::Cron => {}
    }
    Ok(plan)
}

/// Returns the directory of the user's own systemd units.
pub(super) fn systemd_directory(environment: &Environment) -> Option<PathBuf> {
    // A relative path in this variable counts as unset: see the XDG Base Directory Specification.
    let set = environment.path("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let config = set.or_else(|| environment.home().map(|home| home.join(".config")))?;
    Some(config.join("systemd").join("user"))
}

fn no_home() -> Error {
    Error::new(ErrorKind::Usage, "cannot tell where a schedule's files belong: there is no home directory")
        .with_hint("set HOME")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job { words: vec!["/bin/sessionkeep".into(), "import".into()], variables: Vec::new(), minute: 3 }
    }

    #[test]
    fn each_kind_has_its_files_where_its_scheduler_looks() {
        let environment = Environment::with_home("/home/me");
        for (kind, paths) in [
            (
                Kind::Systemd,
                &["sessionkeep-import.service", "sessionkeep-import.timer"]
                    .map(|name| format!("/home/me/.config/systemd/user/{name}"))[..],
            ),
            (Kind::Cron, &[]),
            (Kind::Launchd, &["/home/me/Library/LaunchAgents/sessionkeep.import.plist".to_owned()]),
            (Kind::TaskScheduler, &["/home/me/AppData/Local/sessionkeep/sessionkeep-import.xml".to_owned()]),
        ] {
            let plan = plan(kind, &job(), &environment).unwrap();
            let found: Vec<String> =
                plan.files.iter().map(|file| file.path.to_string_lossy().replace('\\', "/")).collect();
            assert_eq!(found, paths);
            assert!(plan.files.iter().all(|file| !file.bytes.is_empty()));
            assert_eq!(plan.cron_line.is_some(), kind == Kind::Cron);
        }
    }

    #[test]
    fn what_takes_a_path_takes_it_as_one_word() {
        let environment = Environment::with_home("/home/a b");
        let plan = plan(Kind::Launchd, &job(), &environment).unwrap();
        let on = plan.switch_on.last().unwrap();
        assert_eq!(on[..2], ["launchctl", "bootstrap"]);
        assert!(on[2].starts_with("gui/"));
        assert!(
            on[3].replace('\\', "/").ends_with("/home/a b/Library/LaunchAgents/sessionkeep.import.plist")
        );
    }

    #[test]
    fn without_a_home_only_cron_has_a_plan() {
        let environment = Environment::new([]);
        let kinds: Vec<Kind> =
            KINDS.into_iter().filter(|kind| plan(*kind, &job(), &environment).is_ok()).collect();
        assert_eq!(kinds, [Kind::Cron]);
    }
}
