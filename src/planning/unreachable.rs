//! What no number of replicas can do.

use crate::engine::SimDuration;
use crate::scheduler::Part;
use crate::units::duration_text;

/// No number of replicas meets an objective.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "model `{model}` cannot meet `{part}: {}`: with {replicas} replicas, \
     where hardly any call meets another, it is {}",
    duration_text(*limit), duration_text(*best)
)]
pub struct Unreachable {
    pub(crate) model: String,
    pub(crate) part: Part,
    pub(crate) limit: SimDuration,
    /// To four digits.
    pub(crate) best: SimDuration,
    pub(crate) replicas: u32,
}

impl Unreachable {
    /// The goal that is missed.
    pub fn part(&self) -> Part {
        self.part
    }
}
