//! Policies decide and never mutate: a read-only view in, a decision out.
//!
//! Each policy is a small file. The closed set that a scenario can name is in [`SchedulerSpec`]; one
//! exhaustive `match` per kind builds the policy from its name.

pub mod capacity;
pub mod control;
pub mod filter;
pub mod line;
mod objective;
pub mod placement;
pub mod routing;
mod spec;

pub use objective::{Goal, Latency, PARTS, Part, Statistic};
pub use spec::{CapacitySplit, Patience, Placement, Routing, SchedulerSpec, Start, TARGET_LOAD};
