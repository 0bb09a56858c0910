//! The twin's prefix cache: a list.

use crate::exact_skipping::strategies::TEXTS;

/// Tokens of each text.
pub type InUse = [u64; TEXTS];

/// What was kept of conversations and of texts, the least recently used first.
#[derive(Debug, Default)]
pub struct PrefixCache {
    entries: Vec<Entry>,
    /// Leading tokens of each text that are there, in use or not.
    ready: InUse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Session { number: u64, tokens: u64 },
    Text(u32),
}

/// What an eviction did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evicted {
    /// Conversations of which all, or a part, was dropped.
    pub whole: bool,
    pub part: bool,
    pub of_text: bool,
}

impl PrefixCache {
    /// The tokens kept of a conversation.
    pub fn kept(&self, session: u64) -> u64 {
        let kept = self.entries.iter().find_map(|entry| match *entry {
            Entry::Session { number, tokens } if number == session => Some(tokens),
            _ => None,
        });
        kept.unwrap_or(0)
    }

    pub fn remove(&mut self, session: u64) {
        self.entries
            .retain(|entry| !matches!(entry, Entry::Session { number, .. } if *number == session));
    }

    /// Keeps the conversation as it is now, as the most recently used.
    pub fn insert(&mut self, session: u64, tokens: u64) {
        self.remove(session);
        self.entries.push(Entry::Session { number: session, tokens });
    }

    /// Leading tokens of a text that are there.
    pub fn ready(&self, text: u32) -> u64 {
        self.ready[text as usize]
    }

    /// So many tokens of a text are there now.
    pub fn complete(&mut self, text: u32, tokens: u64) {
        let ready = &mut self.ready[text as usize];
        *ready = tokens.max(*ready);
    }

    /// A part of a text is no longer in use.
    pub fn used(&mut self, text: u32) {
        self.entries.retain(|&entry| entry != Entry::Text(text));
        self.entries.push(Entry::Text(text));
    }

    /// Evicts token by token until all that is kept has room. Of each text so much is in use.
    pub fn shrink(&mut self, room: u64, in_use: &InUse) -> Evicted {
        let mut evicted = Evicted::default();
        let mut excess = self.total(in_use).saturating_sub(room);
        while excess > 0 {
            match &mut self.entries[0] {
                Entry::Session { tokens: 0, .. } => {
                    self.entries.remove(0);
                    (evicted.whole, evicted.part) = (true, false);
                    continue;
                }
                Entry::Text(text) if self.ready[*text as usize] <= in_use[*text as usize] => {
                    self.entries.remove(0);
                    continue;
                }
                Entry::Session { tokens, .. } => {
                    *tokens -= 1;
                    evicted.part = true;
                }
                Entry::Text(text) => {
                    self.ready[*text as usize] -= 1;
                    evicted.of_text = true;
                }
            }
            excess -= 1;
        }
        evicted
    }

    fn total(&self, in_use: &InUse) -> u64 {
        let tokens = |entry: &Entry| match *entry {
            Entry::Session { tokens, .. } => tokens,
            Entry::Text(text) => self.ready(text).saturating_sub(in_use[text as usize]),
        };
        self.entries.iter().map(tokens).sum()
    }
}
