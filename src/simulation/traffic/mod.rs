//! Who calls, and when.

mod calls;

use super::agenda::{Agenda, Event};
use super::error::SimulationError;
use super::prepared::Prepared;
use crate::engine::{SimTime, Slot, Streams};
use crate::ids::{ApplicationId, ModelId};
use crate::workload::{Call, Ending};
use calls::Calls;
use typed_index_collections::TiVec;

/// The calls of all applications, as they come.
pub(super) struct Traffic {
    calls: TiVec<ApplicationId, Calls>,
    slots: TiVec<ApplicationId, Slot>,
}

impl Traffic {
    /// # Errors
    /// When a trace cannot be read.
    pub fn new(
        prepared: &Prepared<'_>,
        streams: &Streams,
        agenda: &mut Agenda,
    ) -> Result<Self, SimulationError> {
        let applications = || prepared.setup.applications.keys();
        let calls = applications().map(|application| Calls::new(prepared, application, streams));
        let slots = applications().map(|application| agenda.add(Event::Arrival { application }));
        Ok(Self { slots: slots.collect(), calls: calls.collect::<Result<_, _>>()? })
    }

    /// Schedules each application's first call.
    pub fn begin(&self, agenda: &mut Agenda) {
        self.calls.keys().for_each(|application| self.schedule(application, agenda));
    }

    /// Takes the call that arrives now, with the model it goes to, and schedules the application's next one.
    ///
    /// # Errors
    /// When a trace cannot be read any more.
    pub fn take(
        &mut self,
        application: ApplicationId,
        agenda: &mut Agenda,
    ) -> Result<(Call, ModelId), SimulationError> {
        let taken = self.calls[application].take()?;
        self.schedule(application, agenda);
        Ok(taken)
    }

    /// Tells whoever waits for a call that it ended, which may bring the application's next call forward.
    pub fn answer(
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
    pub fn is_silent(&self) -> bool {
        self.calls.iter().all(|calls| calls.next_at().is_none())
    }

    fn schedule(&self, application: ApplicationId, agenda: &mut Agenda) {
        if let Some(at) = self.calls[application].next_at() {
            agenda.schedule(self.slots[application], at);
        }
    }
}
