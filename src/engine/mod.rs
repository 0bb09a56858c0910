//! Simulated time, the event queue and random streams. Knows nothing of clouds.

mod gauge;
mod queue;
mod random;
mod time;
mod timers;
mod tournament;

pub use gauge::Gauge;
pub use queue::{EventQueue, Rank, Slot};
pub use random::{Members, Purpose, Stream, Streams};
pub use time::{SimDuration, SimTime, Span};
pub use timers::{TimerId, Timers};
pub use tournament::{HalfLine, Key, Line, Tournament};
