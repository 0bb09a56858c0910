//! Laws of lengths, times and whatever else is drawn.

mod resolve;
pub(super) mod schema;

pub(in crate::scenario) use resolve::{fractions, lengths, numbers, seconds, tokens};
