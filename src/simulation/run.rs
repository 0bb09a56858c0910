//! One replication: the loop, and one handler per event.

use super::accounts::Accounts;
use super::agenda::{Agenda, Entry, Event};
use super::audit::Auditor;
use super::dispatch::Dispatch;
use super::error::SimulationError;
use super::fleet::Fleet;
use super::measure::Measurement;
use super::outcome::Outcome;
use super::policies::Policies;
use super::prepared::Prepared;
use super::traffic::Traffic;
use crate::engine::{SimTime, Streams};
use crate::ids::RequestId;
use crate::ids::{ApplicationId, DeploymentId, ReplicaId, StationId};
use crate::serving::Requests;
use crate::workload::Ending;
use std::sync::atomic::{AtomicBool, Ordering};

/// The state of one replication: who calls, where calls go, the replicas, and the books. Each part owns what is
/// its own, and is handed the others that it acts on.
pub(super) struct Simulation<'a> {
    pub prepared: &'a Prepared<'a>,
    pub auditor: Auditor,
    pub agenda: Agenda,
    traffic: Traffic<'a>,
    dispatch: Dispatch<'a>,
    pub fleet: Fleet<'a>,
    pub accounts: Accounts<'a>,
    pub requests: Requests,
    pub reading: Entry,
    /// Of the last event.
    now: SimTime,
}

impl<'a> Simulation<'a> {
    pub(super) fn new(
        prepared: &'a Prepared<'a>,
        policies: Policies<'a>,
        seed: u64,
        replication: u32,
    ) -> Result<Self, SimulationError> {
        let streams = Streams::new(seed, replication);
        let mut agenda = Agenda::default();
        let mut simulation = Self {
            prepared,
            auditor: Auditor { seed, replication },
            reading: agenda.add(Event::Reading),
            traffic: Traffic::new(prepared, &policies, &streams, &mut agenda)?,
            dispatch: Dispatch::new(prepared, &streams, &mut agenda),
            fleet: Fleet::new(prepared, policies, &mut agenda),
            accounts: Accounts::new(prepared),
            requests: Requests::default(),
            agenda,
            now: prepared.setup.window.start,
        };
        simulation.begin();
        Ok(simulation)
    }

    /// The books are opened, capacity is reviewed for the first time, and everybody has a first event.
    fn begin(&mut self) {
        self.accounts.open(&mut self.fleet);
        self.fleet.review(self.now, &mut self.dispatch, &mut self.agenda);
        self.traffic.begin(self.now, &mut self.agenda);
        self.schedule_reading();
    }

    /// Runs to the end of the measured window and audits the books; follows the calls in flight to their end; and
    /// measures.
    pub(super) fn run(mut self, cancelled: &AtomicBool) -> Result<Outcome, SimulationError> {
        self.run_to_horizon(cancelled)?;
        self.audit()?;
        let followed = self.drain(cancelled)?;
        self.audit_followed(&followed)?;
        let rows = std::mem::take(&mut self.accounts.rows);
        let trends = std::mem::take(&mut self.accounts.trends);
        Ok(Outcome::new(&self.window().followed(&followed), rows, trends))
    }

