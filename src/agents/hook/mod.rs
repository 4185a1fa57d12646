//! What agents hand to hooks. In come the bytes of a payload as they arrive; out comes which session it is about.
//!
//! The files in the order in which they are met: [`input`] keeps of the bytes what may matter, [`payload`] reads that.

mod input;
mod payload;

pub use input::{HookInput, ValueEnd, complete_json_value};
pub use payload::parse_payload;
pub(crate) use payload::{Event, Payload};
