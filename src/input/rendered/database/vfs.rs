//! Ways to the file system for SQLite on which a write-ahead log is opened for reading only. SQLite itself opens the log of
//! a database that it may only read for writing, and makes it if it is not there.
//!
//! Each is one of SQLite's own (<https://www.sqlite.org/vfs.html>) in all but how it opens a log.

use rusqlite::ffi;
use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use std::sync::OnceLock;

/// As SQLite's `unix`.
pub(crate) const LOCKING: &CStr = c"sessionkeep-unix";

/// As its `unix-none`, which locks nothing.
pub(crate) const ALONE: &CStr = c"sessionkeep-unix-none";

/// One of SQLite's own, found once; it lives as long as the program.
struct Own(*mut ffi::sqlite3_vfs);

// SAFETY: what it points to is registered with SQLite, which uses it from all threads, and is never written to.
unsafe impl Send for Own {}
// SAFETY: as above.
unsafe impl Sync for Own {}

static UNIX: OnceLock<Own> = OnceLock::new();
static UNIX_NONE: OnceLock<Own> = OnceLock::new();

/// Registers both, once; false where SQLite has none of that name, as on other systems.
pub(crate) fn register() -> bool {
    static IS_REGISTERED: OnceLock<bool> = OnceLock::new();
    *IS_REGISTERED.get_or_init(|| {
        add(c"unix", LOCKING, &UNIX, open_by_unix) && add(c"unix-none", ALONE, &UNIX_NONE, open_by_unix_none)
    })
}

type Open = unsafe extern "C" fn(
    *mut ffi::sqlite3_vfs,
    ffi::sqlite3_filename,
    *mut ffi::sqlite3_file,
    c_int,
    *mut c_int,
) -> c_int;

fn add(own: &CStr, name: &'static CStr, place: &'static OnceLock<Own>, open: Open) -> bool {
    // SAFETY: the name is a C string; what is found is SQLite's own and stays.
    let found = unsafe { ffi::sqlite3_vfs_find(own.as_ptr()) };
    if found.is_null() {
        return false;
    }
    let found = place.get_or_init(|| Own(found)).0;
    // SAFETY: `found` is a whole `sqlite3_vfs`, which is plain data.
    let mut copy = unsafe { ptr::read(found) };
    copy.zName = name.as_ptr();
    copy.pNext = ptr::null_mut();
    copy.xOpen = Some(open);
    // SAFETY: what is registered is never freed and never moved.
    unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(copy)), 0) == ffi::SQLITE_OK }
}

unsafe extern "C" fn open_by_unix(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    given: *mut c_int,
) -> c_int {
    // SAFETY: the arguments are SQLite's, for the same call.
    unsafe { open(&UNIX, name, file, flags, given) }
}

unsafe extern "C" fn open_by_unix_none(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    given: *mut c_int,
) -> c_int {
    // SAFETY: the arguments are SQLite's, for the same call.
    unsafe { open(&UNIX_NONE, name, file, flags, given) }
}

/// Opens what SQLite asks for, a log for reading only.
///
/// # Safety
///
/// The arguments must be those of a call of `xOpen` by SQLite.
unsafe fn open(
    own: &OnceLock<Own>,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    given: *mut c_int,
) -> c_int {
    let Some(own) = own.get() else { return ffi::SQLITE_CANTOPEN };
    let is_log = flags & ffi::SQLITE_OPEN_WAL != 0;
    let flags = match is_log {
        true => flags & !(ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE) | ffi::SQLITE_OPEN_READONLY,
        false => flags,
    };
    // SAFETY: what was found is SQLite's own, and has this function; the arguments are those of such a call.
    unsafe {
        match (*own.0).xOpen {
            Some(open) => open(own.0, name, file, flags, given),
            None => ffi::SQLITE_CANTOPEN,
        }
    }
}
