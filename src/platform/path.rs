//! Paths as bytes and as text. Owns no file.

use std::path::{Path, PathBuf};

/// Returns a path's bytes as the system has them.
pub(crate) fn path_bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

/// Returns the path that has these bytes.
#[cfg(unix)]
pub(crate) fn path_of_bytes(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes).into()
}

/// Returns the path that has these bytes, as far as they are text.
#[cfg(not(unix))]
pub(crate) fn path_of_bytes(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// Returns a path, as the system's bytes, as text: what is not UTF-8 becomes `%ff`, and a `%` that could be taken for
/// one becomes `%25`.
pub(crate) fn escape_path(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        out.push_str(&chunk.valid().replace('%', "%25"));
        for byte in chunk.invalid() {
            out.push_str(&format!("%{byte:02x}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_kept_as_text_whatever_its_bytes_are() {
        assert_eq!(escape_path("/home/é/a b.jsonl".as_bytes()), "/home/é/a b.jsonl");
        assert_eq!(escape_path(b"/a\xff%41"), "/a%ff%2541");
    }
}
