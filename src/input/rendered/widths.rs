//! Which bytes of a value are text of two bytes a character.

use crate::input::pattern::{Width, width};
use crate::input::wide::{Narrower, Order};

/// Wide text of fewer characters is too short to hold a secret, and may be anything.
const LEAST_WIDE: usize = 6;

/// Returns the order of bytes that are text of two bytes a character: they say so, or nearly all of it can be read.
pub(crate) fn wide_text(bytes: &[u8]) -> Option<Order> {
    let Width::Wide(order) = width(bytes, true) else { return None };
    let is_marked = bytes.starts_with(&order.mark());
    let units = || bytes.chunks_exact(2).map(|pair| order.unit([pair[0], pair[1]]));
    let is_odd = |unit: &u16| *unit < 0x20 && !matches!(unit, 0x09 | 0x0a | 0x0d);
    let (count, odd) = (units().len(), units().filter(is_odd).count());
    let is_text = count >= LEAST_WIDE && odd * 8 <= count;
    let is_wide = || Narrower::new(order).push(bytes, &mut Vec::new()).is_ok();
    ((is_marked || is_text) && is_wide()).then_some(order)
}
