//! Types for every index, so that a model's number is never taken for a deployment's.
//!
//! A list that is indexed by one of them is a `TiVec<Id, T>`. Numbers are positions in the list that
//! defines the entity; they mean nothing between two setups.

/// An index as a type of its own.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The one at a position.
            ///
            /// # Panics
            /// From 2³² on.
            pub const fn new(position: usize) -> Self {
                assert!(position <= u32::MAX as usize, "there are fewer than 2³² of anything");
                Self(position as u32)
            }

            /// Its position.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl From<usize> for $name {
            fn from(position: usize) -> Self {
                Self::new(position)
            }
        }

        impl From<$name> for usize {
            fn from(id: $name) -> Self {
                id.index()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A vendor.
    TenantId,
    /// A model on offer.
    ModelId,
    /// A model on a cluster.
    DeploymentId,
    /// A cluster, over all regions.
    ClusterId,
    /// A stream of calls.
    ApplicationId,
    /// A node of a cluster.
    NodeId,
    /// A replica of a replication, among all that it ever had at once.
    ReplicaId,
    /// Replicas behind one router.
    PoolId,
    /// A request in flight; when it has ended, another may have its number.
    RequestId,
    /// Where requests are served and counted: a deployment, or nowhere for a model without one.
    StationId,
    /// The books of one application at one station.
    CellId,
    /// A point of an experiment: a value of each of its axes.
    CaseId,
    /// What is done, among the strategies of a payoff.
    StrategyId,
    /// What may come, among the worlds of a payoff.
    WorldId,
    /// A stretch of time after which the market moves, or all of it.
    EpochId,
}
