//! Shares of the market, and how alike rivals are treated.

use super::{Measurement, NANOS_PER_HOUR, Scope, Values};
use crate::metrics::MetricId as M;
use crate::simulation::accounts::Slowdown;

impl Measurement<'_> {
    pub(super) fn set_market(&self, values: &mut Values) {
        let setup = self.prepared.setup;
        let tokens = |model| {
            let counts = self.totals(Scope::Model(model)).counts;
            (counts.input_tokens + counts.output_tokens) as f64
        };
        let served: Vec<f64> = setup.models.keys().map(tokens).collect();
        let total: f64 = served.iter().sum();
        let shares = served.iter().map(|tokens| tokens / total);
        values.set(M::Hhi, shares.clone().map(|share| share * share).sum());
        values.set(M::LeaderShare, shares.fold(f64::NAN, f64::max));
        values.set_known(M::SlowdownRatio, self.slowdown_ratio());
        let hours = self.nanos() / NANOS_PER_HOUR;
        values.set(M::CoresidentHours, self.shared_nodes() * hours);
    }

    /// Between all tenants that can be served: a replication in which one of them completed nothing says
    /// nothing of how they compare.
    fn slowdown_ratio(&self) -> Option<f64> {
        let tenants = self.prepared.setup.tenants.keys();
        let served = tenants.filter(|&each| self.prepared.serves(each));
        let slowdown = |tenant| {
            let mut sum = Slowdown::default();
            self.recorded(Scope::Tenant(tenant)).for_each(|each| sum.merge(&each.slowdown));
            sum.mean()
        };
        let slowdowns: Vec<f64> = served.map(slowdown).collect::<Option<_>>()?;
        let worst = slowdowns.iter().copied().fold(f64::NAN, f64::max);
        let best = slowdowns.iter().copied().fold(f64::NAN, f64::min);
        (slowdowns.len() > 1).then_some(worst / best)
    }
}
