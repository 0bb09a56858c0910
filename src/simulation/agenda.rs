//! Everything that can happen, and when it will.

use crate::engine::{EventQueue, Rank, SimTime, Slot};
use crate::ids::{ApplicationId, DeploymentId, ReplicaId};

/// An event: what its slot in the queue stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// An application's next call arrives.
    Arrival {
        /// Whose.
        application: ApplicationId,
    },
    /// A replica becomes ready or reaches an iteration boundary.
    Boundary {
        /// Which.
        replica: ReplicaId,
    },
    /// A transfer over the link of a deployment that hands over is complete.
    Transfer {
        /// Which hands over.
        deployment: DeploymentId,
    },
    /// Capacity is reviewed.
    Review,
    /// The books are read: at the end of the warm-up, of each bucket, and of the simulation.
    Reading,
}

impl Event {
    /// What goes first at one instant.
    fn rank(self) -> Rank {
        match self {
            Self::Reading => Rank::Measurement,
            Self::Review => Rank::Review,
            Self::Arrival { .. } | Self::Transfer { .. } => Rank::Arrival,
            Self::Boundary { .. } => Rank::Boundary,
        }
    }
}

/// The event queue, and what each of its slots stands for.
#[derive(Default)]
pub(super) struct Agenda {
    queue: EventQueue,
    events: Vec<Event>,
    /// Slots of entities that are gone.
    free: Vec<Slot>,
}

impl Agenda {
    /// A slot for an entity, whose event that is.
    pub fn add(&mut self, event: Event) -> Slot {
        match self.free.pop() {
            Some(slot) => {
                self.events[slot.index()] = event;
                slot
            }
            None => {
                self.events.push(event);
                self.queue.add()
            }
        }
    }

    /// Gives back the slot of an entity that is gone.
    pub fn remove(&mut self, slot: Slot) {
        self.queue.cancel(slot);
        self.free.push(slot);
    }

    /// Makes `at` the time of the entity's only pending event.
    // Into its callers, who know what event it is.
    #[inline(always)]
    pub fn schedule(&mut self, slot: Slot, at: SimTime) {
        self.queue.schedule(slot, at, self.events[slot.index()].rank());
    }

    /// Likewise if there is such an event, and forgets it otherwise.
    pub fn schedule_or_cancel(&mut self, slot: Slot, at: Option<SimTime>) {
        match at {
            Some(at) => self.schedule(slot, at),
            None => self.queue.cancel(slot),
        }
    }

    /// The next event. There always is one: the last reading.
    #[inline(always)]
    pub fn pop(&mut self) -> (SimTime, Event) {
        let (now, slot) = self.queue.pop().expect("the last reading is always scheduled");
        (now, self.events[slot.index()])
    }
}
