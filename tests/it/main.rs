//! The program as its users run it: one fresh home directory for each test.

mod home;
mod import;
