//! Made-up results: what the report looks like without a simulation.
//!
//! For examples, tests and work on the report itself. No number here means anything.

use indexmap::IndexMap;

use crate::experiment::{
    Bucket, Difference, Distribution, Estimate, Metrics, Results, SCHEMA, Series, VariantResults,
};
use crate::metrics::{definitions, not_modelled};
use crate::validation::{
    Check, Latencies, Latency, ModelClass, Pair, Published, UserBand, Validation, Verdict,
};

/// How large the made-up results are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Variants; differences are against the first.
    pub variants: usize,
    /// Models.
    pub models: usize,
    /// Replications; one has no intervals.
    pub replications: u32,
    /// Buckets of the time series.
    pub buckets: usize,
}

impl Default for Shape {
    fn default() -> Self {
        Self { variants: 3, models: 5, replications: 20, buckets: 140 }
    }
}

const VARIANTS: [&str; 3] = ["one-winner", "split", "first-party preferred"];
const MODELS: [&str; 5] = ["atlas-70b", "birch-8b", "cedar-moe", "delta-405b", "elm-code"];
const WARMUP_S: f64 = 600.0;
const MEASURED_S: f64 = 3600.0;

/// Results of a shape, always the same.
pub fn results(shape: Shape) -> Results {
    let variants: Vec<_> = (0..shape.variants).map(|v| variant(v, shape)).collect();
    let differences = variants.iter().skip(1).flat_map(|v| paired(&variants[0], v)).collect();
    Results {
        schema: SCHEMA.to_owned(),
        scenario: "railroad-neutrality".to_owned(),
        description: "Five vendors on one cloud: does revenue depend on who wins?".to_owned(),
        scenario_sha256: "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
            .to_owned(),
        seed: 42,
        replications: shape.replications,
        version: "0.1.0".to_owned(),
        measured_s: MEASURED_S,
        axes: Vec::new(),
        variants,
        payoffs: Vec::new(),
        differences,
        attributions: Vec::new(),
        not_modelled: not_modelled(),
        notes: vec!["The capital cost of cedar-moe's accelerators is unknown and left out.".into()],
    }
}

/// What a validation might find, always the same: a check that deviates among others, and two
/// tables.
pub fn validation() -> Validation {
    let check = |section, name: &str, expected, simulated, half_width, unit, verdict| Check {
        section,
        name: name.to_owned(),
        expected,
        simulated,
        half_width,
        unit,
        verdict,
    };
    let row = |(table, chip, case, published, simulated, held_out): PublishedFigures| Published {
        table: table.to_owned(),
        accelerator: chip.to_owned(),
        model: "atlas-70b".to_owned(),
        case: case.to_owned(),
        published,
        simulated,
        unit: "tokens/s",
        held_out,
    };
    let (agrees, deviates) = (Verdict::Agrees, Verdict::Deviates);
    let erlang = "Erlang C";
    Validation {
        version: "0.1.0".to_owned(),
        seed: 42,
        quick: true,
        false_alarms: 1e-3,
        checks: vec![
            check(erlang, "M/M/1, ρ = 0.5: mean wait", 1.0, 1.004, Some(0.012), "s", agrees),
            check(
                erlang,
                "M/M/1, ρ = 0.5: P(W > 2 s)",
                0.184,
                0.31,
                Some(0.002),
                "fraction",
                deviates,
            ),
            check("Exact", "M/D/1: 400 waits", 0.0, 0.0, None, "ns", agrees),
        ],
        published: PUBLISHED.into_iter().map(row).collect(),
        latency: Latencies {
            origin: "a made-up table".to_owned(),
            not_simulated: 1,
            rows: LATENCIES.into_iter().map(latency).collect(),
        },
    }
}

/// Times are in seconds; the first is of one token only if it is given.
fn latency((chip, class, users, tpot, ttft, held_out): LatencyFigures) -> Latency {
    let pair = |(measured, simulated)| Pair { measured, simulated };
    let users_at_once = [2.0, 16.0, 64.0][users as usize];
    Latency {
        source: "a course".to_owned(),
        engine: "an-engine".to_owned(),
        accelerator: chip.to_owned(),
        model: "atlas-70b".to_owned(),
        class,
        case: format!("200/1000 TP4 fp8, {users_at_once} users"),
        users,
        held_out,
        tpot: Some(pair(tpot)),
        ttft: ttft.map(pair),
        tokens_per_s: Some(pair((users_at_once / tpot.0, users_at_once / tpot.1))),
    }
}

