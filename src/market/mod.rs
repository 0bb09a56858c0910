//! How applications choose models.

mod choice;

pub use choice::{Choice, Chooser};
