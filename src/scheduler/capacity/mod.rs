//! How accelerators are split among deployments.

mod fixed;
mod proportional;

use super::CapacitySplit;

/// A deployment, as a capacity policy sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its model, as an index into [`View::demand`].
    pub model: usize,
    /// Its cluster, as an index into [`View::clusters`].
    pub cluster: usize,
    /// Accelerators that one replica holds.
    pub accelerators: u32,
    /// Calls a second that one replica completes when saturated.
    pub rate: f64,
    /// Replicas that the scenario fixes.
    pub fixed: u32,
    /// Replicas placed so far.
    pub placed: u32,
    /// Whether its last replica found a node; once false, it stays so.
    pub open: bool,
}

/// A cluster, as a capacity policy sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// All accelerators.
    pub total: u64,
    /// Accelerators not given out yet.
    pub free: u64,
}

/// What a capacity policy sees.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Every deployment.
    pub deployments: Vec<Candidate>,
    /// Every cluster.
    pub clusters: Vec<Capacity>,
    /// Expected calls a second of each model.
    pub demand: Vec<f64>,
}

/// Chooses who gets the next replica.
pub trait CapacityPolicy {
    /// The deployment whose turn it is, among those that want more; open or not. `None` when
    /// nobody wants more.
    fn next(&self, view: &View) -> Option<usize>;
}

/// The policy of that name.
pub fn policy(name: CapacitySplit) -> Box<dyn CapacityPolicy> {
    match name {
        CapacitySplit::Fixed => Box::new(fixed::Fixed),
        CapacitySplit::Proportional { fill } => Box::new(proportional::Proportional { fill }),
    }
}
