//! Any bytes can stand where an archive should: reading and verifying them ends, in bounded memory, without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sessionkeep::testing::archive::{Archive, BlockReader};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

fuzz_target!(|data: &[u8]| {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(data).expect("can be written");
    let Ok(archive) = Archive::from_file(file, Path::new("fuzzed")) else { return };
    let problems = archive.verify(true);
    let (mut reader, mut bytes) = (BlockReader::new(), 0u64);
    let read = archive.for_each_chunk(&mut reader, &mut |chunk| {
        bytes += chunk.len() as u64;
        if bytes > 64 << 20 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if problems.is_empty() {
        read.expect("what verifies can be read");
        if let Some(header) = archive.header() {
            let wanted: u64 = header.blocks.iter().map(|block| u64::from(block.masked_bytes)).sum();
            assert!(bytes == wanted || bytes > 64 << 20, "another length than the table's");
        }
    }
});
