//! First come, first served.

use super::{Line, Waiting};
use crate::ids::RequestId;
use std::collections::VecDeque;

/// First come, first served.
#[derive(Clone, Debug, Default)]
pub struct Fifo(VecDeque<RequestId>);

impl Fifo {
    /// The same as [`join`](Line::join), of which only this matters here.
    #[inline]
    pub fn push(&mut self, id: RequestId) -> bool {
        self.0.push_back(id);
        self.0.len() == 1
    }
}

impl Line for Fifo {
    fn join(&mut self, who: Waiting) -> bool {
        self.push(who.id)
    }

    fn head(&self) -> Option<RequestId> {
        self.0.front().copied()
    }

    fn take_head(&mut self) -> Option<RequestId> {
        self.0.pop_front()
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}
