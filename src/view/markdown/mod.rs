//! A session as Markdown, for notes, issues and reviews.
//!
//! In come a session's messages and parts in order; out goes a document that any viewer shows and none runs: what people and
//! models said is [`inert`], what tools were given and gave back stands in [`fence`]s that nothing in it ends. A
//! [`document`] joins them.

mod document;
mod fence;
mod inert;

pub(crate) use document::Document;
