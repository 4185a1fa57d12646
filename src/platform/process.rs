//! The process's own manners: no core dumps, no death by file-size limit, enough open files, a flag for Ctrl-C, and
//! children that outlive us.

use std::io;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};

/// The signal that asked us to stop; 0 for none.
static STOP_SIGNAL: AtomicI32 = AtomicI32::new(0);

/// Returns the number of the signal that asked us to stop, if one did.
pub(crate) fn interrupted() -> Option<i32> {
    match STOP_SIGNAL.load(Ordering::Relaxed) {
        0 => None,
        signal => Some(signal),
    }
}

/// Keeps secrets in memory out of core dumps and other processes' reach, makes new files private, and turns the
/// file-size limit's signal into an error. What the system refuses is left as it is: none of it is needed for correct work.
pub(crate) fn harden() {
    #[cfg(unix)]
    unix::harden();
}

/// Returns whether new files have exactly the mode that they are asked to have, if that is one for their owner alone.
#[cfg(unix)]
pub(super) fn has_private_mask() -> bool {
    unix::HAS_PRIVATE_MASK.load(Ordering::Relaxed)
}

/// Raises the limit of open files as far as allowed; returns the limit.
pub(crate) fn raise_open_file_limit() -> u64 {
    #[cfg(unix)]
    {
        unix::raise_open_file_limit()
    }
    #[cfg(not(unix))]
    512
}

/// Returns how many files may be open at once.
pub(crate) fn open_file_limit() -> u64 {
    #[cfg(unix)]
    {
        unix::open_file_limit()
    }
    #[cfg(not(unix))]
    512
}

/// Makes SIGINT, SIGTERM and SIGHUP set the flag that [`interrupted`] reads; a second one does what it always did.
/// One that was ignored when we started (`nohup`) stays ignored.
pub(crate) fn catch_stop_signals() {
    #[cfg(unix)]
    unix::catch_stop_signals();
}

/// Returns the user id that permissions are checked against; 0 where there are none.
pub(crate) fn effective_user() -> u32 {
    #[cfg(unix)]
    {
        rustix::process::geteuid().as_raw()
    }
    #[cfg(not(unix))]
    0
}

/// Starts `command` in a session of its own with nothing on its standard streams, so that it survives the end of our
/// process group and terminal.
pub(crate) fn spawn_detached(mut command: Command) -> io::Result<Child> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    unix::detach(&mut command);
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        /// DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP (winbase.h).
        const DETACHED: u32 = 0x0000_0008 | 0x0000_0200;
        command.creation_flags(DETACHED);
    }
    command.spawn()
}

#[cfg(unix)]
mod unix {
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::STOP_SIGNAL;

    /// Set with the process's umask.
    pub(super) static HAS_PRIVATE_MASK: AtomicBool = AtomicBool::new(false);

    pub(super) fn harden() {
        rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
        HAS_PRIVATE_MASK.store(true, Ordering::Relaxed);
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
        #[cfg(target_os = "linux")]
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
        // SAFETY: SIG_IGN is a valid disposition and replaces no handler of ours. It is process-wide: a library that
        // wants SIGXFSZ would lose it, and there is none here.
        unsafe {
            libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        }
    }

    pub(super) fn open_file_limit() -> u64 {
        getrlimit(Resource::Nofile).current.unwrap_or(1 << 20)
    }

    pub(super) fn raise_open_file_limit() -> u64 {
        let limit = getrlimit(Resource::Nofile);
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
        open_file_limit()
    }

    extern "C" fn remember(signal: libc::c_int) {
        STOP_SIGNAL.store(signal, Ordering::Relaxed);
    }

    pub(super) fn catch_stop_signals() {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            // SAFETY: both structures are plain data for which zero is valid, and `remember` only stores to an
            // atomic, which a signal handler may do. SA_RESETHAND restores the default for the second signal;
            // without SA_RESTART a blocking read returns, so that the flag is seen.
            unsafe {
                let mut old: libc::sigaction = std::mem::zeroed();
                if libc::sigaction(signal, std::ptr::null(), &mut old) == 0
                    && old.sa_sigaction == libc::SIG_IGN
                {
                    continue;
                }
                let mut new: libc::sigaction = std::mem::zeroed();
                new.sa_sigaction = remember as extern "C" fn(libc::c_int) as usize;
                new.sa_flags = libc::SA_RESETHAND;
                libc::sigemptyset(&mut new.sa_mask);
                libc::sigaction(signal, &new, std::ptr::null_mut());
            }
        }
    }

    pub(super) fn detach(command: &mut Command) {
        // SAFETY: between fork and exec only async-signal-safe calls are allowed, and setsid is one. It fails only for
        // the leader of a process group, which a new child is not.
        unsafe {
            command.pre_exec(|| rustix::process::setsid().map(drop).map_err(Into::into));
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_detached_child_leads_its_own_session() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("session");
        let mut command = Command::new("sh");
        command.arg("-c").arg("cut -d' ' -f6 /proc/$$/stat > \"$0\"").arg(&out);
        let mut child = spawn_detached(command).unwrap();
        let pid = child.id();
        assert!(child.wait().unwrap().success());
        assert_eq!(std::fs::read_to_string(out).unwrap().trim(), pid.to_string());
    }

    #[test]
    fn the_limit_of_open_files_only_rises() {
        let before = open_file_limit();
        assert!(raise_open_file_limit() >= before);
    }
}
