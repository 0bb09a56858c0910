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

    /// Keeps the conversation as it is now, as the most recently used, if it has room by itself.
    pub fn insert(&mut self, session: u64, tokens: u64, room: u64) {
        self.remove(session);
        if tokens <= room {
            self.entries.push(Entry { session, tokens });
        }
        self.shrink(room);
    }

    /// Evicts until all that is kept has room; whether it had to.
    pub fn shrink(&mut self, room: u64) -> bool {
        let before = self.entries.len();
        while self.entries.iter().map(|entry| entry.tokens).sum::<u64>() > room {
            self.entries.remove(0);
        }
        self.entries.len() < before
    }
}
