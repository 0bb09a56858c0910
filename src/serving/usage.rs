//! What replicas did with their time: exact integer sums, kept per deployment.

use super::ramp::PICOS_PER_NANO;
use super::roofline::Iteration;
use crate::engine::SimTime;

/// What a replica's slot is doing. A token-serving replica has one slot, its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Provisioning and loading weights.
    Starting = 0,
    /// Ready, without work.
    Idle = 1,
    /// In an iteration with prefill work.
    Prefill = 2,
    /// In an iteration that only decodes, or in service.
    Decode = 3,
}

/// Cumulative sums over the replicas of a deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Slot-nanoseconds by [`Activity`].
    pub time: [u128; 4],
    /// KV tokens held × picoseconds.
    pub kv: u128,
    /// Iterations completed.
    pub iterations: u64,
    /// Sum over completed iterations of the decoding sequences in them: tokens decoded.
    pub decoded: u64,
    /// Sum over decoded tokens of the context attended to.
    pub decode_pairs: u128,
    /// Prompt tokens processed.
    pub prefilled: u64,
    /// Sum over prompt tokens processed of the context attended to.
    pub prefill_pairs: u128,
    /// Sum over chunks of prompts processed of the tokens up to their ends: KV read and written for them.
    pub prefill_reads: u128,
    /// Sum over completed iterations of the share of the experts that their tokens pass through, in
    /// units of 1 / `WHOLE`.
    pub touched: u128,
    /// Tokens produced by prefill: the first ones of requests, and the next ones of those whose KV was
    /// dropped.
    pub first_tokens: u64,
    /// Sequences preempted.
    pub preemptions: u64,
    /// Tokens whose KV was computed and then dropped, to be computed again.
    pub dropped: u64,
    /// Sum over those tokens of the context attended to.
    pub dropped_pairs: u128,
    /// Prompt tokens that the prefix cache saved from being processed.
    pub cache_hits: u64,
}

impl Usage {
    /// Slot-nanoseconds of one activity.
    pub fn time(&self, activity: Activity) -> u128 {
        self.time[activity as usize]
    }

    /// Slot-nanoseconds at work.
    pub fn busy(&self) -> u128 {
        self.time(Activity::Prefill) + self.time(Activity::Decode)
    }

    /// Output tokens produced.
    pub fn output_tokens(&self) -> u64 {
        self.first_tokens + self.decoded
    }

    /// Counts a completed iteration with prefill work or moves of KV.
    pub(super) fn count(&mut self, work: &Iteration) {
        self.iterations += 1;
        self.decoded += work.decodes;
        self.decode_pairs += u128::from(work.context);
        self.prefilled += work.prefill_tokens;
        self.prefill_pairs += u128::from(work.prefill_pairs);
        self.prefill_reads += u128::from(work.prefill_cached + work.prefill_tokens);
    }

    /// What happened after `earlier`.
    pub fn since(&self, earlier: &Self) -> Self {
        let mut time = self.time;
        time.iter_mut().zip(earlier.time).for_each(|(later, earlier)| *later -= earlier);
        Self {
            time,
            kv: self.kv - earlier.kv,
            iterations: self.iterations - earlier.iterations,
            decoded: self.decoded - earlier.decoded,
            decode_pairs: self.decode_pairs - earlier.decode_pairs,
            prefilled: self.prefilled - earlier.prefilled,
            prefill_pairs: self.prefill_pairs - earlier.prefill_pairs,
            prefill_reads: self.prefill_reads - earlier.prefill_reads,
            touched: self.touched - earlier.touched,
            first_tokens: self.first_tokens - earlier.first_tokens,
            preemptions: self.preemptions - earlier.preemptions,
            dropped: self.dropped - earlier.dropped,
            dropped_pairs: self.dropped_pairs - earlier.dropped_pairs,
            cache_hits: self.cache_hits - earlier.cache_hits,
        }
    }
}

/// A replica's current activity and KV holding, and since when: settled before either changes.
/// (What a run of decodes adds to the holding is [booked](super::ramp::Ramp::growth) by the run.)
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    pub activity: Activity,
    pub kv_held: u64,
    since: SimTime,
}

impl Meter {
    pub(super) fn new(at: SimTime) -> Self {
        Self { activity: Activity::Starting, kv_held: 0, since: at }
    }

    /// Books the time up to `now` under the present activity and holding.
    pub(super) fn settle(&mut self, now: SimTime, usage: &mut Usage) {
        let elapsed = now.since(self.since).as_nanos();
        usage.time[self.activity as usize] += u128::from(elapsed);
        usage.kv += u128::from(elapsed) * u128::from(self.kv_held * PICOS_PER_NANO);
        self.since = now;
    }
}