    /// The measured window.
    pub(super) fn window(&self) -> Measurement<'_> {
        Measurement::new(&self.accounts, &self.accounts.warm, &self.accounts.last)
    }

    pub(super) fn run_to_horizon(&mut self, cancelled: &AtomicBool) -> Result<(), SimulationError> {
        let end = self.prepared.setup.window.span().end;
        while self.accounts.last.at < end && !self.calls_have_ended() {
            if self.step(cancelled)?.is_some() {
                self.on_reading();
            }
        }
        if self.calls_have_ended() {
            self.on_reading();
        }
        Ok(())
    }

    /// Whether measurement ends with the calls, and none is left or will come.
    fn calls_have_ended(&self) -> bool {
        self.prepared.setup.window.ends_with_calls
            && self.requests.is_empty()
            && self.traffic.is_silent()
    }

    /// Handles one event; the instant of a reading, which is left to the caller.
    // Into both loops that call it: a result with room for an error costs more than the loop.
    #[inline(always)]
    pub(super) fn step(
        &mut self,
        cancelled: &AtomicBool,
    ) -> Result<Option<SimTime>, SimulationError> {
        if cancelled.load(Ordering::Relaxed) {
            return Err(SimulationError::Cancelled);
        }
        let (now, event) = self.agenda.pop();
        self.now = now;
        match event {
            Event::Arrival { application } => self.on_arrival(application)?,
            Event::Boundary { replica } => self.on_boundary(replica),
            Event::Transfer { deployment } => {
                let Self { dispatch, requests, fleet, agenda, .. } = self;
                dispatch.on_transfer(now, deployment, requests, fleet, agenda);
            }
            Event::Epoch { application } => {
                let seen = self.accounts.seen_by(application);
                self.traffic.on_epoch(now, application, seen, &mut self.agenda);
            }
            Event::Review => self.fleet.review(now, &mut self.dispatch, &mut self.agenda),
            Event::Reading => return Ok(Some(now)),
        }
        Ok(None)
    }

    fn on_arrival(&mut self, application: ApplicationId) -> Result<(), SimulationError> {
        let Self { traffic, dispatch, fleet, accounts, requests, agenda, now, .. } = self;
        let (call, model) = traffic.take(application, agenda)?;
        let replica = match dispatch.choose(*now, model, &call, fleet) {
            Ok(replica) => replica,
            Err(station) => {
                self.reject(application, station, call.caller);
                return Ok(());
            }
        };
        let deployment = fleet.member(replica).deployment;
        let cell = accounts.cell(application, self.prepared.counted_at(deployment));
        let to = (replica, deployment);
        let request = dispatch.request(*now, application, model, &call, to, cell);
        let tokens = request.kv_tokens();
        let id = requests.insert(request);
        fleet.enqueue(*now, replica, id, requests, agenda);
        let member = fleet.member(replica);
        dispatch.assign(member, tokens);
        dispatch.look_at(*now, member);
        accounts.arrive(*now, cell);
        Ok(())
    }

    fn on_boundary(&mut self, replica: ReplicaId) {
        let Self { dispatch, fleet, accounts, requests, agenda, now, .. } = self;
        let acted = fleet.act(*now, replica, requests, dispatch, agenda);
        let Some(deployment) = acted else { return };
        for &id in &fleet.progress.started {
            accounts.start(*now, &requests[id]);
        }
        for index in 0..self.fleet.progress.finished.len() {
            self.end(replica, deployment, self.fleet.progress.finished[index]);
        }
        let Self { dispatch, fleet, requests, agenda, now, .. } = self;
        for index in 0..fleet.progress.prefilled.len() {
            let id = fleet.progress.prefilled[index];
            dispatch.hand_over(*now, replica, id, requests, fleet, agenda);
        }
        for index in 0..fleet.progress.pulled.len() {
            dispatch.pull(*now, fleet.progress.pulled[index], requests, fleet, agenda);
        }
        fleet.progress.clear();
    }

    /// A request has its last token from `replica`.
    fn end(&mut self, replica: ReplicaId, deployment: DeploymentId, id: RequestId) {
        let Self { prepared, traffic, dispatch, fleet, accounts, requests, agenda, now, .. } = self;
        let request = &requests[id];
        let (caller, home) = (request.caller, request.routed_to as usize);
        if !dispatch.release(replica, request.kv_tokens(), fleet) {
            fleet.retire(*now, replica, agenda);
        }
        let unloaded = || prepared.unloaded(deployment, request);
        let application = accounts.end(*now, request, unloaded);
        requests.remove(id);
        traffic.answer(*now, application, caller, Ending::Completed { home }, agenda);
    }

    /// Turns a call away that has just arrived.
    fn reject(&mut self, application: ApplicationId, station: StationId, caller: Option<u32>) {
        let Self { traffic, accounts, agenda, now, .. } = self;
        let cell = accounts.cell(application, station);
        accounts.reject(cell);
        traffic.answer(*now, application, caller, Ending::Rejected, agenda);
    }

    fn on_reading(&mut self) {
        let end = self.prepared.setup.window.span().end;
        let last = self.now == end || self.calls_have_ended();
        self.accounts.observe(self.now, last, &mut self.fleet);
        self.schedule_reading();
    }

    fn schedule_reading(&mut self) {
        if let Some(at) = self.accounts.next_reading(self.now) {
            self.agenda.schedule(self.reading, at);
        }
    }
}

#[cfg(test)]
impl Simulation<'_> {
    /// The most requests that it holds at once, from the start until it would be measured.
    pub(super) fn most_at_once(mut self, cancelled: &AtomicBool) -> Result<usize, SimulationError> {
        let end = self.prepared.setup.window.span().end;
        let mut most = 0;
        while self.accounts.last.at < end && !self.calls_have_ended() {
            if self.step(cancelled)?.is_some() {
                self.on_reading();
            }
            most = most.max(self.requests.len());
        }
        self.agenda.schedule(self.reading, self.prepared.setup.window.end());
        while self.accounts.unended > 0 && self.step(cancelled)?.is_none() {
            most = most.max(self.requests.len());
        }
        Ok(most)
    }
}

#[cfg(test)]
mod tests;
