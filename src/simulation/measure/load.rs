//! Offered work over what replicas can do.

use super::{Measurement, Scope};
use crate::ids::{DeploymentId, ModelId};
use crate::simulation::accounts::station_of;
use crate::workload::Expected;
use typed_index_collections::{TiVec, ti_vec};

impl Measurement<'_> {
    /// The load of a scope: of several models the mean, weighted by the accelerators that each holds
    /// there. `None` where there is no replica.
    pub(super) fn load(&self, scope: Scope) -> Option<f64> {
        let setup = self.prepared.setup;
        let replicas = self.mean_replicas();
        let mut held: TiVec<ModelId, f64> = ti_vec![0.0; setup.models.len()];
        let (mut able, mut arrived) = (held.clone(), held.clone());
        for deployment in self.deployments(scope).filter(|&each| replicas[each] > 0.0) {
            let spec = &setup.deployments[deployment];
            held[spec.model] += replicas[deployment] * f64::from(spec.accelerators);
            let lengths = |pool| self.lengths(pool);
            able[spec.model] += self.prepared.able(deployment, &replicas, lengths);
        }
        for (id, totals) in self.at.iter_enumerated() {
            let station = &self.stations[id];
            if scope.holds(station) {
                arrived[station.model] += totals.counts.arrived as f64;
            }
        }
        let seconds = self.to.at.since(self.from.at).as_secs_f64();
        let served = held.keys().filter(|&model| able[model] > 0.0);
        let (accelerators, weighted) = served.fold((0.0, 0.0), |(all, sum), model| {
            let load = arrived[model] / (able[model] * seconds);
            (all + held[model], sum + held[model] * load)
        });
        (accelerators > 0.0).then(|| weighted / accelerators)
    }

    /// How many replicas each deployment had on average, those that did not serve yet included.
    fn mean_replicas(&self) -> TiVec<DeploymentId, f64> {
        let deployments = self.prepared.setup.deployments.iter_enumerated();
        let mean = |(id, spec): (DeploymentId, &crate::setup::DeploymentSpec)| {
            self.mean(self.held(id) / u128::from(spec.accelerators))
        };
        deployments.map(mean).collect()
    }

    /// The mean lengths of the calls that were completed at a deployment, or of those expected if there
    /// were none.
    fn lengths(&self, deployment: DeploymentId) -> Expected {
        let sum = self.at[self.prepared.counted_at(deployment)].counts;
        let model = self.stations[station_of(deployment)].model;
        let expected = self.prepared.offered[model].demand.expected;
        if sum.completed == 0 {
            return expected;
        }
        let mean = |tokens: u64| tokens as f64 / sum.completed as f64;
        let (mean_input, mean_output) = (mean(sum.input_tokens), mean(sum.output_tokens));
        let ratio = |found: f64, expected: f64| if expected > 0.0 { found / expected } else { 1.0 };
        // What is known of completed calls are their means: they vary as those expected do.
        let input = ratio(mean_input, expected.mean_input);
        let output = ratio(mean_output, expected.mean_output);
        Expected {
            mean_input,
            mean_output,
            mean_cached: mean(sum.cached_tokens),
            moments: expected.moments.scaled(input, output),
            ..expected
        }
    }
}
