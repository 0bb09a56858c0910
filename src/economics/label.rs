//! What the cloud's money is for: labels that carry their metric.

use super::MicroUsd;
use crate::ids::{ClusterId, DeploymentId};
use crate::metrics::MetricId;
use std::fmt;

/// What an account of the cloud is for: in which direction its money flows, and the metric that reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// What the cloud earns.
    Revenue(MetricId),
    /// What it gives back of its revenue.
    Credit(MetricId),
    /// What it pays for its supplies.
    Cost(MetricId),
}

impl Label {
    /// The metric that reports the balances of accounts with this label.
    pub fn metric(self) -> MetricId {
        match self {
            Self::Revenue(metric) | Self::Credit(metric) | Self::Cost(metric) => metric,
        }
    }

    /// Whether it counts towards the cloud's revenue, if only to lessen it.
    pub fn is_revenue(self) -> bool {
        match self {
            Self::Revenue(_) | Self::Credit(_) => true,
            Self::Cost(_) => false,
        }
    }

    /// How much of a balance, which is what was received less what was paid, flowed in the label's direction:
    /// below nothing, something is wrong.
    pub fn amount(self, balance: MicroUsd) -> MicroUsd {
        match self {
            Self::Revenue(_) => balance,
            Self::Credit(_) | Self::Cost(_) => -balance,
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.metric().definition().name)
    }
}

/// What of the cloud a contract is about, and with it its meter and its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A deployment.
    Deployment(DeploymentId),
    /// A cluster.
    Cluster(ClusterId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment(index) => write!(f, "deployment {index}"),
            Self::Cluster(index) => write!(f, "cluster {index}"),
        }
    }
}
