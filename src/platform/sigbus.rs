//! Memory maps that survive the truncation of their file.
//!
//! Reading a mapped page that the file no longer has raises SIGBUS. The handler here looks the address up among the
//! registered maps, puts a page of zeros there and marks the map as torn; the caller, who asks [`GuardedMap::is_torn`]
//! when it is done, throws the result away. Any other SIGBUS goes to the handler that was there before.

use std::fs::File;
use std::io;
use std::ops::Deref;

/// A read-only map of the first bytes of a file. The bytes may change while it is held, as another process may write
/// to the file: nothing learned from them may be trusted until the file's stat was compared afterwards.
#[derive(Debug)]
pub(crate) struct GuardedMap {
    map: memmap2::Mmap,
    #[cfg(unix)]
    slot: usize,
}

impl GuardedMap {
    /// Maps the first `bytes` of `file`; `None` where maps cannot be guarded (not Unix, or too many at once).
    pub(crate) fn new(file: &File, bytes: usize) -> io::Result<Option<GuardedMap>> {
        #[cfg(unix)]
        {
            if bytes == 0 || !guard::install() {
                return Ok(None);
            }
            // SAFETY: the file may be changed or truncated by others while it is mapped. Truncation is what the
            // guard is for. Changes make the slice's bytes change under a shared reference, which the language does
            // not allow; it is accepted here as in every program that maps files: all readers are byte scanners for
            // which any value is valid, lengths come from the map and not from its bytes, and the result is
            // dropped when the stat differs afterwards.
            let map = unsafe { memmap2::MmapOptions::new().len(bytes).map(file)? };
            let start = map.as_ptr() as usize;
            Ok(guard::register(start, start + map.len()).map(|slot| GuardedMap { map, slot }))
        }
        #[cfg(not(unix))]
        {
            let _ = (file, bytes);
            Ok(None)
        }
    }

    /// Returns whether some of the bytes read were not the file's: it was truncated, or its disk failed.
    pub(crate) fn is_torn(&self) -> bool {
        #[cfg(unix)]
        {
            guard::is_torn(self.slot)
        }
        #[cfg(not(unix))]
        false
    }
}

impl Deref for GuardedMap {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

impl Drop for GuardedMap {
    fn drop(&mut self) {
        #[cfg(unix)]
        guard::release(self.slot);
    }
}

#[cfg(unix)]
mod guard {
    use std::mem::MaybeUninit;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    /// Maps at once: more than there are threads to read them, few enough to look through in a handler.
    const SLOTS: usize = 1024;

    /// One registered map. Free when `start` is 0, being filled when it is 1, which no map starts at.
    struct Slot {
        start: AtomicUsize,
        end: AtomicUsize,
        is_torn: AtomicBool,
    }

    static REGISTRY: [Slot; SLOTS] = [const {
        Slot { start: AtomicUsize::new(0), end: AtomicUsize::new(0), is_torn: AtomicBool::new(false) }
    }; SLOTS];

    /// The page size in bytes; read here because a handler may not ask for it.
    static PAGE_BYTES: AtomicUsize = AtomicUsize::new(4096);

    /// The handler that was there before ours; written once, before ours is installed.
    static PREVIOUS: OnceLock<libc::sigaction> = OnceLock::new();

    /// Installs the handler once; returns whether it is there.
    pub(super) fn install() -> bool {
        static IS_INSTALLED: OnceLock<bool> = OnceLock::new();
        *IS_INSTALLED.get_or_init(|| {
            // SAFETY: sysconf only reads. Both sigaction structures are plain data for which zero is valid. The old
            // action is stored before ours can run. SA_ONSTACK keeps std's detection of stack overflows working,
            // whose handler we pass foreign faults to.
            unsafe {
                let page = libc::sysconf(libc::_SC_PAGESIZE);
                if page <= 0 {
                    return false;
                }
                PAGE_BYTES.store(page as usize, Ordering::Relaxed);
                let mut old = MaybeUninit::<libc::sigaction>::zeroed();
                if libc::sigaction(libc::SIGBUS, std::ptr::null(), old.as_mut_ptr()) != 0 {
                    return false;
                }
                let _ = PREVIOUS.set(old.assume_init());
                let mut new: libc::sigaction = std::mem::zeroed();
                new.sa_sigaction = on_bus_error
                    as extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void)
                    as usize;
                new.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
                libc::sigemptyset(&mut new.sa_mask);
                libc::sigaction(libc::SIGBUS, &new, std::ptr::null_mut()) == 0
            }
        })
    }

    /// Registers a map's addresses; `None` when all slots are taken.
    pub(super) fn register(start: usize, end: usize) -> Option<usize> {
        let slot = REGISTRY.iter().position(|slot| {
            slot.start.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        })?;
        REGISTRY[slot].end.store(end, Ordering::Relaxed);
        REGISTRY[slot].is_torn.store(false, Ordering::Relaxed);
        REGISTRY[slot].start.store(start, Ordering::Release);
        Some(slot)
    }

    pub(super) fn is_torn(slot: usize) -> bool {
        REGISTRY[slot].is_torn.load(Ordering::Acquire)
    }

