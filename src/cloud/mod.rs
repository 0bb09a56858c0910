//! Clusters, nodes and accelerators: what there is, what is free, what runs where.

mod free;
mod spec;

pub use free::{FreeCapacity, NodeId};
pub use spec::ClusterSpec;
