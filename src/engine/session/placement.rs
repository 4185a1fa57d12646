//! Where an archive is to go.

use crate::archive::names::Place;

/// Where an archive is to go.
#[derive(Clone, Debug)]
pub(crate) enum Placement {
    /// In place of the one that is there.
    Replace(Place),
    /// To the first of these that no other session has.
    New(Vec<Place>),
}

impl Placement {
    /// Returns the path, relative to the store, of the first candidate.
    pub(crate) fn path(&self) -> String {
        self.candidates().first().map(Place::archive_path).unwrap_or_default()
    }

    /// Returns the directory, relative to the store, which all candidates share.
    pub(crate) fn directory(&self) -> String {
        self.candidates().first().map(|place| place.directory.clone()).unwrap_or_default()
    }

    pub(crate) fn candidates(&self) -> &[Place] {
        match self {
            Placement::Replace(place) => std::slice::from_ref(place),
            Placement::New(places) => places,
        }
    }
}
