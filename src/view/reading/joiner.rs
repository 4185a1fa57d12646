//! Goes through the messages of a transcript in order and joins what its agent tells in several places.

use std::collections::{HashMap, HashSet};

use crate::message::known::Known;
use crate::message::twins::{Copies, Twins};
use crate::message::{Message, Tokens};

/// What was read of the transcript so far, as far as later messages need it. A few dozen bytes a message.
#[derive(Default)]
pub(crate) struct Joiner {
    once: HashSet<(u64, u32)>,
    answers: HashMap<u64, Tokens>,
    known: Known,
    twins: Twins,
    copies: Copies,
}

impl Joiner {
    /// Returns whether `message`, whose texts stand in `bytes`, is told; then with what earlier messages know of it.
    pub(crate) fn take(&mut self, message: &mut Message, bytes: &[u8]) -> bool {
        // All messages of one row have its number.
        if let Some(once) = message.joints.once
            && !self.once.insert((once, message.index.nth))
        {
            return false;
        }
        let is_said = self.known.take(message, bytes)
            || self.twins.is_second_wording(message)
            || self.copies.is_copy(message);
        if is_said {
            return false;
        }
        self.known.complete(message, bytes);
        self.known.pay(message);
        self.count_once(message);
        true
    }

    /// Takes what `message`, which comes later, says of others, if it does.
    pub(crate) fn foresee(&mut self, message: &Message, bytes: &[u8]) {
        self.known.foresee(message, bytes);
    }

    fn count_once(&mut self, message: &mut Message) {
        let (Some(answer), Some(tokens)) = (message.joints.answer, message.tokens) else { return };
        let told = self.answers.entry(answer).or_default();
        message.tokens = Some(tokens.beyond(*told)).filter(|tokens| !tokens.is_zero());
        *told = told.most(tokens);
    }
}
