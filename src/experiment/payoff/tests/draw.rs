//! Tables whose truth is known: normal replications.

use super::{Matrix, StrategyId, WorldId};
use crate::engine::{Purpose, Streams};
use rand_distr::{Distribution, StandardNormal};

/// What replications are drawn from: of each strategy its mean in each world; and noise, of which a part is the same for
/// all strategies of a replication and another is the strategy's own.
pub(super) struct Truth {
    pub probabilities: Vec<f64>,
    pub means: Vec<Vec<f64>>,
    pub common: f64,
    /// The standard deviation of each strategy's own noise.
    pub own: Vec<f64>,
}

impl Truth {
    /// One world, in which noise has a standard deviation of 1.
    pub(super) fn of(means: &[f64]) -> Self {
        Self {
            probabilities: vec![1.0],
            means: means.iter().map(|&mean| vec![mean]).collect(),
            common: 3.0,
            own: vec![1.0; means.len()],
        }
    }

    pub(super) fn draw(&self, seed: u64, experiment: u32, replications: usize) -> Matrix {
        let mut stream = Streams::new(seed, experiment).stream(Purpose::Service, "payoffs");
        let mut normal = || -> f64 { StandardNormal.sample(&mut stream) };
        let mut matrix =
            Matrix::new(self.means.len(), self.probabilities.iter().copied().collect());
        for _ in 0..replications {
            for world in 0..self.probabilities.len() {
                let common = self.common * normal();
                for (strategy, means) in self.means.iter().enumerate() {
                    let value = means[world] + common + self.own[strategy] * normal();
                    matrix.push(StrategyId::new(strategy), WorldId::new(world), value, 0.0);
                }
            }
        }
        matrix
    }
}
