//! What must stand in a stored line for a word or an expression to be found in what the line says: literals.
//!
//! A text is stored with escapes, in JSON and in JSON within JSON. What no program escapes stands there as it is read: ASCII
//! letters, digits, blanks and some signs. Runs of these are what can be looked for without knowing how often something
//! was escaped.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};

use super::any_case::rarity;

/// Literals one of which stands in the stored line of whatever matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Needle {
    pub alternatives: Vec<String>,
    /// In whatever case; else exactly so. See [`odd_forms`](Needle::odd_forms).
    pub is_any_case: bool,
}

/// Alternatives of an expression beyond which it is cheaper to look at every line.
const MOST_ALTERNATIVES: usize = 64;

impl Needle {
    /// Returns what may stand where one of its letters should, if it is of any case: of all ASCII letters, two have a third case
    /// beyond ASCII, U+017F and U+212A.
    pub(super) fn odd_forms(&self) -> Vec<String> {
        let has = |letters: [char; 2]| self.alternatives.iter().any(|literal| literal.contains(letters));
        let mut forms = Vec::new();
        for (letters, odd) in [(['s', 'S'], '\u{17f}'), (['k', 'K'], '\u{212a}')] {
            if self.is_any_case && has(letters) {
                forms.push(odd.to_string());
                forms.extend(escapes(odd));
            }
        }
        forms
    }

    /// Returns how much it is worth to look for it: the rarer its bytes, the more.
    pub(super) fn worth(&self) -> u32 {
        let worth = |literal: &String| literal.bytes().map(rarity).sum();
        self.alternatives.iter().map(worth).min().unwrap_or(0)
    }
}

/// Returns the literals that stand in the stored line of a text with `term` in it, each of them.
pub(super) fn of_term(term: &str, is_any_case: bool) -> Vec<Needle> {
    let runs = term.split(|character: char| !is_stored_as_read(character));
    let runs = runs.filter(|run| !run.is_empty());
    let runs = runs.map(|run| Needle { alternatives: vec![run.to_owned()], is_any_case });
    runs.chain(of_letters(term, is_any_case)).collect()
}

/// Returns the forms of the first letter of `term` beyond ASCII, with the character behind it where both stand as they are
/// read; `None` if there is no such letter.
fn of_letters(term: &str, is_any_case: bool) -> Option<Needle> {
    let all = |character: char| if is_any_case { cases(character) } else { vec![character] };
    let is_letter = |character: char| !character.is_ascii() && character.is_alphanumeric();
    let at = term.find(is_letter)?;
    let mut characters = term[at..].chars();
    let firsts = all(characters.next()?);
    let second = characters.next().filter(|second| is_letter(*second) || is_stored_as_read(*second));
    let mut alternatives = Vec::new();
    for first in firsts {
        match second {
            // Behind it an escape may stand for the second.
            Some(second) => {
                alternatives.extend(all(second).into_iter().map(|second| format!("{first}{second}")));
                alternatives.push(format!("{first}\\"));
            }
            None => alternatives.push(first.to_string()),
        }
        alternatives.extend(escapes(first));
    }
    (alternatives.len() <= MOST_ALTERNATIVES).then_some(Needle { alternatives, is_any_case: false })
}

/// Returns what stands behind the backslash of an escape for `character`, or for its first half: `u043f`, with digits in
/// both cases.
fn escapes(character: char) -> Vec<String> {
    let unit = character.encode_utf16(&mut [0; 2])[0];
    let mut forms = vec!["u".to_owned()];
    for digit in format!("{unit:04x}").chars() {
        let upper = digit.to_ascii_uppercase();
        let mut others = forms.clone();
        forms.iter_mut().for_each(|form| form.push(digit));
        others.retain(|_| upper != digit);
        others.iter_mut().for_each(|form| form.push(upper));
        forms.append(&mut others);
    }
    forms
}

/// Returns whether a character stands in a stored line as it is read, whatever program wrote it.
fn is_stored_as_read(character: char) -> bool {
    character.is_ascii_alphanumeric() || " _-.,:;()[]{}*#@!?%^~$|".contains(character)
}

