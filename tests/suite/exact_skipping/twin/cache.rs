//! The twin's prefix cache: a list.

/// What was kept of conversations, the least recently used first.
#[derive(Debug, Default)]
pub struct PrefixCache {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    session: u64,
    tokens: u64,
}

impl PrefixCache {
    /// The tokens kept of a conversation.
    pub fn kept(&self, session: u64) -> Option<u64> {
        self.entries.iter().find(|entry| entry.session == session).map(|entry| entry.tokens)
    }

    pub fn remove(&mut self, session: u64) {
        self.entries.retain(|entry| entry.session != session);
    }

    /// Keeps the conversation as it is now, as the most recently used.
    pub fn insert(&mut self, session: u64, tokens: u64, room: u64) {
        self.remove(session);
        self.entries.push(Entry { session, tokens });
        self.shrink(room);
    }

    /// Evicts token by token until all that is kept has room; how many entries it emptied, and how many
    /// it left a part of.
    pub fn shrink(&mut self, room: u64) -> (usize, usize) {
        let before = self.entries.len();
        let mut cut = false;
        while self.entries.iter().map(|entry| entry.tokens).sum::<u64>() > room {
            cut = true;
            self.entries[0].tokens -= 1;
            if self.entries[0].tokens == 0 {
                self.entries.remove(0);
                cut = false;
            }
        }
        (before - self.entries.len(), usize::from(cut))
    }
}
