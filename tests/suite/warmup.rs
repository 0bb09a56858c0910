//! Whether a warm-up is long enough: one twice as long must not move any metric by more than chance does.

use coopsim::metrics::{MetricId, Moments};
use coopsim::scenario::{Overrides, load_text};
use coopsim::simulation::{Outcome, Prepared};
use statrs::distribution::{ContinuousCDF, StudentsT};
use std::sync::atomic::AtomicBool;

/// Probability that a scenario without a bias fails: of all its metrics together, by Bonferroni's inequality.
const FALSE_ALARMS: f64 = 1e-3;
/// A bill is rounded to a millionth of a dollar, and so moves by up to that with the instant at which it is made.
const ROUNDING: f64 = 1.01e-6;

/// One variant of a scenario.
#[derive(Clone, Copy)]
struct Case<'a> {
    yaml: &'a str,
    variant: usize,
}

/// The metrics of the whole cloud that move beyond their joint interval when `warmup` seconds become twice as many and as
/// much is measured after them: Student-t tests of the differences, paired by replication, at a
/// family-wise level of [`FALSE_ALARMS`].
fn moved(case: Case<'_>, warmup: u32, measured: u32, replications: u32) -> Vec<String> {
    let once = outcomes(case, warmup, measured, replications);
    let twice = outcomes(case, 2 * warmup, measured, replications);
    let differences = |&id: &MetricId| {
        let mut moments = Moments::default();
        for (once, twice) in once.iter().zip(&twice) {
            let pair = once.values[0].get(id).zip(twice.values[0].get(id));
            pair.into_iter().for_each(|(once, twice)| moments.add(twice - once));
        }
        Some((id, moments.mean()?))
    };
    let rounding = ROUNDING * bills(case);
    let found: Vec<_> = MetricId::ALL.iter().filter_map(differences).collect();
    let alpha = FALSE_ALARMS / found.len() as f64;
    let moved = found.iter().filter_map(|(id, difference)| {
        let t = StudentsT::new(0.0, 1.0, f64::from(difference.n) - 1.0).expect("two replications");
        let limit = difference.ci95? / t.inverse_cdf(0.975) * t.inverse_cdf(1.0 - alpha / 2.0);
        let name = id.definition().name;
        let beyond = difference.mean.abs() > limit + rounding;
        beyond.then(|| format!("{name} by {} (limit {limit})", difference.mean))
    });
    moved.collect()
}

/// Bills that a total is the sum of, at most: of each deployment, and each cluster's energy and capital.
fn bills(Case { yaml, variant }: Case<'_>) -> f64 {
    let scenario = load_text("case", yaml.to_owned(), &Overrides::default()).expect("it is sound");
    let setup = &scenario.variants[variant].setup;
    (setup.deployments.len() + 2 * setup.clusters.len()) as f64
}

fn outcomes(
    Case { yaml, variant }: Case<'_>,
    warmup: u32,
    measured: u32,
    replications: u32,
) -> Vec<Outcome> {
    let set = |key: &str, seconds: u32| format!("window.{key}={seconds}s");
    let window = [set("warmup", warmup), set("horizon", warmup + measured)];
    let overrides = Overrides { set: window.to_vec(), ..Overrides::default() };
    let scenario = load_text("case", yaml.to_owned(), &overrides).expect("the scenario is sound");
    let prepared = Prepared::new(&scenario.variants[variant].setup).expect("it has room");
    let running = AtomicBool::new(false);
    let run = |number| prepared.run(scenario.seed, number, &running).expect("its books are right");
    (0..replications).map(run).collect()
}

/// M/M/1 at 80 % load from an empty queue: relaxation takes 1/(√μ − √λ)² = 90 s.
const QUEUE: &str = include_str!("desk/queue.yaml");

#[test]
fn a_bias_is_found() {
    let moved = moved(Case { yaml: QUEUE, variant: 0 }, 10, 60, 600);
    for metric in ["latency.wait_s.mean", "latency.e2e_s.mean", "queue.length_mean"] {
        assert!(moved.iter().any(|each| each.starts_with(metric)), "not {metric}: {moved:?}");
    }
}

#[test]
fn a_long_warmup_has_none() {
    let queue = moved(Case { yaml: QUEUE, variant: 0 }, 1000, 1000, 30);
    assert!(queue.is_empty(), "{queue:?}");
    let base = moved(Case { yaml: include_str!("desk/base.yaml"), variant: 0 }, 30, 60, 20);
    assert!(base.is_empty(), "{base:?}");
}

/// The headline's own warm-up of two minutes, in all its variants; those at ten times the scale for a quarter of its
/// window. The level is that of a family of all metrics in each variant.
#[test]
fn the_headlines_has_none() {
    let yaml = include_str!("../../scenarios/one-winner-vs-split.yaml");
    for (variant, measured) in [1200, 1200, 1200, 300, 300].into_iter().enumerate() {
        let moved = moved(Case { yaml, variant }, 120, measured, 5);
        assert!(moved.is_empty(), "variant {variant}: {moved:?}");
    }
}
