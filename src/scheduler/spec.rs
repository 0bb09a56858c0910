//! Which policies decide in a scenario, by name. Each closed set of names stands where its policies are built.

use super::capacity::CapacitySplit;
use super::control::Autoscaling;
use super::line::QueueDiscipline;
use super::placement::Placement;
use super::routing::Routing;

/// The policies of a scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchedulerSpec {
    /// Which node a replica goes to.
    pub placement: Placement,
    /// How accelerators are split among deployments.
    pub capacity: CapacitySplit,
    /// Which replica a call goes to.
    pub routing: Routing,
    /// In what order calls that wait at a replica are served.
    pub queue_discipline: QueueDiscipline,
    /// Which replicas start and stop during the run.
    pub autoscaling: Autoscaling,
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
