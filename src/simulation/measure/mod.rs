//! Metrics of a window, in a scope, from two readings of the books.

mod hardware;
mod load;
mod market;
mod money;
mod reach;
mod requests;
mod scope;
mod series;
mod values;

use super::accounts::{Accounts, Counts, Latencies, Snapshot, Station, station_of};
use super::prepared::Prepared;
use crate::economics::ledger::Ledger;
use crate::ids::{ApplicationId, CellId, ClusterId, DeploymentId, StationId};
use crate::metrics::{LatencyHistogram, MetricId};
use crate::serving::Usage;
use typed_index_collections::{TiSlice, TiVec, ti_vec};

pub use scope::{Scope, scopes};
pub use series::{Row, series_keys};
pub(super) use series::{SERIES_ALL, SERIES_MODEL};
pub use values::Values;

const NANOS_PER_SECOND: f64 = 1e9;
const NANOS_PER_HOUR: f64 = 3600e9;

/// Two readings and what is needed to understand them.
pub(super) struct Measurement<'a> {
    pub prepared: &'a Prepared<'a>,
    stations: &'a TiSlice<StationId, Station>,
    ledger: &'a Ledger,
    pub from: &'a Snapshot,
    pub to: &'a Snapshot,
    /// What became of the calls that arrived meanwhile, if they were followed.
    followed: Option<&'a Followed>,
    /// What happened at each station, and to the calls of each application.
    at: TiVec<StationId, Totals>,
    of: TiVec<ApplicationId, Totals>,
}

/// What became of the calls that arrived in the measured window.
pub(super) struct Followed {
    pub cells: TiVec<CellId, FollowedCell>,
}

/// What became of those of one application at one station.
pub(super) struct FollowedCell {
    pub application: ApplicationId,
    pub station: StationId,
    /// Of those that ended, if any did.
    pub latencies: Option<Box<Latencies>>,
    /// Those that had not ended when they were no longer followed.
    pub unfinished: u64,
}

/// Sums over cells.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    counts: Counts,
    in_flight: u64,
}

impl Totals {
    fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        self.in_flight += other.in_flight;
    }
}

impl<'a> Measurement<'a> {
    /// What happened from one reading to another.
    pub(super) fn new(accounts: &'a Accounts<'_>, from: &'a Snapshot, to: &'a Snapshot) -> Self {
        let prepared = accounts.prepared();
        let mut at: TiVec<StationId, Totals> = ti_vec![Totals::default(); accounts.stations.len()];
        let applications = prepared.setup.applications.len();
        let mut of: TiVec<ApplicationId, Totals> = ti_vec![Totals::default(); applications];
        for (id, counts) in to.counts.iter_enumerated() {
            let before = from.counts.get(id).copied().unwrap_or_default();
            let totals = Totals { counts: counts.since(&before), in_flight: to.in_flight[id] };
            let cell = &accounts.cells[id];
            at[cell.station].merge(&totals);
            of[cell.application].merge(&totals);
        }
        let (stations, ledger) = (&accounts.stations, accounts.billing.ledger());
        Self { prepared, stations, ledger, from, to, followed: None, at, of }
    }

    /// Likewise, of calls that were followed to their end.
    pub(super) fn followed(self, followed: &'a Followed) -> Self {
        Self { followed: Some(followed), ..self }
    }

    /// All metrics that make sense in `scope`.
    pub(super) fn values(&self, scope: Scope) -> Values {
        let mut values = Values::empty();
        let totals = self.totals(scope);
        self.set_requests(&mut values, scope, &totals);
        if let Some(followed) = self.followed {
            self.set_followed(&mut values, scope, followed);
        }
        if !matches!(scope, Scope::Application(_)) {
            self.set_utilisation(&mut values, scope);
            // No time series shows it.
            values.set_known(MetricId::Load, self.followed.and_then(|_| self.load(scope)));
            self.set_money(&mut values, scope, &totals.counts);
        }
        if scope == Scope::All {
            values.set_known(MetricId::Makespan, self.makespan_s());
            self.set_market(&mut values);
        }
        values
    }

    /// Latencies in `scope` of the calls that were followed.
    pub(super) fn latencies(&self, scope: Scope) -> Latencies {
        let mut sum = Latencies::default();
        self.recorded(scope).for_each(|latencies| sum.merge(latencies));
        sum
    }

    /// Of how many calls the four of them are.
    pub(super) fn latency_counts(&self, scope: Scope) -> [u64; 4] {
        let of = |Latencies { wait, ttft, tpot, e2e, .. }: &Latencies| {
            [wait, ttft, tpot, e2e].map(LatencyHistogram::count)
        };
        self.recorded(scope)
            .map(of)
            .fold([0; 4], |sum, more| std::array::from_fn(|place| sum[place] + more[place]))
    }

    fn recorded(&self, scope: Scope) -> impl Iterator<Item = &Latencies> {
        let cells = self.followed.into_iter().flat_map(|followed| &followed.cells);
        let here = move |cell: &&FollowedCell| self.holds(scope, cell);
        cells.filter(here).filter_map(|cell| cell.latencies.as_deref())
    }

    fn holds(&self, scope: Scope, cell: &FollowedCell) -> bool {
        scope.holds_calls_of(cell.application) && scope.holds(&self.stations[cell.station])
    }

    fn nanos(&self) -> f64 {
        self.to.at.since(self.from.at).as_nanos() as f64
    }

    /// The mean of a count whose area that is. Exact where the count never changed; no number where no time
    /// went by.
    fn mean(&self, area: u128) -> f64 {
        let nanos = u128::from(self.to.at.since(self.from.at).as_nanos());
        if nanos == 0 {
            return f64::NAN;
        }
        (area / nanos) as f64 + (area % nanos) as f64 / nanos as f64
    }

    fn totals(&self, scope: Scope) -> Totals {
        if let Scope::Application(application) = scope {
            return self.of[application];
        }
        let here = self.at.iter_enumerated().filter(|&(id, _)| scope.holds(&self.stations[id]));
        here.fold(Totals::default(), |mut sum, (_, totals)| {
            sum.merge(totals);
            sum
        })
    }

    /// The deployments in `scope`.
    fn deployments(&self, scope: Scope) -> impl Iterator<Item = DeploymentId> {
        let here = move |&each: &DeploymentId| scope.holds(&self.stations[station_of(each)]);
        self.to.usage.keys().filter(here)
    }

    /// The clusters in `scope`; those that others share are in none but the whole.
    fn clusters(&self, scope: Scope) -> impl Iterator<Item = ClusterId> {
        let all = self.prepared.setup.clusters.keys();
        all.filter(move |&id| scope == Scope::All || scope == Scope::Cluster(id))
    }

    fn usage(&self, deployment: DeploymentId) -> Usage {
        self.to.usage[deployment].since(&self.from.usage[deployment])
    }

    /// Accelerator-nanoseconds that a deployment held.
    fn held(&self, deployment: DeploymentId) -> u128 {
        self.to.fleet.held[deployment] - self.from.fleet.held[deployment]
    }

    /// How long it took until all calls had ended, if that is what ends the window.
    fn makespan_s(&self) -> Option<f64> {
        let window = self.prepared.setup.window;
        window.ends_with_calls.then(|| self.to.at.since(window.start).as_secs_f64())
    }
}
