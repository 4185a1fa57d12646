//! The program as its users meet it: each test runs the binary in a home directory of its own. Only on Unix: most of
//! them need permissions, links or signals.

#![cfg(unix)]
#![allow(clippy::print_stderr, reason = "tests say what they skip")]

mod archive;
mod attachments;
mod audit;
#[cfg(target_os = "linux")]
mod bombs;
#[cfg(target_os = "linux")]
mod checks;
mod config;
mod doctor;
#[cfg(target_os = "linux")]
mod faults_runs;
#[cfg(target_os = "linux")]
mod faults_sources;
#[cfg(target_os = "linux")]
mod faults_store;
mod forks;
mod goldens;
mod growth;
mod help;
mod histories;
mod home;
mod hook;
mod import;
#[cfg(target_os = "linux")]
mod injected;
#[cfg(target_os = "linux")]
mod kills;
#[cfg(target_os = "linux")]
mod leaks;
#[cfg(target_os = "linux")]
mod leaks_names;
#[cfg(target_os = "linux")]
mod links;
mod list;
mod listing;
mod mask;
#[cfg(target_os = "linux")]
mod model;
#[cfg(target_os = "linux")]
mod owners;
mod packed;
#[cfg(target_os = "linux")]
mod panics;
#[cfg(target_os = "linux")]
mod parts_apart;
mod parts_without_main;
mod pieces;
mod program;
#[cfg(target_os = "linux")]
mod races;
mod repair;
mod same_names;
mod search;
#[cfg(target_os = "linux")]
mod sources;
mod store;
#[cfg(target_os = "linux")]
mod terminal;
mod verify;
mod waiting;
mod wide;
