//! What an agent hands to its hook is read without a panic, whole or in pieces, and survives being left as a marker.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sessionkeep::testing::agents::parse_payload;
use sessionkeep::testing::agents::{HookInput, ValueEnd, complete_json_value};

fuzz_target!(|data: &[u8]| {
    let whole = complete_json_value(data);
    for size in [1, 3, 64] {
        let (mut end, mut found) = (ValueEnd::default(), None);
        for piece in data.chunks(size) {
            found = end.push(piece);
            if found.is_some() {
                break;
            }
        }
        assert_eq!(found, whole, "pieces of {size} bytes end elsewhere");
        let mut input = HookInput::default();
        let is_whole = data.chunks(size).any(|piece| input.push(piece));
        assert_eq!(is_whole, whole.is_some(), "what is kept of pieces of {size} bytes ends elsewhere");
        assert_eq!(input.kept(), &data[..whole.unwrap_or(data.len())]);
    }
    if let Ok(payload) = parse_payload(data) {
        let marker = serde_json::to_vec(&payload.members()).unwrap();
        let again = parse_payload(&marker).expect("our own marker is a payload");
        assert_eq!(serde_json::to_vec(&again.members()).unwrap(), marker);
    }
});
