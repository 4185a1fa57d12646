//! The program as its users meet it: each test runs the binary in a home directory of its own.

#[cfg(target_os = "linux")]
mod checks;
mod config;
#[cfg(target_os = "linux")]
mod faults_runs;
#[cfg(target_os = "linux")]
mod faults_sources;
#[cfg(target_os = "linux")]
mod faults_store;
mod help;
mod home;
mod import;
mod list;
mod mask;
mod program;
#[cfg(target_os = "linux")]
mod races;
mod search;
mod store;
