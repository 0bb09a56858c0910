//! KV kept after a conversation's turn has ended, for its next turn to find.

use indexmap::IndexMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

/// The end of the list.
const NONE: usize = usize::MAX;

/// Hashed without a random key; its order is never looked at.
type Index = IndexMap<u64, usize, BuildHasherDefault<DefaultHasher>>;

/// Sessions whose last turn ended here, with the KV tokens kept of each: a list from the least to the
/// most recently kept, and an index of it.
///
/// The memory is what no request holds, so entries go whenever requests need it.
#[derive(Clone, Debug)]
pub(super) struct PrefixCache {
    place_of: Index,
    entries: Vec<Entry>,
    /// Places to be used again.
    free: Vec<usize>,
    oldest: usize,
    newest: usize,
    tokens: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    session: u64,
    tokens: u64,
    older: usize,
    newer: usize,
}

impl Default for PrefixCache {
    fn default() -> Self {
        Self {
            place_of: Index::default(),
            entries: Vec::new(),
            free: Vec::new(),
            oldest: NONE,
            newest: NONE,
            tokens: 0,
        }
    }
}

impl PrefixCache {
    /// What is kept of a session, in tokens.
    pub fn get(&self, session: u64) -> u64 {
        self.place_of.get(&session).map_or(0, |&place| self.entries[place].tokens)
    }

    /// Takes out what is kept of a session, in tokens.
    pub fn take(&mut self, session: u64) -> u64 {
        let Some(place) = self.place_of.swap_remove(&session) else { return 0 };
        self.unlink(place);
        self.entries[place].tokens
    }

    /// Keeps `tokens` of a session, as many as fit into `room`; older ones make way.
    pub fn keep(&mut self, session: u64, tokens: u64, room: u64) {
        self.take(session);
        let tokens = tokens.min(room);
        if tokens == 0 {
            return;
        }
        self.shrink(room - tokens);
        let place = self.link(Entry { session, tokens, older: self.newest, newer: NONE });
        self.place_of.insert(session, place);
    }

    /// Drops tokens until no more than `room` are held: the last ones of the least recently kept
    /// first, since nobody can use what comes after a gap.
    pub fn shrink(&mut self, room: u64) {
        while self.tokens > room {
            let excess = self.tokens - room;
            let place = self.oldest;
            let Entry { session, tokens, .. } = self.entries[place];
            if tokens > excess {
                self.entries[place].tokens -= excess;
                self.tokens -= excess;
                return;
            }
            self.place_of.swap_remove(&session);
            self.unlink(place);
        }
    }

    /// Appends an entry, as the newest.
    fn link(&mut self, entry: Entry) -> usize {
        let place = match self.free.pop() {
            Some(place) => {
                self.entries[place] = entry;
                place
            }
            None => {
                self.entries.push(entry);
                self.entries.len() - 1
            }
        };
        match self.newest {
            NONE => self.oldest = place,
            newest => self.entries[newest].newer = place,
        }
        self.newest = place;
        self.tokens += entry.tokens;
        place
    }

    fn unlink(&mut self, place: usize) {
        let Entry { tokens, older, newer, .. } = self.entries[place];
        match older {
            NONE => self.oldest = newer,
            older => self.entries[older].newer = newer,
        }
        match newer {
            NONE => self.newest = older,
            newer => self.entries[newer].older = older,
        }
        self.tokens -= tokens;
        self.free.push(place);
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
        assert_eq!([cache.take(2), cache.take(1), cache.take(3)], [30, 50, 20]);
        assert_eq!(cache.take(1), 0);
    }

    #[test]
    fn of_what_is_larger_than_the_room_the_beginning_is_kept() {
        let mut cache = PrefixCache::default();
        cache.keep(1, 40, 100);
        cache.keep(2, 101, 100);
        assert_eq!([cache.take(1), cache.take(2)], [0, 100]);
        cache.keep(3, 40, 0);
        assert_eq!(cache.take(3), 0);
    }

    /// What issue 16 asks of 3,000 kept tokens and a call that needs 510 of them.
    #[test]
    fn the_last_tokens_go_first() {
        let mut cache = PrefixCache::default();
        cache.keep(1, 3000, 3000);
        cache.shrink(3000 - 510);
        assert_eq!(cache.get(1), 2490);
    }

    #[test]
    fn shrinking_empties_one_before_it_takes_of_the_next() {
        let mut cache = PrefixCache::default();
        (0..4).for_each(|session| cache.keep(session, 30, 200));
        cache.shrink(70);
        assert_eq!([0, 1, 2, 3].map(|session| cache.take(session)), [0, 10, 30, 30]);
    }
}
