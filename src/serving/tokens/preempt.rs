//! Making room in the KV cache: who has to go, and how they come back.

use super::TokenReplica;
use crate::serving::request::{Request, Requests};
use crate::serving::roofline::Iteration;
use crate::serving::spec::{KvAdmission, Preemption};
use crate::serving::usage::Usage;

impl TokenReplica {
    /// Preempts the latest admitted until the next step's tokens fit.
    pub(super) fn preempt(
        &mut self,
        requests: &mut Requests,
        usage: &mut Usage,
        work: &mut Iteration,
    ) {
        while self.growth() > self.room() {
            usage.preemptions += 1;
            self.preempt_latest(requests, usage, work);
        }
    }

    fn preempt_latest(&mut self, requests: &mut Requests, usage: &mut Usage, work: &mut Iteration) {
        let age = |admission| self.admissions.wrapping_sub(admission);
        let member = self.decoding.latest(self.admissions).expect("a step's growth is a decode's");
        match self.prompts.last() {
            Some(prompt) if age(prompt.admission) < age(member.admission) => {
                self.drop_prompt(requests, usage);
            }
            _ => self.preempt_member(member, requests, usage, work),
        }
    }

    /// A prompt in progress has nothing worth moving: it starts again.
    fn drop_prompt(&mut self, requests: &Requests, usage: &mut Usage) {
        let prompt = self.prompts.pop().expect("it was there");
        let request = &requests[prompt.request];
        self.drop_computed(request, prompt.offset, usage);
        if self.shared(request) > 0 {
            self.cache.abandon(request.shared, prompt.offset);
        }
        let holding = self.holding(request, request.context() + 1);
        self.unhold(&holding);
        self.aside.return_first(prompt.request);
    }

    /// Counts what was computed for a request up to `to` and is dropped: what it shares with others stays.
    fn drop_computed(&self, request: &Request, to: u32, usage: &mut Usage) {
        let from = request.found.max(self.shared(request)).min(to);
        usage.drop(u64::from(from), u64::from(to));
    }

    fn preempt_member(
        &mut self,
        member: super::decoding::Member,
        requests: &mut Requests,
        usage: &mut Usage,
        work: &mut Iteration,
    ) {
        let request = &mut requests[member.request];
        request.produced = request.output - self.decoding.left(member, 0) as u32;
        let request = &requests[member.request];
        let context = request.context();
        self.decoding.remove(member);
        self.decoding.take_off(context);
        let holding = self.holding(request, context);
        self.unhold(&holding);
        if self.profile.batching.admission == KvAdmission::Optimistic(Preemption::Swap) {
            work.swapped += self.own_context(request);
            self.aside.swap_first(member.request);
        } else {
            self.drop_computed(request, context as u32 - 1, usage);
            self.aside.return_first(member.request);
        }
    }

    /// Brings back those whose KV is in the host's memory, as far as they fit with their next step. Who would
    /// fit, and finds what it shared with others evicted, starts again: the host has only what was its own.
    pub(super) fn swap_in(&mut self, requests: &Requests, usage: &mut Usage, work: &mut Iteration) {
        while let Some(id) = self.aside.swapped()
            && self.has_place()
        {
            let request = &requests[id];
            let needed = self.needed(request, request.context());
            if needed + self.decoding.len() + 1 > self.room() {
                break;
            }
            let shared = self.shared(request);
            if shared > 0 && self.cache.found(request.shared) < shared {
                self.aside.take_swapped();
                self.drop_computed(request, request.context() as u32 - 1, usage);
                self.aside.return_first(id);
                continue;
            }
            self.aside.take_swapped();
            self.hold(request, request.context());
            work.swapped += self.own_context(request);
            let admission = self.next_admission();
            self.join(id, admission, request);
        }
    }

    /// Tokens of a request's context whose KV nobody else uses.
    fn own_context(&self, request: &Request) -> u64 {
        request.context() - u64::from(self.shared(request))
    }
}

impl Usage {
    /// Counts the KV of a sequence's tokens after the first `from` up to `to` as computed for nothing.
    fn drop(&mut self, from: u64, to: u64) {
        self.dropped += to - from;
        self.dropped_pairs += u128::from((to * (to + 1) - from * (from + 1)) / 2);
    }
}
