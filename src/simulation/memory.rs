//! About how much memory a simulation takes: counts of what it will hold, times their sizes.

use super::accounts::{Cell, Counts, Latencies};
use super::fleet::Member;
use super::fluid;
use super::measure::{SERIES_ALL, SERIES_MODEL, scopes};
use super::prepared::Prepared;
use crate::ids::{CellId, DeploymentId, ModelId};
use crate::metrics::{LatencyHistogram, MetricId, Moments};
use crate::planning::Placed;
use crate::planning::Server;
use crate::serving::{Request, Usage};
use crate::workload::{Process, SourceSpec};
use typed_index_collections::TiVec;

/// Of an entity in the event queue and in its pool's index: keys in tournament trees, which have up to four
/// times the room that they need.
const ENTITY_BYTES: f64 = 250.0;
/// Of a user, a client or a conversation: streams of random numbers, mostly.
const CALLER_BYTES: f64 = 900.0;
/// Of a request, beside what is known of it: its place in the list where it waits, which is there twice while it grows
/// into one of double the length.
const QUEUED_BYTES: f64 = 24.0;
/// Of a conversation in a prefix cache.
const KEPT_BYTES: f64 = 120.0;
/// Of a copy of a trace that is replayed, and of all buffers together at least.
const COPY_BYTES: f64 = 2_500.0;
const BUFFERS_BYTES: f64 = 4e6;
/// Vectors double when they grow: on average they are three quarters full.
const SLACK: f64 = 4.0 / 3.0;
/// Readings of the books that are there at once.
const SNAPSHOTS: f64 = 4.0;
/// Of the program, its page and its pictures.
const PROGRAM_BYTES: f64 = 22e6;
/// Of a metric in a scope: its result with its texts, and likewise its difference.
const REPORTED_BYTES: f64 = 700.0;
/// Latencies that have a histogram each.
const LATENCIES: f64 = 4.0;
/// What outgrown lists leave behind: each was half as large as the next, and others take its room.
const OUTGROWN: f64 = 1.5;
/// Bytes, roughly.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// What all replications of a variant have in common, while it is ready to run.
    pub ready: f64,
    /// What their results are folded into.
    pub folded: f64,
    /// What a replication holds when the most is in flight.
    pub running: f64,
    /// What is kept of one that has ended until it is folded in.
    pub outcome: f64,
}

impl Memory {
    /// Outcomes that may wait for an earlier one to be folded in, per thread: so many tasks may end while one
    /// takes long.
    pub const AHEAD_PER_THREAD: u64 = 8;
    /// Variants that stay ready to run, per thread; others are made ready for each of their replications.
    pub const READY_PER_THREAD: usize = 128;

    /// For all `variants` with so many replications each on `threads`.
    pub fn of_all(variants: &[Self], replications: u32, threads: usize) -> f64 {
        let tasks = variants.len() as f64 * f64::from(replications);
        let staying = Self::READY_PER_THREAD * threads;
        let threads = threads as f64;
        let folded: f64 = variants.iter().map(|one| one.folded).sum();
        let ready: f64 = variants.iter().take(staying).map(|one| one.ready).sum();
        let others = variants.iter().skip(staying).map(|one| one.ready).fold(0.0, f64::max);
        let most = |part: fn(&Self) -> f64| variants.iter().map(part).fold(0.0, f64::max);
        // Beside those that wait, the one that others are compared with.
        let kept = (2.0 + Self::AHEAD_PER_THREAD as f64 * threads).min(tasks);
        PROGRAM_BYTES
            + folded
            + ready
            + threads * others
            + threads.min(tasks) * most(|one| one.running)
            + kept * most(|one| one.outcome)
    }
}

