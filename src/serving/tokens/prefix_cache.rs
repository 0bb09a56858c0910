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

    /// Keeps `tokens` of a session if they fit into `room`; older ones make way.
    pub fn keep(&mut self, session: u64, tokens: u64, room: u64) {
        self.take(session);
        if tokens > room {
            return;
        }
        self.shrink(room - tokens);
        let place = self.link(Entry { session, tokens, older: self.newest, newer: NONE });
        self.place_of.insert(session, place);
    }

    /// Drops the least recently kept until no more than `room` tokens are held.
    pub fn shrink(&mut self, room: u64) {
        while self.tokens > room {
            let place = self.oldest;
            self.place_of.swap_remove(&self.entries[place].session);
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
