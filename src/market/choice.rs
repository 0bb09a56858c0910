//! Shares of demand among models.

/// How an application chooses among all models of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Given shares, one per model in the scenario's order, summing to 1.
    Fixed(Vec<f64>),
    /// One leader, the others equal, with a given Herfindahl–Hirschman index.
    Concentration {
        /// The candidates, as indices of models; the first is the leader.
        models: Vec<usize>,
        /// Sum of squared shares: from 1/N (equal) to 1 (one takes all).
        hhi: f64,
    },
}
