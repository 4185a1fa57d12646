//! Fixed work to count the instructions of: `instructions PART REPEATS`. The count of two repeats less that of one is
//! what the work takes, without preparation and start-up. `benches/instructions.sh` does that under callgrind.

#[path = "corpus/mod.rs"]
mod corpus;
mod support;

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use support::masking::Masking;
use support::runs::Import;
use support::{blocks, inputs};

/// Bytes of each input: enough that a percent is not noise, little enough for a simulated machine.
const BYTES: usize = 2 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match &arguments[..] {
        [part, repeats] => run(part, repeats.parse()?),
        // `cargo bench -- --test`, or all benches in a row: see that each part works.
        _ => PARTS.iter().try_for_each(|part| run(part, 1)),
    }
}

const PARTS: [&str; 6] =
    ["scan-clean", "mask-clean", "mask-realistic", "mask-dense-secrets", "import-dry", "import-tiny-dry"];

fn run(part: &str, repeats: usize) -> Result<(), Box<dyn Error>> {
    match part {
        "scan-clean" => {
            let (bytes, mut masking) = (made_up(0.0), Masking::new());
            let cut = blocks::cut(&bytes);
            (0..repeats).for_each(|_| {
                black_box(masking.scan(&bytes, &cut));
            });
        }
        "mask-clean" => mask(&made_up(0.0), repeats),
        "mask-realistic" => mask(&made_up(4.0), repeats),
        "mask-dense-secrets" => mask(&inputs::dense(BYTES / 8), repeats),
        "import-dry" | "import-tiny-dry" => {
            let home = tempfile::tempdir()?;
            let from = home.path().join("from");
            fs::create_dir(&from)?;
            match part {
                "import-dry" => fs::write(from.join("session.jsonl"), made_up(4.0))?,
                _ => support::runs::write_tiny_sessions(&from, 200),
            }
            (0..repeats).for_each(|_| import(&from, &home.path().join("none")));
        }
        _ => return Err(format!("no part is named {part}").into()),
    }
    Ok(())
}

/// Returns the same transcript wherever and whenever it is made.
fn made_up(secrets_per_mebibyte: f64) -> Vec<u8> {
    corpus::one_transcript(42, BYTES, secrets_per_mebibyte).bytes
}

fn mask(bytes: &[u8], repeats: usize) {
    let mut masking = Masking::new();
    let cut = blocks::cut(bytes);
    for _ in 0..repeats {
        black_box(masking.mask(bytes, &cut));
    }
}

fn import(from: &Path, store: &Path) {
    black_box(Import { threads: 1, level: 6, is_dry_run: true }.run(from, store));
}
