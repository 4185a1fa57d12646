//! Writes a corpus of made-up transcripts to a directory:
//! `cargo bench --bench generate -- DIR MEGABYTES [--secrets PER_MEGABYTE] [--seed N]`.
//!
//! With `--test` it checks one megabyte of it instead: that every line is JSON but for those broken on purpose, that
//! the planted secrets are there, and that the same seed gives the same bytes.

#[path = "corpus/mod.rs"]
mod corpus;

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use corpus::Options;

const USAGE: &str = "usage: generate DIR MEGABYTES [--secrets PER_MEGABYTE] [--seed N] | --test";

fn main() -> Result<(), Box<dyn Error>> {
    let mut options = Options::new(0);
    let mut positional = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(USAGE);
        match argument.as_str() {
            "--test" => return check(),
            "--secrets" => options.secrets_per_mebibyte = value()?.parse()?,
            "--seed" => options.seed = value()?.parse()?,
            // What cargo itself adds.
            "--bench" => {}
            _ => positional.push(argument),
        }
    }
    let [directory, megabytes] = &positional[..] else {
        // Run along with all other benches: there is nothing to measure here.
        writeln!(std::io::stderr(), "{USAGE}")?;
        return Ok(());
    };
    options.bytes = (megabytes.parse::<f64>()? * 1e6) as u64;
    let start = Instant::now();
    let summary = corpus::into_directory(&options, &PathBuf::from(directory))?;
    writeln!(
        std::io::stderr(),
        "{} files, {:.1} MB, {} secrets in {directory} ({:.0} MB/s)",
        summary.files,
        summary.bytes as f64 / 1e6,
        summary.secrets,
        summary.bytes as f64 / 1e6 / start.elapsed().as_secs_f64()
    )?;
    Ok(())
}

fn check() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let options = Options { secrets_per_mebibyte: 50.0, ..Options::new(1_000_000) };
    let summary = corpus::into_directory(&options, directory.path())?;
    let files = corpus::in_memory(&options);
    let (mut lines, mut broken, mut secrets) = (0, 0, 0);
    for file in &files {
        assert!(
            std::fs::read(directory.path().join(&file.path))? == file.bytes,
            "the same seed, the same bytes"
        );
        for secret in &file.secrets {
            assert!(memchr::memmem::find(&file.bytes, secret).is_some());
            secrets += 1;
        }
        for line in file.bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            lines += 1;
            broken += usize::from(serde_json::from_slice::<serde::de::IgnoredAny>(line).is_err());
        }
    }
    assert_eq!(files.len() as u64, summary.files);
    assert!((900_000..2_000_000).contains(&summary.bytes), "{} bytes", summary.bytes);
    assert!(broken * 50 <= lines, "{broken} of {lines} lines are broken");
    assert!((15..200).contains(&secrets), "{secrets} secrets");
    Ok(())
}