impl Prepared<'_> {
    /// About how much memory the variant takes.
    pub fn memory(&self) -> Memory {
        let setup = self.setup;
        let window = setup.window;
        let buckets = window.buckets() as f64;
        let series = (SERIES_ALL.len() + SERIES_MODEL.len() * setup.models.len()) as f64;
        let values = scopes(setup).count() as f64 * MetricId::ALL.len() as f64;
        let rows = buckets * (series * 8.0 + 40.0);
        let histograms = histograms_bytes(self.calls_of_each().iter().sum());
        Memory {
            ready: self.plan.replicas.len() as f64 * size_of::<Placed>() as f64,
            folded: (values + buckets * series) * size_of::<Moments>() as f64
                + values * REPORTED_BYTES
                + histograms,
            running: self.replicas_bytes() + self.books_bytes() + rows + self.calls_bytes(),
            outcome: values * size_of::<Option<f64>>() as f64 + rows + histograms,
        }
    }

    fn replicas_bytes(&self) -> f64 {
        self.plan.replicas.len() as f64 * (ENTITY_BYTES + size_of::<Member>() as f64)
    }

    /// Where each application's calls are counted, and histograms where anybody calls.
    fn books_bytes(&self) -> f64 {
        let setup = self.setup;
        let stations = (setup.deployments.len() + setup.models.len()) as f64;
        let cells = setup.applications.len() as f64 * stations;
        let deployed = |model: ModelId| {
            setup.deployments.iter().filter(|spec| spec.model == model).count() as f64
        };
        let deployed: TiVec<ModelId, f64> = setup.models.keys().map(deployed).collect();
        let mut called = 0.0;
        let mut bytes = 0.0;
        for (calls, shares) in self.calls_of_each().into_iter().zip(&self.shares) {
            let shares = deployed.iter().zip(shares).filter(|&(_, &share)| share > 0.0);
            for (deployed, share) in shares {
                // A cell is made at its first call.
                called += deployed.min(calls * share);
                bytes += deployed * histograms_bytes(calls * share / deployed.max(1.0));
            }
        }
        let read = called * size_of::<Counts>() as f64
            + setup.deployments.len() as f64 * size_of::<Usage>() as f64;
        let cell = size_of::<Cell>() + size_of::<Latencies>();
        cells * size_of::<Option<CellId>>() as f64
            + called * cell as f64 * SLACK
            + bytes
            + SNAPSHOTS * read
    }

    /// Of each application, in all.
    fn calls_of_each(&self) -> Vec<f64> {
        let span = self.setup.window.span();
        self.sources
            .iter()
            .zip(&self.expected)
            .map(|(each, calls)| each.calls(calls, span))
            .collect()
    }

    /// Requests in flight when the most are, and whoever makes calls.
    fn calls_bytes(&self) -> f64 {
        let calls = self.calls_of_each();
        let most = fluid::most_at_once(self);
        let (mut in_flight, mut bytes) = (0.0, 0.0);
        let sources = self.sources.iter().zip(&self.setup.applications);
        let expected = self.expected.iter().zip(most).zip(calls);
        for ((source, spec), ((expected, most), calls)) in sources.zip(expected) {
            // Users have one call each at most, however fast those who do not think would call.
            in_flight += most + expected.users;
            bytes += match &spec.source {
                SourceSpec::Users(users) => f64::from(users.count) * CALLER_BYTES,
                SourceSpec::Sessions(spec) => {
                    let thinking = expected.calls_per_s * spec.think.mean();
                    let entered = calls / source.turns(expected, self.setup.window.span());
                    let kept = calls.min(self.kept(expected.mean_input));
                    most.max((most + thinking).min(entered)) * CALLER_BYTES + kept * KEPT_BYTES
                }
                SourceSpec::Trace(trace) => BUFFERS_BYTES + trace.rate_scale.ceil() * COPY_BYTES,
                SourceSpec::Synthetic { arrivals, .. } => match &arrivals.process {
                    Process::Clients(clients) => clients.len() as f64 * CALLER_BYTES,
                    Process::Renewal(_) | Process::Mmpp(_) => 0.0,
                },
                SourceSpec::Batch(_) => 0.0,
            };
        }
        bytes + in_flight * (size_of::<Request>() as f64 + QUEUED_BYTES)
    }

    /// How many calls may be at a replica of a deployment.
    pub(super) fn places(&self, deployment: DeploymentId) -> f64 {
        match &self.servers[deployment] {
            Server::Slots { serving, .. } => serving
                .max_waiting
                .map_or(f64::INFINITY, |waiting| f64::from(serving.slots) + f64::from(waiting)),
            Server::Tokens { .. } => f64::INFINITY,
        }
    }

    /// Conversations of `tokens` that all prefix caches hold together.
    fn kept(&self, tokens: f64) -> f64 {
        let of = |deployment: DeploymentId| match &self.servers[deployment] {
            Server::Tokens { profile, .. } if profile.prefix_cache => {
                profile.kv_capacity as f64 / tokens.max(1.0)
            }
            _ => 0.0,
        };
        self.plan.replicas.iter().map(|placed| of(placed.deployment)).sum()
    }
}

/// Of the histograms of so many calls' latencies: they hold only what is not empty.
fn histograms_bytes(calls: f64) -> f64 {
    LATENCIES * OUTGROWN * LatencyHistogram::bytes_of(calls)
}
