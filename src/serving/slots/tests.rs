//! Slots, waiting places and who gets them.

use super::*;
use crate::engine::SimDuration;
use crate::serving::Request;

/// A replica that is driven by hand.
struct Bench {
    replica: SlotReplica,
    requests: Requests,
    usage: Usage,
    next: Option<SimTime>,
    ended: Vec<(u64, u32)>,
}

impl Bench {
    fn new(slots: u32, discipline: ServiceDiscipline, max_waiting: Option<u32>) -> Self {
        let serving = SlotServing { slots, discipline, max_waiting };
        Self {
            replica: SlotReplica::new(serving, SimTime::ZERO),
            requests: Requests::default(),
            usage: Usage::default(),
            next: Some(SimTime::ZERO),
            ended: Vec::new(),
        }
    }

    /// Runs all boundaries before `until`.
    fn run(&mut self, until: u64) {
        let mut progress = Progress::default();
        while let Some(now) = self.next.filter(|at| at.as_nanos() < until) {
            self.next =
                self.replica.boundary(now, &mut self.requests, &mut self.usage, &mut progress);
            for id in progress.finished.drain(..) {
                self.ended.push((now.as_nanos(), self.requests.remove(id).tag));
            }
        }
    }

    /// Offers a request; says whether it was let in.
    fn offer(&mut self, at: u64, service: u64, tag: u32) -> bool {
        self.run(at);
        let now = SimTime::from_nanos(at);
        if !self.replica.has_place(now) {
            return false;
        }
        let service = SimDuration::from_nanos(service);
        let id = self.requests.insert(Request::new(now, 1, 1, service, tag));
        self.next = self.replica.enqueue(now, id, &self.requests).or(self.next);
        true
    }

    fn end(mut self) -> Vec<(u64, u32)> {
        self.run(u64::MAX);
        self.ended
    }
}

use ServiceDiscipline::{FirstComeFirstServed, ProcessorSharing};

#[test]
fn without_waiting_places_only_slots_count() {
    let mut bench = Bench::new(2, FirstComeFirstServed, Some(0));
    assert!(bench.offer(10, 100, 0));
    assert!(bench.offer(10, 50, 1), "of the same instant");
    assert!(!bench.offer(10, 50, 2));
    assert!(!bench.offer(59, 50, 3));
    assert!(bench.offer(60, 50, 4), "a slot is free at the very instant at which service ends");
    assert!(!bench.offer(60, 50, 5), "but for one only");
    assert_eq!(bench.end(), [(60, 1), (110, 0), (110, 4)]);
}

#[test]
fn waiting_places_are_beyond_the_slots() {
    let mut bench = Bench::new(1, FirstComeFirstServed, Some(1));
    assert!(bench.offer(0, 100, 0), "it starts up, but has places");
    assert!(bench.offer(0, 100, 1));
    assert!(!bench.offer(0, 100, 2));
    assert!(bench.offer(100, 10, 3));
    assert_eq!(bench.end(), [(100, 0), (200, 1), (210, 3)]);
}

#[test]
fn sharing_is_limited_in_the_same_way() {
    let mut bench = Bench::new(1, ProcessorSharing, Some(1));
    assert!(bench.offer(0, 100, 0));
    assert!(bench.offer(0, 50, 1));
    assert!(!bench.offer(50, 10, 2));
    assert!(bench.offer(100, 50, 3), "the second has ended");
    assert_eq!(bench.end(), [(100, 1), (200, 0), (200, 3)]);
}

#[test]
fn sharing_keeps_no_more_slots_busy_than_there_are() {
    let mut bench = Bench::new(2, ProcessorSharing, None);
    for tag in 0..3 {
        assert!(bench.offer(10, 20, tag));
    }
    bench.run(1000);
    let now = SimTime::from_nanos(100);
    bench.replica.book(now, &mut bench.usage);
    assert_eq!(bench.usage.time(Activity::Decode), 60, "the work that was brought");
    assert_eq!(bench.usage.time(Activity::Idle), 140);
}

/// Theory, by two-sided Student-t tests of the mean over independent replications. All checks of
/// this module together may raise a false alarm for one seed in ten thousand; the seed was the first that
/// was tried.
mod theory {
    use super::*;
    use crate::engine::{Purpose, Stream, Streams};
    use rand_distr::{Distribution, Exp1};
    use statrs::distribution::{ContinuousCDF, StudentsT};
    use statrs::statistics::Statistics;

    const SEED: u64 = 1;
    const REPLICATIONS: u32 = 30;
    const ARRIVALS: u32 = 10_000;
    /// Left out of each replication.
    const WARM_UP: u32 = 1_000;
    const FALSE_ALARMS: f64 = 1e-4;
    /// At least as many as there are.
    const CHECKS: f64 = 20.0;
    const SECOND: f64 = 1e9;

    /// Tests the hypothesis that the replications' expectation is `theory`.
    fn agrees(what: &str, found: &[f64], theory: f64) {
        let n = found.len() as f64;
        let (mean, error) = (found.mean(), found.std_dev() / n.sqrt());
        let t = StudentsT::new(0.0, 1.0, n - 1.0).expect("some replications");
        let limit = t.inverse_cdf(1.0 - FALSE_ALARMS / CHECKS / 2.0) * error;
        assert!(
            (mean - theory).abs() <= limit,
            "{what}: {mean} ± {error} (standard error), but theory says {theory} (seed {SEED})"
        );
        assert!(limit < 0.1 * theory, "{what}: ±{limit} cannot tell {theory} from anything");
    }

