//! Tables of which the answers are known: by hand, by brute force, and by how they were drawn.

mod brute_force;
mod calibration;
mod coverage;
mod draw;

use super::bounds::Bounded;
use super::candidates::candidates;
use super::dominance::{Dominates, dominances};
use super::matrix::{Among, Matrix};
use super::regret::{minimax, regrets};
use super::risk::{TAIL, cvar, deviation, risk};
use super::selection::selection_bound;
use crate::ids::{StrategyId, WorldId};

/// A table from its probabilities and, by strategy and world, its replications.
fn table(probabilities: &[f64], payoffs: &[&[&[f64]]]) -> Matrix {
    let mut matrix = Matrix::new(payoffs.len(), probabilities.iter().copied().collect());
    for (strategy, worlds) in payoffs.iter().enumerate() {
        for (world, replications) in worlds.iter().enumerate() {
            for &value in *replications {
                matrix.push(StrategyId::new(strategy), WorldId::new(world), value, 0.0);
            }
        }
    }
    matrix
}

/// Two strategies that bet, one that does not, and one that is worse than that everywhere, each twice.
fn bets() -> Matrix {
    table(
        &[0.5, 0.3, 0.2],
        &[
            &[&[10.0, 12.0], &[0.0, 2.0], &[3.0, 3.0]],
            &[&[1.0, 1.0], &[9.0, 9.0], &[2.0, 4.0]],
            &[&[6.0, 6.0], &[6.0, 6.0], &[6.0, 6.0]],
            &[&[6.0, 6.0], &[5.0, 5.0], &[5.0, 5.0]],
        ],
    )
}

fn s(index: usize) -> StrategyId {
    StrategyId::new(index)
}

/// By hand. The first pays 11, 1, 3 in the mean of its replications: 0.5·11 + 0.3·1 + 0.2·3 = 6.4. Its worst 5 % are a
/// third of the replication that pays 0, which has 0.15; of all others the worst atom pays the same.
#[test]
fn a_table_by_hand() {
    let matrix = bets();
    let risks: Vec<_> = matrix.strategies().map(|strategy| risk(&matrix, strategy)).collect();
    let means: Vec<_> = risks.iter().map(|risk| risk.mean.value).collect();
    let expected = [6.4, 3.8, 6.0, 5.5];
    assert!(means.iter().zip(expected).all(|(mean, it)| (mean - it).abs() < 1e-12), "{means:?}");
    assert_eq!(risks.iter().map(|risk| risk.cvar.value).collect::<Vec<_>>(), [0.0, 1.0, 6.0, 5.0]);
    assert_eq!(risks[2].deviation.value, 0.0);
    let regrets = regrets(&matrix);
    let values: Vec<Vec<_>> =
        regrets.iter().map(|row| row.iter().map(|each| each.value).collect()).collect();
    assert_eq!(
        values,
        [vec![0.0, 8.0, 3.0], vec![10.0, 0.0, 3.0], vec![5.0, 3.0, 0.0], vec![5.0, 4.0, 1.0]]
    );
    let minimax = minimax(&matrix);
    assert_eq!(
        minimax.largest.iter().map(|each| each.value).collect::<Vec<_>>(),
        [8.0, 10.0, 5.0, 5.0]
    );
    assert_eq!(minimax.least, s(2), "the first of equals");
    assert_eq!(
        dominances(&matrix),
        [Dominates { strategy: s(2), over: s(3), shown: true }],
        "what is the same in each replication is certain"
    );
}

#[test]
fn the_atom_at_the_edge_counts_by_its_part() {
    // Of 5 %, 2 pay −10; the other 3 are part of 8 that pay 1: (2·(−10) + 3·1)/5.
    let matrix = table(&[0.02, 0.08, 0.9], &[&[&[-10.0], &[1.0], &[50.0]]]);
    let Bounded { value, bounds } = risk(&matrix, s(0)).cvar;
    assert!((value + 3.4).abs() < 1e-12, "{value}");
    assert_eq!(bounds, None, "one replication says nothing of chance");
}

#[test]
fn one_replication_and_one_strategy_show_nothing() {
    let one = table(&[1.0], &[&[&[1.0]], &[&[2.0]]]);
    assert_eq!(one.best(Among::All), s(1));
    assert_eq!(candidates(&one, Among::All), [s(0), s(1)]);
    assert_eq!(minimax(&one).candidates, [s(0), s(1)]);
    assert!(dominances(&one).iter().all(|dominance| !dominance.shown));
    assert_eq!(selection_bound(&one, s(1), 100.0), 0.5);
    let alone = table(&[1.0], &[&[&[1.0, 2.0]]]);
    assert_eq!(regrets(&alone)[s(0)][WorldId::new(0)].value, 0.0);
    assert_eq!(selection_bound(&alone, s(0), 0.0), 1.0);
}
