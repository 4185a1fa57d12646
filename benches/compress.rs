//! Speed of making gzip members of blocks of a mebibyte, by level; the members go nowhere.

#[path = "corpus/mod.rs"]
mod corpus;
mod support;

use criterion::{BenchmarkId, Throughput};
use sessionkeep::testing::archive::Compressor;
use std::hint::black_box;
use support::{blocks, inputs, scaled};

fn main() {
    let mut criterion = support::criterion();
    let bytes = inputs::realistic(scaled(8 << 20));
    let cut = blocks::cut(&bytes);
    let mut group = criterion.benchmark_group("compress");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    for level in [1, 4, 6, 9] {
        let mut compressor = Compressor::new(level).expect("a level of libdeflate");
        let mut member = Vec::new();
        let mut compressed = 0;
        group.bench_function(BenchmarkId::new("level", level), |bencher| {
            bencher.iter(|| {
                compressed = 0;
                for block in &cut {
                    member.clear();
                    compressed += compressor.member(black_box(&bytes[block.clone()]), &mut member);
                }
                compressed
            });
        });
        if compressed > 0 {
            let ratio = bytes.len() as f64 / compressed as f64;
            support::compare::say(format_args!("compress/level/{level}: 1/{ratio:.2} of the bytes are left"));
        }
    }
    group.finish();
    criterion.final_summary();
}
