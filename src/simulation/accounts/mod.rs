//! What is counted, read and billed while the simulation runs.

mod billing;
mod cell;
mod latencies;
mod reading;
mod series;
mod snapshot;
mod trend;

use super::prepared::Prepared;
use super::traffic::Seen;
use crate::economics::billing::Billing;
use crate::engine::{SimDuration, SimTime};
use crate::ids::{ApplicationId, CellId, ModelId, StationId};
use crate::serving::Request;
use typed_index_collections::{TiVec, ti_vec};

pub(super) use billing::cluster_metered;
pub(super) use cell::{Cell, Counts, Station, station_of};
pub(super) use latencies::{Latencies, Slowdown};
pub(super) use snapshot::Snapshot;
pub use trend::Trend;

/// The books of a replication.
pub(super) struct Accounts<'a> {
    prepared: &'a Prepared<'a>,
    pub stations: TiVec<StationId, Station>,
    /// The cell of each application at each station, where it has had a call: by application × station.
    cell_of: Vec<Option<CellId>>,
    /// In the order of their first calls.
    pub cells: TiVec<CellId, Cell>,
    pub trends: TiVec<ModelId, Trend>,
    pub billing: Billing,
    /// The last reading, and those at the ends of the warm-up and of the last bucket.
    pub last: Snapshot,
    pub warm: Snapshot,
    bucket_start: Snapshot,
    pub rows: Vec<super::measure::Row>,
    /// Calls in the system that arrived in the measured window.
    pub unended: u64,
}

impl<'a> Accounts<'a> {
    /// Empty books.
    pub(super) fn new(prepared: &'a Prepared<'a>) -> Self {
        let setup = prepared.setup;
        let stations = cell::stations(setup);
        Self {
            prepared,
            cell_of: vec![None; setup.applications.len() * stations.len()],
            stations,
            cells: TiVec::new(),
            trends: ti_vec![Trend::default(); setup.models.len()],
            billing: billing::signed(setup),
            last: Snapshot::default(),
            warm: Snapshot::default(),
            bucket_start: Snapshot::default(),
            rows: Vec::new(),
            unended: 0,
        }
    }

    /// What is simulated.
    pub(super) fn prepared(&self) -> &'a Prepared<'a> {
        self.prepared
    }

    /// The books of an application at a station, opened at its first call there.
    #[inline]
    pub(super) fn cell(&mut self, application: ApplicationId, station: StationId) -> CellId {
        let number = application.index() * self.stations.len() + station.index();
        let known = &mut self.cell_of[number];
        *known.get_or_insert_with(|| {
            let slo = self.prepared.setup.applications[application].slo;
            self.cells.push_and_get_key(Cell::new(application, station, slo))
        })
    }

    /// What an application's customers have seen of each model so far.
    pub(super) fn seen_by(&self, application: ApplicationId) -> TiVec<ModelId, Seen> {
        let mut seen: TiVec<ModelId, Seen> = ti_vec![Seen::default(); self.trends.len()];
        for cell in self.cells.iter().filter(|cell| cell.application == application) {
            let of_model = &mut seen[self.stations[cell.station].model];
            let counts = cell.counts();
            of_model.arrived += counts.arrived;
            of_model.completed += counts.completed;
            of_model.rejected += counts.rejected;
            of_model.sojourn += cell.sojourn_sum;
        }
        seen
    }

    /// A call arrived that a replica takes.
    #[inline]
    pub(super) fn arrive(&mut self, now: SimTime, cell: CellId) {
        self.cells[cell].arrive(now);
        self.unended += u64::from(self.prepared.setup.window.measures(now));
    }

    /// A call arrived that is turned away at once.
    pub(super) fn reject(&mut self, cell: CellId) {
        self.cells[cell].reject();
    }

    /// Work on a request has begun.
    #[inline]
    pub(super) fn start(&mut self, now: SimTime, request: &Request) {
        self.cells[CellId::new(request.tag as usize)].start(now, request);
    }

    /// A request has ended that would have taken `unloaded` alone, if it is one of those that are measured.
    #[inline]
    pub(super) fn end(
        &mut self,
        now: SimTime,
        request: &Request,
        unloaded: impl FnOnce() -> SimDuration,
    ) -> ApplicationId {
        let measured = self.prepared.setup.window.measures(request.arrived);
        self.unended -= u64::from(measured);
        let cell = &mut self.cells[CellId::new(request.tag as usize)];
        cell.end(now, request, measured.then(unloaded));
        cell.application
    }
}
