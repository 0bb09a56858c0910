//! What a point of a sweep costs beside its replications, and what a second thread is good for.
//!
//! Not a statistical bench: it prints two tables, each from runs that take turns, so that all see the same neighbours.
//! Without `--bench`, as the tests run it, it only shows that it works.

use coopsim::experiment::{PointResults, Sink, SweepOptions, run_points};
use coopsim::scenario::{Sweep, SweepOverrides, load_sweep};
use coopsim::simulation::Prepared;
use nix::time::{ClockId, clock_gettime};
use std::convert::Infallible;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

const ROUNDS: usize = 15;
/// More replications make a point of some milliseconds: of those a second thread is to take half.
const LONG: u32 = 20;

fn main() {
    let measuring = std::env::args().any(|argument| argument == "--bench");
    let (points, rounds) = if measuring { (10_000, ROUNDS) } else { (20, 1) };
    cost_of_a_point(&sweep(1), points, rounds);
    println!();
    println!("replications a point   1 thread, s   2 threads, s   efficiency (median of {rounds})");
    efficiency(&sweep(1), points, rounds);
    efficiency(&sweep(LONG), points / 10, rounds);
}

fn sweep(replications: u32) -> Sweep {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/scenarios/sweep.yaml");
    let overrides =
        SweepOverrides { replications: Some(replications), ..SweepOverrides::default() };
    load_sweep(&path, &overrides).unwrap_or_else(|error| panic!("{error}"))
}

/// Processor time of points, and of their replications alone.
fn cost_of_a_point(sweep: &Sweep, points: u64, rounds: usize) {
    println!(
        "a point, µs   its replication alone, µs   what a point adds, µs (median of {rounds})"
    );
    let (mut all, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        all.push(processor_time(|| run(sweep, points, 1)).as_secs_f64());
        bare.push(replications(sweep, points).as_secs_f64());
    }
    let [all, bare] = [all, bare].map(|times| median(times) / points as f64 * 1e6);
    println!("{all:>11.1}   {bare:>25.1}   {:>21.1}", all - bare);
}

/// Processor time of the replications of points, everything that makes them left out.
fn replications(sweep: &Sweep, points: u64) -> Duration {
    let mut time = Duration::ZERO;
    for number in 0..points {
        let point = sweep.at(number).unwrap_or_else(|error| panic!("{error}"));
        let prepared = Prepared::new(&point.variants[0].setup).expect("there is room");
        let cancelled = AtomicBool::new(false);
        time += processor_time(|| black_box(prepared.run(point.seed, 0, &cancelled)).map(drop));
    }
    time
}

/// Wall time with one thread by that with two, halved: 1 where the second does as much as the first.
fn efficiency(sweep: &Sweep, points: u64, rounds: usize) {
    let (mut times, mut ratios) = ([Vec::new(), Vec::new()], Vec::new());
    for _ in 0..rounds {
        let [one, two] = [1, 2].map(|threads| {
            let start = Instant::now();
            run(sweep, points, threads);
            start.elapsed().as_secs_f64()
        });
        times[0].push(one);
        times[1].push(two);
        ratios.push(one / two / 2.0);
    }
    let replications = sweep.replications;
    let [one, two] = times.map(median);
    println!("{replications:>20}   {one:>11.3}   {two:>12.3}   {:.3}", median(ratios));
}

fn run(sweep: &Sweep, points: u64, threads: usize) {
    let points: Vec<u64> = (0..points).collect();
    let options = SweepOptions { threads: Some(threads), replications: false };
    let sink = Sink {
        encode: &|results: PointResults| results.found.is_ok(),
        keep: &mut |_, done| {
            assert!(done);
            Ok::<_, Infallible>(())
        },
        progress: &|_| (),
    };
    run_points(sweep, &points, &options, sink, &AtomicBool::new(false)).expect("nothing fails");
}

/// Processor time of the whole process while `work` is done.
fn processor_time<T>(work: impl FnOnce() -> T) -> Duration {
    let now = || Duration::from(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("a clock"));
    let start = now();
    work();
    now() - start
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
