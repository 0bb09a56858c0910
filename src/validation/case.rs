//! A queue, what to measure of it, and what theory says.

use super::queue::{Law, Queue, System};
use super::theory;
use crate::metrics::MetricId;
use crate::simulation::Outcome;

/// Utilisations at which queues are checked, and whether long runs are needed there.
const UTILISATIONS: [f64; 3] = [0.5, 0.9, 0.98];
/// Servers where there are several.
const SERVERS: u32 = 10;
/// Callers of a closed queue.
const CALLERS: u32 = 30;
/// Calls in a batch.
const BATCH: u32 = 8;

/// A queue and what is checked of it.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub section: &'static str,
    pub queue: Queue,
    pub utilisation: f64,
    pub probes: Vec<Probe>,
}

/// A quantity with its exact expectation.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub name: String,
    pub reading: Reading,
    pub expected: f64,
    pub unit: &'static str,
}

/// How a quantity is read from a replication.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reading {
    /// A metric of the whole cloud.
    Metric(MetricId),
    /// The fraction of calls that waited for so many seconds or longer.
    WaitedFor(f64),
    /// The fraction of arrivals that were rejected.
    Rejected,
}

impl Reading {
    /// The quantity in one replication; `None` if nothing of it happened.
    pub(super) fn of(self, outcome: &Outcome) -> Option<f64> {
        let metric = |id| outcome.values[0].get(id);
        match self {
            Self::Metric(id) => metric(id),
            Self::WaitedFor(seconds) => outcome.wait.fraction_from(seconds),
            Self::Rejected => Some(metric(MetricId::Rejected)? / metric(MetricId::Arrived)?),
        }
    }
}

/// Every case, by section.
pub(super) fn cases() -> Vec<Case> {
    let erlang_c = [1, SERVERS].into_iter().flat_map(at_each(erlang_c));
    let erlang_b = Law::ALL.into_iter().flat_map(at_each(erlang_b));
    let others = [Law::Constant, Law::Gamma, Law::Lognormal];
    let single = others.into_iter().flat_map(at_each(single_server));
    let constant = [2, SERVERS].into_iter().flat_map(at_each(constant_service));
    let closed = [1, SERVERS].into_iter().flat_map(at_each(machine_repair));
    let sharing = Law::ALL.into_iter().flat_map(at_each(processor_sharing));
    let bulk = [BATCH].into_iter().flat_map(at_each(bulk_service));
    erlang_c
        .chain(erlang_b)
        .chain(single)
        .chain(constant)
        .chain(closed)
        .chain(sharing)
        .chain(bulk)
        .collect()
}

/// A case for each utilisation.
fn at_each<T: Copy>(case: fn(T, f64) -> Case) -> impl Fn(T) -> Vec<Case> {
    move |what| UTILISATIONS.iter().map(|&utilisation| case(what, utilisation)).collect()
}

impl Case {
    fn new(
        section: &'static str,
        system: System,
        utilisation: f64,
        probes: impl IntoIterator<Item = Probe>,
    ) -> Self {
        let queue = Queue::new(system, utilisation);
        Self { section, queue, utilisation, probes: probes.into_iter().collect() }
    }
}

fn probe(name: &str, reading: Reading, expected: f64, unit: &'static str) -> Probe {
    Probe { name: name.to_owned(), reading, expected, unit }
}

fn mean_wait(expected: f64) -> Probe {
    probe("mean wait", Reading::Metric(MetricId::WaitMean), expected, "s")
}

fn erlang_c(servers: u32, utilisation: f64) -> Case {
    let load = utilisation * f64::from(servers);
    let waits = theory::erlang_c(servers, load);
    let decay = f64::from(servers) - load;
    // A power of two in microseconds: there the histogram of waits has the edge of a class.
    let time = (1e6 / decay).log2().round().exp2() / 1e6;
    let tail = format!("P(W > {time:.3} s)");
    let probes = [
        mean_wait(waits / decay),
        probe(&tail, Reading::WaitedFor(time), waits * (-decay * time).exp(), "fraction"),
    ];
    let system = System::Waiting { servers, law: Law::Exponential };
    Case::new("Erlang C", system, utilisation, probes)
}

fn erlang_b(law: Law, utilisation: f64) -> Case {
    let lost = theory::erlang_b(SERVERS, utilisation * f64::from(SERVERS));
    let probes = [probe("calls lost", Reading::Rejected, lost, "fraction")];
    Case::new("Erlang B, insensitive", System::Loss { servers: SERVERS, law }, utilisation, probes)
}

fn single_server(law: Law, utilisation: f64) -> Case {
    let wait = theory::pollaczek_khinchine(utilisation, law.squared_cv());
    let system = System::Waiting { servers: 1, law };
    Case::new("Pollaczek and Khinchine", system, utilisation, [mean_wait(wait)])
}

fn constant_service(servers: u32, utilisation: f64) -> Case {
    let wait = theory::constant_service_wait(servers, utilisation * f64::from(servers));
    let system = System::Waiting { servers, law: Law::Constant };
    Case::new("Crommelin", system, utilisation, [mean_wait(wait)])
}

fn machine_repair(servers: u32, utilisation: f64) -> Case {
    let system = System::Closed { servers, callers: CALLERS };
    let think = Queue::new(system, utilisation).think(CALLERS);
    let theory::MachineRepair { throughput, wait } =
        theory::machine_repair(CALLERS, think, servers);
    let rate = Reading::Metric(MetricId::RequestThroughput);
    let probes = [probe("calls served", rate, throughput, "1/s"), mean_wait(wait)];
    Case::new("Machine repair", system, utilisation, probes)
}

fn processor_sharing(law: Law, utilisation: f64) -> Case {
    let sojourn = theory::shared_sojourn(utilisation);
    let time = probe("sojourn", Reading::Metric(MetricId::E2eMean), sojourn, "s");
    Case::new("Processor sharing, insensitive", System::Sharing { law }, utilisation, [time])
}

fn bulk_service(size: u32, utilisation: f64) -> Case {
    let wait = theory::bulk_wait(size, utilisation * f64::from(size));
    Case::new("Bulk service", System::Batches { size }, utilisation, [mean_wait(wait)])
}