    /// One second on average.
    fn exponential(stream: &mut Stream) -> f64 {
        Exp1.sample(stream)
    }

    /// Offers Poisson arrivals at `rate` a second. Gives service and time in the system in
    /// seconds, of those let in, in order of arrival.
    fn poisson(
        bench: &mut Bench,
        rate: f64,
        replication: u32,
        service: impl Fn(&mut Stream) -> f64,
    ) -> Vec<Option<(f64, f64)>> {
        let streams = Streams::new(SEED, replication);
        let mut gaps = streams.stream(Purpose::Arrivals, "slots");
        let mut services = streams.stream(Purpose::Service, "slots");
        let mut offered = Vec::new();
        let mut at = 0.0;
        for tag in 0..ARRIVALS {
            let gap: f64 = Exp1.sample(&mut gaps);
            at += gap / rate * SECOND;
            let length = service(&mut services);
            let arrival = at as u64;
            let let_in = bench.offer(arrival, (length * SECOND) as u64, tag);
            offered.push(let_in.then_some((length, arrival)));
        }
        bench.run(u64::MAX);
        let mut results = vec![None; ARRIVALS as usize];
        for &(end, tag) in &bench.ended {
            let (length, arrival) = offered[tag as usize].expect("it was let in");
            results[tag as usize] = Some((length, (end - arrival) as f64 / SECOND));
        }
        results.split_off(WARM_UP as usize)
    }

    /// Under processor sharing a call of length x takes x/(1 − ρ) on average, whatever the law of
    /// lengths: long ones do not make short ones wait.
    #[test]
    fn sharing_slows_short_and_long_down_alike() {
        const RHO: f64 = 0.7;
        // The quartiles of the exponential law; the constant one has a single class.
        let (q1, q2, q3) = ((4.0_f64 / 3.0).ln(), 2.0_f64.ln(), 4.0_f64.ln());
        let exponential_classes = [(0.0, q1), (q1, q2), (q2, q3), (q3, f64::INFINITY)];
        for (law, service, classes) in [
            ("exponential", exponential as fn(&mut Stream) -> f64, &exponential_classes[..]),
            ("constant", |_: &mut Stream| 1.0, &[(0.0, f64::INFINITY)]),
        ] {
            let runs: Vec<_> = (0..REPLICATIONS)
                .map(|replication| {
                    let mut bench = Bench::new(1, ProcessorSharing, None);
                    poisson(&mut bench, RHO, replication, service)
                })
                .collect();
            for &(low, high) in classes {
                let stretch = |run: &Vec<Option<(f64, f64)>>| {
                    let class = run.iter().flatten().filter(|(x, _)| (low..high).contains(x));
                    let (work, time) =
                        class.fold((0.0, 0.0), |(work, time), (x, t)| (work + x, time + t));
                    time / work
                };
                let found: Vec<_> = runs.iter().map(stretch).collect();
                agrees(&format!("{law}, {low} to {high}"), &found, 1.0 / (1.0 - RHO));
            }
        }
    }

    /// Erlang's B formula holds for any law of service: with 10 servers and 9 erlangs 16.8 % are
    /// lost.
    #[test]
    fn losses_are_erlangs() {
        let load = 9.0;
        let b = (1..=10).fold(1.0, |b, n| load * b / (f64::from(n) + load * b));
        assert!((b - 0.167963_f64).abs() < 5e-7, "the published value: {b}");
        for (law, service) in [
            ("exponential", exponential as fn(&mut Stream) -> f64),
            ("constant", |_: &mut Stream| 1.0),
        ] {
            let lost = |replication| {
                let mut bench = Bench::new(10, FirstComeFirstServed, Some(0));
                let run = poisson(&mut bench, load, replication, service);
                run.iter().filter(|one| one.is_none()).count() as f64 / run.len() as f64
            };
            let found: Vec<_> = (0..REPLICATIONS).map(lost).collect();
            agrees(law, &found, b);
        }
    }
}

/// What is foretold of a place is what is found when the instant comes, whatever has happened so far.
#[test]
fn a_place_is_foretold() {
    for discipline in [FirstComeFirstServed, ProcessorSharing] {
        let mut bench = Bench::new(2, discipline, Some(1));
        let mut number = 7_u64;
        for tag in 0..2_000 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            bench.offer(u64::from(tag) * 3, 1 + (number >> 60), tag);
            let now = SimTime::from_nanos(u64::from(tag) * 3);
            let from = bench.replica.place_from(now);
            let until = bench.next.unwrap_or(SimTime::MAX).as_nanos().min(now.as_nanos() + 20);
            for at in (now.as_nanos()..=until).map(SimTime::from_nanos) {
                // The boundary of this very instant is yet to come: then nothing is foretold.
                if bench.next != Some(now) {
                    assert_eq!(bench.replica.has_place(at), from <= at, "{tag} at {at:?}");
                }
            }
        }
    }
}
