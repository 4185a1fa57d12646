//! Whether a text has the shape of a name: of a type, a test, a function, a file. Owns what a word is in such a name;
//! where a name stands and what follows from it is said by the callers.
//!
//! Digits alone make no secret of a name (`Argon2Hash`, `X25519SecretKey`, `TestRefresh2FA`): what tells names from
//! tokens is that the letters between digits, signs and changes of case make up words.

/// Returns whether a digit stands between a lone letter and a small one, as in `S3cure`.
fn is_spelt_with_digits(text: &[u8]) -> bool {
    text.windows(3).enumerate().any(|(at, three)| {
        let is_lone = at == 0 || !text[at - 1].is_ascii_alphabetic();
        is_lone
            && three[0].is_ascii_alphabetic()
            && three[1].is_ascii_digit()
            && three[2].is_ascii_lowercase()
    })
}

/// A piece of a name: a run of letters that changes case at most after its first letter, or a run of digits.
struct Pieces<'a> {
    rest: &'a [u8],
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
struct Shape {
    letters: usize,
    /// Letters of pieces that read like words.
    word_letters: usize,
    words: usize,
    /// The same without abbreviations.
    read_letters: usize,
    longest_word: usize,
    letter_pieces: usize,
    /// Pieces of a capital and two small letters or more.
    capitalised: usize,
    digits: usize,
    digit_pieces: usize,
    /// A digit in place of a letter, as in `S3cure`: passwords are made like this, names are not.
    is_spelt_with_digits: bool,
}

