//! What a text is made of as a name would be: pieces by case and digits, and which of them read like words.

/// Returns whether a digit stands between a lone letter and a small one, as in `S3cure`.
pub(super) fn is_spelt_with_digits(text: &[u8]) -> bool {
    text.windows(3).enumerate().any(|(at, three)| {
        let is_lone = at == 0 || !text[at - 1].is_ascii_alphabetic();
        is_lone
            && three[0].is_ascii_alphabetic()
            && three[1].is_ascii_digit()
            && three[2].is_ascii_lowercase()
    })
}

/// A piece of a name: a run of letters that changes case at most after its first letter, or a run of digits.
pub(super) struct Pieces<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.rest.iter().position(u8::is_ascii_alphanumeric)?;
        let text = &self.rest[start..];
        let run = |test: fn(&u8) -> bool, from: usize| {
            text[from..].iter().position(|byte| !test(byte)).map_or(text.len(), |end| from + end)
        };
        let end = match text[0] {
            b'0'..=b'9' => run(u8::is_ascii_digit, 0),
            b'a'..=b'z' => run(u8::is_ascii_lowercase, 0),
            _ => match run(u8::is_ascii_uppercase, 0) {
                1 => run(u8::is_ascii_lowercase, 1),
                // The last capital of `HTTPServer` begins the next word.
                capitals if text.get(capitals).is_some_and(u8::is_ascii_lowercase) => capitals - 1,
                capitals => capitals,
            },
        };
        let (piece, rest) = text.split_at(end);
        self.rest = rest;
        Some(piece)
    }
}

/// What the pieces of a text are.
#[derive(Default)]
pub(super) struct Shape {
    pub(super) letters: usize,
    /// Letters of pieces that read like words.
    pub(super) word_letters: usize,
    pub(super) words: usize,
    /// The same without abbreviations.
    pub(super) read_letters: usize,
    pub(super) longest_word: usize,
    pub(super) letter_pieces: usize,
    /// Pieces of a capital and two small letters or more.
    pub(super) capitalised: usize,
    pub(super) digits: usize,
    pub(super) digit_pieces: usize,
    /// A digit in place of a letter, as in `S3cure`: passwords are made like this, names are not.
    pub(super) is_spelt_with_digits: bool,
}

impl Shape {
    pub(super) fn of(text: &[u8]) -> Shape {
        let mut shape = Shape { is_spelt_with_digits: is_spelt_with_digits(text), ..Shape::default() };
        for piece in (Pieces { rest: text }) {
            if piece[0].is_ascii_digit() {
                shape.digits += piece.len();
                shape.digit_pieces += 1;
                continue;
            }
            shape.letters += piece.len();
            shape.letter_pieces += 1;
            shape.capitalised += usize::from(
                piece.len() >= 3 && piece[0].is_ascii_uppercase() && piece[1].is_ascii_lowercase(),
            );
            // `HTTP`, `STS`: half of a word, since chance makes them, too.
            let is_abbreviation = piece.len() <= 5 && piece.iter().all(u8::is_ascii_uppercase);
            if is_abbreviation && !is_word(piece) {
                shape.word_letters += piece.len() / 2;
            }
            if is_word(piece) {
                shape.word_letters += piece.len();
                shape.words += 1;
                shape.read_letters += piece.len();
                shape.longest_word = shape.longest_word.max(piece.len());
            }
        }
        shape
    }

    /// See [`super::is_scrambled`]. Of values drawn by lot a piece has one letter or two, of names three and more, or one of
    /// them is a word too long to come about by chance.
    pub(super) fn is_scrambled(&self, text: &[u8]) -> bool {
        let length = self.letters + self.digits;
        let pieces = self.letter_pieces + self.digit_pieces;
        let has_word =
            self.longest_word >= if length < 16 { 4 } else { 5 } || self.capitalised >= 3 && length < 16;
        let is_single = text.iter().all(u8::is_ascii_alphanumeric);
        length >= 8 && (10 * length < 19 * pieces || 5 * length < 12 * pieces && !has_word)
            || is_single
                && length >= 14
                && self.digits >= 2
                && self.capitalised < 2
                && 3 * self.word_letters < self.letters
    }

    /// Half of the letters in words, one of them long enough not to come about by chance, and few digits.
    pub(super) fn is_of_words(&self) -> bool {
        !self.is_spelt_with_digits
            && self.longest_word >= 4
            && 2 * self.word_letters >= self.letters
            && self.digit_pieces <= 3
            && self.digits <= 6
            && self.digits <= self.letters
    }
}

/// Which letters follow `a`, `b`, ... in words: the pairs that make up 93 % of all in the 22,000 distinct words of the
/// sources of some hundred crates. Of random letters two in five pairs are here.
#[rustfmt::skip]
const FOLLOWERS: [&str; 26] = [
    "abcdfgiklmnprstuvxy", "abceilorsuy", "acdehiklmoprstu", "acdefilorsu",
    "abcdefgilmnopqrstvwxy", "acdefilorstu", "aehilnorsu", "aeiortu",
    "abcdefglmnoprstvxz", "aeou", "aeis", "adeilopstuy",
    "abeimopsu", "acdefgiklnopstuv", "abcdfgiklmnoprstuvw", "acehiloprstu",
    "u", "abcdefgiklmnoprstuvy", "aceghiklmoprstuy", "acdefhilmoprstuy",
    "abcdefgilmnprst", "aeio", "aeior", "ceiptx",
    "nps", "aez",
];

/// Returns whether two letters follow each other in words; what are no letters do not.
fn is_usual_pair(pair: &[u8]) -> bool {
    let row = pair[0].to_ascii_lowercase().wrapping_sub(b'a');
    FOLLOWERS.get(usize::from(row)).is_some_and(|row| row.as_bytes().contains(&pair[1].to_ascii_lowercase()))
}

/// Returns whether a run of letters reads like a word: it has a vowel, no consonants pile up, and its letters follow
/// each other as they do in words.
pub(super) fn is_word(letters: &[u8]) -> bool {
    let is_vowel = |letter: &u8| b"aeiouyAEIOUY".contains(letter);
    let cluster = letters.split(is_vowel).map(<[u8]>::len).max().unwrap_or(0);
    let vowels = letters.iter().filter(|letter| is_vowel(letter)).count();
    let unusual = letters.windows(2).filter(|pair| !is_usual_pair(pair)).count();
    letters.len() >= 3
        && vowels > 0
        && 6 * vowels >= letters.len()
        && cluster <= 4
        && unusual <= letters.len() / 6
}

/// Returns whether digits stand for letters in the middle of a word, as in `Tr0ub4dor`: alone between small letters,
/// where the letters on either side make up no word. Among long words it is a number (`readIpv6hdrOptions`).
pub(super) fn has_digits_for_letters(text: &[u8], shape: &Shape) -> bool {
    let is_lower = |at: usize| text.get(at).is_some_and(u8::is_ascii_lowercase);
    let is_among_words = shape.longest_word >= 6 && 2 * shape.word_letters >= shape.letters;
    let is_letter = |at: usize| {
        let before = text[..at].iter().rev().take_while(|byte| byte.is_ascii_lowercase()).count();
        let before = before + usize::from(at > before && text[at - before - 1].is_ascii_uppercase());
        let after = text[at + 1..].iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        is_lower(at - 1)
            && after >= 2
            && !is_word(&text[at - before..at])
            && !is_word(&text[at + 1..at + 1 + after])
    };
    !is_among_words
        && (shape.is_spelt_with_digits
            || (1..text.len()).any(|at| text[at].is_ascii_digit() && is_letter(at)))
}
