//! What only some systems can do, behind one small interface.
//!
//! In come paths, names, open files and commands; out go facts and handles that std does not offer. Owns every system
//! call of ours; knows nothing of transcripts or archives. Linux has everything; other Unix systems fall back call by
//! call; the rest of the world gets what std alone can do. The files know little of each other and are met in any order:
//!
//! - `stat`: what the file system says of a name, and what tells one file from all others
//! - `file`: bytes at offsets, copies inside the kernel, standard input as a file, room in a file system
//! - `directory`: directory handles, unnamed files, flushes
//! - `opened`: which other process has a file open, and keeping others from opening it for a moment
//! - `attributes`: owner, mode, times and the rest, carried over to another file
//! - `temporary`: names of hidden temporary files
//! - `sigbus`: memory maps that survive the truncation of their file
//! - `process`: core dumps, limits, signals, children that outlive us
//! - `clock`, `path`, `sync`, `threads`: the time, paths as bytes, locks between threads, threads themselves
//! - `shell`: words of command lines

mod attributes;
pub(crate) mod clock;
mod directory;
mod file;
pub(crate) mod opened;
pub(crate) mod path;
pub(crate) mod process;
pub(crate) mod shell;
pub(crate) mod sigbus;
mod stat;
pub(crate) mod sync;
mod temporary;
mod threads;

pub(crate) use attributes::{copy_attributes, set_times};
pub(crate) use directory::Dir;
pub(crate) use file::{
    Space, copy_range, give_owner_and_mode, open_at_once, read_at, read_full_at, space, standard_input,
    write_all_at,
};
pub(crate) use stat::{EntryKind, FileIdentity, Stat, file_identity, has_other_names, is_link_cycle, is_own};
pub(crate) use temporary::{TEMPORARY_PREFIX, random_bytes, temporary_name};
pub(crate) use threads::thread_pool;
