//! What lies beside a transcript and in the names of its directories: documents that agents keep of a session, directories
//! in percent encoding, and `file:` URLs. In comes a path or a name; out come text and forms.

use std::borrow::Cow;
use std::path::Path;

use crate::agents::agent::Form;
use crate::agents::settings;
use crate::recipe::Shape;

/// What the names of documents end with that are written anew whenever something in them changes.
const DOCUMENTS: [&str; 6] = ["json", "meta", "toml", "yaml", "yml", "md"];

/// Returns what a file is that lies beside a transcript: a small document, of which each state is kept as a line, or text
/// that grows.
pub(super) fn form(path: &Path) -> Form {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension.is_some_and(|extension| DOCUMENTS.contains(&extension)) {
        true => Form::Documents(vec![(path.to_path_buf(), Shape::Whole)]),
        false => Form::Text,
    }
}

/// Returns the text of a document; `None` where there is no regular file of an honest size, or no text in it.
pub(super) fn read(path: &Path) -> Option<String> {
    settings::read(path)
}

/// Returns `text` with its percent encoding resolved (RFC 3986, section 2.1); `None` if it has none.
pub(super) fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut rest, mut is_encoded) = (text.as_bytes(), false);
    while let Some((first, after)) = rest.split_first() {
        let digits =
            after.get(..2).filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let byte = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
        is_encoded |= byte.is_some();
    }
    if is_encoded { String::from_utf8(bytes).ok().map(Cow::Owned) } else { None }
}

/// Returns `text` in percent encoding, as JavaScript's `encodeURIComponent` gives it.
pub(super) fn percent_encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    let encoded = |byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encoded).collect()
}

/// Returns the path in a URL of a file or of one on another machine: what follows the authority.
pub(super) fn path_of_url(url: &str) -> Option<String> {
    let (_, after) = url.split_once("://")?;
    let path = &after[after.find('/')?..];
    let path = percent_decoded(path).map_or_else(|| path.to_owned(), Cow::into_owned);
    // `/c:/x`: a drive of Windows.
    let is_drive = path.as_bytes().get(2) == Some(&b':') && path.as_bytes()[1].is_ascii_alphabetic();
    Some(if is_drive { path[1..].to_owned() } else { path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_is_decoded_and_nothing_else() {
        for (encoded, plain) in
            [("%2Fhome%2Fme", "/home/me"), ("my%20app", "my app"), ("100%25%", "100%%"), ("%d0%b6", "ж")]
        {
            assert_eq!(percent_decoded(encoded).as_deref(), Some(plain), "{encoded}");
        }
        for other in ["-home-me", "%", "%2", "%zz", "%ff"] {
            assert_eq!(percent_decoded(other), None, "{other}");
        }
        let path = "/home/me/my app (ж)";
        assert_eq!(percent_decoded(&percent_encoded(path)).as_deref(), Some(path));
        assert_eq!(percent_encoded("/a_b-c"), "%2Fa_b-c");
    }

    #[test]
    fn a_url_has_a_path_behind_its_authority() {
        for (url, path) in [
            ("file:///work/vs", Some("/work/vs")),
            ("file:///c%3A/Users/me", Some("c:/Users/me")),
            ("vscode-remote://wsl%2Bubuntu/home/me/x%20y", Some("/home/me/x y")),
            ("file:/x", None),
            ("file://host", None),
            ("", None),
        ] {
            assert_eq!(path_of_url(url).as_deref(), path, "{url}");
        }
    }
}
