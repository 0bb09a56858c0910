//! One boundary of the twin: finish, preempt, swap in, compose, start.

use super::{Current, Member, Next, Run, Stage, Twin};
use coopsim::engine::{SimDuration, SimTime};
use coopsim::serving::{BatchingPolicy, Iteration, KvAdmission, Preemption, Timing};

impl Twin<'_> {
    /// Acts at a boundary and begins the iteration after it. Returns that one's end, or `None`
    /// when there is nothing to do.
    pub fn boundary(&mut self, now: SimTime) -> Option<Next> {
        self.settle(now);
        self.waking = None;
        self.moved = 0;
        let ended = self.finish(now);
        if ended | self.join_landed() {
            self.end_run(now);
        }
        let preempted = self.preempt();
        let returned = !preempted && self.swap_in();
        if preempted || returned {
            self.end_run(now);
        }
        let open = !preempted && self.swapped.is_empty();
        match self.policy() {
            BatchingPolicy::Continuous => self.compose_continuous(now, open),
            BatchingPolicy::PrefillFirst => self.compose_prefill_first(now, open && !returned),
            BatchingPolicy::Static => self.compose_static(now),
        }
        self.note_blocked();
        self.note_to_come(now);
        self.begin(now)
    }

    /// Ends the iteration that ended now; whether a member ended.
    fn finish(&mut self, now: SimTime) -> bool {
        if let Some(current) = self.current.take() {
            self.book(&current);
        }
        let mut ended = self.finish_decodes();
        ended.extend(self.finish_prompts(now));
        let any = !ended.is_empty();
        for index in ended {
            self.outcome.times[index].ended = Some(now);
            match self.policy() {
                BatchingPolicy::Static => self.ended.push(index),
                _ => self.leave(index),
            }
        }
        if self.ended.len() == self.members.len() {
            for index in std::mem::take(&mut self.ended) {
                self.leave(index);
            }
        }
        any
    }

    fn finish_decodes(&mut self) -> Vec<usize> {
        let mut ended = Vec::new();
        if std::mem::take(&mut self.decodes) {
            for member in self.members.iter_mut().filter(|member| member.stage != Stage::Prompt) {
                member.context += 1;
                if member.stage == Stage::Decoding {
                    self.produced[member.index] += 1;
                    if self.produced[member.index] == u64::from(self.arrivals[member.index].output)
                    {
                        member.stage = Stage::Padding;
                        ended.push(member.index);
                    }
                }
            }
            self.evict();
        }
        ended
    }

    fn finish_prompts(&mut self, now: SimTime) -> Vec<usize> {
        let (mut ended, mut done) = (Vec::new(), Vec::new());
        for member in self.members.iter_mut().filter(|member| member.stage == Stage::Prompt) {
            member.offset += std::mem::take(&mut member.chunk);
            if member.offset < member.prompt {
                continue;
            }
            let index = member.index;
            self.produced[index] += 1;
            self.outcome.sums.yielded += 1;
            self.outcome.times[index].first_token.get_or_insert(now);
            member.stage = Stage::Decoding;
            member.context = member.prompt + 1;
            if self.produced[index] == u64::from(self.arrivals[index].output) {
                member.stage = Stage::Padding;
                ended.push(index);
            }
            done.push(index);
        }
        for index in done {
            self.complete(index, u64::MAX);
        }
        if self.only_prefills() {
            let done = self.members.extract_if(.., |member| member.stage == Stage::Decoding);
            let done: Vec<_> = done.collect();
            self.handed.extend(done.iter().map(|member| member.index));
            self.leaving.extend(done);
        }
        ended
    }

    /// A request's KV memory is free, and may be kept for the next turn.
    fn leave(&mut self, index: usize) {
        let used = self.used(index);
        self.members.retain(|member| member.index != index);
        self.keep(index, self.input(index) + self.output(index) - 1);
        self.note_use(index, used);
    }

    /// Keeps so many tokens of a conversation's turn, if that is what it was, but for what it shared.
    pub(super) fn keep(&mut self, index: usize, tokens: u64) {
        if let Some(turn) = self.turn(index) {
            self.cache.insert(turn.session, tokens - self.shared(index));
        }
    }

    /// Takes the latest admitted out until the iteration to come has memory; whether it did.
    fn preempt(&mut self) -> bool {
        let KvAdmission::Optimistic(preemption) = self.profile.batching.admission else {
            return false;
        };
        let before = self.members.len();
        while self.held() + self.decoding() > self.capacity() {
            let index = self.members.last().expect("a member alone always has memory").index;
            let used = self.used(index);
            let victim = self.members.pop().expect("it was there");
            self.outcome.sums.preemptions += 1;
            if preemption == Preemption::Swap && victim.stage == Stage::Decoding {
                self.moved += victim.context - self.shared(index);
                self.swapped.push_front(victim);
            } else {
                self.drop_computed(&victim);
                if victim.stage == Stage::Prompt {
                    self.complete(index, victim.offset);
                    self.seen.note("text left unfinished", victim.offset < self.shared(index));
                }
                self.seen.note("prompt preempted", victim.stage == Stage::Prompt);
                self.come_back(index);
            }
            self.note_use(index, used);
        }
        let victims = before - self.members.len();
        self.seen.note("preemption", victims > 0);
        self.seen.note("several victims at once", victims > 1);
        victims > 0
    }

    /// Counts the KV that was computed of a victim, and will be again: not that of its last token,
    /// which nobody has attended to, and not what it shares with others, which stays.
    fn drop_computed(&mut self, victim: &Member) {
        let computed = match victim.stage {
            Stage::Prompt => victim.offset,
            Stage::Decoding | Stage::Padding => victim.context - 1,
        };
        for position in victim.found.max(self.shared(victim.index))..computed {
            self.outcome.sums.dropped += 1;
            self.outcome.sums.dropped_pairs += u128::from(position + 1);
        }
    }

    /// Lets back in who was swapped out, first come, first served; whether it did.
    fn swap_in(&mut self) -> bool {
        let before = self.members.len();
        while let Some(head) = self.swapped.front() {
            let index = head.index;
            let needed = self.held() + self.decoding() + self.cost(index, head.context) + 1;
            if !self.has_place() || needed > self.capacity() {
                break;
            }
            let head = self.swapped.pop_front().expect("it is there");
            if self.found_of_text(index) < self.shared(index) {
                self.drop_computed(&head);
                self.come_back(index);
                self.seen.note("swapped in vain", true);
                continue;
            }
            self.moved += head.context - self.shared(index);
            self.members.push(head);
            self.evict();
            self.seen.note("swap-in", true);
        }
        self.members.len() > before
    }

    /// All decodes, then prompts in chunks.
    fn compose_continuous(&mut self, now: SimTime, open: bool) {
        self.decodes = true;
        let mut budget = self.budget() - self.decoding();
        self.share(&mut budget);
        while open && budget > 0 && self.admits_head(now) {
            if self.pull(now) {
                continue;
            }
            let member = self.admit(now);
            member.chunk = budget.min(member.prompt - member.offset);
            budget -= member.chunk;
        }
    }

    /// Whole prompts, or else all decodes.
    fn compose_prefill_first(&mut self, now: SimTime, open: bool) {
        self.decodes = true;
        let mut budget = self.budget();
        while open && let Some(&head) = self.waiting.front() {
            let tokens = self.input(head) + self.produced[head] - self.prefix(head);
            let first = self.decodes;
            if !self.admits_head(now) || (tokens > budget && !first) {
                break;
            }
            self.admit(now).chunk = tokens;
            self.seen.note("prompt beyond the budget", tokens > budget);
            budget = budget.saturating_sub(tokens);
            self.decodes = false;
        }
    }

    /// A batch when none is running; its prompts in chunks, and decodes when all are done.
    fn compose_static(&mut self, now: SimTime) {
        if self.members.is_empty() {
            while self.admits_head(now) {
                self.admit(now);
            }
        }
        self.share(&mut self.budget());
        self.decodes = self.members.iter().all(|member| member.stage != Stage::Prompt);
    }

    /// Gives the prompts in progress their chunks, the earliest admitted first.
    fn share(&mut self, budget: &mut u64) {
        for member in self.members.iter_mut().filter(|member| member.stage == Stage::Prompt) {
            member.chunk = (member.prompt - member.offset).min(*budget);
            *budget -= member.chunk;
        }
    }

    /// Begins the iteration that was composed.
    fn begin(&mut self, now: SimTime) -> Option<Next> {
        let work = self.work();
        let next = if work.prefill_tokens > 0 || work.swapped > 0 {
            self.begin_alone(now, &work)
        } else if work.decodes > 0 {
            self.continue_run(now, &work)
        } else {
            return self.wait(now);
        };
        let Next { end, decisive, .. } = next;
        self.current = Some(Current { work, start: now, end, decisive });
        Some(next)
    }

    /// Idle: until the first one waiting is taken in, if there is one that is not.
    fn wait(&mut self, now: SimTime) -> Option<Next> {
        let &head = self.waiting.front()?;
        let end = self.taken_in(head);
        (end > now).then(|| {
            self.waking = Some(end);
            Next { end, decisive: true, continues: false }
        })
    }

    fn work(&self) -> Iteration {
        let mut work = Iteration { swapped: self.moved, ..Iteration::default() };
        for member in &self.members {
            if member.chunk > 0 {
                work.add_chunk(member.chunk, member.offset);
            } else if self.decodes && member.stage != Stage::Prompt {
                work.decodes += 1;
                work.context += member.context;
            }
        }
        work
    }

    /// An iteration that is no part of a run.
    fn begin_alone(&mut self, now: SimTime, work: &Iteration) -> Next {
        self.end_run(now);
        self.seen.changes += 1;
        let nanos = self.profile.iteration(work) / 1000;
        Next { end: now + SimDuration::from_nanos(nanos), decisive: true, continues: false }
    }

    /// The next iteration of a decode run, which begins now if there is none.
    fn continue_run(&mut self, now: SimTime, work: &Iteration) -> Next {
        if self.run.as_ref().is_some_and(|run| run.count == run.ramp.length()) {
            self.end_run(now);
            self.seen.note("ramp used up", true);
        }
        let continues = self.run.is_some();
        self.seen.changes += u64::from(!continues);
        self.seen.note("left waiting within a run", continues && !self.waiting.is_empty());
        let last = self.is_last_of_members();
        let run = self.run.get_or_insert_with(|| Run {
            anchor: now,
            ramp: self.profile.timing.ramp(work.decodes, work.context),
            count: 0,
            picos: 0,
            held: Vec::new(),
        });
        let picos = run.ramp.iteration(run.count);
        if let Timing::Table(table) = &self.profile.timing {
            assert_eq!(picos, u128::from(table.iteration(work)), "a run is its iterations");
        }
        let nanos = u64::try_from((run.picos + picos) / 1000).expect("in time");
        Next {
            end: run.anchor + SimDuration::from_nanos(nanos),
            decisive: last || run.count + 1 == run.ramp.length(),
            continues,
        }
    }

    /// Whether these members cannot decode twice: one ends, or memory does.
    fn is_last_of_members(&self) -> bool {
        let ends = |member: &Member| {
            member.stage == Stage::Decoding
                && self.produced[member.index] + 1 == self.output(member.index)
        };
        let exhausted = !self.reserves() && self.held() + 2 * self.decoding() > self.capacity();
        exhausted || self.members.iter().any(ends)
    }

    /// Books the KV tokens held up to now, unless that is left to the end of a run.
    pub(super) fn settle(&mut self, now: SimTime) {
        if self.run.is_none() {
            let picos = u128::from(now.since(self.since).as_nanos()) * 1000;
            self.outcome.sums.kv += u128::from(self.held()) * picos;
            self.since = now;
        }
    }

    /// Ends the decode run, if there is one, and books the KV tokens held in it: of the last iteration
    /// only what is before `now`, its end in whole nanoseconds.
    pub(super) fn end_run(&mut self, now: SimTime) {
        let Some(run) = self.run.take() else { return };
        self.since = now;
        // All its iterations have ended: nothing is held in another.
        self.outcome.sums.kv += run.kv_before(now, 0);
    }

    /// Books the iteration that has ended, before its members change.
    fn book(&mut self, current: &Current) {
        let Current { work, start, end, .. } = current;
        let held = self.held();
        if let Some(run) = &mut self.run {
            run.picos += run.ramp.iteration(run.count);
            run.count += 1;
            run.held.push((run.picos, held));
        }
        self.seen.boundaries.push(*end);
        let duration = end.since(*start);
        let live = |member: &&Member| self.decodes && member.stage == Stage::Decoding;
        let sums = &mut self.outcome.sums;
        sums.iterations += 1;
        sums.decoded += self.members.iter().filter(live).count() as u64;
        let context = self.members.iter().filter(live).map(|member| member.context);
        sums.decode_pairs += u128::from(context.sum::<u64>());
        sums.prefilled += work.prefill_tokens;
        sums.prefill_pairs += u128::from(work.prefill_pairs);
        match work.prefill_tokens {
            0 => sums.decode_time += u128::from(duration.as_nanos()),
            _ => sums.prefill_time += u128::from(duration.as_nanos()),
        }
        let padded = self.members.iter().any(|member| member.stage == Stage::Padding);
        self.seen.note("padding", padded);
    }
}
