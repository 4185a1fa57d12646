//! Tells text of two bytes a character by its first bytes: by its byte order mark, or by the zeros in it.

use super::wide::Order;

/// How wide the characters of an input are, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// More of it has to be seen.
    More,
    Narrow,
    Wide(Order),
    /// Four bytes a character.
    Wider,
}

/// Characters that settle it without a mark. Fewer do where a whole line of them, or all of the input, is wide.
const ENOUGH: usize = 8;
const ENOUGH_IN_A_LINE: usize = 4;

/// Bytes that are looked at for the pattern.
const LOOK_BYTES: usize = 512;

/// Bytes that are looked at for the pattern of four bytes a character.
const WIDER_BYTES: usize = 16;

/// Looks for a byte order mark, or the pattern of wide text: of the one byte of each pair many are zero (all of ASCII's),
/// of the other none. Decides as early as it can: a line of narrow text is never held back for long.
pub(crate) fn width(first: &[u8], is_end: bool) -> Width {
    match first {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Width::Wider,
        [0xff, 0xfe, _, _, ..] => return Width::Wide(Order::Little),
        [0xff, 0xfe, ..] if is_end => return Width::Wide(Order::Little),
        [0xfe, 0xff, ..] => return Width::Wide(Order::Big),
        [] | [0 | b'\n' | 0xff | 0xfe] | [0xff, 0xfe, ..] | [0, 0] | [0, 0, 0xfe] if !is_end => {
            return Width::More;
        }
        _ => {}
    }
    if (is_end || first.len() >= WIDER_BYTES) && is_wider(first) {
        return Width::Wider;
    }
    let (mut even, mut odd) = (0, 0);
    let bytes = &first[..first.len().min(LOOK_BYTES)];
    let is_whole = is_end || first.len() >= LOOK_BYTES;
    for (index, pair) in bytes.chunks(2).enumerate() {
        // A line without a zero is narrow; but what begins with a newline may begin with a wide one.
        let is_narrow_line = pair[0] == b'\n' && index > 0 && even + odd == 0;
        let (high, low) = match *pair {
            _ if is_narrow_line => return Width::Narrow,
            [high, low] => (high, low),
            _ if is_end => return verdict(even, odd, index, 2),
            _ => return Width::More,
        };
        even += usize::from(high == 0);
        odd += usize::from(low == 0);
        let units = index + 1;
        let least = match (high, low) {
            (b'\n', 0) | (0, b'\n') => ENOUGH_IN_A_LINE,
            // A newline of narrow text, or one half of an ideograph.
            (b'\n', _) | (_, b'\n') if units < ENOUGH || even + odd == 0 => return Width::Narrow,
            _ => ENOUGH,
        };
        if let wide @ Width::Wide(_) = verdict(even, odd, units, least) {
            return wide;
        }
    }
    if is_whole { verdict(even, odd, bytes.len() / 2, 2) } else { Width::More }
}

/// Decides by how many of the even and the odd bytes of `units` characters are zero: nearly all where there are few, and
/// enough to be the ASCII among other letters where there are more.
fn verdict(even: usize, odd: usize, units: usize, least: usize) -> Width {
    let tenths = if units < ENOUGH { 9 } else { 4 };
    let is_pattern = |zeros: usize, others: usize| zeros * 10 >= units * tenths && others * 50 <= units;
    match () {
        () if units < least => Width::Narrow,
        () if is_pattern(odd, even) => Width::Wide(Order::Little),
        () if is_pattern(even, odd) => Width::Wide(Order::Big),
        () => Width::Narrow,
    }
}

fn is_wider(first: &[u8]) -> bool {
    let units = || first.chunks_exact(4).take(WIDER_BYTES / 4);
    units().len() >= 2
        && (units().all(|unit| unit[0] != 0 && unit[1..] == [0; 3])
            || units().all(|unit| unit[3] != 0 && unit[..3] == [0; 3]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: [Order; 2] = [Order::Little, Order::Big];

    fn wide(text: &str, order: Order) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| order.bytes(unit)).collect()
    }

    #[test]
    fn wide_text_is_recognised_with_and_without_a_mark() {
        for order in ORDERS {
            for text in [
                "a line\r\nand one more",
                "hi",
                "\n\nempty lines first",
                "{\"text\":\"\u{4e0a}\u{6d77}\u{4e0a}\"}\n",
            ] {
                assert_eq!(width(&wide(text, order), true), Width::Wide(order), "{text:?}");
                let marked = [&order.mark()[..], &wide(text, order)].concat();
                assert_eq!(width(&marked, true), Width::Wide(order), "{text:?}");
            }
        }
        for text in [
            &b""[..],
            b"a",
            b"\0",
            b"a\0",
            b"\n",
            b"text\n",
            b"a\0b\n",
            b"\0\0\0\0\0\0\0\0{}\n",
            b"NUL \0 in text",
        ] {
            assert_eq!(width(text, true), Width::Narrow, "{text:?}");
        }
        let wider: Vec<u8> = "text".chars().flat_map(|char| u32::from(char).to_le_bytes()).collect();
        assert_eq!(width(&wider, true), Width::Wider);
    }
}
