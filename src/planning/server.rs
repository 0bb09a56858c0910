//! What a replica of a deployment can do, computed once for all that are alike.

use super::memo::Memo;
use crate::serving::{MeanTokens, ServiceDiscipline, SlotServing, TokenProfile, TokenServing};
use crate::setup::{DeploymentSpec, ServingSpec};
use crate::workload::{Expected, Sampler};
use std::convert::Infallible;
use std::sync::Arc;

/// What was computed for replicas, of whichever case: kernels' times over many numbers of tokens take a while.
pub(crate) type Profiles = Memo<TokenServing, Arc<TokenProfile>>;

fn profile(serving: &TokenServing, known: &Profiles) -> Arc<TokenProfile> {
    let Ok(profile) =
        known.get(serving, || Ok::<_, Infallible>(Arc::new(TokenProfile::new(serving))));
    profile
}

/// How the replicas of a deployment serve.
#[derive(Clone, Debug)]
pub enum Server {
    /// Tokens, in iterations.
    Tokens {
        /// What all its replicas have in common.
        profile: Arc<TokenProfile>,
        /// FLOP/s of one replica, if its maker published them.
        peak_flops: Option<f64>,
    },
    /// Given times of service.
    Slots {
        /// Its slots and who is in them.
        serving: SlotServing,
        /// Draws service times, in seconds.
        service: Sampler,
        /// Their mean.
        mean_service_s: f64,
    },
}

impl Server {
    /// Multiplies constants out, unless that is done.
    pub(crate) fn new(spec: &DeploymentSpec, known: &Profiles) -> Self {
        match &spec.serving {
            ServingSpec::Tokens(serving) => Self::Tokens {
                profile: profile(serving, known),
                peak_flops: serving.performance.peak_flops(),
            },
            &ServingSpec::ServiceTime { ref distribution, slots, discipline, max_waiting } => {
                Self::Slots {
                    serving: SlotServing { slots, discipline, max_waiting },
                    service: Sampler::new(distribution),
                    mean_service_s: distribution.mean(),
                }
            }
        }
    }

    /// Whether all requests are served at the same time.
    pub fn shares(&self) -> bool {
        matches!(
            self,
            Self::Slots { serving, .. } if serving.discipline == ServiceDiscipline::ProcessorSharing
        )
    }

    /// Slots of one replica: how many activities it has at once.
    pub fn slots(&self) -> u32 {
        match self {
            Self::Tokens { .. } => 1,
            Self::Slots { serving, .. } => serving.slots,
        }
    }

    /// About how many calls a second a saturated replica completes.
    pub fn saturation_rate(&self, demand: &Expected) -> f64 {
        match self {
            Self::Tokens { profile, .. } => profile.saturation_rate(&MeanTokens {
                input: demand.mean_input,
                output: demand.mean_output,
                cached: demand.mean_cached,
                shared: demand.mean_shared,
                input_square: demand.moments.input,
                input_output: demand.moments.product,
                output_square: demand.moments.output,
            }),
            Self::Slots { serving, mean_service_s, .. } => {
                f64::from(serving.slots) / mean_service_s
            }
        }
    }

    /// Seconds that a call of mean lengths takes alone.
    pub fn mean_unloaded_s(&self, demand: &Expected) -> f64 {
        match self {
            Self::Tokens { profile, .. } => {
                let tokens = |mean: f64| (mean.round() as u32).max(1);
                let input = tokens(demand.mean_input);
                let cached = profile.found(demand.mean_cached).round() as u32;
                let cached = cached.min(input - 1);
                profile.unloaded(input, tokens(demand.mean_output), cached).as_secs_f64()
            }
            Self::Slots { mean_service_s, .. } => *mean_service_s,
        }
    }
}
