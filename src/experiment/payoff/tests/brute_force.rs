//! CVaR, regret and dominance against going through all that there is.

use super::{Among, Matrix, dominances, minimax, regrets, risk, s};
use crate::ids::{StrategyId, WorldId};
use proptest::prelude::*;

/// Small whole payoffs, so that there are ties, in up to four worlds of whole percents.
fn tables() -> impl Strategy<Value = (Vec<u32>, Vec<Vec<Vec<i32>>>)> {
    (1usize..5, 1usize..5, 1usize..4).prop_flat_map(|(strategies, worlds, replications)| {
        let cell = prop::collection::vec(-4..5, replications);
        let row = prop::collection::vec(cell, worlds);
        (prop::collection::vec(1u32..40, worlds), prop::collection::vec(row, strategies))
    })
}

fn matrix(weights: &[u32], payoffs: &[Vec<Vec<i32>>]) -> Matrix {
    let total: u32 = weights.iter().sum();
    let probabilities = weights.iter().map(|&weight| f64::from(weight) / f64::from(total));
    let mut matrix = Matrix::new(payoffs.len(), probabilities.collect());
    for (strategy, worlds) in payoffs.iter().enumerate() {
        for (world, values) in worlds.iter().enumerate() {
            for &value in values {
                let (strategy, world) = (StrategyId::new(strategy), WorldId::new(world));
                matrix.push(strategy, world, f64::from(value), 0.0);
            }
        }
    }
    matrix
}

/// The mean of the worst twentieth, each atom cut into equal pieces: a world's weight times 20 a replication, so that a
/// twentieth of all pieces is a whole number of them.
fn cvar_by_pieces(weights: &[u32], row: &[Vec<i32>]) -> f64 {
    let mut pieces = Vec::new();
    for (&weight, values) in weights.iter().zip(row) {
        for &value in values {
            pieces.extend(std::iter::repeat_n(value, weight as usize * 20));
        }
    }
    pieces.sort_unstable();
    let worst = &pieces[..pieces.len() / 20];
    worst.iter().map(|&value| f64::from(value)).sum::<f64>() / worst.len() as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn as_by_brute_force((weights, payoffs) in tables()) {
        let matrix = matrix(&weights, &payoffs);
        let means: Vec<Vec<f64>> = payoffs
            .iter()
            .map(|row| {
                let mean = |values: &Vec<i32>| {
                    f64::from(values.iter().sum::<i32>()) / values.len() as f64
                };
                row.iter().map(mean).collect()
            })
            .collect();
        let regrets = regrets(&matrix);
        let mut largest = Vec::new();
        for (strategy, row) in payoffs.iter().enumerate() {
            let cvar = risk(&matrix, s(strategy)).cvar.value;
            prop_assert!((cvar - cvar_by_pieces(&weights, row)).abs() < 1e-9);
            let mut most: f64 = 0.0;
            for world in 0..weights.len() {
                let best = means.iter().map(|row| row[world]).fold(f64::NEG_INFINITY, f64::max);
                let regret = best - means[strategy][world];
                let found = regrets[s(strategy)][WorldId::new(world)];
                prop_assert!((found.value - regret).abs() < 1e-9);
                if let Some(bounds) = found.bounds {
                    prop_assert!(0.0 <= bounds.low && bounds.low <= found.value + 1e-9);
                    prop_assert!(found.value <= bounds.high + 1e-9);
                }
                most = most.max(regret);
            }
            largest.push(most);
        }
        let found = minimax(&matrix);
        let least = largest.iter().copied().fold(f64::INFINITY, f64::min);
        prop_assert!((largest[found.least.index()] - least).abs() < 1e-9);
        prop_assert!(found.candidates.contains(&found.least));
        let mut pairs = Vec::new();
        for one in 0..means.len() {
            for two in 0..means.len() {
                let leads = means[one].iter().zip(&means[two]).map(|(one, two)| one - two);
                let leads: Vec<_> = leads.collect();
                if leads.iter().all(|&lead| lead > -1e-9) && leads.iter().any(|&lead| lead > 1e-9) {
                    pairs.push((s(one), s(two)));
                }
            }
        }
        let found: Vec<_> =
            dominances(&matrix).iter().map(|each| (each.strategy, each.over)).collect();
        prop_assert_eq!(found, pairs);
    }

    /// The bound is never more than all, does not fall with the zone, and does not depend on a payoff that all have.
    #[test]
    fn the_bound_grows_with_the_zone((weights, payoffs) in tables(), zone in 0.0..3.0f64) {
        let matrix = matrix(&weights, &payoffs);
        let best = matrix.best(Among::All);
        let bound = |zone| super::selection_bound(&matrix, best, zone);
        prop_assert!(bound(0.0) <= bound(zone) && bound(zone) <= bound(zone + 1.0));
        prop_assert!(bound(zone) <= 1.0);
    }
}
