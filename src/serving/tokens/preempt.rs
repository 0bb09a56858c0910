//! Making room in the KV cache: who has to go, and how they come back.

use super::TokenReplica;
use crate::serving::request::Requests;
use crate::serving::roofline::Iteration;
use crate::serving::spec::{KvAdmission, Preemption};
use crate::serving::usage::Usage;

impl TokenReplica {
    /// Preempts the latest admitted until the next step's tokens fit. Returns whether anyone was.
    pub(super) fn preempt(
        &mut self,
        requests: &mut Requests,
        usage: &mut Usage,
        work: &mut Iteration,
    ) -> bool {
        let before = usage.preemptions;
        while self.growth() > self.room() {
            usage.preemptions += 1;
            self.preempt_latest(requests, usage, work);
        }
        usage.preemptions > before
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
        usage.drop(u64::from(request.found), u64::from(prompt.offset));
        self.meter.kv_held -= request.context() + 1;
        self.waiting.push_front(prompt.request);
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
        let context = request.context();
        self.decoding.remove(member);
        self.decoding.take_off(context);
        self.meter.kv_held -= context;
        if self.profile.batching.admission == KvAdmission::Optimistic(Preemption::Swap) {
            work.swapped += context;
            self.swapped.push_front(member.request);
        } else {
            usage.drop(u64::from(request.found), context - 1);
            self.waiting.push_front(member.request);
        }
    }

    /// Brings back those whose KV is in the host's memory, as far as they fit with their next step.
    pub(super) fn swap_in(&mut self, requests: &Requests, work: &mut Iteration) {
        while let Some(&id) = self.swapped.front()
            && self.has_place()
        {
            let request = &requests[id];
            if request.context() + self.decoding.len() + 1 > self.room() {
                break;
            }
            self.swapped.pop_front();
            self.meter.kv_held += request.context();
            work.swapped += request.context();
            let admission = self.next_admission();
            self.join(id, admission, request);
            self.make_room();
        }
    }
}

impl Usage {
    /// Counts the KV of a sequence's tokens after the first `from` up to `to` as computed for nothing.
    fn drop(&mut self, from: u64, to: u64) {
        self.dropped += to - from;
        self.dropped_pairs += u128::from((to * (to + 1) - from * (from + 1)) / 2);
    }
}
