//! Writes sessions out of the store into files that other programs open: which, where to, and only what changed.
//!
//! In come sessions and a [`form`]; out go files. To be met in this order: a form renders one session; [`names`] says what its
//! file is called; [`fingerprint`] tells whether it would come out as before, by what the [`manifest`] in the directory
//! remembers of last time; [`directory`] is where the files go, whole or not at all and never through a link; and [`mod@run`] does
//! it, on all threads. The forms: [`pages`] for a browser, [`documents`] in Markdown, and [`tables`] for
//! programs.

mod directory;
mod documents;
mod fingerprint;
mod form;
mod manifest;
mod names;
mod pages;
mod run;
mod tables;

pub(crate) use documents::Markdown;
pub(crate) use form::Form;
pub(crate) use names::file_name;
pub(crate) use pages::Html;
pub(crate) use run::{Done, Request, run, run_into_file, run_one};
pub(crate) use tables::Ndjson;
