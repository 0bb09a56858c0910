//! After the measured window: calls that arrived in it are followed to their end, for a while. Others go
//! on arriving meanwhile, so that the load does not fall, and are not measured; nothing is billed or counted any more.

use super::error::SimulationError;
use super::measure::{Followed, FollowedCell};
use super::run::Simulation;
use crate::ids::CellId;
use std::sync::atomic::AtomicBool;

impl Simulation<'_> {
    /// Runs until no call of the measured window is left, or the drain is over.
    pub(super) fn drain(&mut self, cancelled: &AtomicBool) -> Result<Followed, SimulationError> {
        let window = self.prepared.setup.window;
        self.agenda.schedule(self.reading, window.end());
        while self.accounts.unended > 0 && self.step(cancelled)?.is_none() {}
        let followed = self.accounts.cells.iter_mut().map(|cell| FollowedCell {
            application: cell.application,
            station: cell.station,
            latencies: cell.latencies.take(),
            unfinished: 0,
        });
        let mut followed = Followed { cells: followed.collect() };
        for request in self.requests.iter().filter(|each| window.measures(each.arrived)) {
            followed.cells[CellId::new(request.tag as usize)].unfinished += 1;
        }
        Ok(followed)
    }
}
