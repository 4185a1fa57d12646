//! What agents write, made for tests: records, ids, tokens that never were one, and packed text.

use std::io::Write;

/// The id of the session that most tests have.
pub const ID: &str = "a1b2c3d4-0000-4000-8000-000000000001";

/// The archive, relative to the store, of a Claude Code session with this id that begins with [`user`]'s second 0.
pub const NAME: &str = "2026/06/2026-06-05_1430_my-project_a1b2c3d4.jsonl.gz";

/// Returns a Claude Code user record that says `text`.
pub fn user(session: &str, second: u32, text: &str) -> String {
    let record = serde_json::json!({
        "parentUuid": null, "isSidechain": false, "userType": "external", "cwd": "/home/me/my-project",
        "sessionId": session, "version": "2.1.330", "gitBranch": "main", "type": "user",
        "message": {"role": "user", "content": text},
        "uuid": format!("00000000-0000-4000-8000-{second:012}"),
        "timestamp": format!("2026-06-05T14:{:02}:{:02}.000Z", 30 + second / 60, second % 60),
    });
    format!("{record}\n")
}

/// Returns lines of a Claude Code session that nothing is masked in.
pub fn lines(session: &str, count: u32) -> Vec<String> {
    (0..count).map(|second| user(session, second, &format!("line {second} of {session}"))).collect()
}

/// Returns the id of a session, a different one for each number.
pub fn id(number: u32) -> String {
    format!("{:08x}-0000-4000-8000-{number:012x}", number.wrapping_mul(0x9E37_79B1))
}

/// Returns a token of GitHub's shape that never was one, made from pieces.
pub fn github_token(seed: u64) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut body = String::from("a1");
    while body.len() < 36 {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        body.push(alphabet[(state >> 33) as usize % alphabet.len()] as char);
    }
    ["gh", "p_", &body].concat()
}

/// Packs text as one gzip member.
pub fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Packs text as one zstd frame.
pub fn zstd(text: &str) -> Vec<u8> {
    zstd::encode_all(text.as_bytes(), 3).unwrap()
}
