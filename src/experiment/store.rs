//! Where outcomes are kept, so that what was simulated once need not be simulated again.

use super::task::Task;
use crate::simulation::Outcome;
use std::io;

/// Keeps outcomes by the [keys](Task::key) of their tasks: one store can be that of any number of scenarios, seeds and
/// versions of this program.
///
/// It is called by several threads, for tasks in any order, and for each task once; for two at the same time that
/// have the same key, where two cases are alike.
pub trait Store: Sync {
    /// Whether the outcome of a task can be read.
    fn has(&self, task: &Task) -> bool;

    /// Reads the outcome of a task that it [has](Self::has): as it was put, to the last bit.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get(&self, task: &Task) -> io::Result<Outcome>;

    /// Keeps an outcome that it does not have.
    ///
    /// # Errors
    /// When it cannot be kept. Then the experiment fails.
    fn put(&self, task: &Task, outcome: &Outcome) -> io::Result<()>;
}

/// Keeps nothing: outcomes are folded as they come.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Store for Nothing {
    fn has(&self, _: &Task) -> bool {
        false
    }

    fn get(&self, task: &Task) -> io::Result<Outcome> {
        Err(io::Error::new(io::ErrorKind::NotFound, format!("nothing is kept of {task}")))
    }

    fn put(&self, _: &Task, _: &Outcome) -> io::Result<()> {
        Ok(())
    }
}
