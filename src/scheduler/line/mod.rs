//! Whose request is next: the order in which those who wait at a replica are served.
//!
//! A line knows who waits and says who is first. Nobody overtakes a first one that does not fit yet: a replica that
//! skips iterations looks again only when the first one changes.

mod fifo;

use crate::engine::SimTime;
use crate::ids::RequestId;
pub use fifo::Fifo;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
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
    /// A request takes its place. Says whether it is the first now.
    fn join(&mut self, who: Waiting) -> bool;

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

/// In what order calls that wait at a replica are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum QueueDiscipline {
    /// Those that came first.
    #[default]
    FirstComeFirstServed,
}

/// A line of that name, in which nobody waits.
pub fn line(name: QueueDiscipline) -> Queue {
    match name {
        QueueDiscipline::FirstComeFirstServed => Queue::Fifo(Fifo::default()),
    }
}

/// A line as replicas hold it. First come, first served is known by name: it is asked at every boundary, and a call
/// through a table would cost more than its answer.
#[derive(Debug)]
pub enum Queue {
    /// First come, first served.
    Fifo(Fifo),
    /// Any other.
    Other(Box<dyn Line>),
}

impl Default for Queue {
    fn default() -> Self {
        Self::Fifo(Fifo::default())
    }
}

impl<L: Line + 'static> From<L> for Queue {
    fn from(line: L) -> Self {
        Self::Other(Box::new(line))
    }
}

impl Queue {
    /// See [`Line::join`].
    #[inline]
    pub fn join(&mut self, who: impl FnOnce() -> Waiting, id: RequestId) -> bool {
        match self {
            Self::Fifo(line) => line.push(id),
            Self::Other(line) => line.join(who()),
        }
    }

    /// See [`Line::head`].
    #[inline]
    pub fn head(&self) -> Option<RequestId> {
        match self {
            Self::Fifo(line) => line.head(),
            Self::Other(line) => line.head(),
        }
    }

    /// See [`Line::take_head`].
    #[inline]
    pub fn take_head(&mut self) -> Option<RequestId> {
        match self {
            Self::Fifo(line) => line.take_head(),
            Self::Other(line) => line.take_head(),
        }
    }

    /// See [`Line::len`].
    pub fn len(&self) -> usize {
        match self {
            Self::Fifo(line) => line.len(),
            Self::Other(line) => line.len(),
        }
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
