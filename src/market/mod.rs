//! How applications choose models, and how their demand reacts.

mod choice;
mod demand;

pub use choice::{Choice, Chooser};
pub use demand::{Demand, Epoch, Given, Signal, Signals};
