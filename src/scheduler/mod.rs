//! Policies decide and never mutate: a read-only view in, a decision out.
//!
//! Each policy is a small file. The module of its kind has the closed set of names that a scenario can choose from,
//! and one exhaustive `match` that builds the policy from its name; [`SchedulerSpec`] is a scenario's choice of each.

pub mod capacity;
pub mod control;
pub mod filter;
pub mod line;
mod objective;
pub mod placement;
pub mod routing;
mod spec;

pub use capacity::{CapacitySplit, TARGET_LOAD};
pub use control::Autoscaling;
pub use line::QueueDiscipline;
pub use objective::{Goal, Latency, PARTS, Part, Statistic};
pub use placement::Placement;
pub use routing::{Patience, Routing};
pub use spec::{SchedulerSpec, Start};
