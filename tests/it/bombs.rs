//! Archives that were planted to use up memory or time: nothing that reads a store gives in to them.

use crate::home::*;
use crate::store::member;
use sessionkeep::testing::archive::Archive;
use sessionkeep::testing::archive::Block;
use sessionkeep::testing::archive::header_codec;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Text in a bomb: more than a run may use, so that holding it shows.
const BOMB_BYTES: usize = 160 << 20;

/// Memory that a run of one thread may use at most: less than a bomb's text, and enough for a block as large as a header
/// may call for (64 MiB).
const MOST_KIB: i64 = 130 << 10;

/// Time after which a run hangs, on a busy machine, too.
const MOST_TIME: Duration = Duration::from_secs(120);

/// Runs the program; returns what it did and the most memory that it had at once, in KiB.
pub fn peak_of(home: &Home, arguments: &[&str]) -> (Run, i64) {
    let (stdout, stderr) = (home.path("stdout"), home.path("stderr"));
    let mut command = home.command(arguments);
    command.stdout(fs::File::create(&stdout).unwrap()).stderr(fs::File::create(&stderr).unwrap());
    #[expect(clippy::zombie_processes, reason = "it is waited for by the call that tells what it used")]
    let child = command.spawn().unwrap();
    let pid = child.id() as libc::pid_t;
    let started = Instant::now();
    let (mut status, mut is_killed, mut kib) = (0, false, 0);
    loop {
        // Not what `wait4` tells: that counts what this process had in memory when it made the child, too.
        kib = kib.max(peak_kib(pid));
        // SAFETY: the child is ours and nobody else waits for it; the pointer is to a local that outlives the call.
        let done = unsafe { libc::waitpid(pid, &mut status, libc::WNOHANG) };
        assert!(done >= 0, "{}", std::io::Error::last_os_error());
        if done == pid {
            break;
        }
        if started.elapsed() > MOST_TIME && !is_killed {
            is_killed = true;
            // SAFETY: the child has not been waited for, so that its id is still its own.
            unsafe { libc::kill(pid, libc::SIGKILL) };
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let read = |path: &PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -libc::WTERMSIG(status) };
    assert!(!is_killed, "{arguments:?} hangs");
    (Run { code, stdout: read(&stdout), stderr: read(&stderr) }, kib)
}

/// Returns the most memory that a process had at once so far, in KiB; 0 where it is gone, or has not begun its program.
fn peak_kib(pid: libc::pid_t) -> i64 {
    let is_begun = fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|path| path.ends_with("sessionkeep"));
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).filter(|_| is_begun);
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

#[track_caller]
fn bounded(home: &Home, arguments: &[&str], codes: &[i32]) -> Run {
    let (run, kib) = peak_of(home, &[arguments, &["--threads", "1"]].concat());
    assert!(codes.contains(&run.code), "{arguments:?}: {run:?}");
    assert!(!run.stderr.contains("internal error"), "{arguments:?}: {run:?}");
    assert!(kib <= MOST_KIB, "{arguments:?} used {kib} KiB");
    run
}

/// Returns one gzip member with [`BOMB_BYTES`] of one letter in it, put together from a thousand times less.
fn bomb() -> Vec<u8> {
    let piece = vec![b'a'; 1 << 20];
    let mut compressed = Vec::with_capacity(64 << 10);
    // What is flushed in full refers to nothing before it, and can be repeated.
    let mut deflate = flate2::Compress::new(flate2::Compression::best(), false);
    deflate.compress_vec(&piece, &mut compressed, flate2::FlushCompress::Full).unwrap();
    assert_eq!(deflate.total_in(), piece.len() as u64);
    let mut checksum = crc32fast::Hasher::new();
    let mut bomb = member(b"")[..10].to_vec();
    for _ in 0..BOMB_BYTES >> 20 {
        bomb.extend_from_slice(&compressed);
        checksum.update(&piece);
    }
    // An empty block that is the last one.
    bomb.extend_from_slice(&[3, 0]);
    bomb.extend_from_slice(&checksum.finalize().to_le_bytes());
    bomb.extend_from_slice(&(BOMB_BYTES as u32).to_le_bytes());
    assert!(bomb.len() < BOMB_BYTES / 900, "it is a bomb: {}", bomb.len());
    bomb
}

/// Returns the archive at `path` with other blocks: as its header says, and as they are.
fn with_blocks(path: &Path, masked_bytes: u32, member: &[u8]) -> Vec<u8> {
    let mut header = Archive::open(path).unwrap().header().unwrap().clone();
    let compressed_bytes = member.len() as u32;
    header.blocks = vec![Block {
        compressed_bytes,
        masked_bytes,
        source_bytes: masked_bytes,
        newlines: 1,
        is_masked: false,
    }];
    (header.source_bytes, header.clean_bytes, header.line_count) =
        (masked_bytes.into(), masked_bytes.into(), 1);
    [header_codec::encode(&header).unwrap(), member.to_vec()].concat()
}

