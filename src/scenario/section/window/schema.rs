//! The simulated span, as it is written.

use crate::engine::SimDuration;
use crate::scenario::schema::Horizon;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The simulated span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{warmup: 10m, horizon: 70m}`"
)]
pub(in crate::scenario) struct Window {
    /// Simulated first, without being measured, so that queues and batches fill.
    #[serde(default)]
    pub warmup: SimDuration,
    /// When measurement ends, warm-up included: a duration, or `end-of-calls`. Then all calls of
    /// traces and `all-at-once` are measured until the last one ends, without a warm-up, and
    /// capacity is planned as if what comes at once were to be served in a minute.
    pub horizon: Horizon,
    /// How long after the horizon calls that arrived before it are followed to their end, at most.
    /// The longer of a minute and a tenth of the measured time unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drain: Option<SimDuration>,
    /// Length of a point of the time series, of which there are at most 10,000. A round sixtieth of
    /// the horizon unless given; under `end-of-calls` of the time in which calls arrive, at least
    /// of a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<SimDuration>,
}
