//! A session as one page for a browser: it needs no other file, asks for nothing, and runs nothing of what was said in it.
//!
//! In come a heading and messages in order, out goes HTML in pieces. To be met in this order: [`mod@escape`] makes text
//! harmless, and everything of a transcript goes through it; [`highlight`] colours code, knowing [`languages`]; [`prose`] is
//! what prompts and answers are written in; an [`article`] is a message; a [`page`] holds them all, adds [`figures`], and may do
//! what its [`policy`] says, which names its script and style by their hashes; and [`source`] reads a stored session into one.

mod article;
pub(crate) mod escape;
mod figures;
mod highlight;
mod languages;
mod page;
mod policy;
mod prose;
mod source;

pub(crate) use article::Look;
pub(crate) use figures::Figures;
pub(crate) use page::{Write, head, number, script};
pub(crate) use policy::Assets;
pub(crate) use source::{Source, render};
