//! Speed of the masker on what transcripts hold, on texts full of secrets and on texts made to be slow; and how it
//! compares with compressing the same bytes with libdeflate at level 6 on one thread.

#[path = "corpus/mod.rs"]
mod corpus;
mod support;

use criterion::Throughput;
use std::hint::black_box;
use support::compare::compare;
use support::libdeflate::Deflate;
use support::masking::Masking;
use support::{blocks, inputs, scaled};

fn main() {
    let mut criterion = support::criterion();
    let mut masking = Masking::new();
    let mut deflate = Deflate::new(6);
    let size = scaled(32 << 20);
    let mut texts = vec![
        ("clean", inputs::clean(size)),
        ("realistic", inputs::realistic(size)),
        ("dense-secrets", inputs::dense(size / 4)),
    ];
    texts.extend(inputs::ADVERSARIAL.map(|name| (name, inputs::adversarial(name, size / 8))));
    for (name, bytes) in &texts {
        let cut = blocks::cut(bytes);
        let mut group = criterion.benchmark_group("scan");
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(*name, |bencher| bencher.iter(|| masking.scan(black_box(bytes), &cut)));
        group.finish();
        let mut group = criterion.benchmark_group("mask");
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(*name, |bencher| bencher.iter(|| masking.mask(black_box(bytes), &cut)));
        group.finish();
        compare(
            &format!("mask/{name}"),
            "libdeflate 6, one thread",
            || {
                black_box(masking.mask(bytes, &cut));
            },
            || {
                black_box(deflate.blocks(bytes, &cut));
            },
        );
    }
    criterion.final_summary();
}
