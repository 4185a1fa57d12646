//! The words of a key name, however they are joined: `DB_PASSWORD`, `apiKey`, `x-api-key`.

/// More words than this make no name.
const MOST_WORDS: usize = 12;

/// A word of a name, lowercase, digits at its end taken away.
#[derive(Clone, Copy)]
pub(crate) struct Word {
    letters: [u8; 24],
    pub length: usize,
    /// Whether it was followed by a full stop.
    pub before_stop: bool,
}

impl Word {
    pub(crate) fn text(&self) -> &[u8] {
        &self.letters[..self.length]
    }

    pub(crate) fn is_one_of(&self, list: &[&str]) -> bool {
        list.iter().any(|word| word.as_bytes() == self.text())
    }

    pub(crate) fn contains(&self, part: &[u8]) -> bool {
        self.text().windows(part.len()).any(|window| window == part)
    }
}

pub(crate) struct Words {
    words: [Word; MOST_WORDS],
    count: usize,
}

impl Words {
    /// Splits at `_`, `-`, `.`, blanks and where the case changes as in `apiKey` and `APIKey`.
    pub(crate) fn of(name: &[u8]) -> Option<Words> {
        let empty = Word { letters: [0; 24], length: 0, before_stop: false };
        let mut words = Words { words: [empty; MOST_WORDS], count: 0 };
        let mut from = 0;
        for at in 0..=name.len() {
            let is_end = at == name.len() || matches!(name[at], b'_' | b'-' | b'.' | b' ');
            let is_hump = !is_end
                && at > from
                && name[at].is_ascii_uppercase()
                && (!name[at - 1].is_ascii_uppercase()
                    || name.get(at + 1).is_some_and(u8::is_ascii_lowercase));
            if !is_end && !is_hump {
                continue;
            }
            if at > from {
                words.push(&name[from..at], name.get(at) == Some(&b'.'))?;
            }
            from = at + usize::from(is_end);
        }
        Some(words)
    }

    fn push(&mut self, word: &[u8], before_stop: bool) -> Option<()> {
        let digits = word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let letters = if digits < word.len() { &word[..word.len() - digits] } else { word };
        if self.count == MOST_WORDS || letters.len() > 24 {
            return None;
        }
        let entry = &mut self.words[self.count];
        entry.letters[..letters.len()].copy_from_slice(letters);
        entry.letters.make_ascii_lowercase();
        entry.length = letters.len();
        entry.before_stop = before_stop;
        self.count += 1;
        Some(())
    }

    pub(crate) fn all(&self) -> &[Word] {
        &self.words[..self.count]
    }
}
