//! Policies, as they are written.

use crate::scenario::schema::{Capacity, RoutingName};
use crate::scheduler::{Autoscaling, Placement, QueueDiscipline, Start};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Policies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{placement: best-fit, capacity: demand, routing: least-tokens}`"
)]
pub(in crate::scenario) struct Scheduler {
    /// Which node a replica goes to.
    #[serde(default)]
    pub placement: Placement,
    /// How accelerators are split among deployments.
    #[serde(default)]
    pub capacity: Capacity,
    /// Which replica a call goes to.
    #[serde(default)]
    pub routing: RoutingName,
    /// Whether the first replicas have their weights at time 0.
    #[serde(default)]
    pub start: Start,
    /// In what order calls that wait at a replica are served.
    #[serde(default)]
    pub queue_discipline: QueueDiscipline,
    /// Which replicas start and stop during the run.
    #[serde(default)]
    pub autoscaling: Autoscaling,
}
