//! Shares of demand among models.

use crate::engine::Stream;
use crate::ids::ModelId;
use rand::RngExt;
use typed_index_collections::{TiSlice, TiVec, ti_vec};

/// How an application chooses among all models of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Given shares, one per model in the scenario's order, summing to 1.
    Fixed(TiVec<ModelId, f64>),
    /// One leader, the others equal, with a given Herfindahl–Hirschman index.
    Concentration {
        /// The candidates; the first is the leader.
        models: Vec<ModelId>,
        /// Sum of squared shares: from 1/N (equal) to 1 (one takes all).
        hhi: f64,
    },
}

impl Choice {
    /// The same for a scenario whose models have other numbers: `to` has the new ones, by the old.
    pub fn renumbered(&self, to: &TiSlice<ModelId, ModelId>) -> Self {
        match self {
            Self::Fixed(shares) => {
                let mut moved: TiVec<ModelId, f64> = ti_vec![0.0; shares.len()];
                shares.iter().zip(to).for_each(|(&share, &place)| moved[place] = share);
                Self::Fixed(moved)
            }
            Self::Concentration { models, hhi } => {
                let models = models.iter().map(|&model| to[model]).collect();
                Self::Concentration { models, hhi: *hhi }
            }
        }
    }

    /// The share of each of `models` models.
    pub fn shares(&self, models: usize) -> TiVec<ModelId, f64> {
        match self {
            Self::Fixed(shares) => shares.clone(),
            Self::Concentration { models: candidates, hhi } => {
                let leader = leader_share(candidates.len(), *hhi);
                let follower = (1.0 - leader) / (candidates.len() as f64 - 1.0).max(1.0);
                let mut shares: TiVec<ModelId, f64> = ti_vec![0.0; models];
                for (place, &model) in candidates.iter().enumerate() {
                    shares[model] = if place == 0 { leader } else { follower };
                }
                shares
            }
        }
    }
}

/// The share s of the leader among n when the n − 1 others share the rest equally and the sum of
/// squares is `hhi`: the larger root of `s² + (1−s)²/(n−1) = hhi`.
fn leader_share(n: usize, hhi: f64) -> f64 {
    let n = n as f64;
    (1.0 + ((n - 1.0) * (n * hhi - 1.0)).max(0.0).sqrt()) / n
}

/// Draws models by their shares.
#[derive(Clone, Debug)]
pub struct Chooser {
    /// (cumulative share, model) of the models with a share.
    cumulative: Vec<(f64, ModelId)>,
}

impl Chooser {
    /// Prepares to draw from shares that sum to 1 up to rounding.
    pub fn new(shares: &TiSlice<ModelId, f64>) -> Self {
        let mut sum = 0.0;
        let chosen = shares.iter_enumerated().filter(|&(_, &share)| share > 0.0);
        let cumulative = chosen
            .map(|(model, &share)| {
                sum += share;
                (sum, model)
            })
            .collect();
        Self { cumulative }
    }

    /// Draws a model. Always consumes one number, so that variants with other shares stay in step.
    pub fn choose(&self, stream: &mut Stream) -> ModelId {
        let point: f64 = stream.random();
        let last = self.cumulative.last().expect("shares sum to 1");
        self.cumulative.iter().find(|&&(sum, _)| point < sum).unwrap_or(last).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};

    #[test]
    fn concentration_has_the_hhi_asked_for() {
        for n in 1..8_usize {
            for step in 0..=10 {
                let least = 1.0 / n as f64;
                let hhi = least + (1.0 - least) * f64::from(step) / 10.0;
                let shares =
                    Choice::Concentration { models: (0..n).rev().map(ModelId::new).collect(), hhi }
                        .shares(n);
                let sum: f64 = shares.iter().sum();
                let squares: f64 = shares.iter().map(|share| share * share).sum();
                assert!((sum - 1.0).abs() < 1e-12 && (squares - hhi).abs() < 1e-12, "{shares:?}");
                assert!(shares.iter().all(|&share| share <= shares[ModelId::new(n - 1)] + 1e-12));
            }
        }
    }

    /// Chi-square with 2 degrees of freedom; false alarms once in 10⁶ seeds (27.6).
    #[test]
    fn draws_follow_the_shares() {
        let seed = 11;
        let shares = [0.5, 0.0, 0.3, 0.2];
        let chooser = Chooser::new(shares.as_slice().as_ref());
        let mut stream = Streams::new(seed, 0).stream(Purpose::Choice, "test");
        let mut counts = [0_u32; 4];
        let draws = 100_000;
        (0..draws).for_each(|_| counts[chooser.choose(&mut stream).index()] += 1);
        assert_eq!(counts[1], 0);
        let chi_square: f64 = [0, 2, 3]
            .map(|model| {
                let expected = shares[model] * f64::from(draws);
                (f64::from(counts[model]) - expected).powi(2) / expected
            })
            .iter()
            .sum();
        assert!(chi_square < 27.6, "seed {seed}: chi-square {chi_square}, counts {counts:?}");
    }
}
