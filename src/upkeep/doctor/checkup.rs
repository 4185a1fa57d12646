//! One checkup: everything that there is to look at, in its order.

use super::callers::stopped::Times;
use super::callers::{hooks, schedules, setup};
use super::growth::{self, Growth};
use super::left_alone::Wanted;
use super::mains::Mains;
use super::never_quiet::{self, Waiting};
use super::point::Points;
use super::unarchived::{self, Sessions};
use super::{sessions, store};
use crate::agents::Found;
use crate::archive::catalog::snapshot::Snapshot;
use crate::archive::content_hash::HashKey;
use crate::archive::store::Store;
use crate::config::Config;
use crate::error::Error;
use crate::mask::{Masker, Options};
use crate::platform::clock;
use std::sync::LazyLock;

/// How many of a point's details are shown to whom does not ask for all.
const FEW: usize = 3;

/// What was looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checkup {
    pub points: Points,
    /// What each agent has that has anything.
    pub sessions: Vec<Sessions>,
    /// The sessions that are never quiet and wait to be archived.
    pub waiting: Vec<Waiting>,
    /// Of the store, if there is one.
    pub growth: Option<Growth>,
    /// What a setup would still do, a phrase each.
    pub left_for_setup: Vec<String>,
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Only what may be something to do.
    ToDo,
    /// Everything; of what is left alone, a few files.
    Usual,
    /// Everything, and all files.
    All,
}

/// Looks at everything. `config` is the one in use, or its stand-in if `broken` says why it cannot be used. How
/// much is looked at is the `scope`.
pub(crate) fn run(config: &Config, broken: Option<&Error>, scope: Scope) -> Checkup {
    let mut checkup = Checkup::default();
    let environment = &config.environment;
    store::configuration(config, broken, &mut checkup.points);
    let has_store = store::directory(config, &mut checkup.points);
    let snapshot = if has_store { store::catalog(config, &mut checkup.points) } else { Snapshot::default() };
    let key = Store::key_of(&config.store.path).unwrap_or(HashKey::new([0; 32]));
    if has_store {
        store::pending_work(config, &mut checkup.points);
    }
    let now_ns = clock::nanoseconds();
    let masker = LazyLock::new(|| Masker::new(&config.masking).or_else(|_| Masker::new(&Options::default())));
    let mask = |name: &str| {
        masker.as_ref().map_or("a name that could not be masked".to_owned(), |m| m.mask_name(name))
    };
    let shown = match scope {
        Scope::ToDo => 0,
        Scope::Usual => FEW,
        Scope::All => usize::MAX,
    };
    let wanted = Wanted { files: shown, mask: &mask };
    let mut mains = Mains::default();
    let mut times = Times::default();
    let mut each = |found: &Found| {
        mains.take(found);
        times.take(found);
    };
    checkup.sessions = unarchived::find(environment, &snapshot, &key, now_ns, &wanted, &mut each);
    checkup.waiting = never_quiet::find(config, &checkup.sessions, &snapshot, &key, now_ns);
    let has_sessions = checkup.sessions.iter().any(|sessions| sessions.files > 0);
    if !has_store && !has_sessions && config.store.path.symlink_metadata().is_err() {
        store::not_needed(&mut checkup.points);
    }
    if scope != Scope::ToDo {
        checkup.left_for_setup = setup::left(config);
        setup::point(&checkup.left_for_setup, &mut checkup.points);
    }
    let hooked = hooks::points(config, environment, &mut checkup.points);
    times.points(config, &hooked, now_ns, &mut checkup.points);
    let by_hook: Vec<&str> = hooked.iter().map(|hooked| hooked.agent).collect();
    schedules::point(config, environment, &by_hook, &checkup.sessions, &mut checkup.points);
    sessions::points(config, &checkup.sessions, now_ns, &mut checkup.points);
    sessions::deletions(config, &checkup.sessions, &mut checkup.points);
    if has_store && has_sessions {
        sessions::agents(config, &checkup.sessions, &mut checkup.points);
    }
    checkup.points.0.extend(never_quiet::point(&checkup.waiting, config, now_ns));
    checkup.points.0.extend(mains.point(config, &snapshot));
    if has_store {
        let today = growth::today();
        let growth = growth::look(&config.store.path, today);
        growth::point(&growth, config, today, &mut checkup.points);
        checkup.growth = Some(growth);
    }
    sessions::not_archived(config, &checkup.sessions, shown, &mut checkup.points);
    checkup
}
