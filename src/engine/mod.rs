//! Simulated time, the event queue and random streams. Knows nothing of clouds.

mod queue;
mod random;
mod time;
mod tournament;

pub use queue::{EventQueue, Rank, Slot};
pub use random::{Members, Purpose, Stream, Streams};
pub use time::{SimDuration, SimTime};
pub use tournament::{Key, Tournament};
