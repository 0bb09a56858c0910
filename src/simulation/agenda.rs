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
    /// An application's customers choose anew.
    Epoch {
        /// Whose.
        application: ApplicationId,
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
            Self::Epoch { .. } => Rank::Epoch,
            Self::Review => Rank::Review,
            Self::Arrival { .. } | Self::Transfer { .. } => Rank::Arrival,
            Self::Boundary { .. } => Rank::Boundary,
        }
    }
}

/// Where an entity stands in the agenda: with its rank, so that scheduling looks nothing up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    slot: Slot,
    rank: Rank,
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
    /// An entry for an entity, whose event that is.
    pub(super) fn add(&mut self, event: Event) -> Entry {
        let slot = match self.free.pop() {
            Some(slot) => {
                self.events[slot.index()] = event;
                slot
            }
            None => {
                self.events.push(event);
                self.queue.add()
            }
        };
        Entry { slot, rank: event.rank() }
    }

    /// Takes the entry of an entity out that is gone.
    pub(super) fn remove(&mut self, entry: Entry) {
        self.queue.cancel(entry.slot);
        self.free.push(entry.slot);
    }

    /// Makes `at` the time of the entity's only pending event.
    #[inline]
    pub(super) fn schedule(&mut self, entry: Entry, at: SimTime) {
        self.queue.schedule(entry.slot, at, entry.rank);
    }

    /// Likewise if there is such an event, and forgets it otherwise.
    pub(super) fn schedule_or_cancel(&mut self, entry: Entry, at: Option<SimTime>) {
        match at {
            Some(at) => self.schedule(entry, at),
            None => self.queue.cancel(entry.slot),
        }
    }

    /// The next event. There always is one: the last reading.
    #[inline(always)]
    pub(super) fn pop(&mut self) -> (SimTime, Event) {
        let (now, slot) = self.queue.pop().expect("the last reading is always scheduled");
        (now, self.events[slot.index()])
    }
}
