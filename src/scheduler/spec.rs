//! Which policies decide: closed sets, chosen by name in a scenario.

use super::objective::Goal;

/// The policies of a scenario. The queue discipline is first come, first served.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchedulerSpec {
    /// Which node a replica goes to.
    pub placement: Placement,
    /// How accelerators are split among deployments.
    pub capacity: CapacitySplit,
    /// Which replica a call goes to.
    pub routing: Routing,
    /// Whether replicas of the first plan have their weights already.
    pub start: Start,
}

/// What replicas of the first plan do at the start of the simulation.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// They have their weights and serve from the first instant.
    #[default]
    Warm,
    /// They wait for provisioning and load their weights. What queues up until then is served later, so
    /// that more calls may complete in the measured time than arrive. A note says when the last one is
    /// ready.
    Cold,
}

/// Which node a replica goes to.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// The node with the least free capacity that still fits.
    #[default]
    BestFit,
    /// The first node that fits.
    FirstFit,
}

/// How accelerators are split among deployments.
#[derive(Clone, Debug, PartialEq)]
pub enum CapacitySplit {
    /// Each deployment's own `replicas`.
    Fixed,
    /// The whole cloud, in proportion to each model's expected demand.
    Proportional {
        /// Fraction of each cluster's accelerators to give out, 0 to 1.
        fill: f64,
    },
    /// As many as each model's expected demand needs.
    Demand {
        /// The part of what a replica can do when saturated that it is to do, above 0.
        target_load: f64,
    },
    /// The fewest with which each model meets all of these; at least one.
    Objective(Vec<Goal>),
}

impl CapacitySplit {
    /// As scenarios write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Proportional { .. } => "proportional",
            Self::Demand { .. } => "demand",
            Self::Objective(_) => "objective",
        }
    }
}

/// What [`CapacitySplit::Demand`] aims at unless the scenario says otherwise.
pub const TARGET_LOAD: f64 = 0.7;

impl Default for CapacitySplit {
    fn default() -> Self {
        Self::Demand { target_load: TARGET_LOAD }
    }
}

/// Which replica a call goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Routing {
    /// One after another.
    RoundRobin,
    /// The fewest requests, running included.
    LeastRequests,
    /// The fewest outstanding tokens, running included.
    #[default]
    LeastTokens,
    /// The better of two drawn at random, by outstanding tokens.
    PowerOfTwo,
    /// Where the conversation's last turn ran, unless that replica is far busier than another; else
    /// the fewest outstanding tokens.
    PrefixAffinity(Patience),
}

/// How busy a replica may be for calls to stay with what it has cached: its outstanding tokens are at
/// most the larger of both bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patience {
    /// Outstanding tokens up to which no replica is too busy: a few long requests. Otherwise a second
    /// turn would always leave a replica with a single request for one with none.
    pub tokens: u64,
    /// Multiple of the least load of any replica, at least 1.
    pub factor: f64,
}

impl Default for Patience {
    /// Cache-aware routers of serving engines switch at ratios of 1.1 to 2.
    fn default() -> Self {
        Self { tokens: 32_768, factor: 2.0 }
    }
}
