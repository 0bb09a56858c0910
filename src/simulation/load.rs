//! Offered work over what replicas can do.

use super::books::Counts;
use super::measure::{Measurement, Scope};
use crate::workload::Expected;

impl Measurement<'_> {
    /// The load of a scope: of several models the mean, weighted by the accelerators that each holds
    /// there. `None` where there is no replica.
    pub fn load(&self, scope: Scope) -> Option<f64> {
        let setup = self.prepared.setup;
        let counts = self.prepared.plan.counts(setup.deployments.len());
        // By model.
        let mut held = vec![0.0; setup.models.len()];
        let (mut able, mut arrived) = (held.clone(), held.clone());
        for deployment in self.deployments(scope).filter(|&each| counts[each] > 0) {
            let spec = &setup.deployments[deployment];
            held[spec.model] += counts[deployment] as f64 * f64::from(spec.accelerators);
            let lengths = |pool| self.lengths(pool);
            able[spec.model] += self.prepared.able(deployment, &counts, lengths);
        }
        for cell in self.cells(scope) {
            let model = self.places[cell % self.places.len()].model;
            arrived[model] +=
                (self.to.counts[cell].arrived - self.from.counts[cell].arrived) as f64;
        }
        let seconds = self.to.at.since(self.from.at).as_secs_f64();
        let served = (0..held.len()).filter(|&model| able[model] > 0.0);
        let (accelerators, weighted) = served.fold((0.0, 0.0), |(all, sum), model| {
            let load = arrived[model] / (able[model] * seconds);
            (all + held[model], sum + held[model] * load)
        });
        (accelerators > 0.0).then(|| weighted / accelerators)
    }

    /// The mean lengths of the calls that were completed at a deployment, or of those expected if there
    /// were none.
    fn lengths(&self, deployment: usize) -> Expected {
        let places = self.places.len();
        let counted = self.prepared.counted_at(deployment);
        let mut sum = Counts::default();
        for cell in (counted..self.to.counts.len()).step_by(places) {
            sum.merge(&self.to.counts[cell].since(&self.from.counts[cell]));
        }
        let expected = self.prepared.offered[self.places[deployment].model].demand.expected;
        if sum.completed == 0 {
            return expected;
        }
        let mean = |tokens: u64| tokens as f64 / sum.completed as f64;
        Expected {
            mean_input: mean(sum.input_tokens),
            mean_output: mean(sum.output_tokens),
            mean_cached: mean(sum.cached_tokens),
            ..expected
        }
    }
}
