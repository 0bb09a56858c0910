//! Draws against their theory.
//!
//! Every test states its chance of a false alarm. Seeds are fixed, so that a failure repeats; the
//! budget says how often a change of seed or library would raise one without a fault: about 150
//! checks at 1e-6 or less each, so about once in 7,000 changes.

use coopsim::engine::{Purpose, SimDuration, SimTime, Streams};
use coopsim::units::PerSecond;
use coopsim::workload::{
    ArrivalProcess, Arrivals, Call, Client, ClientGaps, Distribution, Family, FlashCrowd, Lengths,
    LengthsSampler, Mmpp, MmppState, Modulation, Process, RateProfile, Renewal, Sampler, Source,
    SourceSpec,
};
use statrs::distribution::{ChiSquared, ContinuousCDF, Exp, Gamma, LogNormal, Weibull};

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
        Distribution::Lognormal { mean: 1000.0, cv: 0.8 },
        Distribution::Weibull { mean: 100.0, cv: 0.4 },
        Distribution::Weibull { mean: 100.0, cv: 2.5 },
        truncated(Distribution::Lognormal { mean: 1000.0, cv: 1.2 }, 0.0, 4096.0),
        truncated(Distribution::Lognormal { mean: 1000.0, cv: 1.2 }, 0.0, 300.0),
        truncated(Distribution::Exponential { mean: 100.0 }, 50.0, 220.0),
        truncated(Distribution::Gamma { mean: 100.0, cv: 2.0 }, 10.0, f64::INFINITY),
        truncated(Distribution::Weibull { mean: 100.0, cv: 2.0 }, 0.0, 600.0),
        // Its fourth moment is infinite: only when cut off can its variance be tested.
        truncated(Distribution::Pareto { mean: 100.0, cv: 2.0 }, 20.0, 900.0),
        Distribution::Mixture(vec![
            (3.0, Distribution::Uniform { min: 1.0, max: 50.0 }),
            (1.0, truncated(Distribution::Gamma { mean: 400.0, cv: 0.5 }, 100.0, 900.0)),
        ]),
        Distribution::Quantiles(vec![
            (0.0, 1.0),
            (0.1, 12.0),
            (0.5, 50.0),
            (0.9, 50.5),
            (1.0, 900.0),
        ]),
    ]
}

fn truncated(law: Distribution, min: f64, max: f64) -> Distribution {
    Distribution::Truncated { law: Box::new(law), min, max }
}

fn cdf(law: &Distribution, x: f64) -> f64 {
    match *law {
        Distribution::Constant(value) => f64::from(x >= value),
        Distribution::Uniform { min, max } => ((x - min) / (max - min)).clamp(0.0, 1.0),
        Distribution::Exponential { mean } => Exp::new(1.0 / mean).unwrap().cdf(x),
        Distribution::Gamma { mean, cv } => {
            let shape = 1.0 / (cv * cv);
            Gamma::new(shape, shape / mean).unwrap().cdf(x)
        }
        Distribution::Lognormal { mean, cv } => {
            let variance = (1.0 + cv * cv).ln();
            let law = LogNormal::new(mean.ln() - variance / 2.0, variance.sqrt()).unwrap();
            law.cdf(x)
        }
        Distribution::Weibull { mean, cv } => {
            // From the coefficients of variation of shapes: 1/2 has √5, and so on.
            let shape = weibull_shape(cv);
            let scale = mean / statrs::function::gamma::gamma(1.0 + 1.0 / shape);
            Weibull::new(shape, scale).unwrap().cdf(x)
        }
        Distribution::Pareto { mean, cv } => {
            let index = 2.0 / (1.0 - (cv * cv).recip());
            1.0 - (1.0 + x / (mean * (index - 1.0))).powf(-index)
        }
        Distribution::Zipf { exponent, max } => {
            let sum = |to: u32| (1..=to).map(|n| f64::from(n).powf(-exponent)).sum::<f64>();
            sum(x as u32) / sum(max)
        }
        Distribution::Truncated { ref law, min, max } => {
            let (low, high) = (cdf(law, min), if max.is_finite() { cdf(law, max) } else { 1.0 });
            ((cdf(law, x) - low) / (high - low)).clamp(0.0, 1.0)
        }
        Distribution::Mixture(ref laws) => {
            let total: f64 = laws.iter().map(|(weight, _)| weight).sum();
            laws.iter().map(|(weight, law)| weight / total * cdf(law, x)).sum()
        }
        Distribution::Quantiles(ref points) => {
            let pair = points.windows(2).find(|pair| x <= pair[1].1).expect("inside the table");
            let ((p, v), (q, w)) = (pair[0], pair[1]);
            p + (q - p) * (x - v) / (w - v)
        }
    }
}

