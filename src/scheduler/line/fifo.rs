//! First come, first served.

use super::{Line, Waiting};
use crate::ids::RequestId;
use std::collections::VecDeque;

/// First come, first served. Whoever is first is at hand: mostly there is nobody else.
#[derive(Clone, Debug, Default)]
pub struct Fifo {
    first: Option<RequestId>,
    others: VecDeque<RequestId>,
}

impl Fifo {
    /// The same as [`join`](Line::join), of which only this matters here.
    #[inline]
    pub fn push(&mut self, id: RequestId) -> bool {
        let alone = self.first.is_none();
        match alone {
            true => self.first = Some(id),
            false => self.others.push_back(id),
        }
        alone
    }
}

impl Line for Fifo {
    fn join(&mut self, who: Waiting) -> bool {
        self.push(who.id)
    }

    fn head(&self) -> Option<RequestId> {
        self.first
    }

    fn take_head(&mut self) -> Option<RequestId> {
        let first = self.first.take();
        self.first = self.others.pop_front();
        first
    }

    fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.len()
    }
}
