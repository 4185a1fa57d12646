//! Says what a picture is without showing it.

use crate::report::units;
use crate::view::json::image_bytes;

/// Returns the kind and size of the picture `data`, base64 or an address, whose media type is `media`: `png, 12.0KiB`.
pub(crate) fn image_label(media: &str, data: &[u8]) -> String {
    let kind = match media {
        "" => data
            .strip_prefix(b"data:")
            .and_then(|rest| rest.split(|byte| matches!(byte, b';' | b',')).next())
            .and_then(|media| std::str::from_utf8(media).ok())
            .unwrap_or(""),
        media => media,
    };
    let kind = kind.strip_prefix("image/").unwrap_or(kind);
    let kind = if kind.is_empty() { "image" } else { kind };
    match image_bytes(data) {
        0 if data.is_empty() => kind.to_owned(),
        0 => format!("{kind} at {}", String::from_utf8_lossy(data)),
        bytes => format!("{kind}, {}", units::size(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_told_by_kind_and_size_or_by_its_address() {
        for (media, data, expected) in [
            ("image/png", "AAAA", "png, 3B"),
            ("", "data:image/jpeg;base64,AAAA", "jpeg, 3B"),
            ("", "", "image"),
            ("image/png", "https://x/y.png", "png at https://x/y.png"),
            ("application/pdf", "AAAAAAAA", "application/pdf, 6B"),
        ] {
            assert_eq!(image_label(media, data.as_bytes()), expected);
        }
    }
}
