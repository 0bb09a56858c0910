//! Simulates points on all threads and hands them over in their order, holding no more of them than threads need.

use super::point::{PointResults, Simulation};
use crate::experiment::in_order::in_order;
use crate::scenario::Sweep;
use crate::simulation::Known;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Points a thread may be ahead of the first one that is not done: some take a hundred times as long as others.
const AHEAD_PER_THREAD: u64 = 64;
/// With fewer points a thread than this, their replications are shared among threads.
const FEW_PER_THREAD: usize = 4;

/// How to run a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepOptions {
    /// Worker threads; all cores when absent. Results do not depend on it.
    pub threads: Option<usize>,
    /// Whether what is found in each replication is kept, too.
    pub replications: bool,
}

/// How far a sweep is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepProgress {
    /// Points done.
    pub done: u64,
    /// Of so many that were to be done.
    pub total: u64,
}

/// What becomes of points: each is given to `encode` on the thread that simulated it, and what that makes of it to
/// `keep`, one after the other in their order, by one thread at a time.
pub struct Sink<'a, T, E> {
    /// Makes of what was found what is kept.
    pub encode: &'a (dyn Fn(PointResults) -> T + Sync),
    /// Keeps it, with the number of the point.
    pub keep: &'a mut (dyn FnMut(u64, T) -> Result<(), E> + Send),
    /// Told after each point.
    pub progress: &'a (dyn Fn(SweepProgress) + Sync),
}

/// Simulates `points`, which are in ascending order.
///
/// A point that cannot be simulated is told in its results; it does not keep others from being simulated.
///
/// # Errors
/// The first error of `keep`; nothing more is begun then. `None` where `cancelled` was set, after everything that was
/// done has been given to `keep`, up to the first point that was not.
pub fn run_points<T: Send, E: Send>(
    sweep: &Sweep,
    points: &[u64],
    options: &SweepOptions,
    sink: Sink<'_, T, E>,
    cancelled: &AtomicBool,
) -> Result<(), Option<E>> {
    let run = || on_pool(sweep, points, options, sink, cancelled);
    match rayon::ThreadPoolBuilder::new().num_threads(options.threads.unwrap_or(0)).build() {
        Ok(pool) => pool.install(run),
        // Without threads of their own points are simulated on those that there are.
        Err(_) => run(),
    }
}

fn on_pool<T: Send, E: Send>(
    sweep: &Sweep,
    points: &[u64],
    options: &SweepOptions,
    sink: Sink<'_, T, E>,
    cancelled: &AtomicBool,
) -> Result<(), Option<E>> {
    let Sink { encode, keep, progress } = sink;
    let threads = rayon::current_num_threads();
    let simulation = Simulation {
        sweep,
        replications: options.replications,
        in_parallel: threads > 1 && points.len() < FEW_PER_THREAD * threads,
        known: &Known::default(),
        cancelled,
    };
    let (done, total) = (AtomicU64::new(0), points.len() as u64);
    let failed = AtomicBool::new(false);
    let mut failure = None;
    let task = |index: u64| {
        if failed.load(Ordering::Relaxed) {
            return Err(());
        }
        let found = simulation.of(points[index as usize]).ok_or(())?;
        let encoded = encode(found);
        progress(SweepProgress { done: done.fetch_add(1, Ordering::Relaxed) + 1, total });
        Ok(encoded)
    };
    let fold = |index: u64, encoded: T| {
        if failure.is_none()
            && let Err(error) = keep(points[index as usize], encoded)
        {
            failure = Some(error);
            failed.store(true, Ordering::Relaxed);
        }
    };
    let ahead = AHEAD_PER_THREAD * threads as u64;
    match in_order(total, ahead, task, fold) {
        _ if failure.is_some() => Err(failure),
        Err(()) => Err(None),
        Ok(()) => Ok(()),
    }
}
