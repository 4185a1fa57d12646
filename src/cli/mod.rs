//! The command line: parses, resolves, calls the flow, and turns outcomes into exit codes.

use std::process::ExitCode;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
