//! Whatever the lines of a transcript are, whoever's it is: what they say is told without a panic, in order, and each text
//! stands on its line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sessionkeep::testing::agents::Said;

fuzz_target!(|data: &[u8]| {
    let Some((agent, text)) = data.split_first() else { return };
    let mut said = Said::default();
    said.tell(usize::from(*agent), text);
    said.check(text);
});
