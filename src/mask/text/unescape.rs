//! Undoes the escapes of JSON as often as there are any: what a value is, however deep it stands in strings of strings.

use crate::mask::text::json_string;
use zeroize::Zeroizing;

/// Returns `value` with JSON escapes undone as often as there are any, up to four levels.
pub(crate) fn unescape(value: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut plain = Zeroizing::new(value.to_vec());
    for _ in 0..4 {
        let mut decoded = Zeroizing::new(Vec::with_capacity(plain.len()));
        if !json_string::decode(&plain, &mut decoded, None) {
            break;
        }
        plain = decoded;
    }
    plain
}
