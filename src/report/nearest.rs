//! The name that somebody may have meant who wrote another. Knows no names itself.

/// Longer words are names of nothing that anybody types by hand.
const MOST_CHARACTERS: usize = 64;

/// Returns the one of `known` that is nearest to `written`: what begins with it or what it begins with, else what differs
/// by few mistakes of the fingers. `None` if none is near. Case plays no part.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    several(written, known, 1).into_iter().next()
}

/// Returns up to `most` of `known` that are near `written`, the nearest first, each once.
pub(crate) fn several<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Vec<&'a str> {
    let wanted: Vec<char> = written.to_lowercase().chars().collect();
    if wanted.is_empty() || wanted.len() > MOST_CHARACTERS {
        return Vec::new();
    }
    let mut near: Vec<(usize, &str)> =
        known.into_iter().filter_map(|name| Some((distance(&wanted, name)?, name))).collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(most).map(|(_, name)| name).collect()
}

/// Returns how far `name` is from what was written; `None` if too far to be meant.
fn distance(wanted: &[char], name: &str) -> Option<usize> {
    let name: Vec<char> = name.chars().take(MOST_CHARACTERS + 1).flat_map(char::to_lowercase).collect();
    let mistakes = mistakes(wanted, &name);
    let is_beginning = wanted.len() >= 2 && name.len() >= 2 && {
        let shorter = wanted.len().min(name.len());
        wanted[..shorter] == name[..shorter]
    };
    // A letter in three may be wrong: of "codx" one, of "claud-cod" three.
    let most = (wanted.len().max(name.len()) / 3).max(1);
    match (mistakes <= most && mistakes < wanted.len(), is_beginning) {
        (_, true) => Some(mistakes.min(most)),
        (true, false) => Some(mistakes),
        (false, false) => None,
    }
}

/// Returns how many letters must be added, left out, changed, or swapped with their neighbour (optimal string alignment).
fn mistakes(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, b) in other.iter().enumerate() {
            let changed = last[column] + usize::from(a != b);
            let mut least = changed.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *a == other[column - 1] && one[row - 1] == *b {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut last, current);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_of_the_fingers_are_understood() {
        let names = ["codex", "claude-code", "gemini", "cursor", "copilot"];
        for (written, meant) in [
            ("codx", Some("codex")),
            ("cdoex", Some("codex")),
            ("claude", Some("claude-code")),
            ("Claude-Cod", Some("claude-code")),
            ("gemni", Some("gemini")),
            ("copliot", Some("copilot")),
            ("nothing-like-it", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, names), meant, "{written}");
        }
    }

    #[test]
    fn several_come_nearest_first_and_once() {
        assert_eq!(several("fo", ["foo", "food", "foo", "bar"], 2), ["foo", "food"]);
        assert_eq!(mistakes(&['a', 'b'], &['b', 'a']), 1);
    }

    #[test]
    fn what_is_too_long_costs_nothing() {
        assert_eq!(nearest(&"a".repeat(1 << 20), ["a"]), None);
        assert_eq!(nearest("ab", [&*"c".repeat(1 << 20)]), None);
    }
}
