//! When the books are read, and what is kept of it: the end of the warm-up, and a row of the time series for each
//! bucket.

use super::Accounts;
use crate::engine::{SimDuration, SimTime, Span};
use crate::ids::{DeploymentId, ModelId};
use crate::planning::Server;
use crate::setup::MAX_BUCKETS;
use crate::simulation::fleet::Fleet;
use crate::simulation::measure::Measurement;
use typed_index_collections::{TiVec, ti_vec};

impl Accounts<'_> {
    /// The books as they are before anything happens.
    pub(crate) fn open(&mut self, fleet: &mut Fleet<'_>) {
        let start = self.read(self.prepared.setup.window.start, fleet);
        self.last = start.clone();
        self.bucket_start = start.clone();
        self.warm = start;
    }

    /// Reads the books, for the last time if `last`.
    pub(crate) fn observe(&mut self, now: SimTime, last: bool, fleet: &mut Fleet<'_>) {
        let snapshot = self.read(now, fleet);
        let window = self.prepared.setup.window;
        // Without a warm-up the start is read already; calls that all end at once end measurement at the same
        // instant, and are in the window all the same.
        let measured = window.measured();
        if window.warmup > SimDuration::ZERO && now == measured.start {
            self.warm = snapshot.clone();
        }
        if (measured.start..=measured.end).contains(&now) {
            self.observe_queues(now);
        }
        if (last || window.is_edge(now)) && now > self.bucket_start.at {
            let row = Measurement::new(self, &self.bucket_start, &snapshot).row();
            self.rows.push(row);
            self.bucket_start = snapshot.clone();
        }
        self.last = snapshot;
    }

    /// The next reading: the end of the warm-up, of the bucket or of the simulation, if there is one.
    pub(crate) fn next_reading(&self, now: SimTime) -> Option<SimTime> {
        let window = self.prepared.setup.window;
        let Span { start: warm, end } = window.measured();
        let full = self.rows.len() as u64 + 1 >= MAX_BUCKETS;
        let edge = if full { end } else { window.next_edge(now) };
        let next = if now < warm { edge.min(warm) } else { edge };
        (now < end).then_some(next.min(end))
    }

    /// Takes note of how many wait for each model, at full buckets of the measured window.
    fn observe_queues(&mut self, now: SimTime) {
        if !self.prepared.setup.window.is_edge(now) {
            return;
        }
        let mut waiting: TiVec<ModelId, u64> = ti_vec![0; self.trends.len()];
        for cell in &self.cells {
            // Nobody waits where all are served at once, however slowly.
            let server = self.prepared.servers.get(DeploymentId::new(cell.station.index()));
            let shared = server.is_some_and(Server::shares);
            let queue = if shared { cell.in_flight() } else { cell.waiting() };
            waiting[self.stations[cell.station].model] += queue;
        }
        self.trends.iter_mut().zip(waiting).for_each(|(trend, length)| trend.observe(length));
    }
}
