//! A text with which the prompts of several requests begin: its KV stands in a replica once, however
//! many use it.

use super::recency::NONE;

/// The KV of a text, of which requests use a beginning each.
///
/// What is in use is memory that requests hold, up to the longest use; what is ready beyond that is kept
/// like the KV of conversations.
#[derive(Clone, Debug)]
pub(super) struct SharedText {
    /// Which, by the caller's number.
    pub text: u32,
    /// Leading tokens whose KV has been computed here, or has arrived.
    ready: u32,
    /// Leading tokens that will have been before anyone who is admitted from now on is computed: prompts
    /// are processed in order of admission.
    promised: u32,
    uses: Uses,
    /// Where it is in the list of what is kept, if anything is kept that nobody uses.
    pub place: u32,
}

impl SharedText {
    pub(super) fn new(text: u32) -> Self {
        Self { text, ready: 0, promised: 0, uses: Uses::default(), place: NONE }
    }

    /// How many of the first `tokens` a prompt that is admitted now would find.
    pub(super) fn found(&self, tokens: u32) -> u32 {
        tokens.min(self.ready.max(self.promised))
    }

    /// Tokens in use.
    pub(super) fn used(&self) -> u32 {
        self.uses.longest()
    }

    /// Tokens that are kept though nobody uses them.
    pub(super) fn idle(&self) -> u64 {
        u64::from(self.ready.saturating_sub(self.used()))
    }

    /// One more uses the first `tokens`. Returns by how many the use has grown.
    pub(super) fn acquire(&mut self, tokens: u32) -> u32 {
        let before = self.used();
        self.uses.add(tokens);
        self.used() - before
    }

    /// One less uses the first `tokens`. Returns by how many the use has shrunk.
    pub(super) fn release(&mut self, tokens: u32) -> u32 {
        let before = self.used();
        self.uses.remove(tokens);
        before - self.used()
    }

    /// A prompt in progress will have computed the first `tokens`.
    pub(super) fn promise(&mut self, tokens: u32) {
        self.promised = self.promised.max(tokens);
    }

    /// The first `tokens` are there.
    pub(super) fn complete(&mut self, tokens: u32) {
        self.ready = self.ready.max(tokens);
    }

    /// The prompt in progress is given up: of the `tokens` that it promised it has processed so many. Whoever
    /// else is in progress was admitted earlier, and complete before this one began.
    pub(super) fn abandon(&mut self, tokens: u32, processed: u32) {
        self.promised = 0;
        self.complete(tokens.min(processed));
    }

    /// Drops the last `tokens` of what nobody uses.
    pub(super) fn evict(&mut self, tokens: u32) {
        self.ready -= tokens;
        self.promised = self.promised.min(self.ready);
    }
}

/// How many use how much, by length; mostly there is one length.
#[derive(Clone, Debug, Default)]
struct Uses(Vec<(u32, u32)>);

impl Uses {
    fn longest(&self) -> u32 {
        self.0.last().map_or(0, |&(tokens, _)| tokens)
    }

    fn add(&mut self, tokens: u32) {
        match self.0.binary_search_by_key(&tokens, |&(length, _)| length) {
            Ok(index) => self.0[index].1 += 1,
            Err(index) => self.0.insert(index, (tokens, 1)),
        }
    }

    fn remove(&mut self, tokens: u32) {
        let index = self.0.binary_search_by_key(&tokens, |&(length, _)| length);
        let index = index.expect("it was added");
        self.0[index].1 -= 1;
        if self.0[index].1 == 0 {
            self.0.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_in_use_up_to_the_longest_of_its_users() {
        let mut text = SharedText::new(1);
        assert_eq!([30, 10, 30, 50].map(|tokens| text.acquire(tokens)), [30, 0, 0, 20]);
        assert_eq!([30, 50, 30, 10].map(|tokens| text.release(tokens)), [0, 20, 20, 10]);
        assert_eq!(text.used(), 0);
    }

    #[test]
    fn what_was_ready_is_kept_after_its_use() {
        let mut text = SharedText::new(1);
        text.acquire(40);
        text.promise(40);
        assert_eq!([text.found(30), text.found(60)], [30, 40]);
        text.abandon(40, 25);
        assert_eq!((text.found(60), text.idle()), (25, 0));
        text.release(40);
        assert_eq!(text.idle(), 25);
        text.evict(5);
        assert_eq!((text.found(60), text.idle()), (20, 20));
    }
}
