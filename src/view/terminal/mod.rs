//! A session as text for a terminal, or for a pipe that may end at one.
//!
//! In come a session's messages and parts in order; out goes text in which nothing of theirs is obeyed by a terminal. To be
//! met in this order: a [`style`] is colours, width and how text becomes harmless; [`speech`] is what somebody said, with
//! its Markdown made easy to read; [`tool`] is a call and what came back; and a [`page`] joins them.

mod page;
mod speech;
mod style;
mod tool;

pub(crate) use page::Page;
pub(crate) use style::{Colors, Style};
