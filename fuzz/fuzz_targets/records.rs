//! Records of hostile bytes are identified and described without a panic, for every agent.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sessionkeep::testing::agents;
use std::path::Path;

fuzz_target!(|data: &[u8]| {
    let (name, text) = data.split_at(data.iter().position(|byte| *byte == 0).unwrap_or(0));
    let name = String::from_utf8_lossy(name);
    let path = Path::new("/home/me/.claude/projects/-a").join(name.trim_start_matches('/'));
    let guess = agents::guess_path(&path);
    let identified = agents::identify(&path, &guess, text);
    let middle = text.len() / 2;
    agents::describe(identified.agent, text, &text[middle..]);
    for agent in agents::registry() {
        agents::describe(agent.id(), &text[..middle], text);
    }
});
