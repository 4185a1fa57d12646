//! Databases of SQLite, masked where they lie. In: the path of one that nobody has open. Out: what is masked in it.
//!
//! Met in this order: `masked` masks rows in one transaction and leaves nothing of what they held; `search_index` makes anew
//! what SQLite keeps of words beside rows; `retold` masks databases that say once more what sessions say.

mod masked;
mod retold;
mod search_index;

pub(super) use masked::mask;
pub(super) use retold::{Threads, count as count_retold, mask as mask_retold};
