//! Policies decide and never mutate: a read-only view in, a decision out.

mod spec;

pub use spec::{CapacitySplit, Placement, Routing, SchedulerSpec};