/// By bisection on Γ(1 + 2/k)/Γ(1 + 1/k)² = 1 + cv².
fn weibull_shape(cv: f64) -> f64 {
    let gamma = statrs::function::gamma::gamma;
    let (mut low, mut high) = (0.2, 20.0);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        let ratio = gamma(1.0 + 2.0 / middle) / gamma(1.0 + 1.0 / middle).powi(2);
        *(if ratio > 1.0 + cv * cv { &mut low } else { &mut high }) = middle;
    }
    low
}

#[test]
fn draws_follow_their_law() {
    let pareto = Distribution::Pareto { mean: 100.0, cv: 3.0 };
    for (i, law) in laws().iter().chain([&pareto]).enumerate() {
        let mut stream = Streams::new(SEED, 0).stream(Purpose::Service, &format!("law {i}"));
        let sampler = Sampler::new(law);
        let mut values: Vec<f64> = (0..50_000).map(|_| sampler.sample(&mut stream)).collect();
        kolmogorov(&format!("{law:?}"), &mut values, |x| cdf(law, x));
    }
}

/// Whether independent `values` follow the law with the distribution function `cdf`.
fn kolmogorov(what: &str, values: &mut [f64], cdf: impl Fn(f64) -> f64) {
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let distance = (0..).zip(&*values).map(|(i, &x)| {
        let f = cdf(x);
        (f - f64::from(i) / n).max(f64::from(i + 1) / n - f)
    });
    let statistic = distance.fold(0.0, f64::max) * n.sqrt();
    assert!(statistic < KOLMOGOROV_LIMIT, "{what}: √n·D = {statistic:.2}, seed {SEED}");
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
            Distribution::Truncated { min, max, .. } => (min, max),
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
        truncated(Distribution::Lognormal { mean: 2.0, cv: 1.0 }, 0.0, 5.3),
        truncated(Distribution::Weibull { mean: 6.0, cv: 1.5 }, 2.4, f64::INFINITY),
        Distribution::Zipf { exponent: 1.1, max: 2000 },
        Distribution::Zipf { exponent: 0.0, max: 7 },
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

fn steady(rate: f64, renewal: Renewal) -> Arrivals {
    Arrivals::steady(PerSecond(rate), renewal)
}

fn process(arrivals: &Arrivals, replication: u32) -> ArrivalProcess {
    ArrivalProcess::new(arrivals, "app", &Streams::new(SEED, replication))
}

#[test]
fn gaps_have_their_mean_and_variation() {
    for renewal in [
        Renewal::Poisson,
        Renewal::Gamma { cv: 0.3 },
        Renewal::Gamma { cv: 1.0 },
        Renewal::Gamma { cv: 4.0 },
        Renewal::Weibull { cv: 0.3 },
        Renewal::Weibull { cv: 2.0 },
        Renewal::Lognormal { cv: 0.8 },
        Renewal::Pareto { cv: 1.05 },
    ] {
        let cv = match renewal {
            Renewal::Poisson => 1.0,
            Renewal::Deterministic => 0.0,
            Renewal::Gamma { cv }
            | Renewal::Weibull { cv }
            | Renewal::Lognormal { cv }
            | Renewal::Pareto { cv } => cv,
        };
        let mut process = process(&steady(50.0, renewal), 0);
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
    for renewal in [
        Renewal::Poisson,
        Renewal::Gamma { cv: 0.2 },
        Renewal::Gamma { cv: 5.0 },
        Renewal::Weibull { cv: 0.2 },
        Renewal::Weibull { cv: 5.0 },
        Renewal::Lognormal { cv: 3.0 },
        Renewal::Pareto { cv: 3.0 },
    ] {
        let arrivals = steady(10.0, renewal);
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

/// The times at which deterministic arrivals come are those of a clock with a random phase.
#[test]
fn deterministic_arrivals_start_anywhere() {
    let arrivals = steady(10.0, Renewal::Deterministic);
    let mut firsts: Vec<f64> = (0..20_000)
        .map(|replication| {
            let mut process = process(&arrivals, replication);
            let first = process.next_arrival().unwrap();
            let second = process.next_arrival().unwrap();
            assert_eq!(second.since(first), SimDuration::from_secs_f64(0.1));
            first.as_secs_f64()
        })
        .collect();
    kolmogorov("phases", &mut firsts, |x| x / 0.1);
}

/// The first arrival follows the residual law, whose density is P(gap > x) over the mean gap.
#[test]
fn first_arrivals_follow_the_residual_law() {
    type Cdf = fn(f64) -> f64;
    let integrals: [(Renewal, Cdf); 2] = [
        // Pareto with α = 9/4: one less, with the scale 5/4 of mean 1.
        (Renewal::Pareto { cv: 3.0 }, |x| 1.0 - (1.0 + x / 1.25).powf(-1.25)),
        // Weibull with shape 1/2 and scale 1/2: the integral of exp(−√(2x)).
        (Renewal::Weibull { cv: 5.0_f64.sqrt() }, |x| {
            let root = (2.0 * x).sqrt();
            1.0 - (1.0 + root) * (-root).exp()
        }),
    ];
    for (renewal, cdf) in integrals {
        let arrivals = steady(1.0, renewal);
        let first = |replication| process(&arrivals, replication).next_arrival().unwrap();
        let mut firsts: Vec<f64> = (0..20_000).map(|i| first(i).as_secs_f64()).collect();
        kolmogorov(&format!("first arrival of {renewal:?}"), &mut firsts, cdf);
    }
}

fn modulated(rate: f64, modulation: Modulation) -> Arrivals {
    Arrivals { modulation, ..steady(rate, Renewal::Poisson) }
}

#[test]
fn counts_follow_the_hours_of_a_profile() {
    const DAYS: u64 = 400;
    let hour = SimDuration::from_secs(3600);
    let factors: Vec<f64> =
        (0..24).map(|h| if h < 5 { 0.0 } else { f64::from(h) / 10.0 }).collect();
    let offset = SimDuration::from_secs(7 * 3600);
    let profile = RateProfile { factors: factors.clone(), step: hour, offset };
    let mut process = process(
        &modulated(0.01, Modulation { profile: Some(profile), ..Modulation::default() }),
        0,
    );
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

/// Calls in consecutive spans that end at `ends`.
fn counts(process: &mut ArrivalProcess, ends: &[SimTime]) -> Vec<f64> {
    let mut counts = vec![0.0; ends.len()];
    let mut span = 0;
    while let Some(at) = process.next_arrival() {
        while span < ends.len() && at >= ends[span] {
            span += 1;
        }
        let Some(count) = counts.get_mut(span) else { break };
        *count += 1.0;
    }
    counts
}

fn secs(secs: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs_f64(secs)
}

/// Growth, a week, and a crowd at once: each span's mean count is the integral of the rate.
#[test]
fn counts_follow_growth_weeks_and_crowds() {
    let hour = SimDuration::from_secs(3600);
    let factors = (0..168).map(|h| f64::from(h % 24) * if h >= 120 { 0.02 } else { 0.1 });
    let modulation = Modulation {
        profile: Some(RateProfile {
            factors: factors.collect(),
            step: hour,
            offset: SimDuration::from_secs(3600 * 100),
        }),
        // Doubles in two days.
        growth: std::f64::consts::LN_2 / (2.0 * 86_400.0),
        crowds: vec![FlashCrowd {
            start: SimDuration::from_secs(3600 * 30),
            ramp: hour,
            duration: SimDuration::from_secs(7200),
            decay: SimDuration::from_secs(5400),
            factor: 6.0,
        }],
    };
    let arrivals = modulated(0.002, modulation);
    let ends: Vec<SimTime> =
        [10.0, 29.0, 31.0, 32.5, 34.0, 36.0, 60.0, 168.0].map(|h| secs(h * 3600.0)).to_vec();
    let replications: Vec<Vec<f64>> =
        (0..2000).map(|replication| counts(&mut process(&arrivals, replication), &ends)).collect();
    let mut before = 0.0;
    for (span, end) in ends.iter().enumerate() {
        let until = arrivals.expected_calls(end.since(SimTime::ZERO));
        let found: Vec<f64> = replications.iter().map(|counts| counts[span]).collect();
        t_test(&format!("calls of span {span}"), &found, until - before);
        before = until;
    }
}

fn two_states() -> Arrivals {
    // Mean sojourns of 0.5 s and 2 s: a fifth of the time in the first, 1/5 · 40 + 4/5 · 5 = 12.
    let states = [(40.0, 0.5, [0.0, 1.0]), (5.0, 2.0, [1.0, 0.0])];
    let states = states.map(|(factor, sojourn, next)| MmppState {
        factor,
        sojourn: SimDuration::from_secs_f64(sojourn),
        next: next.to_vec(),
    });
    let mmpp = Mmpp { states: states.to_vec() };
    Arrivals { process: Process::Mmpp(mmpp), ..steady(12.0, Renewal::Poisson) }
}

/// Heffes and Lucantoni (1986): a two-state process with rates λ₁, λ₂ that are left at r₁, r₂ has
/// in a time t from its stationary law counts with variance over mean
/// 1 + 2(λ₁−λ₂)²r₁r₂ / ((r₁+r₂)²(λ₁r₂+λ₂r₁)) · (1 − (1−exp(−(r₁+r₂)t)) / ((r₁+r₂)t)).
#[test]
fn bursts_are_dispersed_as_in_theory() {
    let arrivals = two_states();
    for t in [0.3, 3.0] {
        let found: Vec<f64> = (0..40_000)
            .map(|replication| counts(&mut process(&arrivals, replication), &[secs(t)])[0])
            .collect();
        t_test(&format!("calls in {t} s"), &found, 12.0 * t);
        let ((fast, slow), (left, entered)) = ((40.0, 5.0), (2.0, 0.5));
        let r: f64 = left + entered;
        let limit = 2.0 * (fast - slow) * (fast - slow) * left * entered
            / (r * r * (fast * entered + slow * left));
        let index = 1.0 + limit * (1.0 - (1.0 - (-r * t).exp()) / (r * t));
        let squares: Vec<f64> = found.iter().map(|n| (n - 12.0 * t).powi(2)).collect();
        t_test(&format!("variance of calls in {t} s"), &squares, 12.0 * t * index);
    }
}

#[test]
fn bursts_end_at_the_horizon_and_are_modulated() {
    let span = SimDuration::from_secs(3).into();
    let mut stopped = ArrivalProcess::within(span, &two_states(), "app", &Streams::new(SEED, 0));
    let last = std::iter::from_fn(|| stopped.next_arrival()).last().unwrap();
    assert!(last < secs(3.0) && last > secs(1.0), "{last}");
    let profile = RateProfile {
        factors: vec![2.0, 0.0, 1.0],
        step: SimDuration::from_secs(2),
        offset: SimDuration::from_secs(1),
    };
    for growth in [0.0, -0.01] {
        let modulation =
            Modulation { profile: Some(profile.clone()), growth, ..Modulation::default() };
        let arrivals = Arrivals { modulation, ..two_states() };
        let ends = [1.0, 3.0, 5.0, 7.5].map(secs);
        let replications: Vec<Vec<f64>> = (0..20_000)
            .map(|replication| counts(&mut process(&arrivals, replication), &ends))
            .collect();
        let until = |end: SimTime| arrivals.expected_calls(end.since(SimTime::ZERO));
        for (span, pair) in [SimTime::ZERO].iter().chain(&ends).zip(&ends).enumerate() {
            let found: Vec<f64> = replications.iter().map(|counts| counts[span]).collect();
            let expected = until(*pair.1) - until(*pair.0);
            if expected == 0.0 {
                assert!(found.iter().all(|&count| count == 0.0));
            } else {
                t_test(&format!("calls of span {span}"), &found, expected);
            }
        }
    }
}

fn clients(count: u32, shares: impl Fn(u32) -> f64) -> Vec<Client> {
    let total: f64 = (1..=count).map(&shares).sum();
    (1..=count)
        .map(|rank| Client {
            name: rank.to_string(),
            share: shares(rank) / total,
            gaps: match rank % 3 {
                0 => ClientGaps::Given(Renewal::Poisson),
                1 => ClientGaps::Given(Renewal::Weibull { cv: 2.0 }),
                _ => ClientGaps::Drawn {
                    family: Family::Gamma,
                    cv: Distribution::Uniform { min: 0.5, max: 4.0 },
                },
            },
            lengths: None,
        })
        .collect()
}

fn of_clients(rate: f64, clients: Vec<Client>) -> Arrivals {
    Arrivals { process: Process::Clients(clients), ..steady(rate, Renewal::Poisson) }
}

#[test]
fn each_client_brings_its_share() {
    let arrivals = of_clients(50.0, clients(12, |rank| f64::from(rank).powf(-1.1)));
    let Process::Clients(clients) = &arrivals.process else { unreachable!() };
    let replications: Vec<Vec<f64>> = (0..4000)
        .map(|replication| {
            let mut process = process(&arrivals, replication);
            let mut counts = vec![0.0; clients.len()];
            while process.next_arrival().unwrap() < secs(4.0) {
                counts[process.client()] += 1.0;
            }
            counts
        })
        .collect();
    for (index, client) in clients.iter().enumerate() {
        let found: Vec<f64> = replications.iter().map(|counts| counts[index]).collect();
        t_test(&format!("calls of client {}", client.name), &found, 200.0 * client.share);
    }
}

/// All superposed arrivals are those of the clients one by one, and who else calls moves none.
#[test]
fn clients_do_not_move_each_other() {
    let of = |count: u32, name: &str| {
        let spec = SourceSpec::Synthetic {
            arrivals: of_clients(f64::from(count), clients(count, |_| 1.0)),
            lengths: Some(Lengths {
                input: Distribution::Exponential { mean: 1000.0 },
                output: Distribution::Exponential { mean: 100.0 },
                cached: None,
            }),
        };
        calls(&spec, name, SEED)
    };
    let (few, many) = (of(5, "chat"), of(40, "chat"));
    assert!(many.is_sorted_by_key(|call| call.at));
    let last = many.last().unwrap().at;
    let among = few.iter().filter(|call| call.at < last);
    assert!(among.clone().count() > 100);
    for call in among {
        // The clock of a client is a quotient of rates: up to rounding. A burst brings several calls
        // within that.
        let same = |other: &Call| {
            (other.input, other.output) == (call.input, call.output)
                && other.at.as_nanos().abs_diff(call.at.as_nanos()) <= 1000
        };
        assert!(many.iter().any(same), "{call:?} moved, seed {SEED}");
    }
    assert_ne!(few, of(5, "code"));
}

#[test]
fn what_is_expected_of_clients_weighs_their_lengths() {
    let mut clients = clients(2, |rank| if rank == 1 { 3.0 } else { 1.0 });
    let constant = |tokens| Distribution::Constant(tokens);
    clients[1].lengths =
        Some(Lengths { input: constant(1000.0), output: constant(10.0), cached: None });
    let spec = SourceSpec::Synthetic {
        arrivals: of_clients(8.0, clients),
        lengths: Some(Lengths { input: constant(100.0), output: constant(50.0), cached: None }),
    };
    let expected = spec.expected(SimDuration::from_secs(60)).unwrap();
    assert_eq!(
        (expected.calls_per_s, expected.mean_input, expected.mean_output),
        (8.0, 325.0, 40.0)
    );
}

fn calls(spec: &SourceSpec, application: &str, seed: u64) -> Vec<Call> {
    let mut source = Source::new(spec, application, &Streams::new(seed, 0)).unwrap();
    (0..1000).map(|_| source.next_call().unwrap().unwrap()).collect()
}

fn synthetic(rate: f64, output: Distribution) -> SourceSpec {
    let input = truncated(Distribution::Lognormal { mean: 1000.0, cv: 1.0 }, 0.0, 8192.0);
    SourceSpec::Synthetic {
        arrivals: steady(rate, Renewal::Gamma { cv: 1.5 }),
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
        arrivals: modulated(8.0, Modulation { profile: Some(profile), ..Modulation::default() }),
        lengths: Some(Lengths {
            input: Distribution::Constant(12.4),
            output: Distribution::Constant(0.0),
            cached: None,
        }),
    };
    let expected = spec.expected(SimDuration::from_secs(60)).unwrap();
    assert_eq!(
        (expected.calls_per_s, expected.mean_input, expected.mean_output),
        (10.0, 12.0, 1.0)
    );
}
