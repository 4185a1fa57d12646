//! Where archives go: what a session's archive is called, and its parts' beside it, whichever of them comes first.
//!
//! A session's transcript may be archived long after its parts, or never be written at all. So the parts of one session
//! share one directory, named as its archive would be, and a transcript that appears later takes the name that the
//! directory has.

use super::decide::Decision;
use crate::agents;
use crate::archive::catalog::snapshot::identity_key;
use crate::archive::names::{self, Place};
use crate::archive::reader::Archive;
use crate::archive::sidecar::Sidecar;
use crate::archive::tree::{Item, Walk};
use crate::engine::Engine;
use crate::engine::session::placement::Placement;
use crate::engine::session::work::{Session, Work};
use crate::identity::{self, Identity};
use crate::platform::sync::lock;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::Path;

/// Chooses where a source's archive goes: where the session is already, else by its start, project and id.
pub(crate) fn place_of(engine: &Engine, session: &Session, work: &Work, decision: &Decision) -> Placement {
    let verdict = work.verdict();
    match *decision {
        Decision::Grown { version } => return Placement::Replace(verdict.versions[version].place()),
        Decision::Rewritten { .. } => {
            let next = verdict.versions.iter().map(|version| version.number).max().unwrap_or(0) + 1;
            return Placement::New(vec![verdict.versions[0].place().with_version(next)]);
        }
        Decision::New | Decision::Same { .. } | Decision::Copy | Decision::Pruned { .. } => {}
    }
    let places = session_places(engine, session, work);
    match &work.identity.part_id {
        None => Placement::New(places),
        Some(part_id) => {
            // The second for a file system that takes `A` and `a` for one name.
            let names = [part_id.clone(), identity::of_namesake(part_id, part_id.as_bytes())];
            let first = places.into_iter().next();
            Placement::New(
                first.iter().flat_map(|place| names.iter().map(|name| place.of_part(name, 1))).collect(),
            )
        }
    }
}

/// Returns where the session that `work` belongs to is or may go, the best place first; the same for all its works.
fn session_places(engine: &Engine, session: &Session, work: &Work) -> Vec<Place> {
    let identity = work.verdict().identity.session();
    let mut chosen = lock(&session.places);
    if let Some((_, places)) = chosen.iter().find(|(known, _)| *known == identity) {
        return places.clone();
    }
    let named = || named_places(engine, session, work, &identity);
    let is_new = transcript(session).is_some_and(|main| *main.decision() == Decision::New);
    let places = match engine.places.of_session(&engine.history, &identity) {
        None => free_places(engine, &identity, named()),
        // In case that what its parts lie beside is another session's archive.
        Some(place) if is_new => {
            [place.clone()].into_iter().chain(named().into_iter().filter(|named| *named != place)).collect()
        }
        Some(place) => vec![place],
    };
    chosen.push((identity, places.clone()));
    places
}

/// Returns the places that a session's start, project and id give it.
fn named_places(engine: &Engine, session: &Session, work: &Work, identity: &Identity) -> Vec<Place> {
    let main = transcript(session);
    let started = main.and_then(|main| times(session, main).0).unwrap_or_else(|| match main {
        Some(main) if !tells_nothing(main) => modified(main),
        _ => first_start(session),
    });
    let slug = project_slug(engine, session, main.unwrap_or(work));
    let started = started.to_zoned(TimeZone::system()).datetime();
    names::short_ids(&identity.agent, &identity.session_id)
        .iter()
        .map(|short_id| Place::of_session(started, &slug, short_id, 1))
        .collect()
}

/// Leaves out the places that another session has, as far as it can be seen, and takes the best of the others.
fn free_places(engine: &Engine, identity: &Identity, mut places: Vec<Place>) -> Vec<Place> {
    let key = identity_key(identity);
    let is_free = |place: &Place| {
        !is_of_another(&engine.history.root, place, identity) && engine.places.take(place, key)
    };
    // Without any, the committer says what is in the way.
    if let Some(at) = places.iter().position(is_free) {
        places.drain(..at);
    }
    places
}

/// Returns whether there is an archive at `place`, or a part beside it, of another session than `identity`.
fn is_of_another(root: &Path, place: &Place, identity: &Identity) -> bool {
    let whose = |path: &Path| Archive::open(path).ok()?.header().map(|header| header.identity.session());
    let archive = root.join(place.archive_path());
    if std::fs::symlink_metadata(&archive).is_ok() {
        return match whose(&archive) {
            Some(other) => other != *identity,
            // An archive of sessionkeep 0.4 does not say itself whose it is.
            None => sidecar_id(root, place).is_none_or(|id| id != identity.session_id),
        };
    }
    let directory = root.join(place.parts_directory());
    let mut names = Vec::new();
    // The first level tells: what lies below it was put there by another program.
    let _listed = Walk::of_parts(&directory).next(&mut |_, name, item| {
        if matches!(item, Item::Archive { .. }) {
            names.push(directory.join(name));
        }
    });
    let first = names.iter().find_map(|path| whose(path));
    first.is_some_and(|other| other != *identity)
}

