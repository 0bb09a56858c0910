//! Metrics of a window, in a scope, from two readings of the books.

use super::books::{Counts, Place};
use super::latencies::{Latencies, Slowdown};
use super::prepared::{Prepared, Server};
use super::snapshot::Snapshot;
use crate::economics::ledger::Ledger;
use crate::economics::statement::Statement;
use crate::economics::{Subject, energy};
use crate::metrics::MetricId;
use crate::serving::{Activity, Usage};
use MetricId as M;

const NANOS_PER_SECOND: f64 = 1e9;
const PICOS_PER_NANO: f64 = 1e3;
const NANOS_PER_HOUR: f64 = 3600e9;

/// What part of the cloud a figure is about. Indices are those of the setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole cloud.
    All,
    /// One model.
    Model(usize),
    /// One tenant.
    Tenant(usize),
    /// One cluster.
    Cluster(usize),
    /// One application.
    Application(usize),
}

impl Scope {
    fn holds(self, application: Option<usize>, place: &Place) -> bool {
        match self {
            Self::All => true,
            Self::Model(model) => place.model == model,
            Self::Tenant(tenant) => place.tenant == tenant,
            Self::Cluster(cluster) => place.cluster == Some(cluster),
            Self::Application(scoped) => application == Some(scoped),
        }
    }
}

/// A value for each metric, in the order of [`MetricId::ALL`]; `None` where it is undefined.
#[derive(Clone, Debug, PartialEq)]
pub struct Values(Vec<Option<f64>>);

impl Values {
    fn empty() -> Self {
        Self(vec![None; MetricId::ALL.len()])
    }

    fn set(&mut self, id: MetricId, value: f64) {
        self.0[id as usize] = value.is_finite().then_some(value);
    }

    fn set_known(&mut self, id: MetricId, value: Option<f64>) {
        if let Some(value) = value {
            self.set(id, value);
        }
    }

    /// A metric's value.
    pub fn get(&self, id: MetricId) -> Option<f64> {
        self.0[id as usize]
    }
}

/// The time series' metrics: by scope kind, those shown over time.
pub(super) const SERIES_ALL: &[MetricId] = &[
    M::Busy,
    M::Allocated,
    M::QueueLength,
    M::InSystem,
    M::Arrived,
    M::RequestThroughput,
    M::OutputThroughput,
    M::Revenue,
];
pub(super) const SERIES_MODEL: &[MetricId] =
    &[M::Busy, M::QueueLength, M::OutputThroughput, M::Revenue];

/// One bucket of the time series: values in the order of [`super::outcome::series_keys`].
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Seconds from the start of the simulation.
    pub start_s: f64,
    /// Seconds from the start of the simulation.
    pub end_s: f64,
    /// One value per series.
    pub values: Vec<f64>,
}

/// Two readings and what is needed to understand them.
#[derive(Clone, Copy)]
pub(super) struct Measurement<'a> {
    pub prepared: &'a Prepared<'a>,
    pub places: &'a [Place],
    pub ledger: &'a Ledger,
    pub from: &'a Snapshot,
    pub to: &'a Snapshot,
    /// What became of the calls that arrived meanwhile, if they were followed.
    pub followed: Option<&'a Followed>,
}

/// What became of the calls that arrived in the measured window, by cell.
pub(super) struct Followed {
    /// Of those that ended, if any did.
    pub latencies: Vec<Option<Box<Latencies>>>,
    /// Those that had not ended when they were no longer followed.
    pub unfinished: Vec<u64>,
}

