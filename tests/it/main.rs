//! The program as its users meet it: each test runs the binary in a home directory of its own. Only on Unix: most of
//! them need permissions, links or signals.

#![cfg(unix)]
#![allow(clippy::print_stderr, reason = "tests say what they skip")]

mod agents;
mod anywhere;
mod archive;
mod attachments;
mod audit;
#[cfg(target_os = "linux")]
mod bombs;
#[cfg(target_os = "linux")]
mod checks;
mod completions;
mod config;
#[cfg(target_os = "linux")]
mod databases;
#[cfg(target_os = "linux")]
mod databases_damage;
mod doctor;
mod documents;
mod exit_codes;
mod export;
#[cfg(target_os = "linux")]
mod faults_runs;
#[cfg(target_os = "linux")]
mod faults_sources;
#[cfg(target_os = "linux")]
mod faults_store;
mod forgotten;
mod forks;
mod goldens;
mod growth;
mod help;
mod histories;
mod home;
mod hook;
#[cfg(target_os = "linux")]
mod hook_agents;
mod import;
#[cfg(target_os = "linux")]
mod injected;
mod json;
#[cfg(target_os = "linux")]
mod kills;
#[cfg(target_os = "linux")]
mod leaks;
#[cfg(target_os = "linux")]
mod leaks_names;
#[cfg(target_os = "linux")]
mod links;
mod list;
#[cfg(unix)]
mod listers;
mod listing;
#[cfg(target_os = "linux")]
mod live_writers;
mod logs;
#[cfg(target_os = "linux")]
mod long_values;
mod mask;
#[cfg(target_os = "linux")]
mod model;
mod more_agents;
mod needs;
#[cfg(target_os = "linux")]
mod output;
#[cfg(target_os = "linux")]
mod owners;
mod packed;
#[cfg(target_os = "linux")]
mod panics;
#[cfg(target_os = "linux")]
mod parts_apart;
mod parts_without_main;
mod pieces;
mod projects;
#[cfg(target_os = "linux")]
mod prune;
#[cfg(target_os = "linux")]
mod races;
mod readme;
#[cfg(target_os = "linux")]
mod redact;
mod rendered_documents;
mod repair;
mod restore;
#[cfg(target_os = "linux")]
mod said_rendered;
mod same_names;
mod search;
mod search_found;
mod search_raw;
mod setup;
mod show;
mod snapshot;
#[cfg(target_os = "linux")]
mod sources;
mod stats;
mod store;
#[cfg(target_os = "linux")]
mod terminal;
mod texts;
#[cfg(target_os = "linux")]
mod told_beside;
mod verify;
mod waiting;
mod wide;
