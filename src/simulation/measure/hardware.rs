//! Accelerators: held, busy, free, and how well they were used.

use super::{Measurement, NANOS_PER_SECOND, Scope, Values};
use crate::cloud::ClusterTime;
use crate::ids::{ClusterId, DeploymentId};
use crate::metrics::MetricId as M;
use crate::planning::Server;
use crate::serving::{Activity, Usage};
use crate::simulation::prepared::Prepared;

const PICOS_PER_NANO: f64 = 1e3;

impl Measurement<'_> {
    /// What the fleet integrated of a cluster in the window.
    fn cluster_time(&self, cluster: ClusterId) -> ClusterTime {
        self.to.fleet.clusters[cluster].since(&self.from.fleet.clusters[cluster])
    }

    /// Accelerator-nanoseconds in service: of a cluster in its scope, else of the whole cloud.
    pub(super) fn in_service(&self, scope: Scope) -> f64 {
        let whole = match scope {
            Scope::Cluster(_) => scope,
            _ => Scope::All,
        };
        let times = self.clusters(whole).map(|id| self.cluster_time(id).in_service);
        times.sum::<u128>() as f64
    }

    pub(super) fn set_utilisation(&self, values: &mut Values, scope: Scope) {
        let mut sums = HardwareSums::default();
        for deployment in self.deployments(scope) {
            sums.held += self.held(deployment);
            sums.add(self.prepared, deployment, &self.usage(deployment));
        }
        let in_service = self.in_service(scope);
        values.set(M::Held, self.mean(sums.held));
        values.set(M::Allocated, sums.held as f64 / in_service);
        values.set(M::Busy, sums.busy / in_service);
        if sums.kv_capacity > 0.0 {
            values.set(M::Kv, sums.kv / sums.kv_capacity);
        }
        if sums.serves_tokens {
            values.set(M::Preemptions, sums.preemptions as f64);
        }
        if sums.iterations > 0 {
            values.set(M::DecodeBatch, sums.decoded as f64 / sums.iterations as f64);
        }
        if !matches!(scope, Scope::All | Scope::Cluster(_)) {
            return;
        }
        let times = || self.clusters(scope).map(|id| self.cluster_time(id));
        let free: u128 = times().map(|time| time.free).sum();
        let stranded: u128 = times().map(|time| time.stranded).sum();
        values.set(M::Unsold, free as f64 / in_service);
        values.set(M::Stranded, stranded as f64 / in_service);
        if sums.serves_tokens && !sums.unknown_reading {
            values.set(M::Mbu, sums.reading * NANOS_PER_SECOND / in_service);
        }
        if sums.serves_tokens && !sums.unknown_flops {
            values.set(M::Mfu, sums.flops_over_peak * NANOS_PER_SECOND / in_service);
        }
    }

    /// Accelerator-nanoseconds at work of a deployment.
    pub(super) fn busy(&self, deployment: DeploymentId) -> f64 {
        busy(self.prepared, deployment, &self.usage(deployment))
    }

    /// Mean number of nodes that more than one tenant has something on.
    pub(super) fn shared_nodes(&self) -> f64 {
        let times = self.clusters(Scope::All).map(|id| self.cluster_time(id).shared_nodes);
        self.mean(times.sum())
    }
}

fn busy(prepared: &Prepared<'_>, deployment: DeploymentId, usage: &Usage) -> f64 {
    let accelerators = f64::from(prepared.setup.deployments[deployment].accelerators);
    usage.busy() as f64 * accelerators / f64::from(prepared.servers[deployment].slots())
}

/// Sums over deployments, in accelerator-nanoseconds where not said otherwise.
#[derive(Default)]
struct HardwareSums {
    held: u128,
    busy: f64,
    kv: f64,
    kv_capacity: f64,
    iterations: u64,
    decoded: u64,
    preemptions: u64,
    /// Useful FLOPs over peak FLOP/s: accelerator-seconds at peak.
    flops_over_peak: f64,
    /// Whether some deployment's FLOPs or peak are not known.
    unknown_flops: bool,
    /// Accelerator-seconds that reading memory would take at full bandwidth.
    reading: f64,
    /// Whether it is not known of some deployment what it reads.
    unknown_reading: bool,
    serves_tokens: bool,
}

impl HardwareSums {
    fn add(&mut self, prepared: &Prepared<'_>, deployment: DeploymentId, usage: &Usage) {
        self.busy += busy(prepared, deployment, usage);
        if let Server::Tokens { profile, peak_flops } = &prepared.servers[deployment] {
            let accelerators = f64::from(prepared.setup.deployments[deployment].accelerators);
            let live = usage.busy() + usage.time(Activity::Idle);
            self.kv += usage.kv as f64 / PICOS_PER_NANO;
            self.kv_capacity += live as f64 * profile.kv_capacity as f64;
            self.iterations += usage.iterations;
            self.decoded += usage.decoded;
            self.preemptions += usage.preemptions;
            // What was computed for nothing is not useful; a window may drop what an earlier one computed.
            let tokens = (usage.prefilled + usage.decoded).saturating_sub(usage.dropped);
            let pairs = usage.prefill_pairs + usage.decode_pairs;
            let pairs = pairs.saturating_sub(usage.dropped_pairs);
            match (profile.timing.flops(tokens, pairs), peak_flops) {
                (Some(flops), Some(peak)) => self.flops_over_peak += flops / peak,
                _ => self.unknown_flops = true,
            }
            match profile.timing.read_seconds(usage) {
                Some(seconds) => self.reading += seconds * accelerators,
                None => self.unknown_reading = true,
            }
            self.serves_tokens = true;
        }
    }
}
