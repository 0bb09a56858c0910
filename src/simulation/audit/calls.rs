//! Every call is accounted for, and so is its time.

use super::AuditFailure;
use crate::ids::{CellId, DeploymentId};
use crate::planning::Server;
use crate::simulation::accounts::Cell;
use crate::simulation::measure::Followed;
use crate::simulation::run::Simulation;
use typed_index_collections::{TiVec, ti_vec};

impl Simulation<'_> {
    /// Conservation and Little's law L = λW, exactly: areas against sums over requests.
    pub(super) fn audit_requests(&self) -> Result<(), AuditFailure> {
        let (cells, now) = (&self.accounts.cells, self.accounts.last.at);
        let mut sojourn: TiVec<CellId, u128> = ti_vec![0; cells.len()];
        let mut waited = sojourn.clone();
        for request in self.requests.iter() {
            let cell = CellId::new(request.tag as usize);
            let age = u128::from(now.since(request.arrived).as_nanos());
            sojourn[cell] += age;
            waited[cell] += if request.started.is_none() { age } else { 0 };
        }
        for (id, cell) in cells.iter_enumerated() {
            let counts = cell.counts();
            let name = |what: &str| format!("{what} ({})", self.cell_name(cell));
            let ended = counts.completed + counts.rejected + cell.in_flight();
            self.auditor.equal(
                || name("requests arrived = completed + rejected + in flight"),
                counts.arrived,
                ended,
            )?;
            self.auditor.equal(
                || name("area of requests in the system = sum of their times there"),
                counts.in_system_area,
                cell.sojourn_sum + sojourn[id],
            )?;
            self.auditor.equal(
                || name("area of requests waiting = sum of their waits"),
                counts.waiting_area,
                cell.wait_sum + waited[id],
            )?;
        }
        Ok(())
    }

    /// Each call that arrived in the measured window was turned away, or has its latencies, or is counted as
    /// unfinished; and no more are good than have ended.
    pub(in crate::simulation) fn audit_followed(
        &self,
        followed: &Followed,
    ) -> Result<(), AuditFailure> {
        let (warm, last) = (&self.accounts.warm, &self.accounts.last);
        for (id, cell) in followed.cells.iter_enumerated() {
            let name =
                |what: &str| format!("{what} ({})", self.cell_name(&self.accounts.cells[id]));
            // A cell that was opened while calls were followed has none of the window.
            let counts = last.counts.get(id).copied().unwrap_or_default();
            let counts = counts.since(&warm.counts.get(id).copied().unwrap_or_default());
            let latencies = cell.latencies.as_ref();
            let (ended, good) =
                latencies.map_or((0, 0), |each| (each.e2e.count(), each.inside_slo));
            self.auditor.at_most(|| name("requests inside their objective"), good, ended)?;
            self.auditor.equal(
                || name("requests arrived in the window = followed to their end"),
                counts.arrived,
                counts.rejected + ended + cell.unfinished,
            )?;
        }
        Ok(())
    }

    /// Output tokens of completed requests that replicas made in iterations.
    pub(super) fn output_tokens_of_iterations(&self) -> u64 {
        let iterates = |cell: &&Cell| {
            let server = self.prepared.servers.get(DeploymentId::new(cell.station.index()));
            matches!(server, Some(Server::Tokens { .. }))
        };
        let cells = self.accounts.cells.iter().filter(iterates);
        cells.map(|cell| cell.counts().output_tokens).sum()
    }

    /// What errors call a cell.
    pub(super) fn cell_name(&self, cell: &Cell) -> String {
        let application = &self.prepared.setup.applications[cell.application].name;
        format!("application `{application}`, place {}", cell.station)
    }
}