/// Returns literals that stand in the stored line of whatever `hir` matches; `None` if there are none that help.
pub(super) fn of_expression(hir: &Hir) -> Option<Needle> {
    match hir.kind() {
        HirKind::Capture(capture) => of_expression(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of_expression(&repetition.sub),
        HirKind::Alternation(branches) => {
            let mut all = Needle { alternatives: Vec::new(), is_any_case: false };
            for branch in branches {
                let needle = of_expression(branch)?;
                all.is_any_case |= needle.is_any_case;
                all.alternatives.extend(needle.alternatives);
            }
            (all.alternatives.len() <= MOST_ALTERNATIVES).then_some(all)
        }
        HirKind::Concat(pieces) => of_pieces(pieces),
        HirKind::Literal(_) | HirKind::Class(_) => of_pieces(std::slice::from_ref(hir)),
        _ => None,
    }
}

/// Returns the best of what the pieces of an expression need, which follow each other.
fn of_pieces(pieces: &[Hir]) -> Option<Needle> {
    let mut found: Vec<Needle> = Vec::new();
    let mut run = String::new();
    let mut is_any_case = false;
    let end = |run: &mut String, is_any_case: &mut bool, found: &mut Vec<Needle>| {
        found.extend(of_term(run, *is_any_case));
        run.clear();
        *is_any_case = false;
    };
    for piece in pieces {
        match piece.kind() {
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) => run.push_str(text),
                Err(_) => end(&mut run, &mut is_any_case, &mut found),
            },
            HirKind::Class(class) => match of_one_letter(class) {
                Some(letter) => {
                    run.push(letter);
                    is_any_case = true;
                }
                None => end(&mut run, &mut is_any_case, &mut found),
            },
            // Takes no place.
            HirKind::Look(_) | HirKind::Empty => {}
            _ => {
                end(&mut run, &mut is_any_case, &mut found);
                found.extend(of_expression(piece));
            }
        }
    }
    end(&mut run, &mut is_any_case, &mut found);
    found.into_iter().max_by_key(Needle::worth)
}

/// Returns the letter of which a class holds all cases, and nothing else.
fn of_one_letter(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else { return None };
    let first = class.ranges().first()?.start();
    (class.ranges().len() <= 4 && folded_class(first) == *class && class.ranges().len() > 1).then_some(first)
}

/// Returns all cases of a character, itself among them.
pub(super) fn cases(character: char) -> Vec<char> {
    let class = folded_class(character);
    class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect()
}

fn folded_class(character: char) -> ClassUnicode {
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(character, character)]);
    // Fails only where Unicode's tables are left out, which they are not.
    let _ = class.try_case_fold_simple();
    class
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needle(pattern: &str) -> Option<(Vec<String>, bool)> {
        let needle = of_expression(&regex_syntax::parse(pattern).unwrap())?;
        Some((needle.alternatives, needle.is_any_case))
    }

    #[test]
    fn a_term_needs_its_runs_of_what_is_never_escaped() {
        let runs = |term: &str, is_any_case| -> Vec<String> {
            of_term(term, is_any_case).into_iter().flat_map(|needle| needle.alternatives).collect()
        };
        assert_eq!(runs("say \"hello\" there", false), ["say ", "hello", " there"]);
        assert_eq!(runs(r"C:\Users\me", false), ["C:", "Users", "me"]);
        assert_eq!(runs("sessionkeep", true), ["sessionkeep"]);
        assert_eq!(runs("größe<b>", false), ["gr", "e", "b", "öß", "ö\\", "u00f6", "u00F6"]);
        assert_eq!(runs("😀", false), [""; 0]);
        assert_eq!(runs("я", true), ["Я", "u042f", "u042F", "я", "u044f", "u044F"]);
    }

    #[test]
    fn an_expression_needs_the_rarest_of_what_it_cannot_do_without() {
        for (pattern, expected) in [
            (r"panicked at .*\.rs:[0-9]+", Some((vec!["panicked at "], false))),
            (r"(foo|bar)+x?", Some((vec!["foo", "bar"], false))),
            (r"(foo|.*)z", Some((vec!["z"], false))),
            (r"\bquux\b", Some((vec!["quux"], false))),
            (r"[a-z]+", None),
            (r"(abc)?", None),
            (r"(?i)error", Some((vec!["error"], true))),
            ("", None),
        ] {
            let expected = expected.map(|(list, is_any_case)| {
                (list.into_iter().map(str::to_owned).collect::<Vec<_>>(), is_any_case)
            });
            let found = needle(pattern).map(|(list, is_any_case)| {
                (
                    list.iter()
                        .map(|one| if is_any_case { one.to_lowercase() } else { one.clone() })
                        .collect::<Vec<_>>(),
                    is_any_case,
                )
            });
            assert_eq!(found, expected, "{pattern}");
        }
    }

    #[test]
    fn all_cases_of_a_letter_are_known() {
        assert_eq!(cases('σ'), ['Σ', 'ς', 'σ']);
        assert_eq!(cases('k'), ['K', 'k', '\u{212a}']);
        assert_eq!(cases('1'), ['1']);
    }
}
