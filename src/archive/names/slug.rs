//! What is made of a project's name, so that it can be part of a file's name on every system.

use super::reserved::is_reserved;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Stands for a project of whose name nothing is left.
pub(crate) const UNKNOWN: &str = "unknown";

/// Characters of a project in a name.
const MAX_CHARS: usize = 64;

/// Bytes of a project in a name, as a character may take four. A file's name has 255 at most. Around the project stand
/// date and time (16 bytes with the `_` behind them), the id (`_` and 128), a version (5) and `.meta.json.damaged-` with
/// 10 digits (29).
const MAX_BYTES: usize = 76;

/// Stands for a run of characters that no name has, until it becomes a hyphen: no letter, digit or mark.
const REPLACED: char = '\u{fffd}';

/// Returns the project of a working directory: its last component, reduced to letters and digits of any script, `_` and
/// `-`, composed (NFC), and cut to 64 characters and 76 bytes; [`UNKNOWN`] if nothing is left. Both kinds of slash
/// separate. A name that Windows keeps for a device gets a `_` in front.
///
/// Marks stay with their letters: Devanagari and Thai are no words without them.
pub(crate) fn slug(cwd: &str) -> String {
    let last = cwd.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or("");
    // Most names are as they have to be.
    let is_plain = last.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let composed = if is_plain { Cow::Borrowed(last) } else { Cow::Owned(composed(last)) };
    let trimmed = composed.trim_matches('-');
    let end = if is_plain { trimmed.len().min(MAX_CHARS) } else { end(trimmed) };
    let cut = trimmed[..end].trim_end_matches('-');
    match cut {
        "" => UNKNOWN.to_owned(),
        reserved if is_reserved(reserved) => format!("_{reserved}"),
        _ => cut.to_owned(),
    }
}

/// Returns a name without the characters that no name has.
fn composed(last: &str) -> String {
    let mut kept = String::with_capacity(last.len());
    for character in last.chars() {
        let follows_letter =
            kept.chars().next_back().is_some_and(|before| before != REPLACED && before != '-');
        if is_letter(character) || (is_mark(character) && follows_letter) {
            kept.push(character);
        } else if !kept.ends_with(REPLACED) {
            kept.push(REPLACED);
        }
    }
    // A run of replaced characters is one hyphen, next to whatever hyphens the name has itself.
    kept.nfc().map(|character| if character == REPLACED { '-' } else { character }).collect()
}

fn is_letter(character: char) -> bool {
    match character {
        '_' | '-' => true,
        // Letters that nobody sees, so that two names would look the same.
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => false,
        // The sign for kelvin composes to an ASCII letter: a name that was masked before might become a secret's.
        '\u{212a}' => false,
        _ => character.is_alphanumeric() && !is_combining_mark(character),
    }
}

/// Returns whether a character belongs to the letter before it, and is seen with it: no selector of a variation, and
/// nothing that only joins.
fn is_mark(character: char) -> bool {
    let is_unseen = matches!(character,
        '\u{34f}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0100}'..='\u{e01ef}');
    is_combining_mark(character) && !is_unseen
}

/// Returns where a name is cut: between two letters, with all marks of the first.
fn end(name: &str) -> usize {
    let starts = name.char_indices().map(|(at, _)| at).chain([name.len()]);
    let longest = starts.take(MAX_CHARS + 1).take_while(|&at| at <= MAX_BYTES).last().unwrap_or(0);
    let is_mark_at = |at: &usize| name[*at..].chars().next().is_some_and(is_combining_mark);
    let boundaries = name[..longest].char_indices().map(|(at, _)| at).chain([longest]);
    // One letter under a heap of marks is cut among them.
    boundaries.rev().find(|at| !is_mark_at(at)).filter(|&at| at > 0).unwrap_or(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_the_last_component_with_safe_characters() {
        for (cwd, expected) in [
            ("/home/alice/my-project", "my-project"),
            ("/home/alice/my project (2)/", "my-project-2"),
            ("C:\\Users\\alice\\Code\\app.py", "app-py"),
            ("C:\\Users\\alice\\Code\\", "Code"),
            ("/srv/a.-.b", "a---b"),
            ("/srv/name...", "name"),
            ("/srv/name. ", "name"),
            ("", UNKNOWN),
            ("/", UNKNOWN),
            ("---", UNKNOWN),
            ("..", UNKNOWN),
            ("/srv/🎉🎉", UNKNOWN),
            ("/srv/\u{fffd}\u{301}", UNKNOWN),
        ] {
            assert_eq!(slug(cwd), expected, "{cwd}");
        }
    }

    #[test]
    fn letters_and_digits_of_any_script_stay() {
        for name in ["проект", "日本語", "été_x", "Straße-7", "프로젝트", "مشروع", "פרויקט", "٣٤", "ελληνικά"]
        {
            assert_eq!(slug(&format!("/srv/{name}")), name);
        }
    }

    #[test]
    fn marks_stay_with_the_letters_that_they_belong_to() {
        for name in ["हिन्दी", "โปรเจ็กต์ที่", "தமிழ்", "ខ្មែរ", "קוּף"]
        {
            assert_eq!(slug(name), name.nfc().collect::<String>());
        }
        assert_eq!(slug("\u{301}a -\u{301}b"), "a---b", "marks of nothing go");
        assert_eq!(slug("葛\u{e0100}城"), "葛-城", "what is not seen goes");
    }

    #[test]
    fn names_that_look_the_same_are_the_same() {
        assert_eq!(slug("e\u{301}te\u{301}"), "été");
        assert_eq!(slug("\u{1112}\u{1161}\u{11ab}"), "한");
        assert_eq!(slug(&slug("Å\u{212b}A\u{30a}")), "ÅÅÅ");
        assert_eq!(slug("a\u{212a}b"), "a-b", "no ASCII is made of what was masked as something else");
    }

    #[test]
    fn a_name_of_a_device_gets_another_and_one_with_a_tail_has_one() {
        for (name, expected) in [
            ("CON", "_CON"),
            ("nul", "_nul"),
            ("Com1", "_Com1"),
            ("LPT²", "_LPT²"),
            ("nul.", "_nul"),
            ("con.txt", "con-txt"),
            ("console", "console"),
        ] {
            assert_eq!(slug(name), expected);
        }
    }

    #[test]
    fn long_names_are_cut_between_letters() {
        assert_eq!(slug(&"x".repeat(300)), "x".repeat(64));
        assert_eq!(slug(&"ж".repeat(300)), "ж".repeat(38));
        assert_eq!(slug(&"日".repeat(300)), "日".repeat(25));
        assert_eq!(slug(&"𐐀".repeat(300)), "𐐀".repeat(19));
        // 24 letters with their marks, of which the next would not fit.
        assert_eq!(slug(&"กี่".repeat(300)), "กี่".repeat(8));
        assert_eq!(slug(&format!("{}-{}", "x".repeat(63), "y".repeat(9))), "x".repeat(63));
        let heap = slug(&format!("日{}", "\u{308}".repeat(300)));
        assert!(heap.starts_with('日') && heap.len() <= MAX_BYTES && heap.chars().count() > 1);
    }

    #[test]
    fn a_slug_of_a_slug_is_the_same() {
        for name in
            ["my project", "e\u{301}".repeat(80).as_str(), "con", "हिन्दी".repeat(20).as_str(), "日本.."]
        {
            assert_eq!(slug(&slug(name)), slug(name));
        }
    }
}
