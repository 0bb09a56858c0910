//! Who is in the next iteration.

use super::{Prompt, TokenReplica};
use crate::engine::SimTime;
use crate::ids::RequestId;
use crate::serving::replica::Progress;
use crate::serving::request::{Request, Requests};
use crate::serving::roofline::Iteration;
use crate::serving::spec::{BatchingPolicy, Role};
use crate::serving::usage::Usage;

impl TokenReplica {
    /// Chooses the next iteration's members; newcomers only where `open`.
    pub(super) fn compose(
        &mut self,
        now: SimTime,
        open: bool,
        requests: &mut Requests,
        usage: &mut Usage,
        progress: &mut Progress,
        work: &mut Iteration,
    ) {
        let admitting = &mut Admitting { now, usage, progress };
        match self.profile.batching.policy {
            BatchingPolicy::Continuous => self.compose_continuous(open, requests, admitting, work),
            BatchingPolicy::PrefillFirst => {
                self.compose_prefill_first(open, requests, admitting, work);
            }
            BatchingPolicy::Static => self.compose_static(requests, admitting, work),
        }
    }

    /// All decodes, then prompts that are partly done, then admissions in order of arrival, in chunks
    /// within the token budget.
    fn compose_continuous(
        &mut self,
        open: bool,
        requests: &mut Requests,
        admitting: &mut Admitting<'_>,
        work: &mut Iteration,
    ) {
        let mut budget = self.profile.batching.token_budget - self.decoding.len() as u32;
        self.process_prompts(&mut budget, requests, work);
        while open
            && budget > 0
            && let Some((id, request)) = self.admissible(admitting.now, requests)
        {
            self.take_head();
            if request.decoder.is_some() {
                self.pull(id, request, admitting);
                continue;
            }
            let mut prompt = self.admit(id, request, admitting);
            prompt.chunk = budget.min(request.prompt() - prompt.offset);
            budget -= prompt.chunk;
            work.add_chunk(u64::from(prompt.chunk), u64::from(prompt.offset));
            self.prompts.push(prompt);
        }
        self.add_decodes(work);
    }

    /// Whole prompts alone, if any is admissible and nobody has just been swapped in; else all decodes.
    fn compose_prefill_first(
        &mut self,
        open: bool,
        requests: &mut Requests,
        admitting: &mut Admitting<'_>,
        work: &mut Iteration,
    ) {
        let mut budget = self.profile.batching.token_budget;
        while open
            && work.swapped == 0
            && let Some((id, request)) = self.admissible(admitting.now, requests)
        {
            let tokens = self.tokens_to_process(request);
            if tokens > budget && work.prefill_tokens > 0 {
                break;
            }
            self.take_head();
            let mut prompt = self.admit(id, request, admitting);
            prompt.chunk = tokens;
            budget = budget.saturating_sub(tokens);
            work.add_chunk(u64::from(tokens), u64::from(prompt.offset));
            self.prompts.push(prompt);
        }
        if work.prefill_tokens == 0 {
            self.add_decodes(work);
        }
    }

    /// When the last batch has ended, as many as fit; then their prompts to the end, then decodes.
    fn compose_static(
        &mut self,
        requests: &mut Requests,
        admitting: &mut Admitting<'_>,
        work: &mut Iteration,
    ) {
        if self.decoding.rows() == 0 && self.prompts.is_empty() {
            while let Some((id, request)) = self.admissible(admitting.now, requests) {
                self.take_head();
                let prompt = self.admit(id, request, admitting);
                self.prompts.push(prompt);
            }
        }
        let mut budget = self.profile.batching.token_budget;
        self.process_prompts(&mut budget, requests, work);
        if self.prompts.is_empty() {
            self.add_decodes(work);
        }
    }

    /// Gives the prompts already admitted their chunks.
    fn process_prompts(&mut self, budget: &mut u32, requests: &Requests, work: &mut Iteration) {
        for prompt in &mut self.prompts {
            prompt.chunk = (*budget).min(requests[prompt.request].prompt() - prompt.offset);
            *budget -= prompt.chunk;
            if prompt.chunk > 0 {
                work.add_chunk(u64::from(prompt.chunk), u64::from(prompt.offset));
            }
        }
    }

    fn add_decodes(&self, work: &mut Iteration) {
        work.decodes = self.decoding.rows();
        work.context = self.decoding.row_context();
    }

    /// The first in the queue, if it is taken in and has a place and room.
    fn admissible<'a>(
        &self,
        now: SimTime,
        requests: &'a mut Requests,
    ) -> Option<(RequestId, &'a mut Request)> {
        let id = self.head()?;
        let request = &mut requests[id];
        (self.taken_in(request) <= now && self.admits(request)).then_some((id, request))
    }

    /// Whether the next iteration has room for this request beside those already admitted.
    pub(super) fn admits(&self, request: &Request) -> bool {
        self.admits_after(request, 0)
    }

    /// The same, once the holdings have grown by so many tokens.
    #[inline]
    pub(super) fn admits_after(&self, request: &Request, grown: u64) -> bool {
        let needed = grown + self.growth() + self.needed(request, self.claim(request));
        self.aside.swapped().is_none()
            && self.has_place()
            && needed <= self.room()
            && !(self.is_static() && self.decoding.rows() > 0)
    }

    /// Whether one more sequence may be in an iteration.
    pub(super) fn has_place(&self) -> bool {
        let sequences = self.decoding.len() as usize + self.prompts.len() + self.aside.incoming();
        sequences < self.profile.batching.max_batch as usize
    }

    /// KV tokens that a request has once admitted: all that it will need, or, where holdings grow and
    /// where it only prefills, its prompt and the token that this yields.
    fn claim(&self, request: &Request) -> u64 {
        if self.is_optimistic() || self.profile.role == Role::Prefill {
            // A request that comes with its KV has the token already.
            request.context() + u64::from(request.decoder.is_none())
        } else {
            request.kv_tokens()
        }
    }

    fn admit(
        &mut self,
        id: RequestId,
        request: &mut Request,
        admitting: &mut Admitting<'_>,
    ) -> Prompt {
        let claim = self.claim(request);
        let hit = self.take_found(request);
        let declared = self.declared(request);
        admitting.usage.cache_hits += u64::from(hit.saturating_sub(declared));
        let offset = hit.max(declared);
        request.found = offset;
        if request.started.is_none() {
            request.started = Some(admitting.now);
            request.reused = offset;
            admitting.progress.started.push(id);
        }
        self.hold(request, claim);
        if self.shared(request) > 0 {
            self.cache.promise(request.shared);
        }
        Prompt { request: id, admission: self.next_admission(), offset, chunk: 0 }
    }

    /// Reserves a place and room for a request whose KV is elsewhere. What it shares with others and is
    /// here already need not be moved.
    fn pull(&mut self, id: RequestId, request: &mut Request, admitting: &mut Admitting<'_>) {
        request.moved = request.input - self.found(request);
        self.hold(request, self.claim(request));
        self.aside.await_one();
        admitting.progress.pulled.push(id);
    }

    /// Prompt tokens that an admission would have to process.
    fn tokens_to_process(&self, request: &Request) -> u32 {
        request.prompt() - self.found(request).max(self.declared(request))
    }
}

/// What an admission is written into.
struct Admitting<'a> {
    now: SimTime,
    usage: &'a mut Usage,
    progress: &'a mut Progress,
}
