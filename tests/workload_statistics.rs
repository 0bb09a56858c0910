//! Draws against their theory.
//!
//! Every test states its chance of a false alarm. Seeds are fixed, so that a failure repeats; the
//! budget says how often a change of seed or library would raise one without a fault: about 60
//! checks at 1e-6 or less each, so less than once in 10,000 changes.

use coopsim::engine::{Purpose, SimDuration, SimTime, Streams};
use coopsim::units::PerSecond;
use coopsim::workload::{
    ArrivalProcess, Arrivals, Call, Distribution, Lengths, LengthsSampler, RateProfile, Renewal,
    Sampler, Source, SourceSpec,
};
use statrs::distribution::{ChiSquared, ContinuousCDF, Exp, Gamma, LogNormal};

const SEED: u64 = 20_260_101;
/// Student's t with 99 degrees of freedom exceeds this once in about 1.5 million times.
const T_LIMIT: f64 = 5.3;
const BATCHES: usize = 100;
/// Kolmogorov: √n·D exceeds this with probability 2·exp(−2·2.69²) = 1e-6.
const KOLMOGOROV_LIMIT: f64 = 2.69;

/// Whether the mean of independent `estimates` agrees with `expected`.
fn t_test(what: &str, estimates: &[f64], expected: f64) {
    let n = estimates.len() as f64;
    let mean = estimates.iter().sum::<f64>() / n;
    let variance = estimates.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let t = (mean - expected) / (variance / n).sqrt();
    assert!(t.abs() < T_LIMIT, "{what}: {mean} is not {expected}: t = {t:.2}, seed {SEED}");
}

fn laws() -> Vec<Distribution> {
    vec![
        Distribution::Uniform { min: 3.0, max: 17.0 },
        Distribution::Exponential { mean: 250.0 },
        Distribution::Gamma { mean: 100.0, cv: 0.4 },
        Distribution::Gamma { mean: 100.0, cv: 2.5 },
        Distribution::Lognormal { mean: 1000.0, cv: 0.8, max: None },
        Distribution::Lognormal { mean: 1000.0, cv: 1.2, max: Some(4096.0) },
        Distribution::Lognormal { mean: 1000.0, cv: 1.2, max: Some(300.0) },
        Distribution::Quantiles(vec![
            (0.0, 1.0),
            (0.1, 12.0),
            (0.5, 50.0),
            (0.9, 50.5),
            (1.0, 900.0),
        ]),
    ]
}

fn cdf(law: &Distribution, x: f64) -> f64 {
    match *law {
        Distribution::Constant(value) => f64::from(x >= value),
        Distribution::Uniform { min, max } => (x - min) / (max - min),
        Distribution::Exponential { mean } => Exp::new(1.0 / mean).unwrap().cdf(x),
        Distribution::Gamma { mean, cv } => {
            let shape = 1.0 / (cv * cv);
            Gamma::new(shape, shape / mean).unwrap().cdf(x)
        }
        Distribution::Lognormal { mean, cv, max } => {
            let variance = (1.0 + cv * cv).ln();
            let law = LogNormal::new(mean.ln() - variance / 2.0, variance.sqrt()).unwrap();
            law.cdf(x) / max.map_or(1.0, |max| law.cdf(max))
        }
        Distribution::Quantiles(ref points) => {
            let pair = points.windows(2).find(|pair| x <= pair[1].1).expect("inside the table");
            let ((p, v), (q, w)) = (pair[0], pair[1]);
            p + (q - p) * (x - v) / (w - v)
        }
    }
}

#[test]
fn draws_follow_their_law() {
    for (i, law) in laws().iter().enumerate() {
        let mut stream = Streams::new(SEED, 0).stream(Purpose::Service, &format!("law {i}"));
        let sampler = Sampler::new(law);
        let mut values: Vec<f64> = (0..50_000).map(|_| sampler.sample(&mut stream)).collect();
        values.sort_by(f64::total_cmp);
        let n = values.len() as f64;
        let distance = (0..).zip(&values).map(|(i, &x)| {
            let f = cdf(law, x);
            (f - f64::from(i) / n).max(f64::from(i + 1) / n - f)
        });
        let statistic = distance.fold(0.0, f64::max) * n.sqrt();
        assert!(statistic < KOLMOGOROV_LIMIT, "{law:?}: √n·D = {statistic:.2}, seed {SEED}");
    }
}

