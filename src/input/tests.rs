//! Every way of reading a source, and what is no source.

use super::*;

fn source_file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("s.jsonl");
    std::fs::write(&path, bytes).unwrap();
    (root, path)
}

fn text(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|index| b'a' + (index % 23) as u8).collect()
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused_in_the_right_words() {
    let (root, path) = source_file(b"x\n");
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
        let error = Source::open(&path.into(), Links::Refuse).unwrap_err();
        assert_eq!(error.kind(), Kind::Source);
        assert!(error.to_string().contains(words), "{error}");
    }
    assert!(Source::open(&link.as_path().into(), Links::Follow).is_ok());
}

#[test]
fn a_source_that_grows_is_read_to_where_it_was() {
    use std::io::Write;
    let (_root, path) = source_file(b"one\n");
    let source = Source::open(&path.as_path().into(), Links::Refuse).unwrap();
    assert!(!source.changed().unwrap());
    File::options().append(true).open(&path).unwrap().write_all(b"two\n").unwrap();
    let mut bytes = [0; 8];
    assert_eq!(source.read_at(0, &mut bytes).unwrap(), 4);
    assert_eq!(bytes[..4], *b"one\n");
    assert!(source.changed().unwrap());
    let now = source.stat_now().unwrap();
    assert!(now.bytes == 8 && now.inode == source.stat().inode);
}

#[cfg(unix)]
#[test]
fn a_mapped_source_truncated_in_use_is_torn() {
    let (_root, path) = source_file(&text(3 << 20));
    let source = Source::open(&path.as_path().into(), Links::Refuse).unwrap();
    let map = source.map().unwrap();
    File::options().write(true).open(&path).unwrap().set_len(10).unwrap();
    assert_eq!(map[2 << 20], 0);
    assert!(map.is_torn() && source.changed().unwrap());
}

#[test]
fn a_compressed_rollout_is_read_forwards_and_backwards() {
    let expected = text(3 << 20);
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("rollout.jsonl.zst");
    std::fs::write(&path, zstd::encode_all(&expected[..], 3).unwrap()).unwrap();
    let source = Source::open(&path.as_path().into(), Links::Refuse).unwrap();
    assert_eq!(source.len(), None);
    let mut window = vec![0; 10_000];
    for offset in [0, 10_000, 2 << 20, 5, (3 << 20) - 50] {
        let count = source.read_at(offset as u64, &mut window).unwrap();
        let end = expected.len().min(offset + 10_000);
        assert_eq!(window[..count], expected[offset..end]);
    }
    assert_eq!(source.read_at(9 << 20, &mut window).unwrap(), 0);
    assert!(source.decoded(4 << 20).unwrap() == expected);
}

#[test]
fn a_compressed_rollout_that_is_too_large_is_an_error_before_it_fills_the_memory() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("large.jsonl.zst");
    std::fs::write(&path, zstd::encode_all(&vec![b'x'; 9 << 20][..], 1).unwrap()).unwrap();
    let source = Source::open(&path.as_path().into(), Links::Refuse).unwrap();
    assert_eq!(source.decoded(3 << 20).unwrap_err().kind(), Kind::Source);
    let mut byte = [0];
    assert_eq!(source.read_at((9 << 20) - 1, &mut byte).unwrap(), 1);
}

#[test]
fn of_a_cut_rollout_the_beginning_is_read_and_the_end_is_missed() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("cut.jsonl.zst");
    let expected = text(3 << 20);
    let whole = zstd::encode_all(&expected[..], 3).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    let source = Source::open(&path.as_path().into(), Links::Refuse).unwrap();
    let read = source.decoded(4 << 20).unwrap();
    assert!(expected.starts_with(&read) && read.len() > 1 << 20, "{}", read.len());
    let cut = source.cut().unwrap();
    assert!(cut.kind() == Kind::Source && cut.to_string().contains("cut off"), "{cut}");
    std::fs::write(&path, &whole).unwrap();
    let source = Source::open(&path.as_path().into(), Links::Refuse).unwrap();
    assert!(source.decoded(4 << 20).unwrap() == expected && source.cut().is_none());
}

#[test]
fn what_a_file_is_does_not_depend_on_its_name() {
    use std::io::Write;
    let root = tempfile::tempdir().unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(b"a line\n").unwrap();
    let gzip = gzip.finish().unwrap();
    let wide: Vec<u8> = "a line\n".bytes().flat_map(|byte| [byte, 0]).collect();
    for (name, bytes) in [
        ("plain.jsonl.zst", b"a line\n".to_vec()),
        ("gzip.jsonl", gzip.clone()),
        ("gzip.zst", gzip.clone()),
        ("zstd.txt", zstd::encode_all(&b"a line\n"[..], 1).unwrap()),
        ("twice.gz", zstd::encode_all(&gzip[..], 1).unwrap()),
        ("wide.jsonl", wide.clone()),
        ("wide.gz", zstd::encode_all(&wide[..], 1).unwrap()),
    ] {
        let path = root.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let source = Source::open(&path.as_path().into(), Links::Refuse).unwrap();
        let mut buffer = [0; 50];
        let count = source.read_at(0, &mut buffer).unwrap();
        assert_eq!(buffer[..count], *b"a line\n", "{name}");
    }
    let xz = b"\xfd7zXZ\0\0\x04 and more";
    for (name, bytes) in [("a.jsonl", xz.to_vec()), ("b.gz", zstd::encode_all(&xz[..], 1).unwrap())] {
        let path = root.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = Source::open(&path.as_path().into(), Links::Refuse).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot read {}: it is compressed with xz", path.display()));
        assert!(error.kind() == Kind::Source && error.hint().unwrap().starts_with("Unpack"));
    }
}

#[test]
fn a_closed_source_is_opened_again_and_never_taken_for_another_file() {
    let (root, path) = source_file(&text(5000));
    let mut source = Source::open(&path.as_path().into(), Links::Refuse).unwrap();
    source.close();
    let mut buffer = [0; 100];
    assert_eq!(source.read_at(4950, &mut buffer).unwrap(), 50);
    assert_eq!(buffer[..50], text(5000)[4950..]);
    assert!(!source.changed().unwrap());
    std::fs::write(&path, text(5001)).unwrap();
    assert!(source.changed().unwrap());
    // Beside it, so that it cannot have its inode.
    std::fs::write(root.path().join("other"), text(5000)).unwrap();
    std::fs::rename(root.path().join("other"), &path).unwrap();
    let error = source.read_at(0, &mut buffer).unwrap_err();
    assert!(error.to_string().contains("another file has its name now"), "{error}");
    std::fs::remove_file(&path).unwrap();
    let error = source.read_at(0, &mut buffer).unwrap_err();
    assert_eq!(error.io_error().unwrap().kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_closed_compressed_source_reads_as_before() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("s.jsonl.zst");
    std::fs::write(&path, zstd::encode_all(&text(300_000)[..], 3).unwrap()).unwrap();
    let mut source = Source::open(&path.as_path().into(), Links::Refuse).unwrap();
    let mut buffer = [0; 1000];
    assert_eq!(source.read_at(0, &mut buffer).unwrap(), 1000);
    source.close();
    assert_eq!(source.read_at(200_000, &mut buffer).unwrap(), 1000);
    assert_eq!(buffer[..], text(300_000)[200_000..201_000]);
}
