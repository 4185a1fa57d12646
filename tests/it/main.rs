//! The program as its users meet it: each test runs the binary in a home directory of its own.

mod archive;
mod audit;
mod config;
mod doctor;
mod help;
mod home;
mod hook;
mod import;
mod list;
mod mask;
mod program;
mod repair;
mod search;
mod store;
mod verify;