#[test]
fn moments_are_as_stated() {
    for (i, law) in laws().iter().enumerate() {
        let mut stream = Streams::new(SEED, 1).stream(Purpose::Service, &format!("law {i}"));
        let sampler = Sampler::new(law);
        let batches: Vec<Vec<f64>> = (0..BATCHES)
            .map(|_| (0..5000).map(|_| sampler.sample(&mut stream)).collect())
            .collect();
        let average = |f: &dyn Fn(f64) -> f64| -> Vec<f64> {
            let mean =
                |batch: &Vec<f64>| batch.iter().map(|&x| f(x)).sum::<f64>() / batch.len() as f64;
            batches.iter().map(mean).collect()
        };
        t_test(&format!("mean of {law:?}"), &average(&|x| x), law.mean());
        let second = average(&|x| x * x);
        t_test(&format!("second moment of {law:?}"), &second, law.second_moment());
        let mean = law.mean();
        let variance = average(&|x| (x - mean).powi(2));
        t_test(&format!("variance of {law:?}"), &variance, law.variance());
    }
}

#[test]
fn truncation_is_strict_and_tables_keep_their_range() {
    let mut stream = Streams::new(SEED, 2).stream(Purpose::Service, "range");
    for law in laws() {
        let (least, most) = match law {
            Distribution::Lognormal { max: Some(max), .. } => (0.0, max),
            Distribution::Quantiles(ref points) => (points[0].1, points[points.len() - 1].1),
            Distribution::Uniform { min, max } => (min, max),
            _ => continue,
        };
        let sampler = Sampler::new(&law);
        for _ in 0..100_000 {
            let value = sampler.sample(&mut stream);
            assert!((least..=most * (1.0 + 1e-12)).contains(&value), "{law:?}: {value}");
        }
    }
}

#[test]
fn token_means_are_as_stated() {
    let short = [
        Distribution::Exponential { mean: 0.8 },
        Distribution::Gamma { mean: 3.0, cv: 1.5 },
        Distribution::Lognormal { mean: 2.0, cv: 1.0, max: Some(5.3) },
        Distribution::Uniform { min: 0.0, max: 2.2 },
        Distribution::Quantiles(vec![(0.0, 0.0), (0.3, 0.9), (1.0, 4.0)]),
    ];
    for law in laws().into_iter().chain(short) {
        let mut stream = Streams::new(SEED, 3).stream(Purpose::Lengths, &format!("{law:?}"));
        let output = Distribution::Constant(0.2);
        let lengths = Lengths { input: law.clone(), output, cached: None };
        let sampler = LengthsSampler::new(&lengths);
        let means: Vec<f64> = (0..BATCHES)
            .map(|_| {
                let sum: u64 = (0..4000)
                    .map(|_| {
                        let (input, output) = sampler.sample(&mut stream);
                        assert_eq!(output, 1);
                        assert!(input >= 1);
                        u64::from(input)
                    })
                    .sum();
                sum as f64 / 4000.0
            })
            .collect();
        t_test(&format!("tokens of {law:?}"), &means, law.mean_tokens());
    }
}

fn arrivals(rate: f64, renewal: Renewal, profile: Option<RateProfile>) -> Arrivals {
    Arrivals { rate: PerSecond(rate), renewal, profile }
}

fn process(arrivals: &Arrivals, replication: u32) -> ArrivalProcess {
    ArrivalProcess::new(arrivals, Streams::new(SEED, replication).stream(Purpose::Arrivals, "app"))
}

#[test]
fn gaps_have_their_mean_and_variation() {
    for renewal in [
        Renewal::Poisson,
        Renewal::Gamma { cv: 0.3 },
        Renewal::Gamma { cv: 1.0 },
        Renewal::Gamma { cv: 4.0 },
    ] {
        let cv = match renewal {
            Renewal::Poisson => 1.0,
            Renewal::Gamma { cv } => cv,
        };
        let mut process = process(&arrivals(50.0, renewal, None), 0);
        let mut last = process.next_arrival().unwrap();
        let mut gap = || {
            let at = process.next_arrival().unwrap();
            let gap = at.since(last).as_secs_f64();
            last = at;
            gap
        };
        let batches: Vec<Vec<f64>> =
            (0..BATCHES).map(|_| (0..5000).map(|_| gap()).collect()).collect();
        let mean = |batch: &Vec<f64>| batch.iter().sum::<f64>() / batch.len() as f64;
        let square =
            |batch: &Vec<f64>| batch.iter().map(|gap| (gap - 0.02).powi(2)).sum::<f64>() / 5000.0;
        let means: Vec<f64> = batches.iter().map(mean).collect();
        let squares: Vec<f64> = batches.iter().map(square).collect();
        t_test(&format!("mean gap of {renewal:?}"), &means, 0.02);
        t_test(&format!("variance of gaps of {renewal:?}"), &squares, (0.02 * cv).powi(2));
    }
}

