//! After the measured window: calls that arrived in it are followed to their end, for a while. Others go
//! on arriving meanwhile, so that the load does not fall, and are not measured; nothing is billed or counted any more.

use super::audit::AuditFailure;
use super::error::SimulationError;
use super::measure::Followed;
use super::run::Simulation;
use crate::engine::{Rank, SimTime};
use std::sync::atomic::AtomicBool;

impl Simulation<'_> {
    /// Runs until no call of the measured window is left, or the drain is over.
    pub(super) fn drain(&mut self, cancelled: &AtomicBool) -> Result<Followed, SimulationError> {
        let window = self.prepared.setup.window;
        let end = SimTime::ZERO + window.end();
        self.queue.schedule(self.reading_slot, end, Rank::Measurement);
        while self.unended > 0 && self.step(cancelled)?.is_none() {}
        let mut unfinished = vec![0; self.cells.len()];
        for request in self.requests.iter().filter(|each| window.measures(each.arrived)) {
            unfinished[request.tag as usize] += 1;
        }
        let latencies = self.cells.iter_mut().map(|cell| cell.latencies.take()).collect();
        Ok(Followed { latencies, unfinished })
    }

    /// Each call that arrived in the measured window was turned away, or has its latencies, or is counted as
    /// unfinished; and no more are good than have ended.
    pub(super) fn audit_followed(&self, followed: &Followed) -> Result<(), AuditFailure> {
        for (index, unfinished) in followed.unfinished.iter().enumerate() {
            let counts = self.last.counts[index].since(&self.warm.counts[index]);
            let latencies = followed.latencies[index].as_ref();
            let (ended, good) =
                latencies.map_or((0, 0), |each| (each.e2e.count(), each.inside_slo));
            let objective = || format!("requests inside their objective (cell {index})");
            self.auditor.at_most(objective, good, ended)?;
            self.auditor.equal(
                || format!("requests arrived in the window = followed to their end (cell {index})"),
                counts.arrived,
                counts.rejected + ended + unfinished,
            )?;
        }
        Ok(())
    }
}
