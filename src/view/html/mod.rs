//! A session as one page for a browser: it needs no other file, asks for nothing, and runs nothing of what was said in it.
//!
//! In come a heading and messages in order, out goes HTML in pieces. To be met in this order: [`mod@escape`] makes text
//! harmless, and everything of a transcript goes through it; [`highlight`] colours code, knowing [`languages`]; [`markdown`] is
//! what prompts and answers are written in; a [`message`] is an article; a [`page`] holds them all, adds [`counts`], and may do
//! what its [`policy`] says, which names its script and style by their [`sha256`]; and [`session`] reads a stored session into one.

mod counts;
pub(crate) mod escape;
mod highlight;
mod languages;
mod markdown;
mod message;
mod page;
mod policy;
mod session;
mod sha256;

pub(crate) use counts::Counts;
pub(crate) use message::Look;
pub(crate) use page::{Write, head, number, script};
pub(crate) use policy::Assets;
pub(crate) use session::{Source, render};
