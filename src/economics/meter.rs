//! What meters show: the use that contracts are billed by.

use crate::engine::{SimDuration, SimTime};

/// Use of a deployment or of a cluster from one instant to another.
///
/// Contracts are billed by all use so far, and its counts are integers: an amount of money is then rounded
/// once, and however often a meter is read, no more than that rounding is lost or won.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metered {
    /// Where the span begins.
    pub from: SimTime,
    /// Where it ends.
    pub until: SimTime,
    /// Requests completed.
    pub requests: u64,
    /// Prompt tokens of completed requests.
    pub input_tokens: u64,
    /// Of them, those found in a prefix cache.
    pub cached_tokens: u64,
    /// Output tokens of completed requests.
    pub output_tokens: u64,
    /// Accelerator-nanoseconds held: of a deployment by its replicas, of a cluster by the cloud, which holds
    /// all that is in service.
    pub held: u128,
    /// Energy at the meter, in joules, where there is one. It is a float, but no sum of spans: whoever reads the
    /// meter forms it from integer totals.
    pub joules: Option<f64>,
}

impl Metered {
    /// How long the span is.
    pub fn elapsed(&self) -> SimDuration {
        self.until.since(self.from)
    }

    /// Prompt and output tokens.
    pub fn tokens(&self) -> u64 {
        self.input_tokens + self.output_tokens
    }

    /// The later part of the span, after `earlier`, an earlier reading of the same meter.
    pub fn since(&self, earlier: &Self) -> Self {
        let joules = self.joules.map(|joules| joules - earlier.joules.unwrap_or(0.0));
        Self {
            from: earlier.until,
            until: self.until,
            requests: self.requests - earlier.requests,
            input_tokens: self.input_tokens - earlier.input_tokens,
            cached_tokens: self.cached_tokens - earlier.cached_tokens,
            output_tokens: self.output_tokens - earlier.output_tokens,
            held: self.held - earlier.held,
            joules,
        }
    }
}
