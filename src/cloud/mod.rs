//! Clusters, nodes and accelerators: what there is, what is free, what runs where.

mod spec;

pub use spec::ClusterSpec;
