//! Speed of searching a store, and how it compares with decompressing the same archives with libdeflate on as many
//! threads.

#[path = "corpus/mod.rs"]
mod corpus;
mod support;

use criterion::Throughput;
use sessionkeep::testing::error::{Error, Result};
use sessionkeep::testing::search::{self, Filter, FoundLine, Hits, Query, Search, Sink, Wanted};
use std::fs;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use support::archives::decompress;
use support::compare::compare;
use support::runs::{self, Import};
use support::{inputs, libdeflate, scaled};

/// Takes results and forgets them.
struct Nowhere;

impl Sink for Nowhere {
    fn line(&mut self, _: &Hits, line: &FoundLine) -> Result<ControlFlow<()>> {
        black_box(line.number);
        Ok(ControlFlow::Continue(()))
    }

    fn archive(&mut self, _: &Hits, _: u64) -> Result<ControlFlow<()>> {
        Ok(ControlFlow::Continue(()))
    }

    fn damaged(&mut self, error: &Error) {
        panic!("an archive that was made just now: {error}");
    }

    fn idle(&mut self) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let mut criterion = support::criterion();
    let home = tempfile::tempdir().expect("there is room for temporary files");
    let (from, store) = (home.path().join("transcripts"), home.path().join("store"));
    fs::create_dir_all(&from).expect("there is room");
    let files = inputs::files(scaled(64 << 20), 0.2);
    for (index, bytes) in files.iter().enumerate() {
        fs::write(from.join(format!("{index:06}.jsonl")), bytes).expect("there is room");
    }
    Import { threads: 2, level: 6, is_dry_run: false }.run(&from, &store);
    let archives = runs::files_below(&store, ".jsonl.gz");
    let bytes: usize = files.iter().map(Vec::len).sum();
    let pool = libdeflate::pool(2);
    let mut group = criterion.benchmark_group("search");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("rare-word", |bencher| bencher.iter(|| find(&store, "ununseptium", None)));
    group.bench_function("common-word-max-10", |bencher| bencher.iter(|| find(&store, "the", Some(10))));
    group.bench_function("reference-decompression", |bencher| bencher.iter(|| decompress(&pool, &archives)));
    group.finish();
    compare(
        "search/rare-word",
        "libdeflate decompression, as many threads",
        || {
            black_box(find(&store, "ununseptium", None));
        },
        || {
            black_box(decompress(&pool, &archives));
        },
    );
    criterion.final_summary();
}

fn find(store: &Path, text: &str, max_results: Option<u64>) -> u64 {
    let query = Query::of_text(text, false).expect("it is plain text");
    let filter = Filter::default();
    let search = Search {
        root: store,
        query: &query,
        filter: &filter,
        wanted: Wanted::Lines,
        max_results,
        threads: 2,
    };
    search::run(&search, &mut Nowhere).expect("the store can be read").lines
}