/// The expected count of a stationary process is rate × time from the start, however bursty.
#[test]
fn counts_are_unbiased_from_the_first_second() {
    for renewal in [Renewal::Poisson, Renewal::Gamma { cv: 0.2 }, Renewal::Gamma { cv: 5.0 }] {
        let arrivals = arrivals(10.0, renewal, None);
        let counts: Vec<f64> = (0..20_000)
            .map(|replication| {
                let mut process = process(&arrivals, replication);
                let end = SimTime::ZERO + SimDuration::from_secs(1);
                let mut count = 0;
                while process.next_arrival().is_some_and(|at| at < end) {
                    count += 1;
                }
                f64::from(count)
            })
            .collect();
        t_test(&format!("calls in the first second of {renewal:?}"), &counts, 10.0);
    }
}

#[test]
fn counts_follow_the_hours_of_a_profile() {
    const DAYS: u64 = 400;
    let hour = SimDuration::from_secs(3600);
    let factors: Vec<f64> =
        (0..24).map(|h| if h < 5 { 0.0 } else { f64::from(h) / 10.0 }).collect();
    let offset = SimDuration::from_secs(7 * 3600);
    let profile = RateProfile { factors: factors.clone(), step: hour, offset };
    let mut process = process(&arrivals(0.01, Renewal::Poisson, Some(profile)), 0);
    let mut counts = [0u64; 24];
    while let Some(at) = process.next_arrival() {
        let hours = (at.as_nanos() + offset.as_nanos()) / hour.as_nanos();
        if at.as_nanos() >= DAYS * 24 * hour.as_nanos() {
            break;
        }
        counts[(hours % 24) as usize] += 1;
    }
    let mut statistic = 0.0;
    for (count, factor) in counts.iter().zip(&factors) {
        let expected = DAYS as f64 * 3600.0 * 0.01 * factor;
        if expected == 0.0 {
            assert_eq!(*count, 0);
        } else {
            statistic += (*count as f64 - expected).powi(2) / expected;
        }
    }
    let p = 1.0 - ChiSquared::new(19.0).unwrap().cdf(statistic);
    assert!(p > 1e-6, "χ² = {statistic:.1} with 19 degrees, p = {p:e}, seed {SEED}: {counts:?}");
}

fn calls(spec: &SourceSpec, application: &str, seed: u64) -> Vec<Call> {
    let mut source = Source::new(spec, application, &Streams::new(seed, 0)).unwrap();
    (0..1000).map(|_| source.next_call().unwrap().unwrap()).collect()
}

fn synthetic(rate: f64, output: Distribution) -> SourceSpec {
    let input = Distribution::Lognormal { mean: 1000.0, cv: 1.0, max: Some(8192.0) };
    SourceSpec::Synthetic {
        arrivals: arrivals(rate, Renewal::Gamma { cv: 1.5 }, None),
        lengths: Some(Lengths { input, output, cached: None }),
    }
}

#[test]
fn the_same_seed_brings_the_same_calls() {
    let spec = synthetic(5.0, Distribution::Exponential { mean: 200.0 });
    assert_eq!(calls(&spec, "chat", SEED), calls(&spec, "chat", SEED));
    assert_ne!(calls(&spec, "chat", SEED), calls(&spec, "chat", SEED + 1));
    assert_ne!(calls(&spec, "chat", SEED), calls(&spec, "code", SEED));
    assert!(calls(&spec, "chat", SEED).is_sorted_by_key(|call| call.at));
}

#[test]
fn laws_do_not_move_each_others_draws() {
    let base = calls(&synthetic(5.0, Distribution::Exponential { mean: 200.0 }), "chat", SEED);
    let longer = calls(&synthetic(5.0, Distribution::Exponential { mean: 400.0 }), "chat", SEED);
    let faster = calls(&synthetic(50.0, Distribution::Exponential { mean: 200.0 }), "chat", SEED);
    for ((base, longer), faster) in base.iter().zip(&longer).zip(&faster) {
        assert_eq!((base.at, base.input), (longer.at, longer.input));
        assert_eq!((base.input, base.output), (faster.input, faster.output));
    }
}

#[test]
fn a_source_says_what_to_expect() {
    let profile = RateProfile {
        factors: vec![0.5, 2.0],
        step: SimDuration::from_secs(3600),
        offset: SimDuration::ZERO,
    };
    let spec = SourceSpec::Synthetic {
        arrivals: arrivals(8.0, Renewal::Poisson, Some(profile)),
        lengths: Some(Lengths {
            input: Distribution::Constant(12.4),
            output: Distribution::Constant(0.0),
            cached: None,
        }),
    };
    let expected = spec.expected().unwrap();
    assert_eq!(
        (expected.calls_per_s, expected.mean_input, expected.mean_output),
        (10.0, 12.0, 1.0)
    );
}
