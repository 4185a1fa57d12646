//! What agents' settings have in common: files that are looked at and hooks that call us. In comes a file or a command
//! line; out comes what in it concerns us. What only one agent has is in that agent's own file.
//!
//! The files in the order in which they are met: [`mod@file`] reads one, [`hooks`] finds our hooks in it, and [`command`]
//! says whether a command line calls us; [`mod@script`] writes and reads scripts of ours, and [`wanted`] is what an agent would have in its settings.

mod command;
mod file;
mod hooks;
mod script;
mod wanted;

pub(crate) use command::{calls, hook_program, with_program};
pub(crate) use file::{MAX_SETTINGS_BYTES, WITH_COMMENTS, read, read_json, read_leniently};
pub(crate) use hooks::{HOOK_SNIPPET, Hook, SETUP, Settings, hooks_in};
pub(crate) use script::{hook_in_script, script};
pub(crate) use wanted::{Change, HookCall, OWN_FILE_MARK, Wanted};
