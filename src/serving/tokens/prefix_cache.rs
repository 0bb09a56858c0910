//! KV kept after those who needed it have ended: of a conversation's turn for its next turn, and of a text
//! with which the prompts of many begin.

use super::places::Places;
use super::recency::{NONE, Owner, Recency};
use super::shared_text::SharedText;
use crate::serving::request::SharedPrefix;

/// Sessions whose last turn ended here and texts that nobody uses now, with the KV tokens kept of each.
///
/// The memory is what no request holds, so entries go whenever requests need it: the last tokens of the
/// least recently used first, since nobody can use what comes after a gap.
#[derive(Clone, Debug, Default)]
pub(super) struct PrefixCache {
    kept: Recency,
    /// Where sessions are in the list.
    places: Places,
    /// In order of their numbers.
    texts: Vec<SharedText>,
}

impl PrefixCache {
    /// What is kept of a session, in tokens.
    pub(super) fn get(&self, session: u64) -> u64 {
        self.places.get(session).map_or(0, |place| self.kept.tokens(place))
    }

    /// Takes out what is kept of a session, in tokens.
    pub(super) fn take(&mut self, session: u64) -> u64 {
        self.places.remove(session).map_or(0, |place| self.kept.remove(place))
    }

    /// Keeps `tokens` of a session, as many as fit into `room`; older ones make way.
    pub(super) fn keep(&mut self, session: u64, tokens: u64, room: u64) {
        let tokens = tokens.min(room);
        if tokens == 0 {
            self.take(session);
            return;
        }
        let place = self.kept.append(Owner::Session(session), tokens);
        if let Some(former) = self.places.insert(session, place) {
            self.kept.remove(former);
        }
        self.shrink(room);
    }

    /// Drops tokens until no more than `room` are kept.
    pub(super) fn shrink(&mut self, room: u64) {
        while self.kept.total() > room {
            self.drop_oldest(self.kept.total() - room);
        }
    }

    /// Drops up to `surplus` tokens of the least recently used. Mostly there is no need to: by itself, so that
    /// asking takes little.
    #[inline(never)]
    fn drop_oldest(&mut self, surplus: u64) {
        let (place, owner, tokens) = self.kept.oldest();
        let dropped = tokens.min(surplus);
        if dropped < tokens {
            self.kept.set(place, tokens - dropped);
        } else {
            self.kept.remove(place);
        }
        self.forget(owner, dropped, dropped == tokens);
    }

    /// Takes note that tokens of an owner were dropped, and whether they were the last.
    fn forget(&mut self, owner: Owner, dropped: u64, all: bool) {
        match owner {
            Owner::Session(session) if all => {
                self.places.remove(session);
            }
            Owner::Session(_) => {}
            Owner::Text(text) => {
                let index = self.index(text).expect("it is kept");
                let text = &mut self.texts[index];
                text.evict(dropped as u32);
                if all {
                    text.place = NONE;
                }
            }
        }
    }

    /// How much of a shared prefix a prompt that is admitted now would find.
    pub(super) fn found(&self, prefix: SharedPrefix) -> u32 {
        self.index(prefix.text).map_or(0, |index| self.texts[index].found(prefix.tokens))
    }

    /// Tokens of memory that one more user of a prefix would need.
    pub(super) fn growth(&self, prefix: SharedPrefix) -> u64 {
        let used = self.index(prefix.text).map_or(0, |index| self.texts[index].used());
        u64::from(prefix.tokens.saturating_sub(used))
    }

    /// One more uses a prefix. Returns how many tokens of memory that takes.
    pub(super) fn acquire(&mut self, prefix: SharedPrefix) -> u64 {
        let index = self.index(prefix.text).unwrap_or_else(|index| {
            self.texts.insert(index, SharedText::new(prefix.text));
            index
        });
        let grown = self.texts[index].acquire(prefix.tokens);
        if grown > 0 {
            self.settle(index, false);
        }
        u64::from(grown)
    }

    /// One less uses a prefix. Returns how many tokens of memory no request holds now; what is ready of
    /// them is kept, as the most recently used.
    pub(super) fn release(&mut self, prefix: SharedPrefix) -> u64 {
        let (index, text) = self.text(prefix);
        let shrunk = text.release(prefix.tokens);
        if shrunk > 0 {
            self.settle(index, true);
        }
        u64::from(shrunk)
    }

    /// A prompt was admitted that will compute a prefix, as far as it is not there.
    pub(super) fn promise(&mut self, prefix: SharedPrefix) {
        self.text(prefix).1.promise(prefix.tokens);
    }

    /// A prefix in use is there now.
    pub(super) fn complete(&mut self, prefix: SharedPrefix) {
        self.text(prefix).1.complete(prefix.tokens);
    }

    /// A prompt that was to compute a prefix in use is given up, with so many tokens processed.
    pub(super) fn abandon(&mut self, prefix: SharedPrefix, processed: u32) {
        self.text(prefix).1.abandon(prefix.tokens, processed);
    }

    /// Puts what nobody uses of a text into the list, or its new length; `used`: as just used.
    fn settle(&mut self, index: usize, used: bool) {
        let text = &mut self.texts[index];
        let idle = text.idle();
        if text.place != NONE && (used || idle == 0) {
            self.kept.remove(text.place);
            text.place = NONE;
        }
        match text.place {
            NONE if idle > 0 => text.place = self.kept.append(Owner::Text(text.text), idle),
            NONE => {}
            place => self.kept.set(place, idle),
        }
    }

    /// A text that is in use.
    fn text(&mut self, prefix: SharedPrefix) -> (usize, &mut SharedText) {
        let index = self.index(prefix.text).expect("it is in use");
        (index, &mut self.texts[index])
    }

    /// Where a text is, or where it would be.
    fn index(&self, text: u32) -> Result<usize, usize> {
        self.texts.binary_search_by_key(&text, |known| known.text)
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

    #[test]
    fn a_text_in_use_stays_and_one_that_was_used_ages() {
        let mut cache = PrefixCache::default();
        let prefix = |text, tokens| SharedPrefix { text, tokens };
        cache.keep(1, 30, 200);
        assert_eq!(cache.acquire(prefix(7, 50)), 50);
        cache.complete(prefix(7, 50));
        assert_eq!([cache.growth(prefix(7, 60)), cache.growth(prefix(8, 60))], [10, 60]);
        cache.shrink(0);
        assert_eq!((cache.take(1), cache.found(prefix(7, 60))), (0, 50));
        assert_eq!(cache.release(prefix(7, 50)), 50);
        cache.keep(2, 30, 80);
        cache.shrink(70);
        assert_eq!((cache.get(2), cache.found(prefix(7, 60))), (30, 40));
        // Used again, it is the most recent.
        cache.acquire(prefix(7, 20));
        cache.release(prefix(7, 20));
        cache.shrink(30);
        assert_eq!((cache.get(2), cache.found(prefix(7, 60))), (0, 30));
    }
}
