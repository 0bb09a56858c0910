//! Iteration times from measured tables, interpolated between their points.
//!
//! A prefill is looked up by the prompt tokens in the iteration, a decode by the number of
//! sequences and their mean context. Both are linear between neighbouring points, so that times are
//! monotone wherever the points are. Tables know the phases apart only: an iteration with both takes
//! the sum of its parts. That is exact under batching that never mixes them, and an upper bound where a
//! mixed iteration would have read the weights once for both. Below the smallest point its time
//! holds. Above the largest, the last line goes on; validation sees to it that this happens only
//! where it was asked for.

use super::ramp::{PICOS_PER_NANO, Ramp};
use super::roofline::Iteration;
use super::spec::GivenReplica;
use crate::engine::SimDuration;
use std::collections::BTreeMap;

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct TableSpec {
    /// Time of a prefill by its prompt tokens; at least one point.
    pub prefill: BTreeMap<u32, SimDuration>,
    /// Time of a decode by the number of sequences, and then by their mean context; at least one
    /// point of each. It does not fall with the context.
    pub decode: BTreeMap<u32, BTreeMap<u32, SimDuration>>,
    /// Whether decodes were measured against the context. If not, all have the same single one.
    pub by_context: bool,
    /// Whether times beyond the tables may be guessed from their last points.
    pub extrapolate: bool,
    /// What a replica is and holds.
    pub replica: GivenReplica,
}

impl TableSpec {
    /// The largest prefill that was measured, in tokens.
    pub fn largest_prefill(&self) -> u32 {
        self.prefill.keys().next_back().copied().unwrap_or(0)
    }

    /// The same, unless larger ones may be guessed.
    pub fn largest_iteration(&self) -> Option<u64> {
        (!self.extrapolate).then(|| u64::from(self.largest_prefill()))
    }

    /// The largest batch that was measured.
    pub fn largest_batch(&self) -> u32 {
        self.decode.keys().next_back().copied().unwrap_or(0)
    }

    /// The longest context that was measured with every batch, unless it does not matter.
    pub fn longest_context(&self) -> Option<u64> {
        let last = |row: &BTreeMap<u32, SimDuration>| row.keys().next_back().copied();
        let longest = self.decode.values().filter_map(last).min().map(u64::from);
        longest.filter(|_| self.by_context && !self.extrapolate)
    }
}

/// The tables, in picoseconds, with decodes on a full grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    prefill: Vec<Point>,
    batches: Vec<u64>,
    contexts: Vec<u64>,
    /// By batch, then context.
    decode: Vec<Vec<u64>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Point {
    at: u64,
    picos: u64,
}

impl Table {
    /// Puts a validated specification on a grid: every context that was measured with any batch,
    /// up to the longest measured with all.
    pub fn new(spec: &TableSpec) -> Self {
        let longest = spec.longest_context().unwrap_or(u64::MAX);
        let mut contexts: Vec<_> =
            spec.decode.values().flat_map(|row| row.keys().copied().map(u64::from)).collect();
        contexts.sort_unstable();
        contexts.dedup();
        contexts.retain(|&context| context <= longest);
        let on_grid = |row: &BTreeMap<u32, SimDuration>| {
            let points = points(row);
            contexts.iter().map(|&context| interpolate(&points, context)).collect()
        };
        Self {
            prefill: points(&spec.prefill),
            batches: spec.decode.keys().copied().map(u64::from).collect(),
            decode: spec.decode.values().map(on_grid).collect(),
            contexts,
        }
    }

    /// Picoseconds of one iteration, at least one.
    #[inline(never)]
    pub fn iteration(&self, work: &Iteration) -> u64 {
        let prefill = match work.prefill_tokens {
            0 => 0,
            tokens => interpolate(&self.prefill, tokens),
        };
        let decode = match work.decodes {
            0 => 0,
            decodes => self.ramp(decodes, work.context).start(),
        };
        (prefill + decode).max(1)
    }

    /// The run of iterations in which `decodes` sequences, with `context` tokens of context in
    /// the first one, each produce one token an iteration, up to the next point of the table.
    ///
    /// With each iteration the mean context grows by one, and the time by a whole number of
    /// picoseconds: so a run and its iterations one by one agree exactly. Rounding that number down
    /// keeps times monotone from line to line.
    // Aside, so that the roofline, which is asked more often, does not wait for what is prepared for this.
    #[inline(never)]
    pub fn ramp(&self, decodes: u64, context: u64) -> Ramp {
        let reached = self.contexts.partition_point(|&at| at * decodes <= context);
        let until = |index: usize| match self.contexts.get(index) {
            Some(&at) => (at * decodes - context).div_ceil(decodes),
            None => u64::MAX,
        };
        let length = until(reached);
        if reached == 0 || self.contexts.len() == 1 {
            return Ramp::new(self.decode_at(decodes, 0), 0).limited(length);
        }
        let left = (reached - 1).min(self.contexts.len() - 2);
        let (from, to) = (self.contexts[left], self.contexts[left + 1]);
        let low = self.decode_at(decodes, left);
        // Beyond the largest batch the lines of a guess may cross.
        let high = self.decode_at(decodes, left + 1).max(low);
        let slope = (high - low) / (to - from);
        let beyond = u128::from(context - from * decodes);
        let gained = u128::from(slope) * beyond / u128::from(decodes);
        let start = low.saturating_add(u64::try_from(gained).unwrap_or(u64::MAX)).min(LONGEST);
        Ramp::new(start, slope).limited(length)
    }

    /// The time of a decode at a context of the grid, at least a picosecond: a guess beyond the largest
    /// batch may come to nothing, and no iteration takes no time.
    fn decode_at(&self, decodes: u64, context: usize) -> u64 {
        let point = |row: usize| Point { at: self.batches[row], picos: self.decode[row][context] };
        let below = self.batches.partition_point(|&batch| batch < decodes);
        match right_of(below, self.batches.len()) {
            Some(right) => on_line(point(right - 1), point(right), decodes),
            None => point(0).picos,
        }
        .max(1)
    }
}

/// 53 days: sums of two such times have room.
const LONGEST: u64 = 1 << 62;

fn points(row: &BTreeMap<u32, SimDuration>) -> Vec<Point> {
    let picos = |time: SimDuration| time.as_nanos().saturating_mul(PICOS_PER_NANO).min(LONGEST);
    row.iter().map(|(&at, &time)| Point { at: u64::from(at), picos: picos(time) }).collect()
}

/// The value at `at` of the polygon through `points`: before the first it is that point's, after the
/// last the last line goes on.
fn interpolate(points: &[Point], at: u64) -> u64 {
    let below = points.partition_point(|point| point.at < at);
    match right_of(below, points.len()) {
        Some(right) => on_line(points[right - 1], points[right], at),
        None => points[0].picos,
    }
}

/// The right end of the line to look at when `below` of `count` points lie below. `None` where
/// the first point's value holds.
fn right_of(below: usize, count: usize) -> Option<usize> {
    (below > 0 && count > 1).then(|| below.min(count - 1))
}

/// The value at `at` of the line through two points, rounded down, though not below zero.
fn on_line(low: Point, high: Point, at: u64) -> u64 {
    let rise = i128::from(high.picos) - i128::from(low.picos);
    let value = i128::from(low.picos)
        + (rise * i128::from(at - low.at)).div_euclid(i128::from(high.at - low.at));
    u64::try_from(value.max(0)).unwrap_or(LONGEST).min(LONGEST)
}

#[cfg(test)]
mod tests;
