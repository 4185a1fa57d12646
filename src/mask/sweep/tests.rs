//! The list of literals as the search finds them.

use crate::mask::sweep::literals::{BUCKETS, Literal, Literals, Meaning};
use crate::mask::sweep::masks::Runs;
use crate::mask::sweep::runs::find;

#[test]
fn the_sweep_looks_for_every_sign_of_a_piece() {
    let is_piece = |literal: &&Literal| literal.meaning == Meaning::Piece;
    let all = BUCKETS.concat();
    let mut literals: Vec<&[u8]> = all.iter().filter(is_piece).map(|literal| literal.text).collect();
    let mut signs: Vec<&[u8]> = crate::mask::pieces::SIGNS.iter().map(|sign| sign.as_bytes()).collect();
    literals.sort_unstable();
    signs.sort_unstable();
    assert_eq!(literals, signs);
}

#[test]
fn no_literal_is_in_the_list_twice() {
    let all = BUCKETS.concat();
    for (index, one) in all.iter().enumerate() {
        assert!(all[..index].iter().all(|other| other.text != one.text), "{}", one.text.escape_ascii());
    }
}

#[test]
fn every_literal_is_found_wherever_it_stands() {
    let literals = Literals::new();
    for literal in BUCKETS.concat() {
        for shift in 0..140 {
            let mut text = vec![b'.'; shift];
            text.extend_from_slice(literal.text);
            text.resize(text.len() + shift % 3 * 40, b'.');
            let (mut runs, mut all) = (Runs::default(), Vec::new());
            find(&text, 0, text.len(), &mut runs);
            for &at in runs.marks.iter() {
                literals.each(&text, at, |found, start| all.push((found.text, start)));
            }
            assert!(all.contains(&(literal.text, shift)), "{}", literal.text.escape_ascii());
        }
    }
}
