//! Revenue, cost and margin, by the labels of the ledger's accounts.

use super::{Measurement, NANOS_PER_HOUR, Scope, Values};
use crate::economics::statement::Statement;
use crate::economics::{MicroUsd, Subject, energy};
use crate::metrics::MetricId as M;
use crate::simulation::accounts::Counts;

impl Measurement<'_> {
    pub(super) fn set_money(&self, values: &mut Values, scope: Scope, counts: &Counts) {
        let statement = self.statement(scope);
        let revenue = statement.revenue();
        values.set(M::Revenue, revenue.as_usd());
        for (metric, amount) in statement.revenue_by_metric() {
            values.set(metric, amount.as_usd());
        }
        if !matches!(scope, Scope::All | Scope::Cluster(_)) {
            return;
        }
        let hours = self.in_service(scope) / NANOS_PER_HOUR;
        values.set(M::RevenuePerHour, revenue.as_usd() / hours);
        let held: u128 = self.deployments(scope).map(|deployment| self.held(deployment)).sum();
        let held_hours = held as f64 / NANOS_PER_HOUR;
        values.set(M::RevenuePerHeldHour, revenue.as_usd() / held_hours);
        let joules = self.joules(scope);
        values.set_known(M::Energy, joules.map(energy::kilowatt_hours));
        let tokens = (counts.input_tokens + counts.output_tokens) as f64;
        values.set_known(M::EnergyPerToken, joules.map(|joules| joules / tokens));
        let costs = statement.costs(self.clusters(scope).count());
        for (&metric, &amount) in &costs {
            values.set(metric, amount.as_usd());
        }
        if let Some(&capital) = costs.get(&M::CapitalCost) {
            // In a cluster's costs only where it is in those of the whole cloud, so that they add up.
            let clusters = self.clusters(Scope::All).count();
            let whole = self.statement(Scope::All).costs(clusters);
            let beside = |metric: &M| *metric != M::CapitalCost && whole.contains_key(metric);
            let others = costs.iter().filter(|(metric, _)| beside(metric));
            let cost = capital + others.map(|(_, &amount)| amount).sum();
            values.set(M::Cost, cost.as_usd());
            values.set(M::Margin, (revenue - cost).as_usd());
            let margin = revenue.as_usd() / held_hours - cost.as_usd() / hours;
            values.set(M::MarginPerHeldHour, margin);
        }
    }

    /// Revenue and costs of the window in `scope`.
    pub(super) fn statement(&self, scope: Scope) -> Statement {
        let deployments = self.deployments(scope).map(Subject::Deployment);
        let clusters = self.clusters(scope).map(Subject::Cluster);
        Statement::new(deployments.chain(clusters).flat_map(|subject| {
            let accounts = self.ledger.labelled(subject);
            accounts.map(move |(label, id, _)| (label, subject, self.balance(id.index())))
        }))
    }

    /// By how much the balance of an account changed; one that was opened meanwhile was empty.
    pub(super) fn balance(&self, account: usize) -> MicroUsd {
        let before = self.from.balances.get(account).copied().unwrap_or_default();
        self.to.balances[account] - before
    }

    fn joules(&self, scope: Scope) -> Option<f64> {
        self.clusters(scope)
            .map(|index| Some(self.to.joules[index]? - self.from.joules[index]?))
            .sum()
    }
}
