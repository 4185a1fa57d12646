//! Runs the command line and turns its outcome into an exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    sessionkeep::main()
}
