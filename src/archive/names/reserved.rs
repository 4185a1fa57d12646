//! The file names that Windows keeps for devices, and that no file of a store has, so that it can be copied there.

/// Such names, whatever follows their first dot.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// Returns whether a name without dots is kept for a device: of either case, and `com` and `lpt` with one digit behind
/// them, as which Windows takes three raised ones, too.
pub(super) fn is_reserved(name: &str) -> bool {
    if !RESERVED.iter().any(|letters| name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(letters)))
    {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let (letters, rest) = name.split_at_checked(3).unwrap_or((&name, ""));
    match letters {
        "com" | "lpt" => {
            let mut rest = rest.chars();
            let is_digit = |digit: char| matches!(digit, '0'..='9' | '¹' | '²' | '³');
            rest.next().is_some_and(is_digit) && rest.next().is_none()
        }
        _ => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_devices_are_known_in_either_case_and_names_that_begin_so_are_not() {
        for name in ["con", "CON", "Prn", "aux", "nul", "com0", "COM1", "lpt9", "com¹", "LPT³"] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["", "co", "com", "lpt", "com10", "coma", "console", "null", "_con", "日本", "comé"] {
            assert!(!is_reserved(name), "{name}");
        }
    }
}
