//! The store's tests: what may be one and what is made in it, and the races of publishing.

mod commit;
mod store;
