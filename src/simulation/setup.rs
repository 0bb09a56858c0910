//! Everything that one simulation needs: the resolved scenario of one variant.

use crate::cloud::ClusterSpec;
use crate::economics::{TenantSpec, TokenPrice};
use crate::engine::{SimDuration, SimTime};
use crate::market::Choice;
use crate::scheduler::{SchedulerSpec, Start};
use crate::serving::{ServiceDiscipline, TokenServing};
use crate::units::{Bytes, BytesPerSecond};
use crate::workload::{Distribution, SourceSpec};

/// One variant, validated. Indices refer to the vectors beside them.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// What is measured.
    pub window: Window,
    /// All clusters of all regions.
    pub clusters: Vec<ClusterSpec>,
    /// The vendors.
    pub tenants: Vec<TenantSpec>,
    /// The models they offer.
    pub models: Vec<ModelSpec>,
    /// Where and how models are served.
    pub deployments: Vec<DeploymentSpec>,
    /// Who calls them.
    pub applications: Vec<ApplicationSpec>,
    /// Which policies decide.
    pub scheduler: SchedulerSpec,
}

impl Setup {
    /// How long a replica of the first plan takes before it can serve.
    pub fn starts_after(&self, deployment: usize) -> SimDuration {
        let spec = &self.deployments[deployment];
        match self.scheduler.start {
            Start::Warm => SimDuration::ZERO,
            Start::Cold => self.clusters[spec.cluster].cold_start(spec.weights, spec.accelerators),
        }
    }
}

/// Buckets of a time series, at most.
pub const MAX_BUCKETS: u64 = 10_000;

/// The simulated span and the part of it that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Time before measurement starts.
    pub warmup: SimDuration,
    /// End of measurement; longer than the warm-up. What happens at this very instant is not part of
    /// it.
    pub horizon: SimDuration,
    /// Whether measurement ends with the last call of sources that end, if that is before the horizon.
    pub ends_with_calls: bool,
    /// How long after the horizon calls that arrived before it are followed, at most.
    pub drain: SimDuration,
    /// Length of a time-series bucket; the last one may be shorter, and is longer where there would be more
    /// than [`MAX_BUCKETS`].
    pub bucket: SimDuration,
}

impl Window {
    /// When nothing is simulated any more, at the latest.
    pub fn end(&self) -> SimDuration {
        self.horizon + self.drain
    }

    /// How many buckets a time series has, at most.
    pub fn buckets(&self) -> u64 {
        self.horizon.as_nanos().div_ceil(self.bucket.as_nanos().max(1)).min(MAX_BUCKETS)
    }

    /// Whether a call that arrives at `at` is measured.
    pub fn measures(&self, at: SimTime) -> bool {
        at >= SimTime::ZERO + self.warmup && at < SimTime::ZERO + self.horizon
    }
}

/// A model on offer.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSpec {
    /// Unique name.
    pub name: String,
    /// Its vendor, an index into [`Setup::tenants`].
    pub tenant: usize,
    /// What its customers pay; needed where the cloud shares token revenue.
    pub price: Option<TokenPrice>,
}

/// A model on a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentSpec {
    /// An index into [`Setup::models`].
    pub model: usize,
    /// An index into [`Setup::clusters`].
    pub cluster: usize,
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
    /// The deployment that decodes, an index into [`Setup::deployments`].
    pub decode: usize,
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
