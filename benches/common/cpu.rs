//! Processor time instead of wall time: on a shared machine the wall clock measures the neighbours.

use criterion::Criterion;
use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use nix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Processor time of the whole process, all threads and the kernel's part included.
pub(crate) struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        now()
    }

    fn end(&self, started: Duration) -> Duration {
        now() - started
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn now() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("a process has a clock").into()
}

/// Criterion on processor time, quick enough that all benches together take about two minutes.
pub(crate) fn criterion() -> Criterion<CpuTime> {
    Criterion::default()
        .with_measurement(CpuTime)
        // Not by gnuplot either, where it happens to be installed.
        .without_plots()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args()
}

/// Measures `routine`, which handles `elements` customers, requests or events each time.
pub(crate) fn measure<T>(
    criterion: &mut Criterion<CpuTime>,
    group: &str,
    name: &str,
    elements: u64,
    routine: impl FnMut() -> T,
) {
    let mut group = criterion.benchmark_group(group);
    group.throughput(Throughput::Elements(elements));
    let mut routine = routine;
    group.bench_function(name, |bencher| bencher.iter(&mut routine));
    group.finish();
}
