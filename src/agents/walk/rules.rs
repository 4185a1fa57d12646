//! What a walk looks for: by the rules of an agent's own tree, or by others.

use std::path::Path;

use super::left_alone::LeftAlone;
use crate::agents::agent::{Agent, Recognised};
use crate::agents::found::Guess;
use crate::agents::names::{PathTail, guess_name, is_companion_name, is_transcript_name};

/// What a walk looks for.
pub(crate) trait Rules: Sync {
    /// Returns whether a file of this name can belong, whatever its directory. Only such files cost anything.
    fn is_candidate(&self, name: &[u8]) -> bool;

    /// Returns the guess for the file at `path`, or nothing if it does not belong.
    fn guess(&self, path: &Path) -> Option<Guess>;

    /// Returns whether any file in the directory at `path` can belong, whatever its name.
    fn takes_any_name(&self, _directory: &Path) -> bool {
        false
    }

    /// Returns whether to look into the directory at `path`.
    fn enters(&self, _path: &Path) -> bool {
        true
    }

    /// Returns whether links directly below a root are followed, and those that are not are named whatever they are
    /// called; else only links named like a candidate count.
    fn follows_links(&self) -> bool {
        false
    }

    /// Returns why a regular file that there is no guess for is left alone.
    fn why_left_alone(&self, path: &Path) -> LeftAlone {
        LeftAlone::by_name(path.file_name().unwrap_or_default().as_encoded_bytes())
    }
}

/// The rules of an agent's own tree: what it recognises, and any other file that ends like a transcript.
pub(crate) struct OfAgent<'a>(pub &'a dyn Agent);

impl Rules for OfAgent<'_> {
    fn is_candidate(&self, name: &[u8]) -> bool {
        is_transcript_name(name) || is_companion_name(name)
    }

    fn guess(&self, path: &Path) -> Option<Guess> {
        let tail = PathTail::new(path);
        match self.0.recognise(&tail) {
            Some(Recognised::Ours(guess)) => Some(guess),
            Some(Recognised::NotATranscript) => None,
            None if is_transcript_name(tail.name()) => {
                Some(Guess { agent: Some(self.0.id()), ..guess_name(path) })
            }
            None => None,
        }
    }

    fn takes_any_name(&self, directory: &Path) -> bool {
        self.0.takes_any_name(&PathTail::new(directory))
    }

    fn enters(&self, path: &Path) -> bool {
        self.0.enters(&PathTail::new(path))
    }

    fn follows_links(&self) -> bool {
        true
    }
}
