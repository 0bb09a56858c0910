//! What a twin does when prompts are processed by one replica and output is decoded by another.

use super::{Member, Twin};
use coopsim::engine::SimTime;
use coopsim::serving::BatchingPolicy;

impl<'a> Twin<'a> {
    /// Takes a request in. Returns the instant of the next boundary if that has changed.
    pub fn enqueue(&mut self, now: SimTime, index: usize) -> Option<SimTime> {
        self.waiting.push_back(index);
        if self.current.is_none() {
            let head = self.waiting[0];
            return self.wake(now.max(self.taken_in(head)));
        }
        let first = self.waiting.len() == 1 && self.swapped.is_empty();
        // At the end of the iteration in progress the holdings will have grown.
        let grown = if self.reserves() || self.begins(now) { 0 } else { self.decoding() };
        let fits = self.has_place() && self.needed(index) + grown <= self.capacity();
        if first && fits { self.interrupt(now) } else { None }
    }

    /// Takes over from `source` a request whose prompt it has processed.
    pub fn take_over(&mut self, now: SimTime, index: usize, source: &Twin<'a>) -> Option<SimTime> {
        let member = source.leaving.iter().find(|member| member.index == index);
        self.elsewhere.insert(index, member.expect("its KV is there").clone());
        self.produced[index] = 1;
        self.enqueue(now, index)
    }

    /// The KV of a request has moved away from here.
    pub fn release(&mut self, now: SimTime, index: usize) -> Option<SimTime> {
        self.settle(now);
        let used = self.used(index);
        self.leaving.retain(|member| member.index != index);
        self.keep(index, self.input(index));
        self.note_use(index, used);
        if self.current.is_none() && !self.waiting.is_empty() { self.wake(now) } else { None }
    }

    /// The KV of a request has arrived here.
    pub fn receive(&mut self, now: SimTime, index: usize) -> Option<SimTime> {
        self.seen.note("KV arrived within a run", self.run.is_some());
        let landed = self.incoming.extract_if(.., |member| member.index == index);
        self.landed.extend(landed);
        self.complete(index, u64::MAX);
        if self.current.is_none() { self.wake(now) } else { self.interrupt(now) }
    }

    /// Gives the head a place, if its KV is elsewhere; whether it is.
    pub(super) fn pull(&mut self, now: SimTime) -> bool {
        let head = *self.waiting.front().expect("someone waits");
        let Some(member) = self.elsewhere.remove(&head) else { return false };
        self.end_run(now);
        self.take_head();
        let found = self.found(head);
        self.seen.note("less to move", found > 0);
        self.seen.note("shared on its way", found < self.shared(head) && self.used(head) > 0);
        self.lacking.insert(head, self.input(head) - found);
        self.incoming.push(member);
        self.pulled.push(head);
        self.evict();
        true
    }

    /// Those whose KV has arrived decode from now on; whether there are any.
    pub(super) fn join_landed(&mut self) -> bool {
        let any = !self.landed.is_empty();
        self.members.append(&mut self.landed);
        any
    }

    /// Whether memory alone keeps the head out.
    pub(super) fn note_blocked(&mut self) {
        let Some(&head) = self.waiting.front().filter(|_| self.has_place()) else { return };
        let needed = self.needed(head);
        let blocked = needed > self.capacity();
        self.seen.note("pull waited for memory", blocked && self.elsewhere.contains_key(&head));
        let leaving: u64 = self.leaving.iter().map(|member: &Member| self.holding(member)).sum();
        let but_for_those = needed - leaving <= self.capacity();
        self.seen.note("blocked by KV not moved yet", blocked && but_for_those);
    }

    /// Whether it is only that the head is not taken in yet.
    pub(super) fn note_to_come(&mut self, now: SimTime) {
        let Some(&head) = self.waiting.front() else { return };
        let to_come = self.taken_in(head) > now && self.admits(head);
        self.seen.note("not taken in yet", to_come && self.policy() != BatchingPolicy::Static);
        let static_batch = self.policy() == BatchingPolicy::Static && self.members.is_empty();
        self.seen.note("batch not taken in yet", to_come && static_batch);
    }

    fn wake(&mut self, at: SimTime) -> Option<SimTime> {
        (self.waking.replace(at) != Some(at)).then_some(at)
    }

    /// Whether a run begins at this very instant.
    fn begins(&self, now: SimTime) -> bool {
        self.run.as_ref().is_some_and(|run| run.count == 0 && run.anchor == now)
    }

    /// Calls for the first boundary of a run at or after `now`: its beginning, if that is now. Returns
    /// it, unless something changes there anyway.
    fn interrupt(&mut self, now: SimTime) -> Option<SimTime> {
        self.run.as_ref()?;
        if self.begins(now) {
            self.run = None;
            self.current = None;
            self.decodes = false;
            self.seen.note("run withdrawn", true);
            return self.wake(now);
        }
        let current = self.current.as_mut().expect("a run is in progress");
        (!std::mem::replace(&mut current.decisive, true)).then_some(current.end)
    }

    /// Whether nobody is here, in whatever state.
    pub fn is_empty(&self) -> bool {
        let moving = self.leaving.len() + self.incoming.len() + self.landed.len();
        moving + self.members.len() + self.waiting.len() + self.swapped.len() == 0
    }
}
