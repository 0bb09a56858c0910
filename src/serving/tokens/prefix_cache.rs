//! KV kept after a conversation's turn has ended, for its next turn to find.

use std::collections::BTreeMap;

/// Sessions whose last turn ended here, with the KV tokens kept of each, least recently kept first.
///
/// The memory is what no request holds, so entries go whenever requests need it.
#[derive(Clone, Debug, Default)]
pub(super) struct PrefixCache {
    /// Tokens by age.
    entries: BTreeMap<u64, Entry>,
    ages: BTreeMap<u64, u64>,
    next_age: u64,
    tokens: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    session: u64,
    tokens: u64,
}

impl PrefixCache {
    /// What is kept of a session, in tokens.
    pub fn get(&self, session: u64) -> u64 {
        self.ages.get(&session).map_or(0, |age| self.entries[age].tokens)
    }

    /// Takes out what is kept of a session, in tokens.
    pub fn take(&mut self, session: u64) -> u64 {
        let Some(age) = self.ages.remove(&session) else { return 0 };
        let entry = self.entries.remove(&age).expect("each session's age has an entry");
        self.tokens -= entry.tokens;
        entry.tokens
    }

    /// Keeps `tokens` of a session if they fit into `room`; older ones make way.
    pub fn keep(&mut self, session: u64, tokens: u64, room: u64) {
        self.take(session);
        if tokens > room {
            return;
        }
        self.shrink(room - tokens);
        self.entries.insert(self.next_age, Entry { session, tokens });
        self.ages.insert(session, self.next_age);
        self.next_age += 1;
        self.tokens += tokens;
    }

    /// Drops the least recently kept until no more than `room` tokens are held.
    pub fn shrink(&mut self, room: u64) {
        while self.tokens > room
            && let Some((_, entry)) = self.entries.pop_first()
        {
            self.ages.remove(&entry.session);
            self.tokens -= entry.tokens;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_kept_makes_way() {
        let mut cache = PrefixCache::default();
        cache.keep(1, 40, 100);
        cache.keep(2, 40, 100);
        cache.keep(1, 50, 100);
        cache.keep(3, 20, 100);
        assert_eq!([cache.take(2), cache.take(1), cache.take(3)], [0, 50, 20]);
        assert_eq!(cache.take(1), 0);
    }

    #[test]
    fn what_is_larger_than_the_room_is_not_kept_and_displaces_nothing_else() {
        let mut cache = PrefixCache::default();
        cache.keep(1, 40, 100);
        cache.keep(2, 101, 100);
        assert_eq!([cache.take(2), cache.take(1)], [0, 40]);
        cache.keep(1, 40, 100);
        cache.keep(1, 101, 100);
        assert_eq!(cache.take(1), 0);
    }

    #[test]
    fn shrinking_drops_whole_entries() {
        let mut cache = PrefixCache::default();
        (0..4).for_each(|session| cache.keep(session, 30, 200));
        cache.shrink(70);
        assert_eq!([0, 1, 2, 3].map(|session| cache.take(session)), [0, 0, 30, 30]);
    }
}
