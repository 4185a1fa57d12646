//! Puts secrets into fuzz input at run time: they are made from recipes, so that no file holds one.

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Returns `length` characters that look random, the same for the same seed.
pub fn noise(seed: u64, length: usize) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ALPHABET[(state >> 33) as usize % ALPHABET.len()] as char
    };
    // Two digits and cases first: some rules want a mixture.
    "a1B2".chars().chain((4..length).map(|_| next())).take(length).collect()
}

/// Returns a secret of one of ten shapes.
pub fn secret(number: u8) -> String {
    let seed = u64::from(number);
    match number % 10 {
        0 => ["gh", "p_", &noise(seed, 36)].concat(),
        1 => ["AK", "IA", &noise(seed, 16).to_uppercase()].concat(),
        2 => ["sk-", "ant-", "api03-", &noise(seed, 93), "AA"].concat(),
        3 => ["gl", "pat-", &noise(seed, 20)].concat(),
        4 => ["xo", "xb-", "123456789012-123456789012-", &noise(seed, 24)].concat(),
        5 => ["AI", "za", &noise(seed, 35)].concat(),
        6 => format!("password=\"{}\"", noise(seed, 16)),
        7 => format!("postgres://user:{}@host/db", noise(seed, 18)),
        8 => ["ey", "JhbGciOiJIUzI1NiJ9.ey", "JzdWIiOiIxMjM0NTY3ODkwIn0.", &noise(seed, 43)].concat(),
        _ => format!(
            "-----BEGIN RSA {} KEY-----\n{}\n-----END RSA {} KEY-----",
            "PRIVATE",
            noise(seed, 64),
            "PRIVATE"
        ),
    }
}

/// Replaces every byte 1 and the byte after it by a secret.
pub fn expand(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut bytes = data.iter();
    while let Some(&byte) = bytes.next() {
        match (byte, out.len() < 1 << 20) {
            (1, true) => out.extend(secret(bytes.next().copied().unwrap_or(0)).into_bytes()),
            _ => out.push(byte),
        }
    }
    out
}
