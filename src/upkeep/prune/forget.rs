//! Lets sessions that were pruned be archived again.

use crate::archive::catalog::Catalog;
use crate::archive::ledger::pruned::{self, Pruned};
use crate::archive::ledger::removal;
use crate::archive::ledger::tombstone::Tombstone;
use crate::archive::store::Store;
use crate::archive::store::lock::IMPORT_WAIT;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::identity::Identity;

/// Forgets that these sessions were pruned, which are named by the beginnings of their ids; returns what was kept of them.
///
/// # Errors
///
/// [`Kind::Usage`] when an id begins like that of no pruned session, or like those of several: then nothing is forgotten.
pub(crate) fn forget(config: &Config, ids: &[String]) -> Result<Vec<Tombstone>> {
    let Some(store) = Store::open_existing(&config.store.path)? else {
        let first = ids.first().map(String::as_str).unwrap_or_default();
        return Err(unknown(first));
    };
    let _lock = store.lock_import(IMPORT_WAIT)?;
    let (mut catalog, _) = Catalog::open(&store)?;
    removal::finish(&store, &mut catalog)?;
    let pruned = Pruned::read(store.path())?;
    let mut named: Vec<&Tombstone> = Vec::new();
    for id in ids {
        let tombstone = one(&pruned, id)?;
        if !named.iter().any(|known| known.session() == tombstone.session()) {
            named.push(tombstone);
        }
    }
    // The catalog first: a row that were left would hide its source for ever.
    let identities: Vec<Identity> = named.iter().flat_map(|tombstone| tombstone.identities()).collect();
    catalog.forget_pruned(&identities)?;
    let sessions: Vec<Identity> = named.iter().map(|tombstone| tombstone.session()).collect();
    pruned::end(&store, &sessions, "forgotten")
}

fn one<'a>(pruned: &'a Pruned, id: &str) -> Result<&'a Tombstone> {
    let begins = |tombstone: &&Tombstone| {
        let start = tombstone.session_id.as_bytes().get(..id.len());
        !id.is_empty() && start.is_some_and(|start| start.eq_ignore_ascii_case(id.as_bytes()))
    };
    let found: Vec<&Tombstone> = pruned.all().iter().filter(begins).collect();
    let whole: Vec<&&Tombstone> =
        found.iter().filter(|tombstone| tombstone.session_id.eq_ignore_ascii_case(id)).collect();
    match (&found[..], &whole[..]) {
        ([], _) => Err(unknown(id)),
        ([one], _) => Ok(one),
        (_, [one]) => Ok(one),
        _ => Err(Error::new(Kind::Usage, format!("'{id}' could be {} pruned sessions", found.len()))
            .with_hint("write more of the id; sessionkeep list --pruned shows them")),
    }
}

fn unknown(id: &str) -> Error {
    Error::new(Kind::Usage, format!("no pruned session's id begins with '{id}'"))
        .with_hint("sessionkeep list --pruned shows what was pruned")
}