impl Shape {
    fn of(text: &[u8]) -> Shape {
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

    /// See [`is_scrambled`]. Of values drawn by lot a piece has one letter or two, of names three and more, or one of
    /// them is a word too long to come about by chance.
    fn is_scrambled(&self, text: &[u8]) -> bool {
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
    fn is_of_words(&self) -> bool {
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
fn is_word(letters: &[u8]) -> bool {
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
fn has_digits_for_letters(text: &[u8], shape: &Shape) -> bool {
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

/// Returns whether a text changes its kind of letter so often, or has so little in it that reads like a word, that it
/// must be drawn by lot: no name in any code looks so, however many abbreviations it is made of.
pub fn is_scrambled(text: &[u8]) -> bool {
    Shape::of(text).is_scrambled(text)
}

/// Returns whether a text has the form of an identifier or a path of such (`OpAMD64SETEQ`, `a::b2`, `x.y.Z3`), made of
/// whatever: for places where a value cannot be a literal. Neither drawn by lot, nor with digits for letters.
pub fn is_identifier(text: &[u8]) -> bool {
    text.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && has_only_name_bytes(text)
        && {
            let shape = Shape::of(text);
            !shape.is_scrambled(text)
                && !has_digits_for_letters(text, &shape)
                && !has_random_segment(text, 16)
        }
}

/// Returns whether a run of `least` letters and digits in a text, or of more, is not made of words: what services draw by
/// lot and put behind a prefix (`acme_...`, `key....`).
fn has_random_segment(text: &[u8], least: usize) -> bool {
    text.split(|byte| !byte.is_ascii_alphanumeric()).any(|segment| {
        segment.len() >= least
            && segment.iter().any(u8::is_ascii_digit)
            && segment.iter().any(u8::is_ascii_alphabetic)
            && !Shape::of(segment).is_of_words()
    })
}

/// Returns whether a text is a name beyond doubt: a constant (`NGHTTP2_FRAME_ERROR`), words joined by `_`, or a path
/// with a full stop or `::` (`auth.login.step2.label`, `TokenKind.Ident2`). Passwords are hardly made like this.
pub fn is_joined_name(text: &[u8]) -> bool {
    let segments = || text.split(|byte| b"_.:".contains(byte)).filter(|segment| !segment.is_empty());
    let has_word = || Pieces { rest: text }.any(|piece| piece.len() >= 3 && is_word(piece));
    is_identifier(text)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.:".contains(byte))
        && segments().count() >= 2
        && segments().all(|segment| segment.len() <= 40 && (segment.len() < 12 || !is_scrambled(segment)))
        && (has_word() || is_joined_constant(text))
}

/// Returns whether a text is a constant whatever its words are, having three of them: `NT_S390_RI_CB`.
fn is_joined_constant(text: &[u8]) -> bool {
    text.iter().filter(|byte| **byte == b'_').count() >= 2 && !text.iter().any(u8::is_ascii_lowercase)
}

/// Returns whether a text is one word of a report of tests, whatever it looks like: what may stand there has the form of
/// an identifier or a path, and only what has `random_bytes` or more and is drawn by lot does not.
pub fn is_reported_word(text: &[u8], random_bytes: usize) -> bool {
    let is_start = text.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    is_start
        && has_only_name_bytes(text)
        && (text.len() < random_bytes || !is_scrambled(text))
        && !has_random_segment(text, random_bytes)
}

/// Endings of the names of files that tests are in, or that are tests.
const TEST_FILES: [&[u8]; 24] = [
    b".t", b".sh", b".py", b".pl", b".c", b".C", b".cc", b".cpp", b".exe", b".test", b".rb", b".js", b".ts",
    b".lua", b".tcl", b".exp", b".at", b".go", b".rs", b".java", b".f90", b".m", b".d", b".html",
];

/// Returns whether a text is the name or path of a test's file: `01-sha256sum.t`, `g++.dg/cpp0x/lambda-ice14.C`.
pub fn is_test_file(text: &[u8]) -> bool {
    let is_name_byte = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./:+@%=,".contains(byte);
    text.iter().all(is_name_byte)
        && TEST_FILES.iter().any(|ending| text.ends_with(ending))
        && !has_random_segment(text, 16)
        && (text.contains(&b'/') || Shape::of(text).longest_word >= 3)
}

/// Returns whether a text is a variable that is called like what it holds: `hmacSha256Key`, `user2Password`.
pub fn is_telling_variable(text: &[u8]) -> bool {
    let last = Pieces { rest: text }.filter(|piece| !piece[0].is_ascii_digit()).last();
    text.first().is_some_and(u8::is_ascii_lowercase)
        && last.is_some_and(|last| last == b"Password" || TYPE_WORDS.contains(&last))
        && text.iter().all(u8::is_ascii_alphanumeric)
        && is_identifier(text)
}

/// Returns whether a text is what code calls something: three words or more by case, the first one small or capitalised
/// (`testEd25519PrivateKey`, `StarletteOAuth1App`), nearly all letters in words.
pub fn is_long_camel_name(text: &[u8]) -> bool {
    let shape = Shape::of(text);
    text.iter().all(u8::is_ascii_alphanumeric)
        && is_identifier(text)
        && shape.letter_pieces >= 3
        && shape.is_of_words()
        && 4 * shape.word_letters >= 3 * shape.letters
}

/// Returns whether a text is one run of letters, with a number or without: `hunter2024`.
pub fn is_single_word(text: &[u8]) -> bool {
    Shape::of(text).letter_pieces < 2
}

/// Returns whether a text is a word with a short number, as no service makes tokens and keys: `issue4521`.
pub fn is_numbered_word(text: &[u8]) -> bool {
    let shape = Shape::of(text);
    is_single_word(text)
        && is_identifier(text)
        && shape.longest_word >= 3
        && shape.digit_pieces <= 1
        && shape.digits <= 5
}

/// Returns whether a value is shaped like any name, one word with a number included: too little to leave it in clear
/// behind a telling name, and too much to have it masked wherever it stands.
pub fn could_be_name(text: &[u8]) -> bool {
    let shape = Shape::of(text);
    let has_words = 2 * shape.read_letters >= shape.letters
        && shape.longest_word >= if text.len() < 16 { 3 } else { 4 }
        || shape.longest_word >= 4 && 3 * shape.read_letters >= shape.letters && text.len() < 24;
    // `SetS3Uri`, `is8BitInt`: too short to tell from what is drawn by lot but by its capitals.
    let is_short = text.len() < 12
        && text.first().is_some_and(u8::is_ascii_alphabetic)
        && has_only_name_bytes(text)
        && !has_digits_for_letters(text, &shape)
        && shape.capitalised >= 1
        && shape.digit_pieces <= 2
        && shape.letter_pieces <= 3 + usize::from(shape.longest_word >= 4);
    // `StrToInt64ExA`.
    let is_short_camel = text.len() < 16
        && text[0].is_ascii_uppercase()
        && text.iter().all(u8::is_ascii_alphanumeric)
        && !has_digits_for_letters(text, &shape)
        && shape.capitalised >= 2
        && shape.digit_pieces == 1
        && shape.letter_pieces <= 5;
    let pieces = shape.letter_pieces + shape.digit_pieces;
    let is_camel =
        shape.capitalised >= 2 && shape.letters + shape.digits >= 3 * pieces && shape.digit_pieces <= 2;
    // `I2OLCTGET`, `EM_TI_C6000`: abbreviations with a number, or several joined.
    let is_constant = has_only_name_bytes(text)
        && text.first().is_some_and(u8::is_ascii_uppercase)
        && !text.iter().any(u8::is_ascii_lowercase)
        && (shape.digit_pieces <= 1 && shape.digits <= 4 || text.contains(&b'_') && text.len() <= 40);
    // `v4l2_rect`, `OBJ_nid2ln`, `blkcnt64_t`: short words, joined.
    let is_snake = text.contains(&b'_')
        && !text[0].is_ascii_digit()
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && text.split(|byte| *byte == b'_').all(|segment| {
            let has = |test: fn(&u8) -> bool| segment.iter().any(test);
            (segment.len() < 12 || segment.iter().all(u8::is_ascii_digit))
                && !(has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase))
        });
    let is_hash = text.len() >= 16 && shape.digits >= 4 && text.iter().all(u8::is_ascii_hexdigit);
    !is_hash
        && (is_short
            || is_short_camel
            || is_constant
            || is_snake
            || is_numbered(text)
            || is_identifier(text) && (has_words || is_camel))
        || is_name(text)
        || is_type_name(text)
        || is_joined_name(text)
}

/// Returns whether a text is a word, whatever it looks like, with a number: `idna2008`, `avx512dq`.
fn is_numbered(text: &[u8]) -> bool {
    let letters = text.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    let digits = text[letters..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = &text[letters + digits..];
    (3..=12).contains(&letters)
        && text[..letters].iter().any(|byte| b"aeiouy".contains(byte))
        && (1..=4).contains(&digits)
        && rest.len() <= 2
        && rest.iter().all(u8::is_ascii_lowercase)
}

/// Whether the bytes of names are all there are: letters, digits, and what joins words to names and paths.
fn has_only_name_bytes(text: &[u8]) -> bool {
    text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:<>[]".contains(byte))
}

/// Returns whether a text could be a name in code: several words, joined by case, digits, `_`, `-`, `.`, `/`, `::`.
/// `hunter2024` is none, being one word; `Tr0ub4dor` is none, having no word.
pub fn is_name(text: &[u8]) -> bool {
    let shape = Shape::of(text);
    has_only_name_bytes(text)
        && shape.letter_pieces >= 2
        && shape.is_of_words()
        && 3 * shape.word_letters >= 2 * shape.letters
}

/// Returns whether a text is a name of at least two words.
pub fn is_compound(text: &[u8]) -> bool {
    is_name(text) && Shape::of(text).words >= 2
}

/// Returns whether so much of a text is words that no password is likely to be made of them: three, or two that are
/// joined as passwords are not.
pub fn is_long_name(text: &[u8]) -> bool {
    let words = Shape::of(text).words;
    is_name(text) && (words >= 3 || words == 2 && text.iter().any(|byte| b"_/".contains(byte)))
}

/// Returns whether a text reads like the path of a file, with a word in it.
pub fn is_path_name(text: &[u8]) -> bool {
    let shape = Shape::of(text);
    text.contains(&b'/')
        && text.iter().any(|byte| b"._-".contains(byte))
        && has_only_name_bytes(text)
        && shape.longest_word >= 4
        && 3 * shape.word_letters >= shape.letters
}

/// Words that types end with which stand behind telling names.
const TYPE_WORDS: [&[u8]; 48] = [
    b"Hash",
    b"Hasher",
    b"Key",
    b"Token",
    b"Secret",
    b"Credential",
    b"Credentials",
    b"Provider",
    b"String",
    b"Type",
    b"Model",
    b"Manager",
    b"Config",
    b"Option",
    b"Options",
    b"Kind",
    b"Service",
    b"Client",
    b"Error",
    b"Result",
    b"Handler",
    b"Factory",
    b"Builder",
    b"Store",
    b"Data",
    b"Info",
    b"Request",
    b"Response",
    b"Value",
    b"Field",
    b"Schema",
    b"Spec",
    b"Ref",
    b"Source",
    b"Encoder",
    b"Validator",
    b"Policy",
    b"Encryptor",
    b"Bytes",
    b"Id",
    b"Array",
    b"Digest",
    b"Signature",
    b"Map",
    b"List",
    b"Slice",
    b"Stream",
    b"Buffer",
];

/// Returns whether a text reads like the name of a type: capitalised words of which the last says so.
pub fn is_type_name(text: &[u8]) -> bool {
    let is_capitalised = text.first().is_some_and(u8::is_ascii_uppercase);
    let last = Pieces { rest: text }.filter(|piece| !piece[0].is_ascii_digit()).last();
    is_capitalised
        && last.is_some_and(|last| TYPE_WORDS.contains(&last))
        && has_only_name_bytes(text)
        && Shape::of(text).is_of_words()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 19] = [
        "Argon2Hash",
        "X25519SecretKey",
        "Ed25519SigningKey",
        "OAuth2Credentials",
        "V1Secret",
        "Base64UrlString",
        "ApiKeyV2Model",
        "TestAccInstance_basic",
        "TestRefresh2FA/expired_token",
        "CheckoutFlow2Regression",
        "Sha256HashMatchesReference",
        "access_token_v2",
        "auth.login.step2.label",
        "TokenKind.Ident2",
        "crypto::sha2::Sha256Hasher",
        "HTTPServer2",
        "my-service-name-2",
        "fetchTokenV2",
        "AccessTokenProvider",
    ];

    #[test]
    fn what_is_made_of_words_is_a_name() {
        for text in NAMES {
            assert!(is_name(text.as_bytes()), "{text}");
        }
        for text in ["gcc.dg/vect/pr12345.c", "libfoo/t1234-Basic.t"] {
            assert!(is_path_name(text.as_bytes()), "{text}");
        }
        for text in ["TestAccInstance_basic", "CheckoutFlow2Regression", "expired_token2"] {
            assert!(is_long_name(text.as_bytes()), "{text}");
        }
        for text in ["BlueSky42", "Sunshine7Rainbow", "aB3x/dE5.y"] {
            assert!(!is_long_name(text.as_bytes()) && !is_path_name(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn passwords_and_random_values_are_no_names() {
        for text in [
            "Tr0ub4dor",
            "hunter2024",
            "S3cure-Pa55",
            "hunter2-Gx8qLw93",
            "hq8zk2mw",
            "xkqzvwtrlm",
            "Summer2024!",
            "p@ssw0rd!9",
        ] {
            assert!(!is_name(text.as_bytes()), "{text}");
        }
        // Drawn by lot, by a generator of the test's own: base 62, base 36 and hexadecimal.
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut taken = [0; 3];
        for _ in 0..20_000 {
            for (alphabet, taken) in [62, 36, 16].iter().zip(&mut taken) {
                let text: Vec<u8> = (0..20)
                    .map(|_| {
                        state ^= state << 13;
                        state ^= state >> 7;
                        state ^= state << 17;
                        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            [(state >> 20) as usize % alphabet]
                    })
                    .collect();
                *taken += usize::from(is_name(&text));
            }
        }
        // Of 20,000 each: half a percent at most is taken for a name, and then only where code goes on, or to be taught.
        assert!(taken[0] <= 100 && taken[1] <= 200 && taken[2] <= 20, "{taken:?}");
    }

    #[test]
    fn names_made_of_abbreviations_and_numbers_teach_nothing() {
        for text in [
            "IsMips64p32le",
            "v4l2_rect",
            "OBJ_nid2ln",
            "idna2008",
            "avx512dq",
            "SetS3KmsKeyArn",
            "GetPPC64Shiftmb",
            "EM_TI_C6000",
            "IFT_G703AT2MB",
            "D3DDDIFMT_L6V5U5",
            "blkcnt64_t",
            "IsArm64be",
            "I2OLCTGET",
            "Rfc1952Crc",
            "Inet6Pktinfo",
            "AV_386_2_AVX512VL",
            "FscryptPolicyV1",
            "StrToInt64ExA",
            "FromP1xP1",
            "PeekASN1Tag",
            "Pow2Divs",
            "issue45451Undefined",
            "xor_int64_9223372036854775807",
            "SetS3Uri",
            "NoFix32B",
            "is8BitInt",
            "p256Int1",
            "hunter2024",
        ] {
            assert!(could_be_name(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_drawn_by_lot_or_spelt_with_digits_teaches() {
        for text in ["Tr0ub4dor", "hq8zk2mw", "xkqzvwtrlm", "S3cure-Pa55", "p@ssw0rd!9", "Tr0ub4dorzK9"] {
            assert!(!could_be_name(text.as_bytes()), "{text}");
        }
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for (alphabet, length, most) in
            [(62, 12, 800), (62, 20, 200), (62, 32, 50), (36, 20, 250), (16, 32, 5)]
        {
            let mut taken = 0;
            for _ in 0..10_000 {
                let text: Vec<u8> = (0..length)
                    .map(|_| {
                        state ^= state << 13;
                        state ^= state >> 7;
                        state ^= state << 17;
                        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            [(state >> 20) as usize % alphabet]
                    })
                    .collect();
                taken += usize::from(could_be_name(&text));
            }
            assert!(taken <= most, "{taken} of 10,000 with {length} of {alphabet}");
        }
    }

    #[test]
    fn types_are_told_by_their_last_word() {
        for text in ["Argon2Hash", "X25519SecretKey", "STSv2Token", "V1Secret"] {
            assert!(is_type_name(text.as_bytes()), "{text}");
        }
        for text in ["Sunshine7Rainbow", "argon2Hash", "Tr0ub4dorKey", "Key"] {
            assert!(!is_type_name(text.as_bytes()), "{text}");
        }
    }
}
