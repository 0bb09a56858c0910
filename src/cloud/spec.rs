//! A cluster: the validated description that a scenario resolves to.

use crate::catalog::Accelerator;
use crate::engine::SimDuration;
use crate::units::{Bytes, BytesPerSecond, UsdPerHour, UsdPerKilowattHour};

/// Equal nodes of one kind of accelerator.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterSpec {
    /// Unique over all regions.
    pub name: String,
    /// The region's name.
    pub region: String,
    /// The chip, with the scenario's overrides.
    pub accelerator: Accelerator,
    /// Number of nodes.
    pub nodes: u32,
    /// Accelerators in each node.
    pub per_node: u32,
    /// Capital and hosting cost per accelerator-hour without electricity, if known.
    pub capital: Option<UsdPerHour>,
    /// Power usage effectiveness: facility power over accelerator power.
    pub pue: f64,
    /// Price of electricity, if known.
    pub electricity: Option<UsdPerKilowattHour>,
    /// Bandwidth at which one accelerator loads weights when a replica starts.
    pub load_bandwidth: BytesPerSecond,
    /// Delay before loading starts.
    pub provisioning: SimDuration,
}

impl ClusterSpec {
    /// Accelerators in the cluster.
    pub fn accelerators(&self) -> u64 {
        u64::from(self.nodes) * u64::from(self.per_node)
    }

    /// Time from the order of a replica to its first boundary: provisioning, then loading the
    /// weights over all its accelerators at once.
    pub fn cold_start(&self, weights: Bytes, accelerators: u32) -> SimDuration {
        self.provisioning + self.loading(weights, accelerators)
    }

    /// Time that it takes to load the weights over all accelerators of a replica at once.
    pub fn loading(&self, weights: Bytes, accelerators: u32) -> SimDuration {
        let bandwidth = self.load_bandwidth.0 * f64::from(accelerators);
        SimDuration::from_secs_f64(weights.0 / bandwidth)
    }
}
