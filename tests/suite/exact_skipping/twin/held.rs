//! What is held and what is found: recomputed from the members, each time.

use super::cache::InUse;
use super::{Member, Stage, Twin};
use coopsim::serving::{Role, SessionPrefix};

impl Twin<'_> {
    /// Leading tokens of a prompt that stand here once for all who have them.
    pub(super) fn shared(&self, index: usize) -> u64 {
        if self.profile.prefix_cache { u64::from(self.arrivals[index].shared.tokens) } else { 0 }
    }

    /// Which text that is the beginning of.
    fn text(&self, index: usize) -> u32 {
        self.arrivals[index].shared.text
    }

    /// All who hold KV here.
    fn holders(&self) -> impl Iterator<Item = &Member> {
        let moving = self.leaving.iter().chain(&self.incoming).chain(&self.landed);
        self.members.iter().chain(moving)
    }

    /// Tokens of each text that are in use.
    fn in_use(&self) -> InUse {
        let mut longest = InUse::default();
        for member in self.holders() {
            let tokens = &mut longest[self.text(member.index) as usize];
            *tokens = self.shared(member.index).max(*tokens);
        }
        longest
    }

    /// Tokens in use of the text with which the request begins.
    pub(super) fn used(&self, index: usize) -> u64 {
        self.in_use()[self.text(index) as usize]
    }

    /// After somebody has left: what is used less of the text than `before` was used just now.
    pub(super) fn note_use(&mut self, index: usize, before: u64) {
        if self.used(index) < before {
            self.cache.used(self.text(index));
        }
    }

    /// The first tokens of what the request shares with others are there now.
    pub(super) fn complete(&mut self, index: usize, tokens: u64) {
        self.cache.complete(self.text(index), self.shared(index).min(tokens));
    }

    /// KV tokens of its own that a member holds.
    pub(super) fn holding(&self, member: &Member) -> u64 {
        let all = match (self.reserves(), member.stage) {
            _ if self.only_prefills() => self.input(member.index) + 1,
            (true, _) => self.input(member.index) + self.output(member.index),
            (false, Stage::Prompt) => member.prompt + 1,
            (false, Stage::Decoding | Stage::Padding) => member.context,
        };
        all - self.shared(member.index)
    }

    /// KV tokens held.
    pub(super) fn held(&self) -> u64 {
        let own: u64 = self.holders().map(|member| self.holding(member)).sum();
        own + self.in_use().iter().sum::<u64>()
    }

    /// KV tokens by which a request with so many in all would add to what is held.
    pub(super) fn cost(&self, index: usize, tokens: u64) -> u64 {
        let shared = self.shared(index);
        tokens - shared + shared.saturating_sub(self.used(index))
    }

    /// How much of what it shares with others the request would find: what is there, and what those
    /// compute whose prompts are in progress.
    pub(super) fn found_of_text(&self, index: usize) -> u64 {
        let text = self.text(index);
        let computing = self.members.iter().filter(|member| member.stage == Stage::Prompt);
        let computing =
            computing.map(|member| member.index).filter(|&other| self.text(other) == text);
        let promised = computing.map(|other| self.shared(other)).max().unwrap_or(0);
        self.shared(index).min(promised.max(self.cache.ready(text)))
    }

    /// The conversation that the request continues, where conversations are kept.
    pub(super) fn turn(&self, index: usize) -> Option<SessionPrefix> {
        self.arrivals[index].turn.filter(|_| self.keeps())
    }

    fn keeps(&self) -> bool {
        self.profile.prefix_cache && self.profile.role != Role::Decode
    }

    /// Tokens of its prompt that the request would find, other than those that are only declared.
    pub(super) fn found(&self, index: usize) -> u64 {
        let (shared, found) = (self.shared(index), self.found_of_text(index));
        if found < shared {
            return found;
        }
        shared + self.found_of_turn(index)
    }

    /// Tokens after what it shares with others that were kept of its conversation and are of use.
    fn found_of_turn(&self, index: usize) -> u64 {
        let Some(turn) = self.turn(index) else { return 0 };
        let prompt = self.input(index) + self.produced[index];
        let most = u64::from(turn.history).min(prompt - 1).saturating_sub(self.shared(index));
        self.cache.kept(turn.session).min(most)
    }

    /// Leading tokens of its prompt that the request would not have to process.
    pub(super) fn prefix(&self, index: usize) -> u64 {
        self.declared(index).max(self.found(index))
    }

    /// Tokens that are said to be cached: nothing is found where there is no cache.
    pub(super) fn declared(&self, index: usize) -> u64 {
        if self.keeps() { u64::from(self.arrivals[index].cached) } else { 0 }
    }

    pub(super) fn note_found(&mut self, index: usize) {
        let (shared, found) = (self.shared(index), self.found_of_text(index));
        let used = self.used(index);
        self.seen.note("cache hit", self.found_of_turn(index) > 0);
        self.seen.note("text in use found", shared > 0 && found == shared && used >= shared);
        self.seen.note("text kept found", found > used);
        self.seen.note("text found in part", 0 < found && found < shared);
    }

    pub(super) fn evict(&mut self) {
        let evicted = self.cache.shrink(self.capacity() - self.held(), &self.in_use());
        self.seen.note("eviction", evicted.whole);
        self.seen.note("partial eviction", evicted.part);
        self.seen.note("text evicted", evicted.of_text);
    }
}