/// Chip, class of model, users, measured and simulated times of a token and to the first, and whether the row was left
/// out of a fit.
type LatencyFigures = (&'static str, ModelClass, UserBand, (f64, f64), Option<(f64, f64)>, bool);

const LATENCIES: [LatencyFigures; 4] = [
    ("one-chip", ModelClass::Dense, UserBand::Few, (0.0137, 0.0129), Some((0.03, 0.028)), false),
    ("one-chip", ModelClass::Dense, UserBand::Many, (0.0301, 0.0344), Some((0.9, 1.4)), true),
    ("other-chip", ModelClass::Mixture, UserBand::Some, (0.0082, 0.0081), None, false),
    ("other-chip", ModelClass::Mixture, UserBand::Many, (0.021, 0.0152), None, true),
];

/// Table, chip, case, published and simulated value, and whether the row was left out of a fit.
type PublishedFigures = (&'static str, &'static str, &'static str, f64, f64, bool);

const PUBLISHED: [PublishedFigures; 6] = [
    ("Vendor's table", "one-chip", "128/128 TP1", 29_526.0, 31_200.0, false),
    ("Vendor's table", "one-chip", "1000/1000 TP2", 2195.0, 1980.0, true),
    ("Vendor's table", "other-chip", "128/2048 TP1", 21_270.0, 15_100.0, false),
    ("Vendor's table", "other-chip", "2048/128 TP4", 1250.0, 1261.0, true),
    ("Vendor's table", "other-chip", "500/2000 TP8", 8512.0, 8233.0, false),
    ("Another table", "one-chip", "offline", 3062.7, 2950.1, false),
];

fn variant(v: usize, shape: Shape) -> VariantResults {
    let shares = shares(v, shape.models);
    VariantResults {
        warnings: Vec::new(),
        name: name(&VARIANTS, v, "variant"),
        metrics: metrics(v, 1.0, shape.replications),
        by_model: (0..shape.models)
            .map(|m| (name(&MODELS, m, "model"), metrics(v + 7 * m, shares[m], shape.replications)))
            .collect(),
        by_tenant: breakdown(&["acme", "bolt", "cloud"], v, shape),
        by_cluster: breakdown(&["h100-west", "mi300x-east"], v, shape),
        objectives: Vec::new(),
        by_application: breakdown(&["chat", "agents"], v, shape),
        distributions: distributions(v),
        series: series(v, &shares, shape),
    }
}

fn name(names: &[&str], index: usize, otherwise: &str) -> String {
    names.get(index).map_or_else(|| format!("{otherwise}-{}", index + 1), ToString::to_string)
}

/// Geometric shares: the first variant concentrated, later ones flatter.
fn shares(v: usize, models: usize) -> Vec<f64> {
    let weights: Vec<_> =
        (0..models).map(|m| (0.3 + 0.25 * v as f64).min(1.0).powi(m as i32)).collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

fn breakdown(names: &[&str], v: usize, shape: Shape) -> IndexMap<String, Metrics> {
    let share = 1.0 / names.len() as f64;
    names
        .iter()
        .enumerate()
        .map(|(i, name)| ((*name).to_owned(), metrics(v + 3 * i, share, shape.replications)))
        .collect()
}

fn metrics(v: usize, share: f64, replications: u32) -> Metrics {
    let mut metrics = wobbling(v, share, replications);
    // Sums that a reader would check.
    let sums: [(&str, &[(&str, f64)]); 3] = [
        (
            "revenue.total_usd",
            &[
                ("revenue.rental_usd", 1.0),
                ("revenue.marketplace_usd", 1.0),
                ("revenue.first_party_usd", 1.0),
            ],
        ),
        ("cost.total_usd", &[("cost.energy_usd", 1.0), ("cost.capital_usd", 1.0)]),
        ("margin.operating_usd", &[("revenue.total_usd", 1.0), ("cost.total_usd", -1.0)]),
    ];
    for (sum, terms) in sums {
        metrics[sum].mean = terms.iter().map(|(term, sign)| sign * metrics[*term].mean).sum();
    }
    metrics
}

fn wobbling(v: usize, share: f64, replications: u32) -> Metrics {
    // A horizon ends these runs, not their calls, all of which end; and their latencies have no tails.
    let missing = |name: &str| {
        [".p95", ".max", "requests.unfinished", "time.makespan_s"]
            .iter()
            .any(|ending| name.ends_with(ending))
    };
    definitions()
        .iter()
        .filter(|definition| !missing(definition.name))
        .enumerate()
        .filter(|(_, definition)| definition.modelled)
        .map(|(index, definition)| {
            // Arithmetic that is the same on every machine, unlike a sine.
            let wobble = 1.0 + 0.0008 * ((37 * index + 53 * v) % 101) as f64;
            let mean = base(definition.name, definition.unit, share) * wobble;
            let ci95 = (replications > 1).then_some(mean.abs() * 0.012 * wobble);
            let unit = definition.unit.to_owned();
            (definition.name.to_owned(), Estimate { mean, ci95, n: replications, unit })
        })
        .collect()
}

/// A believable value of a metric for a share of the cloud.
fn base(metric: &str, unit: &str, share: f64) -> f64 {
    match (metric, unit) {
        ("requests.rejected", _) => 12.0 * share,
        (_, "requests") if metric.starts_with("queue") => 31.0 * share,
        (_, "requests") => 184_320.0 * share,
        (_, "tokens") => 48_000_000.0 * share,
        (_, "tokens/s") => 13_400.0 * share,
        (_, "1/s") => 51.0 * share,
        ("latency.wait_s.p99", _) => 1.31,
        (_, "s") if metric.contains("tpot") => 0.021,
        (_, "s") if metric.contains("e2e") => 9.4,
        (_, "s") => 0.182,
        ("utilisation.stranded", _) => 0.035,
        ("utilisation.mfu", _) => 0.31 * share,
        (_, "fraction") => 0.72 * share,
        ("cost.energy_usd", _) => 310.0 * share,
        ("cost.capital_usd", _) => 3_400.0 * share,
        ("revenue.rental_usd", _) => 3_800.0 * share,
        ("revenue.marketplace_usd", _) => 1_450.0 * share,
        ("revenue.first_party_usd", _) => 720.0 * share,
        ("revenue.per_accelerator_hour_usd", _) => 2.33,
        (_, "USD") => 5_970.0 * share,
        ("market.hhi", _) => 0.42,
        _ => 2.33,
    }
}

fn paired(first: &VariantResults, other: &VariantResults) -> Vec<Difference> {
    first
        .metrics
        .iter()
        .map(|(metric, base)| Difference {
            metric: metric.clone(),
            baseline: first.name.clone(),
            variant: other.name.clone(),
            mean: other.metrics[metric].mean - base.mean,
            ci95: base.ci95.map(|ci95| ci95 * 0.6),
        })
        .collect()
}

/// Log-logistic distributions.
fn distributions(v: usize) -> IndexMap<String, Distribution> {
    let metrics = ["latency.wait_s", "latency.ttft_s", "latency.tpot_s", "latency.e2e_s"];
    metrics
        .iter()
        .zip([0.05, 0.18, 0.021, 6.0])
        .map(|(metric, median)| {
            let cdf = (1..200).map(|i| {
                let p = f64::from(i) / 200.0;
                (median * (1.0 + 0.2 * v as f64) * (p / (1.0 - p)).powf(0.45), p)
            });
            (
                (*metric).to_owned(),
                Distribution { cdf: cdf.chain([(median * 60.0, 1.0)]).collect() },
            )
        })
        .collect()
}

fn series(v: usize, shares: &[f64], shape: Shape) -> Vec<Series> {
    let width = (WARMUP_S + MEASURED_S) / shape.buckets.max(1) as f64;
    let make =
        |scope: &str, name: String, metric: &str, unit: &str, f: &dyn Fn(f64) -> f64| Series {
            scope: scope.to_owned(),
            name,
            metric: metric.to_owned(),
            unit: unit.to_owned(),
            buckets: (0..shape.buckets)
                .map(|b| {
                    let mean = f(b as f64 / shape.buckets as f64);
                    let ci95 = (shape.replications > 1).then_some(0.08 * mean);
                    Bucket { start_s: b as f64 * width, end_s: (b + 1) as f64 * width, mean, ci95 }
                })
                .collect(),
        };
    let busy = |t: f64| {
        let filling = (t * 12.0).min(1.0);
        filling * (0.62 + 0.2 * (t * 6.3 + v as f64).sin() + 0.04 * (t * 97.0).sin())
    };
    let queue = |t: f64| 0.4 + (24.0 * busy(t) * busy(t)) * (1.0 + v as f64);
    let mut all = vec![
        make("all", String::new(), "utilisation.busy", "fraction", &busy),
        make("all", String::new(), "queue.length_mean", "requests", &queue),
    ];
    for (m, share) in shares.iter().enumerate() {
        let of_model = |t: f64| busy(t) * share;
        all.push(make(
            "model",
            name(&MODELS, m, "model"),
            "utilisation.busy",
            "fraction",
            &of_model,
        ));
    }
    all.retain(|series| !series.buckets.is_empty());
    all
}
