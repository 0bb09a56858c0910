//! Whose request is next: the order in which those who wait at a replica are served.
//!
//! A line knows who waits and says who is first. Nobody overtakes a first one that does not fit yet: a replica that
//! skips iterations looks again only when the first one changes.

mod fifo;

use crate::engine::SimTime;
use crate::ids::RequestId;
pub use fifo::Fifo;
use std::fmt::Debug;

/// A request that waits, as a line sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub id: RequestId,
    /// When it arrived.
    pub arrived: SimTime,
    /// Prompt tokens.
    pub input: u32,
    /// Output tokens.
    pub output: u32,
    /// Whatever its owner finds its books by.
    pub tag: u32,
}

/// A queue discipline.
pub trait Line: Debug + Send {
    /// A request takes its place.
    fn join(&mut self, who: Waiting);

    /// Who is first.
    fn head(&self) -> Option<RequestId>;

    /// Takes the first one out: its turn has come.
    fn take_head(&mut self) -> Option<RequestId>;

    /// How many wait.
    fn len(&self) -> usize;

    /// Whether nobody waits.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The line of every scenario: first come, first served.
pub fn usual() -> Box<dyn Line> {
    Box::new(Fifo::default())
}
