//! Two queue disciplines that no scenario has: what comes later may overtake.

use crate::exact_skipping::case::Discipline;
use coopsim::ids::RequestId;
use coopsim::scheduler::line::{Line, Queue, Waiting};
use std::collections::BTreeSet;

/// A line of that kind.
pub fn line(discipline: Discipline) -> Queue {
    match discipline {
        Discipline::FirstComeFirstServed => Queue::default(),
        Discipline::ShortestFirst => ShortestFirst::default().into(),
        Discipline::LastComeFirstServed => LastFirst::default().into(),
    }
}

#[derive(Debug, Default)]
struct ShortestFirst {
    /// Tokens, and a number in the order in which they came.
    waiting: BTreeSet<(u64, u64, RequestId)>,
    joined: u64,
}

impl Line for ShortestFirst {
    fn join(&mut self, who: Waiting) -> bool {
        let tokens = u64::from(who.input) + u64::from(who.output);
        self.waiting.insert((tokens, self.joined, who.id));
        self.joined += 1;
        self.head() == Some(who.id)
    }

    fn head(&self) -> Option<RequestId> {
        self.waiting.first().map(|&(_, _, id)| id)
    }

    fn take_head(&mut self) -> Option<RequestId> {
        self.waiting.pop_first().map(|(_, _, id)| id)
    }

    fn len(&self) -> usize {
        self.waiting.len()
    }
}

#[derive(Debug, Default)]
struct LastFirst(Vec<RequestId>);

impl Line for LastFirst {
    fn join(&mut self, who: Waiting) -> bool {
        self.0.push(who.id);
        true
    }

    fn head(&self) -> Option<RequestId> {
        self.0.last().copied()
    }

    fn take_head(&mut self) -> Option<RequestId> {
        self.0.pop()
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}
