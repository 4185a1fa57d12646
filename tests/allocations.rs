//! In the steady state, masking and compressing allocate nothing for a block: what a thread needs it keeps.
//!
//! A test binary of its own, as it counts all allocations of its process; the tests take turns.

#[path = "../benches/corpus/mod.rs"]
mod corpus;

use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use sessionkeep::testing::archive::Compressor;
use sessionkeep::testing::mask::{Findings, Learned, Masker, Options, Scratch, Tally, Window};

/// Counts allocations and growths; frees are not counted.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

/// One test at a time: all count the same allocations.
static TURN: Mutex<()> = Mutex::new(());

// SAFETY: every call is passed on unchanged to the system's allocator, which keeps the promises of `GlobalAlloc`;
// counting allocates nothing and cannot panic.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises about `layout` are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System`, as all of ours do, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the pointer came from `System` with this layout; the caller's promise about `bytes` is passed on.
        unsafe { System.realloc(pointer, layout, bytes) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes of a block in these tests.
const BLOCK_BYTES: usize = 1 << 20;

/// What a thread keeps.
struct Kept {
    masker: Masker,
    scratch: Scratch,
    findings: Findings,
    masked: Vec<u8>,
    tally: Tally,
}

impl Kept {
    fn new() -> Kept {
        Kept {
            masker: Masker::new(&Options::default()).unwrap(),
            scratch: Scratch::default(),
            findings: Findings::default(),
            masked: Vec::new(),
            tally: Tally::default(),
        }
    }

    fn scan(&mut self, bytes: &[u8], block: &Range<usize>) {
        let window = Window::of_whole(bytes, block.clone());
        self.masker.scan(&window, &mut self.scratch, &mut self.findings);
    }

    fn rewrite(&mut self, bytes: &[u8], block: &Range<usize>) -> bool {
        self.masked.clear();
        let window = Window::of_whole(bytes, block.clone());
        let Kept { masker, scratch, findings, masked, tally } = self;
        masker.rewrite(&window, findings, 0, scratch, masked, tally)
    }
}

/// Returns transcripts of three blocks of whole lines, and the blocks.
fn transcript(secrets_per_mebibyte: f64) -> (Vec<u8>, Vec<Range<usize>>) {
    let mut bytes = corpus::one_transcript(3, 3 * BLOCK_BYTES, secrets_per_mebibyte).bytes;
    let end = memchr::memrchr(b'\n', &bytes).unwrap() + 1;
    bytes.truncate(end);
    let mut blocks = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let from = (start + BLOCK_BYTES).min(bytes.len());
        let end = memchr::memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |at| from + at + 1);
        blocks.push(start..end);
        start = end;
    }
    (bytes, blocks)
}

/// Returns how often memory is allocated when `work` is done once more, after it was done twice.
fn allocations(mut work: impl FnMut()) -> u64 {
    work();
    work();
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    work();
    ALLOCATIONS.load(Ordering::Relaxed) - before
}

fn turn() -> std::sync::MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[test]
fn scanning_clean_blocks_allocates_nothing() {
    let _turn = turn();
    let (bytes, blocks) = transcript(0.0);
    let mut kept = Kept::new();
    let count = allocations(|| blocks.iter().for_each(|block| kept.scan(&bytes, block)));
    assert_eq!(count, 0);
}

#[test]
fn scanning_blocks_full_of_secrets_allocates_nothing() {
    let _turn = turn();
    let (bytes, blocks) = transcript(500.0);
    let mut kept = Kept::new();
    let mut found = 0;
    let count = allocations(|| {
        found = 0;
        for block in &blocks {
            kept.scan(&bytes, block);
            found += kept.findings.spans.len();
        }
    });
    assert!(found > 1000, "{found}");
    assert_eq!(count, 0);
}

#[test]
fn learning_from_clean_blocks_allocates_nothing() {
    let _turn = turn();
    let (bytes, blocks) = transcript(0.0);
    let mut kept = Kept::new();
    let count = allocations(|| {
        for block in &blocks {
            kept.scan(&bytes, block);
            let mut learned = Learned::default();
            let window = Window::of_whole(&bytes, block.clone());
            kept.masker.learn(&window, &kept.findings, &mut learned);
        }
    });
    assert_eq!(count, 0);
}

#[test]
fn rewriting_clean_blocks_allocates_nothing() {
    let _turn = turn();
    let (bytes, blocks) = transcript(0.0);
    let mut kept = Kept::new();
    let count = allocations(|| {
        for block in &blocks {
            kept.scan(&bytes, block);
            kept.rewrite(&bytes, block);
        }
    });
    assert_eq!(count, 0);
}

#[test]
fn rewriting_allocates_only_for_the_second_look_at_masked_lines() {
    /// A masked line is parsed before and after, and each of its strings that has escapes is decoded and looked into:
    /// a few buffers a string, and a line has some. Lines in which nothing is masked cost nothing.
    const FOR_EACH_MASKED_LINE: u64 = 24;
    let _turn = turn();
    let (bytes, blocks) = transcript(500.0);
    let mut kept = Kept::new();
    let count = allocations(|| {
        kept.tally = Tally::default();
        for block in &blocks {
            kept.scan(&bytes, block);
            kept.rewrite(&bytes, block);
        }
    });
    let masked_lines = kept.tally.masked_lines;
    assert!(masked_lines > 50, "{masked_lines}");
    assert!(
        count <= masked_lines * FOR_EACH_MASKED_LINE,
        "{count} allocations for {masked_lines} masked lines"
    );
}

#[test]
fn compressing_blocks_allocates_nothing() {
    let _turn = turn();
    let (bytes, blocks) = transcript(0.0);
    let mut compressor = Compressor::new(6).unwrap();
    let mut member = Vec::new();
    let count = allocations(|| {
        for block in &blocks {
            member.clear();
            compressor.member(&bytes[block.clone()], &mut member);
        }
    });
    assert_eq!(count, 0);
}
