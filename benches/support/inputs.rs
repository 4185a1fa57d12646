//! Inputs: made-up transcripts, real ones if `SESSIONKEEP_CORPUS` names a directory of them, texts full of secrets,
//! and texts made to be slow.

use std::path::{Path, PathBuf};

use sessionkeep::testing::mask::recipe::{self, SURROUNDINGS};

use crate::corpus;

/// Returns the directory of real transcripts that the user named.
pub fn real_corpus() -> Option<PathBuf> {
    std::env::var_os("SESSIONKEEP_CORPUS").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Returns the content of the transcripts below a directory, in the order of their paths, up to `most` bytes.
pub fn read_directory(directory: &Path, most: usize) -> Vec<Vec<u8>> {
    let walk = walkdir::WalkDir::new(directory).sort_by_file_name().into_iter().flatten();
    let paths = walk.map(walkdir::DirEntry::into_path);
    let mut left = most;
    let mut files = Vec::new();
    for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")) {
        if left == 0 {
            break;
        }
        let mut bytes = std::fs::read(&path).expect("a transcript of the corpus can be read");
        bytes.truncate(left);
        left -= bytes.len();
        files.push(bytes);
    }
    files
}

/// Returns files of transcripts, real or made up, `bytes` of them together.
pub fn files(bytes: usize, secrets_per_mebibyte: f64) -> Vec<Vec<u8>> {
    if let Some(directory) = real_corpus() {
        return read_directory(&directory, bytes);
    }
    let options = corpus::Options { secrets_per_mebibyte, ..corpus::Options::new(bytes as u64) };
    corpus::in_memory(&options).into_iter().map(|file| file.bytes).collect()
}

/// Returns one stream of transcripts as they are, real or made up.
pub fn realistic(bytes: usize) -> Vec<u8> {
    // Real transcripts have far less than one secret in a mebibyte.
    files(bytes, 0.2).concat()
}

/// Returns transcripts in which the masker finds nothing: nothing is copied, nothing is rewritten.
pub fn clean(bytes: usize) -> Vec<u8> {
    let options = corpus::Options::new(bytes as u64);
    corpus::in_memory(&options).into_iter().flat_map(|file| file.bytes).collect()
}

/// Returns lines of which every one holds a secret, in all surroundings and depths of JSON.
pub fn dense(bytes: usize) -> Vec<u8> {
    const RECIPES: [&str; 6] = [
        "ghp_⟦{alnum:36}⟧",
        "⟦sk-ant-api03-{base64url:93}AA⟧",
        "⟦AKIA{base32:16}⟧",
        "npm_⟦{alnum:36}⟧",
        "export DB_PASSWORD=⟦{alnum:24}⟧",
        "Authorization: Bearer ⟦{alnum:40}⟧",
    ];
    let mut text = Vec::with_capacity(bytes + 1024);
    let mut seed = 0;
    while text.len() < bytes {
        let made = recipe::expand(RECIPES[seed % RECIPES.len()], seed as u64);
        let surroundings = SURROUNDINGS[seed / RECIPES.len() % SURROUNDINGS.len()];
        text.extend_from_slice(&recipe::embed(&made, surroundings, 1 + seed % 2).text);
        text.push(b'\n');
        seed += 1;
    }
    text
}

/// Texts made to be slow, by name.
pub const ADVERSARIAL: [&str; 6] = [
    "adversarial-assignments",
    "adversarial-quotes",
    "adversarial-one-run",
    "adversarial-escapes",
    "adversarial-literals",
    "adversarial-headers",
];

/// Returns the text of that name.
pub fn adversarial(name: &str, bytes: usize) -> Vec<u8> {
    let piece: &[u8] = match name {
        "adversarial-assignments" => b"password=",
        "adversarial-quotes" => b"\\\"secret\\\":\\\"",
        "adversarial-one-run" => b"aB3dE5fG7hJ9kL1m",
        "adversarial-escapes" => b"\\\\\\n\\u0041",
        "adversarial-literals" => b"sk-sk-ant-ghp_AKIAxoxb-",
        _ => b"Authorization: Bearer Cookie: token=",
    };
    // Lines of 64 KiB: long, but far from where lines are cut.
    let mut text = Vec::with_capacity(bytes + (64 << 10));
    while text.len() < bytes {
        text.extend_from_slice(b"{\"text\":\"");
        let end = text.len() + (64 << 10);
        while text.len() < end {
            text.extend_from_slice(piece);
        }
        text.extend_from_slice(b"\"}\n");
    }
    text
}
