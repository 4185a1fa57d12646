//! What a run of the program costs before it does anything: `--version`, and `hook` with a payload, compared with
//! starting a program that does nothing and with Python.

#[path = "corpus/mod.rs"]
mod corpus;
mod support;

use std::path::{Path, PathBuf};
use support::compare::compare;
use support::spawning::{session_and_payload, spawn};

/// Programs are looked for where most systems have them.
const DIRECTORIES: [&str; 3] = ["/usr/bin", "/bin", "/usr/local/bin"];

fn main() {
    let mut criterion = support::criterion();
    let home = tempfile::tempdir().expect("there is room for temporary files");
    let payload = session_and_payload(home.path());
    let ours = Path::new(env!("CARGO_BIN_EXE_sessionkeep"));
    let version = ["--version".to_owned()];
    let hook = ["hook".to_owned()];
    let pass = ["-S".to_owned(), "-c".to_owned(), "pass".to_owned()];
    let (nothing, python) = (find("true"), find("python3"));
    let mut group = criterion.benchmark_group("startup");
    group.bench_function("version", |bencher| bencher.iter(|| spawn(ours, &version, b"", home.path())));
    group.bench_function("hook", |bencher| bencher.iter(|| spawn(ours, &hook, &payload, home.path())));
    if let Some(nothing) = &nothing {
        group.bench_function("reference-true", |bencher| {
            bencher.iter(|| spawn(nothing, &[], b"", home.path()));
        });
    }
    if let Some(python) = &python {
        group.bench_function("reference-python", |bencher| {
            bencher.iter(|| spawn(python, &pass, b"", home.path()));
        });
    }
    group.finish();
    if let Some(python) = &python {
        compare(
            "startup/hook",
            "python3 -S -c pass",
            || spawn(ours, &hook, &payload, home.path()),
            || spawn(python, &pass, b"", home.path()),
        );
    }
    // Workers of the last hooks may still be at it; the directory must not vanish under them.
    std::thread::sleep(std::time::Duration::from_millis(300));
    criterion.final_summary();
}

fn find(name: &str) -> Option<PathBuf> {
    DIRECTORIES.iter().map(|directory| Path::new(directory).join(name)).find(|path| path.is_file())
}
