//! Every way of reading a source, and what is no source.

use super::*;

fn source_file(bytes: &[u8], age: Duration) -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("s.jsonl");
    std::fs::write(&path, bytes).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
    (root, path)
}

fn text(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|index| b'a' + (index % 23) as u8).collect()
}

const OLD: Duration = Duration::from_secs(3600);
const NEW: Duration = Duration::ZERO;

#[test]
fn large_settled_files_are_mapped_and_others_are_read() {
    for (size, age, may_map, is_mapped) in [
        (0, OLD, true, Some(false)),
        (1000, OLD, true, Some(false)),
        (2 << 20, OLD, true, cfg!(unix).then_some(true).or(Some(false))),
        (2 << 20, OLD, false, Some(false)),
        (2 << 20, NEW, true, Some(false)),
        (9 << 20, NEW, true, None),
    ] {
        let expected = text(size);
        let (_root, path) = source_file(&expected, age);
        let source = Source::open(&path, Links::Refuse).unwrap();
        let bytes = source.bytes(Vec::new(), may_map).unwrap();
        assert_eq!(bytes.as_ref().map(|bytes| matches!(bytes, Bytes::Mapped(_))), is_mapped, "{size}");
        if let Some(bytes) = bytes {
            assert!(*bytes == *expected && !bytes.is_torn());
        }
        let mut window = vec![0; 1000];
        let count = source.read_at(500, &mut window).unwrap();
        assert_eq!(window[..count], expected[size.min(500)..size.min(1500)]);
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused_in_the_right_words() {
    let (root, path) = source_file(b"x\n", OLD);
    let link = root.path().join("link.jsonl");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let fifo = root.path().join("fifo.jsonl");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let socket = root.path().join("socket.jsonl");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for (path, words) in [
        (fifo.as_path(), "not a regular file: a FIFO"),
        (root.path(), "not a regular file: a directory"),
        (&link, "a symbolic link"),
        (&socket, "a socket"),
        (Path::new("/dev/null"), "not a regular file: a device"),
    ] {
        let error = Source::open(path, Links::Refuse).unwrap_err();
        assert_eq!(error.kind(), Kind::Source);
        assert!(error.to_string().contains(words), "{error}");
    }
    assert!(Source::open(&link, Links::Follow).is_ok());
}

#[test]
fn a_source_that_grows_is_read_to_where_it_was() {
    use std::io::Write;
    let (_root, path) = source_file(b"one\n", OLD);
    let source = Source::open(&path, Links::Refuse).unwrap();
    assert!(!source.changed().unwrap());
    File::options().append(true).open(&path).unwrap().write_all(b"two\n").unwrap();
    assert_eq!(&*source.bytes(Vec::new(), true).unwrap().unwrap(), b"one\n");
    assert!(source.changed().unwrap());
    let now = source.stat_now().unwrap();
    assert!(now.bytes == 8 && now.inode == source.stat().inode);
}

#[cfg(unix)]
#[test]
fn a_mapped_source_truncated_in_use_is_torn() {
    let (_root, path) = source_file(&text(3 << 20), OLD);
    let source = Source::open(&path, Links::Refuse).unwrap();
    let bytes = source.bytes(Vec::new(), true).unwrap().unwrap();
    File::options().write(true).open(&path).unwrap().set_len(10).unwrap();
    assert_eq!(bytes[2 << 20], 0);
    assert!(bytes.is_torn() && source.changed().unwrap());
    // Read again, it is what is left.
    assert_eq!(source.bytes(bytes.into_buffer(), false).unwrap().unwrap().len(), 10);
}

#[test]
fn a_compressed_rollout_is_read_forwards_and_backwards() {
    let expected = text(3 << 20);
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("rollout.jsonl.zst");
    std::fs::write(&path, zstd::encode_all(&expected[..], 3).unwrap()).unwrap();
    let source = Source::open(&path, Links::Refuse).unwrap();
    assert_eq!(source.len(), None);
    let mut window = vec![0; 10_000];
    for offset in [0, 10_000, 2 << 20, 5, (3 << 20) - 50] {
        let count = source.read_at(offset as u64, &mut window).unwrap();
        let end = expected.len().min(offset + 10_000);
        assert_eq!(window[..count], expected[offset..end]);
    }
    assert_eq!(source.read_at(9 << 20, &mut window).unwrap(), 0);
    assert_eq!(*source.bytes(Vec::new(), true).unwrap().unwrap(), *expected);
}

#[test]
fn a_compressed_rollout_too_large_to_hold_is_left_to_windows() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("large.jsonl.zst");
    std::fs::write(&path, zstd::encode_all(&vec![b'x'; 9 << 20][..], 1).unwrap()).unwrap();
    let source = Source::open(&path, Links::Refuse).unwrap();
    assert!(source.bytes(Vec::new(), true).unwrap().is_none());
    let mut byte = [0];
    assert_eq!(source.read_at((9 << 20) - 1, &mut byte).unwrap(), 1);
}

#[test]
fn a_broken_compressed_rollout_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("broken.jsonl.zst");
    let whole = zstd::encode_all(&text(1 << 20)[..], 3).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    let error = Source::open(&path, Links::Refuse).unwrap().bytes(Vec::new(), true).unwrap_err();
    assert_eq!(error.kind(), Kind::Source);
}
