//! Finds session cookies and the like in `Cookie:` and `Set-Cookie:` headers, in whatever language they are written.

use crate::mask::context::found::Found;
use crate::mask::context::rules;
use crate::mask::context::values::quote::{self, Operator};
use crate::mask::context::values::{judge, value};

/// Cookies further behind the header's name are not looked at: below the masker's look-behind.
const MOST_HEADER_BYTES: usize = 3 << 10;

/// Shorter values are flags.
const LEAST_VALUE: usize = 16;

/// Parts of names of cookies that log somebody in.
const TELLING: &[&[u8]] =
    &[b"sess", b"token", b"auth", b"sid", b"jwt", b"csrf", b"remember", b"key", b"login", b"_ga_secret"];

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-%".contains(&byte)
}

/// Looks at the cookies after the word that ends at `end` (`Cookie`).
pub(crate) fn find(bytes: &[u8], end: usize, mut found: impl FnMut(Found)) {
    let Some(first) = first_pair(bytes, end) else { return };
    let last = (end + MOST_HEADER_BYTES).min(bytes.len());
    let mut at = first;
    while at < last {
        let name = bytes[at..last].iter().take_while(|&&byte| is_name_byte(byte)).count();
        // Cookies after another such word are read from there.
        let is_next = bytes[at..at + name].ends_with(b"ookie");
        if name == 0 || is_next {
            return;
        }
        let Some((Operator::Assign, value_at)) = quote::operator_at(bytes, at + name) else { return };
        let value = value::read_class(bytes, value_at, |byte| {
            byte > b' ' && !b"\";,'`<>$".contains(&byte) && byte.is_ascii()
        });
        let value_end = value.as_ref().map_or(value_at, |value| value.end);
        if let Some(value) = value
            && is_telling(&bytes[at..at + name])
            && judge::is_token(value.text(), LEAST_VALUE)
        {
            found((value.start, value.end, rules::COOKIE));
        }
        if bytes.get(value_end) != Some(&b';') {
            return;
        }
        at = quote::skip_blanks(bytes, value_end + 1);
    }
}

/// Where the first `name=value` begins: after `:`, `=` or a blank (`--cookie "..."`), and a quote.
fn first_pair(bytes: &[u8], end: usize) -> Option<usize> {
    let after_name = quote::quote_at(bytes, end).map_or(end, |(_, end)| end);
    let blank = quote::skip_blanks(bytes, after_name);
    let at = match quote::operator_at(bytes, blank) {
        Some((Operator::Colon | Operator::Assign | Operator::Comma, after)) => {
            quote::skip_blanks(bytes, after)
        }
        _ if blank > after_name => blank,
        _ => return None,
    };
    Some(quote::quote_at(bytes, at).map_or(at, |(_, end)| end))
}

fn is_telling(name: &[u8]) -> bool {
    TELLING.iter().any(|part| name.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part)))
}
