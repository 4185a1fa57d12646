//! Gathers secrets that are known before a session is read: from the environment and from the files in which
//! people keep them. The one file of the masker that reads the filesystem; it never writes, never logs, and what
//! it read is wiped.

use crate::mask::text::unescape::unescape;
use crate::mask::values::learned::Learned;
use crate::platform::open_at_once;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Files of secrets are small; a larger one is something else.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// How many directories up from a session's directory a repository's root is looked for.
const MAX_PARENTS: usize = 16;

/// How many files named `.env.*` are read in one directory.
const MAX_ENV_FILES: usize = 32;

/// Files of secrets beside a project's code.
const PROJECT_FILES: &[&str] = &[".env", ".envrc", ".netrc", ".npmrc", ".pypirc"];

/// Files of secrets in the home directory.
const HOME_FILES: &[&str] = &[
    ".env",
    ".envrc",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".aws/credentials",
    ".docker/config.json",
    ".kube/config",
];

/// Variables that name the user and the host.
const NAMING: &[&str] = &["USER", "LOGNAME", "USERNAME", "HOSTNAME", "HOST", "COMPUTERNAME", "USERDOMAIN"];

/// Returns the values of `environment` with secret-looking names, and those in the usual files of the session's
/// directory `cwd`, of its parents up to a repository's root, and of `home`. What cannot be read is left out.
pub(crate) fn collect(
    cwd: Option<&Path>,
    home: Option<&Path>,
    environment: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
) -> Learned {
    let mut learned = Learned::default();
    for (name, value) in environment {
        let value = Zeroizing::new(value.into_encoded_bytes());
        if NAMING.iter().any(|naming| name == *naming) {
            learned.add_name(&value);
        }
        add_named(name.as_encoded_bytes(), &value, &mut learned);
    }
    for directory in cwd.map(project_directories).unwrap_or_default() {
        PROJECT_FILES.iter().for_each(|name| add_file(&directory.join(name), &mut learned));
        env_files(&directory).iter().for_each(|path| add_file(path, &mut learned));
    }
    if let Some(home) = home {
        home.iter().for_each(|part| learned.add_name(part.as_encoded_bytes()));
        HOME_FILES.iter().for_each(|name| add_file(&home.join(name), &mut learned));
    }
    learned
}

/// Returns a session's directory and its parents up to the root of its repository; only itself when it is in none.
fn project_directories(cwd: &Path) -> Vec<PathBuf> {
    if !cwd.is_absolute() {
        return Vec::new();
    }
    let parents: Vec<PathBuf> = cwd.ancestors().take(MAX_PARENTS).map(Path::to_path_buf).collect();
    match parents.iter().position(|parent| fs::symlink_metadata(parent.join(".git")).is_ok()) {
        Some(root) => parents[..=root].to_vec(),
        None => parents.into_iter().take(1).collect(),
    }
}

/// Returns the files `.env.*` of a directory, in the order of their names.
fn env_files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let is_env = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".env.");
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| is_env(&entry.file_name()))
        .map(|entry| entry.path())
        .collect();
    files.sort_unstable();
    files.truncate(MAX_ENV_FILES);
    files
}

fn add_file(path: &Path, learned: &mut Learned) {
    if let Some(text) = read(path) {
        add_text(&text, learned);
    }
}

/// Returns the content of a small regular file. Nothing else is opened (a pipe would block), and what was opened
/// is looked at once more.
fn read(path: &Path) -> Option<Zeroizing<Vec<u8>>> {
    let is_small_file = |metadata: &fs::Metadata| {
        metadata.is_file() && metadata.len() > 0 && metadata.len() <= MAX_FILE_BYTES
    };
    fs::metadata(path).ok().filter(is_small_file)?;
    // Should a pipe have taken the file's place since it was looked at, opening it does not wait.
    let file = open_at_once(path).ok()?;
    let metadata = file.metadata().ok().filter(is_small_file)?;
    let mut text = Zeroizing::new(Vec::with_capacity(metadata.len() as usize + 1));
    file.take(MAX_FILE_BYTES).read_to_end(&mut text).ok()?;
    Some(text)
}

/// Adds the values of all lines that give a secret-looking name a value, in any of the usual syntaxes: `A=b`,
/// `export A="b"`, `a: b`, `"a": "b",`, `machine h login u password b`, `//registry/:_authToken=b`.
fn add_text(text: &[u8], learned: &mut Learned) {
    for line in text.split(|&byte| byte == b'\n') {
        let line = line.trim_ascii();
        if line.first().is_none_or(|&byte| byte == b'#' || byte == b';') {
            continue;
        }
        let words: Vec<&[u8]> = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            if pair[0] == b"password" {
                learned.add(pair[1]);
            }
        }
        if let Some((name, value)) = split_pair(line) {
            add_named(name, value, learned);
        }
    }
}

