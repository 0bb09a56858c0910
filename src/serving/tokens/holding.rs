//! What a request holds of the KV cache: what is its own, and its part in what it shares with others.

use super::TokenReplica;
use crate::serving::request::{Request, SessionPrefix, SharedPrefix};
use crate::serving::spec::Role;

/// What a request holds, to be given back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holding {
    /// KV tokens of its own.
    own: u64,
    shared: SharedPrefix,
    turn: Option<SessionPrefix>,
}

impl TokenReplica {
    /// Leading tokens of a request's prompt that a replica holds once for all who have them.
    pub(super) fn shared(&self, request: &Request) -> u32 {
        if self.profile.prefix_cache { request.shared.tokens } else { 0 }
    }

    /// What a request that has `tokens` of KV holds.
    pub(super) fn holding(&self, request: &Request, tokens: u64) -> Holding {
        let shared = SharedPrefix { tokens: self.shared(request), ..request.shared };
        Holding { own: tokens - u64::from(shared.tokens), shared, turn: request.turn }
    }

    /// KV tokens by which a request that has `tokens` of its own and others' adds to what is held.
    pub(super) fn needed(&self, request: &Request, tokens: u64) -> u64 {
        match self.shared(request) {
            0 => tokens,
            shared => tokens - u64::from(shared) + self.cache.growth(request.shared),
        }
    }

    /// Gives a request `tokens` of KV, its part in what is shared among them.
    #[inline]
    pub(super) fn hold(&mut self, request: &Request, tokens: u64) {
        if self.profile.prefix_cache {
            self.hold_beside_cache(request, tokens);
        } else {
            self.meter.kv_held += tokens;
        }
    }

    fn hold_beside_cache(&mut self, request: &Request, tokens: u64) {
        let shared = self.shared(request);
        self.meter.kv_held += tokens - u64::from(shared);
        if shared > 0 {
            self.meter.kv_held += self.cache.acquire(request.shared);
        }
        self.make_room();
    }

    /// Takes it back.
    pub(super) fn unhold(&mut self, holding: &Holding) {
        self.meter.kv_held -= holding.own;
        self.unshare(holding.shared);
    }

    fn unshare(&mut self, shared: SharedPrefix) {
        if shared.tokens > 0 {
            self.meter.kv_held -= self.cache.release(shared);
        }
    }

    /// A request leaves: of a conversation's turn all KV that was computed is kept for the next one. (Nobody
    /// has attended to the last token: its KV was not computed.) What it shared is given back last, so that
    /// it outlasts what follows on it.
    #[inline]
    pub(super) fn leave(&mut self, holding: &Holding) {
        self.meter.kv_held -= holding.own;
        if self.profile.prefix_cache {
            self.keep(holding);
        }
    }

    /// Keeps what the next turn can use, then gives back what was shared.
    fn keep(&mut self, holding: &Holding) {
        if self.keeps_turns()
            && let Some(turn) = holding.turn
        {
            let room = self.room();
            self.cache.keep(turn.session, holding.own - 1, room);
        }
        self.unshare(holding.shared);
    }

    /// The KV of what a request shares with others has been computed here, or has arrived.
    pub(super) fn has_shared(&mut self, request: &Request) {
        if self.shared(request) > 0 {
            self.cache.complete(request.shared);
        }
    }

    /// Prompt tokens that an admission now would find here. What is said to be cached of one's own is found
    /// where prompts are processed; what is shared, as far as it was computed here and has stayed.
    pub(super) fn found(&self, request: &Request) -> u32 {
        let kept = match request.turn {
            Some(turn) if self.keeps_turns() => self.cache.get(turn.session),
            _ => 0,
        };
        self.usable(request, kept)
    }

    /// The same, taking over what is kept of a conversation.
    pub(super) fn take_found(&mut self, request: &Request) -> u32 {
        if !self.profile.prefix_cache {
            return 0;
        }
        let kept = match request.turn {
            Some(turn) if self.keeps_turns() => self.cache.take(turn.session),
            _ => 0,
        };
        self.usable(request, kept)
    }

    /// What is found by a request of whose conversation so many tokens are kept: all of its prompt but a
    /// token, at most, and nothing that comes after a gap.
    fn usable(&self, request: &Request, kept: u64) -> u32 {
        let shared = self.shared(request);
        let found = if shared > 0 { self.cache.found(request.shared) } else { 0 };
        if found < shared {
            return found;
        }
        let history = request.turn.map_or(0, |turn| turn.history);
        let most = history.min(request.prompt() - 1).saturating_sub(shared);
        shared + kept.min(u64::from(most)) as u32
    }

    /// Prompt tokens that are said to be cached: nothing is found where there is no cache.
    pub(super) fn declared(&self, request: &Request) -> u32 {
        if self.keeps_turns() { request.cached } else { 0 }
    }

    /// Whether conversations are kept: where their prompts are processed.
    fn keeps_turns(&self) -> bool {
        self.profile.prefix_cache && self.profile.role != Role::Decode
    }
}
