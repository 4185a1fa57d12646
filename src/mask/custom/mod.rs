//! What the user adds and allows: `mask_patterns`, `mask_literals`, `allow_literals`, `allow_patterns`. In come texts of
//! the configuration, then windows; out come matches, replacements, and what may stay.
//!
//! In the order in which they are met: [`syntax`] (regexes compiled within limits), [`template`] (replacement texts),
//! [`spellings`] (ways in which a literal may stand), [`regions`] (lines, and pieces of long ones), [`rules`] (the search),
//! [`allow`].

mod allow;
mod regions;
mod rules;
mod spellings;
mod syntax;
mod template;

pub(crate) use allow::Allowed;
pub(crate) use rules::Custom;
