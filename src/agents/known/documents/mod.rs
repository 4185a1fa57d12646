//! Agents that write documents anew at each turn. In come paths and lines of our making; out come the documents of a
//! session and what these tell.
//!
//! The files in the order in which they are met: `editors` (where extensions of editors keep their files) and `told` (what
//! the lines of documents have in common), then an agent or a family each: `cline`, `amp`,
//! `openhands`, `cortex`, `deepseek`, `aider`, `copilot_chat`, whose `requests` say what was said. Those in `gemini_chats` and `copilot_history`
//! are what agents with appended transcripts wrote before.

mod aider;
mod amp;
mod cline;
mod copilot_chat;
pub(super) mod copilot_history;
mod cortex;
mod deepseek;
mod editors;
pub(super) mod gemini_chats;
mod openhands;
mod requests;
mod told;

pub(super) use aider::Aider;
pub(super) use amp::Amp;
pub(super) use cline::{CLINE, KILO, ROO};
pub(super) use copilot_chat::CopilotChat;
pub(super) use cortex::Cortex;
pub(super) use deepseek::DeepSeek;
pub(super) use openhands::OpenHands;
