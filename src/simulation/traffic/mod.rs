//! Who calls, and when.

mod calls;
mod customers;

use super::agenda::{Agenda, Entry, Event};
use super::error::SimulationError;
use super::policies::Policies;
use super::prepared::Prepared;
use crate::engine::{SimTime, Streams};
use crate::ids::{ApplicationId, ModelId};
use crate::workload::{Call, Ending};
use calls::Calls;
use customers::Customers;
pub(super) use customers::Seen;
use typed_index_collections::TiVec;

/// The calls of all applications, as they come.
pub(super) struct Traffic<'a> {
    calls: TiVec<ApplicationId, Calls>,
    entries: TiVec<ApplicationId, Entry>,
    customers: TiVec<ApplicationId, Customers<'a>>,
}

impl<'a> Traffic<'a> {
    /// # Errors
    /// When a trace cannot be read.
    pub(super) fn new(
        prepared: &Prepared<'_>,
        policies: &Policies<'a>,
        streams: &Streams,
        agenda: &mut Agenda,
    ) -> Result<Self, SimulationError> {
        let models = prepared.setup.models.len();
        let mut traffic =
            Self { calls: TiVec::new(), entries: TiVec::new(), customers: TiVec::new() };
        for application in prepared.setup.applications.keys() {
            let entry = agenda.add(Event::Epoch { application });
            let mut customers = Customers::new((policies.demand)(application), models, entry);
            let shares = customers.first_shares(prepared.setup.window.start);
            traffic.calls.push(Calls::new(prepared, application, &shares, streams)?);
            traffic.entries.push(agenda.add(Event::Arrival { application }));
            traffic.customers.push(customers);
        }
        Ok(traffic)
    }

    /// Schedules each application's first call.
    pub(super) fn begin(&self, now: SimTime, agenda: &mut Agenda) {
        for (application, customers) in self.customers.iter_enumerated() {
            self.schedule(application, agenda);
            customers.schedule(now, agenda);
        }
    }

    /// An application's customers, who have `seen` so much of each model so far, choose anew.
    pub(super) fn on_epoch(
        &mut self,
        now: SimTime,
        application: ApplicationId,
        seen: TiVec<ModelId, Seen>,
        agenda: &mut Agenda,
    ) {
        let customers = &mut self.customers[application];
        let shares = customers.shares(now, seen);
        customers.schedule(now, agenda);
        self.calls[application].choose_by(&shares);
    }

    /// Takes the call that arrives now, with the model it goes to, and schedules the application's next one.
    ///
    /// # Errors
    /// When a trace cannot be read any more.
    #[inline]
    pub(super) fn take(
        &mut self,
        application: ApplicationId,
        agenda: &mut Agenda,
    ) -> Result<(Call, ModelId), SimulationError> {
        let taken = self.calls[application].take()?;
        self.schedule(application, agenda);
        Ok(taken)
    }

    /// Tells whoever waits for a call that it ended, which may bring the application's next call forward.
    pub(super) fn answer(
        &mut self,
        now: SimTime,
        application: ApplicationId,
        caller: Option<u32>,
        ending: Ending,
        agenda: &mut Agenda,
    ) {
        let Some(caller) = caller else { return };
        if self.calls[application].ended(now, caller, ending) {
            self.schedule(application, agenda);
        }
    }

    /// Whether no call will come before one of those in the system ends.
    pub(super) fn is_silent(&self) -> bool {
        self.calls.iter().all(|calls| calls.next_at().is_none())
    }

    fn schedule(&self, application: ApplicationId, agenda: &mut Agenda) {
        if let Some(at) = self.calls[application].next_at() {
            agenda.schedule(self.entries[application], at);
        }
    }
}