impl Measurement<'_> {
    /// The time-series row of this window.
    pub fn row(&self) -> Row {
        let in_scope = |(scope, ids): (Scope, &'static [MetricId])| {
            let values = self.values(scope);
            ids.iter().map(move |&id| values.get(id).unwrap_or(0.0))
        };
        let models = (0..self.prepared.setup.models.len()).map(Scope::Model);
        let scopes = std::iter::once((Scope::All, SERIES_ALL))
            .chain(models.map(|scope| (scope, SERIES_MODEL)));
        Row {
            start_s: self.from.at.as_secs_f64(),
            end_s: self.to.at.as_secs_f64(),
            values: scopes.flat_map(in_scope).collect(),
        }
    }

    /// All metrics that make sense in `scope`.
    pub fn values(&self, scope: Scope) -> Values {
        let mut values = Values::empty();
        let counts = self.counts(scope);
        self.set_requests(&mut values, scope, &counts);
        if let Some(followed) = self.followed {
            self.set_followed(&mut values, scope, followed);
        }
        if !matches!(scope, Scope::Application(_)) {
            self.set_utilisation(&mut values, scope);
            // No time series shows it.
            values.set_known(M::Load, self.followed.and_then(|_| self.load(scope)));
            self.set_money(&mut values, scope, &counts);
        }
        if scope == Scope::All {
            values.set_known(M::Makespan, self.makespan_s());
            self.set_market(&mut values);
        }
        values
    }

    /// Latencies in `scope` of the calls that were followed.
    pub fn latencies(&self, scope: Scope) -> Latencies {
        let mut sum = Latencies::default();
        self.recorded(scope).for_each(|latencies| sum.merge(latencies));
        sum
    }

    fn recorded(&self, scope: Scope) -> impl Iterator<Item = &Latencies> {
        let recorded = |cell: usize| self.followed.and_then(|all| all.latencies[cell].as_deref());
        self.cells(scope).filter_map(recorded)
    }

    fn nanos(&self) -> f64 {
        self.to.at.since(self.from.at).as_nanos() as f64
    }

    /// The indices of the cells in `scope`.
    pub fn cells(&self, scope: Scope) -> impl Iterator<Item = usize> {
        let places = self.places.len();
        (0..self.to.counts.len())
            .filter(move |&cell| scope.holds(Some(cell / places), &self.places[cell % places]))
    }

    fn counts(&self, scope: Scope) -> Counts {
        self.cells(scope).fold(Counts::default(), |mut sum, cell| {
            sum.merge(&self.to.counts[cell].since(&self.from.counts[cell]));
            sum
        })
    }

    /// The indices of the deployments in `scope`.
    pub fn deployments(&self, scope: Scope) -> impl Iterator<Item = usize> {
        (0..self.to.usage.len()).filter(move |&each| scope.holds(None, &self.places[each]))
    }

    fn usage(&self, deployment: usize) -> Usage {
        self.to.usage[deployment].since(&self.from.usage[deployment])
    }

    /// How long it took until all calls had ended, if that is what ends the window.
    fn makespan_s(&self) -> Option<f64> {
        let window = self.prepared.setup.window;
        window.ends_with_calls.then(|| self.to.at.as_secs_f64())
    }

    fn set_requests(&self, values: &mut Values, scope: Scope, counts: &Counts) {
        let seconds = self.nanos() / NANOS_PER_SECOND;
        let in_flight: u64 = self.cells(scope).map(|cell| self.to.in_flight[cell]).sum();
        values.set(M::Arrived, counts.arrived as f64);
        values.set(M::Completed, counts.completed as f64);
        values.set(M::Rejected, counts.rejected as f64);
        values.set(M::InFlight, in_flight as f64);
        values.set(M::RequestThroughput, counts.completed as f64 / seconds);
        if self.has_tokens(scope) {
            values.set(M::InputTokens, counts.input_tokens as f64);
            values.set(M::OutputTokens, counts.output_tokens as f64);
            values.set(M::CachedInputTokens, counts.cached_tokens as f64);
            values.set(M::OutputThroughput, counts.output_tokens as f64 / seconds);
        }
        values.set(M::QueueLength, counts.waiting_area as f64 / self.nanos());
        values.set(M::InSystem, counts.in_system_area as f64 / self.nanos());
    }

    fn set_followed(&self, values: &mut Values, scope: Scope, followed: &Followed) {
        let unfinished: u64 = self.cells(scope).map(|cell| followed.unfinished[cell]).sum();
        values.set(M::Unfinished, unfinished as f64);
        let latencies = self.latencies(scope);
        set_latencies(values, &latencies);
        if self.has_objective(scope) {
            let seconds = self.nanos() / NANOS_PER_SECOND;
            values.set(M::Goodput, latencies.inside_slo as f64 / seconds);
        }
    }

    /// Accelerator-nanoseconds in service: of a cluster in its scope, else of the whole cloud.
    fn in_service(&self, scope: Scope) -> f64 {
        let clusters = self.prepared.setup.clusters.iter().enumerate();
        let counted = |index| !matches!(scope, Scope::Cluster(cluster) if cluster != index);
        let accelerators: u64 = clusters
            .filter(|&(index, _)| counted(index))
            .map(|(_, cluster)| cluster.accelerators())
            .sum();
        accelerators as f64 * self.nanos()
    }

    fn set_utilisation(&self, values: &mut Values, scope: Scope) {
        let plan = &self.prepared.plan;
        let counts = plan.counts(self.to.usage.len());
        let mut sums = HardwareSums::default();
        for deployment in self.deployments(scope) {
            sums.add(self.prepared, deployment, counts[deployment], &self.usage(deployment));
        }
        let in_service = self.in_service(scope);
        values.set(M::Allocated, sums.held * self.nanos() / in_service);
        values.set(M::Busy, sums.busy / in_service);
        if sums.kv_capacity > 0.0 {
            values.set(M::Kv, sums.kv / sums.kv_capacity);
        }
        if sums.serves_tokens {
            values.set(M::Preemptions, sums.preemptions as f64);
        }
        if sums.iterations > 0 {
            values.set(M::DecodeBatch, sums.decoded as f64 / sums.iterations as f64);
        }
        let stranded: u64 = match scope {
            Scope::All => plan.stranded.iter().sum(),
            Scope::Cluster(cluster) => plan.stranded[cluster],
            _ => return,
        };
        let unsold: u64 = match scope {
            Scope::Cluster(cluster) => plan.free[cluster],
            _ => plan.free.iter().sum(),
        };
        values.set(M::Unsold, unsold as f64 * self.nanos() / in_service);
        if sums.serves_tokens && !sums.unknown_reading {
            values.set(M::Mbu, sums.reading * NANOS_PER_SECOND / in_service);
        }
        values.set(M::Stranded, stranded as f64 * self.nanos() / in_service);
        if sums.serves_tokens && !sums.unknown_flops {
            values.set(M::Mfu, sums.flops_over_peak * NANOS_PER_SECOND / in_service);
        }
    }

    fn set_money(&self, values: &mut Values, scope: Scope, counts: &Counts) {
        let statement = self.statement(scope);
        let revenue = statement.revenue();
        values.set(M::Revenue, revenue.as_usd());
        for (metric, amount) in statement.revenue_by_metric() {
            values.set(metric, amount.as_usd());
        }
        if !matches!(scope, Scope::All | Scope::Cluster(_)) {
            return;
        }
        let hours = self.in_service(scope) / NANOS_PER_HOUR;
        values.set(M::RevenuePerHour, revenue.as_usd() / hours);
        let joules = self.joules(scope);
        values.set_known(M::Energy, joules.map(energy::kilowatt_hours));
        let tokens = (counts.input_tokens + counts.output_tokens) as f64;
        values.set_known(M::EnergyPerToken, joules.map(|joules| joules / tokens));
        let costs = statement.costs(self.clusters(scope).count());
        for (&metric, &amount) in &costs {
            values.set(metric, amount.as_usd());
        }
        if let Some(&capital) = costs.get(&M::CapitalCost) {
            // In a cluster's costs only where it is in those of the whole cloud, so that they add up.
            let clusters = self.clusters(Scope::All).count();
            let whole = self.statement(Scope::All).costs(clusters);
            let beside = |metric: &M| *metric != M::CapitalCost && whole.contains_key(metric);
            let others = costs.iter().filter(|(metric, _)| beside(metric));
            let cost = capital + others.map(|(_, &amount)| amount).sum();
            values.set(M::Cost, cost.as_usd());
            values.set(M::Margin, (revenue - cost).as_usd());
        }
    }

    /// Revenue and costs of the window in `scope`.
    fn statement(&self, scope: Scope) -> Statement {
        let deployments = self.deployments(scope).map(Subject::Deployment);
        let clusters = self.clusters(scope).map(Subject::Cluster);
        let change = |index: usize| {
            // An account that was opened meanwhile was empty.
            let before = self.from.balances.get(index).copied().unwrap_or_default();
            self.to.balances[index] - before
        };
        Statement::new(deployments.chain(clusters).flat_map(|subject| {
            let accounts = self.ledger.labelled(subject);
            accounts.map(move |(label, id, _)| (label, subject, change(id.index())))
        }))
    }

    fn clusters(&self, scope: Scope) -> impl Iterator<Item = usize> {
        (0..self.prepared.setup.clusters.len())
            .filter(move |&index| scope == Scope::All || scope == Scope::Cluster(index))
    }

    fn joules(&self, scope: Scope) -> Option<f64> {
        self.clusters(scope)
            .map(|index| Some(self.to.joules[index]? - self.from.joules[index]?))
            .sum()
    }

    fn set_market(&self, values: &mut Values) {
        let setup = self.prepared.setup;
        let tokens = |model| {
            let counts = self.counts(Scope::Model(model));
            (counts.input_tokens + counts.output_tokens) as f64
        };
        let served: Vec<f64> = (0..setup.models.len()).map(tokens).collect();
        let total: f64 = served.iter().sum();
        let shares = served.iter().map(|tokens| tokens / total);
        values.set(M::Hhi, shares.clone().map(|share| share * share).sum());
        values.set(M::LeaderShare, shares.fold(f64::NAN, f64::max));
        values.set_known(M::SlowdownRatio, self.slowdown_ratio());
        let hours = self.nanos() / NANOS_PER_HOUR;
        values.set(M::CoresidentHours, self.prepared.plan.shared_nodes as f64 * hours);
    }

    /// Between all tenants that can be served: a replication in which one of them completed nothing says
    /// nothing of how they compare.
    fn slowdown_ratio(&self) -> Option<f64> {
        let served =
            (0..self.prepared.setup.tenants.len()).filter(|&each| self.prepared.serves(each));
        let slowdown = |tenant| {
            let mut sum = Slowdown::default();
            self.recorded(Scope::Tenant(tenant)).for_each(|each| sum.merge(&each.slowdown));
            sum.mean()
        };
        let slowdowns: Vec<f64> = served.map(slowdown).collect::<Option<_>>()?;
        let worst = slowdowns.iter().copied().fold(f64::NAN, f64::max);
        let best = slowdowns.iter().copied().fold(f64::NAN, f64::min);
        (slowdowns.len() > 1).then_some(worst / best)
    }
}

