//! An iteration time that is affine in the iteration's work, by coefficients that are given.

use super::ramp::Ramp;
use super::roofline::Iteration;
use super::spec::GivenReplica;
use crate::units::Picoseconds;

/// The coefficients.
///
/// With p prefill tokens in so many prompts, which form A (token, context) pairs, and b decoding
/// sequences with K tokens of context:
///
/// ```text
/// duration = overhead + per_sequence·(prompts + b) + per_prefill_token·p + per_prefill_pair·A
///          + per_decode_token·b + per_context_token·K
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AffineSpec {
    /// Of an iteration.
    pub overhead: Picoseconds,
    /// Of a sequence in it.
    pub per_sequence: Picoseconds,
    /// Of a prompt token.
    pub per_prefill_token: Picoseconds,
    /// Of a prompt token for each token that it attends to, itself included.
    pub per_prefill_pair: Picoseconds,
    /// Of a decoding sequence.
    pub per_decode_token: Picoseconds,
    /// Of a token that a decoding sequence attends to.
    pub per_context_token: Picoseconds,
    /// What a replica is and holds.
    pub replica: GivenReplica,
}

impl AffineSpec {
    /// Picoseconds of one iteration, at least one.
    #[inline(never)]
    pub fn iteration(&self, work: &Iteration) -> u64 {
        let prefill = work.prefill_tokens as f64 * self.per_prefill_token.0
            + work.prefill_pairs as f64 * self.per_prefill_pair.0
            + work.prefill_sequences as f64 * self.per_sequence.0;
        self.picos(prefill, work.decodes, work.context).max(1)
    }

    /// The run of iterations in which `decodes` sequences, with `context` tokens of context in
    /// the first one, each produce one token an iteration.
    // Aside, so that the roofline, which is asked more often, does not wait for what is prepared for this.
    #[inline(never)]
    pub fn ramp(&self, decodes: u64, context: u64) -> Ramp {
        let slope = round(decodes as f64 * self.per_context_token.0);
        Ramp::new(self.picos(0.0, decodes, context), slope)
    }

    fn picos(&self, prefill: f64, decodes: u64, context: u64) -> u64 {
        let sequence = self.per_sequence.0 + self.per_decode_token.0;
        let decode = decodes as f64 * sequence + context as f64 * self.per_context_token.0;
        round(self.overhead.0 + prefill + decode)
    }
}

/// To the nearest picosecond, at most 2⁶² (53 days), so that sums of two have room.
fn round(picos: f64) -> u64 {
    (picos.round() as u64).min(1 << 62)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> AffineSpec {
        AffineSpec {
            overhead: Picoseconds(5e9),
            per_sequence: Picoseconds(1e6),
            per_prefill_token: Picoseconds(20e6),
            per_prefill_pair: Picoseconds(0.4),
            per_decode_token: Picoseconds(7e6),
            per_context_token: Picoseconds(12.5),
            replica: GivenReplica::default(),
        }
    }

    #[test]
    fn every_coefficient_counts() {
        let mut work = Iteration { decodes: 3, context: 1000, ..Iteration::default() };
        work.add_chunk(100, 50);
        let pairs = 100 * 50 + 5050;
        let expected =
            5e9 + 4.0 * 1e6 + 100.0 * 20e6 + f64::from(pairs) * 0.4 + 3.0 * 7e6 + 12_500.0;
        assert_eq!(spec().iteration(&work), expected as u64);
    }

    #[test]
    fn a_run_begins_with_its_first_iteration() {
        let ramp = spec().ramp(4, 801);
        let first = Iteration { decodes: 4, context: 801, ..Iteration::default() };
        let second = Iteration { context: 805, ..first };
        assert_eq!(ramp.iteration(0), u128::from(spec().iteration(&first)));
        assert_eq!(ramp.iteration(1), u128::from(spec().iteration(&second)));
        assert_eq!(ramp.length(), u64::MAX);
    }

    #[test]
    fn an_iteration_takes_some_time() {
        let free = AffineSpec::default();
        assert_eq!(free.iteration(&Iteration::default()), 1);
        assert_eq!(free.ramp(1, 1).iteration(0), 1);
    }
}
