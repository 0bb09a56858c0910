//! The cloud's income statement: balances summed by what they are for.

use super::{Label, MicroUsd, Subject, contract};
use crate::metrics::MetricId;
use std::collections::BTreeMap;

/// Revenue and costs of some part of the cloud in some span of time.
#[derive(Clone, Debug)]
pub struct Statement {
    lines: BTreeMap<Label, Line>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Line {
    /// Received less paid.
    balance: MicroUsd,
    /// How many clusters have an account with this label.
    clusters: usize,
}

impl Statement {
    /// Sums `balances`, each with what it is for and about.
    ///
    /// Every kind of revenue is in it, if only with nothing.
    pub fn new(balances: impl IntoIterator<Item = (Label, Subject, MicroUsd)>) -> Self {
        let nothing = contract::REVENUE.iter().map(|&label| (label, Line::default()));
        let mut lines: BTreeMap<_, _> = nothing.collect();
        for (label, subject, balance) in balances {
            let line = lines.entry(label).or_default();
            line.balance += balance;
            line.clusters += usize::from(matches!(subject, Subject::Cluster(_)));
        }
        Self { lines }
    }

    /// All revenue, less what was given back of it.
    pub fn revenue(&self) -> MicroUsd {
        self.revenue_by_metric().into_values().sum()
    }

    /// Revenue by the metric that reports it, negative where more was given back than earned.
    pub fn revenue_by_metric(&self) -> BTreeMap<MetricId, MicroUsd> {
        let mut sums = BTreeMap::new();
        for (label, line) in self.lines.iter().filter(|(label, _)| label.is_revenue()) {
            *sums.entry(label.metric()).or_default() += line.balance;
        }
        sums
    }

    /// Costs by the metric that reports them, as far as they are known of a part of the cloud with so many
    /// `clusters`. A supply that only some of them pay for costs the others an amount that nobody knows.
    pub fn costs(&self, clusters: usize) -> BTreeMap<MetricId, MicroUsd> {
        let costs = self.lines.iter().filter(|(label, _)| !label.is_revenue());
        costs
            .filter(|(_, line)| line.clusters == clusters || line.clusters == 0)
            .map(|(label, line)| (label.metric(), label.amount(line.balance)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ClusterId, DeploymentId};
    use MetricId as M;

    const RENT: Label = Label::Revenue(M::RentalRevenue);
    const CREDIT: Label = Label::Credit(M::SlaCredit);
    const CAPITAL: Label = Label::Cost(M::CapitalCost);
    const ENERGY: Label = Label::Cost(M::EnergyCost);

    #[test]
    fn credits_lessen_revenue_and_kinds_without_any_are_at_nothing() {
        let usd = MicroUsd::from_usd;
        let balances = [
            (RENT, Subject::Deployment(DeploymentId::new(0)), usd(3.0)),
            (RENT, Subject::Deployment(DeploymentId::new(1)), usd(2.0)),
            (CREDIT, Subject::Deployment(DeploymentId::new(1)), usd(-0.5)),
            (CAPITAL, Subject::Cluster(ClusterId::new(0)), usd(-1.0)),
        ];
        let statement = Statement::new(balances);
        assert_eq!(statement.revenue(), usd(4.5));
        let by_metric = statement.revenue_by_metric();
        assert_eq!(by_metric[&M::RentalRevenue], usd(5.0));
        assert_eq!(by_metric[&M::SlaCredit], usd(-0.5));
        assert_eq!(by_metric[&M::MarketplaceRevenue], MicroUsd::ZERO);
        assert_eq!(by_metric.len(), 4);
    }

    #[test]
    fn a_cost_is_known_where_every_cluster_has_it() {
        let usd = MicroUsd::from_usd;
        let balances = [
            (CAPITAL, Subject::Cluster(ClusterId::new(0)), usd(-1.0)),
            (CAPITAL, Subject::Cluster(ClusterId::new(1)), usd(-2.0)),
            (ENERGY, Subject::Cluster(ClusterId::new(1)), usd(-0.25)),
        ];
        let both = Statement::new(balances).costs(2);
        assert_eq!(both.into_iter().collect::<Vec<_>>(), [(M::CapitalCost, usd(3.0))]);
        let second = Statement::new(balances[1..].iter().copied()).costs(1);
        assert_eq!(second[&M::EnergyCost], usd(0.25));
    }
}
