//! The customers of an application: what they have seen of each model, and what they make of it.

use crate::engine::SimTime;
use crate::ids::ModelId;
use crate::market::{Demand, Epoch, Signal, Signals};
use crate::simulation::agenda::{Agenda, Entry};
use typed_index_collections::{TiVec, ti_vec};

/// What an application's customers have seen of a model since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::simulation) struct Seen {
    pub arrived: u64,
    pub completed: u64,
    pub rejected: u64,
    /// Nanoseconds from arrival to answer, of all calls answered.
    pub sojourn: u128,
}

impl Seen {
    /// What was seen after `earlier`.
    fn since(&self, earlier: &Self) -> Signal {
        let completed = self.completed - earlier.completed;
        let seconds = (self.sojourn - earlier.sojourn) as f64 / 1e9;
        Signal {
            arrived: self.arrived - earlier.arrived,
            completed,
            rejected: self.rejected - earlier.rejected,
            mean_sojourn_s: (completed > 0).then(|| seconds / completed as f64),
        }
    }
}

/// The customers of an application.
pub(super) struct Customers<'a> {
    demand: Box<dyn Demand + 'a>,
    /// Up to the last epoch, by model.
    seen: TiVec<ModelId, Seen>,
    epochs: u64,
    entry: Entry,
}

impl<'a> Customers<'a> {
    pub(super) fn new(demand: Box<dyn Demand + 'a>, models: usize, entry: Entry) -> Self {
        Self { demand, seen: ti_vec![Seen::default(); models], epochs: 0, entry }
    }

    /// The shares with which they begin.
    pub(super) fn first_shares(&mut self, start: SimTime) -> TiVec<ModelId, f64> {
        self.shares(start, self.seen.clone())
    }

    /// What they choose at an epoch, given what they have seen so far.
    pub(super) fn shares(
        &mut self,
        now: SimTime,
        seen: TiVec<ModelId, Seen>,
    ) -> TiVec<ModelId, f64> {
        let signals = seen.iter().zip(&self.seen).map(|(now, before)| now.since(before));
        let models: TiVec<ModelId, Signal> = signals.collect();
        let epoch = Epoch { number: self.epochs, at: now };
        self.epochs += 1;
        self.seen = seen;
        self.demand.shares(&epoch, &Signals { models: &models })
    }

    /// Schedules the next epoch, if there is one.
    pub(super) fn schedule(&self, now: SimTime, agenda: &mut Agenda) {
        if let Some(pause) = self.demand.reconsiders() {
            agenda.schedule(self.entry, now + pause);
        }
    }
}
