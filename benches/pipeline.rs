//! Speed of whole imports: to disk, and dry (everything but compressing and writing); of imports that find nothing to
//! do; of a session that grew a little. The reference is libdeflate on the same bytes in memory, on as many threads.

#[path = "corpus/mod.rs"]
mod corpus;
mod support;

use criterion::{BatchSize, Criterion, Throughput};
use std::fs;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use support::compare::compare;
use support::runs::{self, Import};
use support::{inputs, libdeflate, scaled};

const LEVEL: u8 = 6;

fn main() {
    let mut criterion = support::criterion();
    let home = tempfile::tempdir().expect("there is room for temporary files");
    import(&mut criterion, home.path());
    nothing_to_do(&mut criterion, home.path());
    growth(&mut criterion, home.path());
    criterion.final_summary();
}

fn import(criterion: &mut Criterion, home: &Path) {
    let from = home.join("transcripts");
    let files = inputs::files(scaled(64 << 20), 0.2);
    for (index, bytes) in files.iter().enumerate() {
        let path = from.join(format!("{:02}/{index:06}.jsonl", index % 16));
        fs::create_dir_all(path.parent().expect("it has one")).expect("there is room");
        fs::write(path, bytes).expect("there is room");
    }
    let blocks = libdeflate::blocks_of(&files);
    let bytes: usize = files.iter().map(Vec::len).sum();
    let mut group = criterion.benchmark_group("import");
    group.throughput(Throughput::Bytes(bytes as u64));
    for threads in [1, 2] {
        for (name, is_dry_run) in [("disk", false), ("dry", true)] {
            let options = Import { threads, level: LEVEL, is_dry_run };
            let store = home.join(format!("{name}-{threads}"));
            group.bench_function(format!("{name}/threads/{threads}"), |bencher| {
                let setup = || fs::remove_dir_all(&store).unwrap_or_default();
                bencher.iter_batched(setup, |()| options.run(&from, &store), BatchSize::PerIteration);
            });
        }
        let pool = libdeflate::pool(threads);
        let store = home.join("compared");
        let mut run = 0;
        compare(
            &format!("import/disk/threads/{threads}"),
            "libdeflate 6 in memory, as many threads",
            || {
                run += 1;
                let options = Import { threads, level: LEVEL, is_dry_run: false };
                options.run(&from, &store.join(format!("{threads}-{run}")));
            },
            || {
                black_box(libdeflate::on_threads(&pool, LEVEL, &blocks));
            },
        );
        fs::remove_dir_all(&store).unwrap_or_default();
    }
    group.finish();
}

fn nothing_to_do(criterion: &mut Criterion, home: &Path) {
    let from = home.join("tiny");
    let store = home.join("tiny-store");
    let count = if support::is_test() { 200 } else { 10_000 };
    runs::write_tiny_sessions(&from, count);
    // What was written just now could still change within the same tick of the clock.
    std::thread::sleep(std::time::Duration::from_millis(if support::is_test() { 0 } else { 3000 }));
    let options = Import { threads: 2, level: LEVEL, is_dry_run: false };
    options.run(&from, &store);
    let mut group = criterion.benchmark_group("nothing-to-do");
    group.throughput(Throughput::Elements(count as u64));
    group.bench_function("import", |bencher| bencher.iter(|| options.run(&from, &store)));
    group.finish();
    compare(
        "nothing-to-do/import",
        "walking and asking for each file's size",
        || {
            black_box(options.run(&from, &store));
        },
        || {
            let walk = walkdir::WalkDir::new(&from).into_iter().flatten();
            black_box(walk.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum::<u64>());
        },
    );
}

fn growth(criterion: &mut Criterion, home: &Path) {
    let text = corpus::one_transcript(7, scaled(64 << 20), 0.2).bytes;
    let added = corpus::one_transcript(8, 64 << 10, 0.2).bytes;
    let from = home.join("grown");
    let store = home.join("grown-store");
    let path = from.join("session.jsonl");
    fs::create_dir_all(&from).expect("there is room");
    let options = Import { threads: 2, level: LEVEL, is_dry_run: false };
    let mut group = criterion.benchmark_group("growth");
    group.bench_function("first", |bencher| {
        let setup = || {
            fs::remove_dir_all(&store).unwrap_or_default();
            fs::write(&path, &text).expect("there is room");
        };
        bencher.iter_batched(setup, |()| options.run(&from, &store), BatchSize::PerIteration);
    });
    group.bench_function("grown", |bencher| {
        let setup = || {
            let mut file = fs::File::options().append(true).open(&path).expect("it was written before");
            file.write_all(&added).expect("there is room");
        };
        bencher.iter_batched(setup, |()| options.run(&from, &store), BatchSize::PerIteration);
    });
    group.finish();
}