/// Sums over deployments, in accelerator-nanoseconds where not said otherwise.
#[derive(Default)]
struct HardwareSums {
    /// Accelerators held.
    held: f64,
    busy: f64,
    kv: f64,
    kv_capacity: f64,
    iterations: u64,
    decoded: u64,
    preemptions: u64,
    /// Useful FLOPs over peak FLOP/s: accelerator-seconds at peak.
    flops_over_peak: f64,
    /// Whether some deployment's FLOPs or peak are not known.
    unknown_flops: bool,
    /// Accelerator-seconds that reading memory would take at full bandwidth.
    reading: f64,
    /// Whether it is not known of some deployment what it reads.
    unknown_reading: bool,
    serves_tokens: bool,
}

impl HardwareSums {
    fn add(&mut self, prepared: &Prepared<'_>, deployment: usize, replicas: u64, usage: &Usage) {
        let spec = &prepared.setup.deployments[deployment];
        let server = &prepared.servers[deployment];
        let accelerators = f64::from(spec.accelerators);
        self.held += replicas as f64 * accelerators;
        self.busy += usage.busy() as f64 * accelerators / f64::from(server.slots());
        if let Server::Tokens { profile, peak_flops } = server {
            let live = usage.busy() + usage.time(Activity::Idle);
            self.kv += usage.kv as f64 / PICOS_PER_NANO;
            self.kv_capacity += live as f64 * profile.kv_capacity as f64;
            self.iterations += usage.iterations;
            self.decoded += usage.decoded;
            self.preemptions += usage.preemptions;
            // What was computed for nothing is not useful; a window may drop what an earlier one computed.
            let tokens = (usage.prefilled + usage.decoded).saturating_sub(usage.dropped);
            let pairs = usage.prefill_pairs + usage.decode_pairs;
            let pairs = pairs.saturating_sub(usage.dropped_pairs);
            match (profile.timing.flops(tokens, pairs), peak_flops) {
                (Some(flops), Some(peak)) => self.flops_over_peak += flops / peak,
                _ => self.unknown_flops = true,
            }
            match profile.timing.read_seconds(usage) {
                Some(seconds) => self.reading += seconds * accelerators,
                None => self.unknown_reading = true,
            }
            self.serves_tokens = true;
        }
    }
}

fn set_latencies(values: &mut Values, latencies: &Latencies) {
    let metrics = [
        (
            [M::WaitMean, M::WaitMax],
            [M::WaitP50, M::WaitP90, M::WaitP95, M::WaitP99],
            &latencies.wait,
        ),
        (
            [M::TtftMean, M::TtftMax],
            [M::TtftP50, M::TtftP90, M::TtftP95, M::TtftP99],
            &latencies.ttft,
        ),
        (
            [M::TpotMean, M::TpotMax],
            [M::TpotP50, M::TpotP90, M::TpotP95, M::TpotP99],
            &latencies.tpot,
        ),
        ([M::E2eMean, M::E2eMax], [M::E2eP50, M::E2eP90, M::E2eP95, M::E2eP99], &latencies.e2e),
    ];
    for ([mean, max], percentiles, histogram) in metrics {
        values.set_known(mean, histogram.mean());
        values.set_known(max, histogram.max());
        for (id, probability) in percentiles.into_iter().zip([0.5, 0.9, 0.95, 0.99]) {
            values.set_known(id, histogram.quantile(probability));
        }
    }
}
