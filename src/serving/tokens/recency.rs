//! What is kept of several owners, from the least to the most recently used.

/// No place: the end of the list, or what is not in it.
pub(super) const NONE: u32 = u32::MAX;

/// Whose tokens are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A conversation, by its number.
    Session(u64),
    /// All who begin their prompts with this text.
    Text(u32),
}

/// A list of owners with tokens kept of each. Places are reused.
#[derive(Clone, Debug)]
pub(super) struct Recency {
    entries: Vec<Entry>,
    free: Vec<u32>,
    oldest: u32,
    newest: u32,
    tokens: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    owner: Owner,
    tokens: u64,
    older: u32,
    newer: u32,
}

impl Default for Recency {
    fn default() -> Self {
        Self { entries: Vec::new(), free: Vec::new(), oldest: NONE, newest: NONE, tokens: 0 }
    }
}

impl Recency {
    /// Tokens kept in all.
    pub(super) fn total(&self) -> u64 {
        self.tokens
    }

    /// Tokens kept at a place.
    pub(super) fn tokens(&self, place: u32) -> u64 {
        self.entries[place as usize].tokens
    }

    /// The least recently used: its place, whose it is, and how much.
    pub(super) fn oldest(&self) -> (u32, Owner, u64) {
        let Entry { owner, tokens, .. } = self.entries[self.oldest as usize];
        (self.oldest, owner, tokens)
    }

    /// Leaves `tokens` of what is kept at a place.
    pub(super) fn set(&mut self, place: u32, tokens: u64) {
        let kept = &mut self.entries[place as usize].tokens;
        self.tokens = self.tokens - *kept + tokens;
        *kept = tokens;
    }

    /// Appends tokens as the most recently used. Returns their place.
    pub(super) fn append(&mut self, owner: Owner, tokens: u64) -> u32 {
        let entry = Entry { owner, tokens, older: self.newest, newer: NONE };
        let place = match self.free.pop() {
            Some(place) => {
                self.entries[place as usize] = entry;
                place
            }
            None => {
                self.entries.push(entry);
                (self.entries.len() - 1) as u32
            }
        };
        match self.newest {
            NONE => self.oldest = place,
            newest => self.entries[newest as usize].newer = place,
        }
        self.newest = place;
        self.tokens += tokens;
        place
    }

    /// Takes out what is kept at a place. Returns how much it was.
    pub(super) fn remove(&mut self, place: u32) -> u64 {
        let Entry { tokens, older, newer, .. } = self.entries[place as usize];
        match older {
            NONE => self.oldest = newer,
            older => self.entries[older as usize].newer = newer,
        }
        match newer {
            NONE => self.newest = older,
            newer => self.entries[newer as usize].older = older,
        }
        self.tokens -= tokens;
        self.free.push(place);
        tokens
    }
}
