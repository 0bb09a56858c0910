//! How wrong the program is: simulations beside what theory and published measurements say.
//!
//! Gives plain rows. A [`Check`] compares a simulated quantity with an exact value from queueing
//! theory and has a verdict; a [`Published`] row compares a simulated throughput or latency with a
//! measured one, whose error is reported and judged by the reader. `report` prints and draws both.

mod accuracy;
mod published;
mod rows;

pub use accuracy::{Accuracy, accuracy};
pub use published::published;
pub use rows::{Check, Published, Validation, Verdict};
