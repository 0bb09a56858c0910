//! Everything that can happen.

/// An event: what its slot in the queue stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// An application's next call arrives.
    Arrival {
        /// Index of the application.
        application: usize,
    },
    /// A replica becomes ready or reaches an iteration boundary.
    Boundary {
        /// Index of the replica.
        replica: usize,
    },
    /// A transfer over the link of a deployment that hands over is complete.
    Transfer {
        /// Index of the deployment.
        deployment: usize,
    },
    /// The books are read: at the end of the warm-up, of each bucket, and of the simulation.
    Reading,
}
