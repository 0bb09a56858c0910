//! Payoffs of any size and with any names are drawn and told.

use super::{page_tables, payoff_csv, sentences, table};
use crate::experiment::{
    Axis, Best, Bounded, Bounds, Cell, Dominance, Minimax, Payoff, Results, StrategyPayoff,
    WorldOdds,
};
use crate::report::chart::legible;
use crate::report::exhibit::{EXHIBITS, charts};
use crate::report::sample::{self, Shape};
use crate::report::sound;
use crate::report::text::columns_of;

/// A table that has nothing to do with the variants beside it.
fn payoff(metric: &str, strategies: usize, worlds: usize, factor: f64) -> Payoff {
    let bounded = |value: f64| {
        let (value, half) = (value * factor, 0.1 * factor.abs());
        Bounded { value, bounds: Some(Bounds { low: value - half, high: value + half }) }
    };
    let zero = Bounded { value: 0.0, bounds: None };
    let of = |strategy: usize| {
        let cell = |world: usize| {
            let behind = (strategy + worlds - world) % strategies;
            let regret = if behind == 0 { zero } else { bounded(behind as f64) };
            Cell { mean: bounded(10.0 - behind as f64), n: 5, regret, may_be_best: behind == 0 }
        };
        StrategyPayoff {
            name: format!("strategy {strategy}"),
            mean: bounded(9.0 - strategy as f64),
            deviation: bounded(1.0),
            cvar: bounded(5.0),
            regret: bounded(2.0 + strategy as f64),
            cells: (0..worlds).map(cell).collect(),
        }
    };
    let world = |world: usize| WorldOdds {
        name: format!("world {world}"),
        probability: 1.0 / worlds as f64,
    };
    let first = || "strategy 0".to_owned();
    Payoff {
        metric: metric.to_owned(),
        unit: "USD".to_owned(),
        worlds: (0..worlds).map(world).collect(),
        strategies: (0..strategies).map(of).collect(),
        best: Best {
            strategy: first(),
            zone: 0.1,
            bound: 0.987,
            candidates: vec![first(), "strategy 1".to_owned()],
        },
        minimax: Minimax { strategy: first(), candidates: vec![first()] },
        dominances: vec![Dominance { strategy: first(), over: "strategy 1".into(), shown: true }],
    }
}

fn results(strategies: usize, worlds: usize, factor: f64) -> Results {
    let variants = strategies * worlds;
    let mut results = sample::results(Shape { variants, models: 2, replications: 5, buckets: 4 });
    let values = (0..worlds).map(|world| format!("world {world}")).collect();
    results.axes = vec![Axis::new("world", values)];
    results.payoffs = ["margin.operating_usd", "revenue.total_usd"]
        .map(|metric| payoff(metric, strategies, worlds, factor))
        .to_vec();
    results
}

#[test]
fn any_size_is_drawn_and_told() {
    for (strategies, worlds) in [(1, 1), (4, 4), (2, 12), (15, 15)] {
        for factor in [1.0, -1.0, 1e-9, 1e12] {
            let results = results(strategies, worlds, factor);
            // The sample has no sound latencies of very many variants.
            if strategies * worlds <= 16 {
                sound::check(&results).expect("sound");
            }
            legible::check(&charts(EXHIBITS, &results), &format!("{strategies} {worlds} {factor}"));
            for width in [40, 80, 120] {
                let told = table(&results, width);
                let widest = told.lines().map(columns_of).max();
                assert!(widest <= Some(width), "{told}");
            }
            assert_eq!(page_tables(&results).len(), 2);
            assert!(!sentences(&results).is_empty());
        }
    }
}

#[test]
fn long_names_are_shortened() {
    let mut results = results(4, 4, 1.0);
    for payoff in &mut results.payoffs {
        payoff.worlds.iter_mut().for_each(|world| world.name = "世".repeat(99));
        payoff.strategies.iter_mut().for_each(|strategy| strategy.name = "W".repeat(100));
    }
    legible::check(&charts(EXHIBITS, &results), "long names");
    assert!(table(&results, 80).lines().all(|line| columns_of(line) <= 80));
}

#[test]
fn only_payoffs_are_drawn_of_a_product() {
    let names = |results: &Results| -> Vec<String> {
        charts(EXHIBITS, results).into_iter().map(|chart| chart.file).collect()
    };
    assert_eq!(names(&results(4, 4, 1.0)), ["payoff"]);
    assert!(!names(&sample::results(Shape::default())).contains(&"payoff".to_owned()));
}

#[test]
fn sentences_say_what_intervals_support() {
    let told = sentences(&results(3, 2, 1.0)).join("\n").replace('\u{A0}', " ");
    for part in [
        "In “world 0” “strategy 1” has the largest operating margin",
        "the wrong bet, “strategy 0”, costs 2 (1.900 to 2.100) USD",
        "the intervals do not tell it from “strategy 1”",
        "with a probability of at least 0.98 (P*)",
        "No less revenue in any world, and more in one, has “strategy 0” than “strategy 1”.",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn the_file_has_a_row_for_each_number() {
    let file = payoff_csv(&results(2, 3, 1.0));
    // In each of three worlds three quantities, and six over all; for the best two more and what it dominates.
    assert_eq!(file.lines().count(), 1 + 2 * (2 * (3 * 3 + 6) + 3));
    assert!(file.contains("margin.operating_usd,USD,strategy 0,,,dominates,strategy 1,1,,,5"));
}

#[test]
fn what_no_run_gives_is_refused() {
    let damaged = |damage: fn(&mut Results)| {
        let mut results = results(2, 2, 1.0);
        damage(&mut results);
        sound::check(&results).expect_err("damaged")
    };
    assert!(damaged(|results| results.axes[0].values.clear()).contains("axes"));
    assert!(damaged(|results| results.payoffs[0].best.bound = 1.5).contains("bound"));
    assert!(damaged(|results| results.payoffs[1].strategies[0].cells.clear()).contains("cells"));
}
