//! The terminal that an import was started on is as it was when the import ends, however it ends.

use crate::home::*;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::process::CommandExt;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A pseudo-terminal: what a terminal emulator holds, and what the program is given.
pub struct Terminal {
    emulator: File,
    pub program: File,
}

impl Terminal {
    pub fn new() -> Terminal {
        let (mut emulator, mut program) = (-1, -1);
        let size = libc::winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: the pointers are to locals; a null name and null settings are allowed; both descriptors are new and
        // become the only owners' own.
        unsafe {
            let made =
                libc::openpty(&mut emulator, &mut program, std::ptr::null_mut(), std::ptr::null(), &size);
            assert_eq!(made, 0, "{}", std::io::Error::last_os_error());
            Terminal { emulator: File::from_raw_fd(emulator), program: File::from_raw_fd(program) }
        }
    }

    /// Returns the terminal's settings, as text to compare.
    fn settings(&self) -> String {
        // SAFETY: all zeros are a valid termios, and the pointer is to a local.
        unsafe {
            let mut settings: libc::termios = std::mem::zeroed();
            assert_eq!(libc::tcgetattr(self.program.as_raw_fd(), &mut settings), 0);
            let libc::termios { c_iflag, c_oflag, c_cflag, c_lflag, c_cc, .. } = settings;
            format!("{c_iflag:x} {c_oflag:x} {c_cflag:x} {c_lflag:x} {c_cc:?}")
        }
    }

    /// Returns what a person types on.
    pub fn keyboard(&self) -> File {
        self.emulator.try_clone().unwrap()
    }

    /// Hands on what is written to the terminal, until nobody can write to it any more.
    pub fn output(&self) -> Receiver<Vec<u8>> {
        let (sender, receiver) = channel();
        let mut emulator = self.emulator.try_clone().unwrap();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = emulator.read(&mut buffer) {
                let _ = sender.send(buffer[..count].to_vec());
            }
        });
        receiver
    }
}

#[test]
fn a_signal_leaves_the_terminal_as_it_was() {
    for (signal, code) in [(libc::SIGINT, 130), (libc::SIGTERM, 143)] {
        // An import that was done before the signal came shows nothing of what a signal does.
        let is_hit = (0..10).any(|_| signal_hits_an_import(signal, code));
        assert!(is_hit, "no signal {signal} came in time");
    }
}

/// Sends a signal to an import whose progress is shown, and checks what it leaves behind; false if it came too late.
fn signal_hits_an_import(signal: i32, code: i32) -> bool {
    let home = Home::new();
    let long: String =
        (0..6000).map(|line| user(&id(0), line % 600, &format!("{line} ").repeat(60))).collect();
    for number in 0..64 {
        home.claude_session(&id(number), &[long.replace(&id(0), &id(number))]);
    }
    let terminal = Terminal::new();
    let before = terminal.settings();
    let output = terminal.output();
    let mut command = home.command(&["import", "--threads", "1"]);
    command.env("TERM", "xterm-256color");
    let side = || terminal.program.try_clone().unwrap();
    command.stdin(side()).stdout(side()).stderr(side());
    // A shell without job control starts what runs in its background with the signal ignored, and that is inherited.
    // SAFETY: `signal` may be called between fork and exec, and touches no memory of this process.
    unsafe {
        command.pre_exec(move || {
            libc::signal(signal, libc::SIG_DFL);
            Ok(())
        });
    }
    let mut child = command.spawn().unwrap();
    drop(command);
    let (mut shown, started) = (Vec::new(), Instant::now());
    let is_drawn = |shown: &[u8]| memchr::memmem::find(shown, b"archiving").is_some();
    while !is_drawn(&shown) && started.elapsed() < Duration::from_secs(60) {
        shown.extend(output.recv_timeout(Duration::from_millis(100)).unwrap_or_default());
    }
    assert!(is_drawn(&shown), "no progress: {:?}", String::from_utf8_lossy(&shown));
    // SAFETY: the child has not been waited for, so that its id is still its own.
    unsafe { libc::kill(child.id() as libc::pid_t, signal) };
    let status = child.wait().unwrap();
    while let Ok(more) = output.recv_timeout(Duration::from_millis(300)) {
        shown.extend(more);
    }
    if status.code() == Some(0) {
        return false;
    }
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert!(status.code() == Some(code), "{status:?} {shown:?}");
    assert_eq!(terminal.settings(), before);
    assert!(shown.contains("what is archived is kept"), "{shown:?}");
    // Whatever was switched is switched back: the cursor, the other screen, the end of lines.
    for (on, off) in [("\x1b[?25l", "\x1b[?25h"), ("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?7l", "\x1b[?7h")] {
        assert!(shown.rfind(on) < shown.rfind(off) || !shown.contains(on), "{on:?}: {shown:?}");
    }
    // The bar is gone: after it was last drawn its line was cleared, and what follows begins at a line's start.
    let bar = shown.rfind("archiving").unwrap();
    assert!(shown[bar..].contains("\x1b[2K") || shown[bar..].contains("\x1b[J"), "{shown:?}");
    true
}