/// Splits a line at the first `=` or `:` that may stand between a name and its value.
fn split_pair(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.strip_prefix(b"export ").unwrap_or(line);
    let line = line.strip_prefix(b"- ").unwrap_or(line);
    // In .npmrc the name follows the registry's address: `//registry.example/:_authToken=...`.
    let from =
        if line.starts_with(b"//") { memchr::memmem::rfind(line, b"/:").map_or(0, |at| at + 2) } else { 0 };
    let at = from + line[from..].iter().position(|&byte| byte == b'=' || byte == b':')?;
    let name = line[from..at].trim_ascii();
    let name = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name);
    Some((name, line[at + 1..].trim_ascii()))
}

/// Adds a value if its name looks secret, or its password if it is a URL with one.
fn add_named(name: &[u8], value: &[u8], learned: &mut Learned) {
    let value = unquoted(value);
    if let Some(password) = url_password(value) {
        learned.add(password);
        return;
    }
    if is_secret_name(name) {
        learned.add(value);
        if value.contains(&b'\\') {
            learned.add(&unescape(value));
        }
        if let Some(plain) = decode_base64(value)
            && let Some(colon) = plain.iter().position(|&byte| byte == b':')
        {
            learned.add(&plain[colon + 1..]);
        }
    }
}

/// Returns a value without its quotes, or without the comment behind it.
fn unquoted(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    match value.first() {
        Some(&quote @ (b'"' | b'\'' | b'`')) => {
            let rest = &value[1..];
            rest.iter().rposition(|&byte| byte == quote).map_or(rest, |end| &rest[..end])
        }
        _ => {
            let end = memchr::memmem::find(value, b" #").unwrap_or(value.len());
            value[..end].trim_ascii().strip_suffix(b",").unwrap_or(&value[..end]).trim_ascii()
        }
    }
}

/// Returns the password of `scheme://user:password@host`.
fn url_password(value: &[u8]) -> Option<&[u8]> {
    let rest = &value[memchr::memmem::find(value, b"://")? + 3..];
    let authority = &rest[..rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len())];
    let user_info = &authority[..authority.iter().rposition(|&byte| byte == b'@')?];
    let colon = user_info.iter().position(|&byte| byte == b':')?;
    Some(&user_info[colon + 1..])
}

/// Returns whether a variable of this name usually holds a secret.
fn is_secret_name(name: &[u8]) -> bool {
    const PARTS: &[&str] = &[
        "secret",
        "token",
        "passw",
        "passphrase",
        "pwd",
        "apikey",
        "api_key",
        "api-key",
        "access_key",
        "accesskey",
        "private_key",
        "privatekey",
        "auth",
        "credential",
        "_key",
        "-key",
        "_pass",
        "_dsn",
        "_pat",
        "webhook",
        "client-key-data",
        "_salt",
        "encryption",
        "signing",
    ];
    const NOT: &[&str] = &[
        "public",
        "publishable",
        "_sock",
        "_id",
        "_url",
        "_uri",
        "_path",
        "_file",
        "_dir",
        "_name",
        "_type",
        "_count",
        "_limit",
        "expire",
        "max_tokens",
        "author",
        "keyboard",
        "_host",
        "_port",
        "_user",
        "xauthority",
        "_program",
        "_ttl",
        "_version",
        "_region",
        "_agent_pid",
        "_method",
        "_mode",
        "_algorithm",
        "_enabled",
        "keymap",
    ];
    let name = name.to_ascii_lowercase();
    let holds = |part: &&str| memchr::memmem::find(&name, part.as_bytes()).is_some();
    let is_whole = matches!(name.as_slice(), b"key" | b"pass" | b"pat" | b"_auth" | b"dsn");
    (is_whole || PARTS.iter().any(&holds)) && !NOT.iter().any(holds)
}

/// Decodes standard base64; none if it is anything else.
fn decode_base64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.strip_suffix(b"==").or(text.strip_suffix(b"=")).unwrap_or(text);
    let mut plain = Zeroizing::new(Vec::with_capacity(text.len() * 3 / 4));
    let (mut bits, mut held) = (0u32, 0);
    for &byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            plain.push((bits >> held) as u8);
        }
    }
    Some(plain)
}
