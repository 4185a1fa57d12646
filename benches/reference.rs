//! What the program is measured against, each printed as one line of JSON. `benches/ratios.py` runs it.
//!
//! ```text
//! reference compress DIR LEVEL THREADS RUNS    libdeflate on the transcripts below DIR, in memory, nothing written
//! reference mask DIR RUNS                      masking, and libdeflate at level 6, by turns, on one thread
//! reference decompress STORE THREADS RUNS      libdeflate on all archives of a store
//! reference write STORE DIR RUNS               writes the files of a store anew, one by one, without flushing
//! reference spawn RUNS HOME PAYLOAD PROGRAM... starts a program so many times
//! reference tiny DIR COUNT                     writes COUNT tiny sessions
//! ```

#[path = "corpus/mod.rs"]
mod corpus;
mod support;

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;
use support::compare::processor_seconds;
use support::libdeflate::Deflate;
use support::masking::Masking;
use support::{archives, blocks, inputs, libdeflate, runs, spawning};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["compress", directory, level, threads, runs] => {
            compress(Path::new(directory), level.parse()?, threads.parse()?, runs.parse()?)
        }
        ["mask", directory, runs] => mask(Path::new(directory), runs.parse()?),
        ["decompress", store, threads, runs] => decompress(Path::new(store), threads.parse()?, runs.parse()?),
        ["write", store, directory, runs] => write(Path::new(store), Path::new(directory), runs.parse()?)?,
        ["spawn", runs, home, payload, program, ..] => {
            spawn(runs.parse()?, Path::new(home), payload, Path::new(program), &arguments[5..])
        }
        ["tiny", directory, count] => {
            runs::write_tiny_sessions(Path::new(directory), count.parse()?);
            serde_json::json!({})
        }
        // Run along with all other benches: there is nothing to measure.
        _ => return Ok(()),
    };
    writeln!(std::io::stdout(), "{result}")?;
    Ok(())
}

/// Returns the seconds that each of `runs` runs of `work` takes: as the clock has it, and of processor time.
fn seconds(runs: usize, mut work: impl FnMut()) -> (Vec<f64>, Vec<f64>) {
    let one = |_| {
        let (start, processor) = (Instant::now(), processor_seconds());
        work();
        (start.elapsed().as_secs_f64(), processor_seconds() - processor)
    };
    (0..runs).map(one).unzip()
}

fn compress(directory: &Path, level: u8, threads: usize, runs: usize) -> serde_json::Value {
    let files = inputs::read_directory(directory, usize::MAX);
    let blocks = libdeflate::blocks_of(&files);
    let pool = libdeflate::pool(threads);
    let mut compressed = 0;
    let (wall, cpu) = seconds(runs, || compressed = libdeflate::on_threads(&pool, level, &blocks));
    let bytes: usize = files.iter().map(Vec::len).sum();
    serde_json::json!({"wall": wall, "cpu": cpu, "bytes": bytes, "compressed_bytes": compressed})
}

fn mask(directory: &Path, runs: usize) -> serde_json::Value {
    let files = inputs::read_directory(directory, 128 << 20);
    let cut: Vec<_> = files.iter().map(|file| blocks::cut(file)).collect();
    let (mut masking, mut deflate) = (Masking::new(), Deflate::new(6));
    let (mut masked, mut compressed) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        compressed.push(seconds(1, || {
            for (file, cut) in files.iter().zip(&cut) {
                black_box(deflate.blocks(file, cut));
            }
        }));
        masked.push(seconds(1, || {
            for (file, cut) in files.iter().zip(&cut) {
                black_box(masking.mask(file, cut));
            }
        }));
    }
    let bytes: usize = files.iter().map(Vec::len).sum();
    let clocks = |times: Vec<(Vec<f64>, Vec<f64>)>| {
        let (wall, cpu): (Vec<_>, Vec<_>) = times.into_iter().unzip();
        serde_json::json!({"wall": wall.concat(), "cpu": cpu.concat()})
    };
    serde_json::json!({"mask": clocks(masked), "compress": clocks(compressed), "bytes": bytes})
}

fn decompress(store: &Path, threads: usize, runs: usize) -> serde_json::Value {
    let archives = runs::files_below(store, ".jsonl.gz");
    let pool = libdeflate::pool(threads);
    let mut bytes = 0;
    let (wall, cpu) = seconds(runs, || bytes = archives::decompress(&pool, &archives));
    serde_json::json!({"wall": wall, "cpu": cpu, "bytes": bytes})
}

fn write(store: &Path, directory: &Path, runs: usize) -> std::io::Result<serde_json::Value> {
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for path in runs::files_below(store, "") {
        let relative = path.strip_prefix(store).unwrap_or(&path);
        if !relative.starts_with(".sessionkeep") {
            files.push((relative.to_owned(), fs::read(&path)?));
        }
    }
    let (mut wall, mut cpu) = (Vec::new(), Vec::new());
    for run in 0..runs {
        let target = directory.join(run.to_string());
        let mut written = Ok(());
        let taken = seconds(1, || written = write_all(&files, &target));
        written?;
        wall.extend(taken.0);
        cpu.extend(taken.1);
    }
    Ok(serde_json::json!({"wall": wall, "cpu": cpu, "files": files.len()}))
}

fn write_all(files: &[(PathBuf, Vec<u8>)], target: &Path) -> std::io::Result<()> {
    for (relative, bytes) in files {
        let path = target.join(relative);
        if let Err(error) = fs::write(&path, bytes) {
            if error.kind() != std::io::ErrorKind::NotFound {
                return Err(error);
            }
            fs::create_dir_all(path.parent().unwrap_or(target))?;
            fs::write(&path, bytes)?;
        }
    }
    Ok(())
}

fn spawn(runs: usize, home: &Path, payload: &str, program: &Path, arguments: &[String]) -> serde_json::Value {
    let payload = if payload == "hook" { spawning::session_and_payload(home) } else { Vec::new() };
    let (wall, cpu) = seconds(runs, || spawning::spawn(program, arguments, &payload, home));
    serde_json::json!({"wall": wall, "cpu": cpu})
}
