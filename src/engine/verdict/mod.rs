//! Between scan and compression: what each source of a session is, and where its archive goes.
//!
//! In: a session whose blocks are all scanned. Out: a verdict on each of its sources, and the writers of the archives to
//! come. Met in this order: `settle` decides about the session, `judge` about one source, by `decide` (hashes alone) and
//! `masked` (what archives hold);
//! `former` lets parts go on under ids of older archives, `growth` says what is kept of old archives, `naming` what the new
//! ones are called, `header` what they say of themselves, `prepare` makes their writers, which gather in a `stage`; `log`
//! carries over what the archive of a rendered source holds.

pub(crate) mod decide;
pub(crate) mod former;
pub(crate) mod growth;
pub(crate) mod header;
pub(crate) mod judge;
mod log;
mod masked;
pub(crate) mod naming;
pub(crate) mod prepare;
pub(crate) mod settle;
mod stage;
