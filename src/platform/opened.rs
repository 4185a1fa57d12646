//! Which other process has a file open, and a lease that keeps others from opening it for a moment.
//!
//! Linux tells both: a write lease (fcntl(2), `F_SETLEASE`) is given only where nobody else has the file open, whosever
//! process it is, and makes whoever opens it wait until it is given back; `/proc` names the processes, as far as it may be
//! read. Elsewhere, and on network file systems, nothing can be said.

use std::fs::{File, Metadata};

/// What can be said of a file.
#[derive(Debug)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "elsewhere nothing can be said"))]
pub(crate) enum Openness {
    /// No other process has it open, and none gets it open while this is kept.
    Free(Lease),
    /// Some process has it open.
    Held,
    /// Nothing: the system or the file system has no leases.
    Unknown,
}

/// Keeps other processes from opening a file, until it is dropped or its file closed: they wait.
#[derive(Debug)]
pub(crate) struct Lease {
    #[cfg(target_os = "linux")]
    file: File,
}

/// A process that has a file open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub process: u32,
    /// What it is called; empty where that cannot be read.
    pub name: String,
}

/// Returns whether other processes can be seen at all.
pub(crate) fn can_see() -> bool {
    cfg!(target_os = "linux")
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{Holder, Lease, Openness};
    use crate::platform::stat::file_identity;
    use std::fs::{self, File, Metadata};
    use std::io;
    use std::os::fd::AsRawFd;

    /// From fcntl.h: the signal that says that the lease is wanted.
    const F_SETSIG: libc::c_int = 10;

    fn control(file: &File, command: libc::c_int, argument: libc::c_int) -> io::Result<libc::c_int> {
        // SAFETY: these commands of fcntl take a plain number and touch no memory of ours; the descriptor is open as long
        // as `file` is borrowed. What is risked is the signal that a lease sends: it is set to one that is ignored.
        match unsafe { libc::fcntl(file.as_raw_fd(), command, argument) } {
            -1 => Err(io::Error::last_os_error()),
            result => Ok(result),
        }
    }

    pub(super) fn lease(file: &File) -> Openness {
        let Ok(file) = file.try_clone() else { return Openness::Unknown };
        // SIGIO, which it would be else, ends the process; SIGURG is ignored unless somebody asks for it (signal(7)).
        if control(&file, F_SETSIG, libc::SIGURG).is_err() {
            return Openness::Unknown;
        }
        match control(&file, libc::F_SETLEASE, libc::F_WRLCK) {
            Ok(_) => Openness::Free(Lease { file }),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Openness::Held,
            Err(_) => Openness::Unknown,
        }
    }

    pub(super) fn is_wanted(lease: &Lease) -> bool {
        // What it will be when it is given back, where somebody waits for that.
        control(&lease.file, libc::F_GETLEASE, 0).is_ok_and(|kind| kind != libc::F_WRLCK)
    }

    pub(super) fn release(lease: &Lease) {
        let _ = control(&lease.file, libc::F_SETLEASE, libc::F_UNLCK);
    }

    pub(super) fn holder_of(metadata: &Metadata) -> Option<Holder> {
        let wanted = file_identity(metadata)?;
        let processes = fs::read_dir("/proc").ok()?.flatten();
        let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        numbers.filter(|process| *process != std::process::id()).find_map(|process| {
            // Another user's processes do not show theirs.
            let mut files = fs::read_dir(format!("/proc/{process}/fd")).ok()?.flatten();
            let is_it = files.any(|entry| {
                let metadata = fs::metadata(entry.path()).ok();
                metadata.is_some_and(|metadata| file_identity(&metadata) == Some(wanted))
            });
            let name = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
            is_it.then(|| Holder { process, name: name.trim_end().to_owned() })
        })
    }
}

/// Takes a lease on a file that this process has open once, for reading.
pub(crate) fn lease(file: &File) -> Openness {
    #[cfg(target_os = "linux")]
    {
        linux::lease(file)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = file;
        Openness::Unknown
    }
}

/// Returns a process that has the file open, this one apart; `None` also where none can be seen.
pub(crate) fn holder_of(metadata: &Metadata) -> Option<Holder> {
    #[cfg(target_os = "linux")]
    {
        linux::holder_of(metadata)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = metadata;
        None
    }
}

impl Lease {
    /// Returns whether another process waits for the file.
    pub(crate) fn is_wanted(&self) -> bool {
        #[cfg(target_os = "linux")]
        {
            linux::is_wanted(self)
        }
        #[cfg(not(target_os = "linux"))]
        false
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        #[cfg(target_os = "linux")]
        linux::release(self);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_file_that_another_process_has_open_is_told_from_one_that_none_has() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        std::fs::write(&path, "a").unwrap();
        let file = File::open(&path).unwrap();
        let metadata = file.metadata().unwrap();
        assert_eq!(holder_of(&metadata), None);
        match lease(&file) {
            Openness::Free(lease) => assert!(!lease.is_wanted()),
            Openness::Unknown => {}
            Openness::Held => panic!("nobody has it"),
        }
        let mut child =
            Command::new("sleep").arg("60").stdin(Stdio::from(File::open(&path).unwrap())).spawn().unwrap();
        let holder = holder_of(&metadata).unwrap();
        assert_eq!(holder.process, child.id());
        assert!(!matches!(lease(&file), Openness::Free(_)));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
