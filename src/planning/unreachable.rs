//! What no number of replicas can do.

use crate::scheduler::Part;

/// No number of replicas meets an objective.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "model `{model}` cannot meet `{part}: {limit_s}s`: with {replicas} replicas, \
     where hardly any call meets another, it is {best_s:.4} s"
)]
pub struct Unreachable {
    pub(crate) model: String,
    pub(crate) part: Part,
    pub(crate) limit_s: f64,
    pub(crate) best_s: f64,
    pub(crate) replicas: u32,
}

impl Unreachable {
    /// The goal that is missed.
    pub fn part(&self) -> Part {
        self.part
    }
}
