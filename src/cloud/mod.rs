//! Clusters, nodes and accelerators: what there is, what is free, who holds what since when.

mod fleet;
mod nodes;
mod spec;

pub use fleet::{ClusterTime, Fleet, FleetTime, LeaseId, Want};
pub use nodes::{Nodes, Residents, Room};
pub use spec::ClusterSpec;
