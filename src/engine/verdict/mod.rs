//! Between scan and compression: what each source of a session is, and where its archive goes.

pub(crate) mod decide;
pub(crate) mod former;
pub(crate) mod growth;
pub(crate) mod header;
pub(crate) mod judge;
pub(crate) mod naming;
pub(crate) mod prepare;
pub(crate) mod settle;
