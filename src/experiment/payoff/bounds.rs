//! Numbers with the interval that they are known to.

use serde::{Deserialize, Serialize};

/// What an interval may miss, all simultaneous statements within it together: its level is 95 %.
pub(super) const MISS: f64 = 0.05;

/// From where to where a number may be, at a level of 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// At least this.
    pub low: f64,
    /// At most this.
    pub high: f64,
}

/// A number found from replications.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounded {
    /// What was found.
    pub value: f64,
    /// Its 95 % interval; absent for one replication.
    pub bounds: Option<Bounds>,
}

impl Bounded {
    /// What is known from more than one replication, with the half-width of its interval.
    pub(super) fn around(value: f64, half_width: Option<f64>) -> Self {
        let bounds = half_width.map(|half| Bounds { low: value - half, high: value + half });
        Self { value, bounds }
    }
}