/// Plants archives of every kind; returns the names of those that are damaged.
fn plant(home: &Home) -> Vec<String> {
    let archive = home.store().join(&home.archives()[0]);
    let plant = |name: &str, bytes: &[u8]| {
        let name = format!("2026-06-05_1430_my-project_{name}.jsonl.gz");
        fs::write(archive.with_file_name(&name), bytes).unwrap();
        name
    };
    let bomb = bomb();
    // Whole, if unusual, gzip files: one line without an end, and many lines in many members.
    plant("line", &bomb);
    let lines = "{\"type\":\"user\"}\n".repeat(1 << 16);
    plant("members", &member(lines.as_bytes()).repeat(BOMB_BYTES >> 20));
    let mut damaged = vec![
        plant("cut", &bomb[..bomb.len() - 5]),
        plant("trailing", &[&member(b"x\n")[..], b"rubbish"].concat()),
        // Their headers promise less than there is, or as much as a header may.
        plant("little", &with_blocks(&archive, 100, &bomb)),
        plant("much", &with_blocks(&archive, header_codec::MAX_BLOCK_BYTES as u32, &bomb)),
        // Next to nothing that is to become very much.
        plant("nothing", &with_blocks(&archive, header_codec::MAX_BLOCK_BYTES as u32, &member(b"x\n"))),
    ];
    let short = with_blocks(&archive, 2, &member(b"x\n"));
    damaged.push(plant("short", &short[..short.len() - 3]));
    // A member that lies about its own length as its header does.
    let mut lying = bomb.clone();
    let end = lying.len();
    lying[end - 4..].copy_from_slice(&100u32.to_le_bytes());
    damaged.push(plant("lying", &with_blocks(&archive, 100, &lying)));
    let mut flipped = bomb;
    flipped[end - 6] ^= 1;
    damaged.push(plant("flipped", &flipped));
    damaged
}

#[test]
fn planted_bombs_are_named_and_cost_neither_memory_nor_time() {
    let home = Home::new();
    let text = lines(&id(1), 3);
    home.claude_session(&id(1), &text);
    home.run(&["import"]).exits(0);
    let damaged = plant(&home);

    let verify = bounded(&home, &["verify"], &[4]);
    // Damage comes first; after it that the planted ones have no sidecars.
    let mut named: Vec<&str> = verify.stdout.lines().take_while(|line| !line.starts_with(' ')).collect();
    named.iter_mut().for_each(|line| *line = line.rsplit('/').next().unwrap().split(": ").next().unwrap());
    let mut wanted: Vec<&str> = damaged.iter().map(String::as_str).collect();
    wanted.sort();
    assert_eq!(named, wanted, "{verify:?}");

    let list = bounded(&home, &["list", "--limit", "100"], &[0, 3, 4]);
    assert!(list.stdout.contains(&id(1)[..8]), "{list:?}");
    let search = bounded(&home, &["search", "line 1 of"], &[0, 3, 4]);
    assert!(search.stdout.contains("line 1 of"), "{search:?}");

    // With a catalog, and with one that is made anew from what is there.
    home.claude_session(&id(2), &lines(&id(2), 3));
    bounded(&home, &["import"], &[0]);
    fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    home.claude_session(&id(3), &lines(&id(3), 3));
    bounded(&home, &["import"], &[0, 3]);

    bounded(&home, &["repair"], &[0, 3, 4]);
    let left = home.archives();
    for number in [1, 2, 3] {
        let own: Vec<&String> = left.iter().filter(|name| name.contains(&id(number)[..8])).collect();
        assert_eq!(own.len(), 1, "{left:?}");
        assert_eq!(home.text(own[0]), lines(&id(number), 3).concat().into_bytes());
    }
    assert!(damaged.iter().all(|name| !left.iter().any(|left| left.ends_with(name))), "set aside: {left:?}");
    bounded(&home, &["verify"], &[0]);
}

/// What is unpacked is read more than once, and nothing unmasked may touch the disk: it is decoded again each time.
#[test]
fn a_packed_transcript_of_more_text_than_memory_allows_is_archived_whole() {
    let home = Home::new();
    let mut packed = zstd::Encoder::new(Vec::new(), 1).unwrap();
    let (mut hash, mut bytes, mut number) = (crc32fast::Hasher::new(), 0, 0);
    while bytes < BOMB_BYTES {
        let line =
            user(&id(1), number % 600, &format!("{number} said, and {} answered; ", number * 7).repeat(40));
        packed.write_all(line.as_bytes()).unwrap();
        hash.update(line.as_bytes());
        (bytes, number) = (bytes + line.len(), number + 1);
    }
    home.write("from/session.jsonl.zst", packed.finish().unwrap());
    let from = home.path("from").to_str().unwrap().to_owned();
    bounded(&home, &["import", "--from", &from, "--pattern", "*.zst"], &[0]);
    let archives = home.archives();
    assert_eq!(archives.len(), 1);
    // Not read whole: what this process has in memory counts for the programs that it starts meanwhile.
    let archive = fs::File::open(home.store().join(&archives[0])).unwrap();
    let (mut text, mut piece) = (flate2::read::MultiGzDecoder::new(archive), vec![0; 1 << 20]);
    let (mut read, mut archived) = (0, crc32fast::Hasher::new());
    loop {
        let count = text.read(&mut piece).unwrap();
        if count == 0 {
            break;
        }
        archived.update(&piece[..count]);
        read += count;
    }
    assert_eq!((read, archived.finalize()), (bytes, hash.finalize()));
}