    pub(super) fn release(slot: usize) {
        REGISTRY[slot].end.store(0, Ordering::Relaxed);
        REGISTRY[slot].start.store(0, Ordering::Release);
    }

    extern "C" fn on_bus_error(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        // SAFETY: the kernel passes a valid siginfo for a handler with SA_SIGINFO, and for SIGBUS it holds an address.
        let address = unsafe { (*info).si_addr() } as usize;
        if !replace_by_zeros(address) {
            pass_on(signal, info, context);
        }
    }

    /// Puts zeros over the rest of the registered map from the page of `address` on; returns whether it did.
    fn replace_by_zeros(address: usize) -> bool {
        for slot in &REGISTRY {
            let (start, end) = (slot.start.load(Ordering::Acquire), slot.end.load(Ordering::Relaxed));
            if start > 1 && start <= address && address < end {
                let page = address & !(PAGE_BYTES.load(Ordering::Relaxed) - 1);
                // SAFETY: [page, end) lies in a registered map: the thread that faulted is reading from it, so it
                // is alive and owned by us, and its owner unmaps the whole range later whatever is mapped there.
                // Everything after a missing page is missing as well, so the rest goes in one call rather than in
                // one fault a page. mmap is a bare system call and keeps no state in this process; errno is put
                // back for the code that was interrupted.
                let mapped = unsafe {
                    let errno = errno_location();
                    let saved = *errno;
                    let flags = libc::MAP_FIXED | libc::MAP_PRIVATE | libc::MAP_ANON;
                    let mapped = libc::mmap(page as *mut _, end - page, libc::PROT_READ, flags, -1, 0);
                    *errno = saved;
                    mapped
                };
                slot.is_torn.store(true, Ordering::Release);
                return mapped != libc::MAP_FAILED;
            }
        }
        false
    }

    /// Returns where this thread's errno is.
    fn errno_location() -> *mut libc::c_int {
        // SAFETY: returns the address of a thread-local that lives as long as the thread.
        #[cfg(any(target_os = "linux", target_os = "emscripten"))]
        unsafe {
            libc::__errno_location()
        }
        // SAFETY: as above, under another name.
        #[cfg(any(target_os = "macos", target_os = "ios", target_os = "freebsd"))]
        unsafe {
            libc::__error()
        }
        // SAFETY: as above, under another name.
        #[cfg(not(any(
            target_os = "linux",
            target_os = "emscripten",
            target_os = "macos",
            target_os = "ios",
            target_os = "freebsd"
        )))]
        unsafe {
            libc::__errno()
        }
    }

    /// Does with a foreign fault what would have been done without us.
    fn pass_on(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        let previous = PREVIOUS.get();
        let action = previous.map_or(libc::SIG_DFL, |previous| previous.sa_sigaction);
        if action == libc::SIG_DFL || action == libc::SIG_IGN {
            // SAFETY: zero is a valid sigaction with the default disposition; the fault repeats on return and then
            // ends the process, as it should.
            unsafe {
                let mut default: libc::sigaction = std::mem::zeroed();
                default.sa_sigaction = libc::SIG_DFL;
                libc::sigaction(signal, &default, std::ptr::null_mut());
            }
            return;
        }
        let has_info = previous.is_some_and(|previous| previous.sa_flags & libc::SA_SIGINFO != 0);
        // SAFETY: `action` is neither special value, so it is the address of a handler that was installed for this
        // signal with the signature that SA_SIGINFO announces.
        unsafe {
            if has_info {
                let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                    std::mem::transmute(action);
                handler(signal, info, context);
            } else {
                let handler: extern "C" fn(libc::c_int) = std::mem::transmute(action);
                handler(signal);
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn mapped_file(bytes: usize) -> (tempfile::TempDir, std::path::PathBuf, GuardedMap) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("mapped");
        std::fs::write(&path, vec![b'x'; bytes]).unwrap();
        let map = GuardedMap::new(&File::open(&path).unwrap(), bytes).unwrap().unwrap();
        (root, path, map)
    }

    #[test]
    fn a_file_truncated_under_a_map_tears_it_and_kills_nothing() {
        let (_root, path, map) = mapped_file(1 << 20);
        let (_other_root, _, other) = mapped_file(1 << 16);
        assert!(map.iter().all(|&byte| byte == b'x'));
        assert!(!map.is_torn());
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(5000).unwrap();
        let zeros = map.iter().filter(|&&byte| byte == 0).count();
        assert!(zeros > 900_000);
        assert!(map.is_torn());
        assert!(other.iter().all(|&byte| byte == b'x') && !other.is_torn());
    }

    #[test]
    fn a_slot_is_clean_when_it_is_used_again() {
        for _ in 0..3 {
            let (_root, path, map) = mapped_file(1 << 16);
            assert!(!map.is_torn());
            std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
            assert_eq!(map[40_000], 0);
            assert!(map.is_torn());
        }
    }

    #[test]
    fn many_threads_survive_the_same_truncation() {
        let (_root, path, map) = mapped_file(1 << 22);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        std::hint::black_box(map.iter().map(|&byte| byte as u64).sum::<u64>());
                    }
                });
            }
            std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(1).unwrap();
        });
        assert_eq!(map[1 << 21], 0);
        assert!(map.is_torn());
    }
}
