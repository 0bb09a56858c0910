//! Everything that one simulation needs: the resolved scenario of one variant. Data, and nothing that acts on it.

mod order;
mod window;

pub use window::{MAX_BUCKETS, Window};

use crate::cloud::{ClusterSpec, Want};
use crate::economics::{TenantSpec, TokenPrice};
use crate::engine::SimDuration;
use crate::ids::{ApplicationId, ClusterId, DeploymentId, ModelId, TenantId};
use crate::market::Choice;
use crate::scheduler::{SchedulerSpec, Start};
use crate::serving::{ServiceDiscipline, TokenServing};
use crate::units::{Bytes, BytesPerSecond};
use crate::workload::{Distribution, SourceSpec};
use typed_index_collections::TiVec;

/// One variant, validated.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// What is measured.
    pub window: Window,
    /// All clusters of all regions.
    pub clusters: TiVec<ClusterId, ClusterSpec>,
    /// The vendors.
    pub tenants: TiVec<TenantId, TenantSpec>,
    /// The models they offer.
    pub models: TiVec<ModelId, ModelSpec>,
    /// Where and how models are served.
    pub deployments: TiVec<DeploymentId, DeploymentSpec>,
    /// Who calls them.
    pub applications: TiVec<ApplicationId, ApplicationSpec>,
    /// Which policies decide.
    pub scheduler: SchedulerSpec,
}

impl Setup {
    /// What one replica of a deployment holds.
    pub fn want(&self, deployment: DeploymentId) -> Want {
        let &DeploymentSpec { model, cluster, accelerators, .. } = &self.deployments[deployment];
        Want { deployment, tenant: self.models[model].tenant, cluster, accelerators }
    }

    /// How long a replica of the first plan takes before it can serve.
    pub fn starts_after(&self, deployment: DeploymentId) -> SimDuration {
        let spec = &self.deployments[deployment];
        match self.scheduler.start {
            Start::Warm => SimDuration::ZERO,
            Start::Cold => self.clusters[spec.cluster].cold_start(spec.weights, spec.accelerators),
        }
    }
}

/// A model on offer.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSpec {
    /// Unique name.
    pub name: String,
    /// Its vendor.
    pub tenant: TenantId,
    /// What its customers pay; needed where the cloud shares token revenue.
    pub price: Option<TokenPrice>,
}

/// A model on a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentSpec {
    /// What is served.
    pub model: ModelId,
    /// Where it is served.
    pub cluster: ClusterId,
    /// Accelerators that one replica holds.
    pub accelerators: u32,
    /// Weights that one replica loads before it serves.
    pub weights: Bytes,
    /// How a replica serves.
    pub serving: ServingSpec,
    /// Number of replicas under the `fixed` capacity split.
    pub replicas: u32,
    /// Where requests go on, if this pool processes their prompts only.
    pub handover: Option<Handover>,
}

/// From a pool that processes prompts to one that decodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Handover {
    /// The deployment that decodes.
    pub decode: DeploymentId,
    /// What moves the KV cache there, shared by all replicas of both pools.
    pub link: LinkSpec,
}

/// A link that transfers share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkSpec {
    /// Bandwidth of one transfer, at most.
    pub transfer: BytesPerSecond,
    /// How many transfers it carries at that bandwidth; more of them share it equally.
    pub lanes: u32,
}

/// How a replica serves.
#[derive(Clone, Debug, PartialEq)]
pub enum ServingSpec {
    /// Tokens, in iterations.
    Tokens(Box<TokenServing>),
    /// A given law of service time, in seconds, at each of several slots: a G/G/c queue.
    ServiceTime {
        /// Seconds of service per call.
        distribution: Distribution,
        /// Calls served at once.
        slots: u32,
        /// Who is served when there are more calls than slots.
        discipline: ServiceDiscipline,
        /// Calls beyond the slots that a replica may hold; unbounded if `None`.
        max_waiting: Option<u32>,
    },
}

/// A stream of calls and how it chooses models.
#[derive(Clone, Debug, PartialEq)]
pub struct ApplicationSpec {
    /// Unique name.
    pub name: String,
    /// Where its calls come from.
    pub source: SourceSpec,
    /// Which model a call goes to, unless a trace says so.
    pub choice: Choice,
    /// What its users expect.
    pub slo: Option<Slo>,
}

/// A service-level objective; a request meets it when it meets each part given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slo {
    /// Time to first token, at most.
    pub ttft: Option<SimDuration>,
    /// Time per output token after the first, at most.
    pub tpot: Option<SimDuration>,
    /// Arrival to last token, at most.
    pub e2e: Option<SimDuration>,
}
