//! What a tool was asked to do and what came of it, short enough for people to read along.
//!
//! In come a tool's name and what it was called with, a result's text, an image's data; out go one line, a diff, the lines
//! worth a look. The files: [`mod@argument`] is what a call is about, [`mod@members`] all of it; [`mod@edits`] what it
//! changes in files, as a [`diff`], of which [`patch`]es are written in a text of their own; [`result`] is what came back; and
//! [`image`] says what a picture is.
//!
//! All text that comes out is as hostile as it came in: whoever shows it makes it harmless.

mod argument;
mod diff;
mod edits;
mod image;
mod members;
mod patch;
mod result;

pub(crate) use argument::{argument, tool_name};
pub(crate) use diff::{Edit, Line, Side};
pub(crate) use edits::edits;
pub(crate) use image::image_label;
pub(crate) use members::members;
pub(crate) use result::{beginning, exit_code, output, plain};
