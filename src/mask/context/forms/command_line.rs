//! Finds passwords on command lines, where no key name tells them: `curl -u user:V`, `mysql -pV`, `sshpass -p V`,
//! `redis-cli -a V`, `ConvertTo-SecureString "V"`, and SQL's `IDENTIFIED BY 'V'`.

use crate::mask::context::found::Found;
use crate::mask::context::rules;
use crate::mask::context::values::value::{self, LastEnd, Value};
use crate::mask::context::values::{judge, quote};

/// So far before an option its command may stand.
const MOST_COMMAND_BYTES: usize = 240;

/// The part of the same shell command before `at`.
fn command_before(bytes: &[u8], at: usize) -> &[u8] {
    let before = &bytes[at.saturating_sub(MOST_COMMAND_BYTES)..at];
    let cut = before
        .windows(2)
        .rposition(|pair| {
            pair == b"\\n" || pair == b"&&" || pair[1] == b'\n' || pair[1] == b'|' || pair[1] == b';'
        })
        .map_or(0, |position| position + 2);
    &before[cut..]
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// Reads an argument, quoted or not.
fn argument(bytes: &[u8], at: usize, last: &mut LastEnd) -> Option<Value> {
    match quote::quote_at(bytes, at) {
        Some((quote, end)) => value::read_quoted(bytes, end, quote),
        None => value::read_unquoted(bytes, at, last),
    }
}

/// `-u user:V`, `--user user:V`; the option ends at `end`.
pub(crate) fn find_user(bytes: &[u8], start: usize, end: usize) -> Option<Found> {
    let mut at = quote::skip_blanks(bytes, end);
    if bytes.get(at) == Some(&b'=') && at == end {
        at += 1;
    }
    if at == end && bytes[start..end] != *b" -u" {
        return None;
    }
    at = quote::quote_at(bytes, at).map_or(at, |(_, end)| end);
    let user = bytes
        .get(at..)?
        .iter()
        .take(80)
        .take_while(|&&b| b.is_ascii_alphanumeric() || b"_.@%+-\\".contains(&b))
        .count();
    if bytes.get(at + user) != Some(&b':') {
        return None;
    }
    let command = command_before(bytes, start);
    let is_web = [&b"curl"[..], b"http", b"wget", b"fetch"].iter().any(|name| contains(command, name));
    let value = value::read_class(bytes, at + user + 1, |byte| byte > b' ' && !b"\"'`".contains(&byte));
    let Some(value) = value else {
        // `-u TOKEN:`: the token is the user.
        let token = value::read_class(&bytes[..at + user], at, |_| true)?;
        return (is_web && judge::is_token(token.text(), 16)).then_some((
            token.start,
            token.end,
            rules::COMMAND_LINE,
        ));
    };
    let text = value.text();
    let is_id = text.iter().all(u8::is_ascii_digit);
    let is_certain = if is_web {
        judge::is_password(text, 4) && text != &bytes[at..at + user]
    } else {
        judge::is_token(text, 8) && !contains(text, b"/")
    };
    (is_certain && !is_id).then_some((value.start, value.end, rules::COMMAND_LINE))
}

/// `-pV` of the MySQL tools; `-p V` of tools that log in. The option ends at `end`.
pub(crate) fn find_password(bytes: &[u8], start: usize, end: usize, last: &mut LastEnd) -> Option<Found> {
    let next = *bytes.get(end)?;
    if bytes.get(quote::skip_blanks(bytes, end)) == Some(&b'-') {
        return None;
    }
    let command = command_before(bytes, start);
    let is_mysql = || contains(command, b"mysql") || contains(command, b"mariadb");
    let is_login = || {
        [
            &b"sshpass"[..],
            b" login",
            b"mongo",
            b"plink",
            b"pscp",
            b"psftp",
            b"cf auth",
            b"rabbitmq",
            b"sqlplus",
            b"bcp ",
        ]
        .iter()
        .any(|name| contains(command, name))
    };
    let at = match next {
        b' ' | b'=' if is_login() => quote::skip_blanks(bytes, end + usize::from(next == b'=')),
        b' ' | b'=' => return None,
        _ if is_mysql() || contains(command, b"sshpass") => end,
        _ => return None,
    };
    let value = argument(bytes, at, last)?;
    let text = value.text();
    let is_option = text.starts_with(b"-") || text.iter().all(u8::is_ascii_digit) && text.len() < 6;
    (!is_option && judge::is_password(text, 4)).then_some((value.start, value.end, rules::COMMAND_LINE))
}

/// `redis-cli ... -a V`; the command's name ends at `end`.
pub(crate) fn find_redis(bytes: &[u8], end: usize, last: &mut LastEnd) -> Option<Found> {
    let rest = &bytes[end - 1..(end + 160).min(bytes.len())];
    let line = rest
        .iter()
        .position(|&byte| matches!(byte, b'\\' | b'\n' | b'|' | b';'))
        .map_or(rest, |cut| &rest[..cut]);
    let flag = line.windows(4).position(|window| window == b" -a ")?;
    let value = argument(bytes, quote::skip_blanks(bytes, end - 1 + flag + 4), last)?;
    judge::is_password(value.text(), 4).then_some((value.start, value.end, rules::COMMAND_LINE))
}

/// `ConvertTo-SecureString "V"`; the cmdlet's name ends at `end`.
pub(crate) fn find_secure_string(
    bytes: &[u8],
    start: usize,
    end: usize,
    last: &mut LastEnd,
) -> Option<Found> {
    if !bytes[..start].ends_with(b"ConvertTo-") {
        return None;
    }
    let mut at = quote::skip_blanks(bytes, end);
    for option in [&b"-String"[..], b"-AsPlainText", b"-Force"] {
        if bytes[at..].starts_with(option) {
            at = quote::skip_blanks(bytes, at + option.len());
        }
    }
    if at == end {
        return None;
    }
    let value = argument(bytes, at, last)?;
    let is_option = value.text().starts_with(b"-");
    (!is_option && judge::is_password(value.text(), 5)).then_some((
        value.start,
        value.end,
        rules::COMMAND_LINE,
    ))
}

/// `IDENTIFIED BY 'V'`; the first word ends at `end`.
pub(crate) fn find_identified(bytes: &[u8], end: usize) -> Option<Found> {
    let mut at = quote::skip_blanks(bytes, end);
    for (word, is_needed) in [(&b"by"[..], true), (b"password", false)] {
        let is_there = bytes.get(at..at + word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word));
        if is_there {
            at = quote::skip_blanks(bytes, at + word.len());
        } else if is_needed {
            return None;
        }
    }
    let (quote, value_at) = quote::quote_at(bytes, at)?;
    // "the widget identified by `selector`" is prose: SQL quotes no text like this.
    if quote.byte == b'`' {
        return None;
    }
    let value = value::read_quoted(bytes, value_at, quote)?;
    judge::is_password(value.text(), 6).then_some((value.start, value.end, rules::COMMAND_LINE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_before_a_secure_string_are_passed_over() {
        let value = ["a1B2c3", "D4e5F6"].concat();
        for options in ["", "-String ", "-AsPlainText -Force ", "-String  -Force "] {
            let text = format!("ConvertTo-SecureString {options}\"{value}\"");
            let found = find_secure_string(text.as_bytes(), 10, 22, &mut LastEnd::default());
            assert_eq!(found.map(|(start, end, _)| &text[start..end]), Some(value.as_str()), "{text}");
        }
    }
}