fn sidecar_id(root: &Path, place: &Place) -> Option<String> {
    let sidecar = Sidecar::read(std::fs::File::open(root.join(place.sidecar_path())).ok()?).ok()??;
    Some(identity::safe_id(&sidecar.session_id))
}

fn transcript(session: &Session) -> Option<&Work> {
    session.works.iter().find(|work| work.identity.part_id.is_none())
}

fn parts(session: &Session) -> impl Iterator<Item = &Work> + Clone {
    session.works.iter().filter(|work| work.identity.part_id.is_some())
}

/// Returns whether a transcript says no more of when and where its session was than a missing one.
fn tells_nothing(main: &Work) -> bool {
    main.description.started_at.is_none() && main.description.cwd.is_none()
}

/// Returns when what a source tells of began and ended. A transcript that knows no times has those of its parts.
pub(crate) fn times(session: &Session, work: &Work) -> (Option<Timestamp>, Option<Timestamp>) {
    let of_all = |times: fn(&Work) -> Option<Timestamp>| parts(session).filter_map(times);
    match (work.description.started_at, work.description.ended_at) {
        (None, None) if work.identity.part_id.is_none() => {
            (of_all(|work| work.description.started_at).min(), of_all(|work| work.description.ended_at).max())
        }
        told => told,
    }
}

/// Returns when a source's file was last written to.
fn modified(work: &Work) -> Timestamp {
    let modified = i128::from(work.planned.found.stamp.modified_ns());
    Timestamp::from_nanosecond(modified).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Returns the start of a session without a transcript: the first time that a part tells, else when the first of their
/// files was last written to.
fn first_start(session: &Session) -> Timestamp {
    let told = session.works.iter().filter_map(|work| work.description.started_at).min();
    told.or_else(|| session.works.iter().map(modified).min()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Returns the project of the session that `work` belongs to, as names have it.
pub(crate) fn project_slug(engine: &Engine, session: &Session, work: &Work) -> String {
    if let Some(project) = &engine.settings.project {
        return names::slug(&engine.masker.mask_name(project));
    }
    let parent = || {
        let parent =
            work.planned.found.locator.path().parent().filter(|_| engine.settings.names_by_directory);
        parent.map(|parent| parent.to_string_lossy().into_owned())
    };
    let named = || match transcript(session).is_none_or(tells_nothing) {
        true => parts(session).find_map(project_directory),
        false => None,
    };
    let cwd = session_cwd(session).map(str::to_owned).or_else(named).or_else(parent).unwrap_or_default();
    // Masked before it is reduced to a name's characters, by which a secret could slip through its rule.
    let last = cwd.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or("");
    names::slug(&session.masked(&engine.masker, last))
}

/// Returns the directory that a session was in, as its sources tell, the transcript first.
pub(crate) fn session_cwd(session: &Session) -> Option<&str> {
    let main = transcript(session).and_then(|main| main.description.cwd.as_deref());
    let any = || session.works.iter().find_map(|work| work.description.cwd.as_deref());
    main.or_else(|| parts_cwd(session)).or_else(any)
}

/// Returns the directory that a session was in, as its parts tell. Subagents may have been sent to directories of their
/// own: the one counts that the session's project is named after.
pub(crate) fn parts_cwd(session: &Session) -> Option<&str> {
    let mut told = parts(session).filter_map(|work| Some((work, work.description.cwd.as_deref()?)));
    let (first, is_named) = (told.clone().next(), |(work, cwd): &(&Work, &str)| {
        project_directory(work)
            .is_some_and(|project| agents::project_name(&work.identity.agent, cwd) == Some(project))
    });
    told.find(is_named).or(first).map(|(_, cwd)| cwd)
}

/// Returns what the directory of a project is called that holds the one named after the session of a part, at whatever
/// distance its agent keeps it.
fn project_directory(work: &Work) -> Option<String> {
    let id = work.identity.session_id.as_str();
    let names = work.planned.found.locator.path().ancestors().skip(1).filter_map(Path::file_name);
    let mut above = names.skip_while(|name| !name.eq_ignore_ascii_case(id)).skip(1);
    let project = above.find(|name| !name.to_str().is_some_and(agents::is_given_name))?;
    Some(project.to_string_lossy().into_owned())
}
